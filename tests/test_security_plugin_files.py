"""Files that plugins read by themselves: hostile ones are refused, and a name in them leads nowhere."""

import csv
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crossdock.errors import ConfigError
from crossdock.filestore import FileStore
from crossdock.model import Record, Rejected
from crossdock_ascora.wordforms.documents import parts_of
from crossdock_cetec import workorders
from crossdock_cetec.documents import DocumentFolder
from crossdock_cetec.workorders import table
from crossdock_elma365.inventory import Inventory
from crossdock_elma365.robots import robot_report

HOSTILE_PATHS = [
    *(
        "../secret.txt",
        "/etc/passwd",
        "a/../../secret.txt",
        "..\\secret.txt",
        "link.txt",
        "linked/secret.txt",
    ),
    *("a\0b", "x" * 5000, "~/.ssh/id_rsa", "C:\\secret.txt", "."),
]


def test_a_list_of_robots_is_looked_through_before_it_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "robots.xlsx")
    with zipfile.ZipFile(tmp_path / "robots.xlsx", "a") as archive:
        archive.writestr("xl/more.xml", '<!DOCTYPE x [<!ENTITY a "ha">]><x>&a;</x>')

    with pytest.raises(ConfigError, match="document type"):
        robot_report(tmp_path / "robots.xlsx", None, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_word_file_with_entities_is_refused(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "form.docx"
    with zipfile.ZipFile(path, "w") as archive:
        text = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
        archive.writestr("word/document.xml", text.encode(encoding))

    with pytest.raises(ConfigError, match="document type"):
        parts_of(path)


@pytest.mark.parametrize("name", HOSTILE_PATHS)
def test_an_index_of_documents_leads_to_nothing_outside_of_its_folder(tmp_path: Path, name: str) -> None:
    folder, out = tmp_path / "documents", tmp_path / "handoff"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "linked").symlink_to(tmp_path)
    placement: Any = _Nowhere()
    documents = DocumentFolder(folder, lambda _second: [Record("document", name, {})], placement)

    documents.orphans(out)
    results = list(documents.results(FileStore(tmp_path / "store")))

    assert all(isinstance(result, Rejected) for result in results)
    written = [p for p in [*out.rglob("*"), *(tmp_path / "store").rglob("*")] if p.is_file()]
    assert [p for p in written if p.read_text() == "secret"] == []


class _Nowhere:
    def of(self, _values: Any) -> Any:
        return type("Place", (), {"record": None, "told": "nowhere"})()


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "a\0b", "x" * 300, "con", "a/b", "..\\evil"])
def test_a_file_of_the_handoff_is_named_by_plain_signs(tmp_path: Path, name: str) -> None:
    inventory: Any = Inventory.__new__(Inventory)
    inventory._folder = tmp_path

    path = inventory._path("reports", name, name, ".csv")

    assert path.parent == tmp_path / "reports"
    assert len(path.name.encode()) < 256
    path.parent.mkdir()
    path.write_text("x")


def test_a_table_of_work_orders_holds_no_formula() -> None:
    row = workorders._row(
        {"part": '=HYPERLINK("http://x.example")', "kind": "@SUM(1)", "quantity": Decimal(-5)}
    )

    text = table([row]).decode("utf-8-sig")

    cells = list(csv.reader(io.StringIO(text)))[1]
    assert [cell for cell in cells if cell] == ['\'=HYPERLINK("http://x.example")', "-5", "'@SUM(1)"]
