"""Side effects of a write: timeline rows, and what webhooks and workflows would have been sent.

Measured: one timeline row a created record, written by nobody (`System`), position 0. Assumed: rows
for updates, soft deletion and restoring; none for system objects; the worker's delay is left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import orjson

from crossdock_twenty.sandbox.catalog import Field, Object
from crossdock_twenty.sandbox.rows import insert
from crossdock_twenty.sandbox.workspace import Workspace

SYSTEM = {"source": "MANUAL", "workspaceMemberId": None, "name": "System", "context": None}


def happened(
    ws: Workspace,
    obj: Object,
    action: str,
    records: Sequence[Mapping[str, Any]],
    changes: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Note that `records` were created, updated, deleted, restored or destroyed.

    `changes` holds, in the same order, the sent values of updated records.
    """
    if not records:
        return
    event = f"{obj.name}.{action}"
    _count_webhooks(ws, obj.name, action, len(records))
    _count_workflows(ws, event, len(records))
    if action != "destroyed" and not obj.is_system:
        _timeline(ws, obj, event, records, changes)


def _timeline(
    ws: Workspace,
    obj: Object,
    event: str,
    records: Sequence[Mapping[str, Any]],
    changes: Sequence[Mapping[str, Any]],
) -> None:
    timeline = ws.catalog.by_name.get("timelineActivity")
    if timeline is None:
        return
    target = next((f for f in timeline.references.values() if _points(f, obj)), None)
    if target is None:
        return
    now = ws.clock.stamp()
    insert(
        ws,
        timeline,
        [
            {
                "id": str(uuid4()),
                "createdAt": now,
                "updatedAt": now,
                "createdBy": SYSTEM,
                "updatedBy": SYSTEM,
                "position": 0,
                "happensAt": now,
                "name": event,
                "properties": {"diff": dict(changes[at])} if changes else {},
                target.column: data["id"],
            }
            for at, data in enumerate(records)
        ],
    )


def _points(item: Field, obj: Object) -> bool:
    return item.target_object == obj.id and item.type == "MORPH_RELATION"


def _count_webhooks(ws: Workspace, name: str, action: str, count: int) -> None:
    wanted = {f"{name}.{action}", f"*.{action}", f"{name}.*", "*.*", "*"}
    for (data,) in ws.store.rows("SELECT data FROM webhook"):
        hook = orjson.loads(data)
        if not hook.get("deletedAt") and wanted & set(hook["operations"]):
            ws.store.count(f"webhook {hook['targetUrl']} {name}.{action}", count)


def _count_workflows(ws: Workspace, event: str, count: int) -> None:
    """A workflow is started by its automated trigger, which exists while a version is active (assumed)."""
    triggers = ws.catalog.by_name.get("workflowAutomatedTrigger")
    if triggers is None:
        return
    sql = "SELECT data FROM record WHERE object = ? AND deleted IS NULL"
    for (data,) in ws.store.rows(sql, (triggers.id,)):
        trigger = orjson.loads(data)
        if (trigger.get("settings") or {}).get("eventName") == event and _active(ws, trigger):
            ws.store.count(f"workflow {trigger['workflowId']} {event}", count)


def _active(ws: Workspace, trigger: Mapping[str, Any]) -> bool:
    versions = ws.catalog.by_name["workflowVersion"]
    sql = (
        "SELECT count(*) FROM record WHERE object = ? AND deleted IS NULL"
        " AND json_extract(data, '$.workflowId') = ? AND json_extract(data, '$.status') = 'ACTIVE'"
    )
    return bool(ws.store.value(sql, (versions.id, trigger.get("workflowId"))))
