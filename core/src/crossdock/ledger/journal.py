"""The journal: intents before each request, receipts after it, and what is in doubt between them.

Two transactions a batch. The first holds the links, the intents, the book lines and the staging
position of the batch; the second the receipts. A process killed between them leaves entries in
doubt, which the next start looks up at the destination.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, func, select, update

from crossdock.database import hold, now, transaction
from crossdock.ledger import tables
from crossdock.ledger.links import Links, as_link
from crossdock.ledger.records import (
    BookLine,
    Entry,
    EntryState,
    Intent,
    Link,
    LinkState,
    PhaseRecord,
    Run,
    Unchanged,
)
from crossdock.ledger.runs import worker_name
from crossdock.ledger.undo import GOOD, mark_undone, removed_state, stands
from crossdock.model import REMOVALS, Action, Outcome, Receipt
from crossdock.serial import dumps, loads

_entry, _link, _route = tables.entry, tables.link, tables.route
_REVIVE = (
    update(_link)
    .where(_link.c.n == bindparam("link_n"))
    .values(
        target_id=bindparam("new_target_id"),
        hash=bindparam("new_hash"),
        state=LinkState.LIVE,
        made_by=bindparam("new_made_by"),
    )
)
_REHASH = update(_link).where(_link.c.n == bindparam("link_n")).values(hash=bindparam("new_hash"))


class Journal:
    """Writes entries; the only writer of a ledger numbers its rows itself."""

    def __init__(self, engine: Engine, links: Links) -> None:
        self._engine = engine
        self._links = links
        self._worker = worker_name()
        self._alone = False
        self._number_on()

    def be_alone(self) -> None:
        """Be the process that writes to this ledger. Raises RefusedError if another one is."""
        if not self._alone:
            hold(self._engine)
            self._number_on()
            self._alone = True

    def _number_on(self) -> None:
        """Number new rows after those that are there: again once no other process can add any."""
        with transaction(self._engine) as db:
            self._next_link = _highest(db, _link) + 1
            self._next_entry = _highest(db, _entry) + 1

    def intend(
        self,
        run: Run,
        phase: PhaseRecord,
        intents: Sequence[Intent],
        *,
        book: Sequence[BookLine] = (),
        unchanged: Unchanged | None = None,
        position: int | None = None,
    ) -> list[Entry]:
        """Note what is about to be sent, and everything else that this stretch of staging ended as."""
        self.be_alone()
        links = [self._link_of(run, intent) for intent in intents]
        entries = [
            self._entry_of(run, phase, intent, link) for intent, link in zip(intents, links, strict=True)
        ]
        fresh = [
            _link_row(link, self._route_n(link))
            for link, i in zip(links, intents, strict=True)
            if i.link is None
        ]
        known = [_revival(link) for link, i in zip(links, intents, strict=True) if i.link is not None]
        with transaction(self._engine) as db:
            if fresh:
                db.execute(_link.insert(), fresh)
            if known:
                db.execute(_REVIVE, known)
            if entries:
                db.execute(_entry.insert(), [self._entry_row(entry) for entry in entries])
            put_lines(db, phase.n, book)
            if position is not None:
                advance(db, phase, position, unchanged)
            if unchanged and unchanged.rehashed:
                db.execute(
                    _REHASH, [{"link_n": link.n, "new_hash": value} for link, value in unchanged.rehashed]
                )
        return entries

    def confirm(
        self, entries: Sequence[Entry], receipts: Sequence[Receipt], *, refused: Sequence[BookLine] = ()
    ) -> None:
        """Note what became of entries. `receipts` are in the order of `entries`."""
        with transaction(self._engine) as db:
            for outcome, first, last in _stretches(entries, receipts):
                where = (_entry.c.n.between(first, last), _entry.c.state == EntryState.IN_DOUBT)
                db.execute(update(_entry).where(*where).values(state=EntryState.DONE, outcome=outcome))
            for entry, receipt in zip(entries, receipts, strict=True):
                self._confirm_exception(db, entry, receipt)
            if refused:
                put_lines(db, entries[0].phase, refused)

    def _confirm_exception(self, db: Connection, entry: Entry, receipt: Receipt) -> None:
        notes = [
            *entry.reasons,
            *receipt.reasons,
            *(f"{name}: {rule}" for name, rule in receipt.normalised.items()),
        ]
        if len(notes) > len(entry.reasons):
            db.execute(update(_entry).where(_entry.c.n == entry.n).values(reasons="\n".join(notes)))
        if receipt.outcome not in GOOD:
            # What was not created, not taken out of the trash, or only matched, is looked for afresh.
            kept = entry.action in REMOVALS or (entry.action is Action.UPDATE and stands(db, entry))
            state = LinkState.LIVE if kept else LinkState.REFUSED
            db.execute(update(_link).where(_link.c.n == entry.link.n).values(state=state, hash=None))
        elif entry.action in REMOVALS:
            state = removed_state(entry.action)
            db.execute(update(_link).where(_link.c.n == entry.link.n).values(state=state, hash=None))
        elif receipt.target_id and receipt.target_id != entry.link.target_id:
            db.execute(update(_link).where(_link.c.n == entry.link.n).values(target_id=receipt.target_id))

    def in_doubt(self, run: Run) -> list[Entry]:
        """Entries whose request may or may not have happened, oldest first."""
        with transaction(self._engine) as db:
            rows = db.execute(
                select_entries()
                .where(_entry.c.run == run.n, _entry.c.state == EntryState.IN_DOUBT)
                .order_by(_entry.c.n)
            ).all()
        return [as_entry(row) for row in rows]

    def done(self, run: Run, phase: PhaseRecord | None = None, size: int = 1000) -> Iterator[list[Entry]]:
        """Entries that changed the destination, oldest first, `size` at a time."""
        where = [_entry.c.run == run.n, _entry.c.state == EntryState.DONE, _entry.c.outcome.in_(GOOD)]
        if phase is not None:
            where.append(_entry.c.phase == phase.n)
        after = 0
        while True:
            with transaction(self._engine) as db:
                rows = db.execute(
                    select_entries().where(*where, _entry.c.n > after).order_by(_entry.c.n).limit(size)
                ).all()
            if not rows:
                return
            yield [as_entry(row) for row in rows]
            after = rows[-1].entry_n

    def of_phase(self, phase: PhaseRecord, size: int = 1000) -> Iterator[Entry]:
        """Every entry of a phase, whatever came of it, oldest first."""
        after = 0
        while True:
            query = select_entries().where(_entry.c.phase == phase.n, _entry.c.n > after).order_by(_entry.c.n)
            with transaction(self._engine) as db:
                rows = db.execute(query.limit(size)).all()
            if not rows:
                return
            yield from map(as_entry, rows)
            after = rows[-1].entry_n

    def set_undone(self, entries: Sequence[Entry]) -> None:
        """Note that entries, given newest first, were undone; their links become what they were before."""
        with transaction(self._engine) as db:
            for entry in entries:
                mark_undone(db, entry)

    def deferred(
        self, run: Run, phase: PhaseRecord, after: int = 0, size: int = 200
    ) -> Iterator[list[Entry]]:
        """Entries of a phase that left fields out for the second pass, oldest first."""
        where = (_entry.c.run == run.n, _entry.c.phase == phase.n, _entry.c.deferred.is_not(None))
        good = (_entry.c.state == EntryState.DONE, _entry.c.outcome.in_(GOOD))
        while True:
            query = select_entries().where(*where, *good, _entry.c.n > after).order_by(_entry.c.n).limit(size)
            with transaction(self._engine) as db:
                rows = db.execute(query).all()
            if not rows:
                return
            yield [as_entry(row) for row in rows]
            after = rows[-1].entry_n

    def _link_of(self, run: Run, intent: Intent) -> Link:
        target, known = intent.target, intent.link
        # What once was made may have become another record there: nobody made that one for it.
        same = known is not None and known.target_id == target.target_id
        kept_maker = known.made_by if known is not None and same else None
        made_by = run.n if target.action is Action.CREATE else kept_maker
        n = known.n if known else self._take_link()
        base = known.base if known else None
        return Link(
            n, target.origin, target.object_name, target.target_id, LinkState.LIVE, intent.hash, base, made_by
        )

    def _take_link(self) -> int:
        self._next_link += 1
        return self._next_link - 1

    def _route_n(self, link: Link) -> int:
        return self._links.route(link.origin.tenant, link.origin.object_name, link.target_object)

    def _entry_of(self, run: Run, phase: PhaseRecord, intent: Intent, link: Link) -> Entry:
        n, self._next_entry = self._next_entry, self._next_entry + 1
        return Entry(
            n,
            run.n,
            phase.n,
            link,
            intent.target.action,
            EntryState.IN_DOUBT,
            None,
            intent.target.notes,
            tuple(intent.target.values),
            intent.target.deferred,
            intent.before or {},
            intent.was_trashed,
            base=_base_to_keep(intent, link),
        )

    def _entry_row(self, entry: Entry) -> dict[str, Any]:
        before: Mapping[str, Any] | None = None
        if entry.before or entry.was_trashed or entry.base:
            before = {
                "image": dict(entry.before),
                "was_trashed": entry.was_trashed,
                "base": dict(entry.base),
            }
        return {
            "n": entry.n,
            "run": entry.run,
            "phase": entry.phase,
            "link": entry.link.n,
            "worker": self._worker,
            "action": entry.action,
            "state": entry.state,
            "reasons": "\n".join(entry.reasons) or None,
            "fields": _names_text(entry.fields),
            "deferred": _names_text(entry.deferred) if entry.deferred else None,
            "before": None if before is None else dumps(before),
            "at": now(),
        }


def _base_to_keep(intent: Intent, link: Link) -> dict[str, Any]:
    """What undoing needs of the link's base: of the written fields; all of it if the record is taken away."""
    base = link.base or {}
    if intent.target.action in REMOVALS:
        return dict(base)
    return {name: base[name] for name in intent.target.values if name in base}


def put_lines(db: Connection, phase_n: int, lines: Sequence[BookLine]) -> None:
    """Write book lines within an open transaction; a line for the same record is replaced."""
    book = tables.book
    for line in lines:
        where = (book.c.phase == phase_n, book.c.key == line.key, book.c.part == line.part)
        db.execute(book.delete().where(*where))
    if lines:
        db.execute(
            book.insert(),
            [
                {
                    "phase": phase_n,
                    "key": line.key,
                    "part": line.part,
                    "outcome": line.outcome,
                    "reasons": "\n".join(line.reasons),
                    "queue": line.queue,
                    "at": now(),
                }
                for line in lines
            ],
        )


def advance(db: Connection, phase: PhaseRecord, position: int, unchanged: Unchanged | None) -> None:
    """Move a phase's position within an open transaction."""
    values: dict[str, Any] = {"position": position}
    if unchanged and (unchanged.records or unchanged.targets):
        columns = (tables.phase.c.unchanged_records, tables.phase.c.unchanged_targets)
        values["unchanged_records"] = columns[0] + unchanged.records
        values["unchanged_targets"] = columns[1] + unchanged.targets
    db.execute(update(tables.phase).where(tables.phase.c.n == phase.n).values(**values))


def _stretches(entries: Sequence[Entry], receipts: Sequence[Receipt]) -> Iterator[tuple[Outcome, int, int]]:
    """Runs of neighbouring entries with one outcome: one UPDATE by range costs a hundredth of single ones.

    Neighbours are next to each other in the journal too: an entry between them is not theirs to end.
    """
    start = 0
    places = [(receipt.outcome, entry.n) for entry, receipt in zip(entries, receipts, strict=True)]
    ends = [i + 1 for i, (a, b) in enumerate(pairwise(places)) if b != (a[0], a[1] + 1)]
    for end in [*ends, len(receipts)]:
        if end > start:
            yield receipts[start].outcome, entries[start].n, entries[end - 1].n
        start = end


# The records of a phase have few different lists of fields.
@lru_cache(maxsize=1024)
def _names_text(names: tuple[str, ...]) -> str:
    return json.dumps(names)


@lru_cache(maxsize=1024)
def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def _highest(db: Connection, table: Any) -> int:
    return int(db.execute(select(func.coalesce(func.max(table.c.n), 0))).scalar_one())


def _link_row(link: Link, route: int) -> dict[str, Any]:
    return {
        "n": link.n,
        "route": route,
        "key": link.origin.key,
        "part": link.origin.part,
        "target_id": link.target_id,
        "hash": link.hash,
        "made_by": link.made_by,
        "state": link.state,
    }


def _revival(link: Link) -> dict[str, Any]:
    return {
        "link_n": link.n,
        "new_target_id": link.target_id,
        "new_hash": link.hash,
        "new_made_by": link.made_by,
    }


def select_entries() -> Any:
    """A query for entries with their links, for `as_entry`."""
    columns = [column.label(f"entry_{column.name}") for column in _entry.c]
    return (
        select(_link, _route.c.tenant, _route.c.source_object, _route.c.target_object, *columns)
        .select_from(_entry)
        .join(_link, _entry.c.link == _link.c.n)
        .join(_route, _link.c.route == _route.c.n)
    )


def as_entry(row: Row[Any]) -> Entry:
    """A row of `select_entries`."""
    kept: dict[str, Any] = {"image": {}, "was_trashed": False, "base": {}}
    if row.entry_before is not None:
        kept = loads(row.entry_before)
    return Entry(
        row.entry_n,
        row.entry_run,
        row.entry_phase,
        as_link(row),
        Action(row.entry_action),
        EntryState(row.entry_state),
        Outcome(row.entry_outcome) if row.entry_outcome else None,
        tuple(row.entry_reasons.split("\n")) if row.entry_reasons else (),
        _names(row.entry_fields),
        _names(row.entry_deferred) if row.entry_deferred else (),
        kept["image"],
        bool(kept["was_trashed"]),
        row.entry_at,
        kept["base"],
    )
