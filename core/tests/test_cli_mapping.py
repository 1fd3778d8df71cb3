"""The commands on the mapping."""

import pytest
from core.tests.toy_platforms import MAPPING, world

from crossdock.mappingfile.document import load


def test_without_a_curated_mapping_a_plain_proposal_is_written(desk):
    desk.initialise()

    answer = desk("map", "propose")

    assert answer.code == 0
    assert "2 routes" in answer.out
    routes = {route.name for route in load(desk.folder / "mapping.yaml").objects}
    assert routes == {"crm.firm>firm", "crm.person>person"}


def test_a_curated_mapping_of_the_pair_is_made_to_fit(desk):
    desk.initialise()
    curated = MAPPING.replace("city: city", "city: town")
    desk.installed.mapping("alpha-beta", curated)

    answer = desk("map", "propose", json=True)

    fields = load(desk.folder / "mapping.yaml").objects[0].fields
    assert list(fields) == ["name", "domain", "motto"]
    assert "town" in answer.json["notes"][0]
    assert answer.json["file"] == str(desk.folder / "mapping.yaml")


def test_what_a_curated_mapping_leaves_open_is_shown(desk):
    desk.initialise()
    question = "questions:\n  stand_in: {default: null, about: Who stands for people without an account.}\n"
    desk.installed.mapping("alpha-beta", MAPPING.replace("city: city", "city: town") + question)

    answer = desk("map", "propose")

    assert "town" in answer.out
    assert "Who stands for people without an account." in answer.out


def test_a_mapping_is_replaced_only_on_demand(desk):
    desk.prepare(confirmed=False)

    refused = desk("map", "propose")

    assert refused.code == 2
    assert "--overwrite" in refused.err
    assert (desk.folder / "mapping.yaml").read_text() == MAPPING
    assert desk("map", "propose", "--overwrite").code == 0


def test_a_mapping_that_fits_is_said_to(desk):
    desk.prepare(confirmed=False)
    answer = desk("map", "check")
    assert answer.code == 0
    assert "0 to correct" in answer.out


def test_everything_that_does_not_fit_is_told_at_once(desk):
    desk.prepare(confirmed=False)
    desk.edit("city: city", "size: city")
    desk.edit("email: mail", "emial: mail")
    desk.edit("domain: site, ", "")
    desk.edit("match: [domain]", "match: [name]")

    answer, rows = desk("map", "check"), desk("map", "check", json=True)

    assert answer.code == rows.code == 2
    assert "size" in answer.out
    assert "emial" in answer.out
    assert "not mapped: crm.firm" in answer.out
    assert len([row for row in rows.json["problems"] if row["fatal"]]) >= 2


def test_broken_yaml_is_wrong_configuration(desk):
    desk.prepare(confirmed=False)
    desk.edit("objects:", "objects: [")
    answer = desk("map", "check")
    assert (answer.code, answer.out) == (2, "")
    assert "mapping.yaml" in answer.err


def test_nobody_has_confirmed_a_new_mapping(desk):
    desk.prepare(confirmed=False)
    answer = desk("map", "diff")
    assert answer.code == 1
    assert "nobody" in answer.out


def test_after_a_confirmation_nothing_has_changed(desk):
    desk.prepare()
    answer = desk("map", "diff")
    assert answer.code == 0
    assert "Anna" in answer.out
    assert "nothing" in answer.out


def test_diff_says_what_changed_since(desk):
    desk.prepare()
    desk.edit("city: city, ", "")

    answer, rows = desk("map", "diff"), desk("map", "diff", json=True)

    assert answer.code == rows.code == 1
    assert "the mapping" in answer.out
    detail = "route crm.firm>firm: field city was dropped, it came from city"
    assert detail in answer.out
    assert rows.json == {"confirmed_by": "Anna", "changed": ["mapping"], "details": [detail]}


def test_a_change_of_the_sources_schema_is_noticed(desk):
    desk.prepare()
    world.source.schemas = (world.source.schemas[0], world.source.schemas[1], world.source.schemas[1])[:1]
    desk.edit(MAPPING[MAPPING.index("  - from: crm.person") :], "")
    assert "source_schema" in desk("map", "diff", json=True).json["changed"]


def test_what_does_not_fit_cannot_be_confirmed(desk):
    desk.prepare(confirmed=False)
    desk.edit("city: city", "size: city")

    answer = desk("map", "confirm", "--by", "Anna")

    assert answer.code == 2
    assert "size" in answer.err
    assert not (desk.folder / ".crossdock" / "confirmation.json").exists()


def test_a_confirmation_says_who_and_when(desk):
    desk.prepare(confirmed=False)
    answer, again = desk("map", "confirm", "--by", "Anna"), desk("map", "confirm", "--by", "Ivan", json=True)
    assert answer.code == again.code == 0
    assert "Anna" in answer.out
    assert again.json["by"] == "Ivan"


@pytest.mark.parametrize(("arguments", "code"), [(("--by", " "), 4), ((), 2)])
def test_a_confirmation_needs_a_name(desk, arguments, code):
    desk.prepare(confirmed=False)
    assert desk("map", "confirm", *arguments).code == code


@pytest.mark.parametrize("command", ["provision", "run", "reconcile"])
def test_nothing_is_written_before_a_confirmation(desk, command):
    desk.prepare(confirmed=False)
    before = world.destination.state()

    answer = desk(command, json=True)

    assert (answer.code, answer.out) == (4, "")
    assert "map confirm" in answer.err
    assert world.destination.state() == before
