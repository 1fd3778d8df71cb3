"""Products and orders in the sandbox, as measured on a real server with their modules (18.0)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from crossdock.sandbox.interface import SandboxOptions
from crossdock_odoo.sandbox import OdooSandbox


class Shop:
    """A sandbox with the modules for sales and purchase."""

    def __init__(self, path: Path) -> None:
        self.sandbox = OdooSandbox(SandboxOptions(path, "http://odoo.example", "fresh"))
        self.client = TestClient(self.sandbox.app, base_url="http://odoo.example")
        modules = {"sale_management": "installed", "purchase": "installed"}
        self.client.post("/_seed", json={"modules": modules}).raise_for_status()

    def answer(self, model: str, method: str, *args: Any) -> Any:
        rpc = ["odoo", 2, self.sandbox.token, model, method, args, {}]
        params = {"service": "object", "method": "execute_kw", "args": rpc}
        return self.client.post("/jsonrpc", json={"jsonrpc": "2.0", "id": 1, "params": params}).json()

    def call(self, model: str, method: str, *args: Any) -> Any:
        answer = self.answer(model, method, *args)
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer["result"]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "odoo.db")
    yield made
    made.sandbox.close()


def test_a_product_has_one_variant_at_once_and_a_variant_brings_its_product(shop: Shop) -> None:
    chair = shop.call("product.template", "create", {"name": "Chair", "default_code": "C1"})
    table = shop.call("product.product", "create", {"name": "Table", "lst_price": 7})

    template = shop.call("product.template", "read", [chair], ["display_name", "categ_id", "uom_id"])[0]
    variants = shop.call(
        "product.product", "search_read", [["product_tmpl_id", "=", chair]], ["display_name"]
    )

    assert (template["categ_id"], template["uom_id"]) == ([1, "All"], [1, "Units"])
    assert [row["display_name"] for row in variants] == ["[C1] Chair"] == [template["display_name"]]
    assert shop.call("product.product", "read", [table], ["list_price"])[0]["list_price"] == 7.0
    assert shop.call("product.template", "search_count", []) == 2


def test_orders_get_numbers_totals_and_what_their_contact_and_products_say(shop: Shop) -> None:
    contact = shop.call("res.partner", "create", {"name": "Buyer"})
    product = shop.call("product.product", "create", {"name": "Table", "lst_price": 5})
    line = [[0, 0, {"product_id": product, "product_uom_qty": 2}]]
    sale = shop.call("sale.order", "create", {"partner_id": contact, "order_line": line})
    line = [[0, 0, {"product_id": product, "product_qty": 3, "price_unit": 2.5}]]
    purchase = shop.call("purchase.order", "create", {"partner_id": contact, "order_line": line})

    names = ["name", "state", "amount_untaxed", "currency_id"]
    sold = shop.call("sale.order", "read", [sale], [*names, "partner_invoice_id"])[0]
    bought = shop.call("purchase.order", "read", [purchase], names)[0]
    lines = shop.call("sale.order.line", "search_read", [], ["name", "product_uom", "price_subtotal"])

    assert [sold[name] for name in names] == ["S00001", "draft", 10.0, [1, "USD"]]
    assert sold["partner_invoice_id"] == [contact, "Buyer"]
    assert [bought[name] for name in names] == ["P00001", "draft", 7.5, [1, "USD"]]
    assert [(row["name"], row["product_uom"], row["price_subtotal"]) for row in lines] == [
        ("Table", [1, "Units"], 10.0)
    ]


def test_what_orders_refer_to_and_open_purchases_are_not_removed(shop: Shop) -> None:
    product = shop.call("product.product", "create", {"name": "Table"})
    line = [[0, 0, {"product_id": product, "product_qty": 1}]]
    order = shop.call("purchase.order", "create", {"partner_id": 1, "order_line": line})

    refused = shop.answer("product.product", "unlink", [product])["error"]["data"]["message"]
    too_early = shop.answer("purchase.order", "unlink", [order])["error"]["data"]["message"]
    shop.call("purchase.order", "write", [order], {"state": "cancel"})

    assert "purchase_order_line_product_id_fkey" in refused
    assert too_early == "In order to delete a purchase order, you must cancel it first."
    assert shop.call("purchase.order", "unlink", [order]) is True
    assert shop.call("product.product", "unlink", [product]) is True
    assert shop.call("product.template", "search_count", []) == 0
