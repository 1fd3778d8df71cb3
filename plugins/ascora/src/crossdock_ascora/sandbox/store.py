"""What the sandbox holds, in SQLite: one row a record, its JSON in one column."""

import json
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Json = dict[str, Any]

IDS = {
    "customers": "customerId",
    "contacts": "contactId",
    "jobs": "jobId",
    "quotes": "quoteId",
    "invoices": "id",
    "payments": "id",
    "suppliers": "supplierId",
    "supplies": "supplyId",
    "kits": "kitId",
    "categories": "categoryId",
    "supplierInvoices": "supplierInvoiceId",
    "labourRoles": "labourRoleId",
    "labour": "jobNumber",
}
"""The collections, and the key that identifies a record of each."""

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS item (
  n INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0,
  body TEXT NOT NULL, UNIQUE (kind, id));
"""


class Store:
    """The database. Every method holds the lock, so that it may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._db.executescript("DELETE FROM meta; DELETE FROM item;")

    def meta(self, name: str) -> str | None:
        """Give a remembered setting."""
        with self._lock:
            row = self._db.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchone()
        return str(row[0]) if row else None

    def remember(self, name: str, value: str) -> None:
        """Keep a setting."""
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [name, value])

    def put(self, kind: str, items: Iterable[Json]) -> None:
        """Add records, or replace those of the same id, in one transaction.

        Halves of surrogate pairs are kept: JSON writes them with ASCII alone.
        """
        rows = [(kind, str(item[IDS[kind]]), json.dumps(item)) for item in items]
        sql = (
            "INSERT INTO item (kind, id, body) VALUES (?, ?, ?) "
            "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body"
        )
        with self._lock:
            self._db.execute("BEGIN")
            try:
                self._db.executemany(sql, rows)
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def remove(self, kind: str, ids: Iterable[str]) -> None:
        """Remove records for good, as the platform does."""
        with self._lock:
            self._db.executemany("DELETE FROM item WHERE kind = ? AND id = ?", [(kind, one) for one in ids])

    def mark_sent(self, kind: str, ids: Iterable[str]) -> int:
        """Mark records as sent to accounting; give how many were not before."""
        sql = "UPDATE item SET sent = 1 WHERE kind = ? AND id = ? AND sent = 0"
        with self._lock:
            return sum(self._db.execute(sql, [kind, one]).rowcount for one in ids)

    def items(self, kind: str, *, unsent: bool = False) -> list[Json]:
        """Give all records of a collection, the newest first (no order is documented)."""
        sql = "SELECT body FROM item WHERE kind = ? AND sent <= ? ORDER BY n DESC"
        with self._lock:
            rows = self._db.execute(sql, [kind, 0 if unsent else 1]).fetchall()
        return [json.loads(body) for (body,) in rows]

    def dump(self) -> Json:
        """Give everything, by collection, in the order of ids."""
        with self._lock:
            rows = self._db.execute("SELECT kind, id, sent, body FROM item ORDER BY kind, id").fetchall()
        found: Json = {kind: [] for kind in IDS}
        sent: list[str] = []
        for kind, identifier, is_sent, body in rows:
            found[kind].append(_safe(json.loads(body)))
            if is_sent:
                sent.append(f"{kind}/{identifier}")
        return {"items": found, "sent": sent}


def _safe(value: Any) -> Any:
    """The value without halves of surrogate pairs, which no other writer of JSON takes."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _safe(part) for key, part in value.items()}
    return [_safe(part) for part in value] if isinstance(value, list) else value
