"""What Odoo gives back to canonical values, for observations.

Written apart from the encoder and sharing nothing with it, so that a fault in one shows as a difference.
Odoo gives False for an empty field of any type; of numbers and booleans it cannot tell nothing from 0.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as filled
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from crossdock.errors import ContractError
from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, ObjectSchema
from crossdock.values import Address, Link, Money, Phone

_EXTENSION = re.compile(r"(.*\S) ext\. (\S.*)", re.S)


@dataclass(frozen=True, slots=True)
class Lookups:
    """What values refer to: target ids by model and database id, currency codes, names of places, users by
    their partner's id, and products by their variant's."""

    names: Mapping[str, Mapping[int, str]]
    currencies: Mapping[int, str]
    countries: Mapping[int, str]
    states: Mapping[int, str]
    users: Mapping[int, str]
    products: Mapping[int, str] = filled(default_factory=dict)


def decode_record(schema: ObjectSchema, row: Mapping[str, Any], lookups: Lookups) -> dict[str, Any]:
    """Canonical values of all fields that `row` holds, files left out. Raises ContractError."""
    values: dict[str, Any] = {}
    for field in schema.fields:
        kind = field.settings["odoo_type"]
        if kind == "binary" or field.settings["column"] not in row:
            continue
        try:
            values[field.name] = _decode(field, row, lookups)
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
            raise ContractError(
                f"{schema.name} {row.get('id')}: field {field.name} ({kind}) came back in an unknown form."
            ) from error
    return values


def _decode(field: FieldSchema, row: Mapping[str, Any], lookups: Lookups) -> Any:
    kind, wire = field.settings["odoo_type"], row[field.settings["column"]]
    if kind == "boolean":
        return bool(wire)
    if kind == "owner":
        return _owner(field, row, lookups)
    if kind == "address":
        return _address(row, lookups)
    if kind in ("integer", "many2one_reference"):
        return int(wire) if wire or field.blank is not None else None
    if kind == "float":
        return Decimal(str(wire or 0))
    if kind == "monetary":
        code = lookups.currencies.get(row.get(field.settings["currency_field"]) or 0, "")
        return Money(Decimal(str(wire or 0)), code)
    if wire is False or wire is None or wire == "" or wire == []:
        return None
    if kind == "author":
        return lookups.users.get(wire)
    if kind == "variant":
        return lookups.products.get(wire)
    if kind == "many2one":
        return lookups.names[field.settings["relation"]][wire]
    if kind == "many2many":
        return tuple(lookups.names[field.settings["relation"]][i] for i in wire)
    return _READERS.get(kind, _same)(wire) if kind not in ("char", "text") else _text(field.type, wire)


def _owner(field: FieldSchema, row: Mapping[str, Any], lookups: Lookups) -> str | None:
    model = row.get("res_model") or row.get("model")
    if model != field.settings["relation"] or not row["res_id"]:
        return None
    return lookups.names[model][row["res_id"]]


def _address(row: Mapping[str, Any], lookups: Lookups) -> Address | None:
    address = Address(
        street1=row["street"] or "",
        street2=row["street2"] or "",
        city=row["city"] or "",
        state=lookups.states[row["state_id"]] if row["state_id"] else "",
        postcode=row["zip"] or "",
        country=lookups.countries[row["country_id"]] if row["country_id"] else "",
    )
    return address if address != Address() else None


def _text(type_: FieldType, wire: str) -> Any:
    if type_ is FieldType.PHONE:
        found = _EXTENSION.fullmatch(wire)
        return Phone(found[1], found[2]) if found else Phone(wire)
    return Link(wire) if type_ is FieldType.LINK else wire


def _instant(wire: str) -> datetime:
    return datetime.strptime(wire, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def _same(wire: Any) -> Any:
    return wire


def instant(wire: Any) -> datetime | None:
    """A time of Odoo (UTC, without a zone, perhaps with a fraction), None for none."""
    return datetime.fromisoformat(wire).replace(tzinfo=UTC) if wire else None


def referred(schema: ObjectSchema, rows: Sequence[Mapping[str, Any]]) -> dict[str, set[int]]:
    """The database ids that rows refer to, by model."""
    found: dict[str, set[int]] = {}
    for field in schema.fields:
        kind, column = field.settings["odoo_type"], field.settings["column"]
        if kind not in ("many2one", "many2many", "owner"):
            continue
        ids = found.setdefault(field.settings["relation"], set())
        for row in rows:
            held = row.get(column)
            if kind == "owner" and (row.get("res_model") or row.get("model")) != field.settings["relation"]:
                continue
            ids.update(held if isinstance(held, list) else [held] if held else [])
    return found


_READERS: dict[str, Callable[[Any], Any]] = {
    "date": date.fromisoformat,
    "datetime": _instant,
}
