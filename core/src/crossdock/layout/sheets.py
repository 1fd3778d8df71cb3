"""What a table is before anything is known of its meaning: a file, a sheet, rows of cells."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

MOST_COLUMNS = 16_384  # what a spreadsheet program can show


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell whose value the file does not tell; `reason` says why."""

    reason: str

    def __str__(self) -> str:
        return f"({self.reason})"


Cell = str | int | float | bool | datetime | date | time | timedelta | BadCell | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` counts from 1, as a spreadsheet program shows it."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. `rows` begins anew each time it is called; `name` is "" in a text file.

    `from_1904`: day numbers count from 1904.
    """

    path: Path
    name: str
    rows: Callable[[], Iterator[Row]]
    from_1904: bool = False

    @property
    def place(self) -> str:
        """File and sheet, as messages name them."""
        return f"{self.path.name}, sheet {self.name!r}" if self.name else self.path.name


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing: absent, or text of nothing but spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
