"""Simple values: checked, and brought into the form the server stores (measured, unless said otherwise).

A function takes the field, the value and the path used in messages, and gives the stored value;
None is SQL NULL. Empty text is stored as NULL and read back as "". Raises RefusalError.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson

from crossdock_twenty.sandbox.catalog import Field
from crossdock_twenty.sandbox.clock import stamp
from crossdock_twenty.sandbox.errors import data_validation, invalid_uuid
from crossdock_twenty.sandbox.inspection import bad_input, is_number, number, shown

Normaliser = Callable[[Field, Any, str], Any]

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_SHORT_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_FORMATS = {"DATE": ("date", "YYYY-MM-DD"), "DATE_TIME": ("date-time", "YYYY-MM-DDTHH:mm:ssZ")}


def check_text(value: str) -> str:
    """Refuse U+0000, which the database cannot hold (500)."""
    if "\x00" in value:
        raise data_validation()
    return value


def text(item: Field, value: Any, path: str) -> str | None:  # noqa: ARG001 - one signature for all
    """TEXT."""
    if not isinstance(value, str):
        raise bad_input(f'Invalid string value {shown(value)} for text field "{path}"')
    return check_text(value) or None


def numeric(item: Field, value: Any, path: str) -> int | float:  # noqa: ARG001
    """NUMBER; an `int` field takes fractions too (measured)."""
    if not is_number(value):
        raise bad_input(f'Invalid number value {shown(value)} for field "{path}"')
    return number(value)


def boolean(item: Field, value: Any, path: str) -> bool:  # noqa: ARG001
    """BOOLEAN."""
    if not isinstance(value, bool):
        raise bad_input(f'Invalid boolean value {shown(value)} for field "{path}"')
    return value


def moment(value: Any) -> datetime | None:
    """A point in time from ISO text or a US date; None if it is neither. No zone means UTC."""
    if not isinstance(value, str):
        return None
    american = _US_DATE.fullmatch(value.strip())
    try:
        if american:
            month, day, year = (int(part) for part in american.groups())
            found = datetime(year, month, day, tzinfo=UTC)
        else:
            found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def date_time(item: Field, value: Any, path: str) -> str:  # noqa: ARG001
    """DATE_TIME, stored as UTC with milliseconds."""
    found = moment(value)
    if found is None:
        raise _bad_moment(value, path, "DATE_TIME")
    return stamp(found)


def day(item: Field, value: Any, path: str) -> str:  # noqa: ARG001
    """DATE; a date-time in UTC is cut to its date, one with another offset refused (measured)."""
    short = _SHORT_DATE.fullmatch(value) if isinstance(value, str) else None
    found = moment("{}-{:0>2}-{:0>2}".format(*short.groups()) if short else value)
    if found is None or found.utcoffset():
        raise _bad_moment(value, path, "DATE")
    return date(found.year, found.month, found.day).isoformat()


def _bad_moment(value: Any, path: str, kind: str) -> Exception:
    name, expected = _FORMATS[kind]
    message = f"Invalid value {shown(value)} for {name} field \"{path}\". Expected format: '{expected}'"
    return bad_input(message)


def choice(item: Field, value: Any, path: str) -> str:
    """SELECT and RATING: the option's value."""
    if not isinstance(value, str):
        raise bad_input(f'Invalid string value {shown(value)} for text field "{path}"')
    return one_of(value, item.option_values(), path)


def one_of(value: str, allowed: list[str], path: str) -> str:
    """`value`, if it is allowed."""
    if value not in allowed:
        listed = ", ".join(allowed)
        raise bad_input(f'Invalid value "{value}" for field "{path}". Valid values are: {listed}')
    return value


def choices(item: Field, value: Any, path: str) -> list[str]:
    """MULTI_SELECT; a bare string becomes a list, repeated values stay."""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str) and part in item.option_values() for part in parts):
        raise bad_input(f'Invalid value {shown(value)} for multi select field "{path}"')
    return list(parts)


def texts(item: Field, value: Any, path: str) -> list[str]:  # noqa: ARG001
    """ARRAY of strings; a bare string becomes a list."""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str) for part in parts):
        raise bad_input(f'Invalid value {shown(value)} for field "{path} - Array values need to be string"')
    return [check_text(part) for part in parts]


def raw_json(item: Field, value: Any, path: str) -> Any:  # noqa: ARG001
    """RAW_JSON: an object, an array, or text that holds any JSON; empty ones become null (measured)."""
    found, known = value, isinstance(value, dict | list)
    if isinstance(value, str):
        try:
            found, known = orjson.loads(value), True
        except orjson.JSONDecodeError:
            known = False
    if not known:
        raise bad_input(f'Invalid object value {shown(value)} for field "{path}"')
    if value in ({}, []):
        return None
    check_text(orjson.dumps(found).decode().replace("\\u0000", "\x00"))
    return found


def uuid_value(item: Field, value: Any, path: str) -> str:  # noqa: ARG001
    """UUID fields and join columns, version 1 to 5; stored in lower case."""
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise bad_input(f'Invalid UUID value {shown(value)} for field "{path}"')
    return value.lower()


def record_id(value: Any) -> str:
    """A record id in the body or in a GraphQL argument."""
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise invalid_uuid(value)
    return value.lower()


def is_uuid(value: str) -> bool:
    """Whether a path segment is an id; any version will do here (assumed)."""
    try:
        return str(UUID(value)) == value.lower()
    except ValueError:
        return False


def position(item: Field, value: Any, path: str) -> int | float | str:  # noqa: ARG001
    """POSITION: a number, or `first` or `last`, which the writer resolves."""
    if value in ("first", "last"):
        return str(value)
    if not is_number(value):
        raise bad_input(f'Invalid position value {shown(value)} for field "{path}"')
    return number(value)


SIMPLE: Mapping[str, Normaliser] = {
    "TEXT": text,
    "NUMBER": numeric,
    "NUMERIC": numeric,
    "BOOLEAN": boolean,
    "DATE": day,
    "DATE_TIME": date_time,
    "SELECT": choice,
    "RATING": choice,
    "MULTI_SELECT": choices,
    "ARRAY": texts,
    "RAW_JSON": raw_json,
    "UUID": uuid_value,
    "RELATION": uuid_value,
    "MORPH_RELATION": uuid_value,
    "POSITION": position,
}
