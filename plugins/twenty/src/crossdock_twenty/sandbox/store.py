"""The SQLite file: schema, records, join columns, unique keys, files, counters.

One connection, one lock. A record is one JSON document; join columns and unique values are kept
beside it in indexed tables, so that constraints, cascades and lookups need no scan. The journal is
removed after each transaction, so that the state is one file; a killed process loses nothing that
was committed.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from crossdock_twenty.sandbox.catalog import Catalog, Field, Object, field_document
from crossdock_twenty.sandbox.patterns import like

TABLES = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS object (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS field (
    id TEXT PRIMARY KEY, object TEXT NOT NULL, seq INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS record (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, object TEXT NOT NULL, id TEXT NOT NULL,
    deleted TEXT, position REAL, data TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS record_id ON record (object, id);
CREATE INDEX IF NOT EXISTS record_position ON record (object, position) WHERE deleted IS NULL;
CREATE TABLE IF NOT EXISTS link (
    field TEXT NOT NULL, target TEXT NOT NULL, object TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (target, field, record)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS link_record ON link (record, field);
CREATE TABLE IF NOT EXISTS unique_key (
    object TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (object, name, value)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS unique_record ON unique_key (record);
CREATE TABLE IF NOT EXISTS file (
    id TEXT PRIMARY KEY, field TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL,
    declared INTEGER NOT NULL, size INTEGER NOT NULL, sha256 TEXT, status TEXT NOT NULL,
    created TEXT NOT NULL, owner TEXT, content BLOB);
CREATE TABLE IF NOT EXISTS webhook (id TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS api_key (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, token TEXT NOT NULL, revoked TEXT, created TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""

NAMES = (
    "setting",
    "object",
    "field",
    "record",
    "link",
    "unique_key",
    "file",
    "webhook",
    "api_key",
    "counter",
)


def _like(value: object, pattern: object, ignore_case: int) -> bool | None:
    """SQL LIKE and ILIKE as PostgreSQL does them; no value, no answer."""
    if value is None or pattern is None:
        return None
    return like(str(value), str(pattern), ignore_case=bool(ignore_case))


class Store:
    """The database file, opened for the life of the sandbox."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("PRAGMA cache_size = -65536")
        self._db.create_function("like_text", 3, _like, deterministic=True)
        self._db.executescript(TABLES)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nested use joins the outer transaction."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def value(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        with self._lock:
            row = self._db.execute(sql, values).fetchone()
            return None if row is None else row[0]

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Execute one statement; the number of rows it changed."""
        with self._lock:
            return self._db.execute(sql, values).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute one statement for many rows."""
        with self._lock:
            self._db.executemany(sql, rows)

    def clear(self) -> None:
        """Empty all tables."""
        with self.transaction():
            for name in NAMES:
                self._db.execute(f"DELETE FROM {name}")  # noqa: S608 - the names are constants

    def setting(self, name: str) -> str | None:
        """A saved setting."""
        found = self.value("SELECT value FROM setting WHERE name = ?", (name,))
        return None if found is None else str(found)

    def set_setting(self, name: str, value: str) -> None:
        """Save a setting."""
        self.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter of side effects."""
        self.run(
            "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name)"
            " DO UPDATE SET value = value + excluded.value",
            (name, by),
        )

    def save_object(self, obj: Object) -> None:
        """Save an object's own document, keeping its place."""
        self._save("object", obj.id, (), orjson.dumps(obj.document()))

    def save_field(self, item: Field) -> None:
        """Save a field, keeping its place."""
        self._save("field", item.id, (item.object_id,), orjson.dumps(field_document(item)))

    def _save(self, table: str, key: str, extra: tuple[str, ...], data: bytes) -> None:
        if self.run(f"UPDATE {table} SET data = ? WHERE id = ?", (data, key)):  # noqa: S608
            return
        seq = self.value(f"SELECT coalesce(max(seq), 0) + 1 FROM {table}")  # noqa: S608
        marks = ", ".join("?" for _ in (key, *extra, seq, data))
        self.run(f"INSERT INTO {table} VALUES ({marks})", (key, *extra, seq, data))  # noqa: S608

    def load_catalog(self) -> Catalog:
        """Read the schema back."""
        standard, custom = self.setting("standard_application"), self.setting("custom_application")
        catalog = Catalog(standard or "", custom or "")
        for (data,) in self.rows("SELECT data FROM object ORDER BY seq"):
            catalog.add(Object(**orjson.loads(data)))
        for (data,) in self.rows("SELECT data FROM field ORDER BY seq"):
            catalog.add_field(Field(**orjson.loads(data)))
        return catalog
