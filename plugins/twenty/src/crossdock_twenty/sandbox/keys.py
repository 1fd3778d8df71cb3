"""Unique keys, join columns and their checks: what the database's constraints do."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from crossdock_twenty.sandbox.catalog import Field, Object
from crossdock_twenty.sandbox.errors import RefusalError
from crossdock_twenty.sandbox.inspection import bad_input
from crossdock_twenty.sandbox.workspace import Workspace

CHUNK = 500


def marks(count: int) -> str:
    """`?, ?, ?`"""
    return ", ".join("?" * count)


def chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    """Ids in groups that fit one statement."""
    for at in range(0, len(values), CHUNK):
        yield values[at : at + CHUNK]


def unique_values(obj: Object, data: Mapping[str, Any]) -> dict[str, str]:
    """The record's unique keys; an empty part means no key (measured: any number of blanks)."""
    found: dict[str, str] = {}
    for name, columns in obj.unique_keys.items():
        parts = [_part(data.get(column), part) for column, part in columns]
        if all(part is not None for part in parts):
            found[name] = "\n".join(str(part) for part in parts)
    return found


def _part(value: Any, part: str | None) -> str | None:
    if part is not None:
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None or value == "" or value == []:
        return None
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def duplicate(obj: Object, item: Field | None, record: str | None) -> RefusalError:
    """A unique or primary key is taken. REST tells nothing more, GraphQL the record and the field."""
    named = f"This {item.label} value is already in use." if item else "This record already exists."
    extensions = {
        "userFriendlyMessage": f"{named} Please check your data and try again.",
        "conflictingObjectNameSingular": obj.name,
        "code": "BAD_USER_INPUT",
    }
    if record is not None:
        extensions["conflictingRecordId"] = record
    return RefusalError("A duplicate entry was detected", extensions=extensions)


def check_unique(ws: Workspace, obj: Object, records: Iterable[Mapping[str, Any]]) -> None:
    """Refuse keys held by another record, trashed ones included, and keys used twice in `records`."""
    taken: dict[tuple[str, str], str] = {}
    for data in records:
        for name, value in unique_values(obj, data).items():
            holder = taken.get((name, value)) or ws.store.value(
                "SELECT record FROM unique_key WHERE object = ? AND name = ? AND value = ?",
                (obj.id, name, value),
            )
            if holder is not None and holder != data["id"]:
                raise duplicate(obj, obj.fields.get(name), str(holder))
            taken[name, value] = data["id"]


def check_targets(ws: Workspace, obj: Object, records: Sequence[Mapping[str, Any]]) -> None:
    """Every join column must hold the id of a record that exists (trashed ones do), or of this batch."""
    own = {data["id"] for data in records}
    for column, item in obj.references.items():
        wanted = {str(data[column]) for data in records if data.get(column)}
        if item.target_object == obj.id:
            wanted -= own
        for group in chunks(sorted(wanted)):
            sql = f"SELECT id FROM record WHERE object = ? AND id IN ({marks(len(group))})"  # noqa: S608
            present = {row[0] for row in ws.store.rows(sql, (item.target_object, *group))}
            if len(present) < len(group):
                raise broken_reference(ws, obj, item)


def constraint(ws: Workspace, item: Field) -> str:
    """The name of a foreign key constraint; the hash is ours, the form the database's."""
    owner = ws.catalog.objects[item.object_id]
    return "FK_" + hashlib.md5(f"{owner.name}.{item.column}".encode()).hexdigest()[:27]  # noqa: S324


def broken_reference(ws: Workspace, obj: Object, item: Field) -> RefusalError:
    """A join column with the id of no record: the database's own message (measured)."""
    table, name = ws.catalog.table(obj), constraint(ws, item)
    return bad_input(f'insert or update on table "{table}" violates foreign key constraint "{name}"')


def write_keys(ws: Workspace, obj: Object, records: Sequence[Mapping[str, Any]]) -> None:
    """Write the join columns and unique keys of new records."""
    links = [
        (item.id, data[column], obj.id, data["id"])
        for data in records
        for column, item in obj.references.items()
        if data.get(column)
    ]
    ws.store.run_many("INSERT INTO link VALUES (?, ?, ?, ?)", links)
    if obj.unique_keys:
        rows = [(obj.id, n, v, data["id"]) for data in records for n, v in unique_values(obj, data).items()]
        ws.store.run_many("INSERT INTO unique_key VALUES (?, ?, ?, ?)", rows)


def drop_keys(ws: Workspace, ids: Sequence[str]) -> None:
    """Remove the join columns and unique keys of records."""
    for group in chunks(ids):
        ws.store.run(f"DELETE FROM link WHERE record IN ({marks(len(group))})", group)  # noqa: S608
        ws.store.run(f"DELETE FROM unique_key WHERE record IN ({marks(len(group))})", group)  # noqa: S608
