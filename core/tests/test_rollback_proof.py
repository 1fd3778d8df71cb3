"""What was undone is read back and compared with what was there before."""

import pytest
from core.tests.company import firm, firm_route, person
from core.tests.fake_destination import KilledError, text

from crossdock.ledger import RunState
from crossdock.model import FindingKind, ObjectSchema, Outcome
from crossdock.rollback.account import account_of, as_text
from crossdock.rollback.proof import Prover
from crossdock.rollback.results import Proof
from crossdock.rolledback import rolled_back, summary_lines
from crossdock.values import Reference

DIFFERS = FindingKind.DIFFERS_FROM_BEFORE


@pytest.fixture
def updated(company):
    """A run that made one firm and wrote to one that was there."""
    company.routes = [firm_route(match=["domain"])]
    company.destination.add("firm", "old", name="Old", domain="a.test", city="Perm")
    company.stage(firm("1", domain="a.test", city="Omsk"), firm("2"))
    company.run = company.load()
    return company


def found(company, result):
    """The findings of the proof, as the ledger has them: field, before, now, note."""
    kept = [f for f in company.ledger.findings.of_run(company.run) if f.kind is DIFFERS]
    assert len(kept) == len(result.differing)
    return [(f.field_name, f.expected, f.actual, f.note) for f in kept]


def lying(monkeypatch, company, lie):
    """A destination that says it undid what it did not."""
    whole = company.destination._undo_record
    monkeypatch.setattr(
        company.destination,
        "_undo_record",
        lambda entry, dry_run: whole(entry, dry_run) if dry_run else lie(entry, whole),
    )


def test_what_was_undone_is_as_before(updated):
    result = updated.rollback(updated.run)
    assert (result.proof.read, result.differing, result.complete) == (2, [], True)


def test_a_created_record_that_is_still_there_is_found(updated, monkeypatch):
    def lie(entry, whole):
        return Outcome.UPDATED if entry.outcome is Outcome.CREATED else whole(entry, False)

    lying(monkeypatch, updated, lie)
    result = updated.rollback(updated.run)
    assert found(updated, result) == [("", "", "", "it is there")]
    assert not result.complete


def test_a_created_record_that_is_only_in_the_trash_is_found(updated, monkeypatch):
    def lie(entry, whole):
        if entry.outcome is not Outcome.CREATED:
            return whole(entry, False)
        updated.destination.table("firm")[entry.target_id].trashed = True
        return Outcome.UPDATED

    lying(monkeypatch, updated, lie)
    assert found(updated, updated.rollback(updated.run)) == [("", "", "", "it lies in the trash")]


def test_a_field_that_was_not_restored_is_found_with_both_values(updated, monkeypatch):
    def lie(entry, whole):
        outcome = whole(entry, False)
        if entry.target_id == "old":
            updated.destination.table("firm")["old"].values["city"] = "Tver"
        return outcome

    lying(monkeypatch, updated, lie)
    assert found(updated, updated.rollback(updated.run)) == [("city", "Perm", "Tver", "")]


def test_schema_that_is_still_there_is_found(updated, monkeypatch):
    wanted = [ObjectSchema("firm", (text("inn", custom=True),))]
    updated.ledger.changes.plan(updated.run, list(updated.destination.provision(wanted, False)))
    whole = updated.destination._undo_change
    monkeypatch.setattr(
        updated.destination,
        "_undo_change",
        lambda change, dry_run: whole(change, dry_run) if dry_run else Outcome.UPDATED,
    )
    assert found(updated, updated.rollback(updated.run)) == [("", "", "", "field:firm.inn is there")]


def test_a_field_that_two_entries_wrote_is_held_against_the_first(company):
    company.routes = [firm_route(match=["domain"])]
    company.destination.add("firm", "old", name="Old", domain="a.test")
    company.stage(firm("1", domain="a.test", parent=Reference("src.firms", "2")), firm("2"))
    company.run = company.load()
    assert found(company, company.rollback(company.run)) == []


def test_what_people_edited_and_was_kept_does_not_differ(updated):
    updated.destination.table("firm")["old"].values["city"] = "Tver"
    result = updated.rollback(updated.run)
    assert (len(result.kept), result.differing) == (1, [])


def test_a_rollback_that_goes_on_proves_all_of_the_run(updated, monkeypatch):
    whole, calls = updated.destination._undo_record, iter([1])

    def killed(entry, dry_run):
        if not dry_run and next(calls, None) is None:
            raise KilledError
        return whole(entry, dry_run)

    monkeypatch.setattr("crossdock.rollback.undo.receipts", one_by_one)
    monkeypatch.setattr("crossdock.ledger.backwards.Backwards.to_undo", in_ones(updated))
    monkeypatch.setattr(updated.destination, "_undo_record", killed)
    with pytest.raises(KilledError):
        updated.rollback(updated.run)
    monkeypatch.undo()
    updated.reopen()

    result = updated.rollback(updated.run)

    assert (result.undone, result.earlier, result.proof.read) == (1, 1, 2)


def one_by_one(destination, entries, *, dry_run):
    from crossdock.rollback.undoing import receipts

    return {n: r for e in entries for n, r in receipts(destination, [e], dry_run=dry_run).items()}


def in_ones(company):
    whole = type(company.ledger.backwards).to_undo

    def to_undo(self, run, size=200, among=None):
        return whole(self, run, 1, among)

    return to_undo


def test_what_was_proven_once_is_not_read_again(updated):
    updated.destination.undeletable.add(updated.target_id("2"))
    first = updated.rollback(updated.run)
    updated.destination.table("firm")["old"].values["city"] = "edited since"
    updated.destination.undeletable.clear()
    second = updated.rollback(updated.run)
    assert (first.proof.read, second.proof.read, second.differing) == (1, 1, [])


def test_what_differed_is_read_again_by_the_next_start(updated, monkeypatch):
    lying(monkeypatch, updated, lambda _entry, _whole: Outcome.UPDATED)
    assert len(updated.rollback(updated.run).differing) == 3
    monkeypatch.undo()
    updated.destination.rows["firm"] = {}
    again = updated.rollback(updated.run)
    assert (again.undone, [f.note for f in again.differing]) == (0, [])


def test_what_a_later_run_loaded_again_is_left_out(updated):
    updated.rollback(updated.run)
    updated.load()
    proof = Proof()
    Prover(updated.ledger, updated.destination, updated.destination.discover()).records(updated.run, proof)
    assert (proof.read, proof.differing) == (0, [])


def test_the_account_names_what_was_edited_with_both_values(updated):
    updated.destination.table("firm")["old"].values["city"] = "Tver"
    result = updated.rollback(updated.run)
    answer = account_of(updated.run, result, dry_run=False)
    text_ = as_text(answer)
    assert answer["edits"] == [
        {
            "record": "acme/src.firms/1",
            "object": "firm",
            "target_id": "old",
            "field": "city",
            "was": "Omsk",
            "now": "Tver",
        }
    ]
    assert f"run {updated.run.id}: 1 of 2 undone, 1 kept, 0 failed" in text_
    assert "  kept: acme/src.firms/1: edited there since: city\n    city: Omsk -> Tver\n" in text_
    assert "proved: 1 records read back, 0 differ" in text_
    assert f"crossdock rollback --run {updated.run.id} --force" in text_


def test_what_something_else_uses_is_kept_and_can_be_tried_again(updated, monkeypatch):
    whole = updated.destination.rollback

    def used(entries, dry_run):
        for receipt in whole(entries, dry_run):
            yield type(receipt)(receipt.origin, Outcome.FAILED, receipt.target_id, ("kept: 2 tasks",))

    monkeypatch.setattr(updated.destination, "rollback", used)
    result = updated.rollback(updated.run)
    assert result.kept == [("acme/src.firms/2", "2 tasks"), ("acme/src.firms/1", "2 tasks")]
    assert (result.failed, result.in_use) == ([], 2)
    monkeypatch.undo()
    assert updated.ledger.runs.all()[0].state is RunState.DONE
    assert updated.rollback(updated.run).undone == 2


def test_the_ledger_keeps_what_became_of_it_without_values(updated):
    updated.destination.table("firm")["old"].values["city"] = "Secret town"
    updated.rollback(updated.run)
    known = rolled_back(updated.ledger, updated.run)
    assert (known["undone"], known["left"], known["kept"], known["read"], known["differing"]) == (
        1,
        1,
        1,
        1,
        0,
    )
    assert "Secret town" not in str(updated.ledger.runs.option(updated.run, "rollback"))
    assert "  kept: acme/src.firms/1: edited there since: city" in summary_lines(known or {})


def test_a_run_of_which_nothing_was_undone_has_no_account(updated):
    assert rolled_back(updated.ledger, updated.run) is None


def test_reading_back_is_told_with_how_much_there_is(company):
    from crossdock.rollback.undo import Rollback

    told = []
    company.stage(firm("1"), person("7"))
    run = company.load()
    Rollback(
        company.ledger,
        company.destination,
        company.destination.discover(),
        on_proof=lambda *more: told.append(more),
    ).undo(run)
    assert told == [(2, 2)]
