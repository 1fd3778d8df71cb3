"""One item of a list -> one Record, or one Rejected with every reason."""

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from crossdock.model import Record, Rejected
from crossdock.values import Reference
from crossdock_elma365.fieldtypes import Context, ShapeError, decode, file_id, moment
from crossdock_elma365.schema import SYSTEM_FIELDS, Application

Json = Mapping[str, Any]


def decode_item(app: Application, item: Json, zone: tzinfo) -> Record | Rejected:
    """The record of `item`. A key may be missing although the scheme has the field: then it is None."""
    key = str(item.get("__id") or "")
    context = Context(Reference(app.name, key), app.codes, zone)
    values: dict[str, Any] = {}
    reasons = [] if key else ["field '__id': missing"]
    for wire in app.fields:
        try:
            values[wire.code] = decode(item.get(wire.wire_key), wire, context)
        except ShapeError as error:
            reasons.append(f"field {wire.code!r} ({wire.type}): {error}")
    reasons += unlisted(app, item)
    if reasons:
        return Rejected(app.name, key or f"?{item.get('__index', '')}", tuple(reasons))
    updated = values.get("__updatedAt")
    return Record(
        app.name,
        key,
        values,
        deleted=values.get("__deletedAt") is not None,
        updated_at=updated if isinstance(updated, datetime) else None,
    )


def unlisted(app: Application, item: Json) -> list[str]:
    """Reasons for keys that hold something and that the scheme does not know: they must not get lost."""
    if app.open:
        return []
    known = {wire.wire_key for wire in app.fields} | app.ignored
    return [
        f"field {name!r}: not in the scheme of {app.name}; run discover again"
        for name, value in item.items()
        if name not in known
        and (not name.startswith("__") or name in SYSTEM_FIELDS)
        and value not in (None, "", [], {})
    ]


def update_time(item: Json, zone: tzinfo) -> datetime | None:
    """When the item was changed last, None if it does not say so readably."""
    try:
        return moment(item.get("__updatedAt") or "", zone)
    except ShapeError:
        return None


def files_of(app: Application, item: Json) -> Iterator[tuple[str, str]]:
    """(field, file id) of each file of an item, once; `table.column` is the field of a file in a table.

    Raises ShapeError for a file value that cannot be read.
    """
    found: dict[tuple[str, str], None] = {}
    for wire in app.file_fields():
        value = item.get(wire.wire_key)
        if not wire.columns:
            found.update(dict.fromkeys(_ids(wire.code, value)))
            continue
        for row in value.get("rows") or () if isinstance(value, Mapping) else ():
            for column in wire.columns:
                if column.type in ("FILE", "IMAGE"):
                    found.update(dict.fromkeys(_ids(f"{wire.code}.{column.code}", row.get(column.code))))
    yield from found


def _ids(field_name: str, value: Any) -> Iterator[tuple[str, str]]:
    for one in value if isinstance(value, list) else [value]:
        identifier = file_id(one)
        if identifier:
            yield field_name, identifier
