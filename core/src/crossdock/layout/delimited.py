"""Text files (csv, tsv): encoding, delimiter, rows. Read row by row, so that their size does not matter."""

import codecs
import csv
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO

from crossdock.errors import ConfigError
from crossdock.layout.sheets import MOST_COLUMNS, Row, Sheet

DELIMITERS = (";", ",", "\t", "|")
_LONGEST_CELL = 10_000_000  # characters
_CHUNK = 1 << 20
# A longer mark first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def sheet(
    path: Path, encodings: Sequence[str], delimiter: str, score: Callable[[Sequence[Row]], int], first: int
) -> Sheet:
    """The one table of a text file. Without a `delimiter` the one with which the header reads best.

    `score` says how good the `first` rows are. Raises ConfigError if it is no such text.
    """
    encoding = encoding_of(path, encodings)
    delimiter = delimiter or max(DELIMITERS, key=lambda d: score(_beginning(path, encoding, d, first)))
    return Sheet(path, "", lambda: _rows(path, encoding, delimiter))


def encoding_of(path: Path, encodings: Sequence[str]) -> str:
    """What a byte order mark says, else the first of `encodings` in which the whole file reads."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
            marked = next((name for mark, name in _MARKS if start.startswith(mark)), "")
            for name in [marked] if marked else encodings:
                file.seek(0)
                if _reads(file, name):
                    return name
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    raise ConfigError(
        f"{path} is not text in {marked or ' or '.join(encodings)}.",
        hint="Name its encoding in the layout, for instance encodings: [utf-8, cp1251].",
    )


def _reads(file: IO[bytes], encoding: str) -> bool:
    """Whether the whole file is text in that encoding; text holds no U+0000."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(_CHUNK):
            if "\0" in decoder.decode(chunk):
                return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _beginning(path: Path, encoding: str, delimiter: str, first: int) -> list[Row]:
    try:
        return list(islice(_rows(path, encoding, delimiter), first))
    except ConfigError:
        return []


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(newline="", encoding=encoding) as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for number, cells in enumerate(reader, start=1):
                if len(cells) > MOST_COLUMNS:
                    raise ConfigError(f"{path}, row {number} has {len(cells)} columns; that is too much.")
                yield Row(number, [cell or None for cell in cells])
        except csv.Error as error:
            raise ConfigError(
                f"{path}, line {reader.line_num}: {error}.",
                hint="A quotation mark is not closed there, or not doubled, or the delimiter is another one.",
            ) from error
