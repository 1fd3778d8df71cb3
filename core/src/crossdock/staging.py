"""Staging: extracted records at rest. A batch and the cursor after it are committed together.

An extraction is one pass over one object of one tenant. It is resumed from its cursor until it is
complete; a new pass replaces the records that it sees again and knows which it did not see.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    func,
    select,
    update,
)

from crossdock.database import SQLITE_PARAMETERS, now, open_engine, transaction
from crossdock.errors import ContractError, RecordError
from crossdock.model import Batch, Record, Rejected
from crossdock.serial import content_hash, dumps, loads

TABLES = MetaData()
_n = BigInteger().with_variant(Integer, "sqlite")

extraction_table = Table(
    "extraction",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("pass_no", Integer, nullable=False, default=1),
    Column("cursor", Text),
    Column("since", Text),
    Column("complete", Boolean, nullable=False, default=False),
    Column("total", Integer),
    Column("seen", Integer, nullable=False, default=0),
    Column("started_at", Float, nullable=False),
    Column("finished_at", Float),
    UniqueConstraint("tenant", "object"),
)
record_table = Table(
    "record",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("extraction", _n, ForeignKey("extraction.n"), nullable=False),
    Column("key", Text, nullable=False),
    Column("pass_no", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("updated_at", Text),
    Column("payload", LargeBinary, nullable=False),
    UniqueConstraint("extraction", "key"),
)
# Without it SQLite reads and sorts a whole object for each stretch of a scan.
Index("record_of_extraction", record_table.c.extraction, record_table.c.n)
rejected_table = Table(
    "rejected",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("extraction", _n, ForeignKey("extraction.n"), nullable=False),
    Column("key", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    UniqueConstraint("extraction", "key"),
)


@dataclass(frozen=True, slots=True)
class StagedRecord:
    """A staged record: `n` is its place in staging, `hash` that of its values."""

    n: int
    hash: str
    record: Record


@dataclass(frozen=True, slots=True)
class Extraction:
    """How far one pass over an object has come. Times in seconds since the epoch."""

    n: int
    tenant: str
    object_name: str
    pass_no: int
    cursor: str | None
    since: datetime | None
    complete: bool
    seen: int
    total: int | None
    started_at: float


class Staging:
    """The staged records of a project."""

    def __init__(self, url: str) -> None:
        self._engine: Engine = open_engine(url, TABLES, version=1)

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def extraction(self, tenant: str, object_name: str) -> Extraction | None:
        """The latest pass over an object, or None if it was never extracted."""
        with transaction(self._engine) as db:
            row = db.execute(select(extraction_table).where(_is(tenant, object_name))).one_or_none()
        return None if row is None else _extraction(row)

    def begin(
        self, tenant: str, object_name: str, since: datetime | None = None, *, not_before: float = 0.0
    ) -> Extraction:
        """Start a new pass over an object; an unfinished one is returned as it is, to be resumed.

        An unfinished pass that began before `not_before` (seconds since the epoch) belongs to a run
        that nobody goes on with: what it read is too old, and it is started over.
        """
        known = self.extraction(tenant, object_name)
        if known is not None and not known.complete and known.started_at >= not_before:
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
                db.execute(delete(rejected_table).where(rejected_table.c.extraction == known.n))
            row = db.execute(select(extraction_table).where(_is(tenant, object_name))).one()
        return _extraction(row)

    def put(self, extraction: Extraction, batch: Batch) -> None:
        """Store a batch and the cursor after it in one transaction.

        A record that no store can keep is staged as rejected. Raises ContractError when the source
        gives the same key twice in one batch.
        """
        rows, unstorable = _rows(extraction, batch.records)
        rejected = (*batch.rejected, *unstorable)
        keys = [row["key"] for row in rows]
        everything = [*keys, *(item.key for item in rejected)]
        if len(set(everything)) != len(everything):
            doubled = next(key for key in everything if everything.count(key) > 1)
            raise ContractError(
                f"{extraction.object_name} {doubled}: the source gave this record twice in one batch."
            )
        with transaction(self._engine) as db:
            known = _known(db, extraction, everything)
            refused = _refused(db, extraction, everything)
            earlier = refused | {key for key, pass_no in known.items() if pass_no == extraction.pass_no}
            if fresh := [row for row in rows if row["key"] not in known]:
                db.execute(record_table.insert(), fresh)
            if again := [_again(row) for row in rows if row["key"] in known]:
                db.execute(_REPLACE, again)
            _remove(db, rejected_table, extraction, sorted(refused))
            _put_rejected(db, extraction, rejected)
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
        """Mark a pass as complete. Only after that do its missing records count as deleted."""
        with transaction(self._engine) as db:
            db.execute(
                update(extraction_table)
                .where(extraction_table.c.n == extraction.n)
                .values(complete=True, finished_at=now())
            )

    def scan(
        self, tenant: str, object_name: str, after: int = 0, size: int = 200
    ) -> Iterator[list[StagedRecord]]:
        """Staged records in the order of extraction, `size` at a time, those after place `after`.

        Records that a complete full pass no longer saw come with `deleted` set.
        """
        extraction = self.extraction(tenant, object_name)
        if extraction is None:
            return
        while True:
            query = (
                select(record_table)
                .where(record_table.c.extraction == extraction.n, record_table.c.n > after)
                .order_by(record_table.c.n)
                .limit(size)
            )
            with transaction(self._engine) as db:
                rows = db.execute(query).all()
            if not rows:
                return
            yield [_staged(row, extraction) for row in rows]
            after = rows[-1].n

    def get(self, tenant: str, object_name: str, keys: Iterable[str]) -> dict[str, StagedRecord]:
        """Staged records by key; unknown keys are absent."""
        extraction = self.extraction(tenant, object_name)
        if extraction is None:
            return {}
        found: dict[str, StagedRecord] = {}
        with transaction(self._engine) as db:
            for chunk in _chunks(list(keys)):
                query = select(record_table).where(
                    record_table.c.extraction == extraction.n, record_table.c.key.in_(chunk)
                )
                found.update({row.key: _staged(row, extraction) for row in db.execute(query).all()})
        return found

    def rejected(self, tenant: str, object_name: str) -> list[Rejected]:
        """Source items of the latest pass that could not become records."""
        query = select(rejected_table).join(extraction_table).where(_is(tenant, object_name))
        with transaction(self._engine) as db:
            rows = db.execute(query.order_by(rejected_table.c.n)).all()
        return [
            Rejected(object_name, row.key, tuple(row.reasons.split("\n")) if row.reasons else ())
            for row in rows
        ]

    def count(self, tenant: str, object_name: str) -> int:
        """How many records (without rejected items) are staged for an object."""
        query = select(func.count()).select_from(record_table).join(extraction_table)
        with transaction(self._engine) as db:
            return int(db.execute(query.where(_is(tenant, object_name))).scalar_one())


_REPLACE = (
    update(record_table)
    .where(
        record_table.c.extraction == bindparam("new_extraction"), record_table.c.key == bindparam("new_key")
    )
    .values(
        {name: bindparam(f"new_{name}") for name in ("pass_no", "hash", "deleted", "updated_at", "payload")}
    )
)


def _is(tenant: str, object_name: str) -> Any:
    return and_(extraction_table.c.tenant == tenant, extraction_table.c.object == object_name)


def _known(db: Connection, extraction: Extraction, keys: list[str]) -> dict[str, int]:
    """Keys that are staged already, with the pass that last gave them."""
    columns = (record_table.c.key, record_table.c.pass_no)
    found: dict[str, int] = {}
    for chunk in _chunks(keys):
        query = select(*columns).where(_of(record_table, extraction, chunk))
        found.update((key, pass_no) for key, pass_no in db.execute(query).all())
    return found


def _refused(db: Connection, extraction: Extraction, keys: list[str]) -> set[str]:
    """Which of these keys this pass has staged as rejected before."""
    any_query = select(rejected_table.c.n).where(rejected_table.c.extraction == extraction.n).limit(1)
    if db.execute(any_query).first() is None:
        return set()
    found: set[str] = set()
    for chunk in _chunks(keys):
        query = select(rejected_table.c.key).where(_of(rejected_table, extraction, chunk))
        found.update(db.execute(query).scalars())
    return found


def _put_rejected(db: Connection, extraction: Extraction, rejected: Sequence[Rejected]) -> None:
    """Stage items that are no records; what was staged of them as records is not what the source holds."""
    _remove(db, record_table, extraction, [item.key for item in rejected])
    rows = [{"extraction": extraction.n, "key": r.key, "reasons": "\n".join(r.reasons)} for r in rejected]
    if rows:
        db.execute(rejected_table.insert(), rows)


def _remove(db: Connection, table: Table, extraction: Extraction, keys: list[str]) -> None:
    for chunk in _chunks(keys):
        db.execute(delete(table).where(_of(table, extraction, chunk)))


def _of(table: Table, extraction: Extraction, keys: Sequence[str]) -> Any:
    return and_(table.c.extraction == extraction.n, table.c.key.in_(keys))


def _chunks(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), SQLITE_PARAMETERS):
        yield keys[start : start + SQLITE_PARAMETERS]


def _rows(extraction: Extraction, records: Sequence[Record]) -> tuple[list[dict[str, Any]], list[Rejected]]:
    rows, unstorable = [], []
    for record in records:
        try:
            rows.append(_row(extraction, record))
        except RecordError as error:
            unstorable.append(Rejected(extraction.object_name, record.key, error.reasons))
    return rows, unstorable


def _row(extraction: Extraction, record: Record) -> dict[str, Any]:
    values: Mapping[str, Any] = record.values
    return {
        "extraction": extraction.n,
        "key": record.key,
        "pass_no": extraction.pass_no,
        "hash": content_hash(values, record.key),
        "deleted": record.deleted,
        "updated_at": record.updated_at.isoformat() if record.updated_at else None,
        "payload": dumps(values, record.key),
    }


def _again(row: dict[str, Any]) -> dict[str, Any]:
    # bindparam names must differ from column names in an UPDATE
    return {f"new_{name}": value for name, value in row.items()}


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
    gone = extraction.complete and extraction.since is None and row.pass_no < extraction.pass_no
    updated_at = datetime.fromisoformat(row.updated_at) if row.updated_at else None
    record = Record(extraction.object_name, row.key, loads(row.payload), row.deleted or gone, updated_at)
    return StagedRecord(row.n, row.hash, record)
