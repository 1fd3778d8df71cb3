"""GraphQL `/metadata`: reading and changing the schema, webhooks, uploads."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from crossdock_twenty.sandbox import accounts, sessions, uploads, webhooks
from crossdock_twenty.sandbox.alterations import delete_field, delete_object, update_field, update_object
from crossdock_twenty.sandbox.catalog import Field, Object
from crossdock_twenty.sandbox.documents import Operation, Selection, did_you_mean, unknown
from crossdock_twenty.sandbox.errors import RefusalError, RequestShapeError
from crossdock_twenty.sandbox.introspection import introspected
from crossdock_twenty.sandbox.metadata_views import TYPES, connection, graphql_field, graphql_object, names
from crossdock_twenty.sandbox.provisioning import create_field, create_object
from crossdock_twenty.sandbox.workspace import Workspace

Arguments = Mapping[str, Any]
Resolver = Callable[[Workspace, Arguments], Any]

FIELD_TYPES = names(
    "ACTOR ADDRESS ARRAY BOOLEAN CURRENCY DATE DATE_TIME EMAILS FILES FULL_NAME LINKS MORPH_RELATION"
    " MULTI_SELECT NUMBER NUMERIC PHONES POSITION RATING RAW_JSON RELATION RICH_TEXT SELECT TEXT"
    " TS_VECTOR UUID"
)

_SHARED = "name label description icon isActive isSystem isUIEditable isUIReadOnly isNullable isUnique"
_INPUTS: Mapping[str, frozenset[str]] = {
    "CreateFieldInput": frozenset(
        names(
            f"{_SHARED} type defaultValue options settings objectMetadataId isLabelSyncedWithName"
            " isRemoteCreation relationCreationPayload morphRelationsCreationPayload"
        )
    ),
    "UpdateFieldInput": frozenset(
        names(
            f"{_SHARED} universalIdentifier defaultValue options settings objectMetadataId"
            " isLabelSyncedWithName morphRelationsUpdatePayload"
        )
    ),
    "CreateObjectInput": frozenset(
        names(
            "nameSingular namePlural labelSingular labelPlural description icon shortcut color skipNameField"
            " isRemote primaryKeyColumnType primaryKeyFieldMetadataSettings isLabelSyncedWithName"
        )
    ),
    "UpdateObjectPayload": frozenset(
        names(
            "labelSingular labelPlural nameSingular namePlural description icon shortcut color isActive"
            " labelIdentifierFieldMetadataId imageIdentifierFieldMetadataId isLabelSyncedWithName"
            " isSearchable"
        )
    ),
}


def checked(type_name: str, given: Any, required: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """An input object that fits its type. Raises RequestShapeError (400)."""
    if not isinstance(given, Mapping):
        raise RequestShapeError(f'Expected type "{type_name}" to be an object.', status=400)
    for name in given:
        if name not in _INPUTS[type_name]:
            message = f'Field "{name}" is not defined by type "{type_name}".'
            raise RequestShapeError(message, status=400)
    for name in required:
        if given.get(name) is None:
            message = f'Field "{name}" of required type "String!" was not provided.'
            raise RequestShapeError(message, status=400)
    kind = given.get("type")
    if kind is not None and kind not in FIELD_TYPES:
        hint = did_you_mean(str(kind), FIELD_TYPES, "the enum value ")
        message = f'Value "{kind}" does not exist in "FieldMetadataType" enum.{hint}'
        raise RequestShapeError(message, status=400)
    return given


def _create_object(ws: Workspace, args: Arguments) -> Any:
    names = ("nameSingular", "namePlural", "labelSingular", "labelPlural")
    return graphql_object(ws, create_object(ws, checked("CreateObjectInput", args["input"]["object"], names)))


def _update_object(ws: Workspace, args: Arguments) -> Any:
    wanted = checked("UpdateObjectPayload", args["input"]["update"])
    return graphql_object(ws, update_object(ws, str(args["input"]["id"]), wanted))


def _create_field(ws: Workspace, args: Arguments) -> Any:
    wanted = checked("CreateFieldInput", args["input"]["field"], ("type", "name", "label"))
    return graphql_field(ws, create_field(ws, wanted))


def _update_field(ws: Workspace, args: Arguments) -> Any:
    wanted = checked("UpdateFieldInput", args["input"]["update"])
    return graphql_field(ws, update_field(ws, str(args["input"]["id"]), wanted))


def _delete_object(ws: Workspace, args: Arguments) -> Any:
    return graphql_object(ws, delete_object(ws, str(args["input"]["id"])))


def _delete_field(ws: Workspace, args: Arguments) -> Any:
    return graphql_field(ws, delete_field(ws, str(args["input"]["id"])))


def _objects(ws: Workspace, args: Arguments) -> Any:
    nodes = [graphql_object(ws, o) for o in ws.catalog.listed() if _matches(o, args.get("filter"))]
    return _paged(nodes, args)


def _fields(ws: Workspace, args: Arguments) -> Any:
    listed = sorted(ws.catalog.fields.values(), key=lambda f: f.id, reverse=True)
    return _paged([graphql_field(ws, f) for f in listed if _matches(f, args.get("filter"))], args)


def _matches(item: Object | Field, tree: Mapping[str, Any] | None) -> bool:
    """The metadata filters: `{isActive: {is: true}}`, `{id: {eq: ...}}`, `and`, `or`."""
    for name, value in (tree or {}).items():
        if name in ("and", "or"):
            found = [_matches(item, part) for part in value]
            if not (all(found) if name == "and" else any(found)):
                return False
            continue
        attribute = {"isActive": "is_active", "isSystem": "is_system", "objectMetadataId": "object_id"}
        actual = getattr(item, attribute.get(name, name), None)
        for operator, wanted in value.items():
            values = wanted if operator in ("in", "notIn") else [wanted]
            if (actual in values) == (operator in ("neq", "isNot", "notIn")):
                return False
    return True


def _paged(nodes: list[Any], args: Arguments) -> Any:
    paging = args.get("paging") or {}
    first = int(paging.get("first") or 10)
    start = 0
    if paging.get("after"):
        try:
            start = int(base64.b64decode(paging["after"]).decode().partition(":")[2]) + 1
        except (binascii.Error, ValueError):
            raise RefusalError(f"Invalid cursor: {paging['after']}") from None
    return connection(nodes[start : start + first], start, more=len(nodes) > start + first)


def _object(ws: Workspace, args: Arguments) -> Any:
    found = ws.catalog.objects.get(str(args["id"]))
    if found is None:
        raise RefusalError("Object not found", extensions={"code": "NOT_FOUND"})
    return graphql_object(ws, found)


def _field(ws: Workspace, args: Arguments) -> Any:
    found = ws.catalog.fields.get(str(args["id"]))
    if found is None:
        raise RefusalError("Field not found", extensions={"code": "NOT_FOUND"})
    return graphql_field(ws, found)


def _create_upload(ws: Workspace, args: Arguments) -> Any:
    universal = args.get("fieldMetadataUniversalIdentifier")
    return uploads.announce(ws, str(args["filename"]), args["size"], args.get("fieldMetadataId"), universal)


def _complete_upload(ws: Workspace, args: Arguments) -> Any:
    return uploads.complete(ws, str(args["fileId"]))


def _upload_whole(ws: Workspace, args: Arguments) -> Any:
    name, content = args["file"]
    return uploads.upload_whole(ws, name, content, str(args["fieldMetadataId"]))


QUERIES: Mapping[str, tuple[str | None, Resolver]] = {
    "objects": ("ObjectConnection", _objects),
    "object": ("Object", _object),
    "fields": ("FieldConnection", _fields),
    "field": ("Field", _field),
    "webhooks": ("Webhook", webhooks.listed),
    "webhook": ("Webhook", webhooks.one),
    "apiKeys": ("ApiKey", accounts.keys),
    "getRoles": ("Role", accounts.roles),
    "currentWorkspace": ("Workspace", accounts.current),
}
MUTATIONS: Mapping[str, tuple[str | None, Resolver]] = {
    "createOneObject": ("Object", _create_object),
    "updateOneObject": ("Object", _update_object),
    "deleteOneObject": ("Object", _delete_object),
    "createOneField": ("Field", _create_field),
    "updateOneField": ("Field", _update_field),
    "deleteOneField": ("Field", _delete_field),
    "createWebhook": ("Webhook", webhooks.create),
    "updateWebhook": ("Webhook", webhooks.update),
    "deleteWebhook": ("Webhook", webhooks.delete),
    "createFileUpload": ("FileUploadTarget", _create_upload),
    "completeFileUpload": ("FileWithSignedUrl", _complete_upload),
    "uploadFilesFieldFile": ("FileWithSignedUrl", _upload_whole),
    "createApiKey": ("ApiKey", sessions.create_key),
    "generateApiKeyToken": ("ApiKeyToken", sessions.key_token),
    "sendInvitations": ("SendInvitations", sessions.invite),
    "signIn": ("SignIn", sessions.sign_in),
    "signUpInNewWorkspace": ("SignUp", sessions.sign_up),
    "signUpInWorkspace": ("SignUp", sessions.join),
    "getAuthTokensFromLoginToken": ("AuthTokens", sessions.exchange),
    "activateWorkspace": ("Workspace", sessions.activate),
}


def execute(ws: Workspace, operation: Operation, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Run an operation; the first refusal ends it with `data: null` (measured)."""
    known, name = (MUTATIONS, "Mutation") if operation.kind == "mutation" else (QUERIES, "Query")
    for root in operation.roots:
        if not root.name.startswith("__"):
            _check_root(root, known, name)
    data: dict[str, Any] = {}
    try:
        for root in operation.roots:
            data[root.key] = _resolve(ws, root, known, variables)
    except RefusalError as error:
        return {"errors": [error.graphql()], "data": None}
    return {"data": data}


def _check_root(root: Selection, known: Mapping[str, tuple[str | None, Resolver]], name: str) -> None:
    if root.name not in known:
        raise unknown(root, name, list(known))
    kind = known[root.name][0]
    if kind is not None:
        check_selection(root, kind)


def check_selection(selection: Selection, kind: str) -> None:
    """Refuse fields that a type does not have."""
    types = TYPES[kind]
    for child in selection.children:
        if child.name == "__typename":
            continue
        if child.name not in types:
            raise unknown(child, kind, list(types))
        inner = types[child.name]
        if inner is not None:
            check_selection(child, inner)


def _resolve(
    ws: Workspace,
    root: Selection,
    known: Mapping[str, tuple[str | None, Resolver]],
    variables: Mapping[str, Any],
) -> Any:
    if root.name.startswith("__"):
        names = {"Query": list(QUERIES), "Mutation": list(MUTATIONS)}
        return introspected(root, variables, names | {k: list(v) for k, v in TYPES.items()})
    kind, resolver = known[root.name]
    arguments = {name: root.argument(name, variables) for name in root.arguments}
    return project(resolver(ws, arguments), root, kind)


def project(value: Any, selection: Selection, kind: str | None) -> Any:
    """The selected part of a value; functions in it are called only when selected."""
    if callable(value):
        value = value()
    if value is None or kind is None:
        return value
    if isinstance(value, list):
        return [project(part, selection, kind) for part in value]
    found: dict[str, Any] = {}
    for child in selection.children:
        if child.name == "__typename":
            found[child.key] = kind
        else:
            found[child.key] = project(value.get(child.name), child, TYPES[kind][child.name])
    return found
