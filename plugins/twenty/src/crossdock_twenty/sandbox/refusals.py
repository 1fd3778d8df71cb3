"""Error reports of refused schema changes, with the noise that the server adds (measured on 2.21.0)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4, uuid5

from crossdock_twenty.sandbox.catalog import Field, Object, capital
from crossdock_twenty.sandbox.errors import MetadataRefusalError, RefusalError
from crossdock_twenty.sandbox.naming import Problem, entry, name_problems, problem, taken
from crossdock_twenty.sandbox.workspace import Workspace

TARGETED = ("timelineActivity", "attachment", "noteTarget", "taskTarget")
OWN_FIELDS = (
    "name id createdAt createdBy deletedAt position updatedAt updatedBy searchVector"
    " timelineActivities attachments noteTargets taskTargets"
)

VIEWED = ("name", "createdAt", "createdBy", "updatedAt", "updatedBy")

_NO_OBJECT = problem(
    "OBJECT_METADATA_NOT_FOUND",
    "Object metadata not found",
    friendly="Field to create related object not found",
)
_NO_TARGET = problem(
    "OBJECT_METADATA_NOT_FOUND",
    "Relation target object metadata not found",
    friendly="Object targeted by the relation not found",
)
_NO_INDEX_FIELD = problem(
    "INDEX_FIELD_NOT_FOUND",
    "Could not find index field related field metadata",
    friendly="Field referenced in index does not exist",
)
_NO_INDEX_OBJECT = problem(
    "INDEX_OBJECT_NOT_FOUND",
    "Could not find index related object metadata",
    friendly="Index related object not found",
)
_INDEX_EXISTS = problem("INDEX_ALREADY_EXISTS", "Index with same name already exists")
_NO_SEARCH = (
    problem("FIELD_METADATA_NOT_FOUND", "Field metadata not found"),
    problem(
        "TS_VECTOR_FIELD_METADATA_NOT_FOUND",
        "TS_VECTOR field metadata not found",
        friendly="Search vector field not found",
    ),
    problem("OBJECT_METADATA_NOT_FOUND", "Object metadata not found"),
)


def _view(message: str) -> Problem:
    return problem("INVALID_VIEW_DATA", message)


def _view_ids(universal: str) -> tuple[str, str]:
    """The two views that every object has."""
    return str(uuid5(UUID(universal), "record page")), str(uuid5(UUID(universal), "table"))


def _view_field(view: str, field: str, problems: Sequence[Problem]) -> dict[str, Any]:
    about = {"viewUniversalIdentifier": view, "fieldMetadataUniversalIdentifier": field}
    return entry("viewField", "create", problems, _ids("universalIdentifier") | about)


def _ids(*names: str) -> dict[str, str]:
    return {name: str(uuid4()) for name in names}


def _index(problems: Sequence[Problem]) -> dict[str, Any]:
    name = f"IDX_{uuid4().hex[:27]}"
    return entry("index", "create", problems, {"name": name, **_ids("universalIdentifier")})


def target_problems(ws: Workspace, name: str) -> dict[str, list[Problem]]:
    """What is wrong with `target<Name>` on the objects that can point to any other."""
    target = f"target{capital(name)}"
    return {
        obj: name_problems(target) or taken(ws.catalog.by_name[obj], target)
        for obj in TARGETED
        if obj in ws.catalog.by_name
    }


def object_refused(
    ws: Workspace, wanted: Mapping[str, Any], problems: Sequence[Problem]
) -> MetadataRefusalError:
    """The report for a refused object: its own errors among those of everything that hangs on it."""
    universal = str(uuid4())
    singular = str(wanted["nameSingular"])
    about = {"universalIdentifier": universal, "namePlural": wanted["namePlural"], "nameSingular": singular}
    targets = target_problems(ws, singular)
    fields = [_field_entry(name, universal, [_NO_OBJECT]) for name in OWN_FIELDS.split()]
    fields += [
        _field_entry(
            f"target{capital(singular)}", ws.catalog.by_name[name].universal_id, [*found, _NO_TARGET]
        )
        for name, found in targets.items()
    ]
    clash = any(p["code"] == "NOT_AVAILABLE" for found in targets.values() for p in found)
    own = [_INDEX_EXISTS, _NO_INDEX_FIELD] if clash else [_NO_INDEX_FIELD]
    view_field = [_view("Field metadata not found"), _view("View not found")]
    made = {f["flatEntityMinimalInformation"]["name"]: f["flatEntityMinimalInformation"] for f in fields}
    views = _view_ids(universal)
    report = {
        "fieldMetadata": fields,
        "objectMetadata": [entry("objectMetadata", "create", problems, about)],
        "view": [
            entry("view", "create", [_view("Object metadata not found")], {"universalIdentifier": view})
            for view in views
        ],
        "viewField": [
            _view_field(view, made[name]["universalIdentifier"], view_field)
            for view, listed in zip(views, (VIEWED, VIEWED[1:]), strict=True)
            for name in listed
        ],
        "index": [*(_index(own) for _ in range(4)), _index([_NO_INDEX_OBJECT, _NO_INDEX_FIELD])],
        "searchFieldMetadata": [
            entry(
                "searchFieldMetadata",
                "create",
                _NO_SEARCH,
                _ids("universalIdentifier") | {"objectMetadataUniversalIdentifier": universal},
            )
        ],
    }
    return MetadataRefusalError("Multiple validation errors occurred while creating object", report)


def targets_refused(ws: Workspace, name: str, found: Mapping[str, list[Problem]]) -> MetadataRefusalError:
    """The report for an object whose own name is fine, but not the relations made from it."""
    fields = [
        _field_entry(f"target{capital(name)}", ws.catalog.by_name[obj].universal_id, problems)
        for obj, problems in found.items()
        if problems
    ]
    report = {"fieldMetadata": fields, "index": [_index([_NO_INDEX_FIELD]) for _ in fields]}
    return MetadataRefusalError("Multiple validation errors occurred while creating object", report)


def _field_entry(name: str, owner: str, problems: Sequence[Problem], verb: str = "create") -> dict[str, Any]:
    about = {**_ids("universalIdentifier"), "name": name, "objectMetadataUniversalIdentifier": owner}
    return entry("fieldMetadata", verb, problems, about)


def field_refused(obj: Object, name: str, problems: Sequence[Problem]) -> MetadataRefusalError:
    """The report for a refused field, with two views that miss it."""
    refused = _field_entry(name, obj.universal_id, problems)
    universal = refused["flatEntityMinimalInformation"]["universalIdentifier"]
    missing = [_view("Field metadata not found")]
    report = {
        "fieldMetadata": [refused],
        "viewField": [_view_field(view, universal, missing) for view in _view_ids(obj.universal_id)],
    }
    return MetadataRefusalError("Multiple validation errors occurred while creating fields", report)


def early_refused(verb: str, message: str, found: Problem) -> MetadataRefusalError:
    """The short report of what is refused before anything is looked at."""
    one = {
        "errors": [found],
        "type": verb,
        "metadataName": "fieldMetadata",
        "flatEntityMinimalInformation": {"id": ""},
    }
    return MetadataRefusalError(message, {"fieldMetadata": [one]})


def unique_default_refused(item_name: str, kind: str) -> MetadataRefusalError:
    """A unique field with a default."""
    found = problem(
        "INDEX_FIELD_INVALID_DEFAULT_VALUE",
        f"Unique index cannot be created for field {item_name} of type {kind}",
        friendly=f"{kind} fields cannot have a default value.",
    )
    about = {**_ids("universalIdentifier"), "name": f"IDX_UNIQUE_{uuid4().hex[:27]}"}
    report = {"index": [entry("index", "create", [found], about)]}
    return MetadataRefusalError("Multiple validation errors occurred while creating fields", report)


def standard_object_kept(obj: Object) -> MetadataRefusalError:
    """The report for deleting a standard object."""
    fields = [
        entry("fieldMetadata", "delete", [_kept(obj, item)], _about(obj, item))
        for item in obj.fields.values()
        if item.is_system or item.name == obj.label_field
    ]
    about = {
        "universalIdentifier": obj.universal_id,
        "namePlural": obj.plural,
        "nameSingular": obj.name,
    }
    own = problem("INVALID_OBJECT_INPUT", "Standard objects cannot be deleted")
    report = {"fieldMetadata": fields, "objectMetadata": [entry("objectMetadata", "delete", [own], about)]}
    return MetadataRefusalError("Multiple validation errors occurred while deleting object", report)


def _kept(obj: Object, item: Field) -> Problem:
    if item.name == obj.label_field:
        message = "Cannot delete, please update the label identifier field first"
    else:
        message = "System fields cannot be deleted"
    return problem("FIELD_MUTATION_NOT_ALLOWED", message)


def _about(obj: Object, item: Field) -> dict[str, str]:
    return {
        "universalIdentifier": item.universal_id,
        "name": item.name,
        "objectMetadataUniversalIdentifier": obj.universal_id,
    }


def migration_failed(verb: str, kind: str) -> RefusalError:
    """A change that passes the checks and fails in the database."""
    message = f"Migration action '{verb}' for '{kind}' (universalIdentifier: {uuid4()}) failed"
    extensions = {"code": "INTERNAL_SERVER_ERROR", "userFriendlyMessage": "Migration execution failed."}
    return RefusalError(message, status=500, error="InternalServerErrorException", extensions=extensions)


def standard_field_kept(item: Field) -> RefusalError:
    """Deleting a standard field."""
    extensions = {
        "subCode": "FIELD_MUTATION_NOT_ALLOWED",
        "userFriendlyMessage": "This field cannot be modified.",
        "code": "FORBIDDEN",
    }
    return RefusalError(f'Cannot delete standard field "{item.name}"', extensions=extensions)


def field_unknown() -> RefusalError:
    """Deleting a field that does not exist."""
    extensions = {
        "subCode": "FIELD_METADATA_NOT_FOUND",
        "userFriendlyMessage": "Field not found.",
        "code": "NOT_FOUND",
    }
    return RefusalError("Field to delete not found", status=404, extensions=extensions)


def object_unknown(verb: str) -> RefusalError:
    """Changing an object that does not exist (assumed)."""
    extensions = {
        "subCode": "OBJECT_METADATA_NOT_FOUND",
        "userFriendlyMessage": "Object not found.",
        "code": "NOT_FOUND",
    }
    return RefusalError(f"Object to {verb} not found", status=404, extensions=extensions)
