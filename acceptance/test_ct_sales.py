"""CT01 to CT04: customers, leads, quotes and orders."""

# ruff: noqa: N802 - a test is named after its row

import json
from datetime import date
from decimal import Decimal
from typing import Any

from acceptance.destinations.twenty_rows import money
from acceptance.harness import Pair, moved
from acceptance.platforms import Row
from acceptance.slices import ANNA_MAIL, ANNA_MEMBER, IVAN_MAIL, IVAN_MEMBER, Json, Slice
from acceptance.sources.cetec import INTERNAL, firm, line, order, workbook
from acceptance.test_p_users import table

FIRMS, LEADS, QUOTES, ORDERS = 54, 52, 52, 52

# --- CT01 ---------------------------------------------------------------------------------------

SECOND = firm(1190, name="Brightpath Annex", custnum="ANNEX", domain="annex.example")
CUSTOMERS: list[Json] = [
    *(
        firm(
            1100 + n,
            external_key=f"ext-{n}",
            bill_to_address_1=f"{n} Elm Street",
            bill_to_address_2="Suite 5",
            bill_to_address_city="Dayton",
            bill_to_address_state="OH",
            bill_to_address_zip="45402",
            bill_to_country="United States",
            ship_to_address_1=f"{n} Dock Road",
            ship_to_address_city="Xenia",
            acctemail=f"ap@firm-{1100 + n}.example",
            purchemail=f"buy@firm-{1100 + n}.example",
            acctphone=f"937-555-01{n:02d}",
            salesperson=(ANNA_MAIL, "ivan", "Roman Belov")[n % 3],
            terms_code="NET30",
            credit_limit="12345.67",
            priority_support=("Gold", "Silver")[n % 2],
        )
        for n in range(FIRMS)
    ),
    firm(1160, domain="no address at all"),
    INTERNAL,
    SECOND,
]
FOR_STOCK = [order(1191 + n, INTERNAL["name"], line(119101 + n, "PRTSTOCK", 1, "5")) for n in range(2)]

# --- CT02 ---------------------------------------------------------------------------------------

STATUSES = ("New", "Contacted", "Qualified", "Converted", "Closed")
ORIGINS = [firm(1200 + n) for n in range(4)]


def lead(number: int, **more: Any) -> Json:
    """A lead; every second names the customer that it came from, every fourth by its number."""
    known = number % 2 == 0
    return {
        "Lead ID": f"L-{number:03d}",
        "Name": f"Lena Leadley{number}",
        "Email": f"lena{number}@leads.example",
        "Phone": f"937-555-01{number:02d}",
        "Title": "Buyer",
        "Company": ORIGINS[number % 4]["name"] if known else f"Newcomer {number}",
        "Customer Number": ORIGINS[number % 4]["custnum"] if number % 4 == 0 else None,
        "Status": STATUSES[number % 5],
        "Source": ("Web", "Trade show")[number % 2],
        "Owner": ("anna", IVAN_MAIL, "roman")[number % 3],
        "Created On": date(2024, 1, 1 + number % 28),
    } | more


LEAD_ROWS: list[Json] = [
    *(lead(n) for n in range(LEADS)),
    lead(60, Email=None),
    lead(61, Email=None),
    lead(62, Status="Lost in space"),
]

# --- CT03 ---------------------------------------------------------------------------------------

STATES = (("Open", None), ("Pending", None), ("Closed", "No bid"), ("Ordered", None), ("Closed", "Won"))
STAGES = ("PROPOSAL", "SCREENING", "LOST", "CUSTOMER", "CUSTOMER")
BUYER: Json = {"id": 1301, "customer_id": 1300, "first_name": "Bea", "last_name": "Buyer"}
BUYER |= {"email": "bea@firm-1300.example"}


def quote(number: int, **more: Any) -> Json:
    """A quote of two lines; every third needs an approval."""
    status, resolution = STATES[number % 5]
    approval = {"Approval Threshold": 5000, "Approval Status": "Approved", "Approved By": "M. Owner"}
    return {
        "Quote": f"Q{number:03d}",
        "Customer Number": "C1300",
        "Contact Email": BUYER["email"],
        "Salesperson": "anna",
        "Status": status,
        "Resolution Type": resolution,
        "Total": Decimal("6000.00") + Decimal(number) / 8,
        "Quoted On": date(2024, 2, 1 + number % 28),
        "Expires On": date(2024, 4, 1 + number % 28),
        "Comments": "See <b>RFQ</b><br>attached",
    } | (approval if number % 3 == 0 else {}) | more  # fmt: skip


def quote_lines(number: int, **more: Any) -> list[Json]:
    """What a quote offers: something to build and a charge."""
    first = {
        "Quote": f"Q{number:03d}",
        "Line": 1,
        "Prcpart": "PRTQUOTED",
        "Description": f"Board {number}",
        "Rev": "B",
        "Customer Part": f"CP-{number}",
        "Qty": 1000,
        "Resale": Decimal("5.98765"),
        "Cost": Decimal("3.12345"),
        "Transcode": "Build",
        "Lead Time": "6 wk",
    }
    charge = {"Quote": f"Q{number:03d}", "Line": 2, "Prcpart": None, "Qty": 1, "Transcode": "Charge"}
    charge |= {"Ext. Resale": Decimal("12.35") + Decimal(number) / 8, "Description": "Tooling"}
    return [first | more, charge]


QUOTE_ROWS: list[Json] = [
    *(quote(n) for n in range(QUOTES)),
    quote(90, **{"Customer Number": "C9999"}),
    quote(91, Total="a lot"),
]
QUOTE_LINES: list[Json] = [x for n in (*range(QUOTES), 90) for x in quote_lines(n)]
QUOTE_LINES += [quote_lines(92, Quote="Q000", Line=3, Transcode="ZZ")[0]]
LIMITS = [
    {"Rule": "Quotes over 5,000", "Applies To": "Quotes", "Threshold": 5000, "Approver": "M. Owner"},
    {"Rule": "Purchases over 2,500", "Applies To": "POs", "Threshold": 2500, "Approver": "Ada Min"},
]

# --- CT04 ---------------------------------------------------------------------------------------

ORDER_STATES: tuple[Json, ...] = (
    {"closed": 0, "status": "Open"},
    {"closed": 0, "status": "Partially shipped"},
    {"closed": 1, "status": "Closed", "closed_on": "2024-06-07"},
)
ORDER_STAGES = ("ORDERED", "SHIPPING", "CUSTOMER")
DUAL, SPLIT = 1450, 1451
"""A part that is built to ship and to stock: as two lines of an order, and as one."""


def sold(number: int, **more: Any) -> Json:
    """An order of two parts."""
    lines = (
        line(number * 100 + 1, "PRTSOLD", 4, "20.00", due_date=f"2024-05-{number % 28 + 1:02d}"),
        line(number * 100 + 2, "PRTSTOCKED", 2, "10.00", "SN", comments="<br>Mark the box"),
    )
    own: Json = {
        "ordered_on": f"2024-03-{number % 28 + 1:02d}",
        "buyer": "Bob Buyer",
        "custponum": f"PO-{number}",
        "inside_sales": "ivan",
        "quotenum": "Q000",
        "internal_comments": "Ship <b>early</b>",
    }
    return order(number, "Firm 1400, Inc.", *lines, **own, **ORDER_STATES[number % 3]) | more


SALES: list[Json] = [
    *(sold(1400 + n) for n in range(ORDERS - 2)),
    sold(
        DUAL,
        lines=[
            line(DUAL * 100 + 1, "PRTSOLD", 6, "10.00"),
            line(DUAL * 100 + 2, "PRTSOLD", 4, "10.00", "SN"),
        ],
    ),
    sold(
        SPLIT,
        ordernum="00042.10",
        total_resale="333.33",
        lines=[line(SPLIT * 100 + 1, "PRTSOLD", 10, "33.333", build_qty=7, stock_qty=3)],
    ),
    sold(1460, customer_name="Nobody We Know, LLC"),
    sold(1461, total_resale="a lot", lines=[]),
]
SOLD_PARTS = [{"Prcpart": part, "Description": part.title()} for part in ("PRTSOLD", "PRTSTOCKED")]

SEEDS: dict[str, Json] = {
    "CT01": {"customers": CUSTOMERS, "orders": FOR_STOCK},
    "CT02": {"customers": ORIGINS, "files": {"lead_list CT02.xlsx": workbook(*LEAD_ROWS)}},
    "CT03": {
        "customers": [firm(1300)],
        "contacts": [BUYER],
        "files": {
            "parts_list CT03.xlsx": workbook({"Prcpart": "PRTQUOTED", "Description": "Quoted board"}),
            "quote_list CT03.xlsx": workbook(*QUOTE_ROWS),
            "quote_lines CT03.xlsx": workbook(*QUOTE_LINES),
            "approval_thresholds CT03.xlsx": workbook(*LIMITS),
        },
    },
    "CT04": {
        "customers": [firm(1400)],
        "orders": SALES,
        "files": {"parts_list CT04.xlsx": workbook(*SOLD_PARTS)},
    },
}
SLICES = {row: [Slice(row, seed, source="cetec")] for row, seed in SEEDS.items() if row != "CT01"}
SLICES["CT01"] = [Slice("CT01", SEEDS["CT01"], settings={"internal_customers": ["ANNEX"]}, source="cetec")]
SLICES["CT04"] += SLICES["CT03"]  # for the quote that orders came from


def handoff(shared: Pair) -> Json:
    """The handoff of the migration, written once."""
    if "handoff" not in shared.answers:
        shared.project.must("handoff", codes=(0, 1))
        path = shared.project.folder / "reports" / "handoff.json"
        shared.answers["handoff"] = json.loads(path.read_text(encoding="utf-8"))
    found: Json = shared.answers["handoff"]
    return found


def handed(shared: Pair, kind: str) -> Json:
    """What the handoff says of one kind of what does not move as a record."""
    found: list[Json] = [x for x in handoff(shared)["artifacts"][0]["kinds"] if x["kind"] == kind]
    assert len(found) == 1, f"the handoff says {len(found)} times what there is of {kind}"
    return found[0]


def flagged(shared: Pair, field: str) -> list[Row]:
    """What the reconciliation says of the records that have a flagged field."""
    return [row for row in shared.answers["reconcile"].json["normalised"] if row["field"] == field]


def test_CT01_customers_become_companies(shared: Pair, record_property):
    found = shared.destination.ours("companies", "customer")
    for n in range(FIRMS):
        row, number = found[f"{1100 + n}"], 1100 + n
        assert (row["name"], row["customerNumber"]) == (f"Firm {number}, Inc.", f"C{number}")
        assert row["domainName"]["primaryLinkUrl"] == f"https://firm-{number}.example"
        address, ship = row["address"], row["shipTo"]
        assert (address["addressStreet1"], address["addressStreet2"]) == (f"{n} Elm Street", "Suite 5")
        assert (address["addressCity"], address["addressState"]) == ("Dayton", "OH")
        assert (address["addressPostcode"], address["addressCountry"]) == ("45402", "United States")
        assert (ship["addressStreet1"], ship["addressCity"]) == (f"{n} Dock Road", "Xenia")
        assert row["purchasingEmail"]["primaryEmail"] == f"ap@firm-{number}.example"
        assert row["purchasingEmail"]["additionalEmails"] == [f"buy@firm-{number}.example"]
        assert row["phones"]["primaryPhoneNumber"] == f"93755501{n:02d}"
        assert row["accountOwnerId"] == (ANNA_MEMBER, IVAN_MEMBER, None)[n % 3]
        assert row["createdAt"].startswith("2020-02-03T")
        assert row["prioritySupport"] == ("Gold", "Silver")[n % 2]
        assert not row["internalCustomer"]
    refused = shared.refused([str(row["id"]) for row in CUSTOMERS], "customer>company")
    assert "1160" in refused
    moved(record_property, len(CUSTOMERS) + len(FOR_STOCK), len(refused))


def test_CT01_the_internal_customer_is_found_and_waits_for_a_decision(shared: Pair):
    waiting = {line["key"]: line for line in table(shared.project.folder / "queues" / "unmatched.csv")}
    for each in (INTERNAL, SECOND):
        assert each["name"] in waiting[str(each["id"])]["reason"]
        assert waiting[str(each["id"])]["decision"] == ""
        assert shared.outcome(str(each["id"]), "customer>company internal")["outcome"] == "held"
    names = {row["name"] for row in shared.destination.all("companies")}
    assert not names & {INTERNAL["name"], SECOND["name"]}
    for each in FOR_STOCK:
        assert shared.outcome(str(each["id"]), "order>opportunity")["outcome"] == "held"


def test_CT01_the_locked_one_is_flagged(shared: Pair):
    (scope,) = shared.answers["discover"]["sources"]
    (report,) = [each for each in scope["artifacts"] if each["kind"] == "internal_customer"]
    found = {each["name"]: each["details"] for each in report["found"]}
    ours = {each["name"] for each in CUSTOMERS}  # rows share the migration
    assert ours & set(found) == {INTERNAL["name"], SECOND["name"]}
    own = found[INTERNAL["name"]]
    assert (own["found_by"], own["orders"] >= len(FOR_STOCK)) == ("its own column", True)
    assert own["locked"] == "internal customer that an order uses: Cetec locks it"
    assert (found[SECOND["name"]]["found_by"], found[SECOND["name"]]["orders"]) == ("the settings", 0)
    assert "locked" not in found[SECOND["name"]]
    assert handed(shared, "internal_customer") == report


def test_CT02_leads_become_people_with_status_source_and_owner(shared: Pair, record_property):
    found = shared.destination.ours("people", "lead")
    for n in range(LEADS):
        row = found[f"L-{n:03d}"]
        assert (row["name"]["firstName"], row["name"]["lastName"]) == ("Lena", f"Leadley{n}")
        assert row["emails"]["primaryEmail"] == f"lena{n}@leads.example"
        assert row["leadStatus"] == STATUSES[n % 5].upper()
        assert row["leadSource"] == ("Web", "Trade show")[n % 2]
        assert row["leadOwnerId"] == (ANNA_MEMBER, IVAN_MEMBER, None)[n % 3]
        assert (row["jobTitle"], row["review"] or "") == ("Buyer", "")
        assert row["createdAt"].startswith(f"2024-01-{1 + n % 28:02d}T")
    refused = shared.refused([row["Lead ID"] for row in LEAD_ROWS], "lead>person")
    assert set(refused) == {"L-062"}
    assert "Lost in space" in refused["L-062"]
    moved(record_property, len(LEAD_ROWS), len(refused))


def test_CT02_a_lead_is_linked_to_the_company_that_it_came_from(shared: Pair):
    people = shared.destination.ours("people", "lead")
    companies = shared.destination.ours("companies", "customer")
    for n in range(LEADS):
        row = people[f"L-{n:03d}"]
        origin = companies[str(ORIGINS[n % 4]["id"])]["id"] if n % 2 == 0 else None
        assert row["companyId"] == origin
        assert row["leadCompany"] == (ORIGINS[n % 4]["name"] if n % 2 == 0 else f"Newcomer {n}")


def test_CT02_a_lead_without_an_address_is_flagged_for_review(shared: Pair):
    people = shared.destination.ours("people", "lead")
    for name in ("L-060", "L-061"):
        assert people[name]["review"] == "no e-mail address: review"
        assert (people[name]["emails"] or {}).get("primaryEmail") in ("", None)
    told = [row for row in flagged(shared, "review") if row["object"] == "person"]
    assert [(row["rule"], row["count"]) for row in told] == [("lead without an e-mail address", 2)]


def test_CT03_quotes_become_opportunities_with_total_stage_and_people(shared: Pair, record_property):
    there = shared.destination
    found = there.ours("opportunities", "quote")
    company = there.ours("companies", "customer")["1300"]["id"]
    person = there.ours("people", "contact")["1301"]["id"]
    for n in range(QUOTES):
        row = found[f"Q{n:03d}"]
        assert (row["name"], row["cetecNumber"], row["cetecKind"]) == (
            f"Quote Q{n:03d}",
            f"Q{n:03d}",
            "QUOTE",
        )
        assert money(row["amount"]) == (Decimal("6000.00") + Decimal(n) / 8, "USD")
        assert (row["stage"], row["cetecStatus"]) == (STAGES[n % 5], STATES[n % 5][0])
        assert row["closeDate"].startswith(f"2024-04-{1 + n % 28:02d}T")
        assert row["quotedOn"] == f"2024-02-{1 + n % 28:02d}"
        assert (row["companyId"], row["pointOfContactId"], row["ownerId"]) == (company, person, ANNA_MEMBER)
        assert row["comments"]["markdown"] == "See **RFQ**  \nattached"
    refused = shared.refused([row["Quote"] for row in QUOTE_ROWS], "quote>opportunity")
    assert set(refused) == {"Q090", "Q091"}
    assert "C9999" in refused["Q090"]
    assert "a lot" in refused["Q091"]
    moved(record_property, len(QUOTE_ROWS) + len(QUOTE_LINES), len(refused))


def test_CT03_the_lines_of_a_quote_are_records(shared: Pair):
    there = shared.destination
    quotes, parts = there.ours("opportunities", "quote"), there.ours("parts", "part")
    found = there.ours("lineItems", "quoteline")
    for n in range(QUOTES):
        build, charge = found[f"Q{n:03d}/1"], found[f"Q{n:03d}/2"]
        assert build["opportunityId"] == charge["opportunityId"] == quotes[f"Q{n:03d}"]["id"]
        assert build["partId"] == parts["PRTQUOTED"]["id"]
        assert (build["name"], build["description"]) == (f"Q{n:03d}-1 PRTQUOTED", f"Board {n}")
        assert (build["revision"], build["customerPart"], build["leadTime"]) == ("B", f"CP-{n}", "6 wk")
        assert (build["quantity"], build["fulfilment"], charge["fulfilment"]) == (1000, "BUILD", "CHARGE")
        assert money(build["unitPrice"]) == (Decimal("5.98765"), "USD")
        assert money(build["amount"]) == (Decimal("5987.65"), "USD")
        assert money(build["cost"]) == (Decimal("3.12345"), "USD")
        assert (charge["partId"], charge["description"]) == (None, "Tooling")
        total = money(build["amount"]).amount + money(charge["amount"]).amount
        assert total == money(quotes[f"Q{n:03d}"]["amount"]).amount
    refused = shared.refused(["Q000/3", "Q090/1"], "quoteline>lineItem")
    assert "ZZ" in refused["Q000/3"]
    assert "Q090" in refused["Q090/1"]


def test_CT03_approval_thresholds_are_fields_and_in_the_handoff(shared: Pair):
    found = shared.destination.ours("opportunities", "quote")
    for n in range(QUOTES):
        row = found[f"Q{n:03d}"]
        if n % 3 == 0:
            assert money(row["approvalThreshold"]) == (Decimal(5000), "USD")
            assert (row["approvalStatus"], row["approvedBy"]) == ("Approved", "M. Owner")
        else:
            assert money(row["approvalThreshold"]) is None
    report = handed(shared, "approval_threshold")
    rules = {each["name"]: each["details"] for each in report["found"]}
    assert (rules["Quotes over 5,000"]["threshold"], rules["Quotes over 5,000"]["people"]) == (
        "5000 USD",
        "M. Owner",
    )
    assert rules["Purchases over 2,500"]["applies_to"] == "POs"
    (seen,) = [each for each in report["found"] if each["details"].get("quotes")]
    assert seen["details"]["quotes"] == len(range(0, QUOTES, 3)) + 1  # and one that waits
    (lack,) = [each for each in handoff(shared)["lacking"] if each["capability"] == "approvals"]
    assert "Quotes over 5,000" in {each["name"] for each in lack["needed_by"]}


def test_CT04_orders_become_opportunities_by_their_stage(shared: Pair, record_property):
    there = shared.destination
    found, quotes = there.ours("opportunities", "order"), there.ours("opportunities", "quote")
    company = there.ours("companies", "customer")["1400"]["id"]
    for each in SALES[: ORDERS - 1]:
        number, row = each["id"], found[str(each["id"])]
        assert (row["name"], row["cetecKind"]) == (f"Order {number}.1", "ORDER")
        assert (row["stage"], row["cetecStatus"]) == (
            ORDER_STAGES[number % 3],
            ORDER_STATES[number % 3]["status"],
        )
        # Won or not, the date is that of the order; when it was completed is a field of its own.
        assert row["closeDate"].startswith(f"2024-03-{number % 28 + 1:02d}T")
        assert row["closedOn"] == ("2024-06-07" if number % 3 == 2 else None)
        assert money(row["amount"]) == (Decimal(100), "USD")
        assert (row["companyId"], row["ownerId"]) == (company, IVAN_MEMBER)
        assert (row["buyer"], row["customerPo"]) == ("Bob Buyer", f"PO-{number}")
        assert row["fromQuoteId"] == quotes["Q000"]["id"]
        assert row["comments"]["markdown"] == "Ship **early**"
    assert found[str(SPLIT)]["cetecNumber"] == "00042.10"
    refused = shared.refused([str(row["id"]) for row in SALES], "order>opportunity")
    assert set(refused) == {"1460", "1461"}
    assert "Nobody We Know, LLC" in refused["1460"]
    assert "total" in refused["1461"]
    moved(record_property, len(SALES) + sum(len(row["lines"]) for row in SALES), len(refused))


def test_CT04_the_lines_of_an_order_are_records(shared: Pair):
    there = shared.destination
    orders, parts = there.ours("opportunities", "order"), there.ours("parts", "part")
    found = there.ours("lineItems", "orderline")
    for number in range(1400, 1400 + ORDERS - 2):
        build, stock = found[f"{number}01"], found[f"{number}02"]
        assert build["opportunityId"] == stock["opportunityId"] == orders[str(number)]["id"]
        assert (build["fulfilment"], stock["fulfilment"]) == ("BUILD", "STOCK")
        assert (build["partId"], stock["partId"]) == (parts["PRTSOLD"]["id"], parts["PRTSTOCKED"]["id"])
        assert (build["name"], build["line"], build["quantity"]) == (f"{number}.1-1 PRTSOLD", 1, 4)
        assert (money(build["unitPrice"]), money(build["amount"])) == ((20, "USD"), (80, "USD"))
        assert build["dueDate"] == f"2024-05-{number % 28 + 1:02d}"
        assert (build["dualFulfilment"] or "", stock["dualFulfilment"] or "") == ("", "")


def test_CT04_what_is_built_to_stock_and_to_ship_is_two_lines_and_flagged(shared: Pair):
    orders = shared.destination.ours("opportunities", "order")
    found = shared.destination.ours("lineItems", "orderline")
    flag = "the same part is built to stock and built to ship on this order"
    pairs = (
        (DUAL, f"{DUAL}01", f"{DUAL}02", (6, 4), (60, 40)),
        (SPLIT, f"{SPLIT}01/build", f"{SPLIT}01/stock", (7, 3), (Decimal("233.331"), Decimal("99.999"))),
    )
    for number, build, stock, quantities, amounts in pairs:
        own = [row for row in found.values() if row["opportunityId"] == orders[str(number)]["id"]]
        assert len(own) == 2
        one, other = found[build], found[stock]
        assert (one["fulfilment"], other["fulfilment"]) == ("BUILD", "STOCK")
        assert (one["quantity"], other["quantity"]) == quantities
        assert (money(one["amount"]).amount, money(other["amount"]).amount) == amounts
        assert one["dualFulfilment"] == other["dualFulfilment"] == flag
    told = flagged(shared, "dualFulfilment")
    assert [(row["object"], row["rule"], row["count"]) for row in told] == [
        ("lineItem", "built to stock and built to ship on one order", 4)
    ]
