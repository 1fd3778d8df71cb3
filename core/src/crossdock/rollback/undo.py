"""Undoes one run, backwards: newest entry first, then the schema that it had made.

Every entry ends in one of three buckets: undone, kept because someone edited the record since,
failed with the platform's reason. Undone entries are marked at once, so a killed rollback goes on
where it was.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, product
from typing import Any, Protocol

from crossdock.automations.pausing import switch_on
from crossdock.compare import edited_fields
from crossdock.errors import RefusedError
from crossdock.fieldtypes import FieldType
from crossdock.ledger import Entry, EntryState, Ledger, Run, RunState
from crossdock.model import (
    REMOVALS,
    Action,
    Catalog,
    Change,
    ChangeKind,
    LedgerEntry,
    ObjectSchema,
    Observation,
    Origin,
    Outcome,
    Receipt,
    Selection,
)

_UNDONE = (Outcome.UPDATED, Outcome.UNCHANGED, Outcome.CREATED)


class Undoer(Protocol):
    """The part of a destination that rollback needs."""

    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read records back."""

    def rollback(self, entries: Sequence[LedgerEntry], dry_run: bool) -> Iterator[Receipt]:
        """Undo entries."""


@dataclass
class RollbackResult:
    """The three buckets. `kept` and `failed` hold (what, reason); `objects` counts undone by object.

    `switched_on`: automations that had been paused and are on again, by name; they are in no bucket.
    """

    undone: int = 0
    objects: Counter[str] = field(default_factory=Counter)
    kept: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    switched_on: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """True if nothing was kept and nothing failed."""
        return not self.kept and not self.failed


class Rollback:
    """Rolls back runs of one ledger at one destination."""

    def __init__(
        self,
        ledger: Ledger,
        destination: Undoer,
        catalog: Catalog,
        *,
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._ledger = ledger
        self._destination = destination
        self._catalog = catalog
        self._on_progress = on_progress

    def later_runs(self, run: Run) -> list[Run]:
        """Runs after this one that still have something to undo."""
        later = [
            other
            for other in self._ledger.runs.all()
            if other.n > run.n
            and other.destination == run.destination
            and other.state is not RunState.ROLLED_BACK  # what it kept is the customer's now
        ]
        return [other for other in later if self._has_entries(other)]

    def _has_entries(self, run: Run) -> bool:
        return next(self._ledger.journal.to_undo(run, 1), None) is not None or bool(
            self._ledger.changes.to_undo(run)
        )

    def undo(
        self, run: Run, *, dry_run: bool = False, force: bool = False, after: Sequence[Run] = ()
    ) -> RollbackResult:
        """Undo a run. Raises RefusedError if a later run built upon it that is not among `after`.

        `force` also undoes records that somebody edited since. With `dry_run` nothing is written; `after`
        are runs that would be undone before this one.
        """
        if later := [other for other in self.later_runs(run) if other not in after]:
            names = ", ".join(other.id for other in later)
            raise RefusedError(
                f"run {run.id} cannot be rolled back: later runs built upon it ({names}).",
                hint="Roll those back first, or use --with-later.",
            )
        result = RollbackResult()
        for entries in self._ledger.journal.to_undo(run):
            for name, group in groupby(entries, key=lambda entry: entry.link.target_object):
                self._undo_entries(name, list(group), result, dry_run=dry_run, force=force)
                self._on_progress(result.undone)
        self._undo_changes(run, result, dry_run=dry_run)
        self._switch_on(run, result, dry_run=dry_run)  # last: nothing that is undone sets anything off
        if not dry_run and not result.failed:
            self._ledger.runs.end(run, RunState.ROLLED_BACK)
        return result

    def _undo_entries(
        self, object_name: str, entries: list[Entry], result: RollbackResult, *, dry_run: bool, force: bool
    ) -> None:
        # An update of a record that the same run created is undone with the record.
        entries = [e for e in entries if e.action is Action.CREATE or e.link.made_by != e.run]
        # A match was only noted: nothing was written.
        done = [e for e in entries if e.action is Action.UPDATE and not e.fields]
        entries = [e for e in entries if e.action is not Action.UPDATE or e.fields]
        edited = {} if force else self._edited(object_name, entries)
        back = self._back_already([e for e in entries if e.n in edited and e.action is not Action.CREATE])
        edited = {n: fields for n, fields in edited.items() if n not in back}
        result.kept.extend(
            (str(e.link.origin), f"edited there since: {edited[e.n]}") for e in entries if e.n in edited
        )
        wanted = [e for e in entries if e.n not in edited]
        receipts: dict[int, Receipt] = {}
        for part in _each_record_once(wanted):
            answers = {r.origin: r for r in self._destination.rollback([_as_model(e) for e in part], dry_run)}
            receipts.update({e.n: answers[e.link.origin] for e in part})
        for entry in wanted:
            receipt = receipts[entry.n]
            if receipt.outcome in _UNDONE:
                done.append(entry)
                result.undone += 1
                result.objects[object_name] += 1
            else:
                result.failed.append((str(entry.link.origin), "; ".join(receipt.reasons)))
        if not dry_run:
            self._ledger.journal.set_undone(done)

    def _edited(self, object_name: str, entries: Sequence[Entry]) -> dict[int, str]:
        """Entry number -> the edited fields, for records that hold something else than their base."""
        schema = self._catalog.object(object_name)
        based = [e for e in entries if e.link.base is not None and e.state is EntryState.DONE]
        if schema is None or not based:
            return {}
        ids = tuple(dict.fromkeys(e.link.target_id for e in based))
        observed = {o.id: o for o in self._destination.reconcile(object_name, Selection(ids=ids))}
        edited: dict[int, list[str]] = {}
        for entry in based:
            observation = observed.get(entry.link.target_id)
            if observation is None or entry.link.base is None:
                continue
            names = None if entry.action is Action.CREATE else entry.fields
            if fields := edited_fields(observation, entry.link.base, schema, names):
                edited[entry.n] = fields
        edited = self._without_merged(schema, [e for e in based if e.n in edited], edited, observed)
        emptied = self._emptied(schema, [e for e in based if e.n in edited], observed)
        by_people = {n: [f for f in fields if (n, f) not in emptied] for n, fields in edited.items()}
        return {n: ", ".join(fields) for n, fields in by_people.items() if fields}

    def _without_merged(
        self,
        schema: ObjectSchema,
        entries: Sequence[Entry],
        edited: Mapping[int, list[str]],
        observed: Mapping[str, Observation],
    ) -> dict[int, list[str]]:
        """The edited fields without those that hold what another source record brought.

        Several source records may have become one there: the values of each are this project's.
        """
        ids = [e.link.target_id for e in entries]
        bases = self._ledger.links.bases(schema.name, ids) if ids else {}
        found = {}
        for entry in entries:
            there = observed[entry.link.target_id]
            ours = bases.get(entry.link.target_id, ())
            found[entry.n] = [
                name
                for name in edited[entry.n]
                if not any(name in base and not edited_fields(there, base, schema, (name,)) for base in ours)
            ]
        return {n: fields for n, fields in found.items() if fields}

    def _back_already(self, entries: Sequence[Entry]) -> set[int]:
        """Numbers of entries with nothing left to undo: a rollback was killed before it could note them."""
        back: set[int] = set()
        for part in _each_record_once(entries):
            answers = {r.origin: r for r in self._destination.rollback([_as_model(e) for e in part], True)}
            back.update(e.n for e in part if answers[e.link.origin].outcome is Outcome.UNCHANGED)
        return back

    def _emptied(
        self, schema: ObjectSchema, entries: Sequence[Entry], observed: Mapping[str, Observation]
    ) -> set[tuple[int, str]]:
        """(entry, field) of references that are missing because what they pointed to is gone.

        A record that is undone before another one which refers to it leaves that one changed.
        """
        pointing: dict[str, dict[str, list[tuple[int, str]]]] = {}
        places: set[tuple[int, str]] = set()
        for entry in entries:
            values = observed[entry.link.target_id].values
            for name, based in (entry.link.base or {}).items():
                field = schema.field(name)
                if field is None or field.type is not FieldType.REFERENCE or not field.references:
                    continue
                held, now = _ids_of(based), _ids_of(values.get(name))
                if not now < held:
                    continue
                places.add((entry.n, name))
                for object_name, target_id in product(field.references, held - now):
                    pointing.setdefault(object_name, {}).setdefault(target_id, []).append((entry.n, name))
        for object_name, wanted in pointing.items():
            there = self._destination.reconcile(object_name, Selection(ids=tuple(wanted)))
            places.difference_update(place for o in there for place in wanted.get(o.id, ()))
        return places

    def _undo_changes(self, run: Run, result: RollbackResult, *, dry_run: bool) -> None:
        """Undo provisioned schema, newest first: handed over as one stretch, so that a destination can take
        back together what belongs together. Each change is marked as soon as its receipt is there.
        """
        changes = [c for c in self._ledger.changes.to_undo(run) if c.kind is not ChangeKind.PAUSE]
        by_origin = {_change_origin(change): change for change in changes}
        if not changes:
            return
        entries = [
            LedgerEntry(origin, change.object_name, "", Outcome.CREATED, change=change)
            for origin, change in by_origin.items()
        ]
        for receipt in self._destination.rollback(entries, dry_run):
            change = by_origin[receipt.origin]
            if receipt.outcome in _UNDONE:
                result.undone += 1
                result.objects["schema"] += 1
                if not dry_run:
                    self._ledger.changes.undone(run, change)
            else:
                result.failed.append((change.key, "; ".join(receipt.reasons)))

    def _switch_on(self, run: Run, result: RollbackResult, *, dry_run: bool) -> None:
        switched = switch_on(self._ledger, self._destination, [run], dry_run=dry_run)
        result.switched_on += switched.on
        result.kept += switched.left
        result.failed += switched.failed


def _ids_of(value: Any) -> set[str]:
    """The target ids in a reference field: one, several, or none."""
    several = value if isinstance(value, tuple) else (value,)
    return {one for one in several if isinstance(one, str)}


def _each_record_once(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Stretches in which no record occurs twice, of the source or there.

    A receipt is matched by its origin, and what was merged into a record is undone before that record.
    """
    part: list[Entry] = []
    seen: set[Origin | str] = set()
    for entry in entries:
        places: set[Origin | str] = {entry.link.origin, entry.link.target_id}
        if seen & places:
            yield part
            part, seen = [], set()
        part.append(entry)
        seen |= places
    if part:
        yield part


def _change_origin(change: Change) -> Origin:
    return Origin("", "schema", change.key)


def _as_model(entry: Entry) -> LedgerEntry:
    outcome = Outcome.CREATED if entry.action is Action.CREATE else Outcome.UPDATED
    return LedgerEntry(
        entry.link.origin,
        entry.link.target_object,
        entry.link.target_id,
        outcome,
        entry.fields,
        entry.before,
        entry.was_trashed,
        removal=entry.action if entry.action in REMOVALS else None,
        base=entry.base if entry.action is Action.UPDATE else entry.link.base or {},
    )
