"""Objects and fields as the metadata API shows them: REST bodies and GraphQL types."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from crossdock_twenty.sandbox.catalog import Field, Object
from crossdock_twenty.sandbox.workspace import Workspace


def names(text: str) -> list[str]:
    """The words of a text, for long lists of names."""
    return text.split()


# Type of each selectable field that is an object itself; the others are scalars.
TYPES: Mapping[str, Mapping[str, str | None]] = {
    "PageInfo": dict.fromkeys(("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")),
    "ObjectConnection": {"pageInfo": "PageInfo", "edges": "ObjectEdge"},
    "ObjectEdge": {"node": "Object", "cursor": None},
    "FieldConnection": {"pageInfo": "PageInfo", "edges": "FieldEdge"},
    "ObjectFieldsConnection": {"pageInfo": "PageInfo", "edges": "FieldEdge"},
    "FieldEdge": {"node": "Field", "cursor": None},
    "Relation": {
        "type": None,
        "sourceObjectMetadata": "Object",
        "targetObjectMetadata": "Object",
        "sourceFieldMetadata": "Field",
        "targetFieldMetadata": "Field",
    },
    "Index": dict.fromkeys(("id", "name", "isCustom", "isUnique", "indexType", "createdAt", "updatedAt"))
    | {"indexFieldMetadataList": "IndexField"},
    "IndexField": dict.fromkeys(("id", "fieldMetadataId", "order", "subFieldName", "createdAt", "updatedAt")),
    "Object": dict.fromkeys(
        names(
            "id universalIdentifier nameSingular namePlural labelSingular labelPlural description icon"
            " shortcut color isRemote isActive isSystem isUIEditable isUICreatable isUIReadOnly"
            " isSearchable applicationId createdAt updatedAt labelIdentifierFieldMetadataId"
            " imageIdentifierFieldMetadataId isLabelSyncedWithName duplicateCriteria"
        )
    )
    | {"fieldsList": "Field", "fields": "ObjectFieldsConnection", "indexMetadataList": "Index"},
    "Field": dict.fromkeys(
        names(
            "id universalIdentifier type name label description icon isActive isSystem isUIEditable"
            " isUIReadOnly isNullable isUnique defaultValue options settings objectMetadataId"
            " isLabelSyncedWithName morphId createdAt updatedAt applicationId"
        )
    )
    | {"relation": "Relation", "morphRelations": "Relation", "object": "Object"},
    "Webhook": dict.fromkeys(
        names("id targetUrl operations description secret applicationId createdAt updatedAt deletedAt")
    ),
    "FileUploadTarget": dict.fromkeys(("fileId", "uploadUrl", "contentType", "expiresAt")),
    "FileWithSignedUrl": dict.fromkeys(("id", "path", "size", "createdAt", "url")),
    "ApiKey": dict.fromkeys(("id", "name", "expiresAt", "revokedAt", "createdAt", "updatedAt"))
    | {"role": "Role"},
    "Role": dict.fromkeys(
        names(
            "id label description icon canUpdateAllSettings canAccessAllTools canReadAllObjectRecords"
            " canUpdateAllObjectRecords canSoftDeleteAllObjectRecords canDestroyAllObjectRecords"
            " canBeAssignedToApiKeys canBeAssignedToUsers canBeAssignedToAgents"
        )
    ),
    "Workspace": dict.fromkeys(("id", "displayName", "activationStatus", "metadataVersion", "createdAt")),
    "SendInvitations": {"success": None, "errors": None, "result": "Invitation"},
    "ApiKeyToken": {"token": None},
    "AuthToken": {"token": None, "expiresAt": None},
    "AuthTokenPair": {"accessOrWorkspaceAgnosticToken": "AuthToken", "refreshToken": "AuthToken"},
    "AuthTokens": {"tokens": "AuthTokenPair"},
    "SignIn": {"availableWorkspaces": "AvailableWorkspaces", "tokens": "AuthTokenPair"},
    "AvailableWorkspaces": {"availableWorkspacesForSignIn": "AvailableWorkspace"},
    "AvailableWorkspace": {"id": None, "loginToken": None},
    "SignUp": {"loginToken": "AuthToken", "workspace": "WorkspaceUrlsAndId"},
    "WorkspaceUrlsAndId": {"id": None, "workspaceUrls": "WorkspaceUrls"},
    "WorkspaceUrls": {"subdomainUrl": None, "customUrl": None},
    "Invitation": dict.fromkeys(("id", "email", "expiresAt")),
}


def object_values(ws: Workspace, obj: Object) -> dict[str, Any]:
    """The object's own values, in the API's names."""
    label = obj.fields.get(obj.label_field or "")
    return {
        "id": obj.id,
        "universalIdentifier": obj.universal_id,
        "applicationId": obj.application_id,
        "nameSingular": obj.name,
        "namePlural": obj.plural,
        "labelSingular": obj.label,
        "labelPlural": obj.label_plural,
        "description": obj.description,
        "icon": obj.icon,
        "isRemote": False,
        "isActive": obj.is_active,
        "isSystem": obj.is_system,
        "isUIEditable": obj.is_ui_editable,
        "isUICreatable": obj.is_ui_creatable,
        "isUIReadOnly": not obj.is_ui_editable,
        "isSearchable": obj.is_searchable,
        "isLabelSyncedWithName": obj.label_synced,
        "workspaceId": ws.id,
        "labelIdentifierFieldMetadataId": label.id if label else None,
        "imageIdentifierFieldMetadataId": None,
        "duplicateCriteria": obj.duplicate_criteria,
        "createdAt": obj.created_at,
        "updatedAt": obj.updated_at,
    }


def field_values(ws: Workspace, item: Field) -> dict[str, Any]:
    """The field's own values, in the API's names."""
    return {
        "id": item.id,
        "universalIdentifier": item.universal_id,
        "applicationId": item.application_id,
        "type": item.type,
        "name": item.name,
        "label": item.label,
        "description": item.description,
        "icon": item.icon,
        "isActive": item.is_active,
        "isSystem": item.is_system,
        "isUIEditable": item.is_ui_editable,
        "isUIReadOnly": not item.is_ui_editable,
        "isNullable": item.is_nullable,
        "isUnique": item.is_unique,
        "defaultValue": item.default,
        "options": item.options,
        "settings": item.settings,
        "workspaceId": ws.id,
        "objectMetadataId": item.object_id,
        "isLabelSyncedWithName": item.label_synced,
        "morphId": item.morph_id,
        "createdAt": item.created_at,
        "updatedAt": item.updated_at,
    }


def rest_field(ws: Workspace, item: Field) -> dict[str, Any]:
    """A field as REST lists it: nulls are left out (measured)."""
    return {name: value for name, value in field_values(ws, item).items() if value is not None}


def rest_object(ws: Workspace, obj: Object) -> dict[str, Any]:
    """An object as REST lists it, with its fields."""
    found = {name: value for name, value in object_values(ws, obj).items() if value is not None}
    return found | {"fields": [rest_field(ws, item) for item in obj.fields.values()]}


def written_field(ws: Workspace, item: Field) -> dict[str, Any]:
    """A field as REST answers after a write: default and options even when null (measured)."""
    found = rest_field(ws, item)
    return found | {"defaultValue": item.default, "options": item.options}


def written_object(ws: Workspace, obj: Object, *, fields: bool = True) -> dict[str, Any]:
    """An object as REST answers after a write."""
    found = rest_object(ws, obj) | {"imageIdentifierFieldMetadataId": None}
    if not fields:
        del found["fields"]
    return found


def indexes(ws: Workspace, obj: Object) -> list[dict[str, Any]]:
    """The object's indexes: unique ones, those of the standard schema, one for each added reference."""
    plain = [obj.fields[name] for name in obj.indexed if name in obj.fields]
    plain += [
        item
        for item in obj.references.values()
        if item.application_id == ws.catalog.custom_application and item not in plain
    ]
    found = [_index(obj, item.name, [item], unique=False) for item in plain]
    for name, columns in obj.unique_keys.items():
        found.append(_index(obj, name, [obj.columns[column] for column, _ in columns], unique=True))
    return found


def _index(obj: Object, name: str, items: list[Field], *, unique: bool) -> dict[str, Any]:
    parts = [
        {"id": str(uuid5(UUID(item.id), name)), "order": order, "subFieldName": None}
        | {"fieldMetadataId": item.id, "createdAt": item.created_at, "updatedAt": item.updated_at}
        for order, item in enumerate(items)
    ]
    digest = uuid5(UUID(obj.id), f"{name} {unique}")
    return {
        "id": str(digest),
        "name": f"IDX_{'UNIQUE_' if unique else ''}{digest.hex[:27]}",
        "isCustom": obj.application_id == items[0].application_id,
        "isUnique": unique,
        "indexType": "GIN" if items[0].type == "TS_VECTOR" else "BTREE",
        "createdAt": obj.created_at,
        "updatedAt": obj.updated_at,
        "indexFieldMetadataList": parts,
    }


def relation(ws: Workspace, item: Field) -> dict[str, Any] | None:
    """One end of a relation, with the functions that show the other."""
    if not item.is_relation or item.target_field not in ws.catalog.fields:
        return None
    target = ws.catalog.inverse(item)
    return {
        "type": (item.settings or {}).get("relationType"),
        "sourceFieldMetadata": lambda: graphql_field(ws, item),
        "targetFieldMetadata": lambda: (
            graphql_field(ws, target) | ({"name": target.morph_name} if target.morph_name else {})
        ),
        "sourceObjectMetadata": lambda: graphql_object(ws, ws.catalog.objects[item.object_id]),
        "targetObjectMetadata": lambda: graphql_object(ws, ws.catalog.target(item)),
    }


def graphql_field(ws: Workspace, item: Field) -> dict[str, Any]:
    """A field with its relations; a morph field lists all members of its group."""
    found = field_values(ws, item)
    morph = item.type == "MORPH_RELATION"
    found["relation"] = None if morph else lambda: relation(ws, item)
    found["morphRelations"] = (
        (lambda: [relation(ws, part) for part in ws.catalog.morph_group(item)]) if morph else None
    )
    found["object"] = lambda: graphql_object(ws, ws.catalog.objects[item.object_id])
    return found


def _without_twins(ws: Workspace, obj: Object) -> list[Field]:
    """One field for each morph relation: `fieldsList` shows the group, not its members (assumed)."""
    return [
        item
        for item in obj.fields.values()
        if item.morph_id is None or item.id == min(part.id for part in ws.catalog.morph_group(item))
    ]


def _listed_field(ws: Workspace, item: Field) -> dict[str, Any]:
    found = graphql_field(ws, item)
    return found | {"name": item.morph_name} if item.morph_name else found


def graphql_object(ws: Workspace, obj: Object) -> dict[str, Any]:
    """An object with functions for its fields and indexes."""
    found = object_values(ws, obj)
    found["fieldsList"] = lambda: [_listed_field(ws, item) for item in _without_twins(ws, obj)]
    found["fields"] = lambda: connection([graphql_field(ws, item) for item in obj.fields.values()])
    found["indexMetadataList"] = lambda: indexes(ws, obj)
    return found


def connection(nodes: list[Any], offset: int = 0, *, more: bool = False) -> dict[str, Any]:
    """A page of metadata; its cursors count (measured)."""

    def place(at: int) -> str:
        return b64encode(f"arrayconnection:{offset + at}".encode()).decode()

    return {
        "pageInfo": {
            "hasNextPage": more,
            "hasPreviousPage": offset > 0,
            "startCursor": place(0) if nodes else None,
            "endCursor": place(len(nodes) - 1) if nodes else None,
        },
        "edges": [{"node": node, "cursor": place(at)} for at, node in enumerate(nodes)],
    }
