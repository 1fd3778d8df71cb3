"""The dump: everything the workspace holds, in an order that depends on the content only."""

from collections.abc import Mapping
from typing import Any

import orjson

from crossdock_twenty.sandbox.catalog import Field, Object
from crossdock_twenty.sandbox.composites import SUBFIELDS
from crossdock_twenty.sandbox.webhooks import listed
from crossdock_twenty.sandbox.workspace import Workspace


def dump(ws: Workspace) -> dict[str, Any]:
    """Records (live and trashed apart) by object, schema, files by hash, webhooks, counted effects.

    Two dumps are equal exactly when the workspaces are: metadata ids and signed addresses, which differ
    between equal workspaces, are replaced by names or left out; record ids are kept.
    """
    objects = sorted(ws.catalog.objects.values(), key=lambda o: o.name)
    return {
        "platform": "twenty",
        "records": {obj.name: _records(ws, obj) for obj in objects},
        "schema": {obj.name: _object(ws, obj) for obj in objects},
        "files": _files(ws),
        "webhooks": sorted((_webhook(hook) for hook in listed(ws)), key=orjson.dumps),
        "effects": dict(ws.store.rows("SELECT name, value FROM counter ORDER BY name")),
    }


def _records(ws: Workspace, obj: Object) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {"live": [], "trash": []}
    sql = "SELECT deleted, data FROM record WHERE object = ? ORDER BY id"
    for deleted, data in ws.store.rows(sql, (obj.id,)):
        found["live" if deleted is None else "trash"].append(_filled(obj, orjson.loads(data)))
    return found


def _filled(obj: Object, data: Mapping[str, Any]) -> dict[str, Any]:
    """A record with every part of its composite values, and without those whose parts are all null.

    Parts are columns: null is the same as never written.
    """
    found = {}
    for name, value in data.items():
        kind = obj.fields[name].type if name in obj.fields else ""
        if kind in SUBFIELDS and isinstance(value, dict):
            whole = dict.fromkeys(SUBFIELDS[kind]) | value
            if any(part is not None for part in whole.values()):
                found[name] = whole
        else:
            found[name] = value
    return found


def _object(ws: Workspace, obj: Object) -> dict[str, Any]:
    hidden = {"id", "fields", "application_id", "universal_id", "created_at", "updated_at", "indexed"}
    found = {name: value for name, value in obj.document().items() if name not in hidden}
    found["custom"] = obj.application_id != ws.catalog.standard_application
    found["fields"] = {name: _field(ws, obj.fields[name]) for name in sorted(obj.fields)}
    return found


def _field(ws: Workspace, item: Field) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": item.type,
        "label": item.label,
        "active": item.is_active,
        "nullable": item.is_nullable,
        "unique": item.is_unique,
        "custom": item.application_id != ws.catalog.standard_application,
        "default": item.default,
        "settings": _settings(ws, item),
        "options": [_option(option) for option in item.options or ()],
    }
    if item.target_field in ws.catalog.fields:
        found["target"] = f"{ws.catalog.target(item).name}.{ws.catalog.inverse(item).name}"
    return found


def _settings(ws: Workspace, item: Field) -> dict[str, Any] | None:
    """The settings; the field that a junction leads to is named."""
    found = dict(item.settings or {})
    junction = ws.catalog.fields.get(found.get("junctionTargetFieldId", ""))
    if junction is not None:
        found["junctionTargetFieldId"] = f"{ws.catalog.objects[junction.object_id].name}.{junction.name}"
    return found or None


def _option(option: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in option.items() if name != "id"}


def _files(ws: Workspace) -> list[dict[str, Any]]:
    sql = "SELECT id, field, name, status, size, sha256, owner FROM file ORDER BY sha256, name, id"
    found = []
    for key, field_id, name, status, size, sha256, owner in ws.store.rows(sql):
        item = ws.catalog.fields.get(field_id)
        place = f"{ws.catalog.objects[item.object_id].name}.{item.name}" if item else None
        found.append(
            {
                "id": key,
                "field": place,
                "name": name,
                "status": status,
                "size": size,
                "sha256": sha256,
                "record": owner,
            }
        )
    return found


def _webhook(hook: Mapping[str, Any]) -> dict[str, Any]:
    return {name: hook.get(name) for name in ("targetUrl", "operations", "description", "deletedAt")}
