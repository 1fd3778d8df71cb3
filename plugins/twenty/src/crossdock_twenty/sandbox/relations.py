"""Creating relation fields and their inverse sides (measured on 2.21.0)."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from crossdock_twenty.sandbox.catalog import Field, Object, capital
from crossdock_twenty.sandbox.naming import camel, name_problems, problem, taken
from crossdock_twenty.sandbox.refusals import early_refused, field_refused, object_unknown
from crossdock_twenty.sandbox.workspace import Workspace

NewField = Callable[..., Field]
CREATING = "Multiple validation errors occurred while creating field"


def _payload(value: Any) -> Mapping[str, Any]:
    """A checked relation payload."""
    if not isinstance(value, Mapping):
        found = problem("INVALID_FIELD_INPUT", "Relation creation payload is required")
        raise early_refused("create", CREATING, found)
    if value.get("type") not in ("MANY_TO_ONE", "ONE_TO_MANY"):
        found = problem(
            "FIELD_METADATA_RELATION_MALFORMED",
            "Relation creation payload is invalid: type must be one of the following values:"
            " MANY_TO_ONE, ONE_TO_MANY",
            value=dict(value),
            friendly="Invalid relation creation payload",
        )
        raise early_refused("create", CREATING, found)
    return value


def _target(ws: Workspace, payload: Mapping[str, Any]) -> Object:
    target = ws.catalog.objects.get(str(payload.get("targetObjectMetadataId")))
    if target is None:
        raise object_unknown("relate to")
    return target


def _check_name(obj: Object, name: str) -> None:
    problems = name_problems(name) or taken(obj, name)
    if problems:
        raise field_refused(obj, name, problems)


def _settings(kind: str, name: str) -> dict[str, Any]:
    if kind == "ONE_TO_MANY":
        return {"relationType": kind}
    return {"onDelete": "SET_NULL", "relationType": kind, "joinColumnName": f"{name}Id"}


def add_relation(ws: Workspace, obj: Object, wanted: Mapping[str, Any], new_field: NewField) -> Field:
    """A relation field and its inverse, whose name is made from `targetFieldLabel` and must be free."""
    payload = _payload(wanted.get("relationCreationPayload"))
    target = _target(ws, payload)
    name, label = str(wanted["name"]), str(payload.get("targetFieldLabel") or "")
    inverse = camel(label)
    _check_name(obj, name)
    _check_name(target, inverse)
    kind = str(payload["type"])
    other = "ONE_TO_MANY" if kind == "MANY_TO_ONE" else "MANY_TO_ONE"
    own = new_field(
        ws,
        obj,
        name,
        "RELATION",
        str(wanted["label"]),
        icon=wanted.get("icon"),
        description=wanted.get("description"),
        settings=_settings(kind, name),
    )
    settings = _settings(other, inverse)
    far = new_field(
        ws, target, inverse, "RELATION", label, icon=payload.get("targetFieldIcon"), settings=settings
    )
    _join(ws, own, far)
    return own


def _join(ws: Workspace, one: Field, other: Field) -> None:
    one.target_object, one.target_field = other.object_id, other.id
    other.target_object, other.target_field = one.object_id, one.id
    for item in (one, other):
        ws.store.save_field(item)
        ws.catalog.objects[item.object_id].changed()


def add_morphs(ws: Workspace, obj: Object, wanted: Mapping[str, Any], new_field: NewField) -> Field:
    """A relation to one of several objects: one field, and one column, for each target."""
    payloads = wanted.get("morphRelationsCreationPayload")
    if not isinstance(payloads, list) or not payloads:
        found = problem("INVALID_FIELD_INPUT", "Morph relation creation payloads are required")
        raise early_refused("create", CREATING, found)
    base, group, made = str(wanted["name"]), str(uuid4()), []
    for payload in (_payload(value) for value in payloads):
        target = _target(ws, payload)
        name, label = base + capital(target.name), str(payload.get("targetFieldLabel") or "")
        _check_name(obj, name)
        _check_name(target, camel(label))
        own = new_field(
            ws,
            obj,
            name,
            "MORPH_RELATION",
            str(wanted["label"]),
            settings=_settings("MANY_TO_ONE", name),
            morph_id=group,
            morph_name=base,
        )
        far = new_field(ws, target, camel(label), "RELATION", label, settings=_settings("ONE_TO_MANY", ""))
        _join(ws, own, far)
        made.append(own)
    return made[0]
