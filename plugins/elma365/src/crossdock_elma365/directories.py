"""The objects that are no applications: users, their groups, tasks. Described in the platform's own form.

Documented keys; for tasks the keys seen in items (`__tasks`), for groups those of an exported group; the
list's envelope is assumed to be the one of all lists. `wire_key` tells where a value stands when crossdock
names the field otherwise.
"""

from typing import Any

from crossdock.model import Provenance
from crossdock_elma365.client import Read
from crossdock_elma365.schema import Application, application

_USER_STATUSES = ("invited", "rejected", "active", "blocked", "canceled")  # by number, documented
_TASK_STATES = ("assignment", "in_progress", "closed", "cancel")


def define(code: str, wire_type: str, label: str, kind: str = "", **more: Any) -> dict[str, Any]:
    """A field definition in the platform's own form."""
    view = {"name": label, "data": {"additionalType": kind}}
    return {"code": code, "type": wire_type, "view": view, "array": False, "single": True} | more


_STAMPS = [
    define("__createdAt", "DATETIME", "Created at", "datetime"),
    define("__updatedAt", "DATETIME", "Updated at", "datetime"),
    define("__deletedAt", "DATETIME", "Deleted at", "datetime"),
]

_GROUP: dict[str, Any] = {
    "data": {"namespace": "_system", "code": "groups"},
    "array": True,
    "single": False,
}

_USER_FIELDS = [
    define("__id", "STRING", "Id"),
    define("__name", "STRING", "Name"),
    define("email", "EMAIL", "E-mail"),
    define("login", "STRING", "Login"),
    define("fullname", "FULL_NAME", "Full name"),
    define("status", "STATUS", "Status", wire_key="__status"),
    define("position", "STRING", "Position", wire_key="displayedPosition"),
    define("groups", "SYS_COLLECTION", "Groups and roles", wire_key="groupIds", **_GROUP),
    *_STAMPS,
]

_GROUP_FIELDS = [
    define("__id", "STRING", "Id"),
    define("__name", "STRING", "Name"),
    define("code", "STRING", "Code"),
    define("description", "STRING", "Description"),
    define("is_role", "BOOLEAN", "Is a role", wire_key="isRole"),
    *_STAMPS,
]

_TASK_FIELDS = [
    define("__id", "STRING", "Id"),
    define("__name", "STRING", "Name"),
    define("description", "STRING", "Description", "html"),
    define("state", "CODE", "State", data={"enumItems": [{"code": state} for state in _TASK_STATES]}),
    define("author", "SYS_USER", "Author"),
    define("performers", "SYS_USER", "Performers", array=True, single=False),
    define("comments", "JSON", "Comments"),
    define("planStart", "DATETIME", "Planned start", "datetime"),
    define("planEnd", "DATETIME", "Planned end", "datetime"),
    define("dueDate", "DATETIME", "Due", "datetime"),
    define("percent", "FLOAT", "Done, percent", "float", wire_key="__percent"),
    define("item", "REF_ITEM", "About", wire_key="__item"),
    define("process", "STRING", "Process", wire_key="templateNsAndCode"),
    define("instance", "JSON", "Process instance"),
    define("__createdBy", "SYS_USER", "Created by"),
    define("__updatedBy", "SYS_USER", "Updated by"),
    *_STAMPS,
]


def users() -> Application:
    """`_system.users`: found by match key at a destination, never created there by the Web API token."""
    numbered = [{"id": n, "code": code, "name": code.capitalize()} for n, code in enumerate(_USER_STATUSES)]
    scheme = {"namespace": "_system", "code": "users", "name": "Users", "fields": _USER_FIELDS}
    return application(scheme, numbered, open=True, match_only=True)


def groups() -> Application:
    """`_system.groups`: groups and roles that users are in."""
    scheme = {"namespace": "_system", "code": "groups", "name": "Groups and roles", "fields": _GROUP_FIELDS}
    return application(scheme, open=True)


def tasks() -> Application:
    """`_system.tasks`: tasks of people, those of processes included."""
    scheme = {"namespace": "_system", "code": "tasks", "name": "Tasks", "fields": _TASK_FIELDS}
    return application(scheme, open=True, provenance=Provenance.ASSUMED)


READS = {
    "_system.users": Read.USERS,
    "_system.groups": Read.GROUPS,
    "_system.tasks": Read.TASKS,
}
