"""A copy of a ledger to try something on: every row, whatever databases the two live in."""

from typing import TYPE_CHECKING

from sqlalchemy import Engine, select

from crossdock.database import transaction
from crossdock.ledger import tables

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

_ROWS = 1000  # a stretch: memory stays the same however large the ledger is


def copy_rows(source: Engine, target: Engine) -> None:
    """Write all rows of one ledger into another one, which is empty. The first is only read."""
    with transaction(source) as read, transaction(target) as write:
        for table in tables.TABLES.sorted_tables:
            _copy_table(read, write, table)


def _copy_table(read: "Connection", write: "Connection", table: "Table") -> None:
    after = 0
    while True:
        query = select(table).where(table.c.n > after).order_by(table.c.n).limit(_ROWS)
        rows = [dict(row._mapping) for row in read.execute(query)]
        if not rows:
            return
        write.execute(table.insert(), rows)
        after = rows[-1]["n"]
