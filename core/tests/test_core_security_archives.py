"""Workbooks are looked through, all of their parts, before a library unpacks them."""

import io
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest

from crossdock.errors import ConfigError
from crossdock.layout import look_through
from crossdock.layout import workbook as workbooks

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
SECRET_FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """An ordinary workbook."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(["ID", "V"])
    sheet.append(["a", "x"])
    made.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def rebuilt(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The workbook with one of its parts changed, or with one more."""
    old = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), part]):
            content = old.read(name) if name in old.namelist() else b""
            new.writestr(name, change(content) if name == part else content)
    return path


def test_an_ordinary_workbook_is_read(book: Path) -> None:
    assert list(look_through(book)[0]) == ["Sheet"]


@pytest.mark.parametrize(
    "declared", [LAUGHS, SECRET_FILE], ids=["entities that swell", "a file of this machine"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "part", ["xl/styles.xml", "xl/worksheets/sheet1.xml", "docProps/core.xml", "xl/more.xml"]
)
def test_a_document_type_in_any_part_is_refused(book: Path, part: str, encoding: str, declared: str) -> None:
    path = rebuilt(book, part, lambda xml: f"<?xml version='1.0'?>{declared}<x>&b;</x>".encode(encoding))

    with pytest.raises(ConfigError, match="declares a document type"):
        look_through(path)


@pytest.mark.parametrize(
    "part", ["xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/media/image1.png", "a.zip"]
)
def test_a_part_that_unpacks_to_more_than_is_allowed_is_refused(
    book: Path, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "LARGEST", 5_000_000)
    path = rebuilt(book, part, lambda xml: xml + bytes(6_000_000))

    with pytest.raises(ConfigError, match="more than 5000000 are not read"):
        look_through(path)


def test_a_part_that_lies_about_its_size_is_refused(book: Path) -> None:
    path = rebuilt(book, "xl/styles.xml", lambda xml: xml + b" " * 3_000_000)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        true = archive.getinfo("xl/styles.xml").file_size
    lie = content.replace(true.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(lie)

    with pytest.raises(ConfigError, match="no workbook that can be read"):
        look_through(path)


def test_countless_parts_are_refused(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "_MOST_ENTRIES", 20)
    with zipfile.ZipFile(book, "a") as archive:
        for number in range(30):
            archive.writestr(f"xl/x{number}.bin", b"")

    with pytest.raises(ConfigError, match="parts, which no spreadsheet program writes"):
        look_through(book)


@pytest.mark.parametrize(
    "unit",
    [
        "<c ",
        "<row ",
        '<c t="e">',
        '<c r="A1"><f>',
        '<c t="e"><v>',
        "<mergeCell ",
        "<v>",
        "<c r=",
        'r="A1" ',
        "<x:",
        "<",
    ],
)
def test_a_sheet_of_pieces_of_tags_is_looked_through_in_no_time(book: Path, unit: str) -> None:
    pieces = (unit * (1_000_000 // len(unit))).encode()
    path = rebuilt(
        book, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", b"<c " + pieces)
    )
    began = time.process_time()

    with suppress(ConfigError):
        look_through(path)

    assert time.process_time() - began < 20


def test_a_cell_with_a_number_of_thousands_of_digits_is_no_crash(book: Path) -> None:
    far = f'<row><c r="A{"9" * 5000}"><v>1</v></c></row></sheetData>'.encode()
    path = rebuilt(book, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", far))

    with suppress(ConfigError):
        look_through(path)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_a_list_of_sheets_without_end_is_refused(book: Path, part: str) -> None:
    path = rebuilt(book, part, lambda xml: xml + b" " * 30_000_000)

    with pytest.raises(ConfigError, match="is larger than any"):
        look_through(path)


def test_looking_takes_little_memory(book: Path) -> None:
    path = rebuilt(book, "xl/styles.xml", lambda xml: xml + b" " * 80_000_000)
    tracemalloc.start()

    look_through(path)

    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
