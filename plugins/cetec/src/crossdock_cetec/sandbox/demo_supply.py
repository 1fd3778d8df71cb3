"""Vendors, purchase orders and receipts of the demo."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from crossdock_cetec.sandbox.demo_parts import COMPONENTS, component
from crossdock_cetec.sandbox.demo_sales import STAFF
from crossdock_cetec.sandbox.demo_words import CITIES, Draw, firm, phone
from crossdock_cetec.sandbox.excelize import Amount

VENDORS, PURCHASES = 14, 50
DROP_SHIPS = (7, 21)
"""Numbers of purchase orders that the vendor sends to the customer."""


def vendors() -> list[list[Any]]:
    """Whom is bought from."""
    rows: list[list[Any]] = [
        [
            "Vendor Number",
            "Vendor",
            "Website",
            "Email",
            "Phone",
            "Address",
            "City",
            "State",
            "Zip",
            "Terms",
            "Active",
        ]
    ]
    for number in range(1, VENDORS + 1):
        name, domain = firm(70 + number)
        city, state, code = CITIES[number % len(CITIES)]
        rows.append(
            [
                *(
                    f"V{number:03d}",
                    name,
                    domain,
                    f"sales@{domain}",
                    phone(number),
                    f"{number} Dock Road",
                    city,
                    state,
                ),
                *(code, "NET30", True),
            ]
        )
    return rows


def purchase_orders() -> list[list[Any]]:
    """Orders to vendors; two are shipped to the customer at once, one names a vendor that is not there."""
    draw, totals = Draw("purchases"), _totals()
    rows: list[list[Any]] = [
        [
            "PO",
            "Vendor Number",
            "Buyer",
            "Ordered On",
            "Status",
            "Total",
            "Order Type",
            "Ship To",
            "Sales Order",
            "Quality Code",
        ]
    ]
    for number in range(1, PURCHASES + 1):
        drop = number in DROP_SHIPS
        rows.append(
            [
                *(f"P{4000 + number}", f"V{1 + number % VENDORS:03d}", STAFF[number % 2], draw.day(60, 600)),
                *(
                    "Closed" if number % 3 else "Open",
                    Amount(totals[number]),
                    "D" if number == DROP_SHIPS[0] else "U",
                ),
                *(
                    firm(2 + number)[0] if drop else "Brightpath Electronics",
                    f"{12000 + number}.1" if drop else None,
                ),
                *(("P10", "P20", None)[number % 3],),
            ]
        )
    rows[9][1] = "V999"
    return rows


def purchase_lines() -> list[list[Any]]:
    """Two lines each."""
    draw = Draw("purchaselines")
    rows: list[list[Any]] = [["PO", "Line", "Prcpart", "Description", "Qty", "Cost", "Ext Cost", "Due Date"]]
    for number in range(1, PURCHASES + 1):
        for line in (1, 2):
            quantity, cost = draw.number(100, 2_000), Decimal(draw.price(0, 3, 5))
            part = component((number * 2 + line) % COMPONENTS + 1)
            rows.append(
                [
                    *(
                        f"P{4000 + number}",
                        line,
                        part,
                        "As ordered",
                        quantity,
                        Amount(cost),
                        Amount(cost * quantity),
                    ),
                    *(draw.day(100, 640),),
                ]
            )
    return rows


def _totals() -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for row in purchase_lines()[1:]:
        number = int(row[0][1:]) - 4000
        found[number] = found.get(number, Decimal(0)) + row[6]
    return found


def receipts() -> list[list[Any]]:
    """Lines of closed orders came in two deliveries."""
    rows: list[list[Any]] = [["PO", "Line", "Receipt", "Receipt Date", "Qty"]]
    for row in purchase_lines()[1:]:
        if (int(row[0][1:]) - 4000) % 3:
            first = row[4] // 2
            rows.append([row[0], row[1], f"R-{row[0]}-{row[1]}a", row[7], first])
            rows.append([row[0], row[1], f"R-{row[0]}-{row[1]}b", row[7] + timedelta(days=9), row[4] - first])
    return rows
