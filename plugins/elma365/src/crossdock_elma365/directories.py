"""The two objects that are no applications: users and tasks. Described in the platform's own form.

Documented keys; for tasks the keys seen in items (`__tasks`), the list's envelope is assumed to be the
one of all lists. `wire_key` tells where a value stands when crossdock names the field otherwise.
"""

from typing import Any

from crossdock.model import Provenance
from crossdock_elma365.client import Read
from crossdock_elma365.schema import Application, application

_USER_STATUSES = ("invited", "rejected", "active", "blocked", "canceled")  # by number, documented
_TASK_STATES = ("assignment", "in_progress", "closed", "cancel")


def _field(code: str, wire_type: str, label: str, kind: str = "", **more: Any) -> dict[str, Any]:
    view = {"name": label, "data": {"additionalType": kind}}
    return {"code": code, "type": wire_type, "view": view, "array": False, "single": True} | more


_STAMPS = [
    _field("__createdAt", "DATETIME", "Created at", "datetime"),
    _field("__updatedAt", "DATETIME", "Updated at", "datetime"),
    _field("__deletedAt", "DATETIME", "Deleted at", "datetime"),
]

_USER_FIELDS = [
    _field("__id", "STRING", "Id"),
    _field("__name", "STRING", "Name"),
    _field("email", "EMAIL", "E-mail"),
    _field("login", "STRING", "Login"),
    _field("fullname", "FULL_NAME", "Full name"),
    _field("status", "STATUS", "Status", wire_key="__status"),
    _field("position", "STRING", "Position", wire_key="displayedPosition"),
    *_STAMPS,
]

_TASK_FIELDS = [
    _field("__id", "STRING", "Id"),
    _field("__name", "STRING", "Name"),
    _field("description", "STRING", "Description", "html"),
    _field("state", "CODE", "State", data={"enumItems": [{"code": state} for state in _TASK_STATES]}),
    _field("author", "SYS_USER", "Author"),
    _field("performers", "SYS_USER", "Performers", array=True, single=False),
    _field("comments", "JSON", "Comments"),
    _field("planStart", "DATETIME", "Planned start", "datetime"),
    _field("planEnd", "DATETIME", "Planned end", "datetime"),
    _field("dueDate", "DATETIME", "Due", "datetime"),
    _field("percent", "FLOAT", "Done, percent", "float", wire_key="__percent"),
    _field("item", "REF_ITEM", "About", wire_key="__item"),
    _field("process", "STRING", "Process", wire_key="templateNsAndCode"),
    _field("instance", "JSON", "Process instance"),
    _field("__createdBy", "SYS_USER", "Created by"),
    _field("__updatedBy", "SYS_USER", "Updated by"),
    *_STAMPS,
]


def users() -> Application:
    """`_system.users`: found by match key at a destination, never created there by the Web API token."""
    numbered = [{"id": n, "code": code, "name": code.capitalize()} for n, code in enumerate(_USER_STATUSES)]
    scheme = {"namespace": "_system", "code": "users", "name": "Users", "fields": _USER_FIELDS}
    return application(scheme, numbered, open=True, match_only=True)


def tasks() -> Application:
    """`_system.tasks`: tasks of people, those of processes included."""
    scheme = {"namespace": "_system", "code": "tasks", "name": "Tasks", "fields": _TASK_FIELDS}
    return application(scheme, open=True, provenance=Provenance.ASSUMED)


READS = {"_system.users": Read.USERS, "_system.tasks": Read.TASKS}
