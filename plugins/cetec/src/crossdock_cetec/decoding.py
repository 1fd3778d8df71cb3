"""One row of the API -> one Record, or one Rejected with every reason."""

from collections.abc import Callable, Mapping
from typing import Any

from crossdock.fieldtypes import FieldType as T
from crossdock.model import FieldSchema, Record, Rejected
from crossdock.values import Address, PersonName, Reference
from crossdock_cetec.codecs import DECODERS, Habits, ShapeError, is_nothing, to_text
from crossdock_cetec.fields import Field, Object

Json = Mapping[str, Any]
Link = Callable[[Field, Json], Reference | None]
"""(field, row) -> the record that the row names in it. Raises ShapeError if it names several."""

_UNITED_STATES = "233"  # countries come by their place in a table; only this one was ever seen


def decode_row(
    described: Object, row: Json, key: str, own: Mapping[str, FieldSchema], habits: Habits, link: Link
) -> Record | Rejected:
    """The record of a row under this key. What a row does not have is None."""
    values: dict[str, Any] = {}
    reasons: list[str] = []
    for field in described.fields:
        try:
            values[field.name] = _value(field, row, habits, link)
        except ShapeError as error:
            reasons.append(f"field {field.name!r}: {error}")
    for name, schema in own.items():
        try:
            values[name] = _own(row.get(name), schema, habits)
        except ShapeError as error:
            reasons.append(f"column {name!r}: {error}")
    if reasons:
        return Rejected(described.name, key, tuple(reasons))
    return Record(described.name, key, values)


def key_of(described: Object, row: Json) -> str:
    """The key of a row, "" if it has none."""
    field = described.field(described.key)
    value = None if field is None else first(row, field.keys)
    return "" if is_nothing(value) or isinstance(value, Mapping | list) else str(value)


def first(row: Json, keys: tuple[str, ...]) -> Any:
    """The value of the first of these keys that holds something."""
    return next((row[key] for key in keys if not is_nothing(row.get(key))), None)


def _value(field: Field, row: Json, habits: Habits, link: Link) -> Any:
    if field.type is T.REFERENCE:
        return link(field, row) if field.keys else None
    if field.type is T.ADDRESS:
        return _address(field.keys[0], row) if field.keys else None
    if field.type is T.PERSON_NAME:
        return _name(row)
    value = first(row, field.keys)
    if is_nothing(value):
        return None
    found = DECODERS[field.type](value, habits)
    if field.options and found not in {option.value for option in field.options}:
        raise ShapeError(" or ".join(option.value for option in field.options), value)
    return found


def _own(value: Any, schema: FieldSchema, habits: Habits) -> Any:
    if is_nothing(value):
        return None
    if schema.type is T.TEXT and isinstance(value, bool):
        return "true" if value else "false"
    return DECODERS[schema.type](value, habits)


def _name(row: Json) -> PersonName | None:
    """From its parts; a whole name is split before its last word (assumed: first name first)."""
    given = to_text(first(row, ("first_name", "firstname")) or "").strip()
    family = to_text(first(row, ("last_name", "lastname")) or "").strip()
    if not (given or family):
        given, _, family = to_text(first(row, ("name",)) or "").strip().rpartition(" ")
    return PersonName(given.strip(), family) if given or family else None


def _address(prefix: str, row: Json) -> Address | None:
    """From flat fields (vendor code writes them so), else from the nested list (its keys are assumed)."""

    def flat(name: str) -> str:
        value = row.get(f"{prefix}_{name}")
        return "" if is_nothing(value) else to_text(value).strip()

    lines = [flat(f"address_{number}") for number in range(1, 6)]
    found = Address(
        street1=lines[0],
        street2=", ".join(filter(None, lines[1:])),
        city=flat("address_city"),
        state=flat("address_state"),
        postcode=flat("address_zip"),
        country=flat("country") or _country(flat("country_id")),
    )
    return found if any((found.street1, found.city, found.postcode, found.country)) else _nested(prefix, row)


def _country(number: str) -> str:
    return "United States" if number == _UNITED_STATES else (f"country {number}" if number else "")


def _nested(prefix: str, row: Json) -> Address | None:
    kind = prefix.partition("_")[0]
    listed = row.get("addresses")
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, Mapping) and kind in str(each.get("type") or each.get("kind") or "").lower():
            parts = {name: first(each, keys) for name, keys in _NESTED.items()}
            found = {name: to_text(value).strip() for name, value in parts.items() if value is not None}
            return Address(**found) if found else None
    return None


_NESTED: Mapping[str, tuple[str, ...]] = {
    "street1": ("address_1", "address1", "street"),
    "street2": ("address_2", "address2"),
    "city": ("city", "address_city"),
    "state": ("state", "address_state"),
    "postcode": ("zip", "address_zip"),
    "country": ("country",),
}
