"""Twenty metadata to object schemas.

`settings` of a field: `twenty_type` (the platform's field type), `column` (the name under which the
value is read and written: `companyId` for the relation `company`), `id`, and `integer` for whole
numbers. `settings` of an object: `id` and `plural`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, ObjectSchema, Option

KEY_FIELD = "crossdockKey"
KEY_LABEL = "Crossdock key"

# Twenty field type -> canonical type, and whether a field holds several values.
CANONICAL: dict[str, tuple[FieldType, bool]] = {
    "TEXT": (FieldType.TEXT, False),
    "RICH_TEXT": (FieldType.MARKDOWN, False),
    "NUMBER": (FieldType.DECIMAL, False),
    "NUMERIC": (FieldType.DECIMAL, False),
    "BOOLEAN": (FieldType.BOOLEAN, False),
    "DATE": (FieldType.DATE, False),
    "DATE_TIME": (FieldType.DATETIME, False),
    "CURRENCY": (FieldType.MONEY, False),
    "EMAILS": (FieldType.EMAIL, True),
    "PHONES": (FieldType.PHONE, True),
    "LINKS": (FieldType.LINK, True),
    "ADDRESS": (FieldType.ADDRESS, False),
    "FULL_NAME": (FieldType.PERSON_NAME, False),
    "SELECT": (FieldType.SELECT, False),
    "MULTI_SELECT": (FieldType.SELECT, True),
    "RATING": (FieldType.SELECT, False),
    "RELATION": (FieldType.REFERENCE, False),
    "MORPH_RELATION": (FieldType.REFERENCE, False),
    "ACTOR": (FieldType.AUTHOR, False),
    "FILES": (FieldType.FILE, True),
    "UUID": (FieldType.UUID, False),
    "RAW_JSON": (FieldType.JSON, False),
    "ARRAY": (FieldType.TEXT, True),
}

# The platform keeps these itself; deletedAt is the trash.
# What the server puts in by itself when a create leaves it out (measured on 2.21.0).
_FILLED = frozenset({"createdAt", "createdBy"})
_WITH_DEFAULT = frozenset({"BOOLEAN", "MULTI_SELECT", "NUMBER", "RATING", "SELECT"})
_READ_ONLY = frozenset({"id", "updatedAt", "updatedBy", "deletedAt"})
_MATCH_ONLY = frozenset({"workspaceMember"})  # users cannot be created with an API key (measured)
# Objects that records are loaded into although the platform counts them as its own.
_LOADABLE_SYSTEM = frozenset({"taskTarget", "noteTarget", "attachment", "workspaceMember"})


def is_loadable(node: Mapping[str, Any]) -> bool:
    """Whether the object of this metadata node holds records that a migration may write or match."""
    return bool(node["isActive"]) and (not node["isSystem"] or node["nameSingular"] in _LOADABLE_SYSTEM)


def standard_application(nodes: Iterable[Mapping[str, Any]]) -> str:
    """The id of the application that the standard objects belong to ("" if company is missing)."""
    return next((str(n["applicationId"]) for n in nodes if n["nameSingular"] == "company"), "")


def object_schema(node: Mapping[str, Any], *, standard: str, count: int | None = None) -> ObjectSchema:
    """One object of the metadata as a schema; inverse relations and computed fields are left out."""
    fields = {f.name: f for raw in node["fieldsList"] for f in _fields(raw, standard)}
    return ObjectSchema(
        name=node["nameSingular"],
        fields=tuple(fields.values()),
        label=node["labelSingular"],
        label_plural=node["labelPlural"],
        count=count,
        custom=node["applicationId"] != standard,
        match_only=node["nameSingular"] in _MATCH_ONLY,
        settings={"id": node["id"], "plural": node["namePlural"]},
    )


def all_names(node: Mapping[str, Any]) -> set[str]:
    """Every name that a new field of the object must not have: fields, inverse fields, join columns."""
    names: set[str] = set()
    for raw in node["fieldsList"]:
        names.add(raw["name"])
        names.add((raw.get("settings") or {}).get("joinColumnName") or raw["name"])
        names.update(raw["name"] + target[0].upper() + target[1:] for target in _morph_targets(raw))
    return names


def _fields(raw: Mapping[str, Any], standard: str) -> Iterator[FieldSchema]:
    kind = raw["type"]
    if kind not in CANONICAL or not raw["isActive"]:
        return
    settings = raw.get("settings") or {}
    if kind == "MORPH_RELATION":
        for target in _morph_targets(raw):
            name = raw["name"] + target[0].upper() + target[1:]
            part = _field(raw, standard, name=name, column=name + "Id", references=(target,))
            # The server lists the parts once, under the label and application of any one of them.
            yield replace(part, label=name, custom=False)
    elif kind == "RELATION":
        if settings.get("relationType") == "MANY_TO_ONE":
            target = raw["relation"]["targetObjectMetadata"]["nameSingular"]
            column = settings.get("joinColumnName") or raw["name"] + "Id"
            yield _field(raw, standard, name=raw["name"], column=column, references=(target,))
    else:
        yield _field(raw, standard, name=raw["name"], column=raw["name"])


def _morph_targets(raw: Mapping[str, Any]) -> list[str]:
    if raw["type"] != "MORPH_RELATION":
        return []
    relations = raw.get("morphRelations") or []
    return [r["targetObjectMetadata"]["nameSingular"] for r in relations if r["type"] == "MANY_TO_ONE"]


def _field(
    raw: Mapping[str, Any], standard: str, *, name: str, column: str, references: tuple[str, ...] = ()
) -> FieldSchema:
    kind, multiple = CANONICAL[raw["type"]]
    settings = raw.get("settings") or {}
    integer = raw["type"] == "NUMBER" and settings.get("dataType") in ("int", "bigint")
    read_only = name in _READ_ONLY
    return FieldSchema(
        name=name,
        type=FieldType.INTEGER if integer else kind,
        label=raw["label"],
        required=not raw["isNullable"] and not read_only,
        unique=bool(raw["isUnique"]),
        read_only=read_only,
        multiple=multiple,
        custom=raw["applicationId"] != standard,
        filled=name in _FILLED or (raw["type"] in _WITH_DEFAULT and raw.get("defaultValue") is not None),
        options=tuple(Option(o["value"], o["label"]) for o in raw.get("options") or ()),
        references=references,
        default=raw.get("defaultValue"),
        settings={"twenty_type": raw["type"], "column": column, "id": raw["id"], "integer": integer},
    )
