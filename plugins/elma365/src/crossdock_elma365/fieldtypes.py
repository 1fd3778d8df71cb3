"""ELMA365 values on the wire -> canonical values, one table row a wire type.

Wire types are documented (Web API, value formats); shapes marked "assumed" were never seen in an
answer. A value whose shape is not known raises ShapeError: the record is then rejected with the
name of the field and the shape, so that nothing is dropped or guessed.

Rules that change a value: a time keeps microseconds (the platform may send nine digits); a time of
day becomes text `HH:MM:SS`, as there is no canonical type for it; the kind (work, home) of an e-mail
address and the board position (`order`) of a status are not kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.values import Link, Money, PersonName, Phone, Reference

FILES = "_system.files"
USERS = "_system.users"
NIL = "00000000-0000-0000-0000-000000000000"


class ShapeError(ValueError):
    """A wire value has a shape that this type is not known to have. The text names both."""

    def __init__(self, expected: str, value: Any) -> None:
        super().__init__(f"expected {expected}, got {shape(value)}")


@dataclass(frozen=True, slots=True)
class WireField:
    """One field as the platform defines it.

    `code` names it in records, `wire_key` in answers (they differ only for users and tasks);
    `kind` is the platform's additionalType; `target` is "namespace.code" of a link;
    `options` are (code, name) pairs; `columns` are the columns of a table.
    """

    code: str
    type: str
    wire_key: str
    multiple: bool = False
    kind: str = ""
    target: str = ""
    label: str = ""
    required: bool = False
    system: bool = False
    options: tuple[tuple[str, str], ...] = ()
    columns: tuple["WireField", ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What a decoder may need besides the value: whose field it is, status codes, the zone to assume."""

    owner: Reference
    statuses: Mapping[int, str]
    zone: tzinfo = UTC


Decoder = Callable[[Any, WireField, Context], Any]


def shape(value: Any) -> str:
    """The shape of a JSON value without its contents: `list of str`, `object {tel, type}`."""
    if isinstance(value, Mapping):
        return "object {" + ", ".join(sorted(map(str, value))) + "}"
    if isinstance(value, list):
        return "list of " + " and ".join(sorted({type(v).__name__ for v in value})) if value else "empty list"
    return {type(None): "null", str: "text", bool: "yes/no"}.get(type(value), type(value).__name__)


def canonical_type(wire: WireField) -> FieldType:
    """The canonical type of a wire field; JSON for types that nobody has described."""
    row = TABLE.get(wire.type)
    if row is None:
        return FieldType.JSON
    return row[1].get(wire.kind, row[0])


def decode(value: Any, wire: WireField, context: Context) -> Any:
    """The canonical value of `value`; empty lists and null become None. Raises ShapeError."""
    row = TABLE.get(wire.type)
    if row is None or value is None:
        return value
    one = row[2]
    if not wire.multiple:
        single = _only(value) if row[3] else value
        return None if single is None else one(single, wire, context)
    items = value if isinstance(value, list) else [value]
    found = (one(item, wire, context) for item in items if item is not None)
    return tuple(v for v in found if v is not None) or None


def _only(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    if len(value) > 1:
        raise ShapeError("one value", value)
    return value[0] if value else None


def moment(text: str, zone: tzinfo) -> datetime:
    """RFC 3339 text (up to nine digits of a second) as a time with a zone. Raises ShapeError."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise ShapeError("a time in RFC 3339", text) from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _text(value: Any, _wire: WireField, _context: Context) -> str:
    if not isinstance(value, str):
        raise ShapeError("text", value)
    return value


def _number(value: Any, wire: WireField, _context: Context) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ShapeError("a number", value)
    exact = Decimal(repr(value))
    if not exact.is_finite():
        raise ShapeError("a finite number", value)
    if canonical_type(wire) is FieldType.DECIMAL:
        return exact
    if exact != exact.to_integral_value():
        raise ShapeError("a whole number", value)
    return int(exact)


def _boolean(value: Any, _wire: WireField, _context: Context) -> bool:
    if not isinstance(value, bool):
        raise ShapeError("yes/no", value)
    return value


def _datetime(value: Any, wire: WireField, context: Context) -> date | datetime | str:
    if not isinstance(value, str):
        raise ShapeError("a time in RFC 3339", value)
    if wire.kind == "time":
        return _time_of_day(value)
    found = moment(value, context.zone)
    if wire.kind != "date":
        return found
    return _calendar_day(found, context.zone)


def _calendar_day(found: datetime, zone: tzinfo) -> date:
    """A date comes as midnight UTC; anything else is a moment, and its date is the one in `zone`."""
    if found.timetz().replace(tzinfo=None) == time(0):
        return found.date()
    return found.astimezone(zone).date()


def _time_of_day(text: str) -> str:
    try:
        return time.fromisoformat(text.partition("T")[2] or text).replace(tzinfo=None).isoformat()
    except ValueError:
        raise ShapeError("a time of day", text) from None


def _duration(value: Any, _wire: WireField, _context: Context) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ShapeError("seconds", value)
    return timedelta(seconds=value)


def _parts(value: Any, needed: str, known: set[str]) -> Mapping[str, Any]:
    """The parts of an object; a part that nobody described and that holds something is refused."""
    if not isinstance(value, Mapping) or needed not in value:
        raise ShapeError(f"an object with {needed!r}", value)
    unknown = sorted(str(k) for k, v in value.items() if k not in known and v not in (None, "", [], {}))
    if unknown:
        raise ShapeError("only " + ", ".join(sorted(known)), value)
    return value


def _words(parts: Mapping[str, Any], *names: str) -> list[str]:
    found = [parts.get(name) or "" for name in names]
    if not all(isinstance(word, str) for word in found):
        raise ShapeError("text in " + ", ".join(names), parts)
    return found


def _select(value: Any, _wire: WireField, _context: Context) -> str | None:
    parts = _parts(value, "code", {"code", "name", "checked"})
    return _words(parts, "code")[0] or None


def _money(value: Any, _wire: WireField, _context: Context) -> Money | None:
    """`cents` are hundredths of any currency (documented for RUB; assumed for others)."""
    parts = _parts(value, "cents", {"cents", "currency"})
    cents = parts["cents"]
    if cents is None:
        return None
    if isinstance(cents, bool) or not isinstance(cents, int):
        raise ShapeError("whole cents", cents)
    digits = tuple(int(d) for d in str(abs(cents)))
    return Money(Decimal((int(cents < 0), digits, -2)), _words(parts, "currency")[0])


def _phone(value: Any, _wire: WireField, _context: Context) -> Phone | None:
    number, extension, kind = _words(_parts(value, "tel", {"tel", "ext", "type"}), "tel", "ext", "type")
    return Phone(number, extension, kind) if number or extension else None


def _email(value: Any, _wire: WireField, _context: Context) -> str | None:
    if isinstance(value, str):
        return value or None
    return _words(_parts(value, "email", {"email", "type"}), "email")[0] or None


def _person_name(value: Any, _wire: WireField, _context: Context) -> PersonName | None:
    known = ("firstname", "lastname", "middlename")
    if not isinstance(value, Mapping) or not set(value) & set(known):
        raise ShapeError("an object with lastname, firstname, middlename", value)
    first, last, middle = _words(_parts(value, next(k for k in known if k in value), set(known)), *known)
    return PersonName(first, last, middle) if first or last or middle else None


def _link(value: Any, wire: WireField, context: Context) -> Link | None:
    text = _text(value, wire, context)
    return Link(text) if text else None


def _identifier(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ShapeError("an id", value)
    return None if value in (None, "", NIL) else value


def _user(value: Any, _wire: WireField, _context: Context) -> Reference | None:
    key = _identifier(value)
    return Reference(USERS, key) if key else None


def _linked_item(value: Any, wire: WireField, _context: Context) -> Reference | None:
    key = _identifier(value)
    return Reference(wire.target, key) if key else None


def _any_item(value: Any, _wire: WireField, _context: Context) -> Reference | None:
    namespace, code, key = _words(_parts(value, "id", {"namespace", "code", "id"}), "namespace", "code", "id")
    if key in ("", NIL):
        return None
    if not namespace or not code:
        raise ShapeError("an object with namespace, code, id", value)
    return Reference(f"{namespace}.{code}", key)


def file_id(value: Any) -> str | None:
    """The id in a file value: a plain id, or an object with `id` or `__id`. Raises ShapeError."""
    if isinstance(value, Mapping):
        value = value.get("id", value.get("__id", value))
    return _identifier(value)


def file_key(identifier: str, owner: Reference, field_code: str) -> str:
    """The key of a `_system.files` record: one file in one field of one record."""
    return f"{identifier}@{owner.object_name}/{owner.key}/{field_code}"


def _file(value: Any, wire: WireField, context: Context) -> Reference | None:
    identifier = file_id(value)
    return Reference(FILES, file_key(identifier, context.owner, wire.code)) if identifier else None


def _status(value: Any, _wire: WireField, context: Context) -> str | None:
    number = _parts(value, "status", {"order", "status"})["status"]
    if number is None or (number == 0 and not context.statuses):  # statuses are switched off (assumed)
        return None
    if isinstance(number, bool) or not isinstance(number, int):
        raise ShapeError("a status number", value)
    if number not in context.statuses:
        raise ShapeError("a status of " + (", ".join(map(str, context.statuses)) or "an empty list"), number)
    return context.statuses[number]


def _table(value: Any, _wire: WireField, _context: Context) -> Any:
    if not isinstance(value, Mapping):
        raise ShapeError("an object with rows", value)
    return value


def _as_is(value: Any, _wire: WireField, _context: Context) -> Any:
    return value


Row = tuple[FieldType, Mapping[str, FieldType], Decoder, bool]
_TEXTS = {"html": FieldType.HTML, "markdown": FieldType.MARKDOWN}
_TIMES = {"date": FieldType.DATE, "time": FieldType.TEXT}

# wire type: canonical type, other types by additionalType, decoder of one value, may one value come in a list
TABLE: Mapping[str, Row] = {
    "STRING": (FieldType.TEXT, _TEXTS, _text, False),
    "FLOAT": (FieldType.DECIMAL, {"integer": FieldType.INTEGER}, _number, False),
    "INTEGER": (FieldType.INTEGER, {}, _number, False),
    "VERSION": (FieldType.INTEGER, {}, _number, False),
    "BOOLEAN": (FieldType.BOOLEAN, {}, _boolean, False),
    "DATETIME": (FieldType.DATETIME, _TIMES, _datetime, False),
    "DURATION": (FieldType.DURATION, {}, _duration, False),
    "ENUM": (FieldType.SELECT, {}, _select, True),
    "CODE": (FieldType.SELECT, {}, _text, False),  # not the platform's word: a choice sent as bare text
    "MONEY": (FieldType.MONEY, {}, _money, False),
    "PHONE": (FieldType.PHONE, {}, _phone, True),
    "EMAIL": (FieldType.EMAIL, {}, _email, True),
    "FULL_NAME": (FieldType.PERSON_NAME, {}, _person_name, False),
    "LINK": (FieldType.LINK, {}, _link, False),
    "FILE": (FieldType.REFERENCE, {}, _file, True),
    "IMAGE": (FieldType.REFERENCE, {}, _file, True),
    "SYS_USER": (FieldType.REFERENCE, {}, _user, True),
    "SYS_COLLECTION": (FieldType.REFERENCE, {}, _linked_item, True),
    "REF_ITEM": (FieldType.REFERENCE, {}, _any_item, True),
    "STATUS": (FieldType.SELECT, {}, _status, False),
    "CATEGORY": (FieldType.UUID, {}, _text, False),
    "TABLE": (FieldType.JSON, {}, _table, False),
    "JSON": (FieldType.JSON, {}, _as_is, False),
}

# Types that are kept whole; so are all that TABLE does not name (ROLE, ACCOUNT, TAG, SYS_OSNODE, new ones).
WHOLE = frozenset({"TABLE", "JSON"})
