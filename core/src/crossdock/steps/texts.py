"""Steps on text, and from any value to text."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import astuple, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from crossdock.fieldtypes import FieldType
from crossdock.steps.registry import StepError, step
from crossdock.values import Author, Link, Money, PersonName, Phone, Reference, StoredFile


@step(FieldType.TEXT, whole=True)
def text(value: Any) -> str:
    """Any value as text: `12.50 RUB`, dates in ISO form, `Last First Middle`, several with commas."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(part for part in (text(element) for element in value) if part)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _duration(value)
    if is_dataclass(value):
        return _composite(value)
    return json(value) if isinstance(value, Mapping | list) else str(value)


def _composite(value: Any) -> str:
    match value:
        case Money(amount, currency):
            return f"{amount:f} {currency}".strip()
        case PersonName(first, last, middle):
            return " ".join(part for part in (last, first, middle) if part)
        case Phone(number, extension, _):
            return f"{number} ext. {extension}" if extension else number
        case Link(url, label):
            return f"{label} {url}".strip() if label != url else url
        case Author(name=name) | StoredFile(name=name):
            return name
        case Reference():
            raise StepError("a reference has no text of its own; take a field of it, or use reference:")
    return ", ".join(str(part) for part in astuple(value) if part)


def _duration(value: timedelta) -> str:
    """ISO 8601, hours and smaller: PT26H30M."""
    sign, rest = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(rest.days * 86400 + rest.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{rest.microseconds:06d}".rstrip("0") if rest.microseconds else ""
    parts = (f"{hours}H" if hours else "", f"{minutes}M" if minutes else "")
    tail = f"{seconds}{fraction}S" if seconds or fraction or not (hours or minutes) else ""
    return f"{sign}PT{''.join(parts)}{tail}"


@step(FieldType.TEXT, whole=True)
def json(value: Any) -> str:
    """The value as JSON text, keys in order."""
    packed = value if isinstance(value, Mapping | list | tuple) else [value]
    data = orjson.dumps(packed, default=text, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS)
    written = data.decode()
    return written if packed is value else written[1:-1]


@step()
def trim(value: str) -> str:
    """Without white space at both ends."""
    return _expect_text(value, "trim").strip()


@step()
def lower(value: str) -> str:
    """In lower case."""
    return _expect_text(value, "lower").lower()


@step()
def upper(value: str) -> str:
    """In upper case."""
    return _expect_text(value, "upper").upper()


@step(FieldType.TEXT)
def prefix(value: Any, text: str) -> str:
    """With `text` before it."""
    return f"{text}{_as_text(value)}"


@step(FieldType.TEXT)
def suffix(value: Any, text: str) -> str:
    """With `text` after it."""
    return f"{_as_text(value)}{text}"


@step()
def replace(value: str, old: str, new: str = "") -> str:
    """With every `old` replaced by `new`."""
    return _expect_text(value, "replace").replace(str(old), str(new))


def _cut(before: Any, after: Any) -> str:
    return f"cut from {len(before)} to {len(after)} characters" if len(after) < len(before) else ""


@step(loss="text after `length` characters", lost=_cut)
def truncate(value: str, length: int) -> str:
    """Cut to `length` characters; the record's notes say where that happened."""
    return _expect_text(value, "truncate")[: int(length)]


@step(FieldType.TEXT, loss="all but letters, digits and hyphens")
def slug(value: Any) -> str:
    """Lower case with hyphens, letters of any alphabet kept: `Новый проект!` is `новый-проект`."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", _as_text(value)).lower().replace("_", " "))
    return "-".join(words)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else str(text(value))


def _expect_text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise StepError(f"{name} needs text, not {type(value).__name__}")
    return value
