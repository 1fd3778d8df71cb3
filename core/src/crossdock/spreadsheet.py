"""CSV files that people open in a spreadsheet: for this user alone, and no cell is a formula."""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from crossdock.wholefile import whole_file

# Spreadsheets run cells that begin like this; some of them take the wide signs for the plain ones.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def plain_cell(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def text_of_cell(cell: str) -> str:
    """The text that `plain_cell` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    """Write a file in UTF-8 (mode 0600); a file that was there is kept if this fails. Raises StorageError."""
    with whole_file(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([plain_cell(cell) for cell in row] for row in rows)
    return path
