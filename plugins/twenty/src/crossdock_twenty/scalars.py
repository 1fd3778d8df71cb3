"""Encoders of single values, of lists of them, of JSON and of files."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from crossdock.values import StoredFile
from crossdock_twenty.encoding import (
    DATE_AS_TIME,
    EMPTY_JSON,
    MAX_EXACT,
    NUMBER_ROUNDED,
    TIME_CUT,
    Context,
    Problem,
    clean_text,
    several,
)

MAX_FILE = 2**30  # bytes an upload may have


def encode_text(context: Context, value: Any) -> str:
    """Text -> text without NUL. Raises Problem."""
    return clean_text(context, value)


def encode_rich_text(context: Context, value: Any) -> dict[str, Any]:
    """Markdown -> markdown; the server makes the blocks. Raises Problem."""
    # With blocknote null the server makes the blocks from the markdown, on update too.
    return {"markdown": clean_text(context, value), "blocknote": None}


def encode_number(context: Context, value: Any) -> int | float:
    """int, float or Decimal -> a number that a double holds. Raises Problem."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Problem(f"wants a number, got {type(value).__name__}")
    number = Decimal(str(value))
    if not number.is_finite():
        raise Problem("is not a finite number")
    if abs(number) > MAX_EXACT:
        raise Problem(f"{value} is beyond 2^53, where the platform changes digits")
    if number == int(number):
        return int(number)
    if context.schema.settings.get("integer"):
        raise Problem(f"wants a whole number, got {value}")
    as_float = float(number)
    if Decimal(repr(as_float)) != number:
        context.note(NUMBER_ROUNDED)
    return as_float


def encode_boolean(_: Context, value: Any) -> bool:
    """bool -> bool. Raises Problem."""
    if not isinstance(value, bool):
        raise Problem(f"wants true or false, got {type(value).__name__}")
    return value


def encode_date(_: Context, value: Any) -> str:
    """date -> YYYY-MM-DD. Raises Problem."""
    if isinstance(value, datetime) or not isinstance(value, date):
        raise Problem(f"wants a date, got {type(value).__name__}")
    return value.isoformat()


def encode_date_time(context: Context, value: Any) -> str:
    """datetime with a zone, or date -> UTC with milliseconds. Raises Problem."""
    if isinstance(value, date) and not isinstance(value, datetime):
        context.note(DATE_AS_TIME)
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Problem("wants a time with a zone")
    try:
        utc = value.astimezone(UTC)
    except OverflowError:
        raise Problem(f"{value} is outside the years 1 to 9999") from None
    if utc.microsecond % 1000:
        context.note(TIME_CUT)
    return utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def encode_select(context: Context, value: Any) -> str:
    """The value of one of the options, as it is. Raises Problem."""
    if value not in [o.value for o in context.schema.options]:
        shown = ", ".join(o.value for o in context.schema.options[:12])
        raise Problem(f"{value!r} is not an option (options: {shown})")
    return str(value)


def encode_multi_select(context: Context, value: Any) -> list[str]:
    """Values of options -> a list of them. Raises Problem."""
    return [encode_select(context, item) for item in several(value)]


def encode_array(context: Context, value: Any) -> list[str]:
    """Texts -> a list of them. Raises Problem."""
    return [clean_text(context, item) for item in several(value)]


def encode_json(context: Context, value: Any) -> Any:
    """A JSON object or list, NUL removed from every text in it. Raises Problem."""
    if not isinstance(value, dict | list | tuple):
        raise Problem(f"wants a JSON object or list, got {type(value).__name__}")
    if not value:
        context.note(EMPTY_JSON)
    return _json_part(context, value)


def _json_part(context: Context, value: Any) -> Any:
    if isinstance(value, dict):
        return {clean_text(context, k): _json_part(context, v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_json_part(context, v) for v in value]
    if isinstance(value, str):
        return clean_text(context, value)
    if value is None or isinstance(value, bool):
        return value
    return encode_number(context, value)


def encode_uuid(_: Context, value: Any) -> str:
    """A UUID of version 1 to 5, in lower case. Raises Problem."""
    try:
        parsed = uuid.UUID(str(value))
    except ValueError:
        raise Problem(f"{value!r} is not a UUID") from None
    if parsed.version not in (1, 2, 3, 4, 5):
        raise Problem(f"{value} is a UUID of a version that the platform refuses (1 to 5 are taken)")
    return str(parsed)


def encode_files(_: Context, value: Any) -> tuple[StoredFile, ...]:
    """Stored files of 1 byte to 1 GiB, to be uploaded by the loader. Raises Problem."""
    files = several(value)
    for item in files:
        if not isinstance(item, StoredFile):
            raise Problem(f"wants a file, got {type(item).__name__}")
        if not 0 < item.size <= MAX_FILE:
            raise Problem(f"file {item.name!r} has {item.size} bytes; 1 byte to 1 GiB can be stored")
    return files
