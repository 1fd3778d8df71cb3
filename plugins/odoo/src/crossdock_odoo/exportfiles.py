"""What Odoo exports, as canonical values. Written apart from what writes the files.

Columns are called by their technical names (import-compatible export) or by their labels. A choice is
exported by its label, a number as it is, a time in the zone of whoever exports; a text that a spreadsheet
would run has an apostrophe before it (code of 18.0; assumed for its page).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from crossdock.errors import ContractError
from crossdock.model import FieldSchema, ObjectSchema
from crossdock_odoo.identity import MODULE
from crossdock_odoo.objects import ADDRESS_PARTS
from crossdock_odoo.readback import Lookups, decode_record

_REFERENCES = frozenset({"many2one", "many2many"})
_RUN = re.compile(r"'[=+-]")
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no", ""})
_OTHER = (
    "it leads to a record that was there before, and the export does not show its database id"
    " (a column FIELD/.id)"
)


class _Unread(Exception):  # noqa: N818 - a reason, not a failure
    """The cell cannot be told apart; the text is the reason."""


class _Same(dict[Any, Any]):
    """Every key is its own value."""

    def __missing__(self, key: Any) -> Any:
        return key

    def get(self, key: Any, default: Any = None) -> Any:
        return key or default


class _Models(dict[str, Mapping[Any, Any]]):
    def __missing__(self, key: str) -> Mapping[Any, Any]:
        return _Same()


_LOOKUPS = Lookups(_Models(), _Same(), _Same(), _Same(), _Same())


def columns_of(field: FieldSchema) -> tuple[str, ...]:
    """The columns that show a field: references and countries by external id, an amount with its currency."""
    kind, column = field.settings["odoo_type"], str(field.settings["column"])
    if kind == "address":
        return tuple(f"{c}/id" if c.endswith("_id") else c for c in ADDRESS_PARTS)
    if kind in _REFERENCES:
        return (f"{column}/id",)
    if kind == "monetary":
        currency = str(field.settings.get("currency_field") or "")
        return (column, f"{currency}/id") if currency else (column,)
    return (column,)


def reference_columns(field: FieldSchema) -> tuple[str, ...]:
    """Both columns that a reference may have in an import."""
    column = field.settings["column"]
    return (f"{column}/id", f"{column}/.id") if field.settings["odoo_type"] in _REFERENCES else ()


def heading_of(schema: ObjectSchema, text: str) -> str:
    """The technical name of a column, whichever kind of export wrote it."""
    text = " ".join(text.split())
    if text in ("External ID", "ID"):
        return {"External ID": "id", "ID": ".id"}[text]
    first, _, rest = text.partition("/")
    names = {f.settings["column"]: f for f in schema.fields}
    column = first if first in names else _labelled(schema, first)
    ending = {"External ID": "id", "ID": ".id"}.get(rest, rest)
    return f"{column}/{ending}" if rest else column


def target_id_of(external_id: str) -> str:
    """The target id behind an external id that a load or an import wrote, "" for any other."""
    module, _, name = external_id.partition(".")
    return name if module == MODULE else ""


def decoded(
    schema: ObjectSchema, cells: Mapping[str, str], fields: Collection[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Canonical values of these fields of a row, and the fields that cannot be told, with the reason."""
    values: dict[str, Any] = {}
    unread: dict[str, str] = {}
    for field in schema.fields:
        if field.name not in fields or field.settings["odoo_type"] == "binary":
            continue
        try:
            row = dict(_wire(field, cells))
            one = ObjectSchema(schema.name, (field,))
            values |= decode_record(one, row, _LOOKUPS)
        except _Unread as reason:
            unread[field.name] = str(reason)
        except (ContractError, ValueError, ArithmeticError):
            held = cells.get(field.settings["column"], "")
            unread[field.name] = f"a cell holds {held[:80]!r}, which is no {field.settings['odoo_type']}"
    return values, unread


def _wire(field: FieldSchema, cells: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """The columns of a field as the server would give them to a read."""
    kind, column = field.settings["odoo_type"], str(field.settings["column"])
    if kind == "address":
        for part in ADDRESS_PARTS:
            yield part, _part(part, cells)
    elif kind in _REFERENCES:
        ids = _references(column, cells)
        yield column, ids if kind == "many2many" else (ids[0] if ids else False)
    else:
        yield column, _single(field, _plain(cells.get(column, "")))
    if kind == "monetary":
        currency = str(field.settings.get("currency_field") or "")
        yield currency, cells.get(f"{currency}/id", "").rpartition(".")[2] or False


def _part(part: str, cells: Mapping[str, str]) -> Any:
    if part == "country_id":
        short = cells.get("country_id/id", "").rpartition(".")[2].upper()
        return {"UK": "GB"}.get(short, short) or False
    if part == "state_id":
        return cells.get("state_id/id", "").rpartition(".")[2] or False
    return _plain(cells.get(part, "")) or False


def _references(column: str, cells: Mapping[str, str]) -> list[str]:
    """Target ids: of what the import made by its external id, of what was there by its database id."""
    external = [x.strip() for x in cells.get(f"{column}/id", "").split(",") if x.strip()]
    ours = [target_id_of(x) for x in external]
    if all(ours):
        return ours
    numbers = [x.strip() for x in cells.get(f"{column}/.id", "").split(",") if x.strip()]
    if len(numbers) != len(external):
        raise _Unread(_OTHER)
    return [own or number for own, number in zip(ours, numbers, strict=True)]


def _single(field: FieldSchema, text: str) -> Any:
    kind = field.settings["odoo_type"]
    if kind == "boolean":
        folded = text.casefold()
        if folded not in _TRUE | _FALSE:
            raise ValueError(text)
        return folded in _TRUE
    if not text:
        return False
    if kind == "selection":
        return _choice(field, text)
    if kind == "datetime":
        return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S")
    if kind == "date":
        return text[:10]
    if kind == "json":
        raise _Unread("the export does not show it")
    return text


def _choice(field: FieldSchema, text: str) -> str:
    found = [o.value for o in field.options if o.label == text] or [
        o.value for o in field.options if o.value == text
    ]
    if len(found) > 1:
        raise _Unread(f"two of its choices are called {text!r}")
    return found[0] if found else text


def _plain(text: str) -> str:
    """The text without the apostrophe that the export put before it. One that was its own is lost with it."""
    return text[1:] if _RUN.match(text) else text


def _labelled(schema: ObjectSchema, label: str) -> str:
    found = [f.settings["column"] for f in schema.fields if f.label == label]
    return str(found[0]) if len(set(found)) == 1 else label
