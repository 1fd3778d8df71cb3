"""What rollback asks of the journal: how much there is to undo, and what was undone already."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Engine, Select, case, func, or_, select

from crossdock.database import SQLITE_PARAMETERS, transaction
from crossdock.ledger import tables
from crossdock.ledger.journal import as_entry, select_entries
from crossdock.ledger.records import Among, Entry, EntryState, Run
from crossdock.ledger.undo import GOOD
from crossdock.model import Action

_entry, _link, _route = tables.entry, tables.link, tables.route
_CHANGED = case((_entry.c.state == EntryState.DONE, _entry.c.outcome.in_(GOOD)), else_=True)


class Backwards:
    """Reads the journal from its end."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def to_undo(self, run: Run, size: int = 200, among: Among | None = None) -> Iterator[list[Entry]]:
        """Entries of a run that may have changed the destination and are not undone, newest first."""
        before: int | None = None
        where = (_entry.c.run == run.n, _entry.c.state != EntryState.UNDONE, _CHANGED)
        while True:
            query = select_entries().where(*where, *_within(among)).order_by(_entry.c.n.desc()).limit(size)
            if before is not None:
                query = query.where(_entry.c.n < before)
            with transaction(self._engine) as db:
                rows = db.execute(query).all()
            if not rows:
                return
            if entries := [e for e in map(as_entry, rows) if among is None or among.holds(e.link)]:
                yield entries
            before = rows[-1].entry_n

    def has_any(self, run: Run, among: Among | None = None) -> bool:
        """Whether there is one that `to_undo` would give."""
        query = _with_links(_link.c.n, _route.c.tenant, _route.c.source_object, _route.c.target_object)
        query = query.where(
            _entry.c.run == run.n, _entry.c.state != EntryState.UNDONE, _CHANGED, *_within(among)
        )
        with transaction(self._engine) as db:
            if among is None:
                return db.execute(query.limit(1)).first() is not None
            return any(among.names(*row) for row in db.execute(query))

    def undone(self, run: Run, size: int = 200) -> Iterator[list[Entry]]:
        """Entries of a run that changed the destination, or may have, and were undone; oldest first."""
        after = 0
        where = (_entry.c.run == run.n, _entry.c.state == EntryState.UNDONE)
        sent = or_(_entry.c.outcome.is_(None), _entry.c.outcome.in_(GOOD))
        while True:
            query = select_entries().where(*where, sent, _entry.c.n > after)
            with transaction(self._engine) as db:
                rows = db.execute(query.order_by(_entry.c.n).limit(size)).all()
            if not rows:
                return
            yield [as_entry(row) for row in rows]
            after = rows[-1].entry_n

    def counts(self, run: Run, among: Among | None = None) -> tuple[int, int]:
        """How many entries are to be undone, and how many were, as `Rollback` counts them: what a record
        that the run made was given later goes with it, and a match that was only noted is nothing."""
        counted = or_(
            _entry.c.action == Action.CREATE,
            _link.c.made_by.is_(None),
            _link.c.made_by != run.n,
        )
        written = or_(_entry.c.action != Action.UPDATE, _entry.c.fields != "[]")
        where = (_entry.c.run == run.n, counted, written, _CHANGED, *_within(among))
        place = (_link.c.n, _route.c.tenant, _route.c.source_object, _route.c.target_object)
        found: Counter[str] = Counter()
        with transaction(self._engine) as db:
            if among is None:
                query = _with_links(_entry.c.state, func.count()).where(*where).group_by(_entry.c.state)
                found.update(Counter(dict(db.execute(query).all())))
            else:
                rows = db.execute(_with_links(_entry.c.state, *place).where(*where))
                found.update(state for state, *named in rows if among.names(*named))
        undone = found[EntryState.UNDONE]
        return found.total() - undone, undone

    def numbered(self, numbers: Iterable[int]) -> dict[int, Entry]:
        """Entries by their number."""
        found: dict[int, Entry] = {}
        wanted = list(dict.fromkeys(numbers))
        with transaction(self._engine) as db:
            for start in range(0, len(wanted), SQLITE_PARAMETERS):
                query = select_entries().where(_entry.c.n.in_(wanted[start : start + SQLITE_PARAMETERS]))
                found.update((row.entry_n, as_entry(row)) for row in db.execute(query).all())
        return found

    def standing(self, links: Iterable[int]) -> list[tuple[int, int, tuple[str, ...]]]:
        """(link, run, fields) of entries to these links that were sent and are not undone."""
        found: list[tuple[int, int, tuple[str, ...]]] = []
        wanted = list(dict.fromkeys(links))
        with transaction(self._engine) as db:
            for start in range(0, len(wanted), SQLITE_PARAMETERS):
                some = _entry.c.link.in_(wanted[start : start + SQLITE_PARAMETERS])
                query = select(_entry.c.link, _entry.c.run, _entry.c.fields).where(
                    some, _entry.c.state != EntryState.UNDONE, _CHANGED
                )
                found += [(link, run, tuple(json.loads(names))) for link, run, names in db.execute(query)]
        return found


def _with_links(*columns: Any) -> Select[Any]:
    """A query for these columns of entries, their links and routes."""
    joined = select(*columns).select_from(_entry).join(_link, _entry.c.link == _link.c.n)
    return joined.join(_route, _link.c.route == _route.c.n)


def _within(among: Among | None) -> tuple[Any, ...]:
    """Conditions that leave out most of what is not asked for; `Among` decides on what comes."""
    if among is None or len(among.links) + 3 * len(among.routes) > SQLITE_PARAMETERS // 2:
        return ()
    routes = [
        (_route.c.tenant == tenant) & (_route.c.source_object == source) & (_route.c.target_object == target)
        for tenant, source, target in sorted(among.routes)
    ]
    return (or_(_link.c.n.in_(sorted(among.links)), *routes),)
