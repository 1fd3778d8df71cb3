"""What cannot move: looked for when asked, joined from all that knows of it, its files beside the reports."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crossdock.connection import Connection
from crossdock.errors import StorageError
from crossdock.model import ArtifactReport
from crossdock_elma365.settings import Elma365Settings
from crossdock_elma365.source import Elma365Source

DEFINITION: dict[str, Any] = {
    "manualRun": True,
    "scripts": "send('Bearer abcdef0123456789')",
    "process": {"items": {"a": {"id": "a", "type": "user", "name": "Sign"}}, "transitions": {}, "lanes": {}},
}


@pytest.fixture
def place(connection: Connection, tmp_path: Path) -> Connection:
    return replace(connection, handoff=tmp_path / "handoff")


@pytest.fixture
def look(place: Connection, company: Any) -> Iterator[Any]:
    made: list[Elma365Source] = []

    def looked(connection: Connection = place) -> dict[str, ArtifactReport]:
        settings = {"url": "http://elma.example", "token": "secret-token", "calls_per_minute": 1e6}
        made.append(Elma365Source(Elma365Settings.model_validate(settings), connection))
        return {report.kind: report for report in made[-1].discover().artifacts}

    company.add("shop.orders", [])
    yield looked
    for source in made:
        source.close()


def test_nothing_is_looked_for_before_somebody_asks(place: Connection, company: Any) -> None:
    company.add("shop.orders", [])
    settings = Elma365Settings.model_validate({"url": "http://elma.example", "token": "secret-token"})
    source = Elma365Source(settings, place)

    source.discover()

    asked = [path for _, path, _ in company.requests]
    assert not [path for path in asked if path.endswith(("/reports", "/pages", "/processes/approve"))]
    source.close()


def test_a_definition_is_told_and_written_without_its_script(look: Any, company: Any) -> None:
    company.definitions = {"shop.orders:approve": DEFINITION}

    (workflow,) = look()["workflow"].found

    assert workflow.details["steps"] == [{"name": "Sign", "kind": "user"}]
    written = Path(workflow.details["file"]).read_text(encoding="utf-8")
    assert "abcdef0123456789" not in written
    assert json.loads(written)["process"] == DEFINITION["process"]


def test_a_definition_that_is_refused_is_said_to_be_not_examined(look: Any) -> None:
    (workflow,) = look()["workflow"].found

    assert workflow.details["definition"].startswith("not examined: ELMA365 refused GET")


def test_without_a_folder_nothing_is_written(look: Any, company: Any, connection: Connection) -> None:
    company.definitions = {"shop.orders:approve": DEFINITION}

    (workflow,) = look(connection)["workflow"].found

    assert "file" not in workflow.details


def test_the_columns_of_a_report_are_those_of_all_its_rows(look: Any, company: Any) -> None:
    rows = [{"a": 1, "b": "x"}, {"b": None, "c": [1, 2]}, {"a": -5, "b": "-x"}]
    company.change = reports(rows)

    (report,) = look()["report"].found

    with Path(report.details["file"]).open(newline="", encoding="utf-8-sig") as file:
        assert list(csv.reader(file)) == [
            ["a", "b", "c"],
            ["1", "x", ""],
            ["", "", "[1,2]"],
            ["-5", "'-x", ""],
        ]
    assert (report.details["rows"], report.details["columns"]) == (3, ["a", "b", "c"])


def test_a_report_whose_data_is_refused_says_why(look: Any, company: Any) -> None:
    company.change = reports(httpx2.Response(404, text="no data"))

    (report,) = look()["report"].found

    assert "no data" in report.details["not_extracted"]


def test_a_report_in_a_folder_that_cannot_be_written_stops(look: Any, company: Any, tmp_path: Path) -> None:
    (tmp_path / "handoff").write_text("in the way", encoding="utf-8")
    company.change = reports([{"a": 1}])

    with pytest.raises(StorageError, match="cannot write"):
        look()


def test_a_code_with_path_parts_stays_inside_the_folder(look: Any, company: Any, tmp_path: Path) -> None:
    company.change = reports([{"a": 1}], code="x_1")

    (report,) = look()["report"].found

    assert Path(report.details["file"]) == tmp_path / "handoff" / "reports" / "shop-x_1.csv"


def test_dashboards_are_not_examined(look: Any) -> None:
    assert look()["dashboard"].summary() == ("not examined: the Web API lists pages, but not what they show")


def reports(rows: Any, code: str = "sales") -> Any:
    """One report in the section, with this data (or this answer)."""

    def change(path: str, answer: Any) -> Any:
        if path.endswith("/reports"):
            return [{"namespace": "shop", "code": code, "__name": "Sales"}]
        if path.endswith(f"/reports/shop/{code}/list"):
            return rows if not isinstance(rows, list) else {"result": {"result": rows, "total": len(rows)}}
        return answer

    return change
