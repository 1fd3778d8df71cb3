"""Logging: one shape for structlog and the standard library, context bound, secrets gone."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from crossdock.errors import StorageError
from crossdock.log import bound, configure, get_logger
from crossdock.redaction import register_secrets


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in root.handlers[:]:
        if handler not in handlers:
            root.removeHandler(handler)
            handler.close()
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_json_lines_carry_event_level_logger_and_time(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)

    get_logger("crossdock.load").info("loaded", records=200)

    (line,) = lines(capsys)
    assert line | {"timestamp": ""} == {
        "event": "loaded",
        "records": 200,
        "level": "info",
        "logger": "crossdock.load",
        "timestamp": "",
    }
    assert line["timestamp"].endswith("Z")


def test_standard_logging_goes_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)

    logging.getLogger("library").warning("slow %s", "query")

    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["logger"]) == ("slow query", "warning", "library")


def test_nothing_is_written_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    configure()

    get_logger().warning("careful", object="deals")

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "careful" in captured.err
    assert "object=deals" in captured.err


def test_bound_context_is_on_every_line_of_its_block(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)

    with bound(run="r1", object="deals"):
        with bound(key="k1"):
            get_logger().info("inner")
        logging.getLogger("library").warning("outer")
    get_logger().info("after")

    inner, outer, after = lines(capsys)
    assert (inner["run"], inner["object"], inner["key"]) == ("r1", "deals", "k1")
    assert (outer["run"], "key" in outer) == ("r1", False)
    assert "run" not in after


@pytest.mark.parametrize("as_json", [True, False])
def test_no_secret_is_logged_in_any_place(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    configure(json=as_json)
    register_secrets("known-secret")

    get_logger().info("got known-secret", token="by-name-1", nested={"password": "by-name-2", "n": 1})
    get_logger().info("list", parts=["known-secret", ("known-secret",)], error=ValueError("known-secret"))
    logging.getLogger("library").warning("GET /?api_key=by-name-3")
    try:
        raise ValueError("known-secret")
    except ValueError:
        get_logger().exception("failed")

    shown = capsys.readouterr().err
    assert "[secret]" in shown
    assert "ValueError" in shown
    for secret in ("known-secret", "by-name-1", "by-name-2", "by-name-3"):
        assert secret not in shown


def test_values_that_are_no_text_keep_their_type(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)

    get_logger().info("counts", records=3, share=0.5, done=True, left=None, by={"a": 1}, where=Path("x"))

    (line,) = lines(capsys)
    assert (line["records"], line["share"], line["done"], line["left"]) == (3, 0.5, True, None)
    assert line["by"] == {"a": 1}
    assert line["where"] == "x"


def test_the_level_decides_what_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True, level="error")

    get_logger().warning("quiet")
    logging.getLogger("library").warning("quiet")
    get_logger().error("loud")

    assert [line["event"] for line in lines(capsys)] == ["loud"]


def test_a_file_gets_json_lines_beside_the_console(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(json=False, file=tmp_path / "logs" / "run.log")

    get_logger().info("started", token="by-name-1")

    (line,) = (tmp_path / "logs" / "run.log").read_text().splitlines()
    assert json.loads(line)["token"] == "[secret]"
    assert "started" in capsys.readouterr().err


def test_configuring_again_replaces_and_does_not_double(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)
    configure(json=True)

    get_logger().info("once")

    assert len(lines(capsys)) == 1


def test_a_file_that_cannot_be_written_stops_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        configure(file=tmp_path / "file" / "run.log")
