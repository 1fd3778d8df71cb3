"""The two books of a phase, and whether they are closed.

Source: every staged record ends as exactly one outcome, the worst of its target records.
Destination: every target record that was intended ends as exactly one receipt.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, case, func, literal, select, union_all

from crossdock.database import transaction
from crossdock.ledger import tables
from crossdock.ledger.records import BookLine, EntryState, PhaseRecord
from crossdock.model import REMOVALS, Outcome

# From harmless to bad: the worst outcome of its targets is a source record's own.
NOT_LOADED = (Outcome.HELD, Outcome.REJECTED, Outcome.FAILED)
"""Outcomes after which a record is not there, is reported, and is tried again."""

SEVERITY: dict[Outcome, int] = {
    outcome: rank
    for rank, outcome in enumerate(
        (
            Outcome.UNCHANGED,
            Outcome.LOADED,
            Outcome.MERGED,
            Outcome.FILED,
            Outcome.SKIPPED,
            Outcome.HELD,
            Outcome.REJECTED,
            Outcome.FAILED,
        )
    )
}
_SOURCE_SIDE = {
    Outcome.CREATED: Outcome.LOADED,
    Outcome.UPDATED: Outcome.LOADED,
    Outcome.UNCHANGED: Outcome.LOADED,
}


@dataclass(frozen=True, slots=True)
class PhaseBooks:
    """Both books of one phase. `open_by` is how many source records have no outcome (0: closed)."""

    extracted: int
    source: dict[Outcome, int]
    destination: dict[Outcome, int]
    in_doubt: int

    @property
    def open_by(self) -> int:
        """Records without an outcome, plus targets without a receipt."""
        return abs(self.extracted - sum(self.source.values())) + self.in_doubt


class Books:
    """Reads the books; their lines are written by the journal in the transaction of their batch."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_phase(self, phase: PhaseRecord, extracted: int) -> PhaseBooks:
        """Count both books of a phase from the rows, not from counters kept on the way."""
        destination, in_doubt = self._destination(phase)
        source = self._source(phase)
        for book, count in ((source, phase.unchanged.records), (destination, phase.unchanged.targets)):
            if count:
                book[Outcome.UNCHANGED] = book.get(Outcome.UNCHANGED, 0) + count
        return PhaseBooks(extracted, source, destination, in_doubt)

    def outcome_of(self, phase: PhaseRecord, key: str) -> Outcome | None:
        """How a record ended that was not loaded, None if the book of this phase has no line for it."""
        book = tables.book
        query = select(book.c.outcome).where(book.c.phase == phase.n, book.c.key == key)
        with transaction(self._engine) as db:
            outcomes = [Outcome(o) for o in db.execute(query).scalars()]
        return max(outcomes, key=SEVERITY.__getitem__, default=None)

    def last_outcome(self, phases: Sequence[PhaseRecord], key: str) -> Outcome | None:
        """How a record that was not loaded ended, by the newest of these phases that has a line for it."""
        outcomes = (
            self.outcome_of(phase, key) for phase in sorted(phases, key=lambda p: p.run, reverse=True)
        )
        return next((outcome for outcome in outcomes if outcome is not None), None)

    def lines(
        self, phase: PhaseRecord, outcome: Outcome | None = None, limit: int | None = None
    ) -> list[BookLine]:
        """Book lines of a phase, oldest first."""
        book = tables.book
        query = select(book).where(book.c.phase == phase.n).order_by(book.c.n)
        if outcome is not None:
            query = query.where(book.c.outcome == outcome)
        if limit is not None:
            query = query.limit(limit)
        with transaction(self._engine) as db:
            rows = db.execute(query).all()
        return [
            BookLine(
                row.key,
                Outcome(row.outcome),
                tuple(row.reasons.split("\n")) if row.reasons else (),
                row.part,
                row.queue,
                row.at,
            )
            for row in rows
        ]

    def newest_lines(self, phases: Sequence[PhaseRecord]) -> list[BookLine]:
        """Lines of records, each by the newest of these phases (all of one route) that met it."""
        entry, link = tables.entry, tables.link
        found: list[BookLine] = []
        later: set[str] = set()
        for phase in sorted(phases, key=lambda p: p.n, reverse=True):
            own = self.lines(phase)
            found += [line for line in own if line.key not in later]
            query = select(link.c.key).join(entry, entry.c.link == link.c.n)
            with transaction(self._engine) as db:
                done = db.execute(query.where(entry.c.phase == phase.n, entry.c.outcome.is_not(None)))
                later.update(done.scalars())
            later.update(line.key for line in own)
        return found

    def _destination(self, phase: PhaseRecord) -> tuple[dict[Outcome, int], int]:
        entry = tables.entry
        last = select(func.max(entry.c.n).label("n")).where(entry.c.phase == phase.n).group_by(entry.c.link)
        newest = last.subquery()
        query = (
            select(entry.c.state, entry.c.outcome, func.count())
            .join(newest, entry.c.n == newest.c.n)
            .group_by(entry.c.state, entry.c.outcome)
        )
        counts: Counter[Outcome] = Counter()
        in_doubt = 0
        with transaction(self._engine) as db:
            for state, outcome, count in db.execute(query):
                if state == EntryState.IN_DOUBT:
                    in_doubt += count
                elif outcome is not None:  # None: undone before anybody knew what came of it
                    counts[Outcome(outcome)] += count
        return dict(counts), in_doubt

    def _source(self, phase: PhaseRecord) -> dict[Outcome, int]:
        """The worst outcome of each source key, counted."""
        entry, link, book = tables.entry, tables.link, tables.book
        outcomes: Any = union_all(
            select(link.c.key, entry.c.outcome, link.c.made_by, entry.c.action, entry.c.fields)
            .join(link, entry.c.link == link.c.n)
            .where(entry.c.phase == phase.n, entry.c.outcome.is_not(None)),
            select(book.c.key, book.c.outcome, literal(0), literal(""), literal("")).where(
                book.c.phase == phase.n
            ),
        ).subquery()
        ranked = (
            select(outcomes.c.key, func.max(_rank(outcomes)).label("rank"))
            .group_by(outcomes.c.key)
            .subquery()
        )
        by_rank = {rank: outcome for outcome, rank in SEVERITY.items()}
        with transaction(self._engine) as db:
            rows = db.execute(select(ranked.c.rank, func.count()).group_by(ranked.c.rank)).all()
        return {by_rank[rank]: int(count) for rank, count in rows}


def _rank(outcomes: Any) -> Any:
    merged = (outcomes.c.made_by.is_(None)) & (outcomes.c.outcome.in_([o.value for o in _SOURCE_SIDE]))
    ranks = {outcome.value: SEVERITY[outcome] for outcome in SEVERITY}
    ranks.update({outcome.value: SEVERITY[to] for outcome, to in _SOURCE_SIDE.items()})
    removed = outcomes.c.action.in_(REMOVALS) & outcomes.c.outcome.in_([o.value for o in _SOURCE_SIDE])
    # It was there, and nothing was to be written but what waits for the second pass.
    found = (outcomes.c.made_by > 0) & (outcomes.c.outcome == Outcome.UNCHANGED) & (outcomes.c.fields == "[]")
    return case(
        (found, SEVERITY[Outcome.UNCHANGED]),
        (removed, SEVERITY[Outcome.SKIPPED]),  # the source record is gone: nothing of it was loaded
        (merged, SEVERITY[Outcome.MERGED]),
        *((outcomes.c.outcome == name, rank) for name, rank in ranks.items()),
    )
