"""Rows of files for the destination's own importer: what was written where.

The only proof of what such a file holds: an export of the destination is compared with it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, Row, func, select

from crossdock.database import SQLITE_PARAMETERS, transaction
from crossdock.ledger import tables
from crossdock.ledger.records import Filed, Run
from crossdock.model import Origin
from crossdock.serial import dumps, loads

_filed = tables.filed
_MANY = min(500, SQLITE_PARAMETERS)


class FiledRows:
    """Writes and reads these rows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def clear(self, run: Run) -> None:
        """Forget the rows of a run that was interrupted, before it writes its files anew."""
        with transaction(self._engine) as db:
            db.execute(_filed.delete().where(_filed.c.run == run.n))

    def add(self, run: Run, rows: Sequence[Filed]) -> None:
        """Keep rows of files."""
        if not rows:
            return
        with transaction(self._engine) as db:
            db.execute(_filed.insert(), [_as_row(run, filed) for filed in rows])

    def objects(self, run: Run) -> dict[str, int]:
        """How many records were written, by target object; a record with several rows counts once."""
        query = select(_filed.c.object, func.count(_filed.c.target_id.distinct()))
        query = query.where(_filed.c.run == run.n).group_by(_filed.c.object)
        with transaction(self._engine) as db:
            return {name: int(count) for name, count in sorted(tuple(row) for row in db.execute(query))}

    def of_ids(self, run: Run, object_name: str, target_ids: Sequence[str]) -> dict[str, list[Filed]]:
        """The rows of these records in the order of the import, by target id."""
        found: dict[str, list[Filed]] = {}
        where = (_filed.c.run == run.n, _filed.c.object == object_name)
        for start in range(0, len(target_ids), _MANY):
            chosen = _filed.c.target_id.in_(target_ids[start : start + _MANY])
            with transaction(self._engine) as db:
                rows = db.execute(select(_filed).where(*where, chosen).order_by(_filed.c.n)).all()
            for row in rows:
                found.setdefault(row.target_id, []).append(_as_filed(row))
        return found

    def scan(self, run: Run, object_name: str = "", size: int = 500) -> Iterator[list[Filed]]:
        """Rows in the order of the import, of one object if given, `size` at a time."""
        where = [_filed.c.run == run.n]
        if object_name:
            where.append(_filed.c.object == object_name)
        after = 0
        while True:
            query = select(_filed).where(*where, _filed.c.n > after).order_by(_filed.c.n).limit(size)
            with transaction(self._engine) as db:
                rows = db.execute(query).all()
            if not rows:
                return
            yield [_as_filed(row) for row in rows]
            after = rows[-1].n


def _as_row(run: Run, filed: Filed) -> Mapping[str, Any]:
    return {
        "run": run.n,
        "tenant": filed.origin.tenant,
        "source_object": filed.origin.object_name,
        "key": filed.origin.key,
        "part": filed.origin.part,
        "object": filed.target_object,
        "target_id": filed.target_id,
        "file": filed.file,
        "row": filed.row,
        "content": dumps(filed.values, filed.origin.key),
    }


def _as_filed(row: Row[Any]) -> Filed:
    origin = Origin(row.tenant, row.source_object, row.key, row.part)
    return Filed(origin, row.object, row.target_id, row.file, row.row, loads(row.content))
