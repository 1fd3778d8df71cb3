"""Side effects of a write: timeline rows, and what webhooks and workflows would have been sent.

Measured: one timeline row a created, trashed, restored or really changed record, written by nobody
(`System`), position 0; none for system objects and for a mere change of place. What happens to a task or
a note is also noted at the records it is linked to (but not that it was trashed), and so is a new link.
A workflow that is started gets the row of its run. The worker's delay is left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import orjson

from crossdock_twenty.sandbox.catalog import Field, Object
from crossdock_twenty.sandbox.rows import insert, read
from crossdock_twenty.sandbox.workflows import started
from crossdock_twenty.sandbox.workspace import Workspace

LINKS = {"taskTarget": "task", "noteTarget": "note"}
SYSTEM = {"source": "MANUAL", "workspaceMemberId": None, "name": "System", "context": None}


def happened(
    ws: Workspace,
    obj: Object,
    action: str,
    records: Sequence[Mapping[str, Any]],
    changes: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Note that `records` were created, updated, deleted, restored or destroyed.

    `changes` holds, in the same order, what became different in updated records.
    """
    if not records:
        return
    event = f"{obj.name}.{action}"
    _count_webhooks(ws, obj.name, action, len(records))
    _count_workflows(ws, event, records, changes)
    timeline = ws.catalog.by_name.get("timelineActivity")
    if action == "destroyed" or timeline is None:
        return
    noted = [
        (data, {"diff": dict(changes[at])} if changes else {})
        for at, data in enumerate(records)
        if not changes or changes[at]
    ]
    if obj.name in LINKS and action == "created":
        linked = [row for data, _ in noted for row in _new_link(ws, obj, timeline, data)]
        insert(ws, timeline, linked)
    elif not obj.is_system:
        insert(ws, timeline, _rows(ws, obj, timeline, event, noted))


def _rows(
    ws: Workspace,
    obj: Object,
    timeline: Object,
    event: str,
    noted: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
) -> list[dict[str, Any]]:
    target = next((f for f in timeline.references.values() if _points(f, obj)), None)
    if target is None:
        return []
    rows = [_row(ws, event, properties) | {target.column: data["id"]} for data, properties in noted]
    if obj.name not in LINKS.values() or event.endswith((".created", ".deleted")):
        return rows
    for data, properties in noted:
        about = _about(obj, data)
        for column, key in _linked(ws, obj, data["id"]):
            # Of a change the server forgets where it is to be noted: such a row points to nothing.
            place = {} if event.endswith(".updated") else {column: key}
            rows.append(_row(ws, f"linked-{event}", properties) | about | place)
    return rows


def _row(ws: Workspace, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    now = ws.clock.stamp()
    return {
        "id": str(uuid4()),
        "createdAt": now,
        "updatedAt": now,
        "createdBy": SYSTEM,
        "updatedBy": SYSTEM,
        "position": 0,
        "happensAt": now,
        "name": name,
        "properties": dict(properties),
    }


def _about(obj: Object, data: Mapping[str, Any]) -> dict[str, Any]:
    """The task or note that a row at another record is about."""
    return {
        "linkedRecordId": data["id"],
        "linkedObjectMetadataId": obj.id,
        "linkedRecordCachedName": data.get("title"),
    }


def _new_link(ws: Workspace, obj: Object, timeline: Object, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is noted at the records that a new link of a task or note points to."""
    owner = ws.catalog.by_name[LINKS[obj.name]]
    found = read(ws, owner, [data[f"{owner.name}Id"]]) if data.get(f"{owner.name}Id") else {}
    return [
        _row(ws, f"linked-{owner.name}.created", {}) | _about(owner, one) | {column: key}
        for one in found.values()
        for column, key in _targets(obj, data)
        if column in timeline.columns
    ]


def _linked(ws: Workspace, obj: Object, key: str) -> list[tuple[str, str]]:
    """Column and id of each record that a task or note is linked to."""
    link = ws.catalog.by_name[next(name for name, owner in LINKS.items() if owner == obj.name)]
    sql = f"SELECT data FROM record WHERE object = ? AND json_extract(data, '$.{obj.name}Id') = ?"  # noqa: S608
    found = [orjson.loads(data) for (data,) in ws.store.rows(sql, (link.id, key))]
    return [target for data in found for target in _targets(link, data)]


def _targets(link: Object, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(c, data[c]) for c, f in link.references.items() if f.type == "MORPH_RELATION" and data.get(c)]


def _points(item: Field, obj: Object) -> bool:
    return item.target_object == obj.id and item.type == "MORPH_RELATION"


def _count_webhooks(ws: Workspace, name: str, action: str, count: int) -> None:
    wanted = {f"{name}.{action}", f"*.{action}", f"{name}.*", "*.*", "*"}
    for (data,) in ws.store.rows("SELECT data FROM webhook"):
        hook = orjson.loads(data)
        if not hook.get("deletedAt") and wanted & set(hook["operations"]):
            ws.store.count(f"webhook {hook['targetUrl']} {name}.{action}", count)


def _count_workflows(
    ws: Workspace,
    event: str,
    records: Sequence[Mapping[str, Any]],
    changes: Sequence[Mapping[str, Any]],
) -> None:
    """A workflow is started by its automated trigger, if that is not in the trash (measured).

    `upserted` stands for created and updated; of updates only those of the trigger's fields count.
    """
    triggers = ws.catalog.by_name.get("workflowAutomatedTrigger")
    if triggers is None:
        return
    name, _, action = event.partition(".")
    wanted = {event, f"{name}.upserted"} if action in ("created", "updated") else {event}
    sql = "SELECT data FROM record WHERE object = ? AND deleted IS NULL"
    for (data,) in ws.store.rows(sql, (triggers.id,)):
        trigger = orjson.loads(data)
        settings = trigger.get("settings") or {}
        if settings.get("eventName") not in wanted or not _active(ws, trigger):
            continue
        fields = set(settings.get("fields") or ())
        hit = [c for c in changes if not fields or fields & set(c)] if action == "updated" else records
        if hit:
            ws.store.count(f"workflow {trigger['workflowId']} {event}", len(hit))
            started(ws, trigger, len(hit))


def _active(ws: Workspace, trigger: Mapping[str, Any]) -> bool:
    versions = ws.catalog.by_name["workflowVersion"]
    sql = (
        "SELECT count(*) FROM record WHERE object = ? AND deleted IS NULL"
        " AND json_extract(data, '$.workflowId') = ? AND json_extract(data, '$.status') = 'ACTIVE'"
    )
    return bool(ws.store.value(sql, (versions.id, trigger.get("workflowId"))))
