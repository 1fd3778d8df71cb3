"""Who may call: the key in the Authorization header, and the answers to a bad one (measured)."""

from typing import Any

from crossdock_twenty.sandbox.errors import RefusalError
from crossdock_twenty.sandbox.sessions import is_member, is_session
from crossdock_twenty.sandbox.workspace import Workspace


class MissingTokenError(Exception):
    """No Authorization header; each API words this its own way."""


def authenticate(ws: Workspace, header: str | None, *, metadata: bool = False) -> None:
    """Accept the workspace's key or a member's token; on `/metadata` that of any person.

    Raises MissingTokenError or RefusalError: 401, 403 when revoked, 400 for a person of no workspace.
    """
    ws.session = False
    if not header:
        raise MissingTokenError
    token = header.removeprefix("Bearer ").strip()
    if is_session(ws, token):
        if not metadata and not is_member(ws, token):
            code = "NO_AUTHENTICATION_CONTEXT"
            raise RefusalError("Authentication context is invalid", error="Error", code=code)
        ws.session = True
        return
    rows = ws.store.rows("SELECT revoked FROM api_key WHERE token = ?", (token,))
    if not rows:
        raise RefusalError(
            "Token invalid.",
            status=401,
            error="UNAUTHENTICATED",
            extensions={
                "userFriendlyMessage": {
                    "id": "z+7x/s",
                    "message": "You must be authenticated to perform this action.",
                },
                "subCode": "UNAUTHENTICATED",
                "code": "UNAUTHENTICATED",
            },
        )
    if rows[0][0] is not None:
        raise RefusalError(
            "This API Key is revoked",
            status=403,
            error="FORBIDDEN_EXCEPTION",
            extensions={
                "subCode": "FORBIDDEN_EXCEPTION",
                "userFriendlyMessage": "This API Key is revoked",
                "code": "FORBIDDEN",
            },
        )


def missing_token() -> dict[str, Any]:
    """The REST body for a request without a token (403)."""
    return {"statusCode": 403, "messages": ["Missing authentication token"], "error": "FORBIDDEN_EXCEPTION"}
