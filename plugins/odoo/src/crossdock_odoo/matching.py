"""Domains that find records by a match key, in the forms in which Odoo may hold the value.

A domain may find too much (another path on the same host); `same` then decides on what came back. Texts are
looked for without regard to case.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema
from crossdock.values import Link, Money, Phone
from crossdock_odoo.client import Condition

_SEARCHED = frozenset(
    {
        *("char", "text", "integer", "float", "monetary", "boolean", "date", "datetime", "selection"),
        *("many2one", "many2many"),
    }
)
_SIGNIFICANT = 10  # digits of a telephone number, counted from its end


def condition(field: FieldSchema, value: Any, ids: Mapping[str, int]) -> Condition | None:
    """A condition that finds every record whose `field` may hold `value`; None if none can.

    `ids`: database ids of the references among the values. Raises ConfigError for a type that cannot be
    searched by value.
    """
    column, kind = field.settings["column"], field.settings["odoo_type"]
    if kind not in _SEARCHED:
        raise ConfigError(f"{field.name} cannot be a match key: Odoo does not search {kind} fields by value.")
    form = comparable(field, value)
    if form is None or form == "":
        return None
    if kind in ("many2one", "many2many"):
        return [column, "in", [ids[form]]] if form in ids else None
    if field.type is FieldType.LINK:
        return [column, "ilike", _literal(form.split("/", 1)[0])]
    if field.type is FieldType.PHONE:
        return [column, "=ilike", "%" + "%".join(form[-_SIGNIFICANT:]) + "%"]
    if kind in ("char", "text"):
        return [column, "=ilike", _literal(form)]
    return [column, "=", form]


def same(field: FieldSchema, value: Any, wire: Any) -> bool:
    """Whether what a record holds in `field` (as Odoo gives it) is the value that was looked for."""
    if field.settings["odoo_type"] not in ("char", "text"):
        return True
    return bool(_same_text(field, comparable(field, value), comparable(field, wire or None)))


def _same_text(field: FieldSchema, wanted: Any, held: Any) -> bool:
    if field.type is not FieldType.PHONE or not wanted or not held:
        return bool(wanted == held)
    return bool(wanted == held or wanted[-_SIGNIFICANT:] == held[-_SIGNIFICANT:])


def comparable(field: FieldSchema, value: Any) -> Any:
    """The form in which two values of a field mean the same; None for nothing."""
    if value is None:
        return None
    if field.type is FieldType.LINK:
        return _link(value.url if isinstance(value, Link) else str(value))
    if field.type is FieldType.PHONE:
        return re.sub(r"\D", "", value.number if isinstance(value, Phone) else str(value))
    if field.settings["odoo_type"] in ("char", "text"):
        return " ".join(str(value).replace("\x00", "").casefold().split())
    if isinstance(value, Money):
        return float(value.amount)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _link(url: str) -> str:
    """Host and path without scheme, www and last slash, in lower case."""
    rest = re.sub(r"^\s*(?:https?:)?//", "", url.strip(), flags=re.I).lower()
    return rest.removeprefix("www.").rstrip("/")


def _literal(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
