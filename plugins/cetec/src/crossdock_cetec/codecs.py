"""Values on the wire -> canonical values. A shape that nobody described raises ShapeError.

Seen in clients: numbers come as numbers or as text ("35.89"), dates as 2024-05-01, in one filter as
2024:05:01, in exports as 2024/05/01; yes and no as 1 and 0, "1" and "0", or true and false. Assumed: a date
of zeros means none, as MySQL writes it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.values import Link, Money, Phone


class ShapeError(ValueError):
    """A wire value has a shape that its field is not known to have. The text names both."""

    def __init__(self, expected: str, value: Any) -> None:
        super().__init__(f"expected {expected}, got {shape(value)}")


def shape(value: Any) -> str:
    """The shape of a JSON value without its contents."""
    if isinstance(value, Mapping):
        return "object {" + ", ".join(sorted(map(str, value))) + "}"
    if isinstance(value, list):
        return "list of " + " and ".join(sorted({type(v).__name__ for v in value})) if value else "empty list"
    names = {type(None): "null", str: "other text", bool: "yes/no", int: "a number", Decimal: "a number"}
    return names.get(type(value), type(value).__name__)


def is_nothing(value: Any) -> bool:
    """Whether a wire value means none: null, blank text, an empty list or object."""
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def to_text(value: Any) -> str:
    """Text as it is; a number as its digits. Nothing is trimmed: a part number may end in spaces."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise ShapeError("text", value)


def to_decimal(value: Any) -> Decimal:
    """A number, or text of one, exactly."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ShapeError("a number", value)
    try:
        found = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise ShapeError("a number", value) from None
    if not found.is_finite():
        raise ShapeError("a finite number", value)
    return found


def to_integer(value: Any) -> int:
    """A whole number."""
    found = to_decimal(value)
    if found != found.to_integral_value():
        raise ShapeError("a whole number", value)
    return int(found)


_YES = frozenset({"1", "true", "t", "yes", "y"})
_NO = frozenset({"0", "false", "f", "no", "n"})


def to_boolean(value: Any) -> bool:
    """Yes or no."""
    word = str(value).strip().casefold() if isinstance(value, str | bool | int) else ""
    if word not in _YES | _NO:
        raise ShapeError("yes or no", value)
    return word in _YES


_DAY = re.compile(r"(\d{4})([-/:])(\d{1,2})\2(\d{1,2})(?:[T ](.+))?")


def to_date(value: Any) -> date | None:
    """A day, written in one of the three ways; a time of day beside it has to be midnight."""
    match = _DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or (match[5] and match[5].strip("0:.Z+ ")):
        raise ShapeError("a day like 2024-05-01", value)
    if not match[1].strip("0"):
        return None
    try:
        return date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        raise ShapeError("a day that exists", value) from None


def to_datetime(value: Any, zone: tzinfo | None) -> datetime | None:
    """A time; one without a zone is the tenant's, which somebody has to have said."""
    match = _DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ShapeError("a time like 2024-05-01 12:00:00", value)
    if not match[1].strip("0"):
        return None
    clock = f"T{match[5]}" if match[5] else "T00:00:00"
    try:
        found = datetime.fromisoformat(f"{match[1]}-{match[3]:0>2}-{match[4]:0>2}{clock}")
    except ValueError:
        raise ShapeError("a time that exists", value) from None
    if found.tzinfo is None and zone is None:
        raise ShapeError("a time with a zone (or the setting `timezone`)", value)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def digits(number: Decimal) -> str:
    """A number as text in a document: every digit that counts, no zeros behind them."""
    return f"{number.normalize():f}"


def to_json(value: Any) -> Any:
    """JSON as it came, with numbers that are not whole as text, so that no digit is lost."""
    if isinstance(value, Mapping):
        return {str(name): to_json(part) for name, part in value.items()}
    if isinstance(value, list):
        return [to_json(part) for part in value]
    return str(value) if isinstance(value, Decimal) else value


class Habits:
    """What decoding needs to know of a tenant: the currency and the zone of values that name none."""

    __slots__ = ("currency", "zone")

    def __init__(self, currency: str, zone: tzinfo | None) -> None:
        self.currency = currency
        self.zone = zone


Decoder = Callable[[Any, Habits], Any]

DECODERS: Mapping[FieldType, Decoder] = {
    FieldType.TEXT: lambda value, _: to_text(value),
    FieldType.HTML: lambda value, _: to_text(value),
    FieldType.SELECT: lambda value, _: to_text(value).strip(),
    FieldType.EMAIL: lambda value, _: to_text(value).strip(),
    FieldType.PHONE: lambda value, _: Phone(to_text(value).strip()),
    FieldType.LINK: lambda value, _: Link(to_text(value).strip()),
    FieldType.INTEGER: lambda value, _: to_integer(value),
    FieldType.DECIMAL: lambda value, _: to_decimal(value),
    FieldType.MONEY: lambda value, habits: Money(to_decimal(value), habits.currency),
    FieldType.BOOLEAN: lambda value, _: to_boolean(value),
    FieldType.DATE: lambda value, _: to_date(value),
    FieldType.DATETIME: lambda value, habits: to_datetime(value, habits.zone),
    FieldType.JSON: lambda value, _: to_json(value),
}
"""By canonical type; a value that means nothing never gets here."""
