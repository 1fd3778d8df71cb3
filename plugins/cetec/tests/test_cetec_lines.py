"""Lines and heads: stages, internal customers, drop-ships, and parts built to stock and to ship."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.model import Record, Rejected
from crossdock.values import Money, PersonName, Reference
from crossdock_cetec import heads, staff
from crossdock_cetec.lines import DUAL, both_ways, order_lines, purchase_lines, quote_lines

HEADS = {"9": {"ordernum": "00042.10", "ordered_on": date(2024, 5, 1), "internal": False}}


def order_line(key: str, part: str = "PRTA", code: str | None = "SA", **more: Any) -> Record:
    values = {
        "order": Reference("order", "9"),
        "part": Reference("part", part),
        "line": int(key) if key.isdigit() else None,
        "quantity": Decimal(10),
        "resale": Money(Decimal("33.33333"), "USD"),
        "transcode": code,
    }
    return Record("orderline", key, values | more)


def finished(*lines: Record | Rejected) -> list[Any]:
    return list(order_lines(lines, HEADS, both_ways(lines)))


def test_a_line_takes_its_date_its_number_and_its_amount() -> None:
    (found,) = finished(order_line("2"))

    assert found.values["name"] == "00042.10-2 PRTA"
    assert found.values["ordered_on"] == date(2024, 5, 1)
    assert found.values["amount"] == Money(Decimal("333.33330"), "USD")
    assert found.values["dual_fulfilment"] is None


def test_an_amount_that_is_given_is_kept() -> None:
    (found,) = finished(order_line("2", amount=Money(Decimal(1), "USD")))
    assert found.values["amount"] == Money(Decimal(1), "USD")


def test_a_part_on_two_lines_of_both_kinds_is_flagged_on_both() -> None:
    found = finished(order_line("1"), order_line("2", code="SN"), order_line("3", part="PRTB"))

    assert [line.values["dual_fulfilment"] for line in found] == [DUAL, DUAL, None]


def test_the_same_part_on_another_order_is_another_matter() -> None:
    other = order_line("2", code="SN", order=Reference("order", "10"))
    assert {line.values["dual_fulfilment"] for line in finished(order_line("1"), other)} == {None}


def test_one_line_filled_both_ways_becomes_two() -> None:
    build, stock = finished(order_line("7", build_quantity=Decimal(6), stock_quantity=Decimal(4)))

    assert (build.key, stock.key) == ("7/build", "7/stock")
    assert (build.values["transcode"], stock.values["transcode"]) == ("SA", "SN")
    assert (build.values["quantity"], stock.values["quantity"]) == (6, 4)
    assert build.values["amount"].amount + stock.values["amount"].amount == Decimal("333.33330")
    assert build.values["dual_fulfilment"] == stock.values["dual_fulfilment"] == DUAL


@given(
    st.decimals(0, 10**6, places=5, allow_nan=False),
    st.integers(1, 1000),
    st.integers(1, 1000),
)
def test_nothing_is_lost_when_a_line_is_split(amount: Decimal, build: int, stock: int) -> None:
    whole = order_line(
        "1",
        amount=Money(amount, "USD"),
        build_quantity=Decimal(build),
        stock_quantity=Decimal(stock),
    )
    first, second = finished(whole)

    assert first.values["amount"].amount + second.values["amount"].amount == amount
    assert first.values["quantity"] + second.values["quantity"] == build + stock


def test_a_rejected_line_stays_rejected() -> None:
    bad = Rejected("orderline", "1", ("x",))
    assert finished(bad) == [bad]
    assert list(quote_lines([bad], {})) == [bad]
    assert list(purchase_lines([bad], {}, {})) == [bad]


def test_a_purchase_line_has_its_receipts_and_what_came() -> None:
    line = Record(
        "poline",
        "P1/2",
        {
            "purchaseorder": Reference("purchaseorder", "P1"),
            "line": 2,
            "quantity": Decimal(10),
            "received": None,
        },
    )
    receipts: dict[tuple[str, int | None], list[dict[str, Any]]] = {
        ("P1", 2): [{"quantity": "4", "receipt": "R1"}, {"quantity": "5.5"}]
    }

    (found,) = purchase_lines([line], {"P1": {"ponum": "P1", "ordered_on": date(2024, 1, 1)}}, receipts)

    assert isinstance(found, Record)
    assert found.values["received"] == Decimal("9.5")
    assert found.values["receipts"] == receipts["P1", 2]
    assert found.values["name"] == "P1-2"


@pytest.mark.parametrize(
    ("values", "stage"),
    [
        ({"closed": True}, "completed"),
        ({"closed": False, "status": "Closed"}, "completed"),
        ({"status": "Partially shipped"}, "shipping"),
        ({"status": "Open"}, "open"),
        ({}, "open"),
    ],
)
def test_an_order_has_a_stage(values: dict[str, Any], stage: str) -> None:
    assert heads.order_stage(values) == stage


@pytest.mark.parametrize(
    ("status", "resolution", "order", "stage"),
    [
        ("Open", None, None, "open"),
        ("Pending", None, None, "pending"),
        ("Ordered", None, None, "won"),
        ("Closed", "No bid", None, "lost"),
        ("Closed", None, None, "lost"),
        ("Closed", "Won", None, "won"),
        ("Closed", "Order lost", None, "lost"),
        ("Closed", None, Reference("order", "1"), "won"),
        (None, None, None, "open"),
    ],
)
def test_a_quote_has_a_stage(status: Any, resolution: Any, order: Any, stage: str) -> None:
    assert heads.quote_stage({"status": status, "resolution": resolution, "order": order}) == stage


def test_an_internal_customer_is_found_and_locked_once_an_order_uses_it() -> None:
    def made(key: str, **values: Any) -> dict[str, Any]:
        found = heads.customer(
            Record("customer", key, values), frozenset({"own co"}), lambda: frozenset({"1"})
        )
        return {name: found.values[name] for name in ("internal", "internal_note", "locked")}

    assert made("1", name="A", internal=True) == {
        "internal": True,
        "internal_note": "its own column",
        "locked": heads.LOCKED,
    }
    assert made("2", name="Own  CO", internal=None)["internal_note"] == "the settings"
    assert made("2", name="Own co", internal=None)["locked"] is None
    assert made("1", name="Other", internal=False) == {
        "internal": False,
        "internal_note": None,
        "locked": None,
    }


def test_an_order_of_the_internal_customer_is_built_to_stock() -> None:
    def made(key: str) -> Record:
        record = Record("order", "1", {"customer": Reference("customer", key)})
        return heads.order(record, lambda: frozenset({"7"}))

    assert made("7").values["stock_note"] == "sold to the internal customer: built to stock"
    assert made("7").values["internal"] is True
    assert made("8").values["stock_note"] is None


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"order_type": "D"}, "drop-ship (order type D)"),
        ({"order_type": "Drop Ship"}, "drop-ship (order type Drop Ship)"),
        ({"order_type": "U", "ship_to": " alder  inc. "}, "drop-ship (goes to alder  inc.)"),
        ({"order_type": "U", "ship_to": "Our dock"}, None),
        ({}, None),
    ],
)
def test_a_drop_ship_is_flagged(values: dict[str, Any], told: str | None) -> None:
    record = Record("purchaseorder", "P1", values)
    found = heads.purchase_order(record, {"P1": [{"line": 1}]}, lambda: frozenset({"alder inc."}))
    assert found.values["drop_ship"] == told
    assert found.values["receipts"] == [{"line": 1}]


def test_a_lead_without_an_address_is_flagged() -> None:
    for email, told in ((None, "no e-mail address: review"), ("a@b.example", None)):
        found = heads.lead(Record("lead", "1", {"email": email}), lambda *_: ())
        assert found.values["no_email"] == told


@pytest.mark.parametrize(
    ("values", "named", "customer"),
    [
        ({"company_name": "Alder, Inc."}, ("7",), Reference("customer", "7")),
        ({"company_name": "Alder, Inc."}, ("7", "8"), None),
        ({"company_name": "Alder, Inc."}, (), None),
        (
            {"company_name": "Alder, Inc.", "customer": Reference("customer", "9")},
            ("7",),
            Reference("customer", "9"),
        ),
        ({}, ("7",), None),
    ],
)
def test_a_lead_belongs_to_the_one_customer_of_its_companys_name(
    values: dict[str, Any], named: tuple[str, ...], customer: Reference | None
) -> None:
    found = heads.lead(Record("lead", "1", values), lambda *_: named)

    assert found.values["customer"] == customer


def test_internal_customers_are_listed_with_the_orders_that_lock_them() -> None:
    def customer(key: str, **more: Any) -> Record:
        return Record("customer", key, {"name": f"Firm {key}", "custnum": f"C{key}", **more})

    customers = [
        customer("1", internal=True, internal_note="its own column", locked=heads.LOCKED),
        customer("2", internal=True, internal_note="the settings", locked=None),
        customer("3", internal=False),
    ]
    orders = [Record("order", str(n), {"customer": Reference("customer", "13"[n % 2])}) for n in range(4)]

    report = heads.internal_report(customers, orders)

    assert {each.id: each.details for each in report.found} == {
        "1": {"number": "C1", "found_by": "its own column", "orders": 2, "locked": heads.LOCKED},
        "2": {"number": "C2", "found_by": "the settings", "orders": 0},
    }
    assert heads.internal_report(None, []).not_examined


def person(key: str, permissions: str, tier: str | None = None, **more: Any) -> Record:
    values = {"name": PersonName("Ann", key), "email": f"{key}@a.example", "permission_set": permissions}
    return Record("user", key, values | {"tier": tier, "active": True} | more)


def test_a_user_of_the_shop_floor_is_known_by_the_permission_set() -> None:
    floors = frozenset({"shop floor"})
    found = staff.user(person("a", "Shop  Floor"), floors, lambda: frozenset({"a"}))
    assert (found.values["shop_floor"], found.values["owns_records"]) == (True, True)
    assert staff.user(person("b", "Sales"), floors, frozenset).values["shop_floor"] is False
    told = staff.user(person("b", "Sales", shop_floor=True), floors, frozenset)
    assert told.values["shop_floor"] is True


def test_who_needs_a_seat_is_told_by_tier() -> None:
    people = [
        person("a", "Sales", "Full", shop_floor=False),
        person("b", "Shop Floor", "Production", shop_floor=True, owns_records=False),
        person("c", "Shop Floor", "Production", shop_floor=True, owns_records=True),
        person("d", "Sales", "Full", shop_floor=False, active=False),
    ]

    full, production = staff.seat_report(people).found

    assert (full.name, full.details["users"], full.details["need_a_seat"]) == ("Full", 2, 1)
    assert production.details["people"] == ["Ann c <c@a.example>"]
    assert production.details["left_out"] == ["Ann b <b@a.example>"]
    assert [role.name for role in staff.role_report(people).found] == ["Sales", "Shop Floor"]
    assert staff.seat_report(None).not_examined
    assert staff.role_report(None).not_examined
