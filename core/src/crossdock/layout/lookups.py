"""Which record a cell means by a name or an e-mail address: an index of one column of another table."""

from collections.abc import Callable, Collection, Iterator, Sequence

from crossdock.layout.cells import CellError, UnfoundError
from crossdock.layout.headers import fold
from crossdock.values import Reference

Named = Callable[[str, str], Iterator[tuple[str, str]]]
"""(object, column) -> (key, text) of every row of that object's tables."""
Elsewhere = Callable[[str, str, str], Sequence[str] | None]
"""(object, column, text) -> keys of the records that are meant, for objects that are read otherwise than
from their table; None for the others."""


class Lookups:
    """Finds records by unique columns. An index is made when it is first needed, and kept.

    Names that differ in case, spaces or ё are the same name; several records of one name are never one.
    """

    def __init__(self, objects: Collection[str], named: Named, elsewhere: Elsewhere | None) -> None:
        self._objects = objects
        self._named = named
        self._elsewhere = elsewhere
        self._indexes: dict[tuple[str, str], dict[str, list[str]]] = {}

    def find(self, objects: tuple[str, ...], columns: tuple[str, ...], text: str) -> Reference:
        """The one record that `text` names in the first column that knows it.

        Raises UnfoundError if there is none, CellError if there are several.
        """
        for column in columns:
            found = [Reference(o, key) for o in objects for key in self.keys(o, column, text)]
            if len(found) > 1:
                keys = ", ".join(ref.key for ref in found[:5])
                raise CellError(f"names {len(found)} records by {column!r}: {keys}")
            if found:
                return found[0]
        raise UnfoundError(f"names no record of {' or '.join(objects)} by {' or '.join(columns)}")

    def keys(self, object_name: str, column: str, text: str) -> Sequence[str]:
        """The keys of the records that a column of an object calls so."""
        found = self._elsewhere(object_name, column, text) if self._elsewhere else None
        if found is not None or object_name not in self._objects:
            return found or ()
        if (object_name, column) not in self._indexes:
            index: dict[str, list[str]] = {}
            for key, name in self._named(object_name, column):
                keys = index.setdefault(fold(name), [])
                if key not in keys:
                    keys.append(key)
            self._indexes[object_name, column] = index
        return self._indexes[object_name, column].get(fold(text), ())
