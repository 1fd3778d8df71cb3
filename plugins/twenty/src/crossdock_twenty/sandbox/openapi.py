"""A stub of the OpenAPI documents: paths only (the real ones are 0.7 MB; `info.version` is constant)."""

from typing import Any

from crossdock_twenty.sandbox.workspace import Workspace


def document(ws: Workspace, kind: str) -> dict[str, Any]:
    """The `core` or the `metadata` document."""
    if kind == "metadata":
        paths = ["/objects", "/objects/{id}", "/fields", "/fields/{id}", "/webhooks", "/webhooks/{id}"]
    else:
        plurals = sorted(ws.catalog.by_plural)
        paths = [p for name in plurals for p in (f"/{name}", f"/{name}/{{id}}", f"/batch/{name}")]
    return {
        "openapi": "3.1.1",
        "info": {"title": "Twenty Api", "version": "v0.1"},
        "paths": {path: {} for path in paths},
    }
