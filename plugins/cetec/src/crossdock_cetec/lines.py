"""Lines of orders, quotes and purchase orders, with what their heads say of them.

A part that is built to stock and built to ship on one order is two line items, both flagged: one line that
is filled both ways is split, its amount divided by quantity to the last digit; two lines stay two.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from crossdock.model import Record, Rejected
from crossdock.values import Money, Reference

Result = Record | Rejected
Heads = Mapping[str, Mapping[str, Any]]
"""The values of the orders (or the like) by key."""

DUAL = "the same part is built to stock and built to ship on this order"
_BUILD, _STOCK = "SA", "SN"


def both_ways(lines: Iterable[Result]) -> set[tuple[str, str]]:
    """(order, part) of what is filled both from stock and by building."""
    ways: dict[tuple[str, str], set[str]] = {}
    for line in lines:
        if isinstance(line, Record):
            place = _place(line)
            if place is not None:
                ways.setdefault(place, set()).update(_ways(line.values))
    return {place for place, found in ways.items() if {_BUILD, _STOCK} <= found}


def order_lines(lines: Iterable[Result], heads: Heads, dual: set[tuple[str, str]]) -> Iterator[Result]:
    """The lines of orders: named, dated, split and flagged."""
    for line in lines:
        if isinstance(line, Rejected):
            yield line
            continue
        head = _head(line, "order", heads)
        number = line.values.get("ordernum") or head.get("ordernum")
        values = {
            **line.values,
            "ordernum": number,
            "ordered_on": line.values.get("ordered_on") or head.get("ordered_on"),
            "internal": head.get("internal"),
            "name": _name(number, line),
            "amount": _amount(line.values, "resale"),
            "dual_fulfilment": DUAL if _place(line) in dual else None,
        }
        yield from _split(replace(line, values=values))


def quote_lines(lines: Iterable[Result], heads: Heads) -> Iterator[Result]:
    """The lines of quotes."""
    for line in lines:
        if isinstance(line, Record):
            head = _head(line, "quote", heads)
            named = _name(head.get("quotenum"), line)
            values = {
                "name": named,
                "quoted_on": head.get("quoted_on"),
                "amount": _amount(line.values, "resale"),
            }
            yield replace(line, values={**line.values, **values})
        else:
            yield line


def purchase_lines(
    lines: Iterable[Result], heads: Heads, receipts: Mapping[tuple[str, int | None], list[dict[str, Any]]]
) -> Iterator[Result]:
    """The lines of purchase orders, with their receipts."""
    for line in lines:
        if isinstance(line, Rejected):
            yield line
            continue
        head, order = _head(line, "purchaseorder", heads), line.values.get("purchaseorder")
        came = receipts.get((order.key, line.values.get("line"))) if isinstance(order, Reference) else None
        received = line.values.get("received")
        if received is None and came:
            received = sum((Decimal(r["quantity"]) for r in came if "quantity" in r), Decimal(0))
        values = {
            "name": _name(head.get("ponum"), line),
            "ordered_on": head.get("ordered_on"),
            "amount": _amount(line.values, "cost"),
            "received": received,
            "receipts": came,
        }
        yield replace(line, values={**line.values, **values})


def _split(line: Record) -> Iterator[Record]:
    """Two lines for one that is partly built and partly taken from stock."""
    values = line.values
    build, stock = values.get("build_quantity"), values.get("stock_quantity")
    if not build or not stock:
        yield line
        return
    whole = build + stock
    for way, part, code in (("build", build, _BUILD), ("stock", stock, _STOCK)):
        amount = values.get("amount")
        if isinstance(amount, Money):
            first = _share(amount.amount, build, whole)
            amount = Money(first if way == "build" else amount.amount - first, amount.currency)
        own = {"quantity": part, "transcode": code, "amount": amount, "name": f"{values['name']} ({way})"}
        yield Record(line.object_name, f"{line.key}/{way}", {**values, **own, "dual_fulfilment": DUAL})


def _share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """A part of an amount, in as many decimals as the amount has: the rest goes to the other part."""
    exponent = amount.as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) and exponent < 0 else 2
    return (amount * part / whole).quantize(Decimal(1).scaleb(-max(digits, 2)))


def _place(line: Record) -> tuple[str, str] | None:
    order, part = line.values.get("order"), line.values.get("part")
    if isinstance(order, Reference) and isinstance(part, Reference):
        return order.key, part.key
    return None


def _ways(values: Mapping[str, Any]) -> set[str]:
    found = {
        code for code, name in ((_BUILD, "build_quantity"), (_STOCK, "stock_quantity")) if values.get(name)
    }
    return found or {str(values.get("transcode"))}


def _head(line: Record, field: str, heads: Heads) -> Mapping[str, Any]:
    order = line.values.get(field)
    return heads.get(order.key, {}) if isinstance(order, Reference) else {}


def _name(number: Any, line: Record) -> str:
    """As Cetec shows a line: `12345.1-2`, and its part."""
    part = line.values.get("part")
    shown = "-".join(str(x) for x in (number, line.values.get("line")) if x is not None) or line.key
    return f"{shown} {part.key}" if isinstance(part, Reference) else shown


def _amount(values: Mapping[str, Any], price: str) -> Money | None:
    """As it is given, else quantity by price."""
    given, each, quantity = values.get("amount"), values.get(price), values.get("quantity")
    if given is not None or not isinstance(each, Money) or quantity is None:
        return given if isinstance(given, Money) else None
    return Money(each.amount * quantity, each.currency)
