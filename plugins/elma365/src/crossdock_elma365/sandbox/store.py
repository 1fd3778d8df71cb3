"""What the sandbox holds, in SQLite: one row an item, its JSON in one column.

Collections are named as applications are (`_clients._companies`); people, tasks, files and the like
live in collections of their own (see `Collection`).
"""

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson

from crossdock_elma365.sandbox.times import nanoseconds

Json = dict[str, Any]

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS app (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS namespace (code TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS item (
  app TEXT NOT NULL, id TEXT NOT NULL, idx INTEGER NOT NULL, deleted INTEGER NOT NULL,
  created INTEGER, updated INTEGER, body TEXT NOT NULL, UNIQUE (app, id));
CREATE INDEX IF NOT EXISTS item_by_index ON item (app, idx, deleted);
CREATE INDEX IF NOT EXISTS item_by_update ON item (app, updated);
CREATE TABLE IF NOT EXISTS content (id TEXT PRIMARY KEY, bytes BLOB NOT NULL);
"""


class Collection:
    """Names of the collections that are no applications."""

    USERS = "_system.users"
    GROUPS = "_system.groups"
    TASKS = "_system.tasks"
    FILES = "_system.files"
    DIRECTORIES = "_system.directories"
    INSTANCES = "_system.instances"
    MESSAGES = "_system.messages"
    COMMENTS = "_system.comments"
    PROCESSES = "_scheme.processes"
    REPORTS = "_scheme.reports"
    PAGES = "_scheme.pages"
    WIDGETS = "_scheme.widgets"
    DOCTEMPLATES = "_scheme.doctemplates"
    SOLUTIONS = "_scheme.solutions"
    MODULES = "_scheme.modules"


class Store:
    """The database. Every method holds the lock, so that it may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing with NORMAL; only a power cut could.
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            for table in ("meta", "app", "namespace", "item", "content"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 fixed names

    def meta(self, name: str) -> str | None:
        """Give a remembered setting."""
        rows = self._rows("SELECT value FROM meta WHERE name = ?", [name])
        return str(rows[0][0]) if rows else None

    def remember(self, name: str, value: str) -> None:
        """Keep a setting."""
        self._run("INSERT OR REPLACE INTO meta VALUES (?, ?)", [name, value])

    def put_namespace(self, code: str, name: str) -> None:
        """Add or rename a section."""
        self._run("INSERT OR REPLACE INTO namespace VALUES (?, ?)", [code, name])

    def namespaces(self) -> list[Json]:
        """Give all sections as {code, name}."""
        rows = self._rows("SELECT code, name FROM namespace ORDER BY code", [])
        return [{"code": code, "name": name} for code, name in rows]

    def put_app(self, app: Json) -> None:
        """Add or replace the schema of an application; its section is added when it is missing."""
        name = f"{app['namespace']}.{app['code']}"
        namespace = str(app["namespace"])
        self._run("INSERT OR REPLACE INTO app VALUES (?, ?)", [name, orjson.dumps(app).decode()])
        self._run("INSERT OR IGNORE INTO namespace VALUES (?, ?)", [namespace, namespace])

    def app(self, name: str) -> Json | None:
        """Give the schema of an application."""
        rows = self._rows("SELECT body FROM app WHERE name = ?", [name])
        return orjson.loads(rows[0][0]) if rows else None

    def apps(self) -> list[Json]:
        """Give the schemas of all applications, by name."""
        return [orjson.loads(body) for (body,) in self._rows("SELECT body FROM app ORDER BY name", [])]

    def put(self, collection: str, items: Iterable[Json]) -> None:
        """Add or replace items in one transaction; each has `__id`, `__index` and its times."""
        rows = (
            (
                collection,
                item["__id"],
                int(item.get("__index") or 0),
                int(bool(item.get("__deletedAt"))),
                nanoseconds(item.get("__createdAt") or ""),
                nanoseconds(item.get("__updatedAt") or ""),
                orjson.dumps(item).decode(),
            )
            for item in items
        )
        with self._lock:
            self._db.execute("BEGIN")
            try:
                self._db.executemany("INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def remove(self, collection: str, ids: Iterable[str]) -> None:
        """Remove items for good, as if they had never been (the platform itself cannot do that)."""
        with self._lock:
            self._db.executemany("DELETE FROM item WHERE app = ? AND id = ?", [(collection, i) for i in ids])

    def get(self, collection: str, identifier: str) -> Json | None:
        """Give one item, deleted or not."""
        rows = self._rows("SELECT body FROM item WHERE app = ? AND id = ?", [collection, identifier])
        return orjson.loads(rows[0][0]) if rows else None

    def items(self, collection: str) -> list[Json]:
        """Give all items of a small collection, by running number."""
        return [orjson.loads(body) for body in self.select("app = ?", [collection], "idx", -1, 0)]

    def next_index(self, collection: str) -> int:
        """Give the running number for a new item."""
        [(highest,)] = self._rows("SELECT max(idx) FROM item WHERE app = ?", [collection])
        return int(highest or 0) + 1

    def select(self, where: str, values: Sequence[Any], order: str, limit: int, offset: int) -> list[bytes]:
        """Give the JSON of the items of a page; limit -1 is all. `where` and `order` are SQL."""
        sql = f"SELECT body FROM item WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608
        return [body.encode() for (body,) in self._rows(sql, [*values, limit, offset])]

    def count(self, where: str, values: Sequence[Any]) -> int:
        """Count items; `where` is SQL."""
        [(total,)] = self._rows(f"SELECT count(*) FROM item WHERE {where}", values)  # noqa: S608
        return int(total)

    def put_content(self, identifier: str, content: bytes) -> None:
        """Keep the bytes of a file."""
        self._run("INSERT OR REPLACE INTO content VALUES (?, ?)", [identifier, content])

    def content(self, identifier: str) -> bytes | None:
        """Give the bytes of a file."""
        rows = self._rows("SELECT bytes FROM content WHERE id = ?", [identifier])
        return bytes(rows[0][0]) if rows else None

    def dump(self) -> Json:
        """Give everything in canonical order; files as SHA-256."""
        with self._lock:
            items: dict[str, list[Json]] = {}
            for app, body in self._rows("SELECT app, body FROM item ORDER BY app, id", []):
                items.setdefault(app, []).append(orjson.loads(body))
            files = self._rows("SELECT id, bytes FROM content ORDER BY id", [])
            hashes = {identifier: hashlib.sha256(content).hexdigest() for identifier, content in files}
            whole = {"namespaces": self.namespaces(), "apps": self.apps(), "items": items, "files": hashes}
        canonical: Json = orjson.loads(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS))
        return canonical

    def _rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def _run(self, sql: str, values: Sequence[Any]) -> None:
        with self._lock:
            self._db.execute(sql, values)
