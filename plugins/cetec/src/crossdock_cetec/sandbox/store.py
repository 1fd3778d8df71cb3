"""What the sandbox holds, in SQLite: one row a record, its JSON in one column, by collection and key."""

import hashlib
import shutil
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

Json = dict[str, Any]

KEYS: Mapping[str, str] = {
    "customers": "id",
    "contacts": "id",
    "orders": "id",
    "invoices": "invoicenum",
    "parts": "prcpart",
    "locations": "id",
    "location_maps": "ordline_id",
}
"""The collections, and the field that tells their rows apart."""


class Store:
    """The database, and the folder of exports beside it. Every method may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self.exports = path.with_name(f"{path.stem}-exports")
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(
            "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT);"
            "CREATE TABLE IF NOT EXISTS item (n INTEGER PRIMARY KEY, collection TEXT, key TEXT, body TEXT,"
            " UNIQUE (collection, key));"
        )

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()

    def clear(self) -> None:
        """Forget everything, the exports included."""
        with self._lock:
            self._db.execute("DELETE FROM meta")
            self._db.execute("DELETE FROM item")
            shutil.rmtree(self.exports, ignore_errors=True)

    def meta(self, name: str) -> str | None:
        """Give a remembered setting."""
        rows = self._rows("SELECT value FROM meta WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def remember(self, name: str, value: str) -> None:
        """Keep a setting."""
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def put(self, collection: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add or replace rows in one transaction. Raises KeyError for a row without its key."""
        field = KEYS[collection]
        made = [(collection, str(row[field]), orjson.dumps(row).decode()) for row in rows]
        with self._lock:
            self._db.execute("BEGIN")
            self._db.executemany(
                "INSERT INTO item (collection, key, body) VALUES (?, ?, ?)"
                " ON CONFLICT (collection, key) DO UPDATE SET body = excluded.body",
                made,
            )
            self._db.execute("COMMIT")

    def remove(self, collection: str, keys: Iterable[Any]) -> None:
        """Remove rows for good."""
        with self._lock:
            self._db.executemany(
                "DELETE FROM item WHERE collection = ? AND key = ?", [(collection, str(k)) for k in keys]
            )

    def rows(self, collection: str) -> list[Json]:
        """Give all rows of a collection, in the order in which they came."""
        found = self._rows("SELECT body FROM item WHERE collection = ? ORDER BY n", (collection,))
        return [orjson.loads(body) for (body,) in found]

    def get(self, collection: str, key: str) -> Json | None:
        """Give one row."""
        found = self._rows("SELECT body FROM item WHERE collection = ? AND key = ?", (collection, key))
        return orjson.loads(found[0][0]) if found else None

    def write(self, name: str, content: bytes) -> None:
        """Put a file into the folder of exports."""
        path = self.exports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def dump(self) -> Json:
        """Give everything, files by their hashes, in canonical order."""
        held: Json = {
            name: {str(row[key]): row for row in sorted(self.rows(name), key=lambda r: str(r[key]))}
            for name, key in KEYS.items()
        }
        paths = sorted(p for p in self.exports.rglob("*") if p.is_file())
        held["files"] = {
            p.relative_to(self.exports).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths
        }
        return held

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()
