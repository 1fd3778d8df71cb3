"""Objects from exported spreadsheets: a declared layout, typed by what is known of each object.

Which columns an export has, and in which order, each user of Cetec chooses; so nothing about them is built
in. The field names are those of the API's objects, so that one mapping fits both ways.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from functools import cached_property
from glob import glob
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType
from crossdock.layout import Elsewhere, Layout, LayoutReader, load_layout
from crossdock.model import FieldSchema, ObjectSchema, Record, Rejected
from crossdock_cetec.qualitycodes import QualityCodes, with_codes
from crossdock_cetec.settings import CetecSettings
from crossdock_cetec.supporttables import SUPPORT, schemas

_CODES = "qualitycode"


class ExportedTables:
    """The tables of the settings. Files are opened when something is first asked for; raises ConfigError."""

    def __init__(self, settings: CetecSettings, elsewhere: Elsewhere | None = None) -> None:
        self._settings = settings
        self._elsewhere = elsewhere

    @cached_property
    def layout(self) -> Layout:
        """The layout, with the tenant's currency where it names none."""
        tables = self._settings.tables
        if tables is None:
            raise ConfigError("there are no tables to read.", hint="Give `tables` with `files`.")
        if tables.layout is None:
            with as_file(files("crossdock_cetec") / "layouts" / "example.yaml") as path:
                layout = load_layout(path)
        else:
            layout = load_layout(tables.layout)
        return layout.model_copy(update={"currency": layout.currency or self._settings.currency})

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The files. Raises ConfigError for a pattern that names none."""
        return tuple(_matched(self._settings.tables.files)) if self._settings.tables else ()

    @cached_property
    def codes(self) -> QualityCodes:
        """The quality codes; none if there is no table of them."""
        if self._settings.tables is None or _CODES not in self.layout.objects:
            return QualityCodes(())
        reader = self._reader_of({_CODES: self.layout.objects[_CODES]}, schemas([_CODES]))
        found = reader.results(_CODES) if _CODES in reader.objects else ()
        return QualityCodes(tuple(r.values for r in found if isinstance(r, Record)))

    @cached_property
    def reader(self) -> LayoutReader | None:
        """The reader of the tables, None without tables."""
        if self._settings.tables is None:
            return None
        known = with_codes(schemas(self.layout.objects), self.codes)
        reader = self._reader_of(self.layout.objects, known)
        self._require_zone(reader, known)
        return reader

    @property
    def objects(self) -> tuple[str, ...]:
        """The objects that a table is there for, those that others are completed from included."""
        return self.reader.objects if self.reader else ()

    @property
    def files(self) -> Mapping[str, str]:
        """The part of a cursor that tells which files it counts in; empty without tables."""
        return self.reader.files if self.reader else {}

    def require_same(self, position: Mapping[str, Any]) -> None:
        """Raises CursorLostError if a position counts in other files than these."""
        if self.reader is not None:
            self.reader.require_same(position)

    def results(self, name: str, *, second: bool = False) -> Iterator[Record | Rejected]:
        """A record or a reject for each row, `second` by the other library; none without such a table."""
        if self.reader is not None and name in self.objects:
            yield from self.reader.results(name, second=second)

    def schema(self, name: str) -> ObjectSchema:
        """An object with the number of its records."""
        assert self.reader is not None  # noqa: S101 - an object of `objects`
        return replace(self.reader.schema(name), snapshot=True)

    def keys(self, name: str, column: str, text: str) -> Sequence[str]:
        """The keys of the records whose column holds this text."""
        if self.reader is None or name not in self.objects:
            return ()
        return self.reader.keys_named(name, column, text)

    def notes(self, elsewhere: Sequence[str]) -> Iterator[str]:
        """What was read, what was left out, and what could not be read of the tables that complete others.

        That a table is not there says nothing of objects that are read `elsewhere`.
        """
        if self.reader is None:
            return
        missing = tuple(f"{name}: there is no file" for name in elsewhere)
        yield from (note for note in self.reader.notes() if not note.startswith(missing or "\0"))
        if self._settings.tables and self._settings.tables.layout is None:
            yield "The tables are read by the example layout of this connector: compare its headers."
        for name in self.objects:
            if name in SUPPORT:
                for result in self.results(name):
                    if isinstance(result, Rejected):
                        yield f"{name}: not read: {'; '.join(result.reasons)}."

    def _reader_of(self, objects: Mapping[str, object], known: Mapping[str, ObjectSchema]) -> LayoutReader:
        layout = self.layout.model_copy(update={"objects": dict(objects)})
        zone = self._settings.zone or UTC
        return LayoutReader(layout, self.paths, zone=zone, schemas=known, elsewhere=self._elsewhere)

    def _require_zone(self, reader: LayoutReader, known: Mapping[str, ObjectSchema]) -> None:
        """A time without a zone is never guessed."""
        if self._settings.timezone or self.layout.timezone:
            return
        for name in reader.objects:
            for column, said in self.layout.objects[name].columns.items():
                field: FieldSchema | None = known[name].field(column) if name in known else None
                kind = said.type or (field.type if field else None)
                if kind is FieldType.DATETIME:
                    raise ConfigError(
                        f"the table {name} has times in its column {column!r}, and nobody said which zone.",
                        hint="Give the tenant's `timezone`, for instance America/Chicago.",
                    )


def _matched(patterns: Sequence[Path]) -> Iterator[Path]:
    """The files that the patterns name. Raises ConfigError for a pattern that names none."""
    for pattern in patterns:
        found = [Path(name) for name in sorted(glob(str(pattern), recursive=True)) if Path(name).is_file()]  # noqa: PTH207
        if not found:
            raise ConfigError(f"there is no file {pattern}.", hint="Correct `tables.files`.")
        yield from found
