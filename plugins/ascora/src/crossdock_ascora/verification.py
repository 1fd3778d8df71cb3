"""The second reading of an answer, for reconcile: the platform's own objects -> raw records.

Written apart from `decoding` and sharing nothing with it but the table of fields, so that a fault in one
of the two shows up as a difference. It does not judge shapes: what it cannot read is left out.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any

from crossdock.fieldtypes import FieldType as T
from crossdock.values import Address, Money, Phone
from crossdock_ascora.rows import Named, RawRow
from crossdock_ascora.textrepair import REPAIRS
from crossdock_ascora.wire import IDS, RAW, Wire

Json = Mapping[str, Any]

_STAMP = re.compile(
    r"\s*(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?\s*"
    r"(?:(Z)|([+-])(\d\d):?(\d\d))?\s*"
)


class Verifier:
    """Reads the objects of one tenant again."""

    def __init__(self, zone: tzinfo, currency: str) -> None:
        self._zone = zone
        self._currency = currency

    def row(self, name: str, item: Json, key: str = "") -> RawRow | None:
        """The raw record, None for an object that cannot be read."""
        try:
            values = {wire.name: self._value(wire, item) for wire in RAW[name]}
            custom = _custom(item.get("customFields") or [])
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return None
        own = key or f"{item.get(IDS.get(name, '')) or ''}".strip()
        return RawRow(own, values, custom, item.get(REPAIRS) or {}) if own else None

    def _value(self, wire: Wire, item: Json) -> Any:
        if wire.parts:
            given = [(part, f"{item.get(path) or ''}".strip()) for part, path in wire.parts.items()]
            return Address(**dict(given)) if any(text for _, text in given) else None
        raw = item.get(wire.path) if wire.path else None
        if wire.link:
            return _pointer(raw)
        if raw is None or f"{raw}".strip() == "":
            return None
        text = f"{raw}"
        match wire.type:
            case T.MONEY:
                return Money(Decimal(text.strip()), self._currency)
            case T.DECIMAL:
                return Decimal(text.strip())
            case T.INTEGER:
                return int(Decimal(text.strip()))
            case T.BOOLEAN:
                return text.strip().lower() == "true"
            case T.DATETIME | T.DATE:
                return read_time(text, wire.type is T.DATE, self._zone)
            case T.PHONE:
                return Phone(text.strip())
            case T.EMAIL:
                return text.strip()
        return (text.strip(),) if wire.multiple else text


def _pointer(raw: Any) -> Named | None:
    if isinstance(raw, Mapping):
        parts = [f"{raw.get(word) or ''}".strip() for word in ("id", "name")]
        return Named(*parts) if any(parts) else None
    text = f"{raw}".strip() if raw is not None else ""
    return Named(text) if text else None


def _custom(entries: Any) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for entry in entries:
        name, value = entry["fieldName"].strip(), entry.get("fieldValue")
        text = "" if value is None else f"{value}"
        if text.strip() and text not in found.setdefault(name, []):
            found[name].append(text)
    return {name: "; ".join(texts) for name, texts in found.items() if texts}


def read_time(text: str, day: bool, zone: tzinfo) -> datetime | date:
    """A time of an answer, or its day in the tenant's zone. Raises ValueError for text that is none."""
    found = _STAMP.fullmatch(text)
    if found is None:
        raise ValueError("no time")
    year, month, day_, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    micro = int((found[7] or "0")[:6].ljust(6, "0"))
    offset: tzinfo = UTC if found[8] else zone
    if found[9]:
        minutes = int(found[10]) * 60 + int(found[11])
        offset = timezone(timedelta(minutes=minutes if found[9] == "+" else -minutes))
    stamp = datetime(year, month, day_, hour, minute, second, micro, tzinfo=offset)
    return stamp.astimezone(zone).date() if day else stamp
