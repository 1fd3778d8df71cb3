"""Every `--json` answer is as its schema in docs/schemas says."""

from dataclasses import replace

import pytest
from core.tests.answers import faults, schemas
from core.tests.toy_platforms import world
from jsonschema import Draft202012Validator

STORY = (
    ("plugins", ("plugins",), 0),
    ("map-diff", ("map", "diff"), 1),
    ("discover", ("discover",), 0),
    ("map-propose", ("map", "propose", "--overwrite"), 0),
    ("map-check", ("map", "check"), 0),
    ("map-confirm", ("map", "confirm", "--by", "Anna"), 0),
    ("map-diff", ("map", "diff"), 0),
    ("plan", ("plan",), 0),
    ("provision", ("provision", "--dry-run"), 0),
    ("provision", ("provision",), 0),
    ("status", ("status",), 0),
    ("run", ("run",), 1),
    ("reconcile", ("reconcile",), 0),
    ("report", ("report",), 0),
    ("handoff", ("handoff",), 0),
    ("status", ("status",), 0),
    ("rollback", ("rollback", "--dry-run"), 0),
    ("rollback", ("rollback",), 0),
    ("report", ("report",), 0),
)


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_schema_is_one_and_says_which(name):
    schema = schemas()[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"{name}.json"
    assert schema["title"].startswith("Answer of `crossdock --json ")


def test_every_answer_of_a_whole_migration_fits_its_schema(desk):
    made = desk.bare("-C", str(desk.folder.parent), "--json", "init", "acme", *PAIR)
    desk.prepare(confirmed=False)
    assert faults("init", made.json) == []
    for name, arguments, code in STORY:
        if name == "map-confirm":
            desk.write_mapping()
        answer = desk(*arguments, json=True)
        assert (name, answer.code, faults(name, answer.json)) == (name, code, []), answer.err
        assert answer.err == ""


PAIR = ("--source", "alpha", "--destination", "beta")


def test_the_answers_about_what_went_wrong_fit_too(desk):
    desk.prepare()
    world.person(7, firm=3)  # a firm that is rejected
    world.source.put("crm.firm", "f4", title="Firm 4", site="f1.example", city=None, motto=None)
    first = desk("run", json=True)
    row = next(r for r in world.destination.table("person").values() if r.values["name"] == "Person 0")
    row.values["email"] = "other@f.example"
    checked = desk("reconcile", json=True)
    undone = desk("rollback", json=True)

    assert [faults("run", first.json), faults("reconcile", checked.json)] == [[], []]
    assert faults("rollback", undone.json) == []
    assert first.json["phases"][0]["not_loaded"]
    assert first.json["queues"]
    assert checked.json["first_findings"]
    assert undone.json[0]["kept"]


def test_a_mapping_that_does_not_fit_has_an_answer_that_fits(desk):
    desk.prepare(confirmed=False)
    desk.edit("domain: site, ", "")
    desk.edit("match: [domain]", "match: [name]")
    desk.edit("city: city", "size: city")

    answer = desk("map", "check", json=True)

    assert faults("map-check", answer.json) == []
    assert any(problem["fatal"] for problem in answer.json["problems"])
    assert answer.json["unmapped"] == {"crm.firm": ["site"]}


def test_a_source_that_says_little_has_an_answer_that_fits(desk):
    desk.prepare(confirmed=False)
    world.source.schemas = tuple(replace(schema, count=None) for schema in world.source.schemas)
    world.per_minute = None

    assert faults("discover", desk("discover", json=True).json) == []
    assert faults("plan", desk("plan", json=True).json) == []


def test_a_checked_plugin_has_an_answer_that_fits(desk):
    answer = desk.bare("--json", "plugins", "--check")

    assert faults("plugins-check", answer.json) == []
    assert {"alpha", "beta"} <= {plugin["name"] for plugin in answer.json}


def test_an_unknown_key_in_an_answer_is_a_fault():
    assert faults("map-confirm", {"by": "Anna", "at": "2026-01-01T00:00:00+00:00", "more": 1})
    assert faults("status", [{"id": "r1"}])
