"""Journal entries as the undo hook takes them."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from crossdock.ledger import Entry
from crossdock.model import (
    REMOVALS,
    Action,
    Change,
    LedgerEntry,
    Observation,
    Origin,
    Outcome,
    Receipt,
    Selection,
)

UNDONE = (Outcome.UPDATED, Outcome.UNCHANGED, Outcome.CREATED)
"""Outcomes of entries that are undone now."""


class Undoer(Protocol):
    """The part of a destination that rollback needs."""

    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read records back."""

    def rollback(self, entries: Sequence[LedgerEntry], dry_run: bool) -> Iterator[Receipt]:
        """Undo entries."""


def each_record_once(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
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


def receipts(destination: Undoer, entries: Sequence[Entry], *, dry_run: bool) -> dict[int, Receipt]:
    """Entry number -> what the destination says, each record once a call."""
    found: dict[int, Receipt] = {}
    for part in each_record_once(entries):
        answers = {r.origin: r for r in destination.rollback([as_model(e) for e in part], dry_run)}
        found.update({e.n: answers[e.link.origin] for e in part})
    return found


def as_model(entry: Entry) -> LedgerEntry:
    """A journal entry as the hook takes it."""
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


def as_changes(changes: Sequence[Change]) -> dict[Origin, LedgerEntry]:
    """Schema changes as the hook takes them, by the origin that their receipts have."""
    origins = [Origin("", "schema", change.key) for change in changes]
    return {
        origin: LedgerEntry(origin, change.object_name, "", Outcome.CREATED, change=change)
        for origin, change in zip(origins, changes, strict=True)
    }
