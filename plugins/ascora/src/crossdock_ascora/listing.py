"""Reading a whole list, so that nothing is missed and nothing comes twice.

No stable order is documented, so rows may move between two pages while somebody works: rows are told apart
by their ids, and the list is read again until as many have come as it counts. Rows lie in a temporary file
and come in the order of their ids, which is the same however often the list is read.
"""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from crossdock.errors import ContractError
from crossdock_ascora.client import AscoraClient, Read
from crossdock_ascora.wire import IDS

Json = Mapping[str, Any]

_PASSES = 4  # a list that never gives what it counts is not worth more

LISTS: Mapping[str, tuple[Read, Mapping[str, str]]] = {
    "customers": (Read.CUSTOMERS, {"SiteBillingType": "All"}),
    "contacts": (Read.CONTACTS, {}),
    # What is given without a status is not documented: all are asked for, sections and stages too.
    "jobs": (Read.JOBS, {"JobStatus": "ALL", "IncludeChildJobs": "true"}),
    "quotes": (Read.QUOTES, {"QuoteStatus": "ALL"}),
    "suppliers": (Read.SUPPLIERS, {}),
    "supplies": (Read.SUPPLIES, {}),
    "kits": (Read.KITS, {}),
    "supplier_invoices": (Read.SUPPLIER_INVOICES, {}),
}
"""The paged lists, and what they are asked with."""


class Spool:
    """Rows on disk, given back in the order of their keys. Memory: a few numbers a row."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the spool
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def add(self, key: str, row: Json) -> bool:
        """Keep a row; false for a key that is there already."""
        if key in self._places:
            return False
        data = orjson.dumps(row)
        self._file.seek(self._end)
        self._file.write(data)
        self._places[key] = (self._end, len(data))
        self._end += len(data)
        return True

    def rows(self) -> Iterator[tuple[str, Json]]:
        """All rows with their keys."""
        for key in sorted(self._places):
            start, length = self._places[key]
            self._file.seek(start)
            yield key, orjson.loads(self._file.read(length))

    def close(self) -> None:
        """Forget the rows."""
        self._file.close()
        self._places.clear()


def read_list(client: AscoraClient, name: str, size: int) -> Spool:
    """All rows of a paged list. Raises ContractError when it ends before its own count."""
    read, parameters = LISTS[name]
    spool = Spool()
    total = 0
    for _ in range(_PASSES):
        total = _one_pass(client, read, parameters, name, size, spool)
        if len(spool) >= total:
            return spool
    raise ContractError(
        f"{name}: Ascora counts {total} records, but its list gave {len(spool)} in {_PASSES} readings.",
        hint="Run the same command again when nobody works there; if it stays so, lower page_size.",
    )


def _one_pass(
    client: AscoraClient, read: Read, parameters: Mapping[str, str], name: str, size: int, spool: Spool
) -> int:
    """Read all pages once; give how many records there are."""
    number, total = 1, None
    while True:
        page = client.page(read, number, size, **parameters)
        total = page.total if page.total is not None else total
        for row in page.rows:
            spool.add(row_key(name, row) or f"?{hashlib.sha256(orjson.dumps(row)).hexdigest()[:16]}", row)
        # An empty list says that it has no pages at all.
        if not page.rows or (page.pages is not None and number >= page.pages):
            return len(spool) if total is None else total
        number += 1


def row_key(name: str, row: Json) -> str:
    """The id of a row, "" if it has none."""
    return str(row.get(IDS[name]) or "").strip()
