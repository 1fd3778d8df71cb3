"""Rows of declared tables -> records, and an account of every row."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType
from crossdock.layout.cells import nothing
from crossdock.layout.completion import completed, object_schema
from crossdock.layout.declaration import Layout, ObjectLayout
from crossdock.layout.lookups import Elsewhere, Lookups
from crossdock.layout.positions import FILES, fingerprint, require_same
from crossdock.layout.rows import RowReader, Totals, account, cell_at, is_total, key_of, unique
from crossdock.layout.sheets import BadCell, is_blank
from crossdock.layout.tables import Tables
from crossdock.model import Batch, ObjectSchema, Observation, Record, Rejected

_BATCH = 500


class LayoutReader:
    """Reads the objects of a layout from files. Nothing is opened before something is asked for.

    `zone`: for times without one, unless the layout names its own. `schemas`: what is known of an object
    from elsewhere; it gives types, options and links that the layout leaves open. `elsewhere` finds
    records of objects that are not read from a table. Raises ConfigError for files that do not fit.
    """

    def __init__(
        self,
        layout: Layout,
        paths: Sequence[Path],
        *,
        zone: tzinfo = UTC,
        schemas: Mapping[str, ObjectSchema] | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._schemas = schemas or {}
        self._layout = completed(layout, self._schemas)
        self._paths = tuple(paths)
        self._tables = Tables(self._layout, paths)
        self._zone = ZoneInfo(layout.timezone) if layout.timezone else zone
        self._totals: dict[str, Totals] = {}
        _check_references(self._layout)
        self._lookups = Lookups(self.objects, self._named, elsewhere)

    @property
    def objects(self) -> tuple[str, ...]:
        """The objects that a file is there for, in the order of the layout."""
        return tuple(name for name in self._layout.objects if self._tables.has(name))

    def schema(self, name: str) -> ObjectSchema:
        """The object with typed fields and the number of its records (all of it is read once for that)."""
        part = self._part(name)
        return object_schema(name, part, self._kept(name), self.totals(name).records, self._schemas.get(name))

    def totals(self, name: str) -> Totals:
        """The account of an object's rows; they are read for it if they were not read to the end before."""
        if name not in self._totals:
            for _ in self.results(name):
                pass
        return self._totals[name]

    def batches(self, name: str, cursor: str | None = None) -> Iterator[Batch]:
        """All rows of an object. The cursor is JSON: {"from": how many were given, "of": of which files}.

        Raises CursorLostError if they were replaced since.
        """
        position = orjson.loads(cursor) if cursor else {}
        self.require_same(position)
        start = position.get("from", 0)
        held: list[Record | Rejected] = []
        number = 0
        for number, result in enumerate(self.results(name), start=1):
            if number > start:
                held.append(result)
            if len(held) == _BATCH:
                yield self._batch(held, number)
                held = []
        if held:
            yield self._batch(held, number)

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The part of a cursor that tells which files it counts in: all that were given, as a record may be
        completed from any of them. Raises StorageError."""
        return {FILES: fingerprint(self._paths)}

    def require_same(self, position: Mapping[str, Any]) -> None:
        """Raises CursorLostError if a position (a cursor's content) counts in other files than these."""
        if position:
            require_same(position, self.files[FILES])

    def _batch(self, held: Sequence[Record | Rejected], number: int) -> Batch:
        return Batch(
            records=tuple(r for r in held if isinstance(r, Record)),
            cursor=orjson.dumps({"from": number, **self.files}).decode(),
            rejected=tuple(r for r in held if isinstance(r, Rejected)),
        )

    def results(self, name: str, *, second: bool = False) -> Iterator[Record | Rejected]:
        """A record or a reject for each row; blank rows and rows of totals are only counted."""
        part, totals = self._part(name), Totals()
        reader = RowReader(name, self._layout, self._zone, self._lookups.find)
        seen: dict[str, str] = {}
        for table in self._tables.of(name, second=second):
            place = table.sheet.place
            for row in table.rows():
                totals.rows += 1
                if all(map(is_blank, row.cells)):
                    totals.blank += 1
                elif is_total(part, row):
                    totals.total_rows += 1
                else:
                    result = unique(reader.read(table, row, totals), seen, f"{place}, row {row.number}")
                    account(result, part, totals)
                    yield result
        self._totals[name] = totals

    def observations(self, name: str, keys: set[str] | None = None) -> Iterator[Observation]:
        """The records by a second reading. Workbooks are decoded by another library; what a cell means is
        judged by the same rules, and text files have no second decoder."""
        for result in self.results(name, second=True):
            if isinstance(result, Record) and (keys is None or result.key in keys):
                yield Observation(
                    name, result.key, result.values, result.deleted, updated_at=result.updated_at
                )

    def keys_named(self, name: str, column: str, text: str) -> tuple[str, ...]:
        """The keys of the records whose column holds this text (case and spaces aside), none if it is not
        in the layout."""
        if column not in self._part(name).columns:
            return ()
        return tuple(self._lookups.keys(name, column, text))

    def notes(self) -> Iterator[str]:
        """What a reader of the catalog should know: rows, sums, columns and files that are left out."""
        for name in self.objects:
            totals, files = self.totals(name), [t.sheet.place for t in self._tables.of(name)]
            yield f"{name} is read from {'; '.join(files)}: {totals}."
            if self._part(name).unknown_columns == "report":
                for header, count in totals.unknown.items():
                    yield f"{name}: column {header!r} is not in the layout; its {count} values are left out."
        yield from self._tables.left_out()

    def _part(self, name: str) -> ObjectLayout:
        if not self._tables.has(name):
            raise ConfigError(
                f"no file holds {name}.", hint=f"There are {', '.join(self.objects) or 'no objects'}."
            )
        return self._layout.objects[name]

    def _kept(self, name: str) -> list[str]:
        if self._part(name).unknown_columns != "keep":
            return []
        headers = (h for table in self._tables.of(name) for h in table.header.unknown.values())
        return list(dict.fromkeys(headers))

    def _named(self, name: str, column: str) -> Iterator[tuple[str, str]]:
        """(key, text) of one column of every row, for looking records up."""
        part = self._layout.objects[name]
        declared = part.columns[column]
        for table in self._tables.of(name):
            for row in table.rows():
                if all(map(is_blank, row.cells)) or is_total(part, row):
                    continue
                key = key_of(part, table, row, self._layout, [])
                for place in table.header.places.get(column, ()):
                    cell = cell_at(row, place)
                    if key and not nothing(cell, self._layout) and not isinstance(cell, BadCell):
                        text = str(cell)
                        for each in text.split(declared.separator) if declared.multiple else [text]:
                            yield key, each


def _check_references(layout: Layout) -> None:
    for name, part in layout.objects.items():
        for title, column in part.columns.items():
            if column.type is FieldType.REFERENCE and not column.to:
                raise ConfigError(f"the layout of {name}, column {title!r}: say in `to` what it points to.")
            if column.type is FieldType.SELECT and not column.options:
                raise ConfigError(f"the layout of {name}, column {title!r}: name its `options`.")
            for target in column.to:
                lost = [
                    b
                    for b in column.by
                    if target in layout.objects and b not in layout.objects[target].columns
                ]
                if lost:
                    raise ConfigError(
                        f"the layout of {name}, column {title!r}: {target} has no column {lost[0]!r}.",
                        hint="Name in `by` columns of that object.",
                    )
