"""The checklist of the cutover."""

import pytest

from crossdock.cutover.checklist import Cutover, Proof, Said, StepState, Work, read_cutover, write_cutover
from crossdock.errors import ConfigError, StorageError

GOOD = Proof(True, "", "r1")


class Hands:
    """What the steps come to, and what was called."""

    def __init__(self, **proofs):
        self.called = []
        self.proofs = {"loaded": GOOD, "delta": GOOD, "reconcile": GOOD} | proofs
        self.kept = 0

    def _call(self, name):
        def call():
            self.called.append(name)
            return self.proofs[name]

        return call

    def advance(self, cutover, **said):
        work = Work(self._call("loaded"), self._call("delta"), self._call("reconcile"))
        cutover.advance(work, Said(**said), self._keep)
        return states(cutover)

    def _keep(self, _cutover):
        self.kept += 1


def states(cutover):
    return {step.name: step.state for step in cutover.steps}


def step(cutover, name):
    return next(s for s in cutover.steps if s.name == name)


def test_nothing_is_loaded_before_somebody_says_that_the_source_is_frozen():
    cutover, hands = Cutover(), Hands()
    found = hands.advance(cutover)
    assert found["freeze"] is StepState.WAITING
    assert hands.called == ["loaded"]
    assert "--frozen-by" in cutover.as_data()["next"]


def test_after_the_freeze_the_last_changes_are_loaded_and_everything_is_compared():
    cutover, hands = Cutover(), Hands()
    found = hands.advance(cutover, frozen="Anna")
    assert hands.called == ["loaded", "delta", "reconcile"]
    assert found["spot"] is StepState.WAITING
    assert step(cutover, "freeze").by == "Anna"


def test_it_is_done_when_a_person_compared_the_drawn_records():
    cutover, hands = Cutover(), Hands()
    hands.advance(cutover, frozen="Anna")
    hands.advance(cutover, checked="Ivan")
    assert cutover.done
    assert step(cutover, "spot").by == "Ivan"
    assert hands.called == ["loaded", "delta", "reconcile"]


def test_nobody_can_have_compared_records_that_are_drawn_only_now():
    cutover, hands = Cutover(), Hands()
    found = hands.advance(cutover, frozen="Anna", checked="Ivan")
    assert found["spot"] is StepState.WAITING


@pytest.mark.parametrize("name", ["loaded", "delta", "reconcile"])
def test_a_step_that_fails_stops_the_checklist_and_is_tried_again(name):
    cutover, hands = Cutover(), Hands(**{name: Proof(False, "2 records differ", "r2")})
    assert hands.advance(cutover, frozen="Anna")[name] is StepState.FAILED
    hands.proofs[name] = GOOD
    assert hands.advance(cutover, frozen="Anna")[name] is StepState.PASSED


@pytest.mark.parametrize("name", ["delta", "reconcile"])
def test_findings_pass_when_a_person_accepts_them_by_name(name):
    cutover, hands = Cutover(), Hands(**{name: Proof(False, "2 records differ", "r2")})
    assert hands.advance(cutover, frozen="Anna", accepted="Olga")[name] is StepState.FAILED
    assert "--accept NAME" in cutover.as_data()["next"]
    found = hands.advance(cutover, accepted="Olga")
    assert found[name] is StepState.PASSED
    assert (step(cutover, name).by, step(cutover, name).note) == ("Olga", "2 records differ")


def test_what_nobody_has_seen_yet_cannot_be_accepted():
    cutover, hands = Cutover(), Hands(delta=Proof(False, "1 held"), reconcile=Proof(False, "2 differ"))
    hands.advance(cutover, frozen="Anna")
    found = hands.advance(cutover, accepted="Olga")
    assert (found["delta"], found["reconcile"]) == (StepState.PASSED, StepState.FAILED)


def test_more_than_was_seen_cannot_be_accepted():
    cutover, hands = Cutover(), Hands(reconcile=Proof(False, "2 differ"))
    hands.advance(cutover, frozen="Anna")
    hands.proofs["reconcile"] = Proof(False, "9 differ")
    assert hands.advance(cutover, accepted="Olga")["reconcile"] is StepState.FAILED


def test_a_run_that_was_not_loaded_cannot_be_accepted():
    cutover, hands = Cutover(), Hands(loaded=Proof(False, "nothing was loaded"))
    assert hands.advance(cutover, accepted="Olga")["loaded"] is StepState.FAILED


def test_a_freeze_that_did_not_hold_has_to_be_said_again_and_the_changes_loaded():
    cutover = Cutover()
    hands = Hands(reconcile=Proof(False, "1 record was changed at the source", "r2", thawed=True))
    found = hands.advance(cutover, frozen="Anna", accepted="Olga")
    assert (found["freeze"], found["delta"]) == (StepState.OPEN, StepState.OPEN)
    assert found["reconcile"] is StepState.FAILED
    hands.proofs["reconcile"] = GOOD
    assert hands.advance(cutover, frozen="Anna")["reconcile"] is StepState.PASSED
    assert hands.called.count("delta") == 2


def test_the_checklist_is_filed_after_each_step():
    cutover, hands = Cutover(), Hands()
    hands.advance(cutover, frozen="Anna")
    assert hands.kept == 5


def test_it_goes_on_where_it_was_filed(tmp_path):
    path = tmp_path / "state" / "cutover.json"
    cutover, hands = Cutover(), Hands()
    hands.advance(cutover, frozen="Anna")
    write_cutover(path, cutover)
    again = read_cutover(path)
    hands.advance(again, checked="Ivan")
    assert again.done
    assert hands.called == ["loaded", "delta", "reconcile"]


def test_without_a_file_it_begins(tmp_path):
    assert states(read_cutover(tmp_path / "cutover.json")) == dict.fromkeys(states(Cutover()), StepState.OPEN)


@pytest.mark.parametrize("content", ["", "[]", '{"started": ""}', '{"started": "", "steps": [{"name": 1}]}'])
def test_a_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "cutover.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"cutover\.json"):
        read_cutover(path)


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    with pytest.raises(StorageError):
        write_cutover(tmp_path / "state" / "cutover.json", Cutover())
