"""Webhooks: kept and listed; what they would have been sent is counted by `effects`."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any
from uuid import uuid4

import orjson

from crossdock_twenty.sandbox.errors import RefusalError
from crossdock_twenty.sandbox.workspace import Workspace


def listed(ws: Workspace, args: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """All webhooks."""
    del args
    return [orjson.loads(data) for (data,) in ws.store.rows("SELECT data FROM webhook ORDER BY rowid")]


def one(ws: Workspace, args: Mapping[str, Any]) -> dict[str, Any]:
    """One webhook. Raises RefusalError for an unknown id (assumed)."""
    data = ws.store.value("SELECT data FROM webhook WHERE id = ?", (str(args.get("id")),))
    if data is None:
        extensions = {"code": "NOT_FOUND", "userFriendlyMessage": "Webhook not found."}
        raise RefusalError("Webhook not found", status=404, extensions=extensions)
    found: dict[str, Any] = orjson.loads(data)
    return found


def create(ws: Workspace, args: Mapping[str, Any]) -> dict[str, Any]:
    """createWebhook."""
    given, now = args["input"], ws.clock.stamp()
    hook = {
        "id": given.get("id") or str(uuid4()),
        "targetUrl": given["targetUrl"],
        "operations": list(given["operations"]),
        "description": given.get("description"),
        "secret": given.get("secret") or token_hex(16),
        "workspaceId": ws.id,
        "applicationId": ws.catalog.custom_application,
        "createdAt": now,
        "updatedAt": now,
        "deletedAt": None,
    }
    ws.store.run("INSERT INTO webhook VALUES (?, ?)", (hook["id"], orjson.dumps(hook).decode()))
    return hook


def update(ws: Workspace, args: Mapping[str, Any]) -> dict[str, Any]:
    """updateWebhook. Raises RefusalError for an unknown id (measured)."""
    if ws.store.value("SELECT data FROM webhook WHERE id = ?", (str(args["input"]["id"]),)) is None:
        friendly = "Webhook not found."
        extensions = {"subCode": "WEBHOOK_NOT_FOUND", "userFriendlyMessage": friendly, "code": "NOT_FOUND"}
        raise RefusalError("Webhook not found", status=404, extensions=extensions)
    hook = one(ws, args["input"]) | dict(args["input"]["update"]) | {"updatedAt": ws.clock.stamp()}
    ws.store.run("UPDATE webhook SET data = ? WHERE id = ?", (orjson.dumps(hook).decode(), hook["id"]))
    return hook


def delete(ws: Workspace, args: Mapping[str, Any]) -> dict[str, Any]:
    """deleteWebhook."""
    hook = one(ws, args)
    ws.store.run("DELETE FROM webhook WHERE id = ?", (hook["id"],))
    return hook
