"""The second reading of a record, for reconcile: the platform's own objects -> canonical values.

Written apart from `fieldtypes` and sharing nothing with it, so that a fault in one of the two shows up
as a difference. It does not judge shapes: what it cannot read it hands on as it is, and that differs.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any

from crossdock.values import Link, Money, PersonName, Phone, Reference

Json = Mapping[str, Any]

_STAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(?:(Z)|([+-])(\d\d):?(\d\d))?"
)
_NOTHING: tuple[Any, ...] = (None, [], {})
_NIL = "00000000-0000-0000-0000-000000000000"


class Verifier:
    """Reads the records of one application again.

    `definitions`: the platform's field objects; `statuses`: (number, code, name) each; `zone`: for times
    without one.
    """

    def __init__(
        self,
        object_name: str,
        definitions: Sequence[Json],
        statuses: Sequence[tuple[int, str, str]],
        zone: tzinfo,
    ) -> None:
        self._object_name = object_name
        self._definitions = definitions
        self._status_codes = {number: code for number, code, _ in statuses}
        self._zone = zone

    def readable(self, item: Json) -> dict[str, Any] | None:
        """As `values`; None for an item with a value of a shape that nobody knows."""
        try:
            return self.values(item)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return None

    def values(self, item: Json) -> dict[str, Any]:
        """The canonical values of one record, by field code."""
        return {d["code"]: self._field(item, d) for d in self._definitions}

    def _field(self, item: Json, definition: Json) -> Any:
        raw = item.get(definition.get("wire_key") or definition["code"])
        if raw is None:
            return None
        read = self._reader(item, definition)
        if definition["type"] in _WHOLE or not (_many(definition) or definition["type"] in _LISTED):
            return read(raw)
        elements = [e for e in (raw if isinstance(raw, list) else [raw]) if e not in _NOTHING]
        found = [v for v in map(read, elements) if v is not None]
        if _many(definition):
            return tuple(found) if found else None
        return found[0] if len(found) == 1 else (tuple(found) or None)

    def _reader(self, item: Json, definition: Json) -> Callable[[Any], Any]:
        kind = ((definition.get("view") or {}).get("data") or {}).get("additionalType") or ""
        data = definition.get("data") or {}
        match definition["type"]:
            case "SYS_USER":
                return lambda v: _pointer("_system.users", v)
            case "SYS_COLLECTION":
                return lambda v: _pointer(f"{data.get('namespace')}.{data.get('code')}", v)
            case "FILE" | "IMAGE":
                tail = f"@{self._object_name}/{item['__id']}/{definition['code']}"
                return lambda v: Reference("_system.files", _plain_id(v) + tail) if _plain_id(v) else None
            case "STATUS":
                return lambda v: self._status_codes.get(v.get("status"))
            case "FLOAT" | "INTEGER" | "VERSION":
                whole = kind == "integer" or definition["type"] != "FLOAT"
                return lambda v: int(v) if whole else Decimal(str(v))
            case "DATETIME":
                return lambda v: read_time(v, kind, self._zone)
            case other:
                return _READERS.get(other, lambda v: v)


def _many(definition: Json) -> bool:
    listed = definition["type"] in {"PHONE", "EMAIL", "REF_ITEM"}
    return definition.get("array") is True and (listed or definition.get("single") is not True)


def _plain_id(value: Any) -> str:
    found = str((value.get("id") or value.get("__id") or "") if isinstance(value, Mapping) else value)
    return "" if found == _NIL else found


def _pointer(object_name: str, value: Any) -> Any:
    return None if value in ("", _NIL) else Reference(object_name, value)


def read_time(text: str, kind: str, zone: tzinfo) -> Any:
    """A wire time as date, text of a time of day, or a time with zone; unreadable text as it is."""
    found = _STAMP.fullmatch(text)
    if kind == "time":
        clock = re.search(r"(\d\d):(\d\d)(?::(\d\d))?(\.\d{1,6})?", text)
        if not clock:
            return text
        fraction = (clock[4] or "").ljust(7, "0") if clock[4] and clock[4].strip(".0") else ""
        return f"{clock[1]}:{clock[2]}:{clock[3] or '00'}{fraction}"
    if not found:
        return text
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    hour, minute, second = (int(part or 0) for part in (found[4], found[5], found[6]))
    micro = int((found[7] or "0")[:6].ljust(6, "0"))
    if kind == "date" and (hour, minute, second, micro) == (0, 0, 0, 0):
        return date(year, month, day)
    offset: tzinfo = UTC if found[8] else zone
    if found[9]:
        minutes = int(found[10]) * 60 + int(found[11])
        offset = timezone(timedelta(minutes=minutes if found[9] == "+" else -minutes))
    stamp = datetime(year, month, day, hour, minute, second, micro, tzinfo=offset)
    return stamp.astimezone(zone).date() if kind == "date" else stamp


def _read_money(value: Json) -> Money | None:
    if value.get("cents") is None:
        return None
    return Money(Decimal(value["cents"]) / 100, value.get("currency") or "")


def _read_phone(value: Json) -> Phone | None:
    phone = Phone(value.get("tel") or "", value.get("ext") or "", value.get("type") or "")
    return phone if phone.number or phone.extension else None


def _read_name(value: Json) -> PersonName | None:
    words = {part: value.get(f"{part}name") or "" for part in ("first", "last", "middle")}
    return PersonName(**words) if any(words.values()) else None


def _read_item(value: Json) -> Reference | None:
    named = f"{value.get('namespace')}.{value.get('code')}"
    return Reference(named, value["id"]) if value.get("id") not in ("", _NIL) else None


# Types whose value comes in a list even when it is one, and types that are kept whole.
_LISTED = frozenset({"ENUM", "PHONE", "EMAIL", "FILE", "IMAGE", "SYS_USER", "SYS_COLLECTION", "REF_ITEM"})
_WHOLE = frozenset({"TABLE", "JSON", "ROLE", "ACCOUNT", "TAG", "SYS_OSNODE"})

_READERS: Mapping[str, Callable[[Any], Any]] = {
    "DURATION": lambda v: timedelta(seconds=v),
    "ENUM": lambda v: v.get("code") or None,
    "MONEY": _read_money,
    "PHONE": _read_phone,
    "EMAIL": lambda v: (v if isinstance(v, str) else v.get("email")) or None,
    "FULL_NAME": _read_name,
    "LINK": lambda v: Link(v) if v else None,
    "REF_ITEM": _read_item,
}
