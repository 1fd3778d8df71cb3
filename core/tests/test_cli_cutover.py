"""The cutover from the command line."""

from pathlib import Path

import pytest
from core.tests.answers import faults
from core.tests.toy_platforms import world

from crossdock.reconcile.project import verify_migration

STATES = ("loaded", "freeze", "delta", "reconcile", "spot")


@pytest.fixture
def loaded(desk):
    """A project whose every record was loaded."""
    world.mend()
    desk.prepare()
    assert desk("run").code == 0
    return desk


def steps(answer):
    return {step["name"]: step for step in answer.json["steps"]}


def test_before_anything_is_loaded_it_says_so(desk):
    desk.prepare()
    answer = desk("cutover", json=True)
    assert answer.code == 1
    assert steps(answer)["loaded"]["state"] == "failed"
    assert "crossdock run" in answer.json["next"]


def test_it_waits_for_a_person_to_say_that_the_source_is_frozen(loaded):
    answer = loaded("cutover", json=True)
    assert answer.code == 1
    assert steps(answer)["freeze"]["state"] == "waits for a person"
    assert "--frozen-by" in answer.json["next"]


def test_after_the_freeze_the_last_changes_arrive_and_records_are_drawn(loaded):
    world.person(9, 1)
    answer = loaded("cutover", "--frozen-by", "Anna", json=True)
    assert [steps(answer)[name]["state"] for name in STATES] == [*["passed"] * 4, "waits for a person"]
    assert any(row.values["name"] == "Person 9" for row in world.destination.table("person").values())
    assert Path(answer.json["sheet"]).exists()


def test_it_is_done_when_somebody_compared_the_drawn_records(loaded):
    loaded("cutover", "--frozen-by", "Anna")
    answer = loaded("cutover", "--checked-by", "Ivan", json=True)
    assert (answer.code, answer.json["done"], answer.json["next"]) == (0, True, "")
    assert faults("cutover", answer.json) == []


def test_the_result_is_filed_for_people(loaded):
    loaded("cutover", "--frozen-by", "Anna")
    answer = loaded("cutover", "--checked-by", "Ivan")
    page = (loaded.folder / "reports" / "cutover.html").read_text(encoding="utf-8")
    assert "said by Anna" in page
    assert "said by Ivan" in page
    assert "Done: people may work at the destination." in page
    assert "Done: people may work" in answer.out


def test_a_change_at_the_source_during_the_comparison_thaws_the_freeze(loaded, monkeypatch):
    def verify(*arguments):
        world.person(9, 1)
        return verify_migration(*arguments)

    monkeypatch.setattr("crossdock.cutover.steps.verify_migration", verify)
    answer = loaded("cutover", "--frozen-by", "Anna", json=True)
    assert steps(answer)["reconcile"]["state"] == "failed"
    assert (steps(answer)["freeze"]["state"], steps(answer)["delta"]["state"]) == ("open", "open")
    assert "did not hold" in steps(answer)["reconcile"]["note"]


def test_what_differs_has_to_be_accepted_by_name(loaded):
    next(iter(world.destination.table("person").values())).values["email"] = "edited@f.example"
    first = loaded("cutover", "--frozen-by", "Anna", json=True)
    second = loaded("cutover", "--accept", "Olga", json=True)
    assert steps(first)["reconcile"]["state"] == "failed"
    assert (steps(second)["reconcile"]["state"], steps(second)["reconcile"]["by"]) == ("passed", "Olga")


def test_a_new_checklist_can_be_begun(loaded):
    loaded("cutover", "--frozen-by", "Anna")
    answer = loaded("cutover", "--restart", json=True)
    assert steps(answer)["freeze"]["state"] == "waits for a person"
