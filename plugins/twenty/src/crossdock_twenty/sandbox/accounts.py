"""Keys, roles and what a key may not do."""

from collections.abc import Mapping
from typing import Any

from crossdock_twenty.sandbox.errors import RefusalError
from crossdock_twenty.sandbox.metadata_views import names
from crossdock_twenty.sandbox.workspace import Workspace

_RIGHTS = names(
    "canUpdateAllSettings canAccessAllTools canReadAllObjectRecords canUpdateAllObjectRecords"
    " canSoftDeleteAllObjectRecords canDestroyAllObjectRecords canBeAssignedToApiKeys canBeAssignedToUsers"
)

Arguments = Mapping[str, Any]


def roles(ws: Workspace, args: Arguments) -> list[dict[str, Any]]:
    """getRoles: Admin and Member."""
    del args
    admin = {"id": ws.store.setting("admin_role"), "label": "Admin"} | dict.fromkeys(_RIGHTS, True)
    member = {"id": ws.store.setting("member_role"), "label": "Member"} | dict.fromkeys(_RIGHTS, True)
    return [admin, member | {"canUpdateAllSettings": False, "canBeAssignedToApiKeys": False}]


def keys(ws: Workspace, args: Arguments) -> list[dict[str, Any]]:
    """apiKeys that are not revoked (assumed)."""
    rows = ws.store.rows("SELECT id, name, created FROM api_key WHERE revoked IS NULL")
    role = roles(ws, args)[0]
    return [
        {"id": key, "name": name, "createdAt": at, "updatedAt": at, "revokedAt": None, "role": role}
        | {"expiresAt": "2099-01-01T00:00:00.000Z"}
        for key, name, at in rows
    ]


def current(ws: Workspace, args: Arguments) -> dict[str, Any]:
    """currentWorkspace (assumed to be open to keys)."""
    del args
    values = {"id": ws.id, "displayName": "Sandbox", "activationStatus": "ACTIVE", "metadataVersion": 1}
    return values | {"createdAt": ws.store.setting("created")}


def session_only(ws: Workspace, args: Arguments) -> Any:
    """What only a signed-in person may do: a key cannot make keys (measured)."""
    del ws, args
    extensions = {
        "subCode": "FORBIDDEN_EXCEPTION",
        "userFriendlyMessage": "You do not have permission to perform this action.",
        "code": "FORBIDDEN",
    }
    raise RefusalError("This endpoint requires a session access token", extensions=extensions)


def forbidden_resource() -> RefusalError:
    """The guard's answer, also to requests without a token on `/metadata`."""
    response = {"message": "Forbidden resource", "error": "Forbidden", "statusCode": 403}
    extensions = {"code": "FORBIDDEN", "response": response, "userFriendlyMessage": "An error occurred."}
    return RefusalError("Forbidden resource", status=403, extensions=extensions)


def revoke(ws: Workspace, token: str) -> None:
    """Revoke a key: every request with it is refused from now on."""
    ws.store.run("UPDATE api_key SET revoked = ? WHERE token = ?", (ws.clock.stamp(), token))
