"""Search over labels, e-mails, links and phones (shape measured; ranking assumed: by object, then id)."""

from typing import Any

import orjson

from crossdock_twenty.sandbox.presentation import label, searched
from crossdock_twenty.sandbox.workspace import Workspace


def search(ws: Workspace, text: str, limit: Any) -> dict[str, Any]:
    """Records in which every word occurs."""
    words, found = text.lower().split(), []
    objects = [obj for obj in ws.catalog.objects.values() if obj.is_searchable and not obj.is_system]
    for obj in sorted(objects, key=lambda o: o.name):
        sql = "SELECT data FROM record WHERE object = ? AND deleted IS NULL ORDER BY id"
        for (stored,) in ws.store.rows(sql, (obj.id,)):
            data = orjson.loads(stored)
            content = " ".join(searched(obj, data)).lower()
            if all(word in content for word in words):
                node = {"recordId": data["id"], "objectNameSingular": obj.name, "label": label(obj, data)}
                found.append({"node": node})
    return {"edges": found[: int(limit or 30)]}
