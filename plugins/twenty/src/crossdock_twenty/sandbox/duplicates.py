"""Finding duplicates by the object's own criteria: exact and case-sensitive (measured)."""

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock_twenty.sandbox.catalog import Object, capital
from crossdock_twenty.sandbox.composites import SUBFIELDS
from crossdock_twenty.sandbox.drafts import draft
from crossdock_twenty.sandbox.filters import column_sql
from crossdock_twenty.sandbox.inspection import bad_input
from crossdock_twenty.sandbox.queries import Page
from crossdock_twenty.sandbox.rows import read
from crossdock_twenty.sandbox.workspace import Workspace


def duplicates(
    ws: Workspace, obj: Object, data: Sequence[Any] | None, ids: Sequence[str] | None
) -> list[Page]:
    """For each given record (or id of one), the live records that are like it."""
    if ids:
        found = read(ws, obj, list(ids))
        return [_alike(ws, obj, found.get(key, {}), key) for key in ids]
    if not data:
        raise bad_input('You have to provide either "data" or "ids" argument')
    return [_alike(ws, obj, draft(ws, obj, given, creating=False), None) for given in data]


def _alike(ws: Workspace, obj: Object, given: Mapping[str, Any], own: str | None) -> Page:
    branches, values = [], []
    for criterion in obj.duplicate_criteria or ():
        parts = [_column(obj, name, given) for name in criterion]
        if all(value for _, value in parts):
            branches.append("(" + " AND ".join(f"{sql} = ?" for sql, _ in parts) + ")")
            values += [value for _, value in parts]
    if not branches:
        return Page()
    sql = (
        "SELECT id FROM record WHERE object = ? AND deleted IS NULL AND id <> ?"  # noqa: S608
        f" AND ({' OR '.join(branches)}) ORDER BY seq"
    )
    ids = [row[0] for row in ws.store.rows(sql, (obj.id, own or "", *values))]
    found = read(ws, obj, ids)
    return Page([found[key] for key in ids], total=len(ids))


def _column(obj: Object, name: str, given: Mapping[str, Any]) -> tuple[str, Any]:
    """A criterion names database columns: `nameFirstName` is the first name of `name`."""
    for column, item in obj.columns.items():
        if column == name:
            return column_sql(item), given.get(column)
        for part in SUBFIELDS.get(item.type, ()):
            if column + capital(part) == name:
                return column_sql(item, part), (given.get(column) or {}).get(part)
    return "0", None
