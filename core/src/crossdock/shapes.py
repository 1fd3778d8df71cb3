"""Whether a converted value has the shape that its target field takes; small lossless repairs."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema
from crossdock.steps import StepError, times
from crossdock.values import Address, Author, Link, Money, PersonName, Phone, StoredFile

Fit = Callable[[Any], Any]

KINDS: Mapping[FieldType, type] = {
    FieldType.TEXT: str,
    FieldType.HTML: str,
    FieldType.MARKDOWN: str,
    FieldType.INTEGER: int,
    FieldType.DECIMAL: Decimal,
    FieldType.BOOLEAN: bool,
    FieldType.DATE: date,
    FieldType.DATETIME: datetime,
    FieldType.DURATION: timedelta,
    FieldType.MONEY: Money,
    FieldType.EMAIL: str,
    FieldType.PHONE: Phone,
    FieldType.LINK: Link,
    FieldType.ADDRESS: Address,
    FieldType.PERSON_NAME: PersonName,
    FieldType.SELECT: str,
    FieldType.REFERENCE: str,
    FieldType.AUTHOR: Author,
    FieldType.FILE: StoredFile,
    FieldType.UUID: str,
}
"""The Python type of a value of each field type; JSON and UNKNOWN take anything."""

_REPAIRS: Mapping[FieldType, tuple[type | tuple[type, ...], Fit]] = {
    FieldType.LINK: (str, Link),
    FieldType.PHONE: (str, Phone),
    FieldType.DECIMAL: (int, Decimal),
    FieldType.AUTHOR: (str, Author),
}

COMPOSITES: Mapping[FieldType, tuple[type, frozenset[str]]] = {
    FieldType.PERSON_NAME: (PersonName, frozenset({"first", "last", "middle"})),
    FieldType.ADDRESS: (
        Address,
        frozenset({"street1", "street2", "city", "state", "postcode", "country"}),
    ),
    FieldType.LINK: (Link, frozenset({"url", "label"})),
    FieldType.PHONE: (Phone, frozenset({"number", "extension", "kind"})),
    FieldType.MONEY: (Money, frozenset({"amount", "currency"})),
}
"""Field types with parts, which a mapping may fill one by one (`name.first`)."""


def fitter(field: FieldSchema) -> Fit:
    """A function that returns the value in the field's shape, or raises StepError. None stays None."""
    single = _single_fitter(field)
    if not field.multiple:
        return single

    def several(value: Any) -> Any:
        if value is None:
            return None
        elements = value if isinstance(value, tuple) else (value,)
        return tuple(single(element) for element in elements if element is not None)

    return several


def _single_fitter(field: FieldSchema) -> Fit:
    kind, repair = KINDS.get(field.type), _REPAIRS.get(field.type)
    check = _content_check(field)

    def fit(value: Any) -> Any:
        if value is None or kind is None:
            return value
        if type(value) is not kind:
            if repair and type(value) is repair[0]:
                value = repair[1](value)
            elif isinstance(value, tuple):
                raise StepError(f"has {len(value)} values where one fits (use first or join)")
            elif not isinstance(value, kind) or isinstance(value, bool | datetime):
                raise StepError(f"needs {field.type}, got {type(value).__name__} {value!r:.80}")
        return check(value) if check else value

    return fit


def _content_check(field: FieldSchema) -> Fit | None:
    if field.type is FieldType.SELECT and field.options:
        return _option_check(frozenset(option.value for option in field.options))
    if field.type is FieldType.DATETIME:
        return _zone_check
    if field.max_length is not None and KINDS.get(field.type) is str:
        return _length_check(field.max_length)
    return None


def _option_check(known: frozenset[str]) -> Fit:
    def check(value: Any) -> Any:
        # An empty choice is no choice.
        if value not in known and value != "":
            raise StepError(f"{value!r} is not one of the options")
        return value or None

    return check


def _zone_check(value: Any) -> Any:
    if value.tzinfo is None:
        raise StepError(f"{value.isoformat()} has no time zone (use datetime with zone)")
    return value


def _length_check(limit: int) -> Fit:
    def check(value: Any) -> Any:
        if len(value) > limit:
            raise StepError(f"has {len(value)} characters, {limit} fit (use truncate to cut it)")
        return value

    return check


def constant_value(value: Any, field: FieldSchema | None) -> Any:
    """A value written in a mapping, as the field's canonical value. Raises StepError if it cannot be."""
    if isinstance(value, list):
        value = tuple(value)
    if field is None or value is None:
        return value
    if field.type is FieldType.DECIMAL and type(value) in (int, float):
        value = Decimal(str(value))
    elif field.type is FieldType.DATE and isinstance(value, str):
        value = times.date(value)
    elif field.type is FieldType.DATETIME and isinstance(value, str | date):
        value = times.datetime(value)
    return fitter(field)(value)
