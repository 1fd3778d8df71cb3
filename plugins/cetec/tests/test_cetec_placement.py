"""Where notes and documents belong, and what becomes of those that belong nowhere."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from crossdock.errors import ConfigError
from crossdock.filestore import FileStore
from crossdock.model import Record, Rejected
from crossdock.values import Reference
from crossdock_cetec.documents import DocumentFolder
from crossdock_cetec.orderparts import OrderParts
from crossdock_cetec.placement import Placement, work_order_key
from crossdock_cetec.qualitycodes import QualityCodes, with_codes
from crossdock_cetec.supporttables import schemas
from crossdock_cetec.workorders import WorkOrders, export_record, file_name, stored

THERE = {
    ("part", "prcpart"): {"PRTA": ["PRTA"]},
    ("customer", "custnum"): {"C1": ["7"]},
    ("customer", "name"): {"Twin": ["8", "9"]},
    ("order", "ordernum"): {"00042.10": ["3"]},
}


def keys(name: str, column: str, text: str) -> Sequence[str]:
    return THERE.get((name, column), {}).get(text, ())


PLACEMENT = Placement(keys, {"12345.1/2": "PRTA"}.get, lambda: {"9001": "7"})


@pytest.mark.parametrize(
    ("row", "record", "told"),
    [
        ({"object": "Part", "record": "PRTA"}, Reference("part", "PRTA"), ""),
        ({"object": "customer", "record": "C1"}, Reference("customer", "7"), ""),
        ({"object": "Sales Order", "record": "00042.10"}, Reference("order", "3"), ""),
        (
            {"object": "Work Order", "record": "MN12345.1-2"},
            Reference("part", "PRTA"),
            "at the part: Work Order MN12345.1-2 does not migrate",
        ),
        (
            {"object": "Invoice", "record": "9001"},
            Reference("customer", "7"),
            "at the customer: Invoice 9001 does not migrate",
        ),
        (
            {"object": "BOM", "record": "PRTA"},
            Reference("part", "PRTA"),
            "at the part: BOM PRTA does not migrate",
        ),
        (
            {"object": "NCR", "record": "N1", "customer": Reference("customer", "7")},
            Reference("customer", "7"),
            "at the customer: NCR N1 does not migrate",
        ),
        (
            {"object": "Order", "record": "42.1", "part": Reference("part", "PRTA")},
            Reference("part", "PRTA"),
            "at the part: Order 42.1 is not there",
        ),
        ({"object": "Customer", "record": "Twin"}, None, "Customer Twin is not there"),
        ({"object": "RMA", "record": "88"}, None, "RMA 88 does not migrate"),
        ({}, None, "it names nothing"),
    ],
)
def test_a_row_is_placed(row: dict[str, Any], record: Reference | None, told: str) -> None:
    place = PLACEMENT.of(row)
    assert (place.record, place.told) == (record, told)


def test_a_work_order_is_written_in_three_ways() -> None:
    assert {work_order_key(t) for t in ("MN12345.1-2", "12345.1-2", " 12345.1/2 ")} == {"12345.1/2"}
    assert work_order_key("what?") == "what?"


def test_a_work_order_that_no_list_names_is_a_line_of_its_order() -> None:
    asked = []

    def lines(order: str) -> list[Record | Rejected]:
        asked.append(order)
        part = Reference("part", "PRTB")
        return [
            Record("orderline", "31", {"line": 2, "part": part}),
            Record("orderline", "32", {"line": 3, "part": None}),
            Rejected("orderline", "33", ("?",)),
        ]

    numbers = {"00042.10": ["3"], "7.1": ["8", "9"]}
    found = OrderParts(lambda number: numbers.get(number, ()), lines)

    assert found.of("00042.10/2") == "PRTB"
    assert [found.of(key) for key in ("00042.10/3", "00042.10/9", "7.1/1", "1.1/1", "what?")] == [None] * 5
    assert asked == ["3"]  # once an order


def index(*rows: tuple[str, str, str]) -> list[Record | Rejected]:
    return [Record("document", path, {"path": path, "object": o, "record": r}) for path, o, r in rows]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "documents"
    (root / "prints").mkdir(parents=True)
    (root / "prints" / "a.pdf").write_bytes(b"%PDF \x00\xff")
    (root / "loose.txt").write_text("nobody knows")
    (root / "Thumbs.db").write_text("litter")
    (tmp_path / "secret.txt").write_text("outside")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    return root


def documents(folder: Path, rows: Iterable[Record | Rejected]) -> DocumentFolder:
    held = list(rows)
    return DocumentFolder(folder, lambda _second: held, PLACEMENT)


def test_a_document_keeps_its_bytes_its_format_and_its_folder(folder: Path, store: FileStore) -> None:
    reading = documents(folder, index(("\\prints\\a.pdf", "Part", "PRTA")))

    (found,) = reading.results(store)
    (again,) = reading.again()

    assert isinstance(found, Record)
    assert store.path(found.values["content"]).read_bytes() == b"%PDF \x00\xff"
    assert found.values["name"] == "a.pdf"
    assert found.values["folder"] == "prints"
    assert found.values["content"].media_type == "application/pdf"
    assert found.values["owner"] == Reference("part", "PRTA")
    assert again == found


@pytest.mark.parametrize(
    "path", ["../secret.txt", "/../secret.txt", "prints/../../secret.txt", "link.txt", "no.pdf"]
)
def test_nothing_outside_of_the_folder_is_read(folder: Path, store: FileStore, path: str) -> None:
    (found,) = documents(folder, index((path, "Part", "PRTA"))).results(store)
    assert isinstance(found, Rejected)
    assert list(documents(folder, index((path, "Part", "PRTA"))).again()) == [found]


def test_an_orphan_is_rejected_archived_and_listed(folder: Path, store: FileStore, tmp_path: Path) -> None:
    reading = documents(folder, index(("prints/a.pdf", "RMA", "88")))

    (found,) = reading.results(store)
    report = reading.orphans(tmp_path / "handoff")

    assert isinstance(found, Rejected)
    assert "RMA 88 does not migrate: archived with the handoff" in found.reasons[0]
    assert {a.name: a.details["why"] for a in report.found} == {
        "prints/a.pdf": "RMA 88 does not migrate",
        "loose.txt": "the index does not name it",
    }
    archived = tmp_path / "handoff" / "orphan-documents" / "prints" / "a.pdf"
    assert archived.read_bytes() == b"%PDF \x00\xff"
    assert archived.stat().st_mode & 0o077 == 0


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, store: FileStore) -> None:
    with pytest.raises(ConfigError, match="no folder"):
        list(documents(tmp_path / "none", index(("a", "Part", "PRTA"))).results(store))


def work_order(key: str, **values: Any) -> Record:
    return Record("workorder", key, {"part": "PRT/A", "ordernum": key.partition("/")[0], **values})


def test_the_file_of_a_part_has_its_work_orders_with_all_that_belongs_to_them(store: FileStore) -> None:
    maps = [
        {"name": "SMT", "operations": [{"name": "Place", "avg_secs": 12, "instructions": ["=1+1", "Slow"]}]}
    ]
    work = WorkOrders(
        [
            work_order("12346.1/1", line_id="5", actual_minutes=3),
            work_order("12345.1/2", estimated_minutes=7, status="-late"),
        ],
        [Record("inspection", "I1", {"work_order": "MN12345.1-2", "number": "I1", "result": "Pass"})],
        [Record("ncr", "N1", {"work_order": "12345.1-2", "number": "N1", "disposition": "Rework"})],
        lambda line_id: maps if line_id == "5" else [],
    )
    found = work.of("PRT/A")
    kept = stored(found, store)

    rows = store.path(kept).read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(",")[:2] for row in rows if not row.startswith("Slow")][1:] == [
        ["work order", "12345.1-2"],
        ["inspection", "12345.1-2"],
        ["non-conformance", "12345.1-2"],
        ["work order", "12346.1-1"],
        ["operation", "12346.1-1"],
    ]
    assert "'-late" in rows[1]
    assert "'=1+1" in "".join(rows)
    assert (found.orders, found.inspections, found.nonconformances) == (2, 1, 1)
    assert export_record(found, kept).values["part"] == Reference("part", "PRT/A")
    assert file_name("PRT/A") == "work-orders PRT_A.csv"
    assert stored(work.of("PRT/A"), store) == kept


def test_what_belongs_to_no_work_order_is_not_lost() -> None:
    work = WorkOrders(
        [work_order("1.1/1", part=None), Rejected("workorder", "x", ("bad",))],
        [],
        [Record("ncr", "N1", {"work_order": "9.9-9", "number": "N1"})],
        None,
    )
    assert [(r.key, r.reasons) for r in work.rejected] == [
        ("workorder 1.1/1", ("it names no part",)),
        ("workorder x", ("bad",)),
    ]
    assert [(kind, row["number"]) for kind, row in work.loose()] == [("non-conformance", "N1")]


CODES = QualityCodes(
    (
        {"code": "Q1", "description": "Lot", "applies_to": "Part, PO", "active": True},
        {"code": "W1", "description": None, "applies_to": "work order", "active": True},
        {"code": "R1", "description": "Return", "applies_to": "RMA", "active": False},
    )
)


def test_quality_codes_are_choices_of_the_objects_that_they_are_for() -> None:
    found = with_codes(schemas(["part", "purchaseorder", "customer"]), CODES)

    def options(name: str, field: str) -> list[str]:
        described = found[name].field(field)
        assert described is not None
        return [f"{option.value}:{option.label}" for option in described.options]

    assert options("part", "quality_code") == ["Q1:Q1 - Lot"]
    assert options("purchaseorder", "quality_code") == ["Q1:Q1 - Lot"]
    assert options("part", "work_order_codes") == ["W1:W1"]
    wheres = {a.name: a.details["where"] for a in CODES.report().found}
    assert wheres["R1"] == "nowhere: for people to decide"
    assert QualityCodes(()).report().not_examined
