"""Bills of materials: every level, every quantity, every cycle, from both kinds of export."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import Record, Rejected
from crossdock_cetec import bom
from crossdock_cetec.bom import BillsOfMaterials
from crossdock_cetec.parts import PartBook


def line(parent: str | None, component: str, quantity: str = "1", **more: Any) -> dict[str, Any]:
    return {"parent": parent, "component": component, "quantity": Decimal(quantity), **more}


def operation(parent: str, name: str, order: int, place: int, **more: Any) -> dict[str, Any]:
    return {"parent": parent, "operation": name, "build_order": order, "place": place, **more}


LINES = [
    line("SYS", "UNIT", "2", number="1", revision="A"),
    line("UNIT", "BOARD", "1", number="1", comments="Handle with care"),
    line("UNIT", "WIRE", "2.50000", number="2"),
    line("BOARD", "CHIP", "12", designators="U1, U2"),
]
OPERATIONS = [
    operation("UNIT", "Test", 2, 2, location="TEST", instructions="Power on", setup=False),
    operation("UNIT", "Mount", 1, 1, location="ASSEMBLY", repetitions=Decimal("3.0"), setup=True),
]


def test_a_document_has_all_levels_quantities_and_operations() -> None:
    document = BillsOfMaterials(LINES, OPERATIONS).document("SYS")

    assert document == {
        "part": "SYS",
        "levels": 3,
        "components": [
            {
                "part": "UNIT",
                "quantity": "2",
                "number": "1",
                "revision": "A",
                "components": [
                    {
                        "part": "BOARD",
                        "quantity": "1",
                        "number": "1",
                        "comments": "Handle with care",
                        "components": [{"part": "CHIP", "quantity": "12", "designators": "U1, U2"}],
                    },
                    {"part": "WIRE", "quantity": "2.5", "number": "2"},
                ],
                "operations": [
                    {
                        "location": "ASSEMBLY",
                        "build_order": 1,
                        "operation": "Mount",
                        "place": 1,
                        "repetitions": "3",
                        "setup": True,
                    },
                    {
                        "location": "TEST",
                        "build_order": 2,
                        "operation": "Test",
                        "place": 2,
                        "setup": False,
                        "instructions": "Power on",
                    },
                ],
            }
        ],
    }
    assert bom.count(document["components"]) == 4


def test_where_a_part_is_used_is_kept() -> None:
    boms = BillsOfMaterials([*LINES, line("OTHER", "CHIP", "3")], [])

    assert boms.where_used("CHIP") == [
        {"part": "BOARD", "quantity": "12", "designators": "U1, U2"},
        {"part": "OTHER", "quantity": "3"},
    ]
    assert boms.where_used("SYS") is None
    assert boms.tops == ("SYS", "OTHER")


def test_a_part_that_nothing_is_said_of_has_no_document() -> None:
    assert BillsOfMaterials(LINES, []).document("CHIP") is None


def test_an_indented_export_gives_the_same_tree() -> None:
    indented = [
        {
            "top": "SYS",
            "level": 1,
            "component": "UNIT",
            "quantity": Decimal(2),
            "number": "1",
            "revision": "A",
        },
        {"top": "SYS", "level": 2, "component": "BOARD", "quantity": Decimal(1), "number": "1"},
        {"top": "SYS", "level": 3, "component": "CHIP", "quantity": Decimal(12)},
        {"top": "SYS", "level": 2, "component": "WIRE", "quantity": Decimal("2.5"), "number": "2"},
        {"top": "NEXT", "level": 1, "component": "CHIP", "quantity": Decimal(1)},
    ]

    boms = BillsOfMaterials(indented, [])

    assert [c["part"] for c in boms.document("UNIT")["components"]] == ["BOARD", "WIRE"]
    assert [u["part"] for u in boms.where_used("CHIP") or ()] == ["BOARD", "NEXT"]
    assert boms.faults == []


def test_an_indented_export_may_begin_each_tree_at_level_zero() -> None:
    rows = [
        {"level": 0, "component": "A"},
        {"level": 1, "component": "B"},
        {"level": 2, "component": "C"},
        {"level": 0, "component": "D"},
        {"level": 1, "component": "B"},
    ]
    boms = BillsOfMaterials(rows, [])
    assert [u["part"] for u in boms.where_used("B") or ()] == ["A", "D"]
    assert boms.faults == []


def test_a_row_without_a_place_is_a_fault_and_not_guessed() -> None:
    rows = [{"top": "A", "level": 1, "component": "B"}, {"top": "A", "level": 3, "component": "C"}]
    boms = BillsOfMaterials([*rows, {"component": "LOST"}], [])

    assert boms.where_used("C") is None
    assert len(boms.faults) == 2
    assert "C has level 3" in boms.faults[0]
    assert "LOST has no parent" in boms.faults[1]


def test_a_cycle_is_named_once_and_not_followed() -> None:
    boms = BillsOfMaterials([line("A", "B"), line("B", "C"), line("C", "A"), line("X", "B")], [])

    assert boms.cycles() == [["A", "B", "C"]]
    document = boms.document("A")
    assert document is not None
    assert document["cycles"] == [["A", "B", "C", "A"]]
    innermost = document["components"][0]["components"][0]["components"][0]
    assert innermost == {"part": "A", "quantity": "1", "cycle": True}


def test_a_part_in_itself_is_a_cycle() -> None:
    assert BillsOfMaterials([line("A", "A")], []).cycles() == [["A"]]


def test_a_structure_without_end_stays_small() -> None:
    lines = [line(f"P{n}", f"P{n + 1}") for n in range(60) for _ in (1, 2)]

    boms = BillsOfMaterials(lines, [])
    document = boms.document("P0")

    assert document is not None
    assert bom.count(document["components"]) < 3 * bom.MOST_NODES
    assert boms.cycles() == []


def test_a_very_deep_structure_is_searched_for_cycles() -> None:
    lines = [line(f"P{n:05}", f"P{n + 1:05}") for n in range(5000)]
    assert BillsOfMaterials(lines, []).cycles() == []
    assert len(BillsOfMaterials([*lines, line("P05000", "P00000")], []).cycles()) == 1


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14))
@settings(deadline=None)
def test_a_cycle_is_found_exactly_if_a_part_leads_back_to_itself(edges: list[tuple[int, int]]) -> None:
    boms = BillsOfMaterials([line(str(a), str(b)) for a, b in edges], [])
    reach = {(str(a), str(b)) for a, b in edges}
    for middle in map(str, range(7)):
        reach |= {(a, d) for a, b in reach if b == middle for c, d in reach if c == middle}

    in_cycles = {part for path in boms.cycles() for part in path}

    assert bool(in_cycles) == any((p, p) in reach for p in map(str, range(7)))
    assert all((part, part) in reach for part in in_cycles)
    for path in boms.cycles():
        steps = set(zip(path, [*path[1:], path[0]], strict=True))
        assert steps <= {(str(a), str(b)) for a, b in edges}


def record(name: str, **values: Any) -> Record:
    return Record(name, "row", values)


def test_a_part_gets_all_that_belongs_to_it() -> None:
    book = PartBook(
        [record("bomline", **each) for each in [*LINES, line("WIRE", "SYS")]],
        [record("bomoperation", **each) for each in OPERATIONS],
        [record("vendorprice", part="CHIP", vendor="V", price=None, minimum=Decimal(100), lead_time="3 wk")],
        [record("workorder", part="UNIT", quality_code=code) for code in ("W1", "W2", "W1", None)],
    )

    unit = book.completed(Record("part", "UNIT", {"prc": None, "number": None}))
    chip = book.completed(Record("part", "CHIP", {}))

    assert isinstance(unit, Record)
    assert isinstance(chip, Record)
    assert unit.values["work_order_codes"] == ("W1", "W2")
    assert unit.values["bom_problems"] == "it is in itself: SYS > UNIT > WIRE > SYS"
    assert chip.values["vendor_prices"] == [{"vendor": "V", "minimum": "100", "lead_time": "3 wk"}]
    assert chip.values["bom"] is None


def test_a_prcpart_is_kept_as_it_is_and_its_parts_are_derived() -> None:
    book = PartBook([], [], [], [])
    part = book.completed(Record("part", "PRT TESTPART ", {"prcpart": "PRT TESTPART "}))

    assert part.key == "PRT TESTPART "
    assert isinstance(part, Record)
    assert (part.values["prc"], part.values["number"]) == ("PRT", "TESTPART")


def test_rows_that_cannot_be_read_are_rejected_as_of_the_part_list() -> None:
    bad = Rejected("bomline", "bom.csv, row 3", ("no number",))
    book = PartBook([bad, record("bomline", component="LOST", parent=None, quantity=None)], [], [], [])

    assert [(r.object_name, r.key) for r in book.rejected] == [
        ("part", "bomline bom.csv, row 3"),
        ("part", "bomline without a place 1"),
    ]
    assert book.completed(bad) is bad
