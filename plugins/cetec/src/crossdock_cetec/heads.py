"""Customers, quotes, orders, purchase orders and leads, with what follows from their own fields and others.

Internal customers are those that say so in a column (its name is assumed), or that the settings name. Cetec
locks such a customer once an order uses it: its name on an order cannot be changed any more.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crossdock.model import Artifact, ArtifactReport, Record, Rejected
from crossdock.values import Reference
from crossdock_cetec.objects import CUSTOMER

Result = Record | Rejected
Receipts = Mapping[tuple[str, int | None], list[dict[str, Any]]]
"""What came, by number of the purchase order and line."""

Named = Callable[[str, str, str], Sequence[str]]
"""(object, column, text) -> keys of the records that are called so."""

LOCKED = "internal customer that an order uses: Cetec locks it"
_LOST = ("lost", "no bid", "declined", "rejected", "expired", "cancel")
_WON = ("won", "order", "commit", "convert")


def customer(record: Record, internal: frozenset[str], used: Callable[[], frozenset[str]]) -> Record:
    """A customer: whether it is internal (`internal`: names that the settings give), and if so, locked."""
    values = record.values
    own = values.get("internal") is True
    names = {folded(str(values.get(name) or "")) for name in ("name", "custnum", "external_key")} - {""}
    how = "its own column" if own else ("the settings" if names & internal else None)
    locked = LOCKED if how and record.key in used() else None
    found = {"internal": how is not None, "internal_note": how, "locked": locked}
    return replace(record, values={**values, **found})


def internal_report(customers: Iterable[Result] | None, orders: Iterable[Result]) -> ArtifactReport:
    """Every internal customer: how it was found, how many orders are sold to it, and whether they lock it.

    `customers` are complete (see `customer`); None: none are read.
    """
    kind = "internal_customer"
    if customers is None:
        return ArtifactReport(kind, not_examined="no customers are read")
    sold = Counter(named_customers(orders))
    found = []
    for each in customers:
        if isinstance(each, Record) and each.values.get("internal"):
            told = {
                "number": each.values.get("custnum"),
                "found_by": each.values.get("internal_note"),
                "orders": sold[each.key],
                "locked": each.values.get("locked"),
            }
            details = {name: value for name, value in told.items() if value is not None}
            found.append(Artifact(kind, str(each.values.get("name")), each.key, details=details))
    return ArtifactReport(kind, tuple(found))


def order(record: Record, internal: Callable[[], frozenset[str]]) -> Record:
    """An order with its stage, and whether it is the company's own (built to stock)."""
    named = record.values.get("customer")
    own = isinstance(named, Reference) and named.key in internal()
    stock = "sold to the internal customer: built to stock" if own else None
    found = {"stage": order_stage(record.values), "internal": own, "stock_note": stock}
    return replace(record, values={**record.values, **found})


def order_stage(values: Mapping[str, Any]) -> str:
    """`completed` once it is closed, `shipping` if its status says so, else `open`."""
    status = str(values.get("status") or "").casefold()
    if values.get("closed") or status in ("closed", "complete", "completed", "invoiced"):
        return "completed"
    return "shipping" if "ship" in status else "open"


def quote(record: Record) -> Record:
    """A quote with its stage: one that became an order is won, one that was closed otherwise is lost."""
    return replace(record, values={**record.values, "stage": quote_stage(record.values)})


def quote_stage(values: Mapping[str, Any]) -> str:
    """Documented: a quote is open, pending or closed; committing makes an order of it."""
    status, how = (str(values.get(name) or "").casefold() for name in ("status", "resolution"))
    if values.get("order") is not None or any(w in status for w in _WON):
        return "won"
    if "pend" in status:
        return "pending"
    if "clos" in status or any(w in status for w in _LOST):
        return "won" if any(w in how for w in _WON) and not any(w in how for w in _LOST) else "lost"
    return "open"


def purchase_order(
    record: Record, receipts: Mapping[str, list[dict[str, Any]]], customer_names: Callable[[], frozenset[str]]
) -> Record:
    """A purchase order with its receipts; one that goes to a customer at once is flagged."""
    values = {"drop_ship": _drop_ship(record.values, customer_names), "receipts": receipts.get(record.key)}
    return replace(record, values={**record.values, **values})


def receipts_of_orders(receipts: Receipts) -> dict[str, list[dict[str, Any]]]:
    """What came, by purchase order alone; each says its line."""
    found: dict[str, list[dict[str, Any]]] = {}
    for (number, line), rows in receipts.items():
        told = [row if line is None else {"line": line, **row} for row in rows]
        found.setdefault(number, []).extend(told)
    return found


def _drop_ship(values: Mapping[str, Any], customer_names: Callable[[], frozenset[str]]) -> str | None:
    """Documented: order type D is a drop-ship. Also what is sent to a customer of that name."""
    kind = str(values.get("order_type") or "").strip()
    if kind.upper() == "D" or "drop" in kind.casefold():
        return f"drop-ship (order type {kind})"
    to = str(values.get("ship_to") or "").strip()
    return f"drop-ship (goes to {to})" if to and folded(to) in customer_names() else None


def lead(record: Record, named: Named) -> Record:
    """A lead; one without an e-mail address is flagged for review.

    It belongs to the customer that it says, else to the one customer that has the name of its company.
    """
    values = record.values
    missing = None if values.get("email") else "no e-mail address: review"
    origin, company = values.get("customer"), str(values.get("company_name") or "")
    if origin is None and company and len(found := named(CUSTOMER, "name", company)) == 1:
        origin = Reference(CUSTOMER, found[0])
    return replace(record, values={**values, "no_email": missing, "customer": origin})


def named_customers(results: Iterable[Result]) -> Iterator[str]:
    """The keys of the customers that records name."""
    for result in results:
        customer = result.values.get("customer") if isinstance(result, Record) else None
        if isinstance(customer, Reference) and customer.object_name == CUSTOMER:
            yield customer.key


def folded(text: str) -> str:
    """A name as it is compared: case and spaces aside."""
    return " ".join(text.split()).casefold()
