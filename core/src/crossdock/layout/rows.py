"""One row of a declared table -> a record or a reject, and the account of the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.layout.cells import CellError, Lookup, Scene, nothing, plain_text, read_cell, shown
from crossdock.layout.completion import kept_name
from crossdock.layout.declaration import PARTS, Layout, ObjectLayout
from crossdock.layout.headers import fold, letters
from crossdock.layout.sheets import BadCell, Cell, Row, is_blank
from crossdock.layout.tables import Table
from crossdock.model import Record, Rejected
from crossdock.values import Address, Money, PersonName


@dataclass
class Totals:
    """What became of the rows below the headers of an object's tables: `rows` is the sum of the others.

    `sums`: of the columns that the layout sums up, over the records, by (column, currency or "").
    `unknown`: how many values stand in each column that the layout does not know.
    """

    rows: int = 0
    records: int = 0
    rejected: int = 0
    blank: int = 0
    total_rows: int = 0
    sums: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)

    @property
    def balanced(self) -> bool:
        """Whether every row is accounted for."""
        return self.rows == self.records + self.rejected + self.blank + self.total_rows

    def __str__(self) -> str:
        parts = [
            f"{self.rows} rows: {self.records} records",
            f"{self.rejected} rejected",
            f"{self.blank} blank",
        ]
        parts += [f"{self.total_rows} of totals"] if self.total_rows else []
        sums = [f"{name} {amount} {unit}".strip() for (name, unit), amount in sorted(self.sums.items())]
        return ", ".join(parts) + (f"; sums: {', '.join(sums)}" if sums else "")


class RowReader:
    """Reads the rows of one object's tables."""

    def __init__(self, name: str, layout: Layout, zone: tzinfo, lookup: Lookup) -> None:
        self._name = name
        self._layout = layout
        self._part = layout.objects[name]
        self._zone = zone
        self._lookup = lookup

    def read(self, table: Table, row: Row, totals: Totals) -> Record | Rejected:
        """The record of a row, or everything that is wrong with it."""
        part = self._part
        where = f"{table.sheet.place}, row {row.number}"
        scene = Scene(self._layout, self._zone, self._lookup, table.sheet.from_1904)
        values, reasons = self._values(table, row, scene)
        reasons += _unheaded(table, row)
        for place, header in table.header.unknown.items():
            if not is_blank(cell := cell_at(row, place)):
                totals.unknown[header] = totals.unknown.get(header, 0) + 1
                if part.unknown_columns == "keep":
                    _add_kept(values, header, place, cell, reasons)
        key = key_of(part, table, row, self._layout, reasons)
        if reasons:
            return Rejected(self._name, key or f"?{where}", tuple(f"{where}: {reason}" for reason in reasons))
        deleted, updated = values.get(part.deleted), values.get(part.updated_at)
        return Record(
            self._name,
            key,
            values,
            deleted=deleted is not None and deleted is not False,
            updated_at=updated if isinstance(updated, datetime) else None,
        )

    def _values(self, table: Table, row: Row, scene: Scene) -> tuple[dict[str, Any], list[str]]:
        values: dict[str, Any] = {}
        pieces: dict[str, dict[str, Any]] = {}
        reasons: list[str] = []
        for title, column in self._part.columns.items():
            found = []
            for place in table.header.places.get(title, ()):
                try:
                    found.append(read_cell(cell_at(row, place), column, scene))
                except CellError as error:
                    reasons.append(
                        f"column {letters(place)} {column.headers[0]!r}: {shown(cell_at(row, place))} {error}"
                    )
            value = _joined(found) if column.multiple else next((v for v in found if v is not None), None)
            if column.filled and value is None and not (found == [] and reasons):
                reasons.append(f"column {column.headers[0]!r}: has no value")
            name, _, piece = title.partition(".")
            if piece:
                pieces.setdefault(name, {})[piece] = value
            else:
                values[name] = value
        for name, parts in pieces.items():
            values[name] = _whole(parts, scene.layout)
        return values, reasons


def cell_at(row: Row, place: int) -> Cell:
    """The cell at a place; rows may end early."""
    return row.cells[place] if place < len(row.cells) else None


def is_total(part: ObjectLayout, row: Row) -> bool:
    """Whether the first filled cell is one of the words that the layout declares for rows of totals."""
    if not part.total_rows:
        return False
    first = next(cell for cell in row.cells if not is_blank(cell))
    return isinstance(first, str) and fold(first) in map(fold, part.total_rows)


def _unheaded(table: Table, row: Row) -> list[str]:
    """Cells that stand under no header: what they hold would be lost."""
    known = {place for places in table.header.places.values() for place in places} | set(table.header.unknown)
    return [
        f"column {letters(place)} has no header and holds {shown(cell)}"
        for place, cell in enumerate(row.cells)
        if place not in known and not is_blank(cell)
    ]


def _add_kept(values: dict[str, Any], header: str, place: int, cell: Cell, reasons: list[str]) -> None:
    try:
        if isinstance(cell, BadCell):
            raise CellError(cell.reason)
        values[kept_name(header)] = plain_text(cell)
    except CellError as error:
        reasons.append(f"column {letters(place)} {header!r}: {shown(cell)} {error}")


def key_of(part: ObjectLayout, table: Table, row: Row, layout: Layout, reasons: list[str]) -> str:
    """The key of a row, "" if it has none; why it has none is added to `reasons`."""
    if not part.key_columns:
        return f"{table.sheet.place}, row {row.number}"
    found = []
    for title in part.key_columns:
        cell = cell_at(row, table.header.places[title][0])
        try:
            text = "" if nothing(cell, layout) or isinstance(cell, BadCell) else plain_text(cell)
        except CellError:
            text = ""
        if not text:
            reasons.append(f"column {part.columns[title].headers[0]!r}: the key has no value")
            return ""
        found.append(text)
    if len(found) == 1:
        return found[0]
    return "/".join(text.replace("%", "%25").replace("/", "%2F") for text in found)


def unique(result: Record | Rejected, seen: dict[str, str], where: str) -> Record | Rejected:
    """A reject in place of a result whose key an earlier row has; `seen` holds key -> place."""
    first = seen.setdefault(result.key, where)
    if first is where:
        return result
    reasons = result.reasons if isinstance(result, Rejected) else ()
    again = f"{where}: the key {result.key!r} is that of {first} too"
    return Rejected(result.object_name, f"{result.key} ({where})", (*reasons, again))


def account(result: Record | Rejected, part: ObjectLayout, totals: Totals) -> None:
    """Count a result and add what is summed up."""
    if isinstance(result, Rejected):
        totals.rejected += 1
        return
    totals.records += 1
    for title in part.totals:
        value = result.values.get(title)
        unit = value.currency if isinstance(value, Money) else ""
        amount = value.amount if isinstance(value, Money) else value
        if isinstance(amount, int | Decimal) and not isinstance(amount, bool):
            totals.sums[title, unit] = totals.sums.get((title, unit), Decimal(0)) + amount


def _joined(found: Sequence[Any]) -> Any:
    whole = [
        v for value in found if value is not None for v in (value if isinstance(value, tuple) else (value,))
    ]
    return tuple(dict.fromkeys(whole)) or None


def _whole(pieces: Mapping[str, Any], layout: Layout) -> Any:
    """One value of its parts, None if no part holds anything."""
    given = {name: value for name, value in pieces.items() if value is not None}
    if not given:
        return None
    kind = PARTS[next(iter(given))]
    if kind is FieldType.MONEY:
        amount = given.get("amount")
        if amount is None:
            return None
        return Money(Decimal(amount), str(given.get("currency") or layout.currency))
    return PersonName(**given) if kind is FieldType.PERSON_NAME else Address(**given)
