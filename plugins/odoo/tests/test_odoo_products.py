"""Lines of orders name a migrated product, which is a template; orders to vendors are taken back."""

from decimal import Decimal
from typing import Any

import pytest

from crossdock.model import Action, ObjectSchema, Outcome

TRADE = ("res.partner", "product.template", "purchase.order", "purchase.order.line")


@pytest.fixture
def shop(odoo: Any) -> Any:
    """A database with the app Purchase, whose objects have their external id field."""
    odoo.seed(modules={"purchase": "installed"})
    odoo.provision(*(ObjectSchema(name, ()) for name in TRADE))
    return odoo


def ordered(shop: Any) -> tuple[str, str, str]:
    """The target ids of a product, an order to a vendor, and its line."""
    vendor = shop.load("res.partner", "1", name="Cedar")
    chip = shop.load("product.template", "1", name="Chip", default_code="C1")
    order = shop.load("purchase.order", "1", name="P1", partner_id=vendor)
    line = shop.load(
        "purchase.order.line",
        *("1",),
        name="Chip",
        order_id=order,
        product=chip,
        price_unit=Decimal("0.12"),
    )
    return chip, order, line


def test_a_line_leads_to_the_variant_of_its_product_and_is_read_back_as_the_product(shop: Any) -> None:
    chip, _, line = ordered(shop)

    (row,) = shop.client.read(
        "purchase.order.line", [shop.id_of("purchase.order.line", line)], ["product_id"]
    )
    (variant,) = shop.client.read("product.product", [row["product_id"]], ["product_tmpl_id"])

    assert variant["product_tmpl_id"] == shop.id_of("product.template", chip)
    assert shop.see("purchase.order.line", line).values["product"] == chip


def test_a_product_without_a_variant_is_refused_by_name(shop: Any) -> None:
    chip, order, _ = ordered(shop)
    shop.make("product.product", product_tmpl_id=shop.id_of("product.template", chip))

    receipt = shop.send(
        "purchase.order.line", "2", Action.CREATE, "", name="Chip", order_id=order, product=chip
    )

    assert receipt.outcome is Outcome.REJECTED
    assert receipt.reasons == ("product: the product has no variant, or several",)


def test_a_request_for_quotation_is_cancelled_before_it_is_deleted(shop: Any) -> None:
    _, order, line = ordered(shop)
    entries = [shop.created("purchase.order.line", "1", line), shop.created("purchase.order", "1", order)]

    receipts = shop.undo(*entries)

    assert [(receipt.outcome, receipt.reasons) for receipt in receipts] == [(Outcome.UPDATED, ())] * 2
    assert shop.client.search("purchase.order", []) == []


def test_an_order_that_somebody_confirmed_stays_as_it_is(shop: Any) -> None:
    _, order, _ = ordered(shop)
    number = shop.id_of("purchase.order", order)
    shop.client.write("purchase.order", [number], {"state": "purchase"})

    receipt, _ = shop.take_away("purchase.order", "1", order, Action.DESTROY)

    assert receipt.outcome in (Outcome.REJECTED, Outcome.FAILED)
    assert shop.client.read("purchase.order", [number], ["state"])[0]["state"] == "purchase"
