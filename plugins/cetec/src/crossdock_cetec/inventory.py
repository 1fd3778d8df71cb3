"""What does not move as a record: quality codes, thresholds, bills of materials, work orders, roles, seats.

It is looked for when somebody first asks, as only discover and the handoff do; files that belong to it go to
the folder of the handoff.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import orjson

from crossdock.connection import Connection
from crossdock.errors import CrossdockError
from crossdock.fieldtypes import FieldType
from crossdock.model import Artifact, ArtifactReport, Record
from crossdock.spreadsheet import plain_cell
from crossdock.values import Money
from crossdock_cetec import bom, heads, staff
from crossdock_cetec.controltotals import measured
from crossdock_cetec.explanations import spread
from crossdock_cetec.handofffiles import write_privately
from crossdock_cetec.library import Library
from crossdock_cetec.objects import (
    CUSTOMER,
    DOCUMENT,
    OBJECTS,
    ORDER,
    ORDER_LINE,
    QUOTE,
    USER,
    WORK_ORDER_EXPORT,
)
from crossdock_cetec.workorders import table

_NOT_EXAMINED = {
    "workflow": "the API shows no approval routes and no alerts; thresholds come from a table"
    " (`approvalthreshold`)",
    "report": "the API lists no reports",
    "page": "the API lists no dashboards",
    "permission": "the API shows no rights of single records",
    "robot": "Cetec has none that could be listed",
}
_MOST_REQUESTS = 1000
_NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.DATE, FieldType.DATETIME)


class Inventory(Sequence[ArtifactReport]):
    """The reports on all kinds of artifact."""

    def __init__(self, library: Library, connection: Connection) -> None:
        self._library = library
        self._folder = connection.handoff

    @overload
    def __getitem__(self, index: int) -> ArtifactReport: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ArtifactReport]: ...
    def __getitem__(self, index: int | slice) -> ArtifactReport | Sequence[ArtifactReport]:
        """One kind's report, or several."""
        return self._reports[index]

    def __len__(self) -> int:
        return len(self._reports)

    @cached_property
    def _reports(self) -> tuple[ArtifactReport, ...]:
        library = self._library
        people = list(library.results(USER)) if library.directory.has(USER) else None
        customers = library.results(CUSTOMER) if library.directory.has(CUSTOMER) else None
        return (
            heads.internal_report(customers, library.base(ORDER)),
            library.tables.codes.report(),
            self._thresholds(),
            self._boms(),
            self._work_orders(),
            staff.role_report(people),
            staff.seat_report(people),
            self._orphans(),
            self._totals(),
            *(ArtifactReport(kind, not_examined=why) for kind, why in _NOT_EXAMINED.items()),
        )

    def _thresholds(self) -> ArtifactReport:
        """The table of thresholds, and those that quotes were held against."""
        kind, tables = "approval_threshold", self._library.tables
        found = [r.values for r in tables.results("approvalthreshold") if isinstance(r, Record)]
        listed = [_threshold(row) for row in found]
        seen: dict[str, int] = {}
        for result in self._library.results(QUOTE) if self._library.directory.has(QUOTE) else ():
            limit = result.values.get("approval_threshold") if isinstance(result, Record) else None
            if isinstance(limit, Money):
                shown = f"{limit.amount:f} {limit.currency}"
                seen[shown] = seen.get(shown, 0) + 1
        for shown, count in sorted(seen.items()):
            told = {"applies_to": "quotes", "quotes": count, "needs": ["approvals"]}
            listed.append(Artifact(kind, f"quotes from {shown}", shown, details=told))
        if not listed:
            return ArtifactReport(
                kind, not_examined="neither a table `approvalthreshold` nor quotes name any"
            )
        return ArtifactReport(kind, tuple(listed))

    def _boms(self) -> ArtifactReport:
        kind, book = "bill_of_materials", self._library.part_book()
        circles = book.boms.cycles()
        if not book.boms.assemblies:
            why = "no table of bills of materials was given (`bomline`); the API is not known to give any"
            return ArtifactReport(kind, not_examined=why)
        return ArtifactReport(
            kind, tuple(self._bom(book.boms, part, circles) for part in book.boms.assemblies)
        )

    def _bom(self, boms: bom.BillsOfMaterials, part: str, circles: list[list[str]]) -> Artifact:
        document = boms.document(part) or {}
        used = boms.where_used(part) or []
        details: dict[str, Any] = {
            "levels": bom.levels(document),
            "components": bom.count(document.get("components", ())),
            "operations": len(document.get("operations", ())),
            "where_used": [each["part"] for each in used],
            "cycles": [" > ".join([*path, path[0]]) for path in circles if part in path],
        }
        if (path := self._path("boms", part, ".json")) is not None:
            write_privately(path, orjson.dumps(document, option=orjson.OPT_INDENT_2))
            details["file"] = str(path)
        return Artifact(
            "bill_of_materials", part, part, details={n: v for n, v in details.items() if v != []}
        )

    def _work_orders(self) -> ArtifactReport:
        kind = "work_order"
        if WORK_ORDER_EXPORT not in self._library.objects:
            return ArtifactReport(kind, not_examined="neither the API nor a table (`workorder`) gives any")
        # Operations are in the file of each part: a request a work order.
        work, found, rows = self._library.work(operations=False), [], []
        for part in work.parts:
            own = work.of(part)
            rows += own.rows
            told = {
                "work_orders": own.orders,
                "estimated_minutes": f"{own.estimated:f}",
                "actual_minutes": f"{own.actual:f}",
                "labor_cost": f"{own.cost:f} {own.currency}".strip(),
                "inspections": own.inspections,
                "non_conformances": own.nonconformances,
            }
            found.append(Artifact(kind, f"work orders of {part}", part, details=told))
        for what, row in work.loose():
            told = {n: str(v) for n, v in row.items() if v is not None}
            found.append(
                Artifact(kind, f"{what} of an unknown work order", str(row.get("number")), details=told)
            )
        if found and self._folder is not None:
            write_privately(self._folder / "work-orders.csv", table(rows))
            told = {"file": str(self._folder / "work-orders.csv"), "rows": len(rows)}
            found.insert(0, Artifact(kind, "all work orders", "all", details=told))
        return ArtifactReport(kind, tuple(found))

    def _orphans(self) -> ArtifactReport:
        if self._library.settings.documents is None:
            return ArtifactReport("orphan_document", not_examined="no folder of documents was given")
        return self._library.documents().orphans(self._folder)

    def _totals(self) -> ArtifactReport:
        """Count, sum, least and most of every number and date, to be held against Cetec's own reports."""
        rows = list(self._measured())
        if self._folder is not None and rows:
            text = io.StringIO()
            writer = csv.writer(text)
            writer.writerow(("object", "field", "count", "sum", "min", "max", "decimals"))
            writer.writerows(
                (plain_cell(name), plain_cell(field), *values.values()) for name, field, values in rows
            )
            write_privately(self._folder / "control-totals.csv", text.getvalue().encode("utf-8-sig"))
        found = (
            Artifact("control_total", f"{name}.{field}", f"{name}.{field}", details=values)
            for name, field, values in rows
        )
        return ArtifactReport("control_total", tuple(found))

    def _measured(self) -> Iterator[tuple[str, str, dict[str, str]]]:
        for name in self._library.objects:
            described = OBJECTS.get(name)
            fields = [f.name for f in described.fields if f.type in _NUMBERS] if described else []
            if not fields or name in (DOCUMENT, WORK_ORDER_EXPORT):
                continue
            try:
                if name == ORDER_LINE and (orders := self._costly()):
                    why = f"it takes {orders} requests; give control_totals, and the extraction checks them"
                    yield name, "*", {"not_examined": why}
                    continue
                records = (r for r in self._library.results(name) if isinstance(r, Record))
                found = spread(measured(records, fields))
            except CrossdockError as error:
                yield name, "*", {"not_examined": error.message}
                continue
            yield from ((name, field, values) for field, values in found.items() if values["count"] != "0")

    def _costly(self) -> int:
        """How many requests order lines take, if that is too much for an inventory."""
        library = self._library
        orders = len(library.tenant.rows(ORDER)) if library.by_api(ORDER_LINE) else 0
        return orders if orders > _MOST_REQUESTS else 0

    def _path(self, kind: str, name: str, suffix: str) -> Path | None:
        """Where a file of the handoff goes. What the source says becomes no path of its own."""
        if self._folder is None:
            return None
        safe = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)
        return self._folder / kind / f"{safe}{suffix}"


def _threshold(row: Any) -> Artifact:
    amount = row.get("amount")
    details = {
        "applies_to": row.get("applies_to"),
        "threshold": f"{amount.amount:f} {amount.currency}" if isinstance(amount, Money) else None,
        "people": row.get("approver"),
        "needs": ["approvals"],
    }
    return Artifact("approval_threshold", str(row["name"]), str(row["name"]), details=details)
