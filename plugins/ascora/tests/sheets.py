"""Sheets of a workbook, row by row: a column is there if a row has it."""

from collections.abc import Mapping
from typing import Any


def sheet(*rows: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The header and the rows below it; what a row does not say is an empty cell."""
    header = tuple(dict.fromkeys(name for row in rows for name in row))
    return [header, *(tuple(row.get(name) for name in header) for row in rows)]
