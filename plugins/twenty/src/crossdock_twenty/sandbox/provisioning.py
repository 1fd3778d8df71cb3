"""Creating objects and fields; deleting them, with their data."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import orjson

from crossdock_twenty.sandbox.catalog import Field, Object, capital
from crossdock_twenty.sandbox.composites import SUBFIELDS
from crossdock_twenty.sandbox.drafts import default_value
from crossdock_twenty.sandbox.naming import (
    LONGEST,
    Problem,
    default_problems,
    name_problems,
    option_problems,
    problem,
    taken,
    with_ids,
)
from crossdock_twenty.sandbox.refusals import (
    OWN_FIELDS,
    TARGETED,
    early_refused,
    field_refused,
    migration_failed,
    object_refused,
    object_unknown,
    target_problems,
    targets_refused,
    unique_default_refused,
)
from crossdock_twenty.sandbox.relations import add_morphs, add_relation
from crossdock_twenty.sandbox.workspace import Workspace

RATINGS = [{"label": str(n), "value": f"RATING_{n}", "position": n - 1} for n in range(1, 6)]
ACTOR_DEFAULT = {"name": "'System'", "source": "'MANUAL'", "context": None, "workspaceMemberId": None}

# Label, type, default and nullability of the fields every custom object is born with (measured).
_OWN: Mapping[str, tuple[str, str, Any, bool]] = {
    "name": ("Name", "TEXT", None, True),
    "id": ("Id", "UUID", "uuid", False),
    "createdAt": ("Creation date", "DATE_TIME", "now", False),
    "createdBy": ("Created by", "ACTOR", {"name": "''", "source": "'MANUAL'"}, False),
    "deletedAt": ("Deleted at", "DATE_TIME", None, True),
    "position": ("Position", "POSITION", 0, False),
    "updatedAt": ("Last update", "DATE_TIME", "now", False),
    "updatedBy": ("Updated by", "ACTOR", {"name": "''", "source": "'MANUAL'"}, False),
    "searchVector": ("Search vector", "TS_VECTOR", None, True),
}
_SIDES = {
    "timelineActivity": ("timelineActivities", "Timeline Activities"),
    "attachment": ("attachments", "Attachments"),
    "noteTarget": ("noteTargets", "Notes"),
    "taskTarget": ("taskTargets", "Tasks"),
}


def new_field(ws: Workspace, obj: Object, name: str, kind: str, label: str, **values: Any) -> Field:
    """Make a field, take it into the catalog and save it."""
    now = ws.clock.stamp()
    application = values.pop("application_id", ws.catalog.custom_application)
    item = Field(
        id=str(uuid4()),
        object_id=obj.id,
        name=name,
        type=kind,
        label=label,
        universal_id=values.pop("universal_id", str(uuid4())),
        application_id=application,
        created_at=now,
        updated_at=now,
        **values,
    )
    ws.catalog.add_field(item)
    ws.store.save_field(item)
    return item


def create_object(ws: Workspace, wanted: Mapping[str, Any]) -> Object:
    """createOneObject. Raises MetadataRefusalError for names that break the rules or are taken."""
    _check_object(ws, wanted)
    now = ws.clock.stamp()
    obj = Object(
        id=str(uuid4()),
        name=wanted["nameSingular"],
        plural=wanted["namePlural"],
        label=capital(wanted["labelSingular"]),
        label_plural=capital(wanted["labelPlural"]),
        universal_id=str(uuid4()),
        application_id=ws.catalog.custom_application,
        created_at=now,
        updated_at=now,
        description=wanted.get("description"),
        icon=wanted.get("icon"),
        label_synced=bool(wanted.get("isLabelSyncedWithName", False)),
        indexed=["searchVector"],
        label_field="id" if wanted.get("skipNameField") else "name",
    )
    with ws.schema_change():
        ws.catalog.add(obj)
        ws.store.save_object(obj)
        for name in OWN_FIELDS.split()[: len(_OWN)]:
            if name != "name" or not wanted.get("skipNameField"):
                _add_own(ws, obj, name)
        for owner in TARGETED:
            _add_side(ws, obj, ws.catalog.by_name[owner])
    return obj


def _check_object(ws: Workspace, wanted: Mapping[str, Any]) -> None:
    singular, plural = str(wanted["nameSingular"]), str(wanted["namePlural"])
    code = "INVALID_OBJECT_INPUT"
    problems = name_problems(singular, code=code) + name_problems(plural, code=code)
    for label in (capital(str(wanted["labelSingular"])), capital(str(wanted["labelPlural"]))):
        if len(label) > 63:
            problems.append(problem(code, "Object label is too long", value=label))
    if singular == plural:
        message = "The singular and plural names cannot be the same for an object"
        problems.append(problem(code, message, value=singular))
    known = set(ws.catalog.by_name) | set(ws.catalog.by_plural)
    if singular in known or plural in known:
        problems.append(problem("OBJECT_ALREADY_EXISTS", "Object already exists"))
    if problems:
        raise object_refused(ws, wanted, problems)
    found = target_problems(ws, singular)
    if any(found.values()):
        raise targets_refused(ws, singular, found)


def _add_own(ws: Workspace, obj: Object, name: str) -> None:
    label, kind, default, nullable = _OWN[name]
    new_field(
        ws,
        obj,
        name,
        kind,
        label,
        default=default,
        is_nullable=nullable,
        is_system=name != "name",
        is_ui_editable=name == "name",
    )


def _add_side(ws: Workspace, obj: Object, owner: Object) -> None:
    """The relation from notes, tasks, attachments and timeline rows (measured: SET_NULL)."""
    name, label = _SIDES[owner.name]
    many = new_field(ws, obj, name, "RELATION", label, settings={"relationType": "ONE_TO_MANY"})
    group = next((f for f in owner.fields.values() if f.morph_id), None)
    column = f"target{capital(obj.name)}"
    settings = {"onDelete": "SET_NULL", "relationType": "MANY_TO_ONE", "joinColumnName": f"{column}Id"}
    one = new_field(
        ws,
        owner,
        column,
        "MORPH_RELATION",
        capital(obj.name),
        settings=settings,
        target_object=obj.id,
        target_field=many.id,
        morph_id=group.morph_id if group else str(uuid4()),
        morph_name="target",
    )
    many.target_object, many.target_field = owner.id, one.id
    ws.store.save_field(many)


def create_field(ws: Workspace, wanted: Mapping[str, Any]) -> Field:
    """createOneField. Raises MetadataRefusalError for what the rules forbid."""
    obj = ws.catalog.objects.get(str(wanted.get("objectMetadataId")))
    if obj is None:
        raise object_unknown("create field on")
    kind, name = str(wanted["type"]), str(wanted["name"])
    if kind == "TS_VECTOR":
        found = {"code": "INVALID_FIELD_INPUT", "message": "TS Vector is not supported for field creation"}
        raise early_refused("create", "Multiple validation errors occurred while creating field", found)
    with ws.schema_change():
        if kind == "RELATION":
            return add_relation(ws, obj, wanted, new_field)
        if kind == "MORPH_RELATION":
            return add_morphs(ws, obj, wanted, new_field)
        options = _options(kind, wanted.get("options"))
        problems = _field_problems(obj, kind, name, wanted, options)
        if problems:
            raise field_refused(obj, name, problems)
        return _add_plain(ws, obj, wanted, options)


def _options(kind: str, given: Any) -> list[dict[str, Any]] | None:
    if kind == "RATING":
        return with_ids(RATINGS)
    return with_ids(given)


def _field_problems(
    obj: Object, kind: str, name: str, wanted: Mapping[str, Any], options: Any
) -> list[Problem]:
    code = "INVALID_FIELD_INPUT"
    found = name_problems(name) or taken(obj, name)
    if kind == "NUMERIC":
        message = "Field type NUMERIC is not supported for field creation. Use NUMBER instead."
        friendly = "Field type NUMERIC is not supported. Use Number instead."
        found.append(problem(code, message, value=kind, friendly=friendly))
    if kind == "POSITION":
        friendly = 'Field type POSITION must be named "position"'
        message = f'{friendly}, got "{name}"'
        found.append(problem(code, message, value=name, friendly=friendly))
        found.append(problem(code, "Field type POSITION must be a system field", value=False))
    if kind == "FILES":
        found += _files_problems((wanted.get("settings") or {}).get("maxNumberOfValues"))
    if kind in ("SELECT", "MULTI_SELECT"):
        found += option_problems(options)
    return found + default_problems(kind, wanted.get("defaultValue"), options)


def _files_problems(most: Any) -> list[Problem]:
    """FILES needs a maximum from 1 to 60 (read in the source; the message is assumed)."""
    if isinstance(most, int) and 1 <= most <= 60:
        return []
    message = "maxNumberOfValues must be defined in settings and be between 1 and 60"
    return [problem("INVALID_FIELD_INPUT", message, value=most)]


def _add_plain(ws: Workspace, obj: Object, wanted: Mapping[str, Any], options: Any) -> Field:
    kind, default = str(wanted["type"]), wanted.get("defaultValue")
    unique = bool(wanted.get("isUnique"))
    if unique and default is not None:
        raise unique_default_refused(str(wanted["name"]), kind)
    if kind == "TEXT" and isinstance(default, str) and not default.startswith("'"):
        raise migration_failed("create", "fieldMetadata")
    if _cut_names_collide(ws, obj, str(wanted["name"]), kind):
        raise migration_failed("create", "fieldMetadata")
    if kind == "ACTOR" and default is None:
        default = ACTOR_DEFAULT
    item = new_field(
        ws,
        obj,
        str(wanted["name"]),
        kind,
        str(wanted["label"]),
        description=wanted.get("description"),
        icon=wanted.get("icon"),
        is_active=wanted.get("isActive") is not False,
        is_nullable=wanted.get("isNullable") is not False,
        is_unique=unique,
        label_synced=bool(wanted.get("isLabelSyncedWithName")),
        default=default,
        options=options,
        settings=wanted.get("settings"),
    )
    fill_default(ws, item)
    return item


def _cut_names_collide(ws: Workspace, obj: Object, name: str, kind: str) -> bool:
    """The database cuts names at 63 characters: columns, or types of options, may become equal (measured)."""
    columns = [(name + capital(part))[:LONGEST] for part in SUBFIELDS.get(kind, ())]
    table = ws.catalog.table(obj)
    held = {_option_type(table, f.name, f.type) for f in obj.fields.values()} - {""}
    return len(set(columns)) < len(columns) or _option_type(table, name, kind) in held


def _option_type(table: str, name: str, kind: str) -> str:
    """The database's type for the options of a field, "" if it has none."""
    column = {"SELECT": name, "MULTI_SELECT": name, "RATING": name, "ACTOR": name + "Source"}.get(kind)
    return f"{table}_{column}_enum"[:LONGEST] if column else ""


def fill_default(ws: Workspace, item: Field) -> None:
    """Give existing records a new column's default."""
    value = default_value(item)
    if value is not None:
        ws.store.run(
            f"UPDATE record SET data = json_set(data, '$.{item.name}', json(?)) WHERE object = ?",  # noqa: S608
            (orjson.dumps(value).decode(), item.object_id),
        )
