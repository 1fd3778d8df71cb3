"""How fields are used: counted record by record, told beside unmapped fields, asked for by a command."""

import json
from datetime import UTC, datetime

from core.tests.answers import faults

from crossdock.fieldtypes import FieldType as T
from crossdock.mappingfile.document import load
from crossdock.model import FieldSchema, ObjectSchema, Record
from crossdock.proposing.usage import DISTINCT, Usage

SCHEMA = ObjectSchema(
    "firm", (FieldSchema("name", T.TEXT, "Name"), FieldSchema("fax", T.TEXT), FieldSchema("tags", T.TEXT))
)


def used(*records):
    usage = Usage(SCHEMA)
    for record in records:
        usage.add(record)
    return {row.field: row for row in usage.rows()}


def record(n, year=2020, deleted=False, **values):
    return Record("firm", str(n), values, deleted, datetime(year, 3, 4, tzinfo=UTC))


def test_a_field_is_counted_with_its_values_lengths_and_times():
    rows = used(
        record(1, 2019, name="Ромашка"), record(2, 2023, name="Юг", fax=""), record(3, 2021, name="Юг")
    )
    name = rows["name"]
    assert (name.records, name.filled, name.share, name.distinct, name.more) == (3, 3, 1.0, 2, False)
    assert (name.shortest, name.longest) == (2, 7)
    assert (name.first[:4], name.last[:4]) == ("2019", "2023")
    assert (rows["fax"].filled, rows["fax"].share, rows["fax"].words()) == (0, 0.0, "empty in all 3 records")


def test_a_value_that_is_always_the_same_is_said():
    rows = used(*(record(n, name="x") for n in range(3)))
    assert rows["name"].words() == "filled in 3 of 3 records, always the same, last 2020-03-04"


def test_several_values_count_each_and_deleted_records_count_for_nothing():
    rows = used(record(1, tags=("a", "bcd")), record(2, deleted=True, tags=("zzzzzz",)))
    assert (rows["tags"].filled, rows["tags"].longest, rows["tags"].records) == (1, 3, 1)


def test_beyond_a_thousand_values_are_no_longer_told_apart():
    rows = used(*(record(n, name=f"n{n}") for n in range(DISTINCT + 500)))
    assert (rows["name"].distinct, rows["name"].more) == (DISTINCT, True)


def test_without_times_no_day_is_said():
    rows = used(Record("firm", "1", {"name": "x"}), Record("firm", "2", {"name": "y"}))
    assert rows["name"].words() == "filled in 2 of 2 records"


def test_the_command_tells_what_discover_saw_and_what_was_staged_since(desk):
    desk.prepare(confirmed=False)
    unread = desk("map", "usage", "--object", "crm.firm", json=True)
    assert [row["from"] for row in unread.json] == [""]
    assert "discover" in desk("map", "usage").out
    desk("discover")
    seen = desk("map", "usage", "--object", "crm.firm", json=True)
    assert faults("map-usage", seen.json) == []
    (firm,) = seen.json
    fields = {row["field"]: row for row in firm["fields"]}
    assert (firm["from"], fields["title"]["share"]) == ("scope", 0.75)  # one has none
    assert fields["title"]["goes_to"] == ["firm.name"]
    assert "firm.name" in desk("map", "usage", "--object", "crm.firm").out
    desk("map", "confirm", "--by", "Anna")
    desk("run")
    assert {row["from"] for row in desk("map", "usage", json=True).json} == {"staging"}


def test_an_object_that_no_source_has_is_refused(desk):
    desk.prepare(confirmed=False)
    assert desk("map", "usage", "--object", "crm.nothing").code == 2


def test_fields_that_go_nowhere_are_told_alone(desk):
    desk.prepare(confirmed=False)
    desk("discover")
    rows = desk("map", "usage", "--unmapped", json=True).json
    assert not any(field["goes_to"] or field["ignored"] for row in rows for field in row["fields"])


def test_a_proposal_says_beside_an_unmapped_field_how_it_is_used(desk):
    desk.prepare(confirmed=False)
    desk("discover")
    desk("map", "propose", "--overwrite")
    path = desk.folder / "mapping.yaml"
    text = path.read_text(encoding="utf-8")
    assert " of 4 records" in text
    desk("map", "propose", "--overwrite")
    again = path.read_text(encoding="utf-8")
    assert again == text  # reasons are not written twice
    assert load(path).objects


def test_a_plan_names_what_is_moved_although_no_record_has_a_value(desk):
    desk.prepare()
    assert desk("plan", json=True).json["empty_fields"] == []
    scope = desk("discover", json=True).json
    path = desk.folder / "reports" / "scope.json"
    for item in scope["sources"][0]["objects"]:
        for row in item["profile"]["filled"]:
            row["records"] = 0 if row["field"] == "title" else row["records"]
    path.write_text(json.dumps(scope), encoding="utf-8")
    plan = desk("plan", json=True)
    assert faults("plan", plan.json) == []
    assert "crm.firm.title" in plan.json["empty_fields"]
    assert "moved, but empty in every record: crm.firm.title" in desk("plan").out
