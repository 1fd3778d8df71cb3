"""G13 to G16: what is peculiar to Cetec ERP on its way into a CRM."""

# ruff: noqa: N802 - a test is named after its row

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from acceptance.destinations.twenty_rows import money
from acceptance.harness import Pair, Sandboxes, discovered, moved, prepared
from acceptance.slices import Json, Slice
from acceptance.sources.cetec import INTERNAL, firm, line, order, workbook
from acceptance.test_ct_sales import handed
from acceptance.test_p_users import confirm, decide, table

PAIR = "cetec-twenty"
OWN = str(INTERNAL["id"])

# --- G13 ----------------------------------------------------------------------------------------

FOR_STOCK = [order(5000 + n, INTERNAL["name"], line(500001 + n * 100, "PRT13", 2, "5.00")) for n in range(5)]
LOCKING: Json = {
    "customers": [INTERNAL, *(firm(5100 + n) for n in range(40)), firm(5190, domain="no address at all")],
    "orders": [*FOR_STOCK, *(order(5200 + n, f"Firm {5100 + n}, Inc.") for n in range(10))],
    "files": {"parts_list G13.xlsx": workbook({"Prcpart": "PRT13", "Description": "Stocked"})},
}


def locking(sandboxes: Sandboxes, folder: Path, treatment: str) -> Pair:
    """A tenant whose internal customer has orders; the run, with this decision about it."""
    pair = prepared(sandboxes, folder, [Slice("G13", LOCKING, source="cetec")], PAIR)
    confirm(pair, {"internal_customer": treatment})
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))
    return pair


def outcomes(pair: Pair, orders: Sequence[Json]) -> set[str]:
    """What became of these orders."""
    return {pair.outcome(str(each["id"]), "order>opportunity")["outcome"] for each in orders}


def test_G13_the_internal_customer_and_its_orders_wait_until_it_is_linked(
    sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = locking(sandboxes, tmp_path, "queue")
    there = pair.destination
    assert pair.outcome(OWN, "customer>company internal")["outcome"] == "held"
    assert outcomes(pair, FOR_STOCK) == {"held"}
    refused = pair.refused([str(row["id"]) for row in LOCKING["customers"]])
    assert set(refused) == {OWN, "5190"}

    company = there.ours("companies", "customer")["5100"]["id"]
    decide(pair.project.folder / "queues" / "unmatched.csv", {OWN: company})
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))

    found, lines = there.ours("opportunities", "order"), there.ours("lineItems", "orderline")
    for each in FOR_STOCK:
        row = found[str(each["id"])]
        assert row["companyId"] == company
        assert row["builtToStock"] == "sold to the internal customer: built to stock"
        assert lines[str(each["lines"][0]["id"])]["opportunityId"] == row["id"]
    assert there.ours("companies", "customer")["5100"]["name"] == "Firm 5100, Inc."
    assert INTERNAL["name"] not in {row["name"] for row in there.all("companies")}
    assert pair.project.must("reconcile", codes=(0, 1))["clean"] is True
    assert {entry["method"] for entry in pair.source.log()} - {"POST"} == {"GET"}
    assert {e["path"] for e in pair.source.log() if e["method"] == "POST"} == {"/_seed"}
    moved(record_property, len(LOCKING["customers"]) + len(LOCKING["orders"]), len(refused))


def test_G13_the_lock_is_shown_before_anything_is_written(sandboxes: Sandboxes, tmp_path: Path):
    pair = discovered(sandboxes, tmp_path, [Slice("G13", LOCKING, source="cetec")], PAIR)
    (report,) = [
        each
        for each in pair.answers["discover"]["sources"][0]["artifacts"]
        if each["kind"] == "internal_customer"
    ]
    (found,) = report["found"]
    assert found["name"] == INTERNAL["name"]
    assert found["details"] == {
        "number": INTERNAL["custnum"],
        "found_by": "its own column",
        "orders": len(FOR_STOCK),
        "locked": "internal customer that an order uses: Cetec locks it",
    }


def test_G13_a_locked_customer_that_is_kept_is_flagged(sandboxes: Sandboxes, tmp_path: Path):
    pair = locking(sandboxes, tmp_path, "keep")
    row = pair.destination.ours("companies", "customer")[OWN]
    assert (row["name"], row["internalCustomer"]) == (INTERNAL["name"], "its own column")
    assert row["locked"] == "internal customer that an order uses: Cetec locks it"
    assert outcomes(pair, FOR_STOCK) == {"created"}
    told = {
        line["field"]: (line["rule"], line["count"])
        for line in pair.project.must("reconcile", codes=(0, 1))["normalised"]
    }
    assert told["locked"] == ("locked in Cetec", 1)
    assert told["internalCustomer"] == ("internal customer", 1)
    assert told["builtToStock"] == ("built to stock for the internal customer", len(FOR_STOCK))


def test_G13_its_orders_stay_behind_if_that_is_decided(sandboxes: Sandboxes, tmp_path: Path):
    pair = locking(sandboxes, tmp_path, "leave_out")
    assert outcomes(pair, FOR_STOCK) == {"skipped"}
    assert OWN not in pair.destination.ours("companies", "customer")
    assert not (set(map(str, range(5000, 5005))) & set(pair.destination.ours("opportunities", "order")))


# --- G14 ----------------------------------------------------------------------------------------


def user(number: int, permissions: str, tier: str, **more: Any) -> Json:
    """Somebody with a seat at Cetec."""
    return {
        "Username": f"s{number}",
        "Name": f"Seth Seat{number}",
        "Email": f"seth{number}@seats.example",
        "Permission Set": permissions,
        "User Type": tier,
        "Active": "Yes",
    } | more


SEATS: list[Json] = [
    *(user(n, "Sales", "Full") for n in range(20)),
    *(user(n, "Shop Floor", "Production") for n in range(100, 128)),
    *(user(n, "Shop Floor", "Full") for n in range(200, 203)),  # they pay for more than they need
    user(300, "Sales", "Full", Active="No"),
    user(301, "Sales", "Full", Email=None),
]
NAMED = [firm(5400, salesperson="s100"), firm(5401, salesperson="s1")]


def test_G14_who_needs_a_seat_in_the_crm_is_told_by_price_tier(
    sandboxes: Sandboxes, tmp_path: Path, record_property
):
    seed = {"customers": NAMED, "files": {"user_list G14.xlsx": workbook(*SEATS)}}
    pair = prepared(sandboxes, tmp_path, [Slice("G14", seed, source="cetec")], PAIR)
    confirm(pair, {})
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))

    tiers = {each["name"]: each["details"] for each in handed(pair, "user_tier")["found"]}

    full, production = tiers["Full"], tiers["Production"]
    # Anna and Ivan of the staff are of the full tier too, Roman has left.
    assert (full["users"], full["active"], full["need_a_seat"], full["do_not"]) == (28, 26, 23, 3)
    assert set(full["left_out"]) == {f"Seth Seat{n} <seth{n}@seats.example>" for n in range(200, 203)}
    assert "Seth Seat300 <seth300@seats.example>" not in full["people"]
    # One of the floor owns a customer that migrates.
    assert (production["users"], production["need_a_seat"], production["do_not"]) == (28, 1, 27)
    assert production["people"] == ["Seth Seat100 <seth100@seats.example>"]
    invited = {row["email"] for row in table(pair.project.folder / "reports" / "invitations.csv")}
    assert {"seth100@seats.example", "seth1@seats.example"} <= invited
    assert not invited & {f"seth{n}@seats.example" for n in range(101, 128)}
    page = (pair.project.folder / "reports" / "handoff.html").read_text(encoding="utf-8")
    assert "need_a_seat" in page or "need a seat" in page
    refused = pair.refused([row["Username"] for row in SEATS], "user>workspaceMember")
    assert "userEmail" in refused["s301"]
    moved(record_property, len(SEATS), len(refused))


# --- G15 ----------------------------------------------------------------------------------------

AMOUNTS = [Decimal(100 + n) + Decimal(12345 + n) / 100_000 for n in range(52)]
DAYS = [date(2024, 1, 10) + timedelta(days=n) for n in range(52)]
Change = Callable[[Json], Json]


def quoted(change: Change) -> Json:
    """A tenant whose list of quotes was exported with a loss, and one quote that cannot be read."""
    rows = [
        {
            "Quote": f"T{n:03d}",
            "Customer Number": "C5500",
            "Status": "Open",
            "Total": amount,
            "Quoted On": day,
        }
        for n, (amount, day) in enumerate(zip(AMOUNTS, DAYS, strict=True))
    ]
    odd = {"Quote": "T900", "Customer Number": "C5500", "Status": "Open", "Total": "a lot"}
    return {
        "customers": [firm(5500)],
        "files": {"quote_list G15.xlsx": workbook(*(change(row) for row in rows), odd)},
    }


TOTALS = (
    "object,field,count,sum,min,max,decimals,source\n"
    f"quote,total,52,{sum(AMOUNTS)},{min(AMOUNTS)},{max(AMOUNTS)},5,Quote report\n"
    f"quote,quoted_on,52,,{DAYS[0]},{DAYS[-1]},,Quote report\n"
)
LOSSES: dict[str, tuple[Change, tuple[str, ...]]] = {
    "rounded": (
        lambda row: row | {"Total": row["Total"].quantize(Decimal("0.01"), ROUND_HALF_UP)},
        ("quote does not add up", "total: sum is", "digits were lost", "decimals is 2, the report says 5"),
    ),
    "cut off": (
        lambda row: row | {"Total": row["Total"].quantize(Decimal(1), ROUND_DOWN)},
        ("total: sum is", "total: min is 100", "digits were lost", "T000"),
    ),
    "one value": (
        lambda row: row | {"Total": row["Total"] * (1000 if row["Quote"] == "T007" else 1)},
        ("total: sum is", "the decimal point moved back", "T007"),
    ),
    "days": (
        lambda row: row | {"Quoted On": row["Quoted On"] - timedelta(days=1)},
        ("quoted_on: min is 2024-01-09", "shifted by -1 days", "T000"),
    ),
    "a row": (
        lambda row: row if row["Quote"] != "T051" else {"Quote": None},
        ("total: count is 51, the report says 52", "T900"),
    ),
}


def totalled(sandboxes: Sandboxes, folder: Path, change: Change) -> Pair:
    """A project that is held against the customer's own totals, its mapping confirmed."""
    settings = {"control_totals": "{folder}/control-totals.csv"}
    files = {"control-totals.csv": TOTALS}
    own = Slice("G15", quoted(change), settings=settings, files=files, source="cetec")
    pair = prepared(sandboxes, folder, [own], PAIR)
    confirm(pair, {})
    return pair


def test_G15_what_adds_up_is_loaded_with_every_digit(sandboxes: Sandboxes, tmp_path: Path, record_property):
    pair = totalled(sandboxes, tmp_path, lambda row: row)
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))

    found = pair.destination.ours("opportunities", "quote")
    for n, (amount, day) in enumerate(zip(AMOUNTS, DAYS, strict=True)):
        row = found[f"T{n:03d}"]
        assert (money(row["amount"]), row["quotedOn"]) == ((amount, "USD"), day.isoformat())
    measured = {each["name"]: each["details"] for each in handed(pair, "control_total")["found"]}
    assert Decimal(measured["quote.total"]["sum"]) == sum(AMOUNTS)
    assert measured["quote.quoted_on"]["max"] == DAYS[-1].isoformat()
    refused = pair.refused([*(f"T{n:03d}" for n in range(52)), "T900"], "quote>opportunity")
    assert set(refused) == {"T900"}
    moved(record_property, 53, len(refused))


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_G15_a_loss_of_the_export_stops_the_phase_and_names_field_and_rows(
    sandboxes: Sandboxes, tmp_path: Path, loss: str
):
    change, words = LOSSES[loss]
    pair = totalled(sandboxes, tmp_path, change)

    done = pair.project.call("run")

    assert done.code not in (0, 1)
    for word in words:
        assert word in done.stderr
    assert pair.destination.ours("opportunities", "quote") == {}

    pair.source.seed(quoted(lambda row: row))  # exported again, without the loss
    pair.project.must("run", codes=(0, 1))
    found = pair.destination.ours("opportunities", "quote")
    assert {key: (money(row["amount"]).amount, row["quotedOn"]) for key, row in found.items()} == {
        f"T{n:03d}": (amount, day.isoformat())
        for n, (amount, day) in enumerate(zip(AMOUNTS, DAYS, strict=True))
    }


# --- G16 ----------------------------------------------------------------------------------------


def fulfilled(number: int) -> Json:
    """An order with a line that is filled both ways, one that is built, and one from stock."""
    return order(
        number,
        "Firm 5600, Inc.",
        line(
            number * 100 + 1,
            "PRT16",
            number % 7 + 3,
            "33.33333",
            build_qty=number % 7 + 1,
            stock_qty=2,
        ),
        line(number * 100 + 2, "PRT16-B", 4, "7.77"),
        line(number * 100 + 3, "PRT16-S", 4, "7.77", "SN"),
    )


TWO_WAYS = [fulfilled(5600 + n) for n in range(50)]
TO_STOCK = [order(5700 + n, INTERNAL["name"], line(570001 + n * 100, "PRT16", 9, "1.00")) for n in range(4)]
ODD_LINE = order(5790, "Firm 5600, Inc.", line(579001, "PRT16", 1, "1.00", "ZZ"))
BOTH = "the same part is built to stock and built to ship on this order"


@pytest.fixture(scope="module")
def two_ways(lasting_sandboxes: Sandboxes, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The run of a tenant that builds to ship and to stock, its internal customer kept."""
    parts = [{"Prcpart": name, "Description": name} for name in ("PRT16", "PRT16-B", "PRT16-S")]
    seed = {
        "customers": [INTERNAL, firm(5600)],
        "orders": [*TWO_WAYS, *TO_STOCK, ODD_LINE],
        "files": {"parts_list G16.xlsx": workbook(*parts)},
    }
    folder = tmp_path_factory.mktemp("ways")
    pair = prepared(lasting_sandboxes, folder, [Slice("G16", seed, source="cetec")], PAIR)
    confirm(pair, {"internal_customer": "keep"})
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))
    pair.answers["reconcile"] = pair.project.call("reconcile")
    return pair


def test_G16_what_is_filled_both_ways_is_two_lines_that_add_up(two_ways: Pair, record_property):
    there = two_ways.destination
    orders, found = there.ours("opportunities", "order"), there.ours("lineItems", "orderline")
    for each in TWO_WAYS:
        number, given = each["id"], each["lines"][0]
        build, stock = found[f"{number}01/build"], found[f"{number}01/stock"]
        assert (build["quantity"], stock["quantity"]) == (given["build_qty"], given["stock_qty"])
        assert (build["fulfilment"], stock["fulfilment"]) == ("BUILD", "STOCK")
        whole = Decimal(given["resale"]) * given["qty"]
        assert money(build["amount"]).amount + money(stock["amount"]).amount == whole
        assert build["dualFulfilment"] == stock["dualFulfilment"] == BOTH
        assert build["opportunityId"] == stock["opportunityId"] == orders[str(number)]["id"]
    told = [x for x in two_ways.answers["reconcile"].json["normalised"] if x["field"] == "dualFulfilment"]
    assert [(x["rule"], x["count"]) for x in told] == [
        ("built to stock and built to ship on one order", 2 * len(TWO_WAYS))
    ]
    refused = two_ways.refused(["579001"], "orderline>lineItem")
    assert "transcode" in refused["579001"]
    moved(record_property, len(TWO_WAYS) + len(TO_STOCK) + 1, len(refused))


def test_G16_what_is_filled_one_way_stays_one_line(two_ways: Pair):
    found = two_ways.destination.ours("lineItems", "orderline")
    for each in TWO_WAYS:
        build, stock = found[f"{each['id']}02"], found[f"{each['id']}03"]
        assert (build["fulfilment"], stock["fulfilment"]) == ("BUILD", "STOCK")
        assert not build["dualFulfilment"]
        assert not stock["dualFulfilment"]
    assert len(found) == 4 * len(TWO_WAYS) + len(TO_STOCK)


def test_G16_orders_to_stock_are_marked(two_ways: Pair):
    found = two_ways.destination.ours("opportunities", "order")
    marked = {key for key, row in found.items() if row["builtToStock"]}
    assert marked == {str(each["id"]) for each in TO_STOCK}
