"""A destroyed record as the cells of a load that makes it again: values from its before-image, references
by their target ids, as their database ids may be others by now, and files from the store."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import orjson

from crossdock.errors import StorageError
from crossdock.model import FieldSchema, LedgerEntry, ObjectSchema
from crossdock.values import StoredFile
from crossdock_odoo.answers import RefusalError
from crossdock_odoo.client import Row
from crossdock_odoo.files import of_image
from crossdock_odoo.objects import INDIRECT, OWNED_BY
from crossdock_odoo.reading import Reader

Found = Mapping[str, Mapping[str, int]]


def cells_of(schema: ObjectSchema, entry: LedgerEntry, found: Found, reader: Reader) -> dict[str, str]:
    """The cells by column. `found`: by field the database ids of those of its targets that are there.

    A reference that no load wrote keeps its database id if that is there. Raises RefusalError for a file
    whose content is not known any more.
    """
    metadata = reader.schemas.metadata(schema.name)
    fields = {f.settings["column"]: f for f in schema.fields if f.settings["odoo_type"] != "owner"}
    there = _existing(entry, metadata, reader)
    cells: dict[str, str] = {}
    for column, value in entry.before.items():
        raw = metadata.get(column)
        if raw is None or (column == "res_id" and schema.name in OWNED_BY):
            continue
        kind = str(raw["type"])
        if kind == "binary":
            cells |= _file(fields.get(column), entry, column, value, reader)
        elif kind in ("many2one", "many2many"):
            ids = _ids(fields.get(column), value, found, there.get(str(raw["relation"]), set()))
            cells[f"{column}/.id"] = ",".join(map(str, ids))
        else:
            cells[column] = _cell(kind, value)
        if raw.get("required") and cells.get(column) == "":
            del cells[column]  # the server fills in what it did before
    return cells | _owner(schema, found)


def _existing(entry: LedgerEntry, metadata: Mapping[str, Row], reader: Reader) -> dict[str, set[int]]:
    """Which of the database ids in a before-image still exist, by model."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for column, value in entry.before.items():
        raw = metadata.get(column, {})
        if raw.get("type") in ("many2one", "many2many") and value:
            wanted[str(raw["relation"])].update(value if isinstance(value, list) else [value])
    return {model: reader.existing(model, ids) for model, ids in wanted.items()}


def _ids(field: FieldSchema | None, value: Any, found: Found, there: set[int]) -> list[int]:
    if field is not None and field.name in found and field.settings["odoo_type"] not in INDIRECT:
        return list(found[field.name].values())
    held = value if isinstance(value, list) else [value] if value else []
    return [i for i in held if i in there]


def _owner(schema: ObjectSchema, found: Found) -> dict[str, str]:
    """The record that an attachment, a message or an activity lies with."""
    for field in schema.fields:
        if field.settings["odoo_type"] == "owner" and found.get(field.name):
            (record_id,) = found[field.name].values()
            return {"res_id": str(record_id)}
    return {}


def _file(
    field: FieldSchema | None, entry: LedgerEntry, column: str, value: Any, reader: Reader
) -> dict[str, str]:
    kept = entry.base.get(field.name) if field is not None else None
    file = kept if isinstance(kept, StoredFile) else of_image(value)
    if file is None:
        return {}
    try:
        return {column: reader.contents.encode(file).cell}
    except StorageError as error:
        raise RefusalError(f"{column}: the content of its file is not known any more.") from error


def _cell(kind: str, value: Any) -> str:
    if kind == "boolean":
        return "1" if value else "0"
    if value is None or value is False:
        return ""
    return orjson.dumps(value).decode() if kind == "json" else str(value)
