"""A run among active automations: refused, paused, killed, resumed, rolled back."""

import pytest
from core.tests.answers import faults
from core.tests.fake_destination import KilledError
from core.tests.toy_platforms import world

from crossdock.config import load_project
from crossdock.errors import RefusedError, UnreachableError
from crossdock.migration import Migration
from crossdock.run import MigrationRun, run_migration

PAUSED, KEPT = "Welcome mail", "Audit trail"


@pytest.fixture
def there(desk):
    """A destination with two automations, and a mapping that says nothing of them."""
    desk.prepare(confirmed=False)
    world.mend()
    world.destination.automations = {PAUSED: True, KEPT: True}
    return world.destination


def decide(desk, *, welcome="pause", audit="keep"):
    path = desk.folder / "mapping.yaml"
    entries = f"automations:\n  robot {PAUSED}: {welcome}\n  robot {KEPT}: {audit}\n"
    path.write_text(path.read_text().partition("automations:")[0] + entries)
    assert desk("map", "confirm", "--by", "Anna").code == 0


def states(desk):
    report = desk("report", json=True).json
    assert faults("report", report) == []
    return {a["name"]: a["state"] for a in report["automations"]}


def killed_in_the_load(desk):
    """A run that dies with the first batch, as a process does: nothing is caught."""
    calls = iter([None])
    real = world.destination.load

    def load(*arguments):
        if next(calls, "dead") is None:
            raise KilledError
        return real(*arguments)

    world.destination.load = load  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        desk("run")


# --- refused ----------------------------------------------------------------------------------


def test_a_run_is_refused_with_all_their_names_while_they_are_undecided(desk, there):
    desk("map", "confirm", "--by", "Anna")
    answer = desk("run")
    assert answer.code == 4
    assert f"robot {PAUSED}" in answer.err
    assert f"robot {KEPT}" in answer.err
    assert there.rows.get("firm", {}) == {}


def test_a_refused_run_leaves_no_run_behind(desk, there):
    desk("map", "confirm", "--by", "Anna")
    desk("run")
    assert desk("status", json=True).json == []


def test_provisioning_is_refused_too_but_not_its_dry_run(desk, there):
    desk("map", "confirm", "--by", "Anna")
    assert desk("provision").code == 4
    assert desk("provision", "--dry-run").code == 0


def test_the_check_names_those_that_are_undecided_and_passes(desk, there):
    decide(desk, audit="undecided")
    answer = desk("map", "check", json=True)
    assert answer.code == 0
    assert [p["message"] for p in answer.json["problems"] if p["path"] == "automations"] == [
        f"robot {KEPT}: undecided; write pause or keep, nothing is written before"
    ]


def test_one_that_appeared_while_the_source_was_read_stops_before_the_first_record(desk, there):
    decide(desk)
    with Migration(load_project(desk.folder)) as migration:
        work = MigrationRun(migration, migration.confirmed())
        run = work.start()
        work.extract(run)
        there.automations["Newcomer"] = True
        work.provision(run)
        with pytest.raises(RefusedError, match="robot Newcomer"):
            work.load(run)
    assert there.rows.get("firm", {}) == {}
    assert there.automations[PAUSED]


def test_a_decision_is_part_of_what_was_confirmed(desk, there):
    decide(desk)
    desk.edit(f"robot {KEPT}: keep", f"robot {KEPT}: pause")
    answer = desk("run")
    assert answer.code == 4
    assert "the mapping" in answer.err


def test_the_proposal_has_an_entry_for_each_active_one(desk, there):
    there.automations["Asleep"] = False
    assert desk("map", "propose", "--overwrite").code == 0
    text = (desk.folder / "mapping.yaml").read_text()
    assert f"robot {PAUSED}: undecided" in text
    assert "pause or keep?" in text
    assert "Asleep" not in text


@pytest.mark.parametrize("decision", ["pause", "keep"])
def test_the_proposal_can_decide_for_all(desk, there, decision):
    assert desk("map", "propose", "--overwrite", "--automations", decision).code == 0
    assert f"robot {KEPT}: {decision}" in (desk.folder / "mapping.yaml").read_text()


# --- paused and switched on again -------------------------------------------------------------


def test_a_paused_one_does_nothing_and_a_kept_one_does_all(desk, there):
    decide(desk)
    assert desk("run").code == 0
    assert dict(there.fired) == {KEPT: 7}


def test_at_the_end_both_are_on_and_the_report_says_what_was_done(desk, there):
    decide(desk)
    answer = desk("run", json=True)
    assert faults("run", answer.json) == []
    assert there.automations == {PAUSED: True, KEPT: True}
    assert states(desk) == {PAUSED: "on again", KEPT: "kept on"}
    assert f"robot {PAUSED}: on again" in desk("report").out


def test_what_is_not_active_stays_as_it_is(desk, there):
    decide(desk)
    there.automations[PAUSED] = False
    assert desk("run").code == 0
    assert there.automations[PAUSED] is False


def test_one_that_somebody_switched_on_meanwhile_is_left_alone_and_told(desk, there):
    decide(desk)
    with Migration(load_project(desk.folder)) as migration:
        work = MigrationRun(migration, migration.confirmed())
        run = work.start()
        work.extract(run)
        work.provision(run)
        work.load(run)
        there.automations[PAUSED] = True
        work.finish(run)
    assert states(desk)[PAUSED] == "left as found"
    assert "somebody switched it on" in desk("report").out


def test_one_that_does_not_go_on_again_is_in_the_verdict_and_tried_by_the_next_run(desk, there):
    decide(desk)
    there.stuck.add(PAUSED)
    first = desk("run", json=True)
    assert (first.code, states(desk)[PAUSED]) == (1, "still off")
    assert f"still switched off (robot {PAUSED})" in first.json["verdict"]
    there.stuck.clear()

    assert desk("run").code == 0

    assert there.automations[PAUSED] is True


# --- stopped ----------------------------------------------------------------------------------


def test_a_failed_gate_leaves_it_off_and_says_so(desk, there):
    decide(desk)
    there.shape = lambda value: f"{value}?" if isinstance(value, str) else value
    answer = desk("run")
    assert answer.code == 4
    assert f"Still switched off at the destination: robot {PAUSED}." in answer.err
    assert "crossdock rollback" in answer.err
    assert there.automations[PAUSED] is False
    assert states(desk)[PAUSED] == "paused"


def test_a_stopped_run_says_what_is_off(desk, there, monkeypatch):
    decide(desk)

    def load(*_):
        raise UnreachableError("beta does not answer.")

    monkeypatch.setattr(there, "load", load)
    answer = desk("run")
    assert answer.code == 3
    assert f"robot {PAUSED}" in answer.err


def test_a_killed_run_that_is_resumed_switches_it_on_at_its_end(desk, there):
    decide(desk)
    killed_in_the_load(desk)
    assert there.automations[PAUSED] is False

    assert desk("run").code == 0

    assert there.automations[PAUSED] is True
    assert dict(there.fired) == {KEPT: 7}


def test_a_run_killed_while_pausing_knows_what_it_was_about_to_switch_off(desk, there):
    decide(desk, audit="pause")
    calls = []

    def on_pause():
        calls.append(1)
        if len(calls) == 2:
            raise KilledError

    there.on_pause = on_pause
    with pytest.raises(KilledError):
        desk("run")
    assert there.automations == {PAUSED: False, KEPT: True}

    assert desk("rollback").code == 0

    assert there.automations == {PAUSED: True, KEPT: True}


def abandoned(desk, kind):
    """A run that was left as soon as it had switched off what is paused."""
    with Migration(load_project(desk.folder)) as migration:
        work = MigrationRun(migration, migration.confirmed())
        run = work.start(kind)
        work.pause(run)
    return run.id


def test_what_an_abandoned_run_left_off_is_switched_on_by_the_one_that_goes_on_with_it(desk, there):
    decide(desk)
    run = abandoned(desk, "run")
    assert there.automations[PAUSED] is False

    assert desk("run").code == 0

    assert there.automations[PAUSED] is True
    assert [(r["id"], r["state"]) for r in desk("status", json=True).json] == [(run, "done")]


def test_a_run_after_an_abandoned_one_of_another_kind_is_refused_until_that_is_undone(desk, there):
    decide(desk)
    sample = abandoned(desk, "sample")

    answer = desk("run")

    assert answer.code == 4
    assert f"run {sample} (sample) has not ended" in answer.err
    assert f"crossdock rollback --run {sample}" in answer.err
    assert (there.rows.get("firm", {}), there.automations[PAUSED]) == ({}, False)

    assert desk("rollback", "--run", sample).code == 0
    assert there.automations[PAUSED] is True
    assert desk("run").code == 0


# --- rolled back ------------------------------------------------------------------------------


def test_a_killed_run_that_is_rolled_back_leaves_everything_as_it_was(desk, there):
    before = there.state()
    decide(desk)
    killed_in_the_load(desk)

    answer = desk("rollback", json=True)

    assert answer.code == 0
    assert faults("rollback", answer.json) == []
    assert answer.json[0]["switched_on"] == [f"robot {PAUSED}"]
    assert (there.state(), there.automations) == (before, {PAUSED: True, KEPT: True})


def test_undoing_a_finished_run_sets_off_only_what_is_kept(desk, there):
    decide(desk)
    desk("run")
    there.fired.clear()

    assert desk("rollback").code == 0

    assert dict(there.fired) == {KEPT: 7}
    assert there.automations == {PAUSED: True, KEPT: True}


def test_a_rollback_is_refused_while_one_is_undecided_but_not_its_dry_run(desk, there):
    decide(desk)
    desk("run")
    there.automations["Newcomer"] = True
    assert desk("rollback").code == 4
    assert desk("rollback", "--dry-run").code == 0
    assert len(there.rows["firm"]) == 4


def test_a_dry_run_of_a_rollback_switches_nothing(desk, there):
    decide(desk)
    killed_in_the_load(desk)
    answer = desk("rollback", "--dry-run", json=True)
    assert answer.json[0]["switched_on"] == [f"robot {PAUSED}"]
    assert there.automations[PAUSED] is False


def test_one_that_was_deleted_meanwhile_is_told_by_the_rollback(desk, there):
    decide(desk)
    killed_in_the_load(desk)
    del there.automations[PAUSED]
    answer = desk("rollback", json=True)
    assert answer.code == 1
    assert answer.json[0]["kept"] == [[f"robot {PAUSED}", "somebody deleted it"]]


def test_a_rollback_that_was_refused_pauses_nothing(desk, there):
    decide(desk)
    with Migration(load_project(desk.folder)) as migration:
        first = run_migration(migration, migration.confirmed())
    world.person(8, 1)
    desk("run")
    assert desk("rollback", "--run", first.id).code == 4
    assert there.automations == {PAUSED: True, KEPT: True}


def test_a_dry_run_after_a_stopped_one_leaves_it_off(desk, there):
    decide(desk)
    killed_in_the_load(desk)
    assert desk("run", "--dry-run").code in (0, 1)
    assert there.automations[PAUSED] is False


def test_a_dry_run_needs_no_decision(desk, there):
    assert desk("run", "--dry-run").code in (0, 1)
    assert there.automations == {PAUSED: True, KEPT: True}
