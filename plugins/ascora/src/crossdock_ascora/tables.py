"""Raw records from exported tables, by a declared layout.

How Ascora lays out its exports is not documented (only the headers of its import templates are), so
nothing about it is built in: the layout names the headers. Its objects and columns are called as in `wire`;
a column of another name, and every one that a layout with `unknown_columns: keep` does not know, is a custom
field. A table `jobs_additions` adds to the jobs of the API what that leaves out. Objects of
other names are read too and moved as they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from glob import glob
from pathlib import Path
from typing import Any

from crossdock.errors import ConfigError
from crossdock.layout import LayoutReader, load_layout
from crossdock.model import FieldSchema, ObjectSchema, Provenance, Record, Rejected
from crossdock_ascora.rows import Named, RawRow
from crossdock_ascora.rowspool import RowSpool
from crossdock_ascora.settings import AscoraSettings
from crossdock_ascora.textrepair import repaired
from crossdock_ascora.wire import RAW, raw_schema

ADDITIONS = "_additions"
"""`jobs_additions`: a table of what the API leaves out of jobs that it gives, by their number."""


class ExportedTables:
    """The tables of the settings. Files are opened when something is first asked for; raises ConfigError."""

    def __init__(self, settings: AscoraSettings) -> None:
        self._settings = settings

    @cached_property
    def reader(self) -> LayoutReader | None:
        """The reader of the tables, None without tables."""
        tables = self._settings.tables
        if tables is None:
            return None
        layout = load_layout(tables.layout)
        if not layout.currency:
            layout = layout.model_copy(update={"currency": self._settings.currency})
        return LayoutReader(
            layout,
            matched(tables.files, "tables.files"),
            zone=self._settings.zone,
            schemas={
                name: raw_schema(name.removesuffix(ADDITIONS), self._settings.currency)
                for name in layout.objects
            },
        )

    @property
    def objects(self) -> tuple[str, ...]:
        """The objects that a table is there for."""
        return self.reader.objects if self.reader else ()

    def schema(self, name: str) -> ObjectSchema:
        """An object as its table has it, with the number of its records."""
        return self._reader.schema(name)

    @property
    def files(self) -> Mapping[str, str]:
        """The part of a cursor that tells which files it counts in; empty without tables."""
        return self.reader.files if self.reader else {}

    def require_same(self, position: Mapping[str, Any]) -> None:
        """Raises CursorLostError if a position counts in other files than these."""
        if self.reader is not None:
            self.reader.require_same(position)

    def rows(self, name: str, *, second: bool = False) -> Iterator[RawRow | Rejected]:
        """The rows of an object in the order of the table; `second`: by another library."""
        links = {wire.name for wire in RAW.get(name.removesuffix(ADDITIONS), ()) if wire.link}
        # Which columns there are is known for nothing once all rows were read, and costs a reading before.
        results = RowSpool(self._results(name, second))
        headers = self._headers(name)
        for result in results.rows():
            if isinstance(result, Rejected):
                yield result
            else:
                yield _row(result.key, result.values, links, headers)
        results.close()

    def typed_fields(self, name: str) -> dict[str, FieldSchema]:
        """Custom fields whose type the layout declares, by what Ascora calls them."""
        declared = {f.name: f for f in self.schema(name).fields}
        return {
            header: declared[title]
            for title, header in self._headers(name).items()
            if declared[title].provenance is not Provenance.ASSUMED
        }

    def notes(self) -> Iterator[str]:
        """What was read, and what was left out."""
        if self.reader is not None:
            yield from self.reader.notes()

    def _results(self, name: str, second: bool) -> Iterator[Record | Rejected]:
        if second:
            for seen in self._reader.observations(name):
                yield Record(name, seen.id, seen.values, seen.trashed)
            return
        yield from self._reader.results(name)

    def _headers(self, name: str) -> dict[str, str]:
        """The custom fields among the columns: field name -> what Ascora calls it."""
        wires = RAW.get(name.removesuffix(ADDITIONS))
        if wires is None:
            return {}
        known = {wire.name for wire in wires}
        return {f.name: f.label or f.name for f in self.schema(name).fields if f.name not in known}

    @property
    def _reader(self) -> LayoutReader:
        if self.reader is None:
            raise ConfigError("there are no tables to read.", hint="Give `tables` with `layout` and `files`.")
        return self.reader


def _row(key: str, given: Mapping[str, Any], links: set[str], headers: Mapping[str, str]) -> RawRow:
    values: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    repairs: dict[str, str] = {}
    for name, value in given.items():
        if isinstance(value, str):
            value, done = repaired(value)
            if done:
                repairs[name] = done
        if name in headers:
            if value is not None:
                custom[headers[name]] = value
        elif name in links:
            text = value.strip() if isinstance(value, str) else ""
            values[name] = Named("", text) if text else None
        else:
            values[name] = value
    return RawRow(key, values, custom, repairs)


def matched(patterns: Sequence[Path], where: str) -> list[Path]:
    """The files that the patterns name. Raises ConfigError for a pattern that names none."""
    found: list[Path] = []
    for pattern in patterns:
        # What a spreadsheet program leaves beside an open file is no table.
        names = [name for name in sorted(glob(str(pattern), recursive=True)) if Path(name).is_file()]  # noqa: PTH207
        files = [Path(name) for name in names if not Path(name).name.startswith(("~$", ".~lock."))]
        if not files:
            raise ConfigError(f"there is no file {pattern}.", hint=f"Correct `{where}`.")
        found += files
    return found


def plain(schema: ObjectSchema) -> ObjectSchema:
    """An object of a table that Ascora's own vocabulary does not know, as the catalog shows it."""
    return replace(schema, snapshot=True)
