"""What a run would have sent, in the order in which it would have: a throwaway SQLite file."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.model import REMOVALS, Action, Origin, TargetRecord
from crossdock.serial import dumps, loads

_TABLE = """
create table record (n integer primary key, sheet integer, object text, target_id text, external_id text,
  origin text, action text, content blob);
create index record_of on record (object, target_id);
"""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Sheet:
    """Neighbouring records of one object that came from one object of the source, and are all new, or all
    there already when their turn comes: none of them refers to another one."""

    n: int
    object_name: str
    creating: bool
    source: str


class Spool:
    """Records on their way into files."""

    def __init__(self, path: Path) -> None:
        """Make the file; nothing in it outlives a crash, and need not."""
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript("pragma journal_mode=off; pragma synchronous=off;" + _TABLE)
        self._sheets: list[Sheet] = []

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def put(self, record: TargetRecord) -> None:
        """Add a record to its sheet; a sheet ends where another object, or another action, begins."""
        creating = record.action is Action.CREATE
        kind = (record.object_name, creating, record.origin.object_name)
        last = self._sheets[-1] if self._sheets else None
        if last is None or (last.object_name, last.creating, last.source) != kind:
            last = Sheet(len(self._sheets) + 1, *kind)
            self._sheets.append(last)
        origin = record.origin
        self._db.execute(
            "insert into record values (null, ?, ?, ?, ?, ?, ?, ?)",
            (
                last.n,
                record.object_name,
                record.target_id,
                record.external_id,
                json.dumps([origin.tenant, origin.object_name, origin.key, origin.part]),
                record.action.value,
                dumps(record.values, origin.key),
            ),
        )

    def sheets(self) -> Sequence[Sheet]:
        """The sheets in load order; a removal is none."""
        return tuple(self._sheets)

    def records(self, sheet: Sheet) -> Iterator[TargetRecord]:
        """The records of a sheet in the order of the run."""
        yield from self._scan("sheet = ?", (sheet.n,))

    def removals(self) -> Iterator[TargetRecord]:
        """Records that were deleted at the source, to be taken away at the destination."""
        marks = ", ".join("?" * len(REMOVALS))
        yield from self._scan(f"action in ({marks})", tuple(action.value for action in REMOVALS))

    def is_new(self, object_name: str, target_id: str) -> bool:
        """Whether a record is made by this run."""
        query = "select 1 from record where object = ? and target_id = ? and action = ?"
        place = (object_name, target_id, Action.CREATE.value)
        return self._db.execute(query, place).fetchone() is not None

    def values_of(self, object_name: str, target_id: str) -> Mapping[str, Any]:
        """All values of a record, those of later sheets over those of earlier ones."""
        query = "select content from record where object = ? and target_id = ? order by n"
        values: dict[str, Any] = {}
        for (content,) in self._db.execute(query, (object_name, target_id)).fetchall():
            values |= loads(content)
        return values

    def _scan(self, where: str, parameters: Sequence[Any]) -> Iterator[TargetRecord]:
        after = 0
        query = f"select * from record where {where} and n > ? order by n limit {_PAGE}"  # noqa: S608 - ours
        while rows := self._db.execute(query, (*parameters, after)).fetchall():
            yield from map(_record, rows)
            after = rows[-1][0]


def _record(row: Sequence[Any]) -> TargetRecord:
    _, _, object_name, target_id, external_id, origin, action, content = row
    place = Origin(*json.loads(origin))
    return TargetRecord(object_name, place, target_id, external_id, loads(content), Action(action))
