"""Schemas: the default infer_schema (profiling), the difference of two, and a fingerprint."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson

from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, ObjectSchema, Provenance, Record
from crossdock.values import Address, Author, Link, Money, PersonName, Phone, Reference, StoredFile

_TYPES: Final[Mapping[type, FieldType]] = {
    str: FieldType.TEXT,
    int: FieldType.INTEGER,
    Decimal: FieldType.DECIMAL,
    float: FieldType.DECIMAL,
    bool: FieldType.BOOLEAN,
    date: FieldType.DATE,
    datetime: FieldType.DATETIME,
    timedelta: FieldType.DURATION,
    dict: FieldType.JSON,
    list: FieldType.JSON,
    UUID: FieldType.UUID,
    Money: FieldType.MONEY,
    Phone: FieldType.PHONE,
    Link: FieldType.LINK,
    PersonName: FieldType.PERSON_NAME,
    Address: FieldType.ADDRESS,
    Author: FieldType.AUTHOR,
    Reference: FieldType.REFERENCE,
    StoredFile: FieldType.FILE,
}
# A field with both kinds of value takes the wider one.
_WIDER: Final = (
    ({FieldType.INTEGER, FieldType.DECIMAL}, FieldType.DECIMAL),
    ({FieldType.DATE, FieldType.DATETIME}, FieldType.DATETIME),
)
# What a person would notice on a form; counts, ids and the plugin's own settings are not part of it.
_COMPARED: Final = (
    "type",
    "label",
    "required",
    "unique",
    "read_only",
    "multiple",
    "options",
    "references",
    "max_length",
    "default",
)


def infer(object_name: str, sample: Sequence[Record]) -> ObjectSchema:
    """Type an object's fields from sample values alone; every field is marked PROFILED.

    A field without any value, or with values of kinds that do not go together, is UNKNOWN.
    """
    values: dict[str, list[Any]] = {}
    for record in sample:
        for name, value in record.values.items():
            values.setdefault(name, []).append(value)
    return ObjectSchema(object_name, tuple(_profile(name, seen) for name, seen in values.items()))


def _profile(name: str, seen: Sequence[Any]) -> FieldSchema:
    multiple = any(isinstance(value, tuple) for value in seen)
    single = [part for value in seen for part in (value if isinstance(value, tuple) else (value,))]
    given = [value for value in single if value is not None]
    kinds = {_TYPES.get(type(value), FieldType.UNKNOWN) for value in given}
    references = sorted({value.object_name for value in given if isinstance(value, Reference)})
    return FieldSchema(
        name,
        _one_type(kinds),
        multiple=multiple,
        references=tuple(references),
        provenance=Provenance.PROFILED,
    )


def _one_type(kinds: set[FieldType]) -> FieldType:
    if len(kinds) == 1:
        return next(iter(kinds))
    return next((wide for parts, wide in _WIDER if kinds == parts), FieldType.UNKNOWN)


@dataclass(frozen=True, slots=True)
class SchemaDifference:
    """One difference. `attribute` "" means the whole field came (`old` None) or went (`new` None)."""

    object_name: str
    field_name: str
    attribute: str = ""
    old: Any = None
    new: Any = None

    def __str__(self) -> str:
        place = f"{self.object_name}.{self.field_name}" if self.field_name else self.object_name
        if not self.attribute:
            return f"{place} {'was added' if self.old is None else 'is gone'}"
        return f"{place}: {self.attribute} was {self.old!r}, is {self.new!r}"


def difference(old: ObjectSchema, new: ObjectSchema) -> tuple[SchemaDifference, ...]:
    """What changed from `old` to `new`, by field name; empty if nothing that matters did."""
    before, after = ({f.name: f for f in schema.fields} for schema in (old, new))
    found: list[SchemaDifference] = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            found.append(SchemaDifference(new.name, name, old=was, new=now))
            continue
        pairs = ((a, getattr(was, a), getattr(now, a)) for a in _COMPARED)
        found.extend(SchemaDifference(new.name, name, a, x, y) for a, x, y in pairs if x != y)
    return tuple(found)


def fingerprint(objects: Iterable[ObjectSchema]) -> str:
    """SHA-256 (hex) over what `difference` compares; order of objects and fields does not count."""
    canonical = {
        schema.name: {f.name: {a: getattr(f, a) for a in _COMPARED} for f in schema.fields}
        for schema in objects
    }
    raw = orjson.dumps(canonical, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=repr)
    return hashlib.sha256(raw).hexdigest()
