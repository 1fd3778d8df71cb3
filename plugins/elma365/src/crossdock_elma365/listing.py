"""Reading a whole list page by page, so that nothing is missed and nothing comes twice.

Offset paging is documented: `from`, `size`, and a `total` for the filter. A server may give fewer rows
than asked (its own maximum); then the next page starts behind what came. When `total` shrinks between
two pages, rows moved forward: the page is read again from that much earlier, known rows passed over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crossdock.errors import ContractError
from crossdock_elma365.client import Elma365Client, Read
from crossdock_elma365.directories import READS
from crossdock_elma365.schema import Application

Json = Mapping[str, Any]

_STEPS_BACK = 100  # a list that shrinks more often than that while it is read is not worth trusting


@dataclass(frozen=True, slots=True)
class Page:
    """New rows of one page, the offset to go on from, and the platform's count for the list."""

    rows: tuple[Json, ...]
    next_from: int
    total: int


class Listing:
    """The list of one application (or of users, or tasks). Deleted records are in it."""

    def __init__(
        self,
        client: Elma365Client,
        app: Application,
        page_size: int,
        *,
        read: Read | None = None,
        parts: Mapping[str, str] | None = None,
        order: Sequence[str] = (),
    ) -> None:
        """`read` and `parts` of the address say where the list is, if not where `app` has its own; `order`
        by which fields it is sorted, the last one different for every record."""
        self._client = client
        self._name = app.name
        self._size = page_size
        self._read = read or READS.get(app.name, Read.ITEMS)
        own = self._read is Read.ITEMS
        self._parts = dict(parts or ({"namespace": app.namespace, "code": app.code} if own else {}))
        # Only the records of applications have a running number.
        usual = ("__index",) if own else ("__createdAt", "__id")
        self._sort = [{"field": name, "ascending": True} for name in order or usual]

    def count(self) -> int:
        """The number of live records."""
        return self._page({"active": True, "from": 0, "size": 1})[1]

    def pages(self, start: int = 0, since: datetime | None = None) -> Iterator[Page]:
        """All pages from offset `start`; with `since` only records changed at or after it.

        Raises ContractError when the list ends before its total.
        """
        offset, total, seen, steps_back = start, 0, set[str](), 0
        while True:
            rows, now = self._page(self._body(offset, since))
            keyed = {str(row.get("__id") or f"?{offset + n}"): row for n, row in enumerate(rows)}
            fresh = {key: row for key, row in keyed.items() if key not in seen}
            seen.update(fresh)
            shrunk, total = max(0, total - now), now
            steps_back += shrunk > 0
            offset = max(0, offset - shrunk) if shrunk else offset + len(rows)
            if fresh:
                yield Page(tuple(fresh.values()), offset, total)
            if offset >= total or not (rows or shrunk) or steps_back > _STEPS_BACK:
                break
        if start + len(seen) < total:
            raise ContractError(
                f"{self._name}: ELMA365 counts {total} records, but its list ended after "
                f"{start + len(seen)}.",
                hint="Run the same command again; if it stays so, lower page_size.",
            )

    def by_ids(self, ids: Sequence[str]) -> Iterator[Json]:
        """The records with these ids, deleted ones too; an id that is unknown gives nothing."""
        for first in range(0, len(ids), self._size):
            wanted = list(ids[first : first + self._size])
            missing = set(wanted)
            while wanted:
                rows, _ = self._page({"ids": wanted, "from": 0, "size": len(wanted), "fields": {"*": True}})
                found = [row for row in rows if row.get("__id") in missing]
                yield from found
                missing -= {row["__id"] for row in found}
                wanted = sorted(missing) if found else []

    def _body(self, offset: int, since: datetime | None) -> dict[str, Any]:
        body: dict[str, Any] = {
            "from": offset,
            "size": self._size,
            "fields": {"*": True},
            "sortExpressions": self._sort,
        }
        if since is not None:
            least = since.astimezone(UTC).isoformat().replace("+00:00", "Z")
            body["filter"] = {"tf": {"__updatedAt": {"min": least, "max": None}}}
        return body

    def _page(self, body: Json) -> tuple[list[Json], int]:
        return self._client.page(self._read, body, **self._parts)
