"""Spreadsheet files (xlsx, xlsm): looked through for danger, then read; and read again with another library.

The file is looked through first because a library would unpack whatever it is given. The look also finds
what a reader would take for an empty cell: a formula whose result was never stored, an error like #REF!,
and a cell that is merged with one above it.
"""

import html
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from crossdock.errors import ConfigError
from crossdock.layout.sheets import MOST_COLUMNS, BadCell, Cell, Row, Sheet

LARGEST = 1_000_000_000  # bytes of XML, unpacked
MOST_CELLS = 30_000_000  # of the rectangle that a sheet spans
MOST_ROWS = 1_048_576
_CHUNK = 1 << 20
_LONGEST_ROW = 1 << 26
_MOST_BAD = 10_000

_MOST_ENTRIES = 50_000
_LARGEST_LIST = 20_000_000  # bytes of the list of sheets
_TEXTS = (".xml", ".rels", ".vml")
DOCTYPE = re.compile(
    b"|".join(re.escape("<!DOCTYPE".encode(encoding)) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
)
"""How XML declares a document type, which is how entities that swell come in; office files have none."""

# Every part of these is bounded, and ends at the next tag: a hostile file would make them go on for hours.
_NS = rb"(?:\w{1,40}:)?"
_REST = rb"[^<>]{0,2000}"  # of a tag
_VALUED = re.compile(rb"<%bc\b[^<>]{0,200}?\br=\"([A-Z]{1,8})(\d{1,9})\"[^<>]{0,500}[^<>/]>" % _NS)
_ANY_CELL = re.compile(rb"<%bc[\s>/]" % _NS)
_ROW_START = re.compile(rb"<%brow\b" % _NS)
_REFERENCE = re.compile(rb"\br=\"([A-Z]{1,8})(\d{1,9})\"")
_ERROR = re.compile(
    rb"<%bc\b([^<>]{0,200}\bt=\"e\"[^<>]{0,200})>((?:(?!<%bc[\s>]).){0,20000}?)</%bc>" % (_NS, _NS, _NS), re.S
)
_RESULT = re.compile(rb"<%bv>([^<]*)</" % _NS)
_NO_RESULT = re.compile(
    rb"<%(n)bc\b(%(r)b)>\s*<%(n)bf\b%(r)b(?:/>|>[^<]*</%(n)bf>)"
    rb"\s*(<%(n)bv\s*/>|<%(n)bv>\s*</%(n)bv>)?\s*</%(n)bc>" % {b"n": _NS, b"r": _REST}
)
_MERGED = re.compile(
    rb"<%bmergeCell\b[^<>]{0,200}?\bref=\"([A-Z]{1,8})(\d{1,9}):([A-Z]{1,8})(\d{1,9})\"" % _NS
)
_SHEET = re.compile(r"<(?:\w{1,40}:)?sheet\b[^<>]{0,2000}>")
_RELATION = re.compile(r"<(?:\w{1,40}:)?Relationship\b[^<>]{0,4000}>")


@dataclass
class SheetLook:
    """What looking through a sheet found: its extent, and cells that would be read as empty."""

    rows: int = 0
    columns: int = 0
    bad: dict[tuple[int, int], str] = field(default_factory=dict)


def sheets(path: Path, *, second: bool = False) -> list[Sheet]:
    """The sheets of a workbook, in its order; `second` reads them with the other library.

    Raises ConfigError for a file that is no workbook, or a dangerous one.
    """
    looks, from_1904 = look_through(path)
    read = _second_rows if second else _first_rows
    return [
        Sheet(path, name, lambda name=name, look=look: read(path, name, look.bad), from_1904)  # type: ignore[misc]
        for name, look in looks.items()
    ]


def look_through(path: Path) -> tuple[dict[str, SheetLook], bool]:
    """What each sheet spans, by its name, and whether days count from 1904. Raises ConfigError."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(path, archive)
            workbook = _text(path, archive, "xl/workbook.xml")
            targets = _targets(path, archive)
            found, looked_at = {}, set()
            for tag in _SHEET.findall(workbook):
                entry = targets.get(_attribute(tag, r"\w+:id"), "")
                if "worksheets/" in entry:
                    looked_at.add(entry)
                    with archive.open(entry) as stream:
                        found[_attribute(tag, "name")] = _look(path, _attribute(tag, "name"), stream)
            for name in archive.namelist():
                if name.endswith(_TEXTS) and name not in looked_at:
                    _drain(path, archive, name)
            return found, bool(re.search(r"\bdate1904=\"(?:1|true)\"", workbook))
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError) as error:
        hint = "Save it again as xlsx without a password; an old .xls has to be saved as xlsx."
        raise ConfigError(f"{path} is no workbook that can be read ({error}).", hint=hint) from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error


def _check_sizes(path: Path, archive: zipfile.ZipFile) -> None:
    whole = sum(entry.file_size for entry in archive.infolist())
    if len(archive.infolist()) > _MOST_ENTRIES:
        raise ConfigError(f"{path} has {len(archive.infolist())} parts, which no spreadsheet program writes.")
    if whole > LARGEST:
        raise ConfigError(
            f"{path} unpacks to {whole} bytes; more than {LARGEST} are not read.",
            hint="Split the table into several files, or export it as csv.",
        )
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        raise ConfigError(f"{path} is protected by a password.", hint="Save it without one.")


def _text(path: Path, archive: zipfile.ZipFile, name: str) -> str:
    if archive.getinfo(name).file_size > _LARGEST_LIST:
        raise ConfigError(f"{path}: {name} is larger than any that a spreadsheet program writes.")
    return archive.read(name).decode("utf-8", "replace")


def _targets(path: Path, archive: zipfile.ZipFile) -> dict[str, str]:
    relations = _text(path, archive, "xl/_rels/workbook.xml.rels")
    found = {}
    for tag in _RELATION.findall(relations):
        target = _attribute(tag, "Target")
        found[_attribute(tag, "Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf"\s{name}=(?:\"([^\"]*)\"|'([^']*)')", tag)
    return html.unescape(match[1] or match[2] or "") if match else ""


def _drain(path: Path, archive: zipfile.ZipFile, name: str) -> None:
    """Unpack an entry once, so that its length and checksum are known to be as announced."""
    with archive.open(name) as stream:
        first = True
        while chunk := stream.read(_CHUNK):
            if first and DOCTYPE.search(chunk):
                raise _hostile(path, name)
            first = False


def _look(path: Path, name: str, stream: IO[bytes]) -> SheetLook:
    found, rest = SheetLook(), b""
    while chunk := stream.read(_CHUNK):
        rest += chunk
        if DOCTYPE.search(rest, 0, _CHUNK):
            raise _hostile(path, name)
        starts = [match.start() for match in _ROW_START.finditer(rest)]
        if len(rest) > _LONGEST_ROW and len(starts) < 2:
            raise ConfigError(f"{path}, sheet {name!r} has a row that is too long to be read.")
        if starts:
            _look_at(found, rest[: starts[-1]])
            rest = rest[starts[-1] :]
    _look_at(found, rest)
    if found.columns > MOST_COLUMNS or found.rows > MOST_ROWS or found.rows * found.columns > MOST_CELLS:
        raise ConfigError(
            f"{path}, sheet {name!r} spans {found.rows} rows and {found.columns} columns; that is too much.",
            hint="Remove what stands far out, split the table, or export it as csv.",
        )
    return found


def _look_at(found: SheetLook, part: bytes) -> None:
    """Add what some whole rows hold."""
    references = _VALUED.findall(part)
    if references:
        found.columns = max(found.columns, *(_number(c) for c in {c for c, _ in references}))
        found.rows = max(found.rows, *(int(r) for r in {r for _, r in references}))
    if len(_ANY_CELL.findall(part)) > len(_REFERENCE.findall(part)) / 2:
        _look_at_bare(found, part)
    for cell in _ERROR.finditer(part):
        result = _RESULT.search(cell[2])
        _mark(found, cell[1], f"holds the error {(result[1] if result else b'').decode(errors='replace')}")
    for cell in _NO_RESULT.finditer(part):
        if not (cell[2] and b't="str"' in cell[1]):  # a formula whose result is an empty text
            _mark(found, cell[1], "holds a formula without a stored result")
    for merged in _MERGED.finditer(part):
        left, top, _, bottom = merged.groups()
        for row in range(int(top) + 1, min(int(bottom), int(top) + _MOST_BAD) + 1):
            found.bad.setdefault((row, _number(left)), f"is merged with row {int(top)}")


def _look_at_bare(found: SheetLook, part: bytes) -> None:
    """Cells may come without a reference; then they follow one another."""
    counts = [len(_ANY_CELL.findall(row)) for row in _ROW_START.split(part)[1:]]
    found.columns = max(found.columns, *counts, 0)
    found.rows = max(found.rows, found.rows + len(counts) if not _VALUED.search(part) else found.rows)


def _mark(found: SheetLook, attributes: bytes, reason: str) -> None:
    place = _REFERENCE.search(attributes)
    if place and len(found.bad) < _MOST_BAD:
        found.bad[int(place[2]), _number(place[1])] = reason


def _number(name: bytes) -> int:
    """The number of a column by its letters, A is 1."""
    value = 0
    for letter in name[:8]:
        value = value * 26 + letter - 64
    return value


def _hostile(path: Path, name: str) -> ConfigError:
    return ConfigError(f"{path}: {name} declares a document type, which no spreadsheet program writes.")


def _first_rows(path: Path, name: str, bad: Mapping[tuple[int, int], str]) -> Iterator[Row]:
    library = _library("python_calamine")
    try:
        with library.load_workbook(str(path)) as workbook:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.start is None:
                return
            indent = [None] * int(sheet.start[1])
            for number, cells in enumerate(sheet.iter_rows(), start=1):
                yield _row(number, [*indent, *(None if cell == "" else cell for cell in cells)], bad)
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(f"{path}, sheet {name!r} cannot be read: {error}.") from error


def _second_rows(path: Path, name: str, bad: Mapping[tuple[int, int], str]) -> Iterator[Row]:
    """The same rows by the other library: streamed, from the XML, whatever size the sheet says it has."""
    library = _library("openpyxl")
    unescape = _library("openpyxl.utils.escape").unescape
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells of styles that a file lacks
            workbook = library.load_workbook(path, read_only=True, data_only=True)
        try:
            sheet = workbook[name]
            sheet.reset_dimensions()
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                yield _row(number, [unescape(c) if isinstance(c, str) else _plain(c) for c in cells], bad)
        finally:
            workbook.close()
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(f"{path}, sheet {name!r} cannot be read again: {error}.") from error


def _plain(cell: Any) -> Any:
    """A day comes as its midnight; the first library gives it as a date."""
    return cell.date() if isinstance(cell, datetime) and cell.time() == time(0) else cell


def _row(number: int, cells: Sequence[Cell], bad: Mapping[tuple[int, int], str]) -> Row:
    if not bad:
        return Row(number, cells)
    held = {column: reason for (row, column), reason in bad.items() if row == number} if bad else {}
    if not held:
        return Row(number, cells)
    whole = [*cells, *[None] * (max(held) - len(cells))]
    for column, reason in held.items():
        whole[column - 1] = BadCell(reason)
    return Row(number, whole)


def _library(name: str) -> ModuleType:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        raise ConfigError(
            f"the library that reads xlsx files ({name.partition('.')[0]}) is not installed.",
            hint="pip install 'crossdock[excel]'",
        ) from error
