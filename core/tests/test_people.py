"""The list of people to be invited."""

import csv

from crossdock.people.missing import MissingPerson, write_invitations

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
