"""Work orders of the demo: the production list, operations, inspections and non-conformances."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from crossdock_cetec.sandbox.demo_words import Draw
from crossdock_cetec.sandbox.excelize import Amount

_PLACES = ("KITTING", "SMT", "ASSEMBLY", "SHIP")
_HEADERS = (
    *("Wh Loc", "Status", "Order ID", "Order Name", "Work Start Date", "Prcpart", "Ship Date", "Work Loc"),
    *("Order", "Line", "Nosi", "Priority Rank", "Rev", "Description", "Qty", "Est. Labor Min"),
    *("Act. Labor Min", "Production Line", "WIP Comment", "Line Comments", "ECO", "Ext. Resale"),
    *("Ship Resale", "Tags", "Release to Floor (WH)", "Top Level Order", "Hold?"),
    *("MED/AERO FIRST ARTICLE REQUIRED", "Inside Sales", "Labor Cost", "Quality Code"),
)

Orders = list[dict[str, Any]]


def built(orders: Orders) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(order, line) of every line that is built: a work order each."""
    return [(order, line) for order in orders for line in order["lines"] if line["transcode"] == "SA"]


def number_of(order: dict[str, Any], line: dict[str, Any]) -> str:
    """A work order as screens show it."""
    return f"MN{order['ordernum']}-{line['lineitem']}"


def production_list(orders: Orders) -> list[list[Any]]:
    """With all headers of a real one, and two columns more."""
    draw = Draw("production")
    rows: list[list[Any]] = [list(_HEADERS)]
    for order, line in built(orders):
        minutes = Decimal(line["qty"]) * Decimal("7.98")
        spent = minutes * 3 // 4 if order["closed"] else Decimal(0)
        place = _PLACES[line["work_location"] - 1]
        start = datetime.combine(date.fromisoformat(line["wip_date"]), time(6 * (order["id"] % 3)))
        rows.append(
            [
                *(
                    "MN",
                    f"{line['work_location']}-{place[:3]}",
                    order["id"],
                    order["buyer"],
                    start,
                    line["prcpart"],
                ),
                *(date.fromisoformat(line["ship_date"]), place, order["ordernum"], line["lineitem"], 0),
                *(draw.number(1, 9) if order["id"] % 4 else None, "A", "As quoted", line["qty"]),
                *(float(minutes) + 1e-13, float(spent), "100", "", None, None),
                *(Amount(Decimal(line["resale"]) * line["qty"]), Amount(0), None, "", order["ordernum"], ""),
                *(
                    None,
                    order["inside_sales"],
                    Amount(spent * Decimal("0.75")),
                    ("W1", "W2", "")[order["id"] % 3],
                ),
            ]
        )
    return rows


def locations() -> list[dict[str, Any]]:
    """Work locations."""
    return [{"id": n, "description": name} for n, name in enumerate(_PLACES, start=1)]


def location_maps(orders: Orders) -> list[dict[str, Any]]:
    """The way of each work order through the shop."""
    maps = [
        {"name": "SMT", "operations": [{"name": "Place parts", "avg_secs": 12, "repetitions": 40}]},
        {
            "name": "ASSEMBLY",
            "operations": [
                {"name": "Mount boards", "avg_secs": 90, "repetitions": 3, "instructions": ["Torque 0.6 Nm"]},
                {"name": "Functional test", "avg_secs": 300, "repetitions": 1},
            ],
        },
    ]
    return [{"ordline_id": line["id"], "locations": maps} for _, line in built(orders)]


def inspections(orders: Orders) -> list[list[Any]]:
    """Every third work order was inspected."""
    rows: list[list[Any]] = [
        ["Inspection", "Inspection Type", "Work Order", "Prcpart", "Result", "Inspector", "Inspected On"]
    ]
    for number, (order, line) in enumerate(built(orders)):
        if number % 3 == 0:
            done = date.fromisoformat(line["ship_date"])
            result = "Fail" if number % 9 == 0 else "Pass"
            rows.append(
                [
                    f"I-{number}",
                    "First article",
                    number_of(order, line),
                    line["prcpart"],
                    result,
                    "kerr",
                    done,
                ]
            )
    return rows


def nonconformances(orders: Orders) -> list[list[Any]]:
    """What an inspection found."""
    rows: list[list[Any]] = [
        [
            "NCR",
            "NCR Type",
            "Work Order",
            "Prcpart",
            "Qty",
            "Description",
            "Status",
            "Disposition",
            "Found On",
        ]
    ]
    for number, (order, line) in enumerate(built(orders)):
        if number % 9 == 0:
            rows.append(
                [
                    *(f"N-{number}", "production", number_of(order, line), line["prcpart"], 1),
                    *("D01 - Incorrect BOM", "Closed", "Rework", date.fromisoformat(line["ship_date"])),
                ]
            )
    rows.append(
        ["N-999", "production", "MN99999.1-1", "PRTGONE", 1, "D02 - Lost", "Open", "", date(2024, 5, 1)]
    )
    return rows
