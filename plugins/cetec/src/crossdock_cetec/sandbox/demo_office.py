"""Users, notes, documents, quality codes and thresholds of the demo."""

import base64
from datetime import datetime, timedelta
from typing import Any

from crossdock_cetec.sandbox.demo_parts import all_parts, board, unit
from crossdock_cetec.sandbox.demo_sales import STAFF
from crossdock_cetec.sandbox.demo_words import START, person
from crossdock_cetec.sandbox.demo_work import built, number_of

_FLOOR = 8
Orders = list[dict[str, Any]]


def users() -> list[list[Any]]:
    """Office and shop floor; one of the floor writes notes."""
    rows: list[list[Any]] = [["Username", "Name", "Email", "Permission Set", "User Type", "Active"]]
    names = (("anna", "Anna Petrova"), ("ivan", "Ivan Sidorov"), ("gone", "Gil Gone"))
    for (login, name), mail in zip(names, STAFF, strict=True):
        rows.append(
            [login, name, mail, "Sales" if login != "gone" else "Purchasing", "Full", login != "gone"]
        )
    rows.append(["admin", "Ada Min", "admin@romashka.example", "Administrator", "Full", True])
    for number in range(_FLOOR):
        first, last = person(300 + number)
        mail = f"{last}{number}@brightpath.example".lower()
        rows.append([f"floor{number}", f"{first} {last}", mail, "Shop Floor", "Production", True])
    return rows


def notes(orders: Orders) -> list[list[Any]]:
    """Notes on all kinds of records: some do not migrate, and one leads nowhere."""
    rows: list[list[Any]] = [
        [
            *(
                "Note ID",
                "Subject",
                "Note",
                "Note Type",
                "Author",
                "Assigned To",
                "Created At",
                "Due",
                "Done",
                "Object",
            ),
            *("Record", "Prcpart", "Customer Number"),
        ]
    ]
    places = _places(orders)
    for number, (kind, record, part, customer) in enumerate(places, start=1):
        made = datetime.combine(START, datetime.min.time()) + timedelta(
            days=3 * number, hours=9, minutes=number
        )
        author = "floor0" if number == 20 else ("anna", "ivan")[number % 2]
        rows.append(
            [
                *(
                    number,
                    f"Note {number}",
                    f"Call about <b>{record}</b><br>before Friday",
                    ("reminder", "phone call", "email")[number % 3],
                ),
                *(
                    author,
                    "ivan" if number % 4 else "gone",
                    made,
                    (made + timedelta(days=5)).date(),
                    number % 2 == 0,
                ),
                *(kind, record, part, customer),
            ]
        )
    return rows


def _places(orders: Orders) -> list[tuple[str, str, str | None, str | None]]:
    made = built(orders)
    found: list[tuple[str, str, str | None, str | None]] = []
    for number in range(1, 15):
        order, line = made[number]
        found += [
            ("Customer", f"C{number + 1:04d}", None, None),
            ("Part", unit(number % 8 + 1), None, None),
            ("Order", orders[number + 10]["ordernum"], None, None),
            ("Work Order", number_of(order, line), None, None),
        ]
    return [
        *found,
        ("Invoice", "30001", None, None),
        ("NCR", "N-0", unit(1), None),
        ("Receipt", "R-1", None, "C0003"),
        ("Quote", "7005", None, None),
        ("Purchase Order", "P4005", None, None),
        ("RMA", "88", None, None),
    ]


def document_index(orders: Orders) -> list[list[Any]]:
    """An index that names a file that is not there, and one that belongs to nothing."""
    rows: list[list[Any]] = [
        [
            "File",
            "Title",
            "Revision",
            "Revised On",
            "Uploaded By",
            "Tags",
            "Uploaded On",
            "Object",
            "Record",
            "Prcpart",
        ]
    ]
    uploaded = datetime.combine(START, datetime.min.time()) + timedelta(days=90, hours=10)
    for number, (path, kind, record, part) in enumerate(_documents(orders), start=1):
        revised = START + timedelta(days=number)
        rows.append(
            [
                path,
                f"Document {number}",
                "AB"[number % 2],
                revised,
                "anna",
                "print",
                uploaded,
                kind,
                record,
                part,
            ]
        )
    rows.append(["prints/missing.pdf", "Missing", "A", START, "anna", "", uploaded, "Part", board(1), None])
    return rows


def _documents(orders: Orders) -> list[tuple[str, str, str, str | None]]:
    order, line = built(orders)[2]
    found: list[tuple[str, str, str, str | None]] = [
        (f"prints/{part.replace('/', '_')}.pdf", "Part", part, None) for part in all_parts()[56:76]
    ]
    return [
        *found,
        ("contracts/C0005.docx", "Customer", "C0005", None),
        ("orders/po-12003.pdf", "Order", "12003.1", None),
        ("travellers/wo.pdf", "Work Order", number_of(order, line), None),
        ("vendors/v003.txt", "Vendor", "V003", None),
        ("misc/picnic.png", "Calendar", "Summer", None),
    ]


def documents(orders: Orders) -> dict[str, Any]:
    """The files, and one that the index does not name."""
    found = {f"documents/{path}": _content(path) for path, *_ in _documents(orders)}
    return found | {"documents/misc/forgotten.txt": "Nobody knows what this is.\n"}


def _content(path: str) -> dict[str, str]:
    data = f"%PDF-1.4\n{path}\n".encode() + bytes(range(256))
    return {"base64": base64.b64encode(data).decode()}


def quality_codes() -> list[list[Any]]:
    """Codes for parts, purchase orders, work orders, and for what does not migrate."""
    return [
        ["Code", "Description", "Applies To", "Active"],
        ["Q10", "Certificate of conformance", "Part", True],
        ["Q20", "First article", "Part", True],
        ["Q30", "Lot traceability", "Part, Purchase Order", True],
        ["P10", "Source inspection", "Purchase Order", True],
        ["P20", "Test report", "Purchase Order", False],
        ["W1", "Visual inspection", "Work Order", True],
        ["W2", "X-ray", "Work Order", True],
        ["R7", "Return without charge", "RMA", True],
    ]


def thresholds() -> list[list[Any]]:
    """From which amount somebody has to approve."""
    return [
        ["Rule", "Applies To", "Threshold", "Approver"],
        ["Quotes over 5,000", "Quotes", 5000, "M. Owner"],
        ["Purchases over 2,500", "Purchase orders", 2500, "Ada Min"],
    ]
