"""The audit log as Parquet: the lines of the CSV, typed, and without what a spreadsheet needs."""

import csv
import stat
import sys

import pytest
from core.tests.answers import faults
from core.tests.company import firm, firm_route

from crossdock.audit import COLUMNS, write_audit
from crossdock.auditparquet import write_audit_parquet
from crossdock.errors import ConfigError, StorageError


def rows(path):
    """The rows of a Parquet file as dicts."""
    from arro3.io import read_parquet

    table = read_parquet(str(path)).read_all()
    columns = {name: table.column(name).to_pylist() for name in table.schema.names}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def test_the_lines_are_those_of_the_csv(company, tmp_path):
    company.routes = (firm_route(fields={"name": {"from": "name", "required": True}}),)
    company.stage(firm("a"), firm("b", name=None))
    run = company.load()
    with write_audit(tmp_path, company.ledger, run).open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))

    found = rows(write_audit_parquet(tmp_path, company.ledger, run))

    assert tuple(found[0]) == COLUMNS
    plain = [{k: v or "" for k, v in row.items() if k != "time"} for row in found]
    assert plain == [{k: v for k, v in line.items() if k != "time"} for line in lines]
    assert [row["time"].isoformat() for row in found] == [line["time"] for line in lines]
    assert {row["outcome"] for row in found} == {"created", "rejected"}
    assert next(row for row in found if row["outcome"] == "rejected")["id"] is None


@pytest.mark.parametrize("key", ["=1+1", 'a "b", c', "два\nряда", "'x"])
def test_a_value_is_there_as_it_is(company, tmp_path, key):
    company.stage(firm(key))
    run = company.load()
    assert [row["source_id"] for row in rows(write_audit_parquet(tmp_path, company.ledger, run))] == [key]


def test_only_its_own_file_is_left_and_nobody_else_may_read_it(company, tmp_path):
    company.stage(firm("a"))
    run = company.load()
    path = write_audit_parquet(tmp_path / "reports", company.ledger, run)
    assert [each.name for each in path.parent.iterdir()] == [f"audit-{run.id}.parquet"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_run_without_records_gives_a_file_without_rows(company, tmp_path):
    run = company.load()
    assert rows(write_audit_parquet(tmp_path, company.ledger, run)) == []


def test_a_folder_that_cannot_be_written_is_an_error(company, tmp_path):
    (tmp_path / "reports").write_text("not a folder")
    run = company.load()
    with pytest.raises(StorageError, match=r"audit-.*\.parquet"):
        write_audit_parquet(tmp_path / "reports", company.ledger, run)


def test_without_the_extra_it_is_said_how_to_get_it(company, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "arro3.io", None)
    run = company.load()
    with pytest.raises(ConfigError) as caught:
        write_audit_parquet(tmp_path, company.ledger, run)
    assert "crossdock[parquet]" in caught.value.hint


def test_report_writes_it_when_it_is_asked_for(desk):
    desk.prepare()
    desk("run")
    assert "audit_parquet" not in desk("report", json=True).json
    told = desk("report", "--parquet", json=True).json
    assert faults("report", told) == []
    assert rows(told["audit_parquet"])
    assert told["audit_parquet"] in desk("report", "--parquet").out
