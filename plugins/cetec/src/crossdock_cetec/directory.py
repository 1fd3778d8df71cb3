"""Who is who: finds records by one of their fields, wherever they are read from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from crossdock.model import Record, Rejected
from crossdock.values import Reference
from crossdock_cetec.codecs import ShapeError, is_nothing
from crossdock_cetec.fields import Field
from crossdock_cetec.objects import CUSTOMER, PART, QUOTE, USER
from crossdock_cetec.tables import ExportedTables

_CUSTOMER_COLUMNS = {"customer_id": "id", "custnum": "custnum", "customer_name": "name", "name": "name"}
_USER_COLUMNS = ("username", "email", "name")
_LOOKED_UP = ("id", "name", "custnum", "external_key", "domain", "email", "ordernum", "invoicenum", "prcpart")

Read = Callable[[str], Iterable[Record | Rejected]]


class Directory:
    """Finds records of objects that the API gives (`api`: how they are read) and of those in tables.

    An index is made when it is first needed. Names that differ in case and spaces are the same; several
    records of one name are never one.
    """

    def __init__(self, api: Mapping[str, Read], tables: Callable[[], ExportedTables]) -> None:
        self._api = api
        self._tables = tables
        self._indexes: dict[tuple[str, str], dict[str, list[str]]] = {}

    def has(self, name: str) -> bool:
        """Whether the object is read from anywhere."""
        return name in self._api or name in self._tables().objects

    def keys(self, name: str, column: str, text: str) -> Sequence[str]:
        """The keys of the records that a field calls so."""
        if name not in self._api:
            return self._tables().keys(name, column, text)
        return self._index(name, column).get(_folded(text), ())

    def elsewhere(self, name: str, column: str, text: str) -> Sequence[str] | None:
        """As `keys`, None for what is read from tables: what a layout reader asks for its references."""
        return self.keys(name, column, text) if name in self._api else None

    def link(self, field: Field, row: Mapping[str, Any]) -> Reference | None:
        """The record that a row of the API names in this field. Raises ShapeError if it names several.

        One that is not there is named all the same: the mapping says what becomes of it.
        """
        given = {key: str(row[key]) for key in field.keys if not is_nothing(row.get(key))}
        if not given:
            return None
        match field.references[0]:
            case "customer":
                return self._customer(given)
            case "user":
                return self.user(next(iter(given.values())))
            case "quote":
                return Reference(QUOTE, next(iter(given.values()))) if self.has(QUOTE) else None
            case name:
                return Reference(PART if name == PART else name, next(iter(given.values())))

    def user(self, text: str) -> Reference | None:
        """The one user of that user name, e-mail address or name; None if there is none, or several."""
        for column in _USER_COLUMNS:
            found = self.keys(USER, column, text) if self.has(USER) else ()
            if len(found) == 1:
                return Reference(USER, found[0])
        return None

    def _customer(self, given: Mapping[str, str]) -> Reference:
        """By id, then by number, then by name."""
        if CUSTOMER in self._api and "customer_id" in given:
            return Reference(CUSTOMER, given["customer_id"])
        for key, text in given.items():
            found = self.keys(CUSTOMER, _CUSTOMER_COLUMNS[key], text)
            if len(found) > 1:
                raise ShapeError(f"one customer; {key} names {len(found)}: {', '.join(found[:5])}", text)
            if found:
                return Reference(CUSTOMER, found[0])
        return Reference(CUSTOMER, next(iter(given.values())))

    def _index(self, name: str, column: str) -> dict[str, list[str]]:
        if (name, column) not in self._indexes:
            self._read(name)
        return self._indexes.setdefault((name, column), {})

    def _read(self, name: str) -> None:
        """All that anything is looked up by, so that an object is read once however it is looked up."""
        for record in self._api[name](name):
            if isinstance(record, Record):
                for column in _LOOKED_UP:
                    value = record.values.get(column)
                    if isinstance(value, str | int):
                        index = self._indexes.setdefault((name, column), {})
                        index.setdefault(_folded(str(value)), []).append(record.key)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
