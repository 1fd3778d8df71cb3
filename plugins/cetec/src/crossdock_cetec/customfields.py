"""The tenant's own columns: whatever rows hold beside what is known, typed by declaration or by values.

Seen: such columns stand flat beside the standard ones, under names like `priority_support` or `invoice__bc`.
There is no list of them and of their types. No list of choices is ever invented: that a person declares.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from crossdock.fieldtypes import FieldType as T
from crossdock.model import FieldSchema, Option, Provenance
from crossdock_cetec.codecs import is_nothing
from crossdock_cetec.fields import Object

_MOST_OPTIONS = 50


class CustomFields:
    """The own columns of one object; `declared`: types by `object.column`, as the settings give them."""

    def __init__(self, described: Object, declared: Mapping[str, str]) -> None:
        self._object = described
        self._known = frozenset(key for f in described.fields for key in f.keys)
        # bill_to_address_1, bill_to_country and so on are one value; bill_to_name is not part of it.
        addresses = [key for f in described.fields if f.type is T.ADDRESS for key in f.keys]
        self._composite = tuple(f"{key}_{part}" for key in addresses for part in ("address", "country"))
        prefix = f"{described.name}."
        self._declared = {
            name.removeprefix(prefix): T(kind) for name, kind in declared.items() if name.startswith(prefix)
        }

    def of(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, FieldSchema]:
        """A field for each column that the object does not know; all rows are looked at."""
        kinds: dict[str, set[T]] = {}
        values: dict[str, dict[str, None]] = {}
        for row in rows:
            for name, value in row.items():
                if self.is_own(name):
                    seen = kinds.setdefault(name, set())
                    if not is_nothing(value):
                        seen.add(_kind(value))
                        if len(values.setdefault(name, {})) <= _MOST_OPTIONS:
                            values[name][str(value)] = None
        return {name: self._field(name, seen, values.get(name, {})) for name, seen in kinds.items()}

    def is_own(self, name: str) -> bool:
        """Whether a key of a row is no standard one (nor a part of an address)."""
        return name not in self._known and not (self._composite and name.startswith(self._composite))

    def _field(self, name: str, kinds: set[T], values: Mapping[str, None]) -> FieldSchema:
        declared = self._declared.get(name)
        kind = declared or _one(kinds)
        options: tuple[Option, ...] = ()
        if kind is T.SELECT and len(values) <= _MOST_OPTIONS:
            options = tuple(Option(value, value) for value in sorted(values))
        if kind is T.SELECT and not options:
            kind = T.TEXT
        how = Provenance.DECLARED if declared else Provenance.PROFILED
        return FieldSchema(name, kind, name, custom=True, options=options, provenance=how)


def _kind(value: Any) -> T:
    if isinstance(value, bool):
        return T.BOOLEAN
    if isinstance(value, int):
        return T.INTEGER
    if isinstance(value, Decimal):
        return T.DECIMAL
    return T.TEXT if isinstance(value, str) else T.JSON


def _one(kinds: set[T]) -> T:
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds == {T.INTEGER, T.DECIMAL}:
        return T.DECIMAL
    return T.JSON if T.JSON in kinds else T.TEXT
