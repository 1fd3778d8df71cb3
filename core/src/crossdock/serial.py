"""Canonical values as JSON and back, exactly, and the hash of a record's values.

Text, whole numbers, fractions, booleans and nothing are written as they are. Everything else is a
tag: `{"$money": ["12.50", "RUB"]}`. An array is a tuple (a field with several values); JSON-like
values of the source, lists and dicts, are kept whole under `$json`.

A lone surrogate has no UTF-8 form, so no store could keep it: `dumps` raises RecordError, the
record is rejected with that reason. NUL and every other code point survive.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from crossdock.errors import ContractError, RecordError
from crossdock.values import (
    Address,
    Author,
    Link,
    Money,
    PersonName,
    Phone,
    Reference,
    StoredFile,
)

_INT64, _UINT64 = -(2**63), 2**64
_AS_IS = frozenset({str, bool, type(None)})
_CANONICAL_AS_IS = frozenset({int, float, date, Phone, Link, PersonName, Address, Reference})

Pack = Callable[[Any], Any]


def dump_value(value: Any) -> Any:
    """The JSON form of one canonical value. Raises ContractError for a type that is not canonical."""
    kind = type(value)
    if kind in _AS_IS:
        return value
    pack = _PACKERS.get(kind) or _packer_of_subclass(value)
    return pack(value)


def load_value(value: Any) -> Any:
    """The canonical value of a JSON form that `dump_value` gave."""
    if type(value) is list:
        return tuple([load_value(element) for element in value])
    if type(value) is dict:
        tag, content = next(iter(value.items()))
        return _UNPACKERS[tag](content)
    return value


def dumps(values: Mapping[str, Any], key: str = "") -> bytes:
    """A record's values as JSON. Raises RecordError (for record `key`) if a text has no UTF-8 form."""
    plain = {name: v if type(v) in _AS_IS else dump_value(v) for name, v in values.items()}
    return _write(plain, values, key, 0)


def loads(data: bytes | str) -> dict[str, Any]:
    """A record's values from what `dumps` gave."""
    values: dict[str, Any] = orjson.loads(data)
    for name, value in values.items():
        if type(value) is dict or type(value) is list:
            values[name] = load_value(value)
    return values


def content_hash(values: Mapping[str, Any], key: str = "") -> str:
    """BLAKE2b (128 bits, hex) of the values, independent of their order.

    Equal contents hash alike: 12.50 and 12.5, the same instant in another zone, nothing and missing.
    """
    plain = {
        name: v if type(v) in _AS_IS else dump_value(_canonical(v))
        for name, v in values.items()
        if v is not None
    }
    data = _write(plain, values, key, orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _write(plain: Any, values: Mapping[str, Any], key: str, option: int) -> bytes:
    try:
        return orjson.dumps(plain, option=option)
    except TypeError as error:
        bad = [name for name in values if not _writable(name, plain[name])]
        reasons = [
            f"field {name!r} holds text with a lone surrogate or a key that is no text" for name in bad
        ]
        raise RecordError(
            key, reasons or [str(error)], hint="Correct the text at the source and extract it again."
        ) from error


def _writable(name: str, plain: Any) -> bool:
    try:
        orjson.dumps({name: plain})
    except TypeError:
        return False
    return True


def _canonical(value: Any) -> Any:
    if type(value) in _CANONICAL_AS_IS:
        return value
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, datetime):
        return plain_instant(value)
    if isinstance(value, tuple):
        return tuple(_canonical(element) for element in value)
    if isinstance(value, Money):
        return Money(plain_decimal(value.amount), value.currency)
    return value


def plain_decimal(value: Decimal) -> Decimal:
    """The same number without trailing zeros, exactly: no digit is rounded away."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return value
    if digits[-1]:
        return value
    if not value:
        return Decimal(0)
    kept = len(digits)
    while kept > 1 and digits[kept - 1] == 0:
        kept -= 1
    return Decimal((sign, digits[:kept], exponent + len(digits) - kept))


def plain_instant(value: datetime) -> datetime:
    """The same instant in UTC; a time without a zone, or at the edge of the calendar, as it is."""
    if value.tzinfo is None:
        return value
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return value


# --- one packer a type ------------------------------------------------------------------------


def _pack_int(value: int) -> Any:
    return int(value) if _INT64 <= value < _UINT64 else {"$int": str(value)}


def _pack_float(value: float) -> Any:
    return float(value) if math.isfinite(value) else {"$float": str(value)}


def _pack_datetime(value: datetime) -> Any:
    zone = value.tzinfo
    if isinstance(zone, ZoneInfo) and zone.key:
        return {"$datetime": [value.isoformat(), zone.key]}
    return {"$datetime": [value.isoformat()]}


def _unpack_datetime(content: list[str]) -> datetime:
    value = datetime.fromisoformat(content[0])
    if len(content) == 1:
        return value
    zoned = value.replace(tzinfo=ZoneInfo(content[1]))
    return zoned if zoned.utcoffset() == value.utcoffset() else zoned.replace(fold=1)


def _pack_json(value: Any) -> Any:
    """Inside a JSON-like value arrays are lists and objects are dicts; all else is a tag."""
    if isinstance(value, list):
        return [_pack_json(element) for element in value]
    if isinstance(value, Mapping):
        packed = {name: _pack_json(element) for name, element in value.items()}
        tagged = any(isinstance(name, str) and name.startswith("$") for name in packed)
        return {"$map": packed} if tagged else packed
    if isinstance(value, tuple):
        return {"$tuple": [_pack_json(element) for element in value]}
    return dump_value(value)


def _unpack_json(content: Any) -> Any:
    if isinstance(content, list):
        return [_unpack_json(element) for element in content]
    if not isinstance(content, dict):
        return content
    if len(content) == 1:
        tag, inner = next(iter(content.items()))
        if tag == "$tuple":
            return tuple(_unpack_json(element) for element in inner)
        if tag == "$map":
            return {name: _unpack_json(element) for name, element in inner.items()}
        if tag.startswith("$"):
            return load_value(content)
    return {name: _unpack_json(element) for name, element in content.items()}


def _parts(*names: str) -> Callable[[Any], list[Any]]:
    parts_of = attrgetter(*names)
    return lambda value: list(parts_of(value))


_TAGGED: dict[str, tuple[type, Pack, Pack]] = {
    "$decimal": (Decimal, str, Decimal),
    "$date": (date, date.isoformat, date.fromisoformat),
    "$duration": (timedelta, _parts("days", "seconds", "microseconds"), lambda c: timedelta(*c)),
    "$money": (
        Money,
        lambda m: [str(m.amount), m.currency],
        lambda c: Money(Decimal(c[0]), c[1]),
    ),
    "$phone": (Phone, _parts("number", "extension", "kind"), lambda c: Phone(*c)),
    "$link": (Link, _parts("url", "label"), lambda c: Link(*c)),
    "$person": (PersonName, _parts("first", "last", "middle"), lambda c: PersonName(*c)),
    "$address": (
        Address,
        _parts("street1", "street2", "city", "state", "postcode", "country"),
        lambda c: Address(*c),
    ),
    "$author": (Author, _parts("name", "target_id"), lambda c: Author(*c)),
    "$reference": (Reference, _parts("object_name", "key"), lambda c: Reference(*c)),
    "$file": (
        StoredFile,
        _parts("name", "size", "sha256", "media_type", "folder"),
        lambda c: StoredFile(*c),
    ),
}


def _tagger(tag: str, pack: Pack) -> Pack:
    return lambda value: {tag: pack(value)}


_PACKERS: dict[type, Pack] = {kind: _tagger(tag, pack) for tag, (kind, pack, _) in _TAGGED.items()} | {
    int: _pack_int,
    float: _pack_float,
    datetime: _pack_datetime,
    tuple: lambda value: [dump_value(element) for element in value],
    list: lambda value: {"$json": _pack_json(value)},
    dict: lambda value: {"$json": _pack_json(value)},
}

_UNPACKERS: dict[str, Pack] = {tag: unpack for tag, (_, _, unpack) in _TAGGED.items()} | {
    "$int": int,
    "$float": float,
    "$datetime": _unpack_datetime,
    "$json": _unpack_json,
}


def _packer_of_subclass(value: Any) -> Pack:
    """Enum members and other subclasses of str and int are written as what they are made of."""
    if isinstance(value, str):
        return str.__str__
    for kind in (int, float, datetime, Decimal):
        if isinstance(value, kind):
            return _PACKERS[kind]
    if isinstance(value, Mapping):
        return _PACKERS[dict]
    raise ContractError(
        f"a record holds a value of type {type(value).__name__}, which is not a canonical value.",
        hint="The plugin has to decode it; crossdock.values lists what a record may hold.",
    )
