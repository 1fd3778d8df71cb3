"""What a sandbox holds when it is new: the standard schema, and the records of a seed.

`empty`: the standard objects and one member. `fresh`: what a new server is prefilled with (measured:
5 companies, 5 people, 6 opportunities, 2 workflows, 1 dashboard, written by SYSTEM) and two members.
Measured are the companies and how many there are of the others; their values are assumed.
`demo`: fresh with three members of a company, a company and a trashed person that a migration meets.
Ids of seeded records are the same in every sandbox; metadata ids and the workspace id are not.
"""

from collections.abc import Mapping
from importlib.resources import files
from secrets import token_hex
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import orjson

from crossdock_twenty.sandbox.catalog import Catalog, Field, Object
from crossdock_twenty.sandbox.rows import insert
from crossdock_twenty.sandbox.signing import token
from crossdock_twenty.sandbox.workspace import KEY_NAME, Workspace

SEEDS = ("empty", "fresh", "demo")
SYSTEM = {"source": "SYSTEM", "workspaceMemberId": None, "name": "System", "context": None}
_RESOURCES = files("crossdock_twenty.sandbox")
_OBJECT_KEYS = {
    "name": "nameSingular",
    "plural": "namePlural",
    "label": "labelSingular",
    "label_plural": "labelPlural",
    "universal_id": "universalIdentifier",
    "is_system": "isSystem",
    "is_searchable": "isSearchable",
    "is_ui_creatable": "isUICreatable",
    "is_ui_editable": "isUIEditable",
    "label_field": "labelIdentifier",
}


def plant(ws: Workspace, seed: str) -> None:
    """Fill an empty database. The key survives a reset, so that clients can go on."""
    kept = {name: ws.store.setting(name) for name in ("workspace", "secret", "token", "key")}
    with ws.store.transaction():
        ws.store.clear()
        _settings(ws, kept)
        ws.catalog = Catalog(
            ws.store.setting("standard_application") or "", ws.store.setting("custom_application") or ""
        )
        _standard_schema(ws)
        _records(ws, seed)
    ws.reload()


def _settings(ws: Workspace, kept: Mapping[str, str | None]) -> None:
    workspace = kept["workspace"] or str(uuid4())
    secret, key = kept["secret"] or token_hex(32), kept["key"] or str(uuid4())
    claims = {"sub": workspace, "type": "API_KEY", "workspaceId": workspace, "jti": key, "exp": 4070908800}
    text = kept["token"] or token(secret, claims)
    values = {"workspace": workspace, "secret": secret, "key": key, "token": text}
    values |= {name: str(uuid4()) for name in ("standard_application", "custom_application")}
    values |= {"admin_role": str(uuid4()), "member_role": str(uuid4()), "created": ws.clock.stamp()}
    for name, value in values.items():
        ws.store.set_setting(name, value)
    sql = "INSERT INTO api_key (id, name, token, created) VALUES (?, ?, ?, ?)"
    ws.store.run(sql, (key, KEY_NAME, text, ws.clock.stamp()))


def _standard_schema(ws: Workspace) -> None:
    document = orjson.loads((_RESOURCES / "standard_objects.json").read_bytes())
    now, application = ws.clock.stamp(), ws.catalog.standard_application
    made: dict[tuple[str, str], Field] = {}
    for entry in document["objects"]:
        values = {name: entry[sent] for name, sent in _OBJECT_KEYS.items()}
        obj = Object(id=str(uuid4()), application_id=application, created_at=now, updated_at=now, **values)
        obj.duplicate_criteria = entry.get("duplicateCriteria")
        obj.unique_sets = entry.get("uniqueSets", [])
        obj.indexed = entry["indexes"]
        ws.catalog.add(obj)
        ws.store.save_object(obj)
        for one in entry["fields"]:
            made[obj.name, one["name"]] = _standard_field(ws, obj, one, now)
    for entry in document["objects"]:
        for one in entry["fields"]:
            item = made[entry["nameSingular"], one["name"]]
            if "target" in one:
                item.target_object = ws.catalog.by_name[one["target"]].id
                item.target_field = made[one["target"], one["inverse"]].id
            if "junction" in one:
                owner, _, name = one["junction"].partition(".")
                item.settings = (item.settings or {}) | {"junctionTargetFieldId": made[owner, name].id}
            ws.store.save_field(item)


def _standard_field(ws: Workspace, obj: Object, one: Mapping[str, Any], now: str) -> Field:
    item = Field(
        id=str(uuid4()),
        object_id=obj.id,
        name=one["name"],
        type=one["type"],
        label=one["label"],
        universal_id=one["universalIdentifier"],
        application_id=ws.catalog.standard_application,
        created_at=now,
        updated_at=now,
        is_system=one.get("isSystem", False),
        is_ui_editable=one.get("isUIEditable", True),
        is_nullable=one.get("isNullable", True),
        is_unique=one.get("isUnique", False),
        default=one.get("defaultValue"),
        options=one.get("options"),
        settings=one.get("settings"),
        morph_id=one.get("morphId"),
        morph_name=one.get("morphName"),
    )
    ws.catalog.add_field(item)
    return item


def _records(ws: Workspace, seed: str) -> None:
    document = orjson.loads((_RESOURCES / "seed_records.json").read_bytes())
    for name in SEEDS[: SEEDS.index(seed) + 1]:
        for plural, rows in document[name].items():
            obj = ws.catalog.by_plural[plural]
            insert(ws, obj, [_record(ws, obj, at, row) for at, row in enumerate(rows, 1)])


def _record(ws: Workspace, obj: Object, at: int, row: Mapping[str, Any]) -> dict[str, Any]:
    now = ws.clock.stamp()
    data: dict[str, Any] = {
        "createdAt": now,
        "updatedAt": now,
        "createdBy": SYSTEM,
        "updatedBy": SYSTEM,
        "position": at,
    }
    data |= row
    if data.get("deletedAt") == "now":
        data["deletedAt"] = now
    if "id" not in data:
        data["id"] = str(
            uuid5(NAMESPACE_URL, f"https://sandbox.example/{obj.name}/{orjson.dumps(row).decode()}")
        )
    return data
