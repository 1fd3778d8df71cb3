"""What a note or a document is about: the record that it names, or the part or customer behind it.

A row names a kind of record and the record (`Work Order`, `12345.1-1`), and may name a part and a customer
besides. Records that do not migrate (work orders, invoices, non-conformances) have a part or a customer that
does; what leads nowhere is left to a person.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.values import Reference
from crossdock_cetec.objects import (
    CONTACT,
    CUSTOMER,
    INVOICE,
    LEAD,
    ORDER,
    PART,
    PURCHASE_ORDER,
    QUOTE,
    VENDOR,
    WORK_ORDER,
)

Keys = Callable[[str, str, str], Sequence[str]]
"""(object, column, text) -> keys of the records that are called so."""

_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("part", "parts", "prcpart", "part record"), PART),
    **dict.fromkeys(("customer", "customers", "company"), CUSTOMER),
    **dict.fromkeys(("vendor", "vendors", "supplier"), VENDOR),
    **dict.fromkeys(("contact", "contacts"), CONTACT),
    **dict.fromkeys(("lead", "leads", "prospect"), LEAD),
    **dict.fromkeys(("quote", "quotes"), QUOTE),
    **dict.fromkeys(("order", "orders", "sales order", "sales orders"), ORDER),
    **dict.fromkeys(("purchase order", "purchase orders", "po"), PURCHASE_ORDER),
    **dict.fromkeys(("work order", "work orders", "wo", "order line", "ordline"), WORK_ORDER),
    **dict.fromkeys(("invoice", "invoices"), INVOICE),
    **dict.fromkeys(("bom", "bill of materials", "part revision"), "bom"),
}
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    PART: ("prcpart",),
    CUSTOMER: ("id", "custnum", "name"),
    VENDOR: ("vendnum", "name"),
    CONTACT: ("id", "email"),
    LEAD: ("id", "email"),
    QUOTE: ("quotenum",),
    ORDER: ("ordernum", "id"),
    PURCHASE_ORDER: ("ponum",),
}
_NUMBER = re.compile(r"(?:[A-Z]{2})?(\d[\w.]*)[-/](\d+)")
_TAIL = ("does not migrate", "is not there")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something belongs, None if nowhere; `told` says how that was found, "" if it names it itself."""

    record: Reference | None
    told: str = ""


class Placement:
    """Finds places. `part_of_work` and `customers_of_invoices` answer for records that do not migrate."""

    def __init__(
        self,
        keys: Keys,
        part_of_work: Callable[[str], str | None],
        customers_of_invoices: Callable[[], Mapping[str, str]],
    ) -> None:
        self._keys = keys
        self._part_of_work = part_of_work
        self._customers_of_invoices = customers_of_invoices

    def of(self, values: Mapping[str, Any]) -> Place:
        """The place of a row with `object`, `record`, `part` and `customer`."""
        word, text = str(values.get("object") or "").strip(), str(values.get("record") or "")
        name = _WORDS.get(word.casefold(), "")
        direct = self._named(name, text)
        if direct is not None:
            return Place(direct)
        why = f"{word} {text.strip()}".strip() or "nothing"
        why = f"{why} {_TAIL[name in _COLUMNS]}" if why != "nothing" else "it names nothing"
        for other in (self._behind(name, text), values.get("part"), values.get("customer")):
            if isinstance(other, Reference):
                return Place(other, f"at the {other.object_name}: {why}")
        return Place(None, why)

    def _named(self, name: str, text: str) -> Reference | None:
        for column in _COLUMNS.get(name, ()):
            found = self._keys(name, column, text)
            if len(found) == 1:
                return Reference(name, found[0])
        return None

    def _behind(self, name: str, text: str) -> Reference | None:
        """The part of a work order or of a bill of materials, the customer of an invoice."""
        if name == WORK_ORDER and (part := self._part_of_work(work_order_key(text))):
            return Reference(PART, part)
        if name == INVOICE and (customer := self._customers_of_invoices().get(text.strip())):
            return Reference(CUSTOMER, customer)
        return self._named(PART, text) if name == "bom" else None


def work_order_key(text: str) -> str:
    """`MN12345.1-2`, `12345.1-2` and `12345.1/2` are the same work order: order and line."""
    match = _NUMBER.fullmatch(text.strip())
    return f"{match[1]}/{match[2]}" if match else text.strip()
