"""What a dry run would have written: laid over what the destination holds, so that later reads see it.

A throwaway SQLite file and not the memory: a dry run goes over as many records as a run.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from crossdock.database import SQLITE_PARAMETERS
from crossdock.serial import dumps, loads

_TABLES = """
create table record (object text, id text, made integer, external_id text, content blob,
  primary key (object, id)) without rowid;
create table held (object text, field text, value integer, id text,
  primary key (object, field, value, id)) without rowid;
create index held_by on held (object, id, field);
create table gone (object text, id text, primary key (object, id)) without rowid;
"""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written over one record. `made`: the record itself is part of it."""

    id: str
    made: bool
    external_id: str
    values: Mapping[str, Any]


class Overlay:
    """The written records of all objects, found by id and by the value of a field."""

    def __init__(self, path: Path) -> None:
        """Make the file; nothing in it outlives a crash, and need not."""
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript("pragma journal_mode=off; pragma synchronous=off;" + _TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def put(self, object_name: str, written: Written, held: Mapping[str, Any]) -> None:
        """Write values over a record. `held`: the fields that records are found by, in one form."""
        known = self.of_ids(object_name, [written.id]).get(written.id)
        values = {**(known.values if known else {}), **written.values}
        made = written.made or (known is not None and known.made)
        row = (object_name, written.id, made, written.external_id, dumps(values))
        self._db.execute("insert or replace into record values (?, ?, ?, ?, ?)", row)
        self._db.execute("delete from gone where object = ? and id = ?", row[:2])
        for field, value in held.items():
            self._db.execute(
                "delete from held where object = ? and id = ? and field = ?", (object_name, written.id, field)
            )
            self._db.execute(
                "insert into held values (?, ?, ?, ?)", (object_name, field, _hash(value), written.id)
            )

    def take_away(self, object_name: str, record_id: str) -> None:
        """Put a record into the trash or destroy it: nothing of it is found any more."""
        place = (object_name, record_id)
        self._db.execute("delete from record where object = ? and id = ?", place)
        self._db.execute("delete from held where object = ? and id = ?", place)
        self._db.execute("insert or ignore into gone values (?, ?)", place)

    def is_gone(self, object_name: str, record_id: str) -> bool:
        """Whether the record was taken away."""
        query = "select 1 from gone where object = ? and id = ?"
        return self._db.execute(query, (object_name, record_id)).fetchone() is not None

    def of_ids(self, object_name: str, ids: Iterable[str]) -> dict[str, Written]:
        """What was written over these records; the others are absent."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Written] = {}
        for start in range(0, len(wanted), SQLITE_PARAMETERS):
            chunk = wanted[start : start + SQLITE_PARAMETERS]
            marks = ", ".join("?" * len(chunk))
            query = f"select * from record where object = ? and id in ({marks})"  # noqa: S608 - marks alone
            found.update((row[1], _written(row)) for row in self._db.execute(query, (object_name, *chunk)))
        return found

    def holding(self, object_name: str, field: str, values: Sequence[Any]) -> dict[str, Written]:
        """The written records that hold one of these values, in the form that they were put with."""
        query = "select id from held where object = ? and field = ? and value = ?"
        ids = [
            row[0]
            for value in values
            for row in self._db.execute(query, (object_name, field, _hash(value))).fetchall()
        ]
        return self.of_ids(object_name, ids)

    def made(self, object_name: str) -> Iterator[Written]:
        """Every record that would have been created."""
        query = "select * from record where object = ? and made order by id"
        yield from map(_written, self._db.execute(query, (object_name,)))


def _written(row: Sequence[Any]) -> Written:
    return Written(row[1], bool(row[2]), row[3], loads(row[4]))


def _hash(value: Any) -> int:
    digest = blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
