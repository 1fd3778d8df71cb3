"""ELMA365's description of an application -> the fields crossdock works with.

Labels come from `view.name`, except for system fields (`__*`): in about one exported application in
ten the platform's own labels of these are shifted by one, so a table here names them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.model import FieldSchema, ObjectSchema, Option, Provenance
from crossdock_elma365.fieldtypes import FILES, TABLE, USERS, WHOLE, WireField, canonical_type

Json = Mapping[str, Any]

# code: wire type, additionalType, many, English label, Russian label. They exist in every application.
SYSTEM_FIELDS: Mapping[str, tuple[str, str, bool, str, str]] = {
    "__id": ("STRING", "string", False, "Id", "Идентификатор"),
    "__name": ("STRING", "string", False, "Name", "Название"),
    "__index": ("FLOAT", "integer", False, "Number", "Номер"),
    "__createdAt": ("DATETIME", "datetime", False, "Created at", "Дата создания"),
    "__createdBy": ("SYS_USER", "", False, "Created by", "Автор"),
    "__updatedAt": ("DATETIME", "datetime", False, "Updated at", "Дата изменения"),
    "__updatedBy": ("SYS_USER", "", False, "Updated by", "Кем изменено"),
    "__deletedAt": ("DATETIME", "datetime", False, "Deleted at", "Дата удаления"),
    "__externalId": ("STRING", "string", False, "External id", "Внешний идентификатор"),
    "__directory": ("CATEGORY", "", False, "Folder", "Папка"),
    "__subscribers": ("SYS_USER", "", True, "Subscribers", "Подписчики"),
    "__status": ("STATUS", "", False, "Status", "Статус"),
    "__statusChangedAt": ("DATETIME", "datetime", False, "Status changed at", "Дата смены статуса"),
    "__file": ("FILE", "", False, "File", "Файл"),
    "__register_name": ("STRING", "string", False, "Registration name", "Регистрационное имя"),
    "__externalParticipants": ("SYS_COLLECTION", "", True, "External participants", "Внешние участники"),
}
_ALWAYS = tuple(SYSTEM_FIELDS)[:11]

# The platform's bookkeeping, not a customer's data; `__tasks` are exported as `_system.tasks`.
TECHNICAL = frozenset(
    {"__version", "__debug", "__externalProcessMeta", "__archive", "__currentUserPermissions"}
    | {"__tasks", "__tasks_earliest_duedate", "__tasks_performers", "__approvalRouteStages"}
)


@dataclass(frozen=True, slots=True)
class Application:
    """One application of the platform: its fields, and which status number is which status.

    `definitions` are the platform's own field objects behind `fields`, in the same order;
    `ignored` are keys of records that are known and left out (deleted fields).
    `open` applications (users, tasks) have more keys than crossdock reads.
    """

    namespace: str
    code: str
    label: str
    fields: tuple[WireField, ...]
    definitions: tuple[Json, ...]
    statuses: tuple[tuple[int, str, str], ...] = ()
    ignored: frozenset[str] = frozenset()
    kind: str = "STANDARD"
    open: bool = False
    match_only: bool = False
    provenance: Provenance = Provenance.PLATFORM
    codes: Mapping[int, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`namespace.code`, the object name."""
        return f"{self.namespace}.{self.code}"

    def file_fields(self) -> tuple[WireField, ...]:
        """The fields that may hold files: file fields, and tables with a file column."""
        return tuple(f for f in self.fields if _holds_file(f) or any(_holds_file(c) for c in f.columns))


def application(scheme: Json, statuses: Sequence[Json] = (), **options: Any) -> Application:
    """Make an Application of the platform's `application` object and its status list."""
    given = [d for d in scheme.get("fields") or () if d.get("code")]
    kept = [d for d in given if not d.get("deleted") and d["code"] not in TECHNICAL]
    listed = {d["code"] for d in given}
    if not options.get("open"):
        # Their own definitions are as unreliable as their labels, and the shapes are the same everywhere.
        kept = [system_definition(c) for c in _ALWAYS] + [d for d in kept if d["code"] not in _ALWAYS]
        if statuses and "__status" not in listed:
            kept.append(system_definition("__status"))
    numbered = tuple((int(s["id"]), str(s["code"]), str(s.get("name") or s["code"])) for s in statuses)
    return Application(
        namespace=str(scheme["namespace"]),
        code=str(scheme["code"]),
        label=str(scheme.get("name") or scheme["code"]),
        fields=tuple(wire_field(d) for d in kept),
        definitions=tuple(kept),
        statuses=numbered,
        ignored=frozenset(d["code"] for d in given if d.get("deleted")) | TECHNICAL,
        kind=str(scheme.get("type") or "STANDARD"),
        codes={number: code for number, code, _ in numbered},
        **options,
    )


def system_definition(code: str) -> Json:
    """A definition of a system field in the platform's form."""
    wire_type, kind, many, label, _ = SYSTEM_FIELDS[code]
    view = {"name": label, "system": True, "data": {"additionalType": kind}}
    return {"code": code, "type": wire_type, "array": many, "single": not many, "view": view}


def wire_field(definition: Json) -> WireField:
    """One field definition of the platform as a WireField."""
    code, wire_type = str(definition["code"]), str(definition.get("type") or "")
    view, data = definition.get("view") or {}, definition.get("data") or {}
    details = view.get("data") or {}
    namespace, target = data.get("namespace"), data.get("code")
    return WireField(
        code=code,
        type=wire_type,
        wire_key=str(definition.get("wire_key") or code),
        multiple=_multiple(wire_type, definition),
        kind=str(details.get("additionalType") or ""),
        target=f"{namespace}.{target}" if namespace and target else "",
        label=_label(code, view),
        required=bool(definition.get("required")),
        system=bool(view.get("system")) or code.startswith("__"),
        options=tuple((str(o["code"]), str(o.get("name") or o["code"])) for o in data.get("enumItems") or ()),
        columns=tuple(wire_field(c) for c in data.get("fields") or () if not c.get("deleted")),
        settings=_settings(wire_type, details),
    )


def _multiple(wire_type: str, definition: Json) -> bool:
    """`array` is always true for links, users, files, choices; there `single` tells one from many.

    Phones, e-mails and free references come as lists whatever `single` says: `array` decides.
    """
    if wire_type in WHOLE or wire_type not in TABLE:
        return False
    array, single = bool(definition.get("array")), bool(definition.get("single"))
    return array if wire_type in ("PHONE", "EMAIL", "REF_ITEM") else array and not single


def _label(code: str, view: Json) -> str:
    own = SYSTEM_FIELDS.get(code)
    return own[3] if own else str(view.get("name") or code)


def _settings(wire_type: str, details: Json) -> dict[str, Any]:
    wanted = ("additionalType", "currency", "yesValue", "noValue")
    return {"wire_type": wire_type} | {k: details[k] for k in wanted if details.get(k)}


def _holds_file(wire: WireField) -> bool:
    return wire.type in ("FILE", "IMAGE")


def object_schema(app: Application, count: int | None = None) -> ObjectSchema:
    """The application as crossdock's catalog shows it."""
    return ObjectSchema(
        name=app.name,
        fields=tuple(_field_schema(f, app) for f in app.fields),
        label=app.label,
        count=count,
        match_only=app.match_only,
        settings={"namespace": app.namespace, "code": app.code, "kind": app.kind},
    )


def _field_schema(wire: WireField, app: Application) -> FieldSchema:
    options = wire.options
    if wire.type == "STATUS":
        options = tuple((code, name) for _, code, name in app.statuses)
    own = SYSTEM_FIELDS.get(wire.code)
    return FieldSchema(
        name=wire.code,
        type=canonical_type(wire),
        label=wire.label,
        required=wire.required,
        unique=wire.code == "__id",
        read_only=wire.system,
        multiple=wire.multiple,
        custom=not wire.system and not wire.code.startswith("_"),
        options=tuple(Option(code, name) for code, name in options),
        references=_references(wire),
        provenance=app.provenance,
        settings={**wire.settings, **({"label_ru": own[4]} if own else {})},
    )


def _references(wire: WireField) -> tuple[str, ...]:
    if wire.type == "SYS_USER":
        return (USERS,)
    if wire.type in ("FILE", "IMAGE"):
        return (FILES,)
    return (wire.target,) if wire.target and wire.type == "SYS_COLLECTION" else ()
