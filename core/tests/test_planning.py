"""What a run will cost."""

from dataclasses import replace

import pytest
from core.tests.toy_platforms import world

from crossdock.config import load_project
from crossdock.fieldtypes import FieldType
from crossdock.migration import Migration
from crossdock.model import FieldSchema
from crossdock.scoping.planning import plan_of


@pytest.fixture
def plan(desk):
    """The plan, made when it is called."""
    desk.prepare(confirmed=False)

    def planned():
        with Migration(load_project(desk.folder)) as migration:
            return plan_of(migration, migration.resolved())

    return planned


def test_requests_are_batches_written_and_pages_read(plan):
    firms, people = plan()["phases"]
    assert (firms["records"], firms["requests"]) == (4, 1 + 2)  # batches of 4, pages of 3
    assert (people["records"], people["requests"]) == (3, 1 + 1)


def test_phases_stand_in_load_order_and_say_what_they_wait_for(plan):
    firms, people = plan()["phases"]
    assert (firms["name"], firms["after"]) == ("crm.firm>firm", [])
    assert people["after"] == ["crm.firm>firm"]


def test_records_that_are_only_found_are_not_written(plan, desk):
    desk.edit("to: person\n", "to: person\n    create: false\n    match: [email]\n")
    assert plan()["phases"][1]["requests"] == 1


def test_the_time_follows_from_the_rate_limit(plan):
    world.per_minute = 2.0
    found = plan()
    assert (found["requests"], found["minutes_at_limit"]) == (5, 2.5)
    assert "about 3 min" in found["estimate"]


def test_without_a_rate_limit_there_is_no_time(plan):
    world.per_minute = None
    found = plan()
    assert found["minutes_at_limit"] is None
    assert "no rate limit" in found["estimate"]


def test_what_the_source_does_not_count_is_said(plan):
    world.source.schemas = (replace(world.source.schemas[0], count=None), world.source.schemas[1])
    firms, people = plan()["phases"]
    assert (firms["counted"], firms["records"]) == (False, 0)
    assert people["counted"] is True


def test_what_reading_costs_each_source_is_planned_too(plan):
    assert plan()["sources"] == [  # firms and people fit into a page each
        {"tenant": "main", "requests": 2, "files": 0, "again": 2, "counted": True}
        | {"calls_per_minute": None, "minutes_at_limit": None}
    ]


def test_an_object_that_costs_a_request_a_record_is_planned_so(plan):
    firms, people = world.source.schemas
    world.source.schemas = (replace(firms, requests=4), people)
    assert plan()["sources"][0]["requests"] == 4 + 1


def test_a_file_takes_two_requests_at_each_side(plan):
    firms, people = world.source.schemas
    world.source.schemas = (
        replace(firms, fields=(*firms.fields, FieldSchema("scan", FieldType.FILE))),
        people,
    )
    planned = plan()
    reading = planned["sources"][0]
    assert (reading["files"], reading["requests"], reading["again"]) == (8, 8 + 2, 8 + 2)  # four files
    assert (planned["files"], planned["phases"][0]["requests"]) == (8, 8 + 3)
    assert planned["estimate"].startswith("at least ")


def test_a_source_that_does_not_count_all_says_that_more_comes_on_top(plan):
    firms, people = world.source.schemas
    world.source.schemas = (replace(firms, count=None), people)
    assert plan()["sources"][0]["counted"] is False
