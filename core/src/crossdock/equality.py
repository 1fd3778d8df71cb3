"""When two values of a field are the same: by value, with no tolerance but the declared one.

Nothing, empty text, no values and what the platform keeps for nothing (`FieldSchema.blank`) are the same.
Numbers are compared by value, times by instant, several choices or references without order, several of
anything else with it.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema
from crossdock.serial import plain_decimal, plain_instant
from crossdock.values import Address, Link, Money, PersonName, Phone, StoredFile

_UNORDERED = frozenset({FieldType.SELECT, FieldType.REFERENCE})


def equal(expected: Any, actual: Any, field: FieldSchema) -> bool:
    """True if both values mean the same in that field."""
    if type(expected) is type(actual) and expected == actual:
        return True
    return bool(normalise(expected, field) == normalise(actual, field))


def normalise(value: Any, field: FieldSchema) -> Any:
    """The one form of a value: what is empty becomes None, several become a tuple or a frozenset.

    A value that is not of the field's type comes back as it is, so that it compares unequal.
    """
    if not field.multiple and not isinstance(value, tuple):
        return _single(value, field)
    several = value if isinstance(value, tuple | list | set | frozenset) else (value,)
    elements = [e for e in (_single(v, field) for v in several) if e is not None]
    if not elements:
        return None
    if not field.multiple and len(elements) == 1:
        return elements[0]
    return frozenset(elements) if field.type in _UNORDERED else tuple(elements)


def _single(value: Any, field: FieldSchema) -> Any:
    if is_blank(value, field):
        return None
    rule = _RULES.get(field.type)
    return rule(value) if rule else value


def is_blank(value: Any, field: FieldSchema) -> bool:
    """True for what is empty, and for what the platform keeps in this field where nothing was written."""
    if is_empty(value):
        return True
    if field.blank is None:
        return False
    if isinstance(value, Money) and isinstance(field.blank, Money):
        return value.amount == field.blank.amount
    return isinstance(value, bool) is isinstance(field.blank, bool) and bool(value == field.blank)


def is_empty(value: Any) -> bool:
    """True for None, "", no values, and a composite of which every part is empty."""
    if value is None or value == "" or value == ():
        return True
    if is_dataclass(value) and not isinstance(value, Money):
        return all(getattr(value, part.name) in ("", None) for part in fields(value))
    return False


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | str):
        try:
            value = Decimal(str(value))
        except InvalidOperation:
            return value
    return plain_decimal(value) if isinstance(value, Decimal) else value


def _instant(value: Any) -> Any:
    return plain_instant(value) if isinstance(value, datetime) else value


def _day(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date() if value.time() == datetime.min.time() else value
    return date.fromisoformat(value) if isinstance(value, str) and _is_day(value) else value


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _money(value: Any) -> Any:
    return Money(_number(value.amount), value.currency) if isinstance(value, Money) else value


def _link(value: Any) -> Any:
    return Link(value) if isinstance(value, str) else value


def _phone(value: Any) -> Any:
    """The kind (work, mobile) is the source's word for a number, and no part of it."""
    return Phone(value.number, value.extension) if isinstance(value, Phone) else value


def _content(value: Any) -> Any:
    """A file is its content; its name and folder are fields of the record that holds it."""
    return (value.sha256, value.size) if isinstance(value, StoredFile) else value


_RULES: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.INTEGER: _number,
    FieldType.DECIMAL: _number,
    FieldType.DATETIME: _instant,
    FieldType.DATE: _day,
    FieldType.MONEY: _money,
    FieldType.LINK: _link,
    FieldType.PHONE: _phone,
    FieldType.FILE: _content,
}


def completed(value: Any, existing: Any) -> Any:
    """An address or a name whose empty parts are taken from what is there; any other value as it is."""
    if not isinstance(value, Address | PersonName) or type(existing) is not type(value):
        return value
    parts = {part.name: getattr(value, part.name) or getattr(existing, part.name) for part in fields(value)}
    return replace(value, **parts)
