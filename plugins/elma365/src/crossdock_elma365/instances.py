"""One process instance of a list -> one record of `_process.instances` and one of `_process.steps` a step.

Keys of an instance were seen in clients; its states in vendor scripts. Of `__flowHistory` no answer was
ever seen: rows {id, name, type, state, startedAt, finishedAt, performers, task} are assumed. What is not in
that shape, in there or in `__tasks`, is kept whole in the field `flow`, so that nothing gets lost.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any

from crossdock.model import ObjectSchema, Provenance, Record, Rejected
from crossdock_elma365.decoding import decode_item
from crossdock_elma365.directories import define
from crossdock_elma365.fieldtypes import NIL, ShapeError, moment, shape
from crossdock_elma365.schema import Application, application, object_schema

Json = Mapping[str, Any]
Names = Callable[[str], str]
"""The name of a user by id."""

INSTANCES = "_process.instances"
STEPS = "_process.steps"
STATES = ("exec", "wait", "error", "cancel", "done")
_ENDED = frozenset({"closed", "cancel", "done", "error"})

_PEOPLE: dict[str, Any] = {"array": True, "single": False}
_INSTANCE: dict[str, Any] = {"data": {"namespace": "_process", "code": "instances"}, "array": True}
_STATES: dict[str, Any] = {"data": {"enumItems": [{"code": state} for state in STATES]}}

_INSTANCE_FIELDS = [
    define("__id", "STRING", "Id"),
    define("__name", "STRING", "Name"),
    define("process", "STRING", "Process"),
    define("process_code", "STRING", "Code of the process"),
    define("version", "INTEGER", "Version of the process"),
    define("state", "CODE", "State", wire_key="__state", **_STATES),
    define("item", "REF_ITEM", "Record it ran on"),
    define("about", "STRING", "Id of the record it ran on"),
    define("parent", "SYS_COLLECTION", "Started by the instance", **_INSTANCE),
    define("performers", "SYS_USER", "Performers", wire_key="__performers", **_PEOPLE),
    define("current_performers", "SYS_USER", "Present performers", wire_key="__currentPerformers", **_PEOPLE),
    define("people", "STRING", "People"),
    define("history", "STRING", "Steps as text"),
    define("context", "JSON", "Values of the process"),
    define("flow", "JSON", "History in a form that is not known"),
    define("ended_at", "DATETIME", "Ended at", "datetime"),
    define("__createdAt", "DATETIME", "Started at", "datetime"),
    define("__createdBy", "SYS_USER", "Started by"),
    define("__updatedAt", "DATETIME", "Changed at", "datetime"),
    define("__updatedBy", "SYS_USER", "Changed by"),
    define("__deletedAt", "DATETIME", "Deleted at", "datetime"),
]
_STEP_FIELDS = [
    define("__id", "STRING", "Id"),
    define("__name", "STRING", "Name"),
    define("instance", "SYS_COLLECTION", "Process instance", **_INSTANCE),
    define("case_id", "STRING", "Id of the process instance"),
    define("process", "STRING", "Process"),
    define("number", "INTEGER", "Number"),
    define("kind", "STRING", "Kind"),
    define("state", "STRING", "State"),
    define("started_at", "DATETIME", "Started at", "datetime"),
    define("ended_at", "DATETIME", "Ended at", "datetime"),
    define("due_at", "DATETIME", "Due", "datetime"),
    define("performers", "SYS_USER", "Performers", **_PEOPLE),
    define("people", "STRING", "People"),
    define("__updatedAt", "DATETIME", "Instance changed at", "datetime"),
    define("__deletedAt", "DATETIME", "Deleted at", "datetime"),
]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an instance as it is on the wire: times are text, people are ids."""

    id: str
    name: str
    kind: str
    state: str = ""
    started: str = ""
    ended: str = ""
    due: str = ""
    people: tuple[str, ...] = field(default=())


def instances() -> Application:
    """`_process.instances`, described in the platform's own form."""
    scheme = {"namespace": "_process", "code": "instances", "name": "Process instances"}
    return application(scheme | {"fields": _INSTANCE_FIELDS}, open=True, provenance=Provenance.ASSUMED)


def steps() -> Application:
    """`_process.steps`, described in the platform's own form."""
    scheme = {"namespace": "_process", "code": "steps", "name": "Process steps"}
    return application(scheme | {"fields": _STEP_FIELDS}, open=True, provenance=Provenance.ASSUMED)


def instance_schema(owners: Sequence[str], count: int | None) -> ObjectSchema:
    """The object of all instances; `owners` are the applications whose records they may run on."""
    schema = object_schema(instances(), count)
    fields = tuple(replace(f, references=tuple(owners)) if f.name == "item" else f for f in schema.fields)
    return replace(schema, fields=fields)


def instance_record(row: Json, owners: Iterable[str], names: Names, zone: tzinfo) -> Record | Rejected:
    """The record of an instance. A record of an application that is not read stays in `about` alone.

    The last change of an instance that is done or cancelled counts as its end (assumed).
    """
    for name in ("__item", "__template"):
        if not isinstance(row.get(name), Mapping | None):
            reason = f"field {name!r}: expected an object, got {shape(row[name])}"
            return Rejected(INSTANCES, str(row.get("__id") or "?"), (reason,))
    found, unread = read_steps(row)
    item, template = row.get("__item") or {}, row.get("__template") or {}
    owner = f"{item.get('namespace')}.{item.get('code')}"
    ran_on = item.get("id") not in (None, "", NIL)
    people = dict.fromkeys([*_ids(row.get("__performers")), *(p for step in found for p in step.people)])
    flat = {
        **row,
        "process": template.get("name"),
        "process_code": _process_code(row, template),
        "version": template.get("version"),
        "item": item if owner in owners else None,
        "about": f"{owner}/{item['id']}" if ran_on else None,
        "parent": _parent(row.get("__parent")),
        "people": ", ".join(names(p) for p in people) or None,
        "history": _history(found, names, zone),
        "context": {k: v for k, v in row.items() if not k.startswith("__")} or None,
        "flow": unread or None,
        "ended_at": row.get("__updatedAt") if row.get("__state") in ("done", "cancel") else None,
    }
    return decode_item(instances(), flat, zone)


def step_records(row: Json, names: Names, zone: tzinfo) -> list[Record | Rejected]:
    """The records of an instance's steps, keyed `instance/step`."""
    key, template = str(row.get("__id") or ""), row.get("__template")
    process = template.get("name") if isinstance(template, Mapping) else None
    app = steps()
    return [
        decode_item(
            app,
            {
                "__id": f"{key}/{step.id}",
                "__name": step.name,
                "instance": [key],
                "case_id": key,
                "process": process,
                "number": number,
                "kind": step.kind,
                "state": step.state or None,
                "started_at": step.started or None,
                "ended_at": step.ended or None,
                "due_at": step.due or None,
                "performers": list(step.people),
                "people": ", ".join(map(names, step.people)) or None,
                "__updatedAt": row.get("__updatedAt"),
                "__deletedAt": row.get("__deletedAt"),
            },
            zone,
        )
        for number, step in enumerate(read_steps(row)[0], 1)
    ]


def read_steps(row: Json) -> tuple[list[Step], list[Any]]:
    """The steps in the order in which they began, and what could not be read as one."""
    steps_of_flow, unread, seen = [], [], set[str]()
    for each in _list(row.get("__flowHistory")):
        if not isinstance(each, Mapping) or not each.get("id") or not isinstance(each.get("name"), str):
            unread.append(each)
            continue
        seen.add(str(each.get("task") or ""))
        steps_of_flow.append(
            Step(
                id=str(each["id"]),
                name=each["name"],
                kind=str(each.get("type") or "step"),
                state=str(each.get("state") or ""),
                started=str(each.get("startedAt") or ""),
                ended=str(each.get("finishedAt") or ""),
                people=_ids(each.get("performers")),
            )
        )
    for task in _list(row.get("__tasks")):
        if not isinstance(task, Mapping) or not task.get("__id"):
            unread.append(task)
        elif task["__id"] not in seen:
            steps_of_flow.append(_task(task))
    return sorted(steps_of_flow, key=lambda step: (not step.started, step.started)), unread


def _task(task: Json) -> Step:
    state = str(task.get("state") or "")
    return Step(
        id=str(task["__id"]),
        name=str(task.get("__name") or ""),
        kind="task",
        state=state,
        started=str(task.get("__createdAt") or ""),
        ended=str(task.get("__updatedAt") or "") if state in _ENDED else "",
        due=str(task.get("dueDate") or ""),
        people=_ids(task.get("performers")),
    )


def _history(found: Sequence[Step], names: Names, zone: tzinfo) -> str | None:
    """One line a step: `1. Check, done, 2024-05-01 10:00 - 2024-05-01 11:30 UTC, Anna Petrova`."""
    lines = []
    for number, step in enumerate(found, 1):
        times = " - ".join(filter(None, (_minute(step.started, zone), _minute(step.ended, zone))))
        parts = (step.name or step.kind, step.state, times, " and ".join(map(names, step.people)))
        lines.append(f"{number}. " + ", ".join(filter(None, parts)))
    return "\n".join(lines) or None


def _minute(text: str, zone: tzinfo) -> str:
    if not text:
        return ""
    try:
        found: datetime = moment(text, zone)
    except ShapeError:
        return text
    return found.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")


def _process_code(row: Json, template: Json) -> str | None:
    code = template.get("code")
    return f"{template.get('namespace')}:{code}" if code else row.get("__templateCode")


def _parent(value: Any) -> list[str]:
    """The id of the parent: plain, or in an object as `__id` or `id` (all assumed)."""
    if isinstance(value, Mapping):
        value = value.get("__id") or value.get("id")
    return [value] if isinstance(value, str) and value not in ("", NIL) else []


def _ids(value: Any) -> tuple[str, ...]:
    """User ids: one, or a list; whatever else stands there is left to the field's own decoder."""
    found = value if isinstance(value, list) else [value]
    return tuple(v for v in found if isinstance(v, str) and v not in ("", NIL))


def _list(value: Any) -> list[Any]:
    if value in (None, ""):
        return []
    return value if isinstance(value, list) else [value]
