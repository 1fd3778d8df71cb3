"""The commands that move and undo."""

import csv
import json

import pytest
from core.tests.answers import faults
from core.tests.fake_destination import Fault, KilledError
from core.tests.toy_platforms import world


@pytest.fixture
def loaded(desk):
    """A project whose first run is done; one firm was rejected."""
    desk.prepare()
    assert desk("run").code == 1
    return desk


def rows(name):
    return list(world.destination.table(name).values())


def test_a_plan_shows_phases_requests_and_time(desk):
    desk.prepare(confirmed=False)
    answer, plan = desk("plan"), desk("plan", json=True).json
    assert answer.code == 0
    assert "crm.firm>firm" in answer.out
    assert plan["estimate"] in answer.out
    assert [phase["name"] for phase in plan["phases"]] == ["crm.firm>firm", "crm.person>person"]


def test_a_plan_says_what_the_source_does_not_count(desk):
    from dataclasses import replace

    desk.prepare(confirmed=False)
    world.source.schemas = (replace(world.source.schemas[0], count=None), world.source.schemas[1])
    assert "crm.firm>firm" in desk("plan").out.partition("requests of")[2]


def test_a_dry_run_of_provision_says_what_would_be_made_and_makes_nothing(desk):
    desk.prepare(confirmed=False)
    before = world.destination.state()

    answer, changes = desk("provision", "--dry-run"), desk("provision", "--dry-run", json=True)

    assert answer.code == 0
    assert "field:firm.motto" in answer.out
    assert [change["key"] for change in changes.json] == ["field:firm.motto"]
    assert world.destination.state() == before


def test_provision_makes_what_its_dry_run_said(desk):
    desk.prepare()
    announced = desk("provision", "--dry-run", json=True).json

    answer = desk("provision")

    assert answer.code == 0
    assert "field:firm.motto" in answer.out
    assert world.destination.schemas["firm"].field("motto")
    assert desk("provision", json=True).json == announced


def test_what_was_provisioned_does_not_ask_for_a_new_confirmation(desk):
    desk.prepare()
    desk("provision")
    assert desk("map", "diff").code == 0


def test_a_run_that_leaves_something_behind_says_so(desk):
    desk.prepare()

    answer = desk("run")

    assert answer.code == 1
    assert "Not everything arrived" in answer.out
    assert "next: " in answer.out
    assert (len(rows("firm")), len(rows("person"))) == (3, 3)
    assert list((desk.folder / "reports").glob("run-*.txt"))


def test_a_run_in_which_everything_arrives_ends_with_0(desk):
    world.mend()
    desk.prepare()
    answer = desk("run", json=True)
    assert (answer.code, answer.json["verdict"]) == (0, "Everything arrived.")


def test_a_second_run_repeats_nothing(loaded):
    before = world.destination.state()

    answer = loaded("run", json=True)

    assert answer.code == 1
    assert answer.json["totals"]["destination"] == {"unchanged": 6}
    assert world.destination.state() == before


def test_a_run_that_was_killed_goes_on_with_the_same_command(desk):
    world.mend()
    desk.prepare()
    world.destination.faults.extend([Fault.NONE, Fault.KILLED_AFTER])
    with pytest.raises(KilledError):
        desk("run")

    answer = desk("run", json=True)

    assert answer.code == 0
    assert [len(rows("firm")), len(rows("person"))] == [4, 3]
    assert set(world.destination.made.values()) == {1}
    assert len(desk("status", json=True).json) == 1


def test_a_phase_that_fails_its_gate_stops_the_run(desk):
    desk.prepare()
    world.destination.shape = lambda value: f"{value}?" if isinstance(value, str) else value

    answer = desk("run", json=True)

    assert (answer.code, answer.out) == (4, "")
    assert "crm.firm>firm" in answer.err
    assert not rows("person")
    assert "has not ended" in desk("report").out


def test_a_reconciliation_without_findings_ends_with_0(loaded):
    answer, report = loaded("reconcile"), loaded("reconcile", json=True)
    assert answer.code == report.code == 0
    assert "crm.firm>firm" in answer.out
    assert [route["whole"] for route in report.json["routes"][:2]] == [3, 3]


def test_a_reconciliation_finds_an_edit(loaded):
    rows("person")[0].values["email"] = "other@f.example"

    answer, report = loaded("reconcile"), loaded("reconcile", json=True)

    assert answer.code == report.code == 1
    assert "person" in answer.out
    assert report.json["first_findings"][0]["field"] == "email"
    assert report.json["first_findings"][0]["actual"] == "other@f.example"


def test_the_report_of_a_reconciliation_keeps_what_it_compared(loaded):
    compared = loaded("reconcile", "--spot", "2", json=True).json

    again = loaded("report", "--run", compared["run"]["id"], json=True).json

    assert faults("report", again) == []
    assert {key: again[key] for key in compared if key != "audit"} == {
        key: value for key, value in compared.items() if key != "audit"
    }


def test_a_reconciliation_needs_something_that_was_loaded(desk):
    desk.prepare()
    answer = desk("reconcile")
    assert answer.code == 2
    assert "crossdock run" in answer.err


def test_a_dry_run_of_rollback_undoes_nothing(loaded):
    before = world.destination.state()

    answer, report = loaded("rollback", "--dry-run"), loaded("rollback", "--dry-run", json=True)

    assert answer.code == report.code == 0
    assert "would be" in answer.out
    assert report.json[0]["undone"] == 7
    assert world.destination.state() == before


def test_a_rollback_puts_back_what_was_there(desk):
    desk.prepare()
    before = world.destination.state()
    desk("run")

    answer = desk("rollback")

    assert answer.code == 0
    assert world.destination.state()["schemas"] == before["schemas"]
    assert not rows("firm") + rows("person")
    assert "rolled back" in desk("report").out


def test_a_rollback_keeps_what_was_edited(loaded):
    rows("person")[0].values["email"] = "other@f.example"

    answer = loaded("rollback")

    assert answer.code == 1
    assert "kept" in answer.out
    assert rows("person")


def test_a_rollback_by_force_asks_for_a_confirmed_mapping(loaded):
    rows("person")[0].values["email"] = "other@f.example"
    loaded.edit("city: city, ", "")

    refused = loaded("rollback", "--force")
    assert refused.code == 4

    loaded("map", "confirm", "--by", "Anna")
    assert loaded("rollback", "--force").code == 0
    assert not rows("person")


def test_an_earlier_run_is_undone_only_with_the_later_ones(loaded):
    world.mend()
    loaded("run")
    first, second = (run["id"] for run in loaded("status", json=True).json)

    refused = loaded("rollback", "--run", first)
    answer = loaded("rollback", "--run", first, "--with-later", json=True)

    assert refused.code == 4
    assert second in refused.err
    assert [row["run"] for row in answer.json] == [second, first]
    assert not rows("firm")


def test_an_unknown_run_is_named_with_the_known_ones(loaded):
    known = loaded("status", json=True).json[0]["id"]
    for command in ("rollback", "report"):
        answer = loaded(command, "--run", "nope")
        assert answer.code == 2
        assert "nope" in answer.err
        assert known in answer.err


@pytest.mark.parametrize("command", ["report", "rollback"])
def test_before_the_first_run_there_is_nothing_to_report_or_undo(desk, command):
    desk.prepare()
    assert desk(command).code == 2


def test_the_status_of_a_new_project_is_empty(desk):
    desk.prepare()
    assert desk("status").code == 0
    assert desk("status", json=True).json == []


def test_status_lists_the_runs(loaded):
    loaded("reconcile")
    answer, runs = loaded("status"), loaded("status", json=True).json
    assert [run["kind"] for run in runs] == ["run", "reconcile"]
    assert all(run["id"] in answer.out for run in runs)


def test_a_report_of_an_earlier_run_is_written_again(loaded):
    loaded("reconcile")
    run = loaded("status", json=True).json[0]["id"]

    answer, report = loaded("report", "--run", run), loaded("report", "--run", run, json=True)

    assert answer.code == report.code == 0
    assert run in answer.out
    kept = json.loads((loaded.folder / "reports" / f"run-{run}.json").read_text())
    assert kept == report.json


def test_status_and_report_need_no_platform(loaded):
    world.seen.clear()
    assert loaded("status").code == loaded("report").code == 0
    assert world.seen == []


def test_a_rehearsal_has_a_confirmation_and_a_ledger_of_its_own(desk):
    desk.prepare()
    extra = "destinations:\n  rehearsal:\n    platform: beta\n    url: http://toy.example\n\noptions:"
    desk.edit("options:", extra, "crossdock.yaml")

    answer = desk("run", "--to", "rehearsal")

    assert answer.code == 4
    assert desk("run", "--to", "nowhere").code == 2


def test_a_decision_in_a_queue_is_honoured_by_the_next_run(desk):
    world.mend()
    world.source.put("crm.firm", "f4", title="Firm 4", site="f1.example", city=None, motto=None)
    desk.prepare()
    first = desk("run", json=True)
    path = desk.folder / "queues" / "duplicates.csv"
    head, *lines = csv.reader(path.read_text().splitlines())
    decisions = {"f1": "load", "f4": "skip"}
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *([*line[:4], decisions[line[2]]] for line in lines)])

    second = desk("run", json=True)

    assert first.json["queues"] == {"duplicates": 2, "references": 1}
    assert first.json["totals"]["source"] == {"held": 3, "loaded": 5}
    assert second.json["totals"]["source"] == {"unchanged": 5, "loaded": 2, "skipped": 1}
    assert second.code == 0
