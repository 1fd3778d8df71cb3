"""Customers, contacts, leads, quotes, orders and invoices of the demo."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from crossdock_cetec.sandbox.demo_parts import UNLISTED, sold
from crossdock_cetec.sandbox.demo_words import CITIES, START, Draw, firm, person, phone
from crossdock_cetec.sandbox.excelize import Amount

CUSTOMERS, CONTACTS, LEADS, QUOTES, ORDERS = 64, 110, 30, 60, 90
INTERNAL = {"id": 1, "name": "Brightpath Electronics (Stock)", "custnum": "BRIGHT"}
TWINS = (11, 12)
"""Numbers of two customers with one web domain."""
STRANGER = 77
"""Number of an order whose customer is not there."""
STAFF = ("anna.petrova@romashka.example", "ivan.sidorov@romashka.example", "gone@brightpath.example")
"""Two who have an account at the destination's demo, and one who has none."""
DUAL, SPLIT = 5, 6
"""Numbers of orders on which a part is built to stock and to ship: as two lines, and as one."""


def customers() -> list[dict[str, Any]]:
    """The internal one first; `domain`, `priority_support` and `itar` are columns of the tenant's own."""
    draw = Draw("customers")
    found = [{**INTERNAL, "intercompany": 1, "domain": "brightpath.example", "created_on": "2019-01-01"}]
    for number in range(2, CUSTOMERS + 2):
        name, domain = firm(number)
        city, state, code = CITIES[number % len(CITIES)]
        row: dict[str, Any] = {
            "id": number,
            "name": name,
            "custnum": f"C{number:04d}",
            "external_key": f"ext-{number}" if number % 3 == 0 else "",
            "domain": firm(TWINS[0])[1] if number in TWINS else domain,
            "intercompany": 0,
            "status": "Active" if draw.chance(0.9) else "Hold",
            "salesperson": STAFF[number % 3],
            "terms_code": draw.one(("NET30", "NET60", "CC")),
            "credit_limit": draw.price(1_000, 90_000),
            "acctemail": f"ap@{domain}",
            "acctphone": phone(number),
            "priority_support": draw.one(("Enterprise", "Standard", None)),
            "itar": bool(number % 5 == 0),
            "created_on": draw.day(0, 300).isoformat(),
        }
        if number % 4:
            row |= {"bill_to_address_1": f"{number} Elm Street", "bill_to_address_city": city}
            row |= {
                "bill_to_address_state": state,
                "bill_to_address_zip": code,
                "bill_to_country": "United States",
            }
        else:
            row["addresses"] = [
                {"type": "bill_to", "address_1": f"{number} Oak Avenue", "city": city, "zip": code}
            ]
        found.append(row)
    return found


def contacts() -> list[dict[str, Any]]:
    """People at customers; two share an e-mail address, one has none."""
    draw = Draw("contacts")
    found = []
    for number in range(1, CONTACTS + 1):
        first, last = person(number)
        customer = 2 + number % CUSTOMERS
        row = {
            "id": number,
            "customer_id": customer,
            "first_name": first,
            "last_name": last,
            "email": f"{first}.{last}.{number}@{firm(customer)[1]}".lower(),
            "phone": phone(number) if draw.chance(0.8) else None,
            "title": draw.one(("Buyer", "Engineer", "Owner", "")),
        }
        found.append(row)
    found[20]["email"] = found[21]["email"]
    found[30]["email"] = ""
    found[40]["customer_id"] = 9_999  # no such customer
    return found


def leads() -> list[list[Any]]:
    """People who may become customers; some without an e-mail address."""
    draw = Draw("leads")
    rows: list[list[Any]] = [
        [
            *("Lead ID", "Name", "Email", "Phone", "Title", "Company", "Customer Number", "Status", "Source"),
            *("Owner", "Created On", "Trade Show"),
        ]
    ]
    for number in range(1, LEADS + 1):
        first, last = person(200 + number)
        name, domain = firm(100 + number)
        known = number % 3 == 0
        rows.append(
            [
                *(
                    f"L-{number:03d}",
                    f"{first} {last}",
                    f"{first}.{last}.{number}@{domain}".lower(),
                    phone(number),
                ),
                *("Buyer", firm(2 + number)[0] if known else name, f"C{2 + number:04d}" if known else None),
                *(
                    draw.one(("New", "Contacted", "Qualified")),
                    draw.one(("Web", "Trade show")),
                    STAFF[number % 2],
                ),
                *(draw.day(200, 600), "Expo 2024" if number % 4 == 0 else None),
            ]
        )
    for number in (4, 9):
        rows[number][2] = None
    rows[7][7] = "Lost in space"  # no such status
    return rows


def quotes() -> list[list[Any]]:
    """Quotes in all states; those above the threshold say so."""
    draw = Draw("quotes")
    totals = _quote_totals()
    rows: list[list[Any]] = [
        [
            *(
                "Quote",
                "Customer Number",
                "Contact Email",
                "Salesperson",
                "Status",
                "Resolution Type",
                "Total",
            ),
            *(
                "Quoted On",
                "Expires On",
                "Approval Threshold",
                "Approval Status",
                "Approved By",
                "Became Order",
            ),
            *("Comments", "Probability"),
        ]
    ]
    mails = {c["customer_id"]: c["email"] for c in contacts()}
    for number in range(1, QUOTES + 1):
        status = ("Open", "Pending", "Closed", "Ordered")[number % 4]
        customer, quoted = 2 + number % CUSTOMERS, draw.day(30, 700)
        total, big = totals[number], totals[number] > 5_000
        rows.append(
            [
                *(f"{7000 + number}", f"C{customer:04d}", mails.get(customer), STAFF[number % 3], status),
                *(
                    "No bid" if status == "Closed" else None,
                    Amount(total),
                    quoted,
                    quoted + timedelta(days=30),
                ),
                *(Amount(5_000) if big else None, "Approved" if big else "", "M. Owner" if big else None),
                *(
                    f"{12000 + number}.1" if status == "Ordered" else None,
                    "See <b>RFQ</b><br>attached",
                    number % 10 * 10,
                ),
            ]
        )
    rows[3][1] = "C9999"  # no such customer
    return rows


def _quote_totals() -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for row in quote_lines()[1:]:
        number = int(row[0]) - 7000
        found[number] = found.get(number, Decimal(0)) + row[6]
    return found


def quote_lines() -> list[list[Any]]:
    """Two lines a quote."""
    draw = Draw("quotelines")
    rows: list[list[Any]] = [
        ["Quote", "Line", "Prcpart", "Description", "Qty", "Resale", "Ext. Resale", "Transcode", "Lead Time"]
    ]
    for number in range(1, QUOTES + 1):
        for line in (1, 2):
            part, quantity = draw.one(sold()), draw.number(1, 40)
            price = Decimal(draw.price(30, 300, 5))
            rows.append(
                [
                    *(
                        f"{7000 + number}",
                        line,
                        part,
                        f"Quoted {part}",
                        quantity,
                        Amount(price),
                        Amount(price * quantity),
                    ),
                    *("Build" if line == 1 else "Stock", "6 wk"),
                ]
            )
    return rows


def orders() -> list[dict[str, Any]]:
    """Orders with their lines; every ninth is built to stock for the internal customer."""
    draw = Draw("orders")
    return [_order(draw, number) for number in range(1, ORDERS + 1)]


def _order(draw: Draw, number: int) -> dict[str, Any]:
    ordered = START + timedelta(days=7 * number)
    internal = number % 9 == 0
    customer = INTERNAL["name"] if internal else firm(2 + number % CUSTOMERS)[0]
    lines = [_line(draw, number, line, ordered) for line in range(1, draw.number(1, 4) + 1)]
    if number == DUAL:
        lines = [{**lines[0], "transcode": "SA"}, {**lines[0], "id": 599, "lineitem": 2, "transcode": "SN"}]
    if number == SPLIT:
        lines = [{**lines[0], "qty": 10, "build_qty": 6, "stock_qty": 4, "resale": "33.33333"}]
    if number == 8:
        lines[0]["prcpart"] = UNLISTED
    total = sum((Decimal(str(line["qty"])) * Decimal(line["resale"]) for line in lines), Decimal(0))
    done = number <= ORDERS // 2
    return {
        "id": number,
        "ordernum": f"{12000 + number}.1" if number != 42 else "00042.10",
        "customer_name": "Nobody We Know, LLC" if number == STRANGER else customer,
        "ordered_on": ordered.isoformat(),
        "total_resale": f"{total:f}",
        "buyer": " ".join(person(number)),
        "closed": int(done),
        "closed_on": (ordered + timedelta(days=40)).isoformat() if done else None,
        "status": "Closed" if done else ("Partially shipped" if number % 5 == 0 else "Open"),
        "custponum": f"PO-{number}",
        "inside_sales": STAFF[number % 3],
        "quotenum": f"{7000 + number}" if number % 4 == 3 and number <= QUOTES else None,
        "internal_comments": f'Quote <a href="https://brightpath.example/q/{number}">{number}</a><br>'
        if number % 3
        else "",
        "lines": lines,
    }


def _line(draw: Draw, order: int, line: int, ordered: Any) -> dict[str, Any]:
    due = ordered + timedelta(days=draw.number(14, 60))
    return {
        "id": order * 100 + line,
        "lineitem": line,
        "prcpart": sold()[(order * 5 + line) % len(sold())],
        "revision": "A",
        "description": "As quoted",
        "qty": draw.number(1, 20),
        "resale": draw.price(30, 300, 5),
        "cost": draw.price(10, 30),
        "transcode": "SA" if line % 2 else "SN",
        "due_date": due.isoformat(),
        "ship_date": (due - timedelta(days=2)).isoformat(),
        "wip_date": ordered.isoformat(),
        "work_location": 1 + order % 4,
        "comments": "<br>Mark the box" if line == 2 else "",
    }


def invoices(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One for each closed order of somebody else."""
    found = []
    for order in orders:
        if order["closed"] and order["customer_name"] != INTERNAL["name"]:
            number = 2 + order["id"] % CUSTOMERS
            found.append(
                {
                    "invoicenum": 30_000 + order["id"],
                    "custponum": order["custponum"],
                    "name": order["customer_name"],
                    "custnum": f"C{number:04d}",
                    "invoicedate": order["closed_on"],
                    "ar_duedate": order["closed_on"],
                    "paid_on": None,
                    "terms_desc": "Net 30",
                    "ar_status": "open",
                    "invoice_tax_subtotal": "0.00",
                    "paid": "0.00",
                    "total_invoice_amount": order["total_resale"],
                    "total_invoice_amount_in_home_curr": order["total_resale"],
                    "invoice__bc": "net",
                }
            )
    return found
