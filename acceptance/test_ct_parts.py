"""CT05 to CT08: parts, bills of materials, work orders and purchase orders."""

# ruff: noqa: N802 - a test is named after its row

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from acceptance.destinations.twenty import written
from acceptance.destinations.twenty_rows import money
from acceptance.harness import Pair, moved
from acceptance.platforms import Row
from acceptance.slices import ANNA_MEMBER, IVAN_MEMBER, Json, Slice
from acceptance.sources.cetec import binary, firm, line, order, workbook
from acceptance.test_ct_sales import flagged, handed

PARTS, SYSTEMS, WORKED, PURCHASES = 54, 13, 52, 52

# --- CT05 ---------------------------------------------------------------------------------------

ODD_NUMBERS = {0: "PRT TEST/0", 1: "PRT-ÄÖ 1", 2: "CMP000.10"}
"""Part numbers that somebody could trim, split or take for a number."""


def number_of(index: int) -> str:
    """The prcpart of a part of CT05."""
    return ODD_NUMBERS.get(index, f"CMP5{index:03d}")


def part(index: int, **more: Any) -> Json:
    """A row of the part list."""
    return {
        "Prcpart": number_of(index),
        "Description": f"Resistor {index}, 1%",
        "UOM": ("EA", "FT", "KG")[index % 3],
        "Rev": "C",
        "QOH": Decimal("10.25") + index,
        "Default Cost": Decimal("0.01234"),
        "Default Resale": Decimal("1.5"),
        "Lead Time": "4 wk",
        "Created On": date(2021, 5, 6),
    } | more


PART_ROWS = [*(part(n) for n in range(PARTS)), part(60, QOH="plenty")]
PRICES = [
    {
        "Prcpart": number_of(n),
        "Vendor": vendor,
        "Vendor Part": f"{vendor[:3]}-{n}",
        "Price": Decimal(price) + n,
        "Min Qty": minimum,
        "Lead Time": "2 wk",
    }
    for n in range(PARTS)
    for vendor, price, minimum in (("Cedar Supply", "0.12345", 100), ("Dogwood Parts", "0.1", None))
]


def sheet(index: int) -> bytes:
    """The drawing of a part."""
    return f"%PDF-1.4 drawing {index}\n".encode() + bytes(range(256))


DRAWINGS = [
    {
        "File": f"prints/drawing-{n}.pdf",
        "Title": f"Drawing {n}",
        "Revision": "C",
        "Object": "Part",
        "Record": number_of(n),
    }
    for n in range(PARTS)
]

# --- CT06: each system is made of four levels, and two parts are in each other ------------------


def made_of(index: int) -> list[tuple[str, str, str]]:
    """(parent, component, quantity) of one system; a bolt is in two of its parts."""
    system, unit, board, bolt = (f"{name}6{index:02d}" for name in ("SYS", "UNT", "BRD", "BLT"))
    return [
        (system, unit, "2"),
        (system, bolt, "8"),
        (unit, board, "0.125"),
        (board, bolt, "4.5"),
    ]


MADE = [each for n in range(SYSTEMS) for each in made_of(n)]
CIRCLE = [("LOP6A", "LOP6B", "1"), ("LOP6B", "LOP6A", "3")]
BOM_ROWS: list[Json] = [
    *(
        {
            "Parent": parent,
            "Component": component,
            "Qty Per Top": Decimal(quantity),
            "Comp No": number,
            "Reference Designators": "R1, R2",
            "Pick Comments": "Keep dry" if component.startswith("BRD") else None,
        }
        for number, (parent, component, quantity) in enumerate([*MADE, *CIRCLE], start=1)
    ),
    {"Parent": "SYS600", "Component": "BLT600", "Qty Per Top": "some"},
]
# The same structure as people see it on the screen: indented by levels.
INDENTED: list[Json] = [
    {"Top Assembly": "IND6", "Level": level, "Component": component, "Qty Per Top": quantity}
    for level, component, quantity in ((1, "IND6-A", 1), (2, "IND6-B", 2), (3, "BLT600", 3), (1, "BLT601", 4))
]
STEPS: list[Json] = [
    {
        "Prcpart": f"UNT6{n:02d}",
        "Work Location": place,
        "Build Order": build,
        "Operation": operation,
        "Place In Line": 1,
        "Repetitions": 2,
        "Setup": setup,
        "Work Instructions": f"Take part {n}; watch the <temperature>",
    }
    for n in range(SYSTEMS)
    for build, place, operation, setup in ((2, "TEST", "Power on", "No"), (1, "SMT", "Place", "Yes"))
]
MADE_PARTS = sorted(
    {each for parent, component, _ in [*MADE, *CIRCLE] for each in (parent, component)}
    | {"IND6", "IND6-A", "IND6-B"}
)

# --- CT07 ---------------------------------------------------------------------------------------


def worked(index: int) -> Json:
    """An order of two parts to build; every fourth order builds the first one twice."""
    number, twice = 1700 + index, index % 4 == 0
    day = f"2024-07-{index % 28 + 1:02d}"
    lines = [line(number * 100 + 1, f"WRK7{index:02d}", 5, "10.00", due_date=day, work_location=71)]
    if twice:
        lines.append(line(number * 100 + 2, f"WRK7{index:02d}", 3, "10.00", due_date=day, work_location=71))
    return order(number, "Firm 1700, Inc.", *lines)


WORK = [worked(n) for n in range(WORKED)]
PRODUCTION: list[Json] = [
    *(
        {
            "Order": each["ordernum"],
            "Line": own["lineitem"],
            "Prcpart": own["prcpart"],
            "Status": "In process",
            "Work Loc": "SMT line",
            "Qty": own["qty"],
            "Est. Labor Min": Decimal("12.5"),
            "Act. Labor Min": 159.60000000000002,  # as a real export has it
            "Labor Cost": Decimal("80.12345"),
            "Ext. Resale": Decimal("50.00"),
            "Work Start Date": datetime(2024, 6, 1, 9, 30),  # noqa: DTZ001 - a cell has no zone
            "Ship Date": date(2024, 7, 1),
        }
        for each in WORK
        for own in each["lines"]
    ),
    {"Order": "1799.1", "Line": 1, "Prcpart": None, "Status": "In process"},
]
MAPS: list[Json] = [
    {
        "ordline_id": each["lines"][0]["id"],
        "locations": [
            {
                "name": "SMT line",
                "operations": [
                    {"name": "Place", "avg_secs": 30, "repetitions": 4, "instructions": ["Feed the reels"]},
                    {"name": "Reflow", "avg_secs": 90, "repetitions": 1},
                ],
            }
        ],
    }
    for each in WORK
]
FAULTS: list[Json] = [
    {
        "NCR": f"N7-{n}",
        "NCR Type": "Production",
        "Work Order": f"MN{1700 + n}.1-1",
        "Prcpart": f"WRK7{n:02d}",
        "Qty": 2,
        "Description": "-bent pins",
        "Status": "Closed",
        "Disposition": "Rework",
        "Found On": date(2024, 6, 20),
    }
    for n in range(0, WORKED, 2)
]
CHECKS: list[Json] = [
    {
        "Inspection": f"I7-{n}",
        "Inspection Type": "First article",
        "Work Order": f"{1700 + n}.1-1",
        "Result": "Passed",
        "Inspected On": date(2024, 6, 21),
    }
    for n in range(WORKED)
] + [{"Inspection": "I7-lost", "Work Order": "9999.1-1", "Result": "Failed"}]

# --- CT08 ---------------------------------------------------------------------------------------

VENDORS = [
    {
        "Vendor Number": f"V8{n}",
        "Vendor": f"Supplier 8{n}",
        "Website": f"supplier-8{n}.example",
        "Email": f"sales@supplier-8{n}.example",
        "Terms": "NET30",
    }
    for n in range(4)
]


def purchase(number: int, **more: Any) -> Json:
    """A purchase order; it names its vendor by number or by name."""
    return {
        "PO": f"P8{number:02d}",
        "Vendor Number": f"V8{number % 4}" if number % 2 else f"Supplier 8{number % 4}",
        "Buyer": ("ivan", "anna", "roman")[number % 3],
        "Ordered On": date(2024, 1, 1 + number % 28),
        "Status": "Open" if number % 2 else "Closed",
        "Total": Decimal("124.69"),
        "Order Type": "U",
        "Ship To": "Our dock",
    } | more


DROPPED = {3: {"Order Type": "D", "Sales Order": "1800.1"}, 4: {"Ship To": "firm 1800,  INC."}}
"""Purchase orders that the vendor sends to the customer: by their type, and by whom they go to."""
PURCHASE_ROWS: list[Json] = [
    *(purchase(n, **DROPPED.get(n, {})) for n in range(PURCHASES)),
    purchase(90, **{"Vendor Number": "V999"}),
    purchase(91, Total="a lot"),
]
PURCHASE_LINES: list[Json] = [
    {
        "PO": f"P8{n:02d}",
        "Line": place,
        "Prcpart": "CMP8",
        "Description": "As ordered",
        "Qty": quantity,
        "Cost": Decimal("0.12345"),
        "Ext Cost": Decimal("0.12345") * quantity,
        "Due Date": date(2024, 3, 1),
    }
    for n in (*range(PURCHASES), 90)
    for place, quantity in ((1, 1000), (2, 10))
]
RECEIPTS: list[Json] = [
    {
        "PO": f"P8{n:02d}",
        "Line": 1,
        "Receipt": f"R-{n}-{day}",
        "Receipt Date": date(2024, 2, day),
        "Qty": quantity,
    }
    for n in range(PURCHASES)
    for day, quantity in ((10, Decimal("600.5")), (20, Decimal("399.5")))
]

SEEDS: dict[str, Json] = {
    "CT05": {
        "files": {
            "parts_list CT05.xlsx": workbook(*PART_ROWS),
            "vendor_prices CT05.xlsx": workbook(*PRICES),
            "document_list CT05.xlsx": workbook(*DRAWINGS),
            **{f"documents/prints/drawing-{n}.pdf": binary(sheet(n)) for n in range(PARTS)},
        }
    },
    "CT06": {
        "files": {
            "parts_list CT06.xlsx": workbook(*({"Prcpart": p, "Description": p} for p in MADE_PARTS)),
            "bom_list CT06.xlsx": workbook(*BOM_ROWS),
            "bom_list CT06 indented.xlsx": workbook(*INDENTED),
            "bom_operations CT06.xlsx": workbook(*STEPS),
        }
    },
    "CT07": {
        "customers": [firm(1700)],
        "orders": WORK,
        "locations": [{"id": 71, "description": "SMT line"}],
        "location_maps": MAPS,
        "files": {
            "parts_list CT07.xlsx": workbook(
                *({"Prcpart": f"WRK7{n:02d}", "Description": "Unit"} for n in range(WORKED))
            ),
            "production_list CT07.xlsx": workbook(*PRODUCTION),
            "ncr_list CT07.xlsx": workbook(*FAULTS),
            "inspection_list CT07.xlsx": workbook(*CHECKS),
        },
    },
    "CT08": {
        "customers": [firm(1800)],
        "orders": [order(1800, "Firm 1800, Inc.")],
        "files": {
            "parts_list CT08.xlsx": workbook({"Prcpart": "CMP8", "Description": "Chip"}),
            "vendor_list CT08.xlsx": workbook(*VENDORS),
            "po_list CT08.xlsx": workbook(*PURCHASE_ROWS),
            "po_lines CT08.xlsx": workbook(*PURCHASE_LINES),
            "receipts CT08.xlsx": workbook(*RECEIPTS),
        },
    },
}
SLICES = {row: [Slice(row, seed, source="cetec")] for row, seed in SEEDS.items()}


def content(shared: Pair, attachment: Row) -> bytes:
    """The bytes of an attachment."""
    found: bytes = shared.destination.content(attachment)
    return found


def test_CT05_parts_become_a_custom_object(shared: Pair, record_property):
    found = shared.destination.ours("parts", "part")
    for n in range(PARTS):
        row = found[number_of(n)]
        assert (row["name"], row["description"]) == (number_of(n), f"Resistor {n}, 1%")
        assert (row["uom"], row["revision"], row["leadTime"]) == (
            ("EA", "FT", "KG")[n % 3],
            "C",
            "4 wk",
        )
        assert (row["prc"], row["number"]) == (number_of(n)[:3], number_of(n)[3:].strip())
        assert row["qoh"] == 10.25 + n
        assert money(row["defaultCost"]) == (Decimal("0.01234"), "USD")
        assert money(row["defaultResale"]) == (Decimal("1.5"), "USD")
        assert row["createdAt"].startswith("2021-05-06T")
    refused = shared.refused([row["Prcpart"] for row in PART_ROWS], "part>part")
    assert set(refused) == {number_of(60)}
    assert "plenty" in refused[number_of(60)]
    moved(record_property, len(PART_ROWS) + len(DRAWINGS), len(refused))


def test_CT05_a_part_has_the_prices_of_its_vendors(shared: Pair):
    found = shared.destination.ours("parts", "part")
    for n in range(PARTS):
        assert found[number_of(n)]["vendorPrices"] == [
            {
                "vendor": "Cedar Supply",
                "vendor_part": f"Ced-{n}",
                "price": f"{Decimal('0.12345') + n}",
                "currency": "USD",
                "minimum": "100",
                "lead_time": "2 wk",
            },
            {
                "vendor": "Dogwood Parts",
                "vendor_part": f"Dog-{n}",
                "price": f"{Decimal('0.1') + n}",
                "currency": "USD",
                "lead_time": "2 wk",
            },
        ]


def test_CT05_prints_are_attached_to_their_part(shared: Pair):
    parts = shared.destination.ours("parts", "part")
    found = shared.destination.ours("attachments", "document")
    for n in range(PARTS):
        row = found[f"prints/drawing-{n}.pdf"]
        assert (row["targetPartId"], row["revision"]) == (parts[number_of(n)]["id"], "C")
        assert (row["name"], row["title"]) == (f"drawing-{n}.pdf", f"Drawing {n}")
    for n in (0, 31, PARTS - 1):
        assert content(shared, found[f"prints/drawing-{n}.pdf"]) == sheet(n)


def test_CT05_the_object_is_provisioned_before_anything_is_loaded(shared: Pair):
    log = shared.answers["log"]
    shaped = [entry["n"] for entry in shared.destination.shaped(log)]
    assert shaped
    assert max(shaped) < min(entry["n"] for entry in written(log))
    fields = shared.destination.objects()["part"]["fields"]
    assert fields["vendorPrices"]["type"] == fields["bom"]["type"] == "RAW_JSON"


def test_CT06_a_part_has_its_bill_of_materials_as_one_document(shared: Pair, record_property):
    found = shared.destination.ours("parts", "part")
    for n in range(SYSTEMS):
        system, unit, board, bolt = (f"{name}6{n:02d}" for name in ("SYS", "UNT", "BRD", "BLT"))
        document = found[system]["bom"]
        assert (document["part"], document["levels"]) == (system, 3)
        first, second = document["components"]
        assert (first["part"], first["quantity"]) == (unit, "2")
        assert (second["part"], second["quantity"]) == (bolt, "8")
        (inner,) = first["components"]
        assert (inner["part"], inner["quantity"], inner["comments"]) == (board, "0.125", "Keep dry")
        (last,) = inner["components"]
        assert (last["part"], last["quantity"], last["designators"]) == (bolt, "4.5", "R1, R2")
        assert "components" not in last
        used = [(each["part"], each["quantity"]) for each in found[bolt]["whereUsed"]]
        assert [each for each in used if not each[0].startswith("IND")] == [(system, "8"), (board, "4.5")]
        assert found[bolt]["bom"] is None
    refused = {
        line["source_id"]: line["reasons"]
        for line in shared.audit
        if line["source_object"] == "part" and line["source_id"].startswith("bomline")
    }
    ((_, reason),) = refused.items()
    assert "some" in reason
    moved(record_property, len(MADE_PARTS) + 1, len(refused))


def test_CT06_operations_and_work_instructions_are_in_it(shared: Pair):
    found = shared.destination.ours("parts", "part")
    for n in range(SYSTEMS):
        told = f"Take part {n}; watch the <temperature>"
        steps = [
            {
                "location": place,
                "build_order": build,
                "operation": operation,
                "place": 1,
                "repetitions": "2",
                "setup": setup,
                "instructions": told,
            }
            for build, place, operation, setup in ((1, "SMT", "Place", True), (2, "TEST", "Power on", False))
        ]
        assert found[f"UNT6{n:02d}"]["bom"]["operations"] == steps
        (unit, _bolt) = found[f"SYS6{n:02d}"]["bom"]["components"]
        assert unit["operations"] == steps


def test_CT06_an_indented_export_gives_the_same_kind_of_document(shared: Pair):
    document = shared.destination.ours("parts", "part")["IND6"]["bom"]
    assert document["levels"] == 3
    first, second = document["components"]
    (inner,) = first["components"]
    (last,) = inner["components"]
    assert [(x["part"], x["quantity"]) for x in (first, inner, last, second)] == [
        ("IND6-A", "1"),
        ("IND6-B", "2"),
        ("BLT600", "3"),
        ("BLT601", "4"),
    ]


def test_CT06_a_part_that_is_in_itself_is_found(shared: Pair):
    found = shared.destination.ours("parts", "part")
    for name in ("LOP6A", "LOP6B"):
        assert found[name]["bomProblems"] == "it is in itself: LOP6A > LOP6B > LOP6A"
    (inner,) = found["LOP6A"]["bom"]["components"]
    assert [x["part"] for x in inner["components"]] == ["LOP6A"]
    assert inner["components"][0]["cycle"] is True
    told = flagged(shared, "bomProblems")
    assert [(x["object"], x["count"]) for x in told] == [("part", 2)]


def test_CT06_the_documents_are_in_the_handoff(shared: Pair):
    report = handed(shared, "bill_of_materials")
    found = {each["name"]: each["details"] for each in report["found"]}
    parts = shared.destination.ours("parts", "part")
    for n in range(SYSTEMS):
        details = found[f"SYS6{n:02d}"]
        assert (details["levels"], details["components"]) == (3, 4)
        path = shared.project.folder / "reports" / details["file"]
        assert json.loads(path.read_text(encoding="utf-8")) == parts[f"SYS6{n:02d}"]["bom"]
    assert found["UNT600"]["operations"] == 2
    assert found["LOP6A"]["cycles"] == ["LOP6A > LOP6B > LOP6A"]
    page = (shared.project.folder / "reports" / "handoff.html").read_text(encoding="utf-8")
    assert "SYS612" in page


def rows_of(text: bytes) -> list[dict[str, str]]:
    """The rows of an export of work orders."""
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))


def test_CT07_the_work_orders_of_a_part_are_a_file_on_it(shared: Pair, record_property):
    there = shared.destination
    parts, found = there.ours("parts", "part"), there.ours("attachments", "workorder_export")
    for n in range(WORKED):
        row = found[f"WRK7{n:02d}"]
        assert row["targetPartId"] == parts[f"WRK7{n:02d}"]["id"]
        assert row["name"] == f"work-orders WRK7{n:02d}.csv"
    rows = rows_of(content(shared, found["WRK704"]))
    first, second = [each for each in rows if each["record"] == "work order"]
    assert (first["work_order"], second["work_order"]) == ("1704.1-1", "1704.1-2")
    assert (first["order"], first["part"], first["status"]) == ("1704.1", "WRK704", "In process")
    assert (first["quantity"], first["location"]) == ("5", "SMT line")
    refused = [
        (line["source_id"], line["reasons"])
        for line in shared.audit
        if line["source_object"] == "workorder_export" and line["outcome"] == "rejected"
    ]
    ((source, why),) = refused
    assert ("1799.1" in source, "part" in why) == (True, True)
    moved(record_property, len(PRODUCTION), len(refused))


def test_CT07_operations_labour_and_cost_are_in_the_file(shared: Pair):
    found = shared.destination.ours("attachments", "workorder_export")
    rows = rows_of(content(shared, found["WRK705"]))
    (work,) = [each for each in rows if each["record"] == "work order"]
    assert (work["estimated_minutes"], work["actual_minutes"]) == ("12.5", "159.6")
    assert work["labor_cost"] == "80.12345 USD"
    place, reflow = [each for each in rows if each["record"] == "operation"]
    assert (place["operation"], place["sequence"], place["seconds"]) == ("Place", "1", "30")
    assert (place["repetitions"], place["description"]) == ("4", "Feed the reels")
    assert (reflow["operation"], reflow["sequence"], reflow["location"]) == ("Reflow", "2", "SMT line")


def test_CT07_inspections_and_nonconformances_are_in_the_file(shared: Pair):
    found = shared.destination.ours("attachments", "workorder_export")
    rows = rows_of(content(shared, found["WRK706"]))
    (check,) = [each for each in rows if each["record"] == "inspection"]
    assert (check["number"], check["kind"], check["result"], check["date"]) == (
        "I7-6",
        "First article",
        "Passed",
        "2024-06-21",
    )
    (fault,) = [each for each in rows if each["record"] == "non-conformance"]
    assert (fault["number"], fault["kind"], fault["quantity"]) == ("N7-6", "Production", "2")
    assert (fault["status"], fault["disposition"], fault["date"]) == ("Closed", "Rework", "2024-06-20")
    assert fault["description"] == "'-bent pins"  # a spreadsheet must not run it
    rows = rows_of(content(shared, found["WRK707"]))
    assert not [each for each in rows if each["record"] == "non-conformance"]


def test_CT07_all_work_orders_are_an_inventory_in_the_handoff(shared: Pair):
    report = handed(shared, "work_order")
    found = {each["id"]: each["details"] for each in report["found"]}
    for n in range(WORKED):
        orders = 2 if n % 4 == 0 else 1
        details = found[f"WRK7{n:02d}"]
        assert (details["work_orders"], details["inspections"]) == (orders, 1)
        assert details["non_conformances"] == (n + 1) % 2
        assert Decimal(details["actual_minutes"]) == orders * Decimal("159.6")
        cost, currency = details["labor_cost"].split()
        assert (Decimal(cost), currency) == (orders * Decimal("80.12345"), "USD")
    assert found["I7-lost"]["work_order"] == "9999.1-1"
    path = shared.project.folder / "reports" / found["all"]["file"]
    assert f"{1700 + WORKED - 1}.1-1" in path.read_text(encoding="utf-8-sig")


def test_CT08_purchase_orders_become_a_custom_object(shared: Pair, record_property):
    there = shared.destination
    found, vendors = there.ours("purchaseOrders", "purchaseorder"), there.ours("companies", "vendor")
    for n in range(4):
        assert vendors[f"V8{n}"]["name"] == f"Supplier 8{n}"
        assert vendors[f"V8{n}"]["vendorTerms"] == "NET30"
    for n in range(PURCHASES):
        row = found[f"P8{n:02d}"]
        assert (row["name"], row["status"]) == (f"P8{n:02d}", "Open" if n % 2 else "Closed")
        assert row["vendorId"] == vendors[f"V8{n % 4}"]["id"]
        assert row["buyerId"] == (IVAN_MEMBER, ANNA_MEMBER, None)[n % 3]
        assert row["orderedOn"] == f"2024-01-{1 + n % 28:02d}"
        assert money(row["total"]) == (Decimal("124.69"), "USD")
    refused = shared.refused([row["PO"] for row in PURCHASE_ROWS], "purchaseorder>purchaseOrder")
    assert set(refused) == {"P890", "P891"}
    assert "V999" in refused["P890"]
    moved(record_property, len(PURCHASE_ROWS) + len(PURCHASE_LINES) + len(VENDORS), len(refused))


def test_CT08_lines_and_receipts_go_with_them(shared: Pair):
    there = shared.destination
    orders, parts = there.ours("purchaseOrders", "purchaseorder"), there.ours("parts", "part")
    found = there.ours("purchaseOrderLines", "poline")
    for n in range(PURCHASES):
        number = f"P8{n:02d}"
        first, second = found[f"{number}/1"], found[f"{number}/2"]
        assert first["purchaseOrderId"] == second["purchaseOrderId"] == orders[number]["id"]
        assert first["partId"] == parts["CMP8"]["id"]
        assert (first["quantity"], first["received"], second["received"]) == (1000, 1000, None)
        assert money(first["cost"]) == (Decimal("0.12345"), "USD")
        assert money(first["amount"]) == (Decimal("123.45"), "USD")
        came = [
            {"receipt": f"R-{n}-10", "received_on": "2024-02-10", "quantity": "600.5"},
            {"receipt": f"R-{n}-20", "received_on": "2024-02-20", "quantity": "399.5"},
        ]
        assert first["receipts"] == came
        assert orders[number]["receipts"] == [{"line": 1, **each} for each in came]
    assert set(shared.refused(["P890/1", "P890/2"], "poline>purchaseOrderLine")) == {"P890/1", "P890/2"}


def test_CT08_what_goes_to_the_customer_at_once_is_flagged(shared: Pair):
    there = shared.destination
    found = there.ours("purchaseOrders", "purchaseorder")
    told = {number: row["dropShip"] for number, row in found.items() if row["dropShip"]}
    assert told == {
        "P803": "drop-ship (order type D)",
        "P804": "drop-ship (goes to firm 1800,  INC.)",
    }
    assert found["P803"]["salesOrderId"] == there.ours("opportunities", "order")["1800"]["id"]
    assert [(row["rule"], row["count"]) for row in flagged(shared, "dropShip")] == [("drop-ship", 2)]
