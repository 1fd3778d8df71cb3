"""Rows of staging: its tables, and what is read and written within an open transaction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    select,
    update,
)

from crossdock.database import SQLITE_PARAMETERS, Form, Words, storable
from crossdock.errors import RecordError
from crossdock.model import Batch, Record, Rejected
from crossdock.serial import content_hash, dumps

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
    Column("key", Words, nullable=False),
    Column("reasons", Words, nullable=False),
    UniqueConstraint("extraction", "key"),
)
# The source's own times in one pass, ISO 8601 in UTC: what the next delta starts from.
clock_table = Table(
    "clock",
    TABLES,
    Column("extraction", _n, ForeignKey("extraction.n"), primary_key=True),
    Column("pass_no", Integer, nullable=False),
    Column("read_at", Text),
    Column("latest", Text),
)
FORM = Form(
    "staging",
    TABLES,
    version=1,
    hint="Remove it (`.crossdock/staging.db`, or its tables): it is extracted again by the next run.",
)


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


REPLACE = (
    update(record_table)
    .where(
        record_table.c.extraction == bindparam("new_extraction"), record_table.c.key == bindparam("new_key")
    )
    .values(
        {name: bindparam(f"new_{name}") for name in ("pass_no", "hash", "deleted", "updated_at", "payload")}
    )
)


def is_object(tenant: str, object_name: str) -> Any:
    """The extraction of this object of this tenant."""
    return and_(extraction_table.c.tenant == tenant, extraction_table.c.object == object_name)


def known_passes(db: Connection, extraction: Extraction, keys: list[str]) -> dict[str, int]:
    """Keys that are staged already, with the pass that last gave them."""
    columns = (record_table.c.key, record_table.c.pass_no)
    found: dict[str, int] = {}
    for chunk in chunks(keys):
        query = select(*columns).where(of_keys(record_table, extraction, chunk))
        found.update((key, pass_no) for key, pass_no in db.execute(query).all())
    return found


def refused_keys(db: Connection, extraction: Extraction, keys: list[str]) -> set[str]:
    """Which of these keys this pass has staged as rejected before."""
    any_query = select(rejected_table.c.n).where(rejected_table.c.extraction == extraction.n).limit(1)
    if db.execute(any_query).first() is None:
        return set()
    found: set[str] = set()
    for chunk in chunks(keys):
        query = select(rejected_table.c.key).where(of_keys(rejected_table, extraction, chunk))
        found.update(db.execute(query).scalars())
    return found


def put_rejected(db: Connection, extraction: Extraction, rejected: Sequence[Rejected]) -> None:
    """Stage items that are no records; what was staged of them as records is not what the source holds."""
    remove(db, record_table, extraction, [item.key for item in rejected])
    rows = [{"extraction": extraction.n, "key": r.key, "reasons": "\n".join(r.reasons)} for r in rejected]
    if rows:
        db.execute(rejected_table.insert(), rows)


def put_clock(db: Connection, extraction: Extraction, batch: Batch) -> None:
    """Keep when the source first answered in this pass, and the latest change that it showed."""
    mine = (clock_table.c.extraction == extraction.n, clock_table.c.pass_no == extraction.pass_no)
    known = db.execute(select(clock_table).where(*mine)).one_or_none()
    times = [r.updated_at for r in batch.records if r.updated_at is not None and r.updated_at.tzinfo]
    read_at, latest = batch.read_at, max(times, default=None)
    if known is not None:
        read_at = as_time(known.read_at) or read_at
        latest = max(filter(None, (as_time(known.latest), latest)), default=None)
    row = {
        "extraction": extraction.n,
        "pass_no": extraction.pass_no,
        "read_at": read_at.astimezone(UTC).isoformat() if read_at else None,
        "latest": latest.astimezone(UTC).isoformat() if latest else None,
    }
    db.execute(delete(clock_table).where(clock_table.c.extraction == extraction.n))
    db.execute(clock_table.insert().values(row))


def as_time(text: str | None) -> datetime | None:
    """A stored time, None for none."""
    return datetime.fromisoformat(text) if text else None


def remove(db: Connection, table: Table, extraction: Extraction, keys: list[str]) -> None:
    """Remove the rows of these keys."""
    for chunk in chunks(keys):
        db.execute(delete(table).where(of_keys(table, extraction, chunk)))


def of_keys(table: Table, extraction: Extraction, keys: Sequence[str]) -> Any:
    """The rows of these keys in an extraction."""
    return and_(table.c.extraction == extraction.n, table.c.key.in_(keys))


def chunks(keys: list[str]) -> Iterator[list[str]]:
    """The keys in lists that one statement takes."""
    for start in range(0, len(keys), SQLITE_PARAMETERS):
        yield keys[start : start + SQLITE_PARAMETERS]


def new_rows(
    extraction: Extraction, records: Sequence[Record]
) -> tuple[list[dict[str, Any]], list[Rejected]]:
    """Rows of records to be stored, and what no store can keep."""
    rows, unstorable = [], []
    for record in records:
        try:
            if not storable(record.key):
                raise RecordError(record.key, ("its key holds a character that no database keeps",))
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


def replacement(row: dict[str, Any]) -> dict[str, Any]:
    """The parameters of REPLACE."""
    # bindparam names must differ from column names in an UPDATE
    return {f"new_{name}": value for name, value in row.items()}
