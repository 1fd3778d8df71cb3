"""Encoders of single values into the cells of a load, which are texts."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

from crossdock.fieldtypes import FieldType
from crossdock.values import Link, Money, Phone
from crossdock_odoo.encoding import (
    ACTIVE_LEFT_OUT,
    DATE_AS_TIME,
    INT4,
    LABEL_LEFT_OUT,
    LINK_SCHEME,
    NUMBER_ROUNDED,
    TIME_CUT,
    Context,
    Problem,
    clean_text,
)

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")
_ACTIVE = re.compile(
    r"<\s*(?:script|style|iframe|object|embed|form|input|button|select|textarea|noscript|link|meta|base)\b",
    re.I,
)
_FIRST_YEAR = 1000  # earlier ones lose their leading zero in the server's own format (by its code)


def encode_text(context: Context, value: Any) -> str:
    """Text, an e-mail address, a phone number or a link -> text. Raises Problem."""
    if context.schema.type is FieldType.PHONE or isinstance(value, Phone):
        return _phone(value)
    if context.schema.type is FieldType.LINK or isinstance(value, Link):
        return _link(context, value)
    return clean_text(value)


def encode_html(context: Context, value: Any) -> str:
    """HTML as it is; the server cleans it, and its own form of it is a declared rule. Raises Problem."""
    text = clean_text(value)
    if _ACTIVE.search(text):
        context.note(ACTIVE_LEFT_OUT)
    return text


def encode_integer(_: Context, value: Any) -> str:
    """A whole number of 32 bits. Raises Problem."""
    number = _number(value)
    if number != int(number):
        raise Problem(f"wants a whole number, got {value}")
    if not -INT4 <= number < INT4:
        raise Problem(f"{value} is beyond 32 bits, which is all that Odoo keeps of a whole number")
    return str(int(number))


def encode_float(context: Context, value: Any) -> str:
    """A number that a double holds, with no more decimals than the field. Raises Problem."""
    number = _number(value)
    digits = context.schema.settings.get("digits")
    if digits is not None and number != round(number, digits):
        raise Problem(f"{value} has more than {digits} decimal places, which is all that Odoo keeps here")
    if _as_double(number) != number:
        context.note(NUMBER_ROUNDED)
    return f"{number:f}"


def encode_money(_: Context, value: Any) -> str:
    """The amount of Money; its currency and decimals are checked by the loader. Raises Problem."""
    if not isinstance(value, Money):
        raise Problem(f"wants an amount of money, got {type(value).__name__}")
    number = _number(value.amount)
    if _as_double(number) != number:
        raise Problem(f"{value.amount} has more digits than Odoo keeps of an amount")
    return f"{number:f}"


def encode_boolean(_: Context, value: Any) -> str:
    """bool -> 1 or 0: JSON's true would break the call (measured). Raises Problem."""
    if not isinstance(value, bool):
        raise Problem(f"wants true or false, got {type(value).__name__}")
    return "1" if value else "0"


def encode_date(_: Context, value: Any) -> str:
    """date -> YYYY-MM-DD. Raises Problem."""
    if isinstance(value, datetime) or not isinstance(value, date):
        raise Problem(f"wants a date, got {type(value).__name__}")
    if value.year < _FIRST_YEAR:
        raise Problem(f"{value} is before the year {_FIRST_YEAR}")
    return value.isoformat()


def encode_datetime(context: Context, value: Any) -> str:
    """datetime with a zone, or date -> UTC, whole seconds. Raises Problem."""
    if isinstance(value, date) and not isinstance(value, datetime):
        context.note(DATE_AS_TIME)
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Problem("wants a time with a zone")
    try:
        utc = value.astimezone(UTC)
    except OverflowError:
        raise Problem(f"{value} is outside the years {_FIRST_YEAR} to 9999") from None
    if utc.year < _FIRST_YEAR:
        raise Problem(f"{value} is before the year {_FIRST_YEAR}")
    if utc.microsecond:
        context.note(TIME_CUT)
    return utc.strftime("%Y-%m-%d %H:%M:%S")


def encode_selection(context: Context, value: Any) -> str:
    """The value of one of the options. Raises Problem.

    The server takes the first option whose value or label is the text, whatever its case (by its code): where
    that is another one, the label is sent instead.
    """
    options = context.schema.options
    wanted = next((o for o in options if o.value == value), None)
    if wanted is None:
        shown = ", ".join(o.value for o in options[:12])
        raise Problem(f"{value!r} is not an option (options: {shown})")
    for text in (wanted.value, wanted.label):
        folded = text.lower()
        first = next(o for o in options if folded in (o.value.lower(), o.label.lower()))
        if text and first is wanted:
            return text
    raise Problem(f"{value!r} cannot be told from another option with that value or label")


def encode_json(_: Context, value: Any) -> str:
    """JSON-like -> its text. Raises Problem."""
    try:
        text = orjson.dumps(value).decode()
    except TypeError:
        raise Problem(f"wants JSON, got {type(value).__name__}") from None
    if "\\u0000" in text:
        raise Problem("holds a NUL character, which Odoo's database cannot store")
    return text


def _phone(value: Any) -> str:
    if not isinstance(value, Phone):
        raise Problem(f"wants a phone number, got {type(value).__name__}")
    number, extension = clean_text(value.number), clean_text(value.extension)
    return f"{number} ext. {extension}" if extension else number


def _link(context: Context, value: Any) -> str:
    link = Link(value) if isinstance(value, str) else value
    if not isinstance(link, Link):
        raise Problem(f"wants a link, got {type(value).__name__}")
    if link.label and link.label != link.url:
        context.note(LABEL_LEFT_OUT)
    url = clean_text(link.url)
    if not url or _SCHEME.match(url):
        return url
    context.note(LINK_SCHEME)  # the server would add http:// (by its code)
    return "https://" + url.removeprefix("//")


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Problem(f"wants a number, got {type(value).__name__}")
    number = Decimal(str(value))
    if not number.is_finite() or abs(number) > Decimal("1e300"):
        raise Problem(f"{value} is no number that Odoo can keep")
    return number


def _as_double(number: Decimal) -> Decimal:
    return Decimal(repr(float(number)))
