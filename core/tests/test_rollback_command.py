"""The command `rollback`: what may be undone, and what it says of it."""

import json
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from core.tests.answers import faults
from core.tests.fake_destination import KilledError
from core.tests.toy_platforms import world

from crossdock.errors import RefusedError
from crossdock.ledger import Ledger
from crossdock.rollback.runs import told


@pytest.fixture
def loaded(desk):
    """A project whose first run is done: three firms, and a person of each."""
    desk.prepare()
    assert desk("run").code == 1
    return desk


def names(name="firm"):
    return sorted(row.values["name"] for row in world.destination.table(name).values())


def report(desk, run):
    return (desk.folder / "reports" / f"rollback-{run}.txt").read_text(encoding="utf-8")


def test_one_record_is_undone_and_the_next_run_loads_it_again(loaded):
    answer = loaded("rollback", "--record", "crm.person/p0", json=True)
    assert (answer.code, names("person")) == (0, ["Person 1", "Person 2"])
    assert faults("rollback", answer.json) == []
    assert answer.json[0]["objects"] == [{"object": "person", "deed": "destroyed", "count": 1}]
    assert answer.json[0]["proof"] == {"read": 1, "differing": []}
    loaded("run")
    assert names("person") == ["Person 0", "Person 1", "Person 2"]


def test_a_delta_loads_again_what_was_undone_although_it_did_not_change(desk):
    then = datetime(2026, 1, 1, tzinfo=UTC)
    world.source.asks_for_changes, world.source.clock = True, datetime(2026, 6, 1, tzinfo=UTC)
    for records in world.source.records.values():
        for key, record in list(records.items()):
            world.source.put(record.object_name, key, then, **record.values)
    desk.prepare()
    desk("run")
    desk("rollback", "--record", "crm.person/p0")
    desk("run", "--delta")
    assert world.source.asked_since[-1][1] is not None
    assert names("person") == ["Person 0", "Person 1", "Person 2"]


def test_one_object_is_undone_and_the_report_of_the_run_says_so(loaded):
    answer = loaded("rollback", "--object", "crm.person")
    assert (answer.code, names("person"), len(names())) == (0, [], 3)
    assert "3 of 3 undone, 0 kept, 0 failed" in answer.out
    assert "proved: 3 records read back, 0 differ" in answer.out
    told = loaded("report", json=True)
    assert (told.json["rolled_back"]["undone"], told.json["rolled_back"]["left"]) == (3, 3)
    assert faults("report", told.json) == []
    assert "Rolled back: 3 records, 0 schema changes; left: 3" in loaded("report").out


def test_a_record_that_others_refer_to_is_refused_with_4_and_nothing_is_written(loaded):
    there = world.destination.state()
    answer = loaded("rollback", "--record", "crm.firm/f0")
    assert (answer.code, answer.out) == (4, "")
    assert "main/crm.person/p0" in answer.err
    assert world.destination.state() == there


def test_a_preview_names_the_command_that_does_it(loaded):
    answer = loaded("rollback", "--record", "crm.firm/f0", "--with-later", "--dry-run")
    assert answer.code == 0
    assert "2 of 2 would be undone" in answer.out
    assert "--record crm.firm/f0 --with-later" in answer.out.splitlines()[-1]
    assert not list((loaded.folder / "reports").glob("rollback-*"))


def test_the_commands_that_go_on_name_the_destination_that_was_named(desk):
    desk.prepare()
    elsewhere = "destinations:\n  rehearsal:\n    platform: beta\n    url: http://toy.example\n\noptions:"
    desk.edit("options:", elsewhere, "crossdock.yaml")
    desk("map", "confirm", "--by", "Anna", "--to", "rehearsal")
    desk("run", "--to", "rehearsal")
    planned = desk("rollback", "--record", "crm.person/p0", "--to", "rehearsal", "--dry-run", json=True)
    [next_one] = planned.json[0]["next"]
    assert next_one.endswith(" --record crm.person/p0 --to rehearsal")
    assert desk(*next_one.split()[1:]).code == 0
    assert names("person") == ["Person 1", "Person 2"]
    done = desk("rollback", "--to", "rehearsal", json=True)
    assert done.json[0]["next"] == ["crossdock run --to rehearsal loads again what was undone"]


def test_nobody_else_writes_here_until_it_was_said_what_was_undone(loaded, monkeypatch):
    seen = []

    def looked(migration):
        other = Ledger(f"sqlite:///{loaded.folder}/.crossdock/ledger.db")
        with closing(other), pytest.raises(RefusedError):
            other.hold()
        seen.append(migration)
        told(migration)

    monkeypatch.setattr("crossdock.rollback.runs.told", looked)
    assert loaded("rollback").code == 0
    assert len(seen) == 1


def test_what_people_edited_is_shown_with_both_values_and_filed(loaded):
    row = next(r for r in world.destination.table("firm").values() if r.values["name"] == "Firm 0")
    row.values["city"] = "Tver"
    answer = loaded("rollback")
    [run] = [r["id"] for r in loaded("status", json=True).json]
    assert answer.code == 1
    assert "    city: Kazan -> Tver" in answer.out
    assert "    city: Kazan -> Tver" in report(loaded, run)
    filed = json.loads((loaded.folder / "reports" / f"rollback-{run}.json").read_text(encoding="utf-8"))
    assert filed["edits"][0]["now"] == "Tver"
    assert "kept: main/crm.firm/f0: edited there since: city" in loaded("report").out


def test_what_is_not_as_before_is_found_and_ends_with_1(loaded, monkeypatch):
    whole, first = world.destination._undo_record, list[Any]()

    def lies_once(entry, dry_run):
        if dry_run or first:
            return whole(entry, dry_run)
        first.append(entry.target_id)
        return type(whole(entry, True)).UPDATED

    monkeypatch.setattr(world.destination, "_undo_record", lies_once)
    answer = loaded("rollback", json=True)
    assert answer.code == 1
    assert [f["note"] for f in answer.json[0]["proof"]["differing"]] == ["it is there"]
    assert faults("rollback", answer.json) == []
    told = loaded("report", json=True).json
    assert [(f["kind"], f["count"]) for f in told["findings"] if "before" in f["kind"]] == [
        ("differs from before", 1)
    ]


def test_a_rollback_that_was_killed_says_how_much_was_undone_before(loaded, monkeypatch):
    whole = world.destination._undo_change

    def dies(_change, _dry_run):
        raise KilledError

    monkeypatch.setattr(world.destination, "_undo_change", dies)
    with pytest.raises(KilledError):
        loaded("rollback")
    monkeypatch.setattr(world.destination, "_undo_change", whole)
    answer = loaded("rollback", json=True)
    assert answer.code == 0
    assert (answer.json[0]["total"], answer.json[0]["earlier"]) == (1, 6)
    assert answer.json[0]["proof"]["read"] == 7


def test_a_name_that_nothing_is_known_of_ends_with_2(loaded):
    assert loaded("rollback", "--record", "crm.firm/none").code == 2
    assert loaded("rollback", "--object", "none").code == 2


def test_the_help_says_that_what_is_undone_is_loaded_again(desk):
    said = " ".join(desk.bare("rollback", "--help").out.split())
    assert "the next run loads it again" in said
    assert "--record companies/1042 --with-later" in said
