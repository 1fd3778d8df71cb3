"""Parts with all that belongs to them: bill of materials, where it is used, vendor prices, quality codes."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from crossdock.model import Record, Rejected
from crossdock.values import Money
from crossdock_cetec.bom import BillsOfMaterials
from crossdock_cetec.codecs import digits, is_nothing
from crossdock_cetec.objects import PART
from crossdock_cetec.supporttables import support_object

_CLASS = 3  # seen in vendor code: the product class is the first three signs of a prcpart

Result = Record | Rejected


class PartBook:
    """What completes a part, from the rows of the tables about parts."""

    def __init__(
        self,
        lines: Iterable[Result],
        operations: Iterable[Result],
        prices: Iterable[Result],
        work_orders: Iterable[Result],
    ) -> None:
        self.rejected: list[Rejected] = []
        self.boms = BillsOfMaterials(self._rows(lines), self._rows(operations))
        told = enumerate(self.boms.faults, start=1)
        self.rejected += [Rejected(PART, f"bomline without a place {n}", (fault,)) for n, fault in told]
        self._prices: dict[str, list[dict[str, Any]]] = {}
        for row in self._rows(prices):
            self._prices.setdefault(row["part"], []).append(_price(row))
        self._codes: dict[str, dict[str, None]] = {}
        for row in (r.values for r in work_orders if isinstance(r, Record)):
            if row.get("part") and row.get("quality_code"):
                self._codes.setdefault(row["part"], {})[row["quality_code"]] = None
        self._circles = self.boms.cycles()

    def completed(self, result: Result) -> Result:
        """The part with what belongs to it."""
        if isinstance(result, Rejected):
            return result
        key, values = result.key, dict(result.values)
        values["prc"] = values.get("prc") or (key[:_CLASS] or None)
        values["number"] = values.get("number") or (key[_CLASS:].strip() or None)
        values["bom"] = self.boms.document(key)
        values["where_used"] = self.boms.where_used(key)
        values["vendor_prices"] = self._prices.get(key)
        values["work_order_codes"] = tuple(self._codes.get(key, ())) or None
        circles = [" > ".join([*path, path[0]]) for path in self._circles if key in path]
        values["bom_problems"] = f"it is in itself: {'; '.join(circles)}" if circles else None
        return Record(PART, key, values)

    def _rows(self, results: Iterable[Result]) -> list[Mapping[str, Any]]:
        """The rows; those that could not be read are rejected as parts of the part list."""
        found = []
        for result in results:
            if isinstance(result, Record):
                found.append(result.values)
            else:
                self.rejected.append(Rejected(PART, f"{result.object_name} {result.key}", result.reasons))
        return found


def _price(row: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for field in support_object("vendorprice").fields:
        value = row.get(field.name)
        if field.name == "part" or is_nothing(value):
            continue
        if isinstance(value, Money):
            told |= {field.name: digits(value.amount), "currency": value.currency}
        else:
            told[field.name] = digits(value) if isinstance(value, Decimal) else value
    return told
