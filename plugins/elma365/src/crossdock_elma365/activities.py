"""Calls, meetings, e-mails: one item of an event application -> a row of `_activity.events` or `.emails`.

That applications of type EVENT hold them is documented; which of their fields means what is assumed, by the
codes below. An item that does not say whether it is over is planned if its time lies after its own last
change: no clock decides, so that it reads the same on every day. A field that no code names is not lost: its
label and value stand in `details`. So both objects
are the same for every company, whatever its applications are called.

A row is in the platform's own form: the two decoders read it like any other, each for itself. The key is
`{item id}@{namespace.code}`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

from crossdock.model import ObjectSchema, Provenance, Rejected
from crossdock.values import Reference
from crossdock_elma365.decoding import decode_item, files_of, update_time
from crossdock_elma365.directories import define
from crossdock_elma365.fieldtypes import ShapeError, WireField, file_key, moment
from crossdock_elma365.markup import as_html, lines_of, shown
from crossdock_elma365.schema import Application, application, object_schema
from crossdock_elma365.settings import Elma365Settings

Json = Mapping[str, Any]
Names = Callable[[str], str]
"""The name of a user by id."""

EVENTS = "_activity.events"
EMAILS = "_activity.emails"
KINDS = {EVENTS: ("call", "meeting", "event"), EMAILS: ("email",)}
STATES = ("planned", "done", "canceled")

_KIND_WORDS = (
    ("email", re.compile(r"mail|letter|письм|почт", re.IGNORECASE)),
    ("call", re.compile(r"call|phone|звон", re.IGNORECASE)),
    ("meeting", re.compile(r"meet|встреч|совещ", re.IGNORECASE)),
)
_CANCELED = re.compile(r"cancel|отмен|не состоял", re.IGNORECASE)
_DONE = re.compile(r"done|complet|clos|finish|held|success|sent|заверш|выполн|состоял|провед|отправл", re.I)

# What a field means: its type, and the codes it may have (assumed).
_ROLES: Mapping[str, tuple[str, str]] = {
    "start": ("DATETIME", r"_*(start|begin|sent|date)(_?(at|date|time))?"),
    "end": ("DATETIME", r"_*(end|finish)(_?(at|date|time))?"),
    "body": ("STRING", r"_*(description|body|text|content|message|comment)"),
    "direction": ("ENUM", r"_*(call_|mail_)?direction"),
    "duration": ("DURATION", r".*"),
    "performer": ("SYS_USER", r"_*(responsible|organi[sz]er|performer|executor|sender)"),
    "participants": ("SYS_USER", r"_*(participants|members|attendees|users|recipients)"),
    "done": ("BOOLEAN", r"_*(is_)?(done|completed|finished|held)"),
}
_MOVED = ("SYS_COLLECTION", "REF_ITEM", "FILE", "IMAGE")  # linked, or attached
_MANY: dict[str, Any] = {"array": True, "single": False}

_FIELDS = [
    define("__id", "STRING", "Id"),
    define("subject", "STRING", "Subject", wire_key="__name"),
    define("body", "STRING", "Text", "html"),
    define("details", "STRING", "Particulars", "html"),
    define("direction", "STRING", "Direction"),
    define("start", "DATETIME", "Start", "datetime"),
    define("end", "DATETIME", "End", "datetime"),
    define("happened_at", "DATETIME", "Time", "datetime"),
    define("duration", "DURATION", "Duration"),
    define("state", "CODE", "State", data={"enumItems": [{"code": state} for state in STATES]}),
    define("performer", "SYS_USER", "Responsible"),
    define("participants", "SYS_USER", "Participants", **_MANY),
    define("about", "REF_ITEM", "About", **_MANY),
    define("files", "SYS_COLLECTION", "Files", data={"namespace": "_system", "code": "files"}, **_MANY),
    define("application", "STRING", "Application"),
    define("__createdAt", "DATETIME", "Created at", "datetime"),
    define("__createdBy", "SYS_USER", "Created by"),
    define("__updatedAt", "DATETIME", "Updated at", "datetime"),
    define("__updatedBy", "SYS_USER", "Updated by"),
    define("__deletedAt", "DATETIME", "Deleted at", "datetime"),
]
_STAMPS = ("__name", "__createdAt", "__createdBy", "__updatedAt", "__updatedBy", "__deletedAt")


def activity_kind(app: Application, settings: Elma365Settings) -> str:
    """call, meeting, event or email; "" for an application whose records are no activities."""
    chosen = settings.activities
    if not (app.kind == "EVENT" if chosen == "auto" else chosen != "none" and app.name in chosen):
        return ""
    words = f"{app.code} {app.label}"
    return next((kind for kind, pattern in _KIND_WORDS if pattern.search(words)), "event")


def time_order(app: Application) -> tuple[str, ...]:
    """By what the activities of an application are listed so that the oldest comes first.

    Sorting is documented; that it takes a field of the application as well as a system field is assumed.
    """
    roles = _roles(app)
    start = roles.get("start") or roles.get("end")
    return (start.wire_key if start else "__createdAt", "__index")


def activity_object(kind: str) -> str:
    """The object that activities of this kind belong to."""
    return EMAILS if kind == "email" else EVENTS


def activity_key(app: Application, item: Json) -> str:
    """The key of an item as an activity."""
    return f"{item['__id']}@{app.name}"


def activities(object_name: str) -> Application:
    """`_activity.events` or `_activity.emails`, described in the platform's form."""
    namespace, _, code = object_name.partition(".")
    label = "E-mails" if object_name == EMAILS else "Calls and meetings"
    options = {"enumItems": [{"code": kind} for kind in KINDS[object_name]]}
    fields = [*_FIELDS, define("kind", "CODE", "Kind", data=options)]
    scheme = {"namespace": namespace, "code": code, "name": label, "fields": fields}
    return application(scheme, open=True, provenance=Provenance.ASSUMED)


def activity_schema(object_name: str, owners: Sequence[str], count: int | None) -> ObjectSchema:
    """The schema; `owners` are the objects that an activity may be about."""
    return with_owners(object_schema(activities(object_name), count), owners)


def with_owners(schema: ObjectSchema, owners: Sequence[str]) -> ObjectSchema:
    """The schema with the objects that its field `about` may lead to."""
    fields = (replace(f, references=tuple(owners)) if f.name == "about" else f for f in schema.fields)
    return replace(schema, fields=tuple(fields))


def activity_row(
    app: Application, item: Json, kind: str, settings: Elma365Settings, names: Names
) -> Json | Rejected:
    """The row of one item; Rejected if it holds a value of a shape that nobody knows."""
    key = activity_key(app, item)
    record = decode_item(app, item, settings.zone)
    if isinstance(record, Rejected):
        return Rejected(activity_object(kind), key, record.reasons)
    roles, values = _roles(app), record.values
    given = {role: item.get(field.wire_key) for role, field in roles.items()}
    body = roles.get("body")
    return {
        **{name: item.get(name) for name in _STAMPS},
        "__id": key,
        "kind": kind,
        "body": as_html(given.get("body"), body.kind) if body else None,
        "details": lines_of(_details(app, roles, values, names)),
        "direction": _direction(roles, values),
        "start": given.get("start"),
        "end": given.get("end"),
        "happened_at": given.get("start") or given.get("end") or item.get("__createdAt"),
        "duration": given.get("duration"),
        "state": _state(app, roles, values, _changed(item, settings.zone)),
        "performer": given.get("performer") or item.get("__createdBy"),
        "participants": given.get("participants"),
        "about": list(about(app, item)),
        "files": [
            file_key(one, Reference(app.name, str(item["__id"])), name) for name, one in files_of(app, item)
        ],
        "application": app.name,
    }


def about(app: Application, item: Json) -> Iterator[Json]:
    """{namespace, code, id} of every record that an item is linked to, once each."""
    seen: dict[tuple[str, str], None] = {}
    for field in app.fields:
        value = item.get(field.wire_key)
        elements = value if isinstance(value, list) else [value]
        if field.type == "SYS_COLLECTION" and field.target:
            seen.update({(field.target, e): None for e in elements if isinstance(e, str) and e})
        elif field.type == "REF_ITEM":
            found = (e for e in elements if isinstance(e, Mapping) and e.get("id") and e.get("code"))
            seen.update({(f"{e.get('namespace')}.{e['code']}", str(e["id"])): None for e in found})
    for name, identifier in seen:
        namespace, _, code = name.partition(".")
        yield {"namespace": namespace, "code": code, "id": identifier}


def _roles(app: Application) -> dict[str, WireField]:
    """The field of each role: of several that could play it the first."""
    found: dict[str, WireField] = {}
    for role, (wire_type, pattern) in _ROLES.items():
        for field in app.fields:
            if field.type == wire_type and re.fullmatch(pattern, field.code) and field not in found.values():
                found[role] = field
                break
    return found


def _changed(item: Json, zone: tzinfo) -> datetime | None:
    """When the item was changed last, else when it was made; None if it says neither readably."""
    try:
        return update_time(item, zone) or moment(item.get("__createdAt") or "", zone)
    except ShapeError:
        return None


def _state(
    app: Application, roles: Mapping[str, WireField], values: Mapping[str, Any], changed: datetime | None
) -> str:
    """By a yes/no field, else by the status; without both it is planned if its time lies after `changed`."""
    given = {role: values.get(field.code) for role, field in roles.items()}
    done, status = given.get("done"), values.get("__status")
    if done is None and status is not None:
        named = next((f"{code} {name}" for _, code, name in app.statuses if code == status), status)
        if _CANCELED.search(named):
            return "canceled"
        done = bool(_DONE.search(named))
    if done is None:
        when = given.get("end") or given.get("start")
        if when is not None and changed is not None:
            done = when <= (changed if isinstance(when, datetime) else changed.date())
        else:
            done = True
    return "done" if done else "planned"


def _direction(roles: Mapping[str, WireField], values: Mapping[str, Any]) -> str | None:
    """The label of the direction, as people know it."""
    field = roles.get("direction")
    code = values.get(field.code) if field else None
    return dict(field.options).get(code, code) if field and isinstance(code, str) else None


def _details(
    app: Application, roles: Mapping[str, WireField], values: Mapping[str, Any], names: Names
) -> Iterator[tuple[str, str]]:
    """Label and value of who took part, when, and of everything that has no field of its own."""
    for field in app.fields:
        value = values.get(field.code)
        own = field in roles.values()
        if field.type in _MOVED or (own and field.type in ("STRING", "BOOLEAN")):
            continue
        if value in (None, "", ()) or (field.code.startswith("__") and not own and field.type != "STATUS"):
            continue
        yield field.label, _worded(value, field, app, names)


def _worded(value: Any, field: WireField, app: Application, names: Names) -> str:
    labels = dict(field.options)
    if field.type == "STATUS":
        labels = {code: name for _, code, name in app.statuses}
    several = value if isinstance(value, tuple) else (value,)
    return ", ".join(
        names(one.key)
        if isinstance(one, Reference)
        else labels.get(one, shown(one))
        if labels
        else shown(one)
        for one in several
    )
