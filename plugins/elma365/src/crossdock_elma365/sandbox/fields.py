"""Building the schema of an application: field definitions as the platform answers them.

The keys of a field definition are documented by public clients: code, type, array, single, required,
searchable, indexed, deleted, defaultValue, calcByFormula, formula, data, view.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]

NIL = "00000000-0000-0000-0000-000000000000"
"""Root folder, and the id of the default status group."""

ARRAY_TYPES = frozenset({"ENUM", "FILE", "IMAGE", "SYS_USER", "SYS_COLLECTION"})
"""Types whose value is a list even for one value; `single` then says whether it holds one."""

_SYSTEM: Sequence[tuple[str, str, str]] = (
    ("__id", "STRING", "Идентификатор"),
    ("__index", "FLOAT", "Индекс"),
    ("__createdAt", "DATETIME", "Дата создания"),
    ("__createdBy", "SYS_USER", "Автор"),
    ("__updatedAt", "DATETIME", "Дата изменения"),
    ("__updatedBy", "SYS_USER", "Автор изменения"),
    ("__deletedAt", "DATETIME", "Дата удаления"),
    ("__version", "VERSION", "Версия"),
    ("__directory", "CATEGORY", "Папка"),
    ("__externalId", "STRING", "Внешний идентификатор"),
    ("__subscribers", "SYS_USER", "Подписчики"),
)


def field(
    code: str,
    kind: str,
    name: str,
    *,
    many: bool = False,
    required: bool = False,
    data: Mapping[str, Any] | None = None,
    view: Mapping[str, Any] | None = None,
    **more: Any,
) -> Json:
    """Give one field definition; `many` means more than one value."""
    array = kind in ARRAY_TYPES or many
    return {
        "code": code,
        "type": kind,
        "array": array,
        "single": not many,
        "required": required,
        "searchable": False,
        "indexed": False,
        "deleted": False,
        "defaultValue": None,
        "calcByFormula": False,
        "formula": "",
        "data": dict(data or {}),
        "view": {"name": name, "tooltip": "", "hidden": False, "system": False, "data": dict(view or {})},
    } | more


def text(code: str, name: str, kind: str = "string", **more: Any) -> Json:
    """A text field; `kind` is string, text (several lines) or markdown."""
    return field(code, "STRING", name, view={"additionalType": kind}, **more)


def number(code: str, name: str, kind: str = "float", **more: Any) -> Json:
    """A number field; `kind` is integer or float."""
    return field(code, "FLOAT", name, view={"additionalType": kind}, **more)


def time(code: str, name: str, kind: str = "datetime", **more: Any) -> Json:
    """A time field; `kind` is date, datetime or time."""
    return field(code, "DATETIME", name, view={"additionalType": kind}, **more)


def flag(code: str, name: str) -> Json:
    """A yes/no field."""
    return field(code, "BOOLEAN", name, view={"additionalType": "switch", "yesValue": "Да", "noValue": "Нет"})


def money(code: str, name: str) -> Json:
    """An amount in roubles (values are in kopecks)."""
    return field(code, "MONEY", name, view={"currency": "RUB"})


def choice(code: str, name: str, options: Mapping[str, str], **more: Any) -> Json:
    """A category field with its options (code to name)."""
    items = [{"code": key, "name": label, "checked": False} for key, label in options.items()]
    return field(code, "ENUM", name, data={"enumItems": items}, **more)


def link(code: str, name: str, target: str, **more: Any) -> Json:
    """A link to items of another application, named `namespace.code`."""
    namespace, _, app = target.partition(".")
    return field(code, "SYS_COLLECTION", name, data={"namespace": namespace, "code": app}, **more)


def table(code: str, name: str, columns: Sequence[Json]) -> Json:
    """A table field with its column definitions."""
    return field(code, "TABLE", name, data={"fields": list(columns), "result": {}})


def statuses(*items: tuple[str, str]) -> Json:
    """Status settings (code, name in order; ids count from 1) in one default group."""
    return {
        "statusItems": [
            {"id": number, "code": code, "name": name, "groupId": NIL}
            for number, (code, name) in enumerate(items, 1)
        ],
        "groupItems": [{"id": NIL, "code": "__default", "name": ""}],
    }


def application(
    full_code: str,
    name: str,
    element: str,
    fields: Sequence[Json],
    *,
    status: Json | None = None,
    shifted_labels: bool = False,
) -> Json:
    """Give one application with its system fields; `settings` holds its statuses.

    `shifted_labels` gives each system field the label of the next one, as measured in about one of
    ten applications of a real export: a reader must not rely on these labels.
    """
    namespace, _, code = full_code.partition(".")
    labels = [label for _, _, label in _SYSTEM]
    if shifted_labels:
        labels = [*labels[1:], labels[0]]
    system = [field(key, kind, label) for (key, kind, _), label in zip(_SYSTEM, labels, strict=True)]
    if status is not None:
        system.append(field("__status", "STATUS", "Статус"))
    for definition in system:
        definition["view"]["system"] = True
        definition["array"] = definition["code"] == "__subscribers"
    return {
        "namespace": namespace,
        "code": code,
        "name": name,
        "elementName": element,
        "type": "STANDARD",
        "fields": [text("__name", "Название", required=True), *system, *fields],
        "forms": {},
        "permissions": {},
        "params": {},
        "settings": status or {"statusItems": [], "groupItems": []},
        "__deletedAt": None,
    }
