"""Workflows: what a person switches on and off, what a key may not touch, and the rows of their runs.

A key is refused by `activateWorkflowVersion` and `deactivateWorkflowVersion`, and may set neither a
version's status nor a workflow's. A person's deactivation removes the row of the automated trigger, one in
the trash too; an activation makes a new one. With a workflow its triggers go into the trash and come
back, but its version is deactivated for good. (Measured.) Steps are not run: a started workflow only gets
the row of its run, complete at once (assumed; where logic functions are switched off, real ones fail).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import orjson

from crossdock_twenty.sandbox.catalog import Object
from crossdock_twenty.sandbox.errors import RefusalError
from crossdock_twenty.sandbox.keys import drop_keys
from crossdock_twenty.sandbox.rows import Data, insert, read_one, replace
from crossdock_twenty.sandbox.workspace import Workspace

WORKFLOW, VERSION, TRIGGER, RUN = "workflow", "workflowVersion", "workflowAutomatedTrigger", "workflowRun"
_SYSTEM = {"source": "MANUAL", "workspaceMemberId": None, "name": "System", "context": None}
_NOT_ALLOWED = "You do not have permission to perform this workflow action."


def call(ws: Workspace, name: str, args: Mapping[str, Any]) -> Any:
    """One of `MUTATIONS`, for a person only. Raises RefusalError."""
    if not ws.session:
        extensions = {"code": "FORBIDDEN", "userFriendlyMessage": "An error occurred."}
        raise RefusalError("Forbidden resource", status=403, extensions=extensions)
    with ws.store.transaction():
        return MUTATIONS[name](ws, args)


def refuse_create(ws: Workspace, obj: Object) -> None:
    """Versions are only made along with a workflow, or by the editor. Raises RefusalError."""
    if obj.name == VERSION and not ws.session:
        raise _forbidden("Method not allowed.", _NOT_ALLOWED)


def refuse_update(obj: Object, found: Sequence[Data], given: Mapping[str, Any]) -> None:
    """Raises RefusalError for a state that only activation sets."""
    if obj.name == WORKFLOW and "statuses" in given:
        raise _forbidden("Statuses cannot be set manually.")
    if obj.name != VERSION:
        return
    if any(version.get("status", "DRAFT") != "DRAFT" for version in found):
        raise _forbidden("Workflow version is not in draft status")
    if "steps" in given:
        message = (
            "Updating workflowVersion steps directly is forbidden. Use createWorkflowVersionStep,"
            " updateWorkflowVersionStep or deleteWorkflowVersionStep endpoint instead."
        )
        raise _forbidden(message, _NOT_ALLOWED)


def with_first_version(ws: Workspace, obj: Object, records: Sequence[Data]) -> None:
    """A new workflow gets a draft."""
    if obj.name == WORKFLOW:
        drafts = [{"name": "v1", "status": "DRAFT", "workflowId": data["id"]} for data in records]
        insert(ws, ws.catalog.by_name[VERSION], [_row(ws) | draft for draft in drafts])


def with_triggers(ws: Workspace, obj: Object, records: Sequence[Data]) -> None:
    """What was trashed or restored takes its triggers and versions along."""
    if obj.name != WORKFLOW:
        return
    for workflow in records:
        if workflow["deletedAt"]:
            for version in _parts(ws, VERSION, workflow["id"]):
                if version.get("status") == "ACTIVE":
                    _set(ws, VERSION, version, status="DEACTIVATED")
            _set_statuses(ws, workflow["id"])
        for name in (VERSION, TRIGGER):
            parts = [p | {"deletedAt": workflow["deletedAt"]} for p in _parts(ws, name, workflow["id"])]
            replace(ws, ws.catalog.by_name[name], parts, keys=False)


def started(ws: Workspace, trigger: Mapping[str, Any], count: int) -> None:
    """Add the rows of so many runs of the workflow that a trigger belongs to."""
    workflow = read_one(ws, ws.catalog.by_name[WORKFLOW], trigger["workflowId"]) or {}
    name, first = workflow.get("name") or "", len(_parts(ws, RUN, trigger["workflowId"])) + 1
    version = read_one(ws, ws.catalog.by_name[VERSION], str(workflow.get("lastPublishedVersionId"))) or {}
    now = ws.clock.stamp()
    author: Data = {"source": "WORKFLOW", "workspaceMemberId": None, "name": name, "context": {}}
    common = {
        "createdBy": author,
        "updatedBy": author,
        "status": "COMPLETED",
        "enqueuedAt": now,
        "startedAt": now,
        "endedAt": now,
        "state": {
            "flow": {"steps": version.get("steps"), "trigger": version.get("trigger")},
            "stepInfos": {},
        },
        "workflowId": trigger["workflowId"],
        "workflowVersionId": version.get("id"),
    }
    rows = [_row(ws) | common | {"name": f"#{first + n} - {name}"} for n in range(count)]
    insert(ws, ws.catalog.by_name[RUN], rows)


def _activate(ws: Workspace, args: Mapping[str, Any]) -> bool:
    version = _version(ws, args["workflowVersionId"])
    workflow = read_one(ws, ws.catalog.by_name[WORKFLOW], version["workflowId"]) or {}
    published = workflow.get("lastPublishedVersionId")
    trigger = version.get("trigger") or {}
    if not trigger:
        raise _unfit("Workflow version does not contain trigger", "INVALID_WORKFLOW_VERSION")
    if not version.get("steps"):
        raise _unfit("No steps provided in workflow version", "INVALID_WORKFLOW_TRIGGER")
    status = version.get("status")
    if status != "DRAFT" and not (status == "DEACTIVATED" and published == version["id"]):
        raise _unfit("Cannot activate non-draft or non-last-published version", "INVALID_INPUT")
    if published and published != version["id"]:
        _deactivate(ws, {"workflowVersionId": published})
        _set(ws, VERSION, _version(ws, published), status="ARCHIVED")
    _set(ws, VERSION, version, status="ACTIVE")
    _set(ws, WORKFLOW, workflow, lastPublishedVersionId=version["id"])
    settings = trigger.get("settings") or {}
    if trigger.get("type") in ("DATABASE_EVENT", "CRON"):
        kept = settings if trigger["type"] == "DATABASE_EVENT" else {"pattern": settings.get("pattern")}
        row = _row(ws) | {"type": trigger["type"], "settings": kept, "workflowId": workflow["id"]}
        insert(ws, ws.catalog.by_name[TRIGGER], [row])
    _set_statuses(ws, workflow["id"])
    return True


def _deactivate(ws: Workspace, args: Mapping[str, Any]) -> bool:
    version = _version(ws, args["workflowVersionId"])
    if version.get("status") == "ACTIVE":
        _set(ws, VERSION, version, status="DEACTIVATED")
        rows = [row["id"] for row in _parts(ws, TRIGGER, version["workflowId"])]
        for key in rows:
            ws.store.run("DELETE FROM record WHERE id = ?", (key,))
        drop_keys(ws, rows)
        _set_statuses(ws, version["workflowId"])
    return True


def _add_step(ws: Workspace, args: Mapping[str, Any]) -> dict[str, Any]:
    given = args["input"]
    version = _version(ws, given["workflowVersionId"])
    step = {"id": str(uuid4()), "name": given["stepType"].capitalize(), "type": given["stepType"]}
    _set(ws, VERSION, version, steps=[*(version.get("steps") or []), step | {"valid": False}])
    return {"__typename": "WorkflowVersionStepChanges"}


MUTATIONS = {
    "activateWorkflowVersion": _activate,
    "deactivateWorkflowVersion": _deactivate,
    "createWorkflowVersionStep": _add_step,
}


def _version(ws: Workspace, key: Any) -> Data:
    found = read_one(ws, ws.catalog.by_name[VERSION], str(key), live=True)
    if found is None:
        raise _unfit("Workflow version not found", "INVALID_INPUT")
    return found


def _set_statuses(ws: Workspace, workflow: str) -> None:
    """Of several versions a draft and the active one count; `DEACTIVATED` only where none is active."""
    held = {version.get("status", "DRAFT") for version in _parts(ws, VERSION, workflow)}
    statuses = [status for status in ("DRAFT", "ACTIVE", "DEACTIVATED") if status in held]
    if "ACTIVE" in statuses and "DEACTIVATED" in statuses:
        statuses.remove("DEACTIVATED")
    found = read_one(ws, ws.catalog.by_name[WORKFLOW], workflow)
    if found is not None:
        _set(ws, WORKFLOW, found, statuses=statuses)


def _set(ws: Workspace, name: str, data: Data, **values: Any) -> None:
    data.update(values, updatedAt=ws.clock.stamp())
    replace(ws, ws.catalog.by_name[name], [data], keys=False)


def _parts(ws: Workspace, name: str, workflow: str) -> list[Data]:
    """The rows of an object that belong to a workflow, trashed ones too."""
    sql = "SELECT data FROM record WHERE object = ? AND json_extract(data, '$.workflowId') = ?"
    rows = ws.store.rows(sql, (ws.catalog.by_name[name].id, workflow))
    return [orjson.loads(data) for (data,) in rows]


def _row(ws: Workspace) -> Data:
    now = ws.clock.stamp()
    own = {"id": str(uuid4()), "createdAt": now, "updatedAt": now, "position": 0}
    return own | {"createdBy": _SYSTEM, "updatedBy": _SYSTEM}


def _forbidden(message: str, friendly: str = "") -> RefusalError:
    extensions = {
        "subCode": "FORBIDDEN",
        "userFriendlyMessage": friendly or message,
        "code": "FORBIDDEN",
    }
    return RefusalError(message, error="Error", code="FORBIDDEN", extensions=extensions)


def _unfit(message: str, code: str) -> RefusalError:
    friendly = "Invalid workflow trigger input." if code == "INVALID_INPUT" else message
    extensions = {"subCode": code, "userFriendlyMessage": friendly, "code": "BAD_USER_INPUT"}
    return RefusalError(message, extensions=extensions)
