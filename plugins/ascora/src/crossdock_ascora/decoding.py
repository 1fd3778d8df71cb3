"""One object of an answer -> one raw record, or one reject with every reason.

Values that occur: numbers as text, trailing blanks in names, "" for nothing, times with and without a zone
(captured and seen in production). What has another shape rejects the record, so that nothing is guessed.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.fieldtypes import FieldType as T
from crossdock.model import Rejected
from crossdock.values import Address, Money, Phone
from crossdock_ascora.rows import Named, RawRow
from crossdock_ascora.textrepair import REPAIRS
from crossdock_ascora.wire import IDS, RAW, Wire

Json = Mapping[str, Any]


class ShapeError(ValueError):
    """A value has a shape that its field is not known to have. The text names both."""

    def __init__(self, expected: str, value: Any) -> None:
        super().__init__(f"expected {expected}, got {shape(value)}")


def shape(value: Any) -> str:
    """The shape of a JSON value without its contents."""
    if isinstance(value, Mapping):
        return "object {" + ", ".join(sorted(map(str, value))) + "}"
    words = {type(None): "null", str: "text", bool: "yes/no", list: "list"}
    return words.get(type(value), type(value).__name__)


class Decoder:
    """Reads the objects of one tenant. `zone`: of times without one; `currency`: of amounts."""

    def __init__(self, zone: tzinfo, currency: str) -> None:
        self._zone = zone
        self._currency = currency
        self._readers: Mapping[T, Callable[[Any], Any]] = {
            T.MONEY: lambda v: Money(number(v), self._currency),
            T.DECIMAL: number,
            T.INTEGER: _whole,
            T.BOOLEAN: _boolean,
            T.DATETIME: self._moment,
            T.DATE: self._day,
            T.PHONE: lambda v: Phone(_text(v).strip()),
            T.EMAIL: lambda v: _text(v).strip(),
            T.TEXT: _text,
        }

    def row(self, name: str, item: Json, key: str = "") -> RawRow | Rejected:
        """The raw record of an object `name`; `key` if it has no id of its own."""
        key = key or str(item.get(IDS.get(name, "")) or "").strip()
        values: dict[str, Any] = {}
        reasons = [] if key else [f"{IDS.get(name, 'id')}: missing"]
        for wire in RAW[name]:
            try:
                values[wire.name] = self._value(wire, item)
            except ShapeError as error:
                reasons.append(f"{'/'.join(wire.paths)}: {error}")
        try:
            custom = custom_fields(item.get("customFields"))
        except ShapeError as error:
            custom = {}
            reasons.append(f"customFields: {error}")
        if reasons:
            return Rejected(name, key or "?", tuple(reasons))
        return RawRow(key, values, custom, item.get(REPAIRS) or {})

    def _value(self, wire: Wire, item: Json) -> Any:
        if wire.parts:
            parts = {part: _text(item.get(path) or "").strip() for part, path in wire.parts.items()}
            return Address(**parts) if any(parts.values()) else None
        value = item.get(wire.path) if wire.path else None
        if wire.link:
            return _link(value)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        read = self._readers[wire.type](value)
        return (read.strip(),) if wire.multiple else read

    def _moment(self, value: Any) -> datetime:
        try:
            found = datetime.fromisoformat(_text(value).strip())
        except ValueError:
            raise ShapeError("a time", value) from None
        return found if found.tzinfo else found.replace(tzinfo=self._zone)

    def _day(self, value: Any) -> date:
        return self._moment(value).astimezone(self._zone).date()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ShapeError("text", value)


def number(value: Any) -> Decimal:
    """A number with all its digits, also one that is written as text. Raises ShapeError."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ShapeError("a number", value)
    try:
        found = Decimal(value if isinstance(value, int) else value.strip())
    except InvalidOperation:
        raise ShapeError("a number", value) from None
    if not found.is_finite():
        raise ShapeError("a number", value)
    return found


def _whole(value: Any) -> int:
    found = number(value)
    if found != found.to_integral_value():
        raise ShapeError("a whole number", value)
    return int(found)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in ("true", "false"):
        raise ShapeError("yes or no", value)
    return word == "true"


def _link(value: Any) -> Named | None:
    """`{id, name}`, or an id or a number alone."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return Named(value.strip()) if value.strip() else None
    if not isinstance(value, Mapping):
        raise ShapeError("{id, name}", value)
    key, name = str(value.get("id") or "").strip(), str(value.get("name") or "").strip()
    return Named(key, name) if key or name else None


def custom_fields(value: Any) -> dict[str, str]:
    """Custom fields by name, as written. A name that comes twice keeps both values. Raises ShapeError."""
    if value is None:
        return {}
    if not isinstance(value, list):
        raise ShapeError("a list of custom fields", value)
    found: dict[str, dict[str, None]] = {}
    for entry in value:
        if not isinstance(entry, Mapping) or not str(entry.get("fieldName") or "").strip():
            raise ShapeError("{fieldName, fieldValue}", entry)
        name, text = str(entry["fieldName"]).strip(), entry.get("fieldValue")
        if text is None or (isinstance(text, str) and not text.strip()):
            continue
        found.setdefault(name, {})[_text(text) if not isinstance(text, bool) else str(text)] = None
    return {name: "; ".join(texts) for name, texts in found.items()}
