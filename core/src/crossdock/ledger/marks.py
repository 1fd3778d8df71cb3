"""How far each run has read the source, object by object: where the next delta goes on.

A mark counts once its run is done. One of a run that was rolled back does not count: what that run
brought is to be read again. They lie in the ledger, as another destination has been brought as far as
its own runs say, whatever staging holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, select

from crossdock.database import now, transaction
from crossdock.ledger import tables
from crossdock.ledger.records import PhaseRecord, Run, RunState

_mark, _run, _waiting = tables.mark, tables.run, tables.waiting
LOADING_KINDS = ("run", "sample", "delta", "retry")
"""Kinds of runs that write records."""
READING_KINDS = ("run", "delta")
"""Kinds of runs after which nothing that the source held before their mark is left unread."""
SETTLING_KINDS = (*READING_KINDS, "retry")
"""Kinds of runs that meet whatever of their objects waits: they settle conflicts and say what is missing."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a run has read of one object of one tenant.

    `since` is what was asked for (None: everything), `until` the high-water mark (None: none is known,
    the next delta reads everything), `read` counts records, `at` is in seconds since the epoch.
    """

    tenant: str
    object_name: str
    pass_no: int
    since: datetime | None
    until: datetime | None
    read: int
    at: float = 0.0


class Marks:
    """Writes and reads marks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, run: Run, mark: Mark) -> None:
        """Keep what a run has read, once that reading is complete."""
        where = (_mark.c.run == run.n, _mark.c.tenant == mark.tenant, _mark.c.object == mark.object_name)
        with transaction(self._engine) as db:
            db.execute(_mark.delete().where(*where))
            db.execute(
                _mark.insert().values(
                    run=run.n,
                    tenant=mark.tenant,
                    object=mark.object_name,
                    pass_no=mark.pass_no,
                    since=_text(mark.since),
                    until=_text(mark.until),
                    read=mark.read,
                    at=now(),
                )
            )

    def of_run(self, run: Run) -> dict[tuple[str, str], Mark]:
        """What a run has read completely, by tenant and object."""
        with transaction(self._engine) as db:
            rows = db.execute(select(_mark).where(_mark.c.run == run.n).order_by(_mark.c.n)).all()
        return {(row.tenant, row.object): _as_mark(row) for row in rows}

    def set_waiting(self, phase: PhaseRecord, keys: Iterable[str]) -> None:
        """Keep which records a phase looks at besides, before it looks at any: its book counts them."""
        rows = [{"phase": phase.n, "key": key} for key in sorted(set(keys))]
        with transaction(self._engine) as db:
            db.execute(_waiting.delete().where(_waiting.c.phase == phase.n))
            if rows:
                db.execute(_waiting.insert(), rows)

    def waiting(self, phase: PhaseRecord) -> list[str]:
        """The keys of the records that a phase looks at besides."""
        query = select(_waiting.c.key).where(_waiting.c.phase == phase.n).order_by(_waiting.c.n)
        with transaction(self._engine) as db:
            return list(db.execute(query).scalars())

    def latest(self, before: Run | None = None) -> dict[tuple[str, str], Mark]:
        """The newest mark of each tenant and object among finished runs (before that one)."""
        query = select(_mark).join(_run, _mark.c.run == _run.c.n)
        query = query.where(_run.c.state == RunState.DONE, _run.c.kind.in_(READING_KINDS))
        if before is not None:
            query = query.where(_run.c.n < before.n)
        with transaction(self._engine) as db:
            rows = db.execute(query.order_by(_mark.c.run)).all()
        return {(row.tenant, row.object): _as_mark(row) for row in rows}


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _as_mark(row: Row[Any]) -> Mark:
    since, until = (None if text is None else datetime.fromisoformat(text) for text in (row.since, row.until))
    return Mark(row.tenant, row.object, row.pass_no, since, until, row.read, row.at)
