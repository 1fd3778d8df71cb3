"""Contacts below a company keep what is their own when the company is written.

Any address column in the values of a contact is written into each active contact of type `contact` below it,
its tax id, registry number and industry into each that is no company itself, whether they change or not, and
no context stops it. (Code of 18.0, and measured.) So what those contacts hold is read before and written
back after, each generation before the next: writing it is passed on in turn. The two are calls of their own:
if the process is killed between them, the contacts keep the company's address.

What a contact left to its company (no tax id, or the same) follows it. An address does not: it is a copy, and
that of a record that nobody asked to be changed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from crossdock_odoo.client import ALL, Row
from crossdock_odoo.identity import chunks
from crossdock_odoo.importing import Importer
from crossdock_odoo.partners import COMMERCIAL, OWN, PARTNER
from crossdock_odoo.reading import PAGE, Reader

_PARENT = "parent_id"

Cells = dict[str, str]


class Family:
    """What the contacts below some contacts hold, until it is given back."""

    def __init__(self, reader: Reader, above: Collection[int]) -> None:
        """Read all generations below these database ids; one call if there are none."""
        self._client = reader.client
        known = reader.schemas.metadata(PARTNER)
        self._columns = [c for c in OWN if c in known]
        self._parents: dict[int, int] = {}
        self._generations: list[dict[int, Cells]] = []
        parents: dict[int, Row] = {}
        while below := self._below(above):
            parents = parents or {row["id"]: row for row in self._rows(above)}
            rows = {row["id"]: row for row in self._rows(below)}
            self._parents |= {i: row[_PARENT] for i, row in rows.items()}
            self._generations.append({i: self._own(row, parents[row[_PARENT]]) for i, row in rows.items()})
            above, parents = below, rows

    def expect(self, contact: int, cells: Mapping[str, str]) -> None:
        """Say what was written into one of the contacts itself: this is what it is to hold."""
        for generation in self._generations:
            if contact in generation:
                generation[contact] |= {c: cells[c] for c in OWN.values() if c in cells}

    def leave(self, contact: int) -> None:
        """Say that one of the contacts got another company."""
        for generation in self._generations:
            generation.pop(contact, None)

    def give_back(self) -> dict[int, str]:
        """Write back what was lost; by the contact above, what could not be written and why."""
        failed: dict[int, str] = {}
        for generation in self._generations:
            lost = {i: cells for i, cells in self._lost(generation) if cells}
            rows = [{".id": str(i), **cells} for i, cells in lost.items()]
            done = Importer(self._client, PAGE).load(PARTNER, rows, context=ALL) if rows else ()
            for each in done:
                if each.record_id is None:
                    contact = int(rows[each.row][".id"])
                    reason = f"contact {contact} below it lost its own: {'; '.join(each.reasons)}"
                    failed.update(dict.fromkeys(self._above(contact), reason))
        return failed

    def _below(self, ids: Collection[int]) -> list[int]:
        found: list[int] = []
        for chunk in chunks(sorted(ids), PAGE):
            found += self._client.search(PARTNER, [[_PARENT, "in", chunk]])
        return found

    def _rows(self, ids: Collection[int]) -> Iterator[Row]:
        for chunk in chunks(sorted(ids), PAGE):
            yield from self._client.read(PARTNER, chunk, [*self._columns, _PARENT])

    def _own(self, row: Row, parent: Row) -> Cells:
        """What a contact is to hold afterwards: its address, and what differs from its company's."""
        return {
            OWN[c]: str(row[c] or "")
            for c in self._columns
            if c not in COMMERCIAL or (row[c] and row[c] != parent[c])
        }

    def _lost(self, generation: Mapping[int, Cells]) -> Iterator[tuple[int, Cells]]:
        names = {cell: column for column, cell in OWN.items()}
        for row in self._rows(generation):
            own = generation[row["id"]]
            yield row["id"], {cell: text for cell, text in own.items() if str(row[names[cell]] or "") != text}

    def _above(self, contact: int) -> Sequence[int]:
        found: list[int] = []
        while contact in self._parents and contact not in found:
            contact = self._parents[contact]
            found.append(contact)
        return found
