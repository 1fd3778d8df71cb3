"""A queue file as people may have left it: read line by line, with what is wrong named and kept.

Spreadsheets save CSV in their own ways: with semicolons or tabs, a byte order mark, another encoding, empty
columns and lines. All that is read. A line that cannot be understood is a `Fault` with its number and its
text, so that it can be told and written back; the lines around it count.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from crossdock.errors import ConfigError
from crossdock.spreadsheet import text_of_cell

_SEPARATORS = (",", ";", "\t")
_LONGEST = 400  # lines of a file that one record may go over: a name may hold line breaks
_GUESS = "cp1251"  # what spreadsheets on Windows with Russian settings write (documented)


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that cannot be followed. `text` is the line as it stands there, without its line break."""

    file: str
    line: int
    problem: str
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file} line {self.line}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one line by column, and where it begins."""

    line: int
    text: str
    cells: Mapping[str, str]


def read_rows(path: Path, columns: Sequence[str]) -> tuple[list[Row], list[Fault]]:
    """The rows of a file with these columns, in any order. Raises ConfigError if it cannot be read at all,
    or has not the columns."""
    try:
        text = _decoded(path.read_bytes())
    except OSError as error:
        raise ConfigError(
            f"{path.name} cannot be read: {error.strerror}.", hint="Close it where it is open."
        ) from error
    lines = list(StringIO(text, newline=""))
    if lines and lines[0].lower().startswith("sep="):  # what a spreadsheet is told by, and writes
        lines[0] = ""
    head = next((n for n, line in enumerate(lines) if line.strip()), None)
    if head is None:
        return [], [Fault(path.name, 1, "the file is empty; what was decided in it is gone")]
    separator, names = _header(lines[head])
    if missing := [name for name in columns if name not in names]:
        raise ConfigError(
            f"{path.name}: the column {', '.join(sorted(missing))} is missing.",
            hint=f"Its first line has to be: {','.join(columns)}",
        )
    rows, faults = [], []
    for number, raw, cells in _records(lines, head + 1, separator):
        if cells is not None and not any(cell.strip() for cell in cells):
            continue
        found = None if cells is None else _by_name(names, cells)
        said = raw.rstrip("\r\n")
        if found is None:
            faults.append(Fault(path.name, number, f"it has not {len(names)} columns", _plain(said)))
        elif broken := [name for name in columns[:3] if _is_foreign(found[name])]:
            problem = f"{', '.join(broken)} is not in UTF-8"
            faults.append(Fault(path.name, number, problem, _plain(said)))
        else:
            rows.append(Row(number, _plain(said), {name: _plain(found[name]) for name in columns}))
    return rows, faults


def _decoded(content: bytes) -> str:
    """The text; bytes that are not UTF-8 stay as they are, for the line to be named."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    return content.decode("utf-8-sig", errors="surrogateescape")


def _is_foreign(text: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in text)


def _plain(text: str) -> str:
    """The text with bytes of another encoding as they probably were meant."""
    if not _is_foreign(text):
        return text
    return text.encode("utf-8", errors="surrogateescape").decode(_GUESS, errors="replace")


def _header(line: str) -> tuple[str, list[str]]:
    """The separator of a file and the names of its columns."""
    cut = [(separator, _cells(line, separator) or []) for separator in _SEPARATORS]
    separator, cells = max(cut, key=lambda each: len(each[1]))
    names = [cell.strip().lower() for cell in cells]
    while names and not names[-1]:  # columns that a spreadsheet added
        names.pop()
    return separator, names


def _by_name(names: Sequence[str], cells: Sequence[str]) -> dict[str, str] | None:
    """The cells by column; None if their number does not fit, empty ones at the end aside."""
    if len(cells) < len(names) or any(cell.strip() for cell in cells[len(names) :]):
        return None
    return {name: text_of_cell(cell) for name, cell in zip(names, cells, strict=False)}


def _records(lines: Sequence[str], start: int, separator: str) -> Iterator[tuple[int, str, list[str] | None]]:
    """(number of the line, its text, its cells) of each record; None for cells that cannot be told.

    A quote that is not closed would swallow all that follows: then the line with it alone is broken.
    """
    at = start
    width = len(_cells(lines[start - 1], separator) or ())
    while at < len(lines):
        end, text = at + 1, lines[at]
        cells = _cells(text, separator)
        if cells is None and (closed := _end_of_quotes(lines, at)):
            several = "".join(lines[at:closed])
            found = _cells(several, separator)
            if found is not None and len(found) >= width:
                end, text, cells = closed, several, found
        yield at + 1, text, cells
        at = end


def _end_of_quotes(lines: Sequence[str], start: int) -> int | None:
    """The line after the one in which all quotes are closed again."""
    quotes = 0
    for end in range(start, min(len(lines), start + _LONGEST)):
        quotes += lines[end].count('"')
        if quotes % 2 == 0:
            return end + 1
    return None


def _cells(text: str, separator: str) -> list[str] | None:
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else [] if not rows else None
