"""Values as they are stored, from values as they come in; what the server refuses is refused (measured)."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crossdock_odoo.sandbox.catalog import Field
from crossdock_odoo.sandbox.clock import DAY, MOMENT
from crossdock_odoo.sandbox.errors import PythonError
from crossdock_odoo.sandbox.sanitising import sanitised

_INT4 = 2**31


def stored(item: Field, value: Any) -> Any:
    """The stored form of a scalar or a many2one; None for nothing. Raises PythonError."""
    return _CONVERT.get(item.type, _as_is)(item, value)


def _nothing(value: Any) -> bool:
    return value is None or value is False


def _as_is(item: Field, value: Any) -> Any:
    if item.type == "properties" and item.manual and value:
        raise PythonError("TypeError", "tuple indices must be integers or slices, not NoneType")
    return None if _nothing(value) else value


def _char(_item: Field, value: Any) -> str | None:
    if _nothing(value):
        return None
    text = value if isinstance(value, str) else str(value)
    if "\0" in text:
        raise PythonError("ValueError", "A string literal cannot contain NUL (0x00) characters.")
    return text


def _html(item: Field, value: Any) -> str | None:
    text = _char(item, value)
    return text if text is None or not item.attributes().get("sanitize", True) else sanitised(text)


def _integer(_item: Field, value: Any) -> int:
    try:
        number = int(value or 0)
    except ValueError as error:
        raise PythonError("ValueError", str(error)) from error
    except TypeError as error:
        raise PythonError("TypeError", str(error)) from error
    if not -_INT4 <= number < _INT4:
        raise PythonError("psycopg2.errors.NumericValueOutOfRange", "integer out of range\n")
    return number


def _float(item: Field, value: Any) -> float:
    try:
        number = float(value or 0)
    except ValueError as error:
        raise PythonError("ValueError", str(error)) from error
    except TypeError as error:
        raise PythonError("TypeError", str(error)) from error
    digits = item.extra.get("digits")
    return rounded(number, digits[1]) if digits else number


def rounded(number: float, places: int) -> float:
    """A number with so many places, halves away from zero."""
    step = Decimal(1).scaleb(-places)
    return float(Decimal(repr(number)).quantize(step, ROUND_HALF_UP))


def _boolean(_item: Field, value: Any) -> bool:
    return bool(value)


def moment(value: str) -> datetime:
    """A time as the server reads it: only as many characters of the format as the text has."""
    return datetime.strptime(value, MOMENT[: len(value) - 2])  # noqa: DTZ007 - times are UTC without a zone


def _date(_item: Field, value: Any) -> str | None:
    if _nothing(value) or value == "":
        return None
    if not isinstance(value, str):
        raise PythonError("TypeError", f"expected a date, got {value!r}")
    try:
        return datetime.strptime(value[:10], DAY).date().isoformat()  # noqa: DTZ007
    except ValueError as error:
        raise PythonError("ValueError", str(error)) from error


def _datetime(_item: Field, value: Any) -> str | None:
    if _nothing(value) or value == "":
        return None
    if not isinstance(value, str):
        raise PythonError("TypeError", f"expected a datetime, got {value!r}")
    if "." in value and len(value) == len("2026-01-01 00:00:00.000000"):
        return value
    try:
        return moment(value).strftime(MOMENT)
    except ValueError as error:
        raise PythonError("ValueError", str(error)) from error


def _selection(item: Field, value: Any) -> Any:
    if _nothing(value) or value == "":
        return None
    if item.name == "lang" and isinstance(value, str) and re.fullmatch(r"[a-z]{2,3}(_\w+)?", value):
        # Measured: a language that is not installed is taken too.
        return value
    if value not in item.values:
        raise PythonError("ValueError", f"Wrong value for {item.model}.{item.name}: {value!r}")
    return value


def _many2one(_item: Field, value: Any) -> int | None:
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    if isinstance(value, str):
        if value.isdecimal():
            return int(value)
        text = f'invalid input syntax for type integer: "{value}"\nLINE 1: ...'
        raise PythonError("psycopg2.errors.InvalidTextRepresentation", text)
    return int(value) if value else None


def _reference(item: Field, value: Any) -> str | None:
    if not value:
        return None
    model, _, key = str(value).partition(",")
    if model not in item.values or not key.isdecimal():
        raise PythonError("ValueError", f"Wrong value for {item.model}.{item.name}: {value!r}")
    return str(value)


def _binary(_item: Field, value: Any) -> str | None:
    if _nothing(value) or value == "":
        return None
    content(str(value))
    return str(value)


def content(text: str) -> bytes:
    """The bytes of a base64 text; errors as the language has them."""
    try:
        return base64.b64decode(text)
    except binascii.Error as error:
        raise PythonError("binascii.Error", str(error)) from error


def day(text: str) -> date:
    """A stored day or time as a day."""
    return date.fromisoformat(text[:10])


_CONVERT: dict[str, Callable[[Field, Any], Any]] = {
    "char": _char,
    "text": _char,
    "html": _html,
    "integer": _integer,
    "many2one_reference": _integer,
    "float": _float,
    "monetary": _float,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "selection": _selection,
    "many2one": _many2one,
    "reference": _reference,
    "binary": _binary,
}
