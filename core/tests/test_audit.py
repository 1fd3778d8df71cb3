"""The audit log: one line a record, readable in a spreadsheet and harmless there."""

import csv

import pytest
from core.tests.company import firm, firm_route, person

from crossdock.audit import COLUMNS, write_audit
from crossdock.errors import StorageError


def lines(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_record_has_a_line_with_its_outcome(company, tmp_path):
    company.routes = (firm_route(fields={"name": {"from": "name", "required": True}}),)
    company.stage(firm("a"), firm("b", name=None), person("p"))
    run = company.load()

    rows = {row["source_id"]: row for row in lines(write_audit(tmp_path / "reports", company.ledger, run))}

    assert set(rows["a"]) == set(COLUMNS)
    assert (rows["a"]["outcome"], rows["a"]["id"]) == ("created", company.target_id("a"))
    assert (rows["a"]["source_object"], rows["a"]["object"]) == ("src.firms", "firm")
    assert (rows["b"]["outcome"], rows["b"]["id"]) == ("rejected", "")
    assert "name" in rows["b"]["reasons"]
    assert rows["a"]["time"].endswith("+00:00")


def test_the_file_is_named_after_the_run(company, tmp_path):
    company.stage(firm("a"))
    run = company.load()
    assert write_audit(tmp_path, company.ledger, run).name == f"audit-{run.id}.csv"


@pytest.mark.parametrize("key", ["=1+1", "+7", "-x", "@me"])
def test_a_cell_that_looks_like_a_formula_is_made_text(company, tmp_path, key):
    company.stage(firm(key))
    run = company.load()
    assert [row["source_id"] for row in lines(write_audit(tmp_path, company.ledger, run))] == [f"'{key}"]


def test_a_folder_that_cannot_be_written_is_an_error(company, tmp_path):
    (tmp_path / "reports").write_text("not a folder")
    company.stage(firm("a"))
    run = company.load()
    with pytest.raises(StorageError, match=r"audit-.*\.csv"):
        write_audit(tmp_path / "reports", company.ledger, run)
