"""Records in the database: read by id, insert, replace."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from crossdock_twenty.sandbox.catalog import Object
from crossdock_twenty.sandbox.inspection import is_number
from crossdock_twenty.sandbox.keys import chunks, drop_keys, marks, write_keys
from crossdock_twenty.sandbox.workspace import Workspace

Data = dict[str, Any]


def read(ws: Workspace, obj: Object, ids: Sequence[str], *, live: bool = False) -> dict[str, Data]:
    """Records by id, trashed ones included unless `live`; unknown ids are left out."""
    found: dict[str, Data] = {}
    condition = " AND deleted IS NULL" if live else ""
    for group in chunks(ids):
        sql = f"SELECT id, data FROM record WHERE object = ? AND id IN ({marks(len(group))}){condition}"  # noqa: S608
        for key, data in ws.store.rows(sql, (obj.id, *group)):
            found[key] = orjson.loads(data)
    return found


def read_one(ws: Workspace, obj: Object, key: str, *, live: bool = False) -> Data | None:
    """One record by id."""
    return read(ws, obj, [key], live=live).get(key)


def _columns(data: Mapping[str, Any]) -> tuple[Any, Any, str]:
    place = data.get("position")
    kept = {name: value for name, value in data.items() if value is not None}
    return data.get("deletedAt"), place if is_number(place) else None, orjson.dumps(kept).decode()


def insert(ws: Workspace, obj: Object, records: Sequence[Data]) -> None:
    """Write new records, their join columns and their unique keys; all checks are done before."""
    rows = [(obj.id, data["id"], *_columns(data)) for data in records]
    ws.store.run_many("INSERT INTO record (object, id, deleted, position, data) VALUES (?, ?, ?, ?, ?)", rows)
    write_keys(ws, obj, records)


def replace(ws: Workspace, obj: Object, records: Sequence[Data], *, keys: bool = True) -> None:
    """Overwrite records; `keys` False if no join column and no unique value can have changed."""
    rows = [(*_columns(data), obj.id, data["id"]) for data in records]
    ws.store.run_many(
        "UPDATE record SET deleted = ?, position = ?, data = ? WHERE object = ? AND id = ?", rows
    )
    if keys:
        drop_keys(ws, [data["id"] for data in records])
        write_keys(ws, obj, records)


def edges(ws: Workspace, obj: Object) -> tuple[float | None, float | None]:
    """The lowest and highest position among live records (measured: trashed ones do not count)."""
    sql = "SELECT {}(position) FROM record WHERE object = ? AND deleted IS NULL"
    low, high = (ws.store.value(sql.format(name), (obj.id,)) for name in ("min", "max"))
    return low, high
