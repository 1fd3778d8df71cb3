"""Orders of sales and purchase (measured on 18.0 with their modules). Assumed: there are no taxes."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from crossdock_odoo.sandbox.columns import rounded
from crossdock_odoo.sandbox.defaults import company_of
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import UserError
from crossdock_odoo.sandbox.leads import team_of
from crossdock_odoo.sandbox.registry import RULES, Ids, Rules, Values
from crossdock_odoo.sandbox.values import named

SALE, SALE_LINE, PURCHASE, PURCHASE_LINE = (
    "sale.order",
    "sale.order.line",
    "purchase.order",
    "purchase.order.line",
)
_QUANTITY = {SALE_LINE: "product_uom_qty", PURCHASE_LINE: "product_qty"}
_ORDERS = {SALE_LINE: SALE, PURCHASE_LINE: PURCHASE}


def _number(env: Env, model: str, letter: str) -> str:
    """The next number of a kind of order, past those that are there."""
    taken = [str(row.get("name", "")) for row in env.store.rows[model].values()]
    numbers = [int(name[1:]) for name in taken if name.startswith(letter) and name[1:].isdecimal()]
    return f"{letter}{max(numbers, default=0) + 1:05d}"


def _settled_sale(env: Env, _key: int, row: Values, vals: Values) -> None:
    _common(env, row)
    if row.get("name", "New") == "New":
        row["name"] = _number(env, SALE, "S")
    for name in ("partner_invoice_id", "partner_shipping_id"):
        row.setdefault(name, row.get("partner_id"))
    if "user_id" not in vals:
        row["user_id"] = env.row("res.partner", row.get("partner_id", 0)).get("user_id") or env.uid
    if "team_id" not in vals and row.get("user_id") and env.has("crm.team"):
        team = team_of(env, row["user_id"])
        row |= {"team_id": team} if team else {}
    if "validity_date" not in vals:
        row["validity_date"] = (date.fromisoformat(env.today) + timedelta(30)).isoformat()
    row.setdefault("require_signature", True)


def _settled_purchase(env: Env, _key: int, row: Values, vals: Values) -> None:
    _common(env, row)
    if row.get("name", "New") == "New":
        row["name"] = _number(env, PURCHASE, "P")
    if "user_id" not in vals:
        row["user_id"] = env.uid


def _common(env: Env, row: Values) -> None:
    company = row.setdefault("company_id", company_of(env))
    row.setdefault("currency_id", env.row("res.company", company).get("currency_id"))
    row.setdefault("date_order", env.second)
    row.setdefault("state", "draft")
    row.setdefault("invoice_status", "no")
    for name in ("amount_untaxed", "amount_tax", "amount_total"):
        row.setdefault(name, 0.0)


def _settled_line(model: str) -> Any:
    def settled(env: Env, _key: int, row: Values, vals: Values) -> None:
        product = row.get("product_id")
        if product and not row.get("name"):
            row["name"] = named(env, "product.product", product)
        template = env.row(
            "product.template", env.row("product.product", product or 0).get("product_tmpl_id", 0)
        )
        if template and "product_uom" not in vals:
            row["product_uom"] = template.get("uom_id")
        if template and model == SALE_LINE and "price_unit" not in vals:
            row["price_unit"] = template.get("list_price", 0.0)
        _derive(env, model, row)

    return settled


def _derive(env: Env, model: str, row: Values) -> None:
    order = env.row(_ORDERS[model], row.get("order_id", 0))
    quantity = row.setdefault(_QUANTITY[model], 0.0 if row.get("display_type") else 1.0)
    row.setdefault("price_unit", 0.0)
    row |= {name: order[name] for name in ("company_id", "currency_id", "state") if order.get(name)}
    if model == PURCHASE_LINE:
        row["product_uom_qty"] = quantity
        row |= {"partner_id": order["partner_id"]} if order.get("partner_id") else {}
        if not row.get("display_type"):
            row.setdefault("date_planned", order.get("date_planned") or order.get("date_order"))
    else:
        row |= {"order_partner_id": order["partner_id"]} if order.get("partner_id") else {}
        row.setdefault("customer_lead", 0.0)
        row.setdefault("invoice_status", "no")
    net = quantity * row["price_unit"] * (1 - row.get("discount", 0.0) / 100)
    row |= {"price_subtotal": rounded(net, 2), "price_total": rounded(net, 2), "price_tax": 0.0}


def _sum(env: Env, model: str, lines: Ids) -> None:
    """Write the totals of the orders of some lines; no write date moves."""
    order_model = _ORDERS[model]
    for order in {env.row(model, key).get("order_id", 0) for key in lines} - {0}:
        rows = [env.row(model, at) for at in env.store.referring(model, "order_id", order)]
        total = rounded(sum(row.get("price_subtotal", 0.0) for row in rows), 2)
        totals = {"amount_untaxed": total, "amount_tax": 0.0, "amount_total": total}
        env.store.put(order_model, order, {**env.row(order_model, order), **totals})


def _line_rules(model: str) -> Rules:
    def created(env: Env, ids: Ids, _values: Sequence[Values]) -> None:
        _sum(env, model, ids)

    def written(env: Env, ids: Ids, _vals: Values, _before: Mapping[int, Mapping[str, Any]]) -> None:
        _sum(env, model, ids)

    def resettled(env: Env, _key: int, row: Values, _vals: Values) -> None:
        _derive(env, model, row)

    return Rules(settled=[_settled_line(model)], resettled=[resettled], created=[created], written=[written])


def _unlinking_sale(env: Env, ids: Ids) -> None:
    if any(env.row(SALE, key).get("state") not in ("draft", "cancel") for key in ids):
        raise UserError(
            "You can not delete a sent quotation or a confirmed sales order. You must first cancel it."
        )


def _unlinking_purchase(env: Env, ids: Ids) -> None:
    if any(env.row(PURCHASE, key).get("state") != "cancel" for key in ids):
        raise UserError("In order to delete a purchase order, you must cancel it first.")


RULES[SALE] = Rules(settled=[_settled_sale], unlinking=[_unlinking_sale])
RULES[PURCHASE] = Rules(settled=[_settled_purchase], unlinking=[_unlinking_purchase])
RULES[SALE_LINE] = _line_rules(SALE_LINE)
RULES[PURCHASE_LINE] = _line_rules(PURCHASE_LINE)
