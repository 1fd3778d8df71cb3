"""Robots: whatever names them is joined, and silence is never taken for none."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crossdock.errors import ConfigError
from crossdock.model import ArtifactReport
from crossdock_elma365.robots import robot_report

CALLING: dict[str, Any] = {
    "process": {
        "items": {
            "a": {"id": "a", "type": "start_robot", "name": "Запустить", "settings": {"robotName": "Курьер"}},
            "b": {"id": "b", "type": "ca", "name": "Робот: сверка", "settings": {}},
            "c": {"id": "c", "type": "ca", "name": "Позвонить", "settings": {}},
            "d": {"id": "d", "type": "user", "name": "Проверить робота", "settings": {}},
        }
    }
}


def names(report: ArtifactReport) -> list[str]:
    return [artifact.name for artifact in report.found]


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_nodes_that_call_robots_name_them() -> None:
    report = robot_report(None, None, [("Доставка", CALLING)])

    assert names(report) == ["Курьер", "Робот: сверка"]
    assert report.found[0].details["called_by"] == ["Доставка: Запустить"]


def test_a_robot_that_several_sources_name_is_one(tmp_path: Path) -> None:
    listed = written(tmp_path, "robots.csv", "name,purpose,steps\nкурьер,Mail,open; send\n".encode())

    report = robot_report(listed, None, [("Доставка", CALLING)])

    robot = report.found[0]
    assert (len(report.found), robot.name, robot.details["purpose"]) == (2, "курьер", "Mail")
    assert robot.details["steps"] == [{"name": "open"}, {"name": "send"}]
    assert robot.details["said_by"] == ["the customer's list", "a step of a process"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("export.json", b'{"robots": [{"id": "1", "name": "Night", "schedule": "0 2 * * *"}]}'),
        ("export.json", b'[{"id": "1", "name": "Night", "schedule": "0 2 * * *"}]'),
        ("export.csv", b"id;name;schedule\n1;Night;0 2 * * *\n"),
    ],
    ids=["object", "list", "csv"],
)
def test_an_export_of_the_robots_server_is_read(tmp_path: Path, name: str, content: bytes) -> None:
    report = robot_report(None, written(tmp_path, name, content), None)

    (robot,) = report.found
    assert (robot.id, robot.name, robot.details["trigger"]) == ("1", "Night", "0 2 * * *")


def test_a_spreadsheet_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Название", "Назначение", "Цех"])
    sheet.append(["Сверщик", "Сверяет остатки", 4])
    book.save(tmp_path / "robots.xlsx")

    report = robot_report(tmp_path / "robots.xlsx", None, None)

    (robot,) = report.found
    assert robot.details["purpose"] == "Сверяет остатки"
    assert str(robot.details["Цех"]) == "4.0"


def test_without_any_source_robots_are_not_examined() -> None:
    assert "Give a list in `robots`" in robot_report(None, None, None).not_examined


def test_definitions_that_name_no_robot_prove_nothing() -> None:
    report = robot_report(None, None, [("Тихий", {"process": {"items": {}}})])

    assert report.summary().startswith("not examined: ")
    assert "1 process definitions name none" in report.not_examined


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("robots.csv", "Цех;Номер\n1;2\n".encode(), "no column with their names"),
        ("robots.json", b'{"a": 1}', "expected a list"),
        ("robots.xlsx", b"garbage", "no workbook that can be read"),
    ],
    ids=["no names", "other JSON", "no workbook"],
)
def test_a_list_that_cannot_be_understood_is_refused(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        robot_report(written(tmp_path, name, content), None, None)


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"robots\.csv cannot be read"):
        robot_report(tmp_path / "robots.csv", None, None)


def test_what_a_list_says_under_a_secret_name_is_not_told(tmp_path: Path) -> None:
    content = b"""[{"name": "Night", "password": "hunter2", "shop": {"city": "Omsk", "apiKey": "k-777"},
        "note": ["Bearer abcdef0123456789"]}]"""

    report = robot_report(None, written(tmp_path, "export.json", content), None)

    told = str(report.found[0].details)
    assert "Omsk" in told
    assert not [secret for secret in ("hunter2", "k-777", "abcdef0123456789") if secret in told]
