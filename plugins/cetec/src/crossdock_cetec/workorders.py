"""Work orders: a file for each part with all of them, and an inventory of all.

A work order is a line of an order that is built (documented). Where it stands and its labour come from an
export of the production list, or from the API's list of order lines; its operations from the API, a request
a work order; inspections and non-conformances from exports.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crossdock.filestore import FileStore
from crossdock.model import Record, Rejected
from crossdock.spreadsheet import plain_cell
from crossdock.values import Money, Reference, StoredFile
from crossdock_cetec.codecs import digits
from crossdock_cetec.objects import PART, WORK_ORDER_EXPORT
from crossdock_cetec.placement import work_order_key

Json = Mapping[str, Any]
Result = Record | Rejected
Operations = Callable[[str], Sequence[Json]]
"""(line id of a work order) -> its locations, each with operations."""

_COLUMNS = (
    *("record", "work_order", "order", "line", "part", "status", "location", "transcode", "quantity"),
    *("released", "balance", "work_start", "ship_date", "estimated_minutes", "actual_minutes", "labor_cost"),
    *("ext_resale", "quality_code", "operation", "sequence", "repetitions", "seconds", "number", "kind"),
    *("result", "disposition", "date", "description"),
)
_NONE: Mapping[str, Any] = {}


@dataclass
class PartWork:
    """The work orders of one part. Minutes and cost are sums of what is known."""

    part: str
    rows: list[dict[str, str]] = field(default_factory=list)
    orders: int = 0
    inspections: int = 0
    nonconformances: int = 0
    estimated: Decimal = Decimal(0)
    actual: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    currency: str = ""

    def content(self) -> bytes:
        """The file: UTF-8 with a byte order mark, a row for each work order and all that belongs to it."""
        return table(self.rows)


class WorkOrders:
    """The work orders by part. `operations` asks for those of a line, None: nobody can."""

    def __init__(
        self,
        rows: Iterable[Result],
        inspections: Iterable[Result],
        nonconformances: Iterable[Result],
        operations: Operations | None,
    ) -> None:
        self.rejected: list[Rejected] = []
        self._operations = operations
        self._orders: dict[str, list[tuple[str, Json]]] = {}
        for key, values in self._records(rows):
            if values.get("part"):
                self._orders.setdefault(values["part"], []).append((work_order_key(key), values))
            else:
                self._reject(key, "it names no part")
        self._inspections = self._by_order(inspections)
        self._nonconformances = self._by_order(nonconformances)

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that have any, in the order of their numbers."""
        return tuple(sorted(self._orders))

    def part_of(self) -> dict[str, str]:
        """The part of each work order."""
        return {key: part for part, orders in self._orders.items() for key, _ in orders}

    def of(self, part: str) -> PartWork:
        """The work of one part, with the operations of each work order."""
        found = PartWork(part)
        for key, values in sorted(self._orders[part], key=lambda pair: pair[0]):
            self._add(found, key, values)
        return found

    def loose(self) -> Iterator[tuple[str, Json]]:
        """Inspections and non-conformances of work orders that nobody knows: (kind, row)."""
        known = {key for orders in self._orders.values() for key, _ in orders}
        for kind, held in (("inspection", self._inspections), ("non-conformance", self._nonconformances)):
            for key, rows in held.items():
                if key not in known:
                    yield from ((kind, row) for row in rows)

    def _add(self, found: PartWork, key: str, values: Json) -> None:
        found.orders += 1
        found.estimated += values.get("estimated_minutes") or 0
        found.actual += values.get("actual_minutes") or 0
        if isinstance(cost := values.get("labor_cost"), Money):
            found.cost, found.currency = found.cost + cost.amount, cost.currency
        base = {"work_order": key.replace("/", "-"), "order": values.get("ordernum"), "part": found.part}
        found.rows.append(_row({**values, **base, "record": "work order"}))
        line_id = values.get("line_id")
        maps = self._operations(line_id) if self._operations and line_id else ()
        for number, (place, step) in enumerate(_steps(maps), start=1):
            found.rows.append(
                _row({**base, "record": "operation", "location": place, "sequence": number, **step})
            )
        inspections, problems = self._inspections.get(key, ()), self._nonconformances.get(key, ())
        found.inspections += len(inspections)
        found.nonconformances += len(problems)
        for row in inspections:
            told = {"number": row.get("number"), "kind": row.get("kind"), "result": row.get("result")}
            found.rows.append(_row({**base, **told, "record": "inspection", "date": row.get("inspected_on")}))
        for row in problems:
            told = {
                n: row.get(n) for n in ("number", "kind", "quantity", "status", "disposition", "description")
            }
            found.rows.append(
                _row({**base, **told, "record": "non-conformance", "date": row.get("found_on")})
            )

    def _records(self, results: Iterable[Result]) -> Iterator[tuple[str, Json]]:
        for result in results:
            if isinstance(result, Record):
                yield result.key, result.values
            else:
                self.rejected.append(
                    Rejected(WORK_ORDER_EXPORT, f"{result.object_name} {result.key}", result.reasons)
                )

    def _by_order(self, results: Iterable[Result]) -> dict[str, list[Json]]:
        found: dict[str, list[Json]] = {}
        for _, values in self._records(results):
            found.setdefault(work_order_key(str(values.get("work_order") or "")), []).append(values)
        return found

    def _reject(self, key: str, reason: str) -> None:
        self.rejected.append(Rejected(WORK_ORDER_EXPORT, f"workorder {key}", (reason,)))


def export_record(work: PartWork, stored: StoredFile) -> Record:
    """The record of a part's file."""
    values = {
        "name": stored.name,
        "part": Reference(PART, work.part),
        "content": stored,
        "work_orders": work.orders,
        "estimated_minutes": work.estimated,
        "actual_minutes": work.actual,
        "labor_cost": Money(work.cost, work.currency) if work.currency else None,
    }
    return Record(WORK_ORDER_EXPORT, work.part, values)


def file_name(part: str) -> str:
    """What the file of a part is called; a part number may hold what a file name may not."""
    safe = "".join(letter if letter.isalnum() or letter in " ._-" else "_" for letter in part).strip()
    return f"work-orders {safe}.csv"


def stored(work: PartWork, files: FileStore) -> StoredFile:
    """The file, kept."""
    return files.save([work.content()], name=file_name(work.part), media_type="text/csv")


def table(rows: Sequence[Mapping[str, str]]) -> bytes:
    """A CSV file of all columns; the same rows give the same bytes."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _steps(maps: Sequence[Json]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(location, what is done) of each operation; the keys of clients, and `description` assumed."""
    for place in maps:
        name = str(
            place.get("name") or place.get("description") or place.get("location") or place.get("id") or ""
        )
        operations = place.get("operations")
        for each in operations if isinstance(operations, list) else ():
            told = {"operation": each.get("name"), "repetitions": each.get("repetitions")}
            yield name, {**told, "seconds": each.get("avg_secs"), "description": _instructions(each)}


def _instructions(operation: Json) -> str | None:
    given = operation.get("instructions")
    texts = given if isinstance(given, list) else [given]
    told = [str(t.get("text") if isinstance(t, Mapping) else t) for t in texts if t not in (None, "", {})]
    return "\n".join(told) or None


def _row(values: Json) -> dict[str, str]:
    return {name: _cell(values[name]) for name in _COLUMNS if name in values}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Money):
        return f"{value.amount:f} {value.currency}".strip()
    if isinstance(value, Decimal):
        return digits(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return plain_cell(str(value))
