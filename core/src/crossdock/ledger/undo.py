"""What is left of a link when an entry that wrote to its target record was undone."""

from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from crossdock.ledger import tables
from crossdock.ledger.records import Entry, EntryState, LinkState
from crossdock.model import REMOVALS, Action, Outcome
from crossdock.serial import dumps, loads

GOOD = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED)
"""Outcomes of entries whose target record is there."""

_entry, _link = tables.entry, tables.link


def mark_undone(db: Connection, entry: Entry) -> None:
    """Mark an entry as undone, and bring its link to what the entries that are left say.

    A created record takes all that the run wrote into it with it. A record that nothing else wrote
    to is unlinked: the next run looks for it afresh. Otherwise the base becomes what it was before,
    and the hash is forgotten, so that the next run compares again. A record that was taken away is there
    again with the base that it had, and one that was brought back is away again.
    """
    created = entry.action is Action.CREATE
    mine = and_(_entry.c.link == entry.link.n, _entry.c.run == entry.run) if created else _is(entry)
    db.execute(update(_entry).where(mine).values(state=EntryState.UNDONE))
    values: dict[str, Any] = {"hash": None}
    removal = None if entry.action in REMOVALS else _last_removal(db, entry)
    if removal is not None:
        values["state"] = removed_state(Action(removal.action))
    if entry.action in REMOVALS:
        values["state"] = LinkState.LIVE
        if entry.base:  # a ledger from before bases were kept with removals has none
            values["base"] = dumps(dict(entry.base))
    elif removal is not None and created:
        values["base"] = _base_at(removal) or _base_before(db, entry)
    elif created or not _others_wrote(db, entry):
        values |= {"state": LinkState.UNDONE, "base": None}
    elif entry.fields:
        values["base"] = _base_before(db, entry)
    if (created or entry.action in REMOVALS) and (maker := _maker(db, entry)) is not None:
        values["made_by"] = maker
    db.execute(update(_link).where(_link.c.n == entry.link.n).values(**values))


def _is(entry: Entry) -> Any:
    return _entry.c.n == entry.n


def _others_wrote(db: Connection, entry: Entry) -> bool:
    wrote = or_(_entry.c.state == EntryState.IN_DOUBT, _entry.c.outcome.in_(GOOD))
    query = select(_entry.c.n).where(
        _entry.c.link == entry.link.n, _entry.c.state != EntryState.UNDONE, wrote
    )
    return db.execute(query.limit(1)).first() is not None


def removed_state(action: Action) -> LinkState:
    """What a link is after its record was taken away."""
    return LinkState.DESTROYED if action is Action.DESTROY else LinkState.DELETED_AT_SOURCE


def _last_removal(db: Connection, entry: Entry) -> Any:
    """The entry that took a record away, if that is the last that is left to have been done to it."""
    query = select(_entry.c.action, _entry.c.before).where(*_left(entry)).order_by(_entry.c.n.desc())
    last = db.execute(query.limit(1)).first()
    return last if last is not None and last.action in REMOVALS else None


def stands(db: Connection, entry: Entry) -> bool:
    """Whether a source record became the record there before, by the entries that are left."""
    if entry.link.made_by is not None:
        return True
    query = select(_entry.c.n).where(*_left(entry), _entry.c.n != entry.n)
    return db.execute(query.limit(1)).first() is not None


def _maker(db: Connection, entry: Entry) -> int | None:
    """The run that created the record that is there now, by the entries that are left."""
    query = select(_entry.c.run).where(*_left(entry), _entry.c.action == Action.CREATE)
    run: int | None = db.execute(query.order_by(_entry.c.n.desc()).limit(1)).scalar_one_or_none()
    return run


def _left(entry: Entry) -> tuple[Any, ...]:
    """Entries of the same link that were done and are not undone."""
    return (_entry.c.link == entry.link.n, _entry.c.state == EntryState.DONE, _entry.c.outcome.in_(GOOD))


def _base_at(removal: Any) -> bytes | None:
    """The link's base when its record was taken away."""
    kept = loads(removal.before)["base"] if removal.before is not None else None
    return dumps(kept) if kept else None


def _base_before(db: Connection, entry: Entry) -> bytes | None:
    kept = db.execute(select(_link.c.base).where(_link.c.n == entry.link.n)).scalar_one()
    now = loads(kept) if kept is not None else {}
    base = {name: value for name, value in now.items() if name not in entry.fields} | dict(entry.base)
    return dumps(base) if base else None
