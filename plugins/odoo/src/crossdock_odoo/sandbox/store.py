"""The SQLite file and the working copy of its rows in memory.

A row is a dictionary of stored values without empty ones; it is never changed in place. Every request is
one transaction: changes are noted in a journal, written to the file on commit, taken back on failure.
Numbers given by a sequence stay used (measured: a failed call leaves gaps). Nothing of a killed process
that was committed is lost.
"""

import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

Row = dict[str, Any]

TABLES = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS record (
    model TEXT NOT NULL, id INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (model, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sequence (model TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS file (checksum TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS effect (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class Store:
    """The data of one database, opened for the life of the sandbox. Not for use by two threads at once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(TABLES)
        self.rows: dict[str, dict[int, Row]] = defaultdict(dict)
        self.links: dict[tuple[str, str], dict[Any, set[int]]] = defaultdict(dict)
        """By model and field that is looked up: which rows hold a value or refer to an id."""
        self.watched: dict[str, tuple[str, ...]] = {}
        """By model: the stored fields that refer to rows."""
        self._journal: list[tuple[str, int, Row | None]] = []
        self._sequences: dict[str, int] = {}
        self._effects: dict[str, int] = {}
        self._new_effects: list[str] = []
        self._read()

    def _read(self) -> None:
        for model, key, data in self._db.execute("SELECT model, id, data FROM record ORDER BY model, id"):
            self.rows[model][key] = orjson.loads(data)
        self._sequences = dict(self._db.execute("SELECT model, value FROM sequence"))
        self._effects = dict(self._db.execute("SELECT name, value FROM effect"))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def clear(self) -> None:
        """Forget all but the settings."""
        for table in ("record", "sequence", "file", "effect"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are constants
        for memory in (self.rows, self.links, self._sequences, self._effects):
            memory.clear()
        self._journal.clear()
        self._new_effects.clear()

    def watch(self, watched: Mapping[str, tuple[str, ...]]) -> None:
        """Keep an index of these reference fields from now on."""
        for model, names in watched.items():
            for name in set(names) - set(self.watched.get(model, ())):
                self.links[model, name] = {}
                for key, row in self.rows.get(model, {}).items():
                    self._link(model, name, key, row.get(name))
        self.watched = dict(watched)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        with self.lock:
            try:
                yield
            except BaseException:
                self.rewind(0)
                self._new_effects.clear()
                self._save(())
                raise
            self._save({(model, key) for model, key, _ in self._journal})
            self._journal.clear()

    def mark(self) -> int:
        """A place to come back to inside the transaction."""
        return len(self._journal)

    def rewind(self, mark: int) -> None:
        """Take back every change since `mark`."""
        while len(self._journal) > mark:
            model, key, old = self._journal.pop()
            self._place(model, key, old)

    def next_id(self, model: str) -> int:
        """The next number of a model's sequence."""
        value = self._sequences.get(model, 0) + 1
        self._sequences[model] = value
        return value

    def advance(self, model: str, key: int) -> None:
        """Let the sequence go on after a row that came with its own id."""
        self._sequences[model] = max(self._sequences.get(model, 0), key)

    def get(self, model: str, key: int) -> Row | None:
        """One row."""
        return self.rows[model].get(key)

    def put(self, model: str, key: int, row: Row) -> None:
        """Insert or replace a row; empty values are left out."""
        self._journal.append((model, key, self.rows[model].get(key)))
        self._place(model, key, {name: value for name, value in row.items() if value is not None})

    def remove(self, model: str, key: int) -> None:
        """Delete a row."""
        self._journal.append((model, key, self.rows[model].get(key)))
        self._place(model, key, None)

    def referring(self, model: str, name: str, target: int) -> list[int]:
        """The rows whose reference `name` leads to `target`."""
        return sorted(self.links[model, name].get(target, ()))

    def _place(self, model: str, key: int, row: Row | None) -> None:
        table = self.rows[model]
        old = table.get(key) or {}
        new = row or {}
        for name in self.watched.get(model, ()):
            before, after = old.get(name), new.get(name)
            if before != after:
                self._unlink(model, name, key, before)
                self._link(model, name, key, after)
        if row is None:
            table.pop(key, None)
        else:
            table[key] = row

    def _link(self, model: str, name: str, key: int, value: Any) -> None:
        found = self.links[model, name]
        for target in value if isinstance(value, list) else () if value is None else (value,):
            found.setdefault(target, set()).add(key)

    def _unlink(self, model: str, name: str, key: int, value: Any) -> None:
        found = self.links[model, name]
        for target in value if isinstance(value, list) else () if value is None else (value,):
            found.get(target, set()).discard(key)

    def _save(self, touched: Any) -> None:
        gone = [(model, key) for model, key in touched if key not in self.rows[model]]
        kept = [
            (model, key, orjson.dumps(self.rows[model][key]))
            for model, key in touched
            if key in self.rows[model]
        ]
        for name in self._new_effects:
            self._effects[name] = self._effects.get(name, 0) + 1
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", kept)
        self._db.executemany("DELETE FROM record WHERE model = ? AND id = ?", gone)
        self._db.executemany("INSERT OR REPLACE INTO sequence VALUES (?, ?)", self._sequences.items())
        if self._new_effects:
            self._db.executemany("INSERT OR REPLACE INTO effect VALUES (?, ?)", self._effects.items())
        self._db.execute("COMMIT")
        self._new_effects.clear()

    def count(self, effect: str) -> None:
        """Count a side effect (an e-mail, a rule that ran) when the transaction is committed."""
        self._new_effects.append(effect)

    def effects(self) -> dict[str, int]:
        """The side effects counted so far, by name."""
        return dict(self._effects)

    def setting(self, name: str) -> str | None:
        """A saved setting."""
        row = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_setting(self, name: str, value: str) -> None:
        """Save a setting at once."""
        self._db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def drop_setting(self, name: str) -> None:
        """Forget a setting at once."""
        self._db.execute("DELETE FROM setting WHERE name = ?", (name,))

    def save_file(self, checksum: str, content: bytes) -> None:
        """Keep a file's content; the same content once."""
        self._db.execute("INSERT OR IGNORE INTO file VALUES (?, ?)", (checksum, content))

    def file(self, checksum: str) -> bytes:
        """A file's content; empty if it is not kept."""
        row = self._db.execute("SELECT content FROM file WHERE checksum = ?", (checksum,)).fetchone()
        return b"" if row is None else bytes(row[0])
