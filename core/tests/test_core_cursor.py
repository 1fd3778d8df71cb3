"""A cursor counts rows of files that may be replaced while a reading is interrupted."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
import pytest
from core.tests.layouts import reader, table, workbook
from core.tests.toy_platforms import Desk, world

from crossdock.errors import CursorLostError, StorageError
from crossdock.layout.positions import fingerprint
from crossdock.model import Batch

HEAD = ("ID", "Name", "Выручка", "С")
ROWS = [[f"k{n}", f"Firm {n}"] for n in range(1200)]


def test_a_cursor_of_a_replaced_table_is_lost(tmp_path):
    path = table(tmp_path / "firms.csv", HEAD, *ROWS)
    first = next(reader(tmp_path, path).batches("firm"))
    table(path, HEAD, ["new", "New"], *ROWS)
    with pytest.raises(CursorLostError, match="was replaced"):
        next(reader(tmp_path, path).batches("firm", first.cursor))


def test_a_cursor_is_lost_too_if_another_of_the_tables_was_replaced(tmp_path):
    path = table(tmp_path / "firms.csv", HEAD, *ROWS)
    other = workbook(tmp_path / "firms2.xlsx", HEAD, ["x", "X"])
    first = next(reader(tmp_path, path, other).batches("firm"))
    workbook(other, HEAD, ["y", "Y"])
    with pytest.raises(CursorLostError):
        next(reader(tmp_path, path, other).batches("firm", first.cursor))


def test_a_cursor_of_an_earlier_version_goes_on(tmp_path):
    path = table(tmp_path / "firms.csv", HEAD, *ROWS)
    [rest] = reader(tmp_path, path).batches("firm", orjson.dumps({"from": 1000}).decode())
    assert len(rest.records) == 200


def test_a_table_that_cannot_be_read_says_so(tmp_path):
    with pytest.raises(StorageError, match=r"gone\.csv"):
        fingerprint([tmp_path / "gone.csv"])


def replaced_under_way(monkeypatch: Any, *, always: bool = False) -> list[str | None]:
    """A source of which the file was replaced when it is asked to go on; gives the cursors it was given."""
    whole, given = world.source.extract, []

    def extract(name: str, cursor: str | None, since: datetime | None, files: Any) -> Iterator[Batch]:
        if name == "crm.firm":
            given.append(cursor)
            if cursor or always:
                raise CursorLostError("a table was replaced.")
        yield from whole(name, cursor, since, files)

    monkeypatch.setattr(world.source, "extract", extract)
    return given


def cut_off(desk: Desk) -> None:
    """A run whose reading was cut off after a batch of firms."""
    world.mend()
    desk.prepare()
    world.source.dies_after = 1
    assert desk("run").code == 3
    world.source.dies_after = None


def names(there: str) -> set[Any]:
    return {row.values["name"] for row in world.destination.table(there).values()}


def test_what_was_replaced_under_way_is_read_from_its_start(desk, monkeypatch):
    cut_off(desk)
    given = replaced_under_way(monkeypatch)
    held = world.source.records["crm.firm"]
    world.source.records["crm.firm"] = {"f9": held["f3"], **held}  # each row is one place further now
    world.source.put("crm.firm", "f9", title="Firm 9", site="f9.example", city="Omsk", motto=None)
    assert desk("run").code == 0
    assert given == ["2", None]
    assert names("firm") == {"Firm 0", "Firm 1", "Firm 2", "Firm 3", "Firm 9"}


def test_what_only_the_replaced_file_held_is_not_loaded(desk, monkeypatch):
    cut_off(desk)
    replaced_under_way(monkeypatch)
    world.source.drop("crm.firm", "f0")
    world.source.drop("crm.person", "p0")
    done = desk("run", json=True)
    assert done.code in (0, 1)
    assert names("firm") == {"Firm 1", "Firm 2", "Firm 3"}
    assert all(phase["in_doubt"] == 0 for phase in done.json["phases"])


def test_a_source_that_loses_its_place_at_the_start_stops_the_run(desk, monkeypatch):
    world.mend()
    desk.prepare()
    replaced_under_way(monkeypatch, always=True)
    done = desk("run")
    assert done.code == 3
    assert "a table was replaced" in done.err
