"""Rewrites a database without what was deleted or changed, so that no byte of that is left in it.

What neither can reach: backups, copies of the file system, and the write-ahead log of a PostgreSQL server.
"""

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from crossdock.database import translated_errors
from crossdock.database.failures import shown
from crossdock.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Engine

_AGAIN = "End it and run the same command again."


def compact(engine: "Engine", tables: Iterable[str]) -> None:
    """SQLite: VACUUM, and the write-ahead log is emptied; PostgreSQL: VACUUM FULL of these tables.

    Raises StorageError, also while another process reads.
    """
    where = shown(engine.url)
    with translated_errors(where):
        if engine.dialect.name == "sqlite":
            _compact_file(engine, where)
            return
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            for name in tables:
                db.exec_driver_sql(f"VACUUM (FULL) {engine.dialect.identifier_preparer.quote(name)}")


def _compact_file(engine: "Engine", where: str) -> None:
    connection = engine.raw_connection()
    try:
        cursor: Any = connection.cursor()
        cursor.execute("pragma temp_store=file")  # a large ledger need not fit into the memory
        cursor.execute("pragma busy_timeout=3000")
        cursor.execute("vacuum")
        busy = cursor.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
        cursor.execute("pragma temp_store=memory")
        cursor.execute("pragma busy_timeout=30000")
    except sqlite3.Error as error:
        raise StorageError(f"the database {where} refused: {error}.", hint=_AGAIN) from error
    finally:
        connection.close()
    if busy:
        raise StorageError(f"another process reads {where}.", hint=_AGAIN)
