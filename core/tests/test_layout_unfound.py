"""A cell that names a record which is not there: its row is refused, or the mapping decides."""

import warnings
from datetime import date

from core.tests.layouts import reader, records, rejects, table, workbook

from crossdock.values import Reference

FIRMS = {"files": "firms*", "key": ["id"], "columns": {"id": "ID", "name": "Name"}}


def people(unfound):
    owner = {"headers": "Firm", "type": "reference", "to": "firm", "by": ["name"], "unfound": unfound}
    return {
        "firm": FIRMS,
        "person": {"files": "people*", "key": ["id"], "columns": {"id": "ID", "firm": owner}},
    }


def read(tmp_path, unfound):
    firms = table(tmp_path / "firms.csv", ["ID", "Name"], ["1", "Acme"], ["2", "Twin"], ["3", "twin"])
    rows = [["a", "acme"], ["b", "Nobody"], ["c", "Twin"], ["d", ""]]
    return reader(
        tmp_path, firms, table(tmp_path / "people.csv", ["ID", "Firm"], *rows), objects=people(unfound)
    )


def test_a_row_that_names_nobody_is_refused_unless_the_layout_says_otherwise(tmp_path):
    assert list(rejects(read(tmp_path, "refuse"), "person")) == ["b", "c"]


def test_a_name_that_is_kept_becomes_a_reference_to_what_is_not_there(tmp_path):
    found = read(tmp_path, "keep")

    kept = {key: values["firm"] for key, values in records(found, "person").items()}
    assert kept == {"a": Reference("firm", "1"), "b": Reference("firm", "Nobody"), "d": None}


def test_of_several_of_one_name_none_is_ever_chosen(tmp_path):
    assert "names 2 records by 'name': 2, 3" in rejects(read(tmp_path, "keep"), "person")["c"]


SINCE = {
    "firm": {
        "files": "firms*",
        "key": ["id"],
        "columns": {"id": "ID", "v": {"headers": "V", "type": "date", "dates": "YYYY-MM-DD"}},
    }
}


def test_the_day_that_stands_for_one_that_never_was_is_refused(tmp_path):
    """Day 60 of a spreadsheet is the 29 February 1900, and both libraries give it as the day before."""
    path = workbook(tmp_path / "firms.xlsx", ["ID", "V"], ["a", date(1900, 2, 28)], ["b", date(1900, 3, 1)])
    found = reader(tmp_path, path, objects=SINCE)

    assert "there is no day 60" in rejects(found)["a"]
    assert records(found)["b"]["v"] == records(found, second=True)["b"]["v"] == date(1900, 3, 1)


def test_a_text_of_that_day_is_that_day(tmp_path):
    path = table(tmp_path / "firms.csv", ["ID", "V"], ["a", "1900-02-28"])
    assert records(reader(tmp_path, path, objects=SINCE))["a"]["v"] == date(1900, 2, 28)


def test_the_second_library_tells_nobody_of_styles_that_a_file_lacks(tmp_path):
    path = workbook(tmp_path / "firms.xlsx", ["ID", "V"], ["a", date(2024, 3, 1)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert records(reader(tmp_path, path, objects=SINCE), second=True)
