"""The second reading of process instances and their steps, for reconcile.

Written apart from `instances` and sharing nothing with it but names, as `verification` is with
`fieldtypes`. What it cannot read it hands on as it is, and that differs.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import tzinfo
from typing import Any

from crossdock.model import Observation
from crossdock.values import Reference
from crossdock_elma365.verification import read_time

Json = Mapping[str, Any]

_NIL = "00000000-0000-0000-0000-000000000000"
_USERS, _INSTANCES, _STEPS = "_system.users", "_process.instances", "_process.steps"
_OVER = ("closed", "cancel", "done", "error")


class InstanceVerifier:
    """Reads instances again. `owners`: the applications that are read; `names`: a user's name by id."""

    def __init__(self, owners: Collection[str], names: Callable[[str], str], zone: tzinfo) -> None:
        self._owners = owners
        self._names = names
        self._zone = zone

    def observations(self, object_name: str, row: Json) -> Iterator[Observation]:
        """What one instance gives for `object_name`; nothing for one of a shape that nobody knows."""
        try:
            found = self._steps(row) if object_name == _STEPS else {str(row["__id"]): self._instance(row)}
            updated = read_time(row["__updatedAt"], "datetime", self._zone)
        except (AttributeError, LookupError, TypeError, ValueError):
            return  # extract rejected it with its reasons
        for key, values in found.items():
            yield Observation(
                object_name,
                key,
                values,
                trashed=row.get("__deletedAt") is not None,
                image=row,
                updated_at=updated,
            )

    def _instance(self, row: Json) -> dict[str, Any]:
        template, item = row.get("__template") or {}, row.get("__item") or {}
        steps, unread = _rows(row)
        where = "{}.{}".format(item.get("namespace"), item.get("code")) if item.get("id") else ""
        people = list(row.get("__performers") or [])
        people += [p for step in steps for p in step["people"]]
        parent = row.get("__parent")
        parent = (parent.get("__id") or parent.get("id")) if isinstance(parent, Mapping) else parent
        code = template.get("code")
        return {
            "__id": row["__id"],
            "__name": row.get("__name"),
            "process": template.get("name"),
            "process_code": f"{template['namespace']}:{code}" if code else row.get("__templateCode"),
            "version": template.get("version"),
            "state": row.get("__state"),
            "item": Reference(where, item["id"]) if where in self._owners else None,
            "about": f"{where}/{item['id']}" if where else None,
            "parent": Reference(_INSTANCES, parent) if parent else None,
            "performers": _references(row.get("__performers")),
            "current_performers": _references(row.get("__currentPerformers")),
            "people": ", ".join(self._names(p) for p in dict.fromkeys(people)) or None,
            "history": "\n".join(self._line(n, step) for n, step in enumerate(steps, 1)) or None,
            "context": {k: v for k, v in row.items() if k[:2] != "__"} or None,
            "flow": unread or None,
            "ended_at": self._time(row["__updatedAt"]) if row["__state"] in ("done", "cancel") else None,
            **{name: self._time(row.get(name)) for name in ("__createdAt", "__updatedAt", "__deletedAt")},
            **{name: _reference(row.get(name)) for name in ("__createdBy", "__updatedBy")},
        }

    def _steps(self, row: Json) -> dict[str, dict[str, Any]]:
        case, found = row["__id"], {}
        for number, step in enumerate(_rows(row)[0], 1):
            key = "{}/{}".format(case, step["id"])
            found[key] = {
                "__id": key,
                "__name": step["name"],
                "instance": Reference(_INSTANCES, case),
                "case_id": case,
                "process": (row.get("__template") or {}).get("name"),
                "number": number,
                "kind": step["kind"],
                "state": step["state"] or None,
                "started_at": self._time(step["started"]),
                "ended_at": self._time(step["ended"]),
                "due_at": self._time(step["due"]),
                "performers": _references(step["people"]),
                "people": ", ".join(map(self._names, step["people"])) or None,
                "__updatedAt": self._time(row.get("__updatedAt")),
                "__deletedAt": self._time(row.get("__deletedAt")),
            }
        return found

    def _line(self, number: int, step: Json) -> str:
        span = [self._time(step[end]) for end in ("started", "ended") if step[end]]
        times = " - ".join(f"{t.astimezone(self._zone):%Y-%m-%d %H:%M %Z}" for t in span)
        who = " and ".join(self._names(p) for p in step["people"])
        words = [step["name"] or step["kind"], step["state"], times, who]
        return f"{number}. " + ", ".join(word for word in words if word)

    def _time(self, value: Any) -> Any:
        return read_time(value, "datetime", self._zone) if value else None


def _rows(row: Json) -> tuple[list[Json], list[Any]]:
    """Steps as {id, name, kind, state, started, ended, due, people}, in time; and what is none."""
    found, unread = [], []
    flow, tasks = _several(row.get("__flowHistory")), _several(row.get("__tasks"))
    for entry in flow:
        good = isinstance(entry, Mapping) and entry.get("id") and isinstance(entry.get("name"), str)
        if not good:
            unread.append(entry)
            continue
        found.append(
            {
                "id": entry["id"],
                "name": entry["name"],
                "kind": entry.get("type") or "step",
                "state": entry.get("state"),
                "started": entry.get("startedAt"),
                "ended": entry.get("finishedAt"),
                "due": None,
                "people": [p for p in _several(entry.get("performers")) if p != _NIL],
            }
        )
    named = {entry.get("task") for entry in flow if isinstance(entry, Mapping) and entry not in unread}
    for task in tasks:
        if not isinstance(task, Mapping) or not task.get("__id"):
            unread.append(task)
        elif task["__id"] not in named:
            found.append(
                {
                    "id": task["__id"],
                    "name": task.get("__name") or "",
                    "kind": "task",
                    "state": task.get("state"),
                    "started": task.get("__createdAt"),
                    "ended": task.get("__updatedAt") if task.get("state") in _OVER else None,
                    "due": task.get("dueDate"),
                    "people": [p for p in _several(task.get("performers")) if p != _NIL],
                }
            )
    # Steps without a time come last; the sort keeps the order of the others that are equal.
    return sorted(found, key=lambda step: step["started"] or "~"), unread


def _several(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list) else [value]


def _reference(value: Any) -> Reference | None:
    return Reference(_USERS, value) if value and value != _NIL else None


def _references(values: Any) -> tuple[Reference, ...] | None:
    return tuple(r for r in map(_reference, _several(values)) if r) or None
