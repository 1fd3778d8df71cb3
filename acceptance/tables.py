"""Exported tables as the rows give them: by path and sheet a list of rows, a column wherever a row has it."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

Row = Mapping[str, Any]
Tables = Mapping[str, Mapping[str, Sequence[Row]]]
"""Path in the project folder (.xlsx or .csv) -> sheet (a CSV file has one, of any name) -> rows."""


def joined(parts: Sequence[Tables]) -> dict[str, dict[str, list[Row]]]:
    """The tables of several rows as one set: sheets of the same name are one sheet."""
    whole: dict[str, dict[str, list[Row]]] = {}
    for tables in parts:
        for path, sheets in tables.items():
            for sheet, rows in sheets.items():
                whole.setdefault(path, {}).setdefault(sheet, []).extend(rows)
    return whole


def write(folder: Path, tables: Tables) -> None:
    """Write real files into a project folder."""
    for path, sheets in tables.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if path.endswith(".csv"):
            (rows,) = sheets.values()
            with (folder / path).open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(lines(rows))
        else:
            book = openpyxl.Workbook(write_only=True)
            for name, rows in sheets.items():
                sheet = book.create_sheet(name)
                for line in lines(rows):
                    sheet.append(line)
            book.save(folder / path)


def lines(rows: Sequence[Row]) -> list[list[Any]]:
    """The header and the rows below it; what a row does not say is an empty cell."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    return [header, *([row.get(name) for name in header] for row in rows)]
