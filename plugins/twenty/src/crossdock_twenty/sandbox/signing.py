"""Signed addresses and the API key: tokens with the shape of a JWT, signed with the workspace's secret."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import orjson

from crossdock_twenty.sandbox.workspace import Workspace

FILE_TTL = 24 * 3600


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def token(secret: str, payload: Mapping[str, Any]) -> str:
    """A token `header.payload.signature`. The real key is ES256; nobody but the server can tell."""
    head = _encode(orjson.dumps({"alg": "ES256", "typ": "JWT"}))
    body = _encode(orjson.dumps(dict(payload)))
    seal = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{_encode(seal)}"


def read_token(secret: str, text: str) -> dict[str, Any] | None:
    """The payload, or None if the token was not made with this secret."""
    parts = text.split(".")
    if len(parts) != 3:
        return None
    seal = hmac.new(secret.encode(), f"{parts[0]}.{parts[1]}".encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(_encode(seal), parts[2]):
        return None
    payload: dict[str, Any] = orjson.loads(_decode(parts[1]))
    return payload


def file_url(ws: Workspace, file_id: str) -> str:
    """A signed address of a file's content, good for 24 hours."""
    payload = {"fileId": file_id, "workspaceId": ws.id, "type": "FILE", "exp": int(ws.clock.now()) + FILE_TTL}
    return f"{ws.base_url}/file/files-field/{file_id}?token={token(ws.secret, payload)}"


def upload_url(ws: Workspace, file_id: str, expires: int) -> str:
    """A signed address to put a file's content to."""
    payload = {"fileId": file_id, "workspaceId": ws.id, "type": "UPLOAD", "exp": expires}
    return f"{ws.base_url}/file-upload/{file_id}?token={token(ws.secret, payload)}"


def file_allowed(ws: Workspace, text: str, file_id: str, kind: str) -> bool:
    """Whether a token opens this file for reading (`FILE`) or for the upload (`UPLOAD`)."""
    payload = read_token(ws.secret, text)
    if payload is None or payload.get("fileId") != file_id or payload.get("type") != kind:
        return False
    return float(payload.get("exp", 0)) >= ws.clock.now()
