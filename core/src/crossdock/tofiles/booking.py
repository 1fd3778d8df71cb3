"""The books of a run that ended in files, taken over from the throwaway ledger into the project's own.

A record that is in a file is `filed`: not loaded, as nobody knows whether it was imported. Its book line says
in which file and row it is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from crossdock.ledger import BookLine, Entry, Ledger, PhaseRecord, PhaseState, Run, Unchanged
from crossdock.model import REMOVALS, Action, Outcome

_Item = TypeVar("_Item")
_MANY = 500
_GOOD = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED)
BY_HAND = "deleted at the source: no file takes a record away, a person does"


def take_over(ledger: Ledger, run: Run, tried: Ledger, inner: Run, refused: Callable[[str], str]) -> None:
    """Write the phases of `inner` into the ledger as those of `run`. `refused` says why an object is in no
    file, by its name."""
    for phase in tried.runs.phases(inner):
        mine = ledger.runs.phase(
            run, phase.tenant, phase.name, phase.ordinal, phase.source_object, phase.target_object
        )
        for entries in _parts(tried.journal.of_phase(phase)):
            lines = list(_lines(ledger, run, entries, refused))
            ledger.journal.intend(run, mine, (), book=lines)
        for lines in _parts(tried.books.lines(phase)):
            ledger.journal.intend(run, mine, (), book=lines)
        _close(ledger, run, mine, phase)


def _close(ledger: Ledger, run: Run, mine: PhaseRecord, phase: PhaseRecord) -> None:
    unchanged = Unchanged(phase.unchanged.records, phase.unchanged.targets)
    ledger.journal.intend(run, mine, (), unchanged=unchanged, position=phase.position)
    ledger.runs.set_phase_state(mine, PhaseState.SETTLED)


def _lines(
    ledger: Ledger, run: Run, entries: Sequence[Entry], refused: Callable[[str], str]
) -> Iterator[BookLine]:
    good = [entry for entry in entries if entry.outcome in _GOOD]
    if not good:
        return
    object_name = good[0].link.target_object
    filed = ledger.filed.of_ids(run, object_name, [entry.link.target_id for entry in good])
    for entry in good:
        origin, rows = entry.link.origin, filed.get(entry.link.target_id, [])
        rows = [row for row in rows if row.origin == origin]
        if entry.action in REMOVALS:
            outcome, why = Outcome.SKIPPED, BY_HAND
        elif reason := refused(object_name):
            outcome, why = Outcome.SKIPPED, f"in no file: {reason}"
        elif rows and entry.outcome is not Outcome.UNCHANGED:
            row = rows[0 if entry.action is Action.CREATE else -1]
            outcome, why = Outcome.FILED, f"{row.file} row {row.row}"
        elif entry.link.made_by is None:
            outcome, why = Outcome.MERGED, "there already, and nothing to write"
        else:
            outcome, why = Outcome.UNCHANGED, "loaded before"
        yield BookLine(origin.key, outcome, (why,), origin.part)


def _parts(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    rest = iter(items)
    while part := list(islice(rest, _MANY)):
        yield part
