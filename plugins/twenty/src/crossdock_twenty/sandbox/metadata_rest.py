"""REST `/rest/metadata/...`: objects, fields, webhooks (measured on 2.21.0)."""

from collections.abc import Mapping
from typing import Any

from crossdock_twenty.sandbox import webhooks
from crossdock_twenty.sandbox.alterations import delete_field, delete_object, update_field, update_object
from crossdock_twenty.sandbox.errors import RefusalError
from crossdock_twenty.sandbox.inspection import bad_input
from crossdock_twenty.sandbox.limits import PAGE
from crossdock_twenty.sandbox.metadata_views import (
    rest_field,
    rest_object,
    written_field,
    written_object,
)
from crossdock_twenty.sandbox.provisioning import create_field, create_object
from crossdock_twenty.sandbox.rest import Answer, Call
from crossdock_twenty.sandbox.workspace import Workspace


def answer(ws: Workspace, call: Call) -> Answer:
    """Status and body; `call.segments` starts after `metadata`. Raises RefusalError."""
    kind, *rest = call.segments or ("",)
    key = rest[0] if rest else None
    if kind == "objects":
        return _objects(ws, call, key)
    if kind == "fields":
        return _fields(ws, call, key)
    if kind == "webhooks":
        return _webhooks(ws, call, key)
    raise bad_input(f"Query path '/rest/metadata/{kind}' invalid. Valid examples: /rest/metadata/objects")


def _listed(call: Call, rows: list[dict[str, Any]]) -> Answer:
    """A page; the cursor is the plain id, a page has at most 200 rows."""
    start = 0
    after = call.parameter("starting_after")
    if after:
        start = next((at + 1 for at, row in enumerate(rows) if row["id"] == after), len(rows))
    limit = min(int(call.parameter("limit") or PAGE), PAGE)
    found = rows[start : start + limit]
    info = {
        "hasNextPage": len(rows) > start + limit,
        "startCursor": found[0]["id"] if found else None,
        "endCursor": found[-1]["id"] if found else None,
    }
    return 200, {"data": found, "pageInfo": info, "totalCount": len(rows)}


def _missing(what: str) -> RefusalError:
    return RefusalError(f"{what} not found", status=404, error="NotFoundException")


def _objects(ws: Workspace, call: Call, key: str | None) -> Answer:
    if key is None and call.method == "GET":
        return _listed(call, [rest_object(ws, obj) for obj in ws.catalog.listed()])
    if key is None:
        return 201, written_object(ws, create_object(ws, _body(call)))
    obj = ws.catalog.objects.get(key)
    if obj is None:
        raise _missing("Object")
    if call.method == "GET":
        return 200, rest_object(ws, obj)
    if call.method == "DELETE":
        shown = written_object(ws, obj, fields=False)
        delete_object(ws, key)
        return 200, shown
    return 200, written_object(ws, update_object(ws, key, _body(call)))


def _fields(ws: Workspace, call: Call, key: str | None) -> Answer:
    if key is None and call.method == "GET":
        listed = sorted(ws.catalog.fields.values(), key=lambda f: f.id, reverse=True)
        return _listed(call, [rest_field(ws, item) for item in listed])
    if key is None:
        return 201, written_field(ws, create_field(ws, _body(call)))
    item = ws.catalog.fields.get(key)
    if item is None:
        raise _missing("Field")
    if call.method == "GET":
        return 200, rest_field(ws, item)
    if call.method == "DELETE":
        return 200, written_field(ws, delete_field(ws, key))
    return 200, written_field(ws, update_field(ws, key, _body(call)))


def _webhooks(ws: Workspace, call: Call, key: str | None) -> Answer:
    """A bare list (measured); writes as on GraphQL (assumed)."""
    if key is None and call.method == "GET":
        return 200, webhooks.listed(ws)
    if key is None:
        return 201, webhooks.create(ws, {"input": _body(call)})
    if call.method == "GET":
        return 200, webhooks.one(ws, {"id": key})
    if call.method == "DELETE":
        return 200, webhooks.delete(ws, {"id": key})
    return 200, webhooks.update(ws, {"input": {"id": key, "update": _body(call)}})


def _body(call: Call) -> Mapping[str, Any]:
    if not isinstance(call.body, Mapping):
        raise bad_input("Body must be an object")
    return call.body
