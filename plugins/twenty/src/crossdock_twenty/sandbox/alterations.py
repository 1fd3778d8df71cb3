"""Changing and deleting objects and fields, and what that does to stored records."""

from collections.abc import Mapping
from typing import Any

import orjson

from crossdock_twenty.sandbox.catalog import Field, Object
from crossdock_twenty.sandbox.keys import unique_values
from crossdock_twenty.sandbox.naming import (
    default_problems,
    name_problems,
    option_problems,
    problem,
    taken,
    with_ids,
)
from crossdock_twenty.sandbox.refusals import (
    early_refused,
    field_refused,
    field_unknown,
    migration_failed,
    object_refused,
    object_unknown,
    standard_field_kept,
    standard_object_kept,
)
from crossdock_twenty.sandbox.workspace import Workspace

_OBJECT_KEYS = {
    "labelSingular": "label",
    "labelPlural": "label_plural",
    "description": "description",
    "icon": "icon",
    "isActive": "is_active",
    "isSearchable": "is_searchable",
    "isLabelSyncedWithName": "label_synced",
}
_FIELD_KEYS = {
    "label": "label",
    "description": "description",
    "icon": "icon",
    "isActive": "is_active",
    "isNullable": "is_nullable",
    "defaultValue": "default",
    "settings": "settings",
    "isLabelSyncedWithName": "label_synced",
}


def update_object(ws: Workspace, key: str, wanted: Mapping[str, Any]) -> Object:
    """updateOneObject: labels, names, activity, label field."""
    obj = ws.catalog.objects.get(key)
    if obj is None:
        raise object_unknown("update")
    with ws.schema_change():
        name, plural = wanted.get("nameSingular", obj.name), wanted.get("namePlural", obj.plural)
        if (name, plural) != (obj.name, obj.plural):
            _check_rename(ws, obj, name, plural)
            ws.catalog.rename(obj, name, plural)
        for sent, attribute in _OBJECT_KEYS.items():
            if sent in wanted:
                setattr(obj, attribute, wanted[sent])
        label = ws.catalog.fields.get(str(wanted.get("labelIdentifierFieldMetadataId")))
        if label is not None:
            obj.label_field = label.name
        obj.updated_at = ws.clock.stamp()
        ws.store.save_object(obj)
    return obj


def _check_rename(ws: Workspace, obj: Object, name: str, plural: str) -> None:
    """A rename obeys the rules for new names; target columns keep their names (assumed)."""
    code = "INVALID_OBJECT_INPUT"
    problems = name_problems(name, code=code) + name_problems(plural, code=code)
    holders = {ws.catalog.by_name.get(name), ws.catalog.by_plural.get(plural)} - {None, obj}
    if holders:
        problems.append(problem("OBJECT_ALREADY_EXISTS", "Object already exists"))
    if problems:
        raise object_refused(ws, {"nameSingular": name, "namePlural": plural}, problems)


def delete_object(ws: Workspace, key: str) -> Object:
    """deleteOneObject: a custom object goes at once, with records, relations and columns elsewhere."""
    obj = ws.catalog.objects.get(key)
    if obj is None:
        raise object_unknown("delete")
    if obj.application_id == ws.catalog.standard_application:
        raise standard_object_kept(obj)
    with ws.schema_change():
        for item in [f for f in obj.fields.values() if f.is_relation]:
            if item.id in ws.catalog.fields:
                _drop_field(ws, item)
        ws.store.run("DELETE FROM unique_key WHERE object = ?", (obj.id,))
        ws.store.run("DELETE FROM file WHERE owner IN (SELECT id FROM record WHERE object = ?)", (obj.id,))
        ws.store.run("DELETE FROM record WHERE object = ?", (obj.id,))
        ws.store.run("DELETE FROM field WHERE object = ?", (obj.id,))
        ws.store.run("DELETE FROM object WHERE id = ?", (obj.id,))
        ws.catalog.remove(obj)
    return obj


def _drop_field(ws: Workspace, item: Field) -> None:
    """Remove a field, its data and, for a relation, the other side. Rows that pointed stay (assumed)."""
    for part in [item, *_other_side(ws, item)]:
        if part.is_reference:
            ws.store.run("DELETE FROM link WHERE field = ?", (part.id,))
        ws.store.run("DELETE FROM unique_key WHERE object = ? AND name = ?", (part.object_id, part.name))
        ws.store.run(
            f"UPDATE record SET data = json_remove(data, '$.{part.column}') WHERE object = ?",  # noqa: S608
            (part.object_id,),
        )
        ws.store.run("DELETE FROM field WHERE id = ?", (part.id,))
        ws.catalog.remove_field(part)


def _other_side(ws: Workspace, item: Field) -> list[Field]:
    other = ws.catalog.fields.get(item.target_field or "")
    return [other] if item.is_relation and other is not None and other.id != item.id else []


def delete_field(ws: Workspace, key: str) -> Field:
    """deleteOneField: a custom field goes at once, with its data; a morph relation with all targets."""
    item = ws.catalog.fields.get(key)
    if item is None:
        raise field_unknown()
    if item.application_id == ws.catalog.standard_application:
        raise standard_field_kept(item)
    if item.is_system:
        found = problem("FIELD_MUTATION_NOT_ALLOWED", "System fields cannot be deleted")
        raise early_refused("delete", "Multiple validation errors occurred while deleting field", found)
    with ws.schema_change():
        for part in ws.catalog.morph_group(item) if item.morph_id else [item]:
            _drop_field(ws, part)
    return item


def update_field(ws: Workspace, key: str, wanted: Mapping[str, Any]) -> Field:
    """updateOneField. The type cannot change; options are replaced as a whole."""
    item = ws.catalog.fields.get(key)
    if item is None:
        found = problem("FIELD_METADATA_NOT_FOUND", "Field metadata to update not found")
        raise early_refused("update", "Validation errors occurred while updating field", found)
    obj = ws.catalog.objects[item.object_id]
    with ws.schema_change():
        _check_update(obj, item, wanted)
        if "options" in wanted:
            _replace_options(ws, item, with_ids(wanted["options"]))
        if wanted.get("name", item.name) != item.name:
            _rename_field(ws, obj, item, str(wanted["name"]))
        for sent, attribute in _FIELD_KEYS.items():
            if sent in wanted:
                setattr(item, attribute, wanted[sent])
        if wanted.get("isUnique") is not None:
            _set_unique(ws, obj, item, bool(wanted["isUnique"]))
        item.updated_at = ws.clock.stamp()
        obj.changed()
        ws.store.save_field(item)
    return item


def _check_update(obj: Object, item: Field, wanted: Mapping[str, Any]) -> None:
    name = str(wanted.get("name", item.name))
    problems = (name_problems(name) or taken(obj, name)) if name != item.name else []
    options = wanted.get("options", item.options)
    if "options" in wanted and item.type in ("SELECT", "MULTI_SELECT"):
        problems += option_problems(options)
    if "defaultValue" in wanted:
        problems += default_problems(item.type, wanted["defaultValue"], options)
    if problems:
        raise field_refused(obj, name, problems)


def _replace_options(ws: Workspace, item: Field, options: list[dict[str, Any]] | None) -> None:
    """Values whose option is gone become NULL (measured); in lists they are left out (assumed)."""
    item.options = options
    kept = set(item.option_values())
    path = f"$.{item.column}"
    sql = f"SELECT id, json_extract(data, '{path}') FROM record WHERE object = ?"  # noqa: S608
    for key, value in ws.store.rows(sql, (item.object_id,)):
        if value is None:
            continue
        stored = orjson.loads(value) if item.type == "MULTI_SELECT" else value
        new = [v for v in stored if v in kept] if item.type == "MULTI_SELECT" else None
        if new is not None or stored not in kept:
            ws.store.run(
                f"UPDATE record SET data = json_set(data, '{path}', json(?)) WHERE object = ? AND id = ?",  # noqa: S608
                (orjson.dumps(new).decode(), item.object_id, key),
            )


def _rename_field(ws: Workspace, obj: Object, item: Field, name: str) -> None:
    old = item.column
    ws.store.run("UPDATE unique_key SET name = ? WHERE object = ? AND name = ?", (name, obj.id, item.name))
    if obj.label_field == item.name:
        obj.label_field = name
        ws.store.save_object(obj)
    item.name = name
    if item.is_reference and item.settings:
        item.settings = item.settings | {"joinColumnName": f"{name}Id"}
    obj.fields = {f.name: f for f in obj.fields.values()}
    obj.changed()
    ws.store.run(
        f"UPDATE record SET data = json_remove(json_set(data, '$.{item.column}',"  # noqa: S608
        f" json(data -> '$.{old}')), '$.{old}') WHERE object = ? AND data -> '$.{old}' IS NOT NULL",
        (obj.id,),
    )


def _set_unique(ws: Workspace, obj: Object, item: Field, unique: bool) -> None:
    """Switch a unique constraint; on data that breaks it the migration fails (measured)."""
    ws.store.run("DELETE FROM unique_key WHERE object = ? AND name = ?", (obj.id, item.name))
    item.is_unique = unique
    obj.changed()
    if not unique:
        return
    holders: dict[str, str] = {}
    for (data,) in ws.store.rows("SELECT data FROM record WHERE object = ?", (obj.id,)):
        record = orjson.loads(data)
        value = unique_values(obj, record).get(item.name)
        if value is not None and holders.setdefault(value, record["id"]) != record["id"]:
            item.is_unique = False
            obj.changed()
            raise migration_failed("create", "index")
    rows = [(obj.id, item.name, value, record) for value, record in holders.items()]
    ws.store.run_many("INSERT INTO unique_key VALUES (?, ?, ?, ?)", rows)
