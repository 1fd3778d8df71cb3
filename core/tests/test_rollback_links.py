"""Undoing a run whose records hold several references in one field."""

import pytest
from core.tests.company import Company, firm, firm_route, person
from core.tests.fake_destination import FakeDestination, text

from crossdock.fieldtypes import FieldType
from crossdock.mapping import ObjectMapping
from crossdock.model import FieldSchema, ObjectSchema
from crossdock.values import Reference

FIRM = ObjectSchema("firm", (text("name"), text("domain", unique=True), text("city")))
PERSON = ObjectSchema(
    "person",
    (
        text("name"),
        text("email"),
        FieldSchema("firms", FieldType.REFERENCE, references=("firm",), multiple=True),
    ),
)


@pytest.fixture
def linked(tmp_path, database):
    """Two firms, and a person of both."""
    made = Company(tmp_path, FakeDestination({"firm": FIRM, "person": PERSON}), database=database)
    form = {
        "from": "src.people",
        "to": "person",
        "fields": {"name": "name", "firms": {"from": "firms", "reference": "firm"}},
    }
    fields = {"name": "name", "domain": "domain", "city": "city"}
    made.routes = [
        firm_route(fields=fields).bound(None, FIRM),
        ObjectMapping.model_validate(form).bound(None, PERSON),
    ]
    both = tuple(Reference("src.firms", n) for n in ("1", "2"))
    made.stage(firm("1"), firm("2"), person("7", firms=both))
    yield made
    made.close()


def the_person(linked):
    (row,) = linked.destination.table("person").values()
    return row.values


def test_references_that_are_gone_with_their_records_are_no_edit(linked):
    run = linked.load()
    gone = linked.target_id("1")
    linked.destination.table("firm").pop(gone)
    values = the_person(linked)
    values["firms"] = tuple(one for one in values["firms"] if one != gone)
    assert linked.rollback(run).kept == []
    assert linked.destination.table("person") == {}


def test_a_reference_that_a_person_took_out_is_an_edit(linked):
    run = linked.load()
    values = the_person(linked)
    values["firms"] = values["firms"][:1]
    assert linked.rollback(run).kept == [("acme/src.people/7", "edited there since: firms")]


def test_a_reference_that_a_person_added_is_an_edit(linked):
    linked.destination.add("firm", "theirs", name="Theirs")
    run = linked.load()
    values = the_person(linked)
    values["firms"] = (*values["firms"], "theirs")
    assert linked.rollback(run).kept == [("acme/src.people/7", "edited there since: firms")]
