"""The list of people to be invited."""

import csv
import dataclasses

import pytest
from core.tests.fake_destination import reference
from core.tests.toy_platforms import FIRM, PERSON, world

from crossdock.config import load_project
from crossdock.migration import Migration
from crossdock.people.missing import MissingPerson, People, write_invitations
from crossdock.run import MigrationRun
from crossdock.values import Reference

OLGA = MissingPerson("main", "users", "1", "o@x.test", "Olga", "Lawyer", {"firms": 3, "tasks": 1})
NAMELESS = MissingPerson("main", "users", "2", "", "=cmd()", "", {"firms": 1})


def test_the_list_says_who_they_are_and_what_waits_for_them(tmp_path):
    path = write_invitations(tmp_path, [OLGA])
    with path.open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row == {
        "email": "o@x.test",
        "name": "Olga",
        "position": "Lawyer",
        "tenant": "main",
        "records": "4",
        "waiting": "firms: 3; tasks: 1",
    }


def test_the_addresses_are_ready_to_be_pasted(tmp_path):
    write_invitations(tmp_path, [OLGA, NAMELESS])
    assert (tmp_path / "invitations.txt").read_text(encoding="utf-8") == "o@x.test\n"


def test_a_name_is_no_formula_for_a_spreadsheet(tmp_path):
    path = write_invitations(tmp_path, [NAMELESS])
    assert "'=cmd()" in path.read_text(encoding="utf-8")


def test_without_anybody_missing_no_list_is_left(tmp_path):
    write_invitations(tmp_path, [OLGA])
    assert write_invitations(tmp_path, []) is None
    assert list(tmp_path.iterdir()) == []


# --- who is missed ------------------------------------------------------------------------------

NAME_ONLY = "motto: author.title"
LINK = "motto: author.title, boss: {from: author, reference: person, missing: null_with_finding}"


@pytest.fixture
def missed(desk):
    """Who is missed if this is what firms take of their author; nobody of the people has an account."""
    author, boss = reference("author", "crm.person"), reference("boss", "person")
    world.source.schemas = (
        dataclasses.replace(FIRM, fields=(*FIRM.fields, author)),
        dataclasses.replace(PERSON, match_only=True),
    )
    firm = world.destination.schemas["firm"]
    world.destination.schemas["firm"] = dataclasses.replace(firm, fields=(*firm.fields, boss))
    for key, record in list(world.source.records["crm.firm"].items()):
        values = {**record.values, "author": Reference("crm.person", "p1")}
        world.source.put("crm.firm", key, **values)
    desk.prepare(confirmed=False)
    world.mend()

    def missing(taken):
        desk.edit("motto: motto}", f"{taken}}}")
        desk.edit("to: person\n", "to: person\n    create: false\n    match: [email]\n")
        assert desk("map", "confirm", "--by", "Anna").code == 0
        with Migration(load_project(desk.folder)) as migration:
            work = MigrationRun(migration, migration.confirmed())
            work.extract(work.start())
            people = People(migration, migration.confirmed(), {"main": work.ids("main")})
            return {person.key: dict(person.waiting) for person in people.missing()}

    return missing


def test_somebody_whom_records_refer_to_is_missed(missed):
    assert missed(LINK) == {"p1": {"crm.firm": 3}}


def test_somebody_of_whom_only_the_name_is_taken_needs_no_account(missed):
    assert missed(NAME_ONLY) == {}
