"""What a table adds to the records of the API: the columns that the API leaves out, by number.

A value of the API is never replaced; of a field with several values (the statuses of a job) both are kept.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crossdock.model import Rejected
from crossdock_ascora.rows import RawRow, fold
from crossdock_ascora.tables import ADDITIONS, ExportedTables
from crossdock_ascora.wire import RAW


class Additions:
    """Adds the rows of `NAME_additions` to the records of `NAME`."""

    def __init__(self, tables: ExportedTables, *, second: bool) -> None:
        self._tables = tables
        self._second = second
        self._rows: dict[str, dict[str, RawRow]] = {}
        self._used: dict[str, set[str]] = {}

    def forget(self) -> None:
        """Forget what was read."""
        self._rows.clear()
        self._used.clear()

    def added(self, name: str, row: RawRow) -> RawRow:
        """The record with what the table says besides."""
        table = self._of(name)
        number = fold(row.text("number"))
        more = table.get(number) if number else None
        if more is None:
            return row
        self._used.setdefault(name, set()).add(number)
        values = {
            wire.name: _both(row.values.get(wire.name), more.values.get(wire.name)) for wire in RAW[name]
        }
        return replace(
            row, values=values, custom={**more.custom, **row.custom}, repairs={**more.repairs, **row.repairs}
        )

    def unmatched(self, name: str) -> list[str]:
        """The numbers in the table that no record had."""
        used = self._used.get(name, set())
        return [row.text("number") for number, row in self._of(name).items() if number not in used]

    def _of(self, name: str) -> Mapping[str, RawRow]:
        if name not in self._rows:
            title = name + ADDITIONS
            given = self._tables.rows(title, second=self._second) if title in self._tables.objects else ()
            self._rows[name] = {
                fold(row.text("number")): row
                for row in given
                if not isinstance(row, Rejected) and row.text("number")
            }
        return self._rows[name]


def _both(own: Any, more: Any) -> Any:
    if isinstance(own, tuple) and isinstance(more, tuple):
        return tuple(dict.fromkeys((*own, *more)))
    return more if own is None else own
