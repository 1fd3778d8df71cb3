"""Undoes one run, or some of it, backwards: newest entry first, then the schema that it had made.

Every entry ends in one of three buckets: undone, kept (because someone edited the record since, or because
something else uses it), failed with the platform's reason. Undone entries are marked at once, so a killed
rollback goes on where it was. At the end what was undone is read back: see `crossdock.rollback.proof`.
"""

from collections.abc import Callable, Sequence
from itertools import groupby

from crossdock.automations.pausing import switch_on
from crossdock.errors import RefusedError
from crossdock.ledger import ACCOUNT, Among, Entry, Ledger, Run, RunState
from crossdock.ledger.changes import UNDONE as GONE
from crossdock.model import Action, Catalog, Change, ChangeKind, FindingKind, Receipt
from crossdock.rollback.edits import Edits
from crossdock.rollback.proof import Prover
from crossdock.rollback.results import REMOVED, SCHEMA, Proof, RollbackResult, deed
from crossdock.rollback.undoing import UNDONE, Undoer, as_changes, receipts

__all__ = ["KEPT", "Rollback", "RollbackResult", "Undoer"]

KEPT = "kept: "
"""How a destination's reason begins for what stays because something else uses it."""
_LISTED = 200


def _silent(_more: int, _total: int) -> None:
    """No progress."""


class Rollback:
    """Rolls back runs of one ledger at one destination.

    `on_progress` is told how many more entries were looked at, and of how many, as long as it undoes;
    `on_proof` the same of what is read back.
    """

    def __init__(
        self,
        ledger: Ledger,
        destination: Undoer,
        catalog: Catalog,
        *,
        on_progress: Callable[[int, int], None] = _silent,
        on_proof: Callable[[int, int], None] = _silent,
    ) -> None:
        self._ledger = ledger
        self._destination = destination
        self._catalog = catalog
        self._edits = Edits(ledger, destination, catalog)
        self._on_progress = on_progress
        self._on_proof = on_proof

    def later_runs(self, run: Run, among: Among | None = None) -> list[Run]:
        """Runs after this one that still have something to undo (among what is asked for)."""
        later = [
            other
            for other in self._ledger.runs.all()
            if other.n > run.n
            and other.destination == run.destination
            and other.state is not RunState.ROLLED_BACK  # what it kept is the customer's now
        ]
        return [other for other in later if self.has_entries(other, among)]

    def has_entries(self, run: Run, among: Among | None = None) -> bool:
        """Whether a run has something to undo (among what is asked for)."""
        if self._ledger.backwards.has_any(run, among):
            return True
        return among is None and bool(self._ledger.changes.to_undo(run))

    def undo(
        self,
        run: Run,
        *,
        dry_run: bool = False,
        force: bool = False,
        after: Sequence[Run] = (),
        among: Among | None = None,
    ) -> RollbackResult:
        """Undo a run, or what of it is `among`. Raises RefusedError if a later run built upon it that is
        not in `after`, and for a part of a run that has not ended.

        `force` also undoes records that somebody edited since. With `dry_run` nothing is written; `after`
        are runs that would be undone before this one.
        """
        self._require(run, after, among)
        to_undo, earlier = self._ledger.backwards.counts(run, among)
        result = RollbackResult(total=to_undo + len(self._schema(run, among)), earlier=earlier)
        proven = self._proven(run)
        if proven:
            result.read_before = (self._ledger.runs.option(run, ACCOUNT) or {}).get("records_read", 0)
        for entries in self._ledger.backwards.to_undo(run, among=among):
            for name, group in groupby(entries, key=lambda entry: entry.link.target_object):
                self._undo_entries(name, list(group), result, dry_run=dry_run, force=force)
        if not dry_run:
            # Before the schema goes: with an object all of its records are gone, whatever had become of them.
            self._prove(run, result, proven=proven)
        self._undo_changes(run, result, dry_run=dry_run, among=among)
        self._switch_on(run, result, dry_run=dry_run)  # last: nothing that is undone sets anything off
        if not dry_run:
            self._end(run, result, among)
        return result

    def _require(self, run: Run, after: Sequence[Run], among: Among | None) -> None:
        if later := [other for other in self.later_runs(run, among) if other not in after]:
            names = ", ".join(other.id for other in later)
            raise RefusedError(
                f"run {run.id} cannot be rolled back: later runs built upon it ({names}).",
                hint="Roll those back first, or use --with-later.",
            )
        if among is not None and run.state is RunState.RUNNING:
            raise RefusedError(
                f"run {run.id} has not ended, and would go on without what is undone of it.",
                hint="End it first (crossdock run), or roll back all of it.",
            )

    def _undo_entries(
        self, object_name: str, entries: list[Entry], result: RollbackResult, *, dry_run: bool, force: bool
    ) -> None:
        # An update of a record that the same run created is undone with the record.
        entries = [e for e in entries if e.action is Action.CREATE or e.link.made_by != e.run]
        # A match was only noted: nothing was written.
        done = [e for e in entries if e.action is Action.UPDATE and not e.fields]
        entries = [e for e in entries if e.action is not Action.UPDATE or e.fields]
        edited = {} if force else self._edits.of(object_name, entries)
        for entry in (e for e in entries if e.n in edited):
            names = ", ".join(edit.field_name for edit in edited[entry.n])
            result.kept.append((str(entry.link.origin), f"edited there since: {names}"))
            result.edits += edited[entry.n]
        wanted = [e for e in entries if e.n not in edited]
        answers = receipts(self._destination, wanted, dry_run=dry_run)
        for entry in wanted:
            if answers[entry.n].outcome in UNDONE:
                done.append(entry)
                result.undone += 1
                result.deeds[(object_name, deed(entry))] += 1
            else:
                _not_undone(str(entry.link.origin), answers[entry.n], result)
        if not dry_run:
            self._ledger.journal.set_undone(done)
            result.entries.update(entry.n for entry in done)
        self._on_progress(len(entries), result.total)

    def _schema(self, run: Run, among: Among | None) -> list[Change]:
        """The schema changes to be undone: none while only some of the run's records are."""
        if among is not None:
            return []
        return [c for c in self._ledger.changes.to_undo(run) if c.kind is not ChangeKind.PAUSE]

    def _undo_changes(self, run: Run, result: RollbackResult, *, dry_run: bool, among: Among | None) -> None:
        """Undo provisioned schema, newest first: handed over as one stretch, so that a destination can take
        back together what belongs together. Each change is marked as soon as its receipt is there.
        """
        entries = as_changes(self._schema(run, among))
        if not entries:
            return
        for receipt in self._destination.rollback(list(entries.values()), dry_run):
            change = entries[receipt.origin].change
            if change is None:
                continue
            if receipt.outcome in UNDONE:
                result.undone += 1
                result.deeds[(SCHEMA, REMOVED)] += 1
                if not dry_run:
                    self._ledger.changes.undone(run, change)
            else:
                _not_undone(change.key, receipt, result)
            self._on_progress(1, result.total)

    def _switch_on(self, run: Run, result: RollbackResult, *, dry_run: bool) -> None:
        switched = switch_on(self._ledger, self._destination, [run], dry_run=dry_run)
        result.switched_on += switched.on
        result.kept += switched.left
        result.failed += switched.failed

    def _proven(self, run: Run) -> bool:
        """Whether all that earlier starts undid was read back by them, and was as before."""
        _, undone = self._ledger.backwards.counts(run)
        known = self._ledger.runs.option(run, ACCOUNT) or {"undone": 0, "differing": 0}
        return bool(known["undone"] == undone and not known["differing"])

    def _prove(self, run: Run, result: RollbackResult, *, proven: bool) -> None:
        """Read back what this start undid; all that is undone if an earlier one was stopped before."""
        result.proof = Proof()
        prover = self._prover(len(result.entries) if proven else result.undone + result.earlier)
        prover.records(run, result.proof, only=result.entries if proven else None)
        self._ledger.findings.clear(run, kind=FindingKind.DIFFERS_FROM_BEFORE)
        self._ledger.findings.add(run, result.proof.differing)
        self._keep_account(run, result, result.proof)  # the schema may go now

    def _prover(self, total: int) -> Prover:
        return Prover(
            self._ledger,
            self._destination,
            self._catalog,
            on_progress=lambda more: self._on_proof(more, total),
        )

    def _end(self, run: Run, result: RollbackResult, among: Among | None) -> None:
        """Look up what became of the schema, keep the account of the rollback with the run, and mark the
        run if nothing is left to be tried."""
        records, schema = result.proof or Proof(), Proof()
        if among is None:
            self._prover(0).schema(run, schema)
            self._ledger.findings.add(run, schema.differing)
        self._keep_account(run, result, records, schema)
        result.proof = records.with_more(schema)
        left = among is not None and self.has_entries(run)
        if not result.failed and not result.in_use and not left:
            self._ledger.runs.end(run, RunState.ROLLED_BACK)

    def _keep_account(
        self, run: Run, result: RollbackResult, records: Proof, schema: Proof | None = None
    ) -> None:
        schema, runs = schema or Proof(), self._ledger.runs
        _, undone = self._ledger.backwards.counts(run)
        read = result.read_before + records.read
        account = {
            "undone": undone,
            "schema": sum(state == GONE for _, state in self._ledger.changes.schema_of(run)),
            "kept": result.kept[:_LISTED],
            "failed": result.failed[:_LISTED],
            "counts": [len(result.kept), len(result.failed)],
            "records_read": read,
            "read": read + schema.read,
            "differing": len(records.differing) + len(schema.differing),
        }
        runs.set_option(run, ACCOUNT, account)


def _not_undone(what: str, receipt: Receipt, result: RollbackResult) -> None:
    """Put it into its bucket: what something else uses is kept, the rest failed."""
    reason = "; ".join(receipt.reasons)
    if reason.startswith(KEPT):
        result.kept.append((what, reason.removeprefix(KEPT)))
        result.in_use += 1
    else:
        result.failed.append((what, reason))
