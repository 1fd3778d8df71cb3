"""Staging: extracted records at rest. A batch and the cursor after it are committed together.

An extraction is one pass over one object of one tenant. It is resumed from its cursor until it is
complete; a new pass replaces the records that it sees again and knows which it did not see. What a
whole reading did not see was deleted; a pass over changes alone (`since`) says nothing of the rest.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, delete, func, select, update

from crossdock.compaction import compact
from crossdock.database import as_stored, close_engine, hold, now, open_engine, transaction
from crossdock.errors import ContractError
from crossdock.model import Batch, Record, Rejected
from crossdock.serial import loads
from crossdock.stagingrows import (
    FORM,
    REPLACE,
    Extraction,
    as_time,
    chunks,
    clock_table,
    extraction_table,
    is_object,
    known_passes,
    new_rows,
    of_keys,
    put_clock,
    put_rejected,
    record_table,
    refused_keys,
    rejected_table,
    remove,
    replacement,
)

__all__ = ["Extraction", "SourceClock", "StagedRecord", "Staging"]


@dataclass(frozen=True, slots=True)
class SourceClock:
    """Times of one pass by the source's own clock: when it first answered, and the latest change seen."""

    read_at: datetime | None = None
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class StagedRecord:
    """A staged record: `n` is its place in staging, `hash` that of its values."""

    n: int
    hash: str
    record: Record


class Staging:
    """The staged records of a project."""

    def __init__(self, url: str, schema: str | None = None) -> None:
        self._engine: Engine = open_engine(url, FORM, schema)

    def hold(self) -> None:
        """Be the process that writes, until this is closed. Raises RefusedError if another one is."""
        hold(self._engine)

    def close(self) -> None:
        """Close the database."""
        close_engine(self._engine)

    def extraction(self, tenant: str, object_name: str) -> Extraction | None:
        """The latest pass over an object, or None if it was never extracted."""
        with transaction(self._engine) as db:
            row = db.execute(select(extraction_table).where(is_object(tenant, object_name))).one_or_none()
        return None if row is None else _extraction(row)

    def begin(
        self, tenant: str, object_name: str, since: datetime | None = None, *, after_pass: int = 0
    ) -> Extraction:
        """Start a new pass over an object; an unfinished one is returned as it is, to be resumed.

        An unfinished pass up to number `after_pass` belongs to a run that nobody goes on with: what it
        read is too old, and it is started over.
        """
        known = self.extraction(tenant, object_name)
        if known is not None and not known.complete and known.pass_no > after_pass:
            return known
        values: dict[str, Any] = {
            "cursor": None,
            "since": since.isoformat() if since else None,
            "complete": False,
            "total": None,
            "seen": 0,
            "started_at": now(),
            "finished_at": None,
        }
        with transaction(self._engine) as db:
            if known is None:
                db.execute(
                    extraction_table.insert().values(tenant=tenant, object=object_name, pass_no=1, **values)
                )
            else:
                db.execute(
                    update(extraction_table)
                    .where(extraction_table.c.n == known.n)
                    .values(pass_no=known.pass_no + 1, **values)
                )
                if since is None:  # else those that did not change are not read again
                    db.execute(delete(rejected_table).where(rejected_table.c.extraction == known.n))
            row = db.execute(select(extraction_table).where(is_object(tenant, object_name))).one()
        return _extraction(row)

    def put(self, extraction: Extraction, batch: Batch) -> None:
        """Store a batch and the cursor after it in one transaction.

        A record that no store can keep is staged as rejected. Raises ContractError when the source
        gives the same key twice in one batch.
        """
        rows, unstorable = new_rows(extraction, batch.records)
        rejected = [replace(item, key=as_stored(item.key)) for item in (*batch.rejected, *unstorable)]
        keys = [row["key"] for row in rows]
        everything = [*keys, *(item.key for item in rejected)]
        if len(set(everything)) != len(everything):
            doubled = next(key for key in everything if everything.count(key) > 1)
            raise ContractError(
                f"{extraction.object_name} {doubled}: the source gave this record twice in one batch."
            )
        with transaction(self._engine) as db:
            known = known_passes(db, extraction, everything)
            refused = refused_keys(db, extraction, everything)
            earlier = {key for key, pass_no in known.items() if pass_no == extraction.pass_no}
            if extraction.since is None:  # a pass over changes keeps what earlier ones refused
                earlier |= refused
            if fresh := [row for row in rows if row["key"] not in known]:
                db.execute(record_table.insert(), fresh)
            if again := [replacement(row) for row in rows if row["key"] in known]:
                db.execute(REPLACE, again)
            remove(db, rejected_table, extraction, sorted(refused))
            put_rejected(db, extraction, rejected)
            put_clock(db, extraction, batch)
            db.execute(
                update(extraction_table)
                .where(extraction_table.c.n == extraction.n)
                .values(
                    cursor=batch.cursor,
                    total=batch.total,
                    # A list that moved under way repeats some of what this pass gave before.
                    seen=extraction_table.c.seen + len(everything) - len(earlier),
                )
            )

    def finish(self, extraction: Extraction) -> None:
        """Mark a pass as complete. After a whole reading what it did not see counts as deleted, unless
        the source counted more records than it gave."""
        table = extraction_table
        with transaction(self._engine) as db:
            query = update(table).where(table.c.n == extraction.n)
            db.execute(query.values(complete=True, finished_at=now()))
            row = db.execute(select(table).where(table.c.n == extraction.n)).one()
            if row.since is None and (row.total is None or row.seen >= row.total):
                unseen = (record_table.c.extraction == row.n, record_table.c.pass_no < row.pass_no)
                db.execute(update(record_table).where(*unseen).values(deleted=True))

    def clock(self, tenant: str, object_name: str) -> SourceClock:
        """The source's own times in the latest pass over an object."""
        query = (
            select(clock_table)
            .join(extraction_table)
            .where(is_object(tenant, object_name), clock_table.c.pass_no == extraction_table.c.pass_no)
        )
        with transaction(self._engine) as db:
            row = db.execute(query).one_or_none()
        return SourceClock() if row is None else SourceClock(as_time(row.read_at), as_time(row.latest))

    def scan(
        self,
        tenant: str,
        object_name: str,
        after: int = 0,
        size: int = 200,
        *,
        since_pass: int = 0,
        also: Sequence[int] = (),
        deleted: bool = False,
    ) -> Iterator[list[StagedRecord]]:
        """Staged records in the order of extraction, `size` at a time, those after place `after`.

        Records that a complete full pass no longer saw come with `deleted` set. `since_pass`: only those
        that this pass or a later one saw, and those at the places `also` (ascending). `deleted`: only
        deleted ones.
        """
        extraction = self.extraction(tenant, object_name)
        if extraction is None:
            return
        where = [record_table.c.extraction == extraction.n]
        if since_pass:
            where.append(record_table.c.pass_no >= since_pass)
        if deleted:
            where.append(record_table.c.deleted.is_(True))
        while True:
            query = select(record_table).where(*where, record_table.c.n > after)
            with transaction(self._engine) as db:
                rows = list(db.execute(query.order_by(record_table.c.n).limit(size)).all())
                first = bisect_right(also, after)
                if places := also[first : first + size]:
                    query = select(record_table).where(record_table.c.n.in_(places))
                    found = {row.n: row for row in [*rows, *db.execute(query).all()]}
                    rows = [found[n] for n in sorted(found)[:size]]
            if not rows:
                return
            yield [_staged(row, extraction) for row in rows]
            after = rows[-1].n

    def places(self, tenant: str, object_name: str, keys: Iterable[str], before_pass: int) -> dict[str, int]:
        """The places of those of these records that no pass since `before_pass` saw, by key."""
        extraction = self.extraction(tenant, object_name)
        found: dict[str, int] = {}
        if extraction is None:
            return found
        with transaction(self._engine) as db:
            for chunk in chunks(list(dict.fromkeys(keys))):
                query = select(record_table.c.key, record_table.c.n).where(
                    of_keys(record_table, extraction, chunk), record_table.c.pass_no < before_pass
                )
                found.update((key, n) for key, n in db.execute(query).all())
        return found

    def get(self, tenant: str, object_name: str, keys: Iterable[str]) -> dict[str, StagedRecord]:
        """Staged records by key; unknown keys are absent."""
        extraction = self.extraction(tenant, object_name)
        if extraction is None:
            return {}
        found: dict[str, StagedRecord] = {}
        with transaction(self._engine) as db:
            for chunk in chunks(list(keys)):
                query = select(record_table).where(
                    record_table.c.extraction == extraction.n, record_table.c.key.in_(chunk)
                )
                found.update({row.key: _staged(row, extraction) for row in db.execute(query).all()})
        return found

    def rejected(self, tenant: str, object_name: str) -> list[Rejected]:
        """Source items of the latest pass that could not become records."""
        query = select(rejected_table).join(extraction_table).where(is_object(tenant, object_name))
        with transaction(self._engine) as db:
            rows = db.execute(query.order_by(rejected_table.c.n)).all()
        return [
            Rejected(object_name, row.key, tuple(row.reasons.split("\n")) if row.reasons else ())
            for row in rows
        ]

    def count(self, tenant: str, object_name: str, since_pass: int = 0, *, live: bool = False) -> int:
        """How many records (without rejected items) are staged for an object, or seen since a pass.

        `live`: without those that are deleted at the source.
        """
        query = select(func.count()).select_from(record_table).join(extraction_table)
        query = query.where(is_object(tenant, object_name), record_table.c.pass_no >= since_pass)
        if live:
            query = query.where(record_table.c.deleted.is_(False))
        with transaction(self._engine) as db:
            return int(db.execute(query).scalar_one())

    def objects(self) -> list[tuple[str, str]]:
        """Every tenant and object that was extracted."""
        columns = (extraction_table.c.tenant, extraction_table.c.object)
        with transaction(self._engine) as db:
            rows = db.execute(select(*columns).order_by(extraction_table.c.n)).all()
        return [(row.tenant, row.object) for row in rows]

    def held(self) -> int:
        """How many records and rejected items of all objects are staged."""
        with transaction(self._engine) as db:
            counts = [
                db.execute(select(func.count()).select_from(t)).scalar_one()
                for t in (record_table, rejected_table)
            ]
        return sum(map(int, counts))

    def forget(self) -> None:
        """Take every record away for good; what is left says how many were read, and when."""
        with transaction(self._engine) as db:
            db.execute(delete(record_table))
            db.execute(delete(rejected_table))
            db.execute(update(extraction_table).values(cursor=None))  # it may hold a value of the last record
        compact(self._engine, (table.name for table in (extraction_table, record_table, rejected_table)))


def _extraction(row: Row[Any]) -> Extraction:
    since = datetime.fromisoformat(row.since) if row.since else None
    return Extraction(
        row.n,
        row.tenant,
        row.object,
        row.pass_no,
        row.cursor,
        since,
        row.complete,
        row.seen,
        row.total,
        row.started_at,
    )


def _staged(row: Row[Any], extraction: Extraction) -> StagedRecord:
    updated_at = datetime.fromisoformat(row.updated_at) if row.updated_at else None
    record = Record(extraction.object_name, row.key, loads(row.payload), row.deleted, updated_at)
    return StagedRecord(row.n, row.hash, record)
