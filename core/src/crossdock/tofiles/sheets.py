"""The files: one or more a sheet, none with more rows than the importer takes.

Rows with other columns go into a file of their own where an empty cell would write something: it would empty
what is there, or keep a new record from its default.
"""

import csv
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from crossdock.fieldtypes import FieldType
from crossdock.fileformat import FileFormat, FileRow
from crossdock.filenames import file_name
from crossdock.ledger import Filed
from crossdock.model import ObjectSchema, TargetRecord
from crossdock.tofiles.spool import Sheet, Spool
from crossdock.wholefile import PRIVATE

Columns = tuple[str, ...]
NOWHERE = "it leads to records that are in no file"


@dataclass
class SheetFile:
    """One file. `rows` without the header; `completes`: it only completes records of earlier files."""

    n: int
    name: str
    object_name: str
    columns: Columns
    completes: bool
    rows: int = 0


@dataclass
class Leftovers:
    """What is in no file, counted: by object and field, with the reason; whole objects under field ""."""

    fields: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def note(self, object_name: str, name: str, reason: str) -> None:
        """Count one value, or one record."""
        place = (object_name, name, reason)
        self.fields[place] = self.fields.get(place, 0) + 1


class Sheets:
    """Writes all files of a spool into a folder, and tells of each row where it went."""

    def __init__(
        self,
        folder: Path,
        file_format: FileFormat,
        schemas: Callable[[str], ObjectSchema],
        attach: Callable[[ObjectSchema, TargetRecord], None],
    ) -> None:
        self._folder, self._format = folder, file_format
        self._schemas, self._attach = schemas, attach
        self.files: list[SheetFile] = []
        self.left = Leftovers()

    def write(self, spool: Spool) -> Iterator[Filed]:
        """Write the files; gives each row as it was written. Raises OSError."""
        for sheet in spool.sheets():
            schema = self._schemas(sheet.object_name)
            reason = self._format.refused(schema)
            if reason:
                self._leave(spool, sheet, schema, reason)
            else:
                yield from self._sheet(spool, sheet, schema)

    def _leave(self, spool: Spool, sheet: Sheet, schema: ObjectSchema, reason: str) -> None:
        for record in spool.records(sheet):
            if sheet.creating:
                self.left.note(schema.name, "", reason)
            self._attach(schema, record)

    def _sheet(self, spool: Spool, sheet: Sheet, schema: ObjectSchema) -> Iterator[Filed]:
        blank = frozenset(self._format.blank(schema, creating=sheet.creating))
        later_blank = frozenset(self._format.blank(schema, creating=False))
        first: dict[frozenset[str], dict[str, None]] = {}
        later: dict[frozenset[str], dict[str, None]] = {}
        for record in spool.records(sheet):
            row = self._row(spool, schema, record)
            first.setdefault(_kind(row.cells, blank), {}).update(dict.fromkeys(row.cells))
            if row.later:
                later.setdefault(_kind(row.later, later_blank), {}).update(dict.fromkeys(row.later))
        for kind, columns in first.items():
            yield from self._group(spool, sheet, schema, tuple(columns), _Group(kind, blank))
        for kind, columns in later.items():
            yield from self._group(
                spool, sheet, schema, tuple(columns), _Group(kind, later_blank, later=True)
            )

    def _group(
        self, spool: Spool, sheet: Sheet, schema: ObjectSchema, columns: Columns, group: "_Group"
    ) -> Iterator[Filed]:
        """The files of rows that have the same columns, and what each of them holds."""
        file: SheetFile | None = None
        out: IO[str] | None = None
        completes = group.later or not sheet.creating
        try:
            for record in spool.records(sheet):
                row = self._row(spool, schema, record)
                cells = row.later if group.later else row.cells
                if not cells or _kind(cells, group.blank) != group.kind:
                    continue
                if file is None or out is None or file.rows >= self._format.row_limit:
                    if out is not None:
                        out.close()
                    file, out = self._begin(sheet.object_name, columns, completes)
                csv.writer(out).writerow([cells.get(column, "") for column in columns])
                file.rows += 1
                if not group.later:
                    self._attach(schema, record)
                yield self._filed(schema, record, row, file, later=group.later)
        finally:
            if out is not None:
                out.close()

    def _row(self, spool: Spool, schema: ObjectSchema, record: TargetRecord) -> FileRow:
        """The row of a record, without references to what is in no file."""
        gone = [name for name in record.values if self._leads_nowhere(spool, schema, record, name)]
        if not gone:
            return self._format.row(schema, record)
        kept = {name: value for name, value in record.values.items() if name not in gone}
        row = self._format.row(schema, replace(record, values=kept))
        return replace(row, left_out={**row.left_out, **dict.fromkeys(gone, NOWHERE)})

    def _leads_nowhere(self, spool: Spool, schema: ObjectSchema, record: TargetRecord, name: str) -> bool:
        field, value = schema.field(name), record.values[name]
        if field is None or field.type is not FieldType.REFERENCE or value in (None, ()):
            return False
        several = value if isinstance(value, tuple) else (value,)
        closed = [t for t in field.references if self._format.refused(self._schemas(t))]
        return any(spool.is_new(target, each) for target in closed for each in several)

    def _begin(self, object_name: str, columns: Columns, completes: bool) -> tuple[SheetFile, IO[str]]:
        n = len(self.files) + 1
        name = f"{n:02}-{file_name(object_name)}{'-more' if completes else ''}.csv"
        file = SheetFile(n, name, object_name, columns, completes)
        self.files.append(file)
        path = self._folder / name
        path.touch(mode=PRIVATE)
        out = path.open("w", newline="", encoding="utf-8")
        csv.writer(out).writerow(columns)
        return file, out

    def _filed(
        self, schema: ObjectSchema, record: TargetRecord, row: FileRow, file: SheetFile, *, later: bool
    ) -> Filed:
        place = (record.origin, schema.name, record.target_id, file.name, file.rows + 1)
        if later:
            return Filed(*place, {})  # its values stand with the first row
        for name, reason in row.left_out.items():
            self.left.note(schema.name, name, reason)
        gone = set(row.left_out) | {f.name for f in schema.fields if f.type is FieldType.FILE}
        return Filed(*place, {name: v for name, v in record.values.items() if name not in gone})


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows of one sheet that go together: those of this kind, in the first file or in a later one."""

    kind: frozenset[str]
    blank: frozenset[str]
    later: bool = False


def _kind(cells: Collection[str], blank: frozenset[str]) -> frozenset[str]:
    """What rows have to have in common to go into one file."""
    return frozenset(cells) - blank
