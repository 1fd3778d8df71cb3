"""Control totals of a reconciliation: links that lead where they should, and sums of numbers, on both sides.

Two columns that a person can add up in a spreadsheet of the source say more than a thousand green rows.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema
from crossdock.reconcile.routes import Compared
from crossdock.referenceplan import LEFT_EMPTY, unresolved
from crossdock.values import Author, Money

_NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY)


@dataclass
class LinkTotal:
    """Links of one field: how many the source has, and how many of them lead to the right record.

    left_empty: nobody there stands for it. stands_in: the same, and the mapping's fallback took its place.
    """

    expected: int = 0
    right: int = 0
    left_empty: int = 0
    stands_in: int = 0


@dataclass
class SumTotal:
    """A number field summed over all records, as the source says and as the destination holds it."""

    expected: Decimal = Decimal(0)
    there: Decimal = Decimal(0)


@dataclass
class ControlTotals:
    """Links by (object, field), sums by (object, field, currency). A witness of a reconciliation."""

    links: dict[tuple[str, str], LinkTotal] = field(default_factory=dict)
    sums: dict[tuple[str, str, str], SumTotal] = field(default_factory=dict)

    def see(self, compared: Compared) -> None:
        """Take one record in."""
        found = compared.observation
        there = found.values if found is not None and not found.trashed else {}
        wrong = {finding.field_name for finding in compared.findings}
        lost = unresolved(compared.expected.notes)
        for name, ending in lost.items():
            total = self.links.setdefault((compared.expected.object_name, name), LinkTotal())
            total.expected += 1
            total.left_empty += ending == LEFT_EMPTY
            total.stands_in += ending != LEFT_EMPTY
        for name, value in compared.expected.values.items():
            schema = compared.route.schema.field(name)
            if schema is None or value is None or name in lost:
                continue
            place = (compared.expected.object_name, name)
            if leads_somewhere(schema, value):
                total = self.links.setdefault(place, LinkTotal())
                total.expected += 1
                total.right += compared.observation is not None and not wrong & {"", name}
            elif schema.type in _NUMBERS and not schema.multiple:
                self._add(place, value, "expected")
                self._add(place, there.get(name), "there")

    def _add(self, place: tuple[str, str], value: Any, side: str) -> None:
        amount, currency = _number(value)
        if amount is not None:
            total = self.sums.setdefault((*place, currency), SumTotal())
            setattr(total, side, getattr(total, side) + amount)

    def as_data(self) -> Mapping[str, list[dict[str, Any]]]:
        """Both tables as plain data; sums as text, so that no digit is lost."""
        return {
            "links": [
                {"object": name, "field": of, **asdict(total)}
                for (name, of), total in sorted(self.links.items())
            ],
            "sums": [
                {
                    "object": name,
                    "field": of,
                    "currency": currency,
                    "expected": format(total.expected.normalize(), "f"),
                    "there": format(total.there.normalize(), "f"),
                }
                for (name, of, currency), total in sorted(self.sums.items())
            ],
        }


def leads_somewhere(schema: FieldSchema, value: Any) -> bool:
    """True for a link to another record, and for an author who is a user there."""
    if schema.type is FieldType.REFERENCE:
        return bool(value)
    return isinstance(value, Author) and bool(value.target_id)


def _number(value: Any) -> tuple[Decimal | None, str]:
    if isinstance(value, Money):
        return value.amount, value.currency
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value), ""
    return None, ""
