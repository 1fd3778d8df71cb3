"""Layouts and the files that they read, for the tests of the layout reader."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from ruamel.yaml import YAML

from crossdock.layout import Layout, LayoutReader, load_layout
from crossdock.model import Record, Rejected

COMPANY = {
    "files": "firms*",
    "key": ["id"],
    "columns": {
        "id": ["ID"],
        "name": {"headers": ["Название", "Name"], "required": True, "filled": True},
        "revenue": {"headers": "Выручка", "type": "money", "currency": "RUB", "digits": 2},
        "since": {"headers": "С", "type": "date"},
    },
}


def layout(folder: Path, objects: Mapping[str, Any] | None = None, **top: Any) -> Layout:
    """A layout as it comes from its file."""
    path = folder / "layout.yaml"
    document = {
        "dates": ["DD.MM.YYYY"],
        "numbers": ["1 234,56"],
        "yes": ["да"],
        "no": ["нет"],
        "objects": objects or {"firm": COMPANY},
        **top,
    }
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(document, file)
    return load_layout(path)


def workbook(path: Path, *rows: Sequence[Any], sheet: str = "Лист1", more: Sequence[str] = ()) -> Path:
    """A workbook with one filled sheet, and empty ones."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for name in more:
        book.create_sheet(name)
    book.save(path)
    return path


def table(path: Path, *rows: Sequence[Any], encoding: str = "utf-8", delimiter: str = ";") -> Path:
    """A text table."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def reader(folder: Path, *paths: Path, objects: Mapping[str, Any] | None = None, **top: Any) -> LayoutReader:
    """A reader of these files."""
    return LayoutReader(layout(folder, objects, **top), paths)


def records(found: LayoutReader, name: str = "firm", *, second: bool = False) -> dict[str, Any]:
    """The values of the records by key."""
    return {r.key: r.values for r in found.results(name, second=second) if isinstance(r, Record)}


def rejects(found: LayoutReader, name: str = "firm") -> dict[str, str]:
    """The reasons of the rejects by key."""
    return {r.key: "; ".join(r.reasons) for r in found.results(name) if isinstance(r, Rejected)}


def column(**said: Any) -> dict[str, Any]:
    """An object with an id and one more column, V."""
    columns = {"id": "ID", "v": {"headers": "V", **said}}
    return {"firm": {"files": "firms*", "key": ["id"], "columns": columns}}
