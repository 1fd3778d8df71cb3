"""Reading a project beside whatever works on it, a page of rows at a time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request

from crossdock.errors import ConfigError
from crossdock.ledger import Ledger, Run
from crossdock.migration import Migration
from crossdock.ui.desk import Desk

ROWS: Final = 50
"""Rows of a table on one page."""


@contextmanager
def reading(desk: Desk) -> Iterator[Migration]:
    """Ledger, staging and files, without waiting for another page that asks the platforms.

    It takes no hold: a run of another process goes on meanwhile, also in a project on PostgreSQL.
    """
    with Migration(desk.project(), desk.destination) as migration:
        yield migration


def run_named(ledger: Ledger, run_id: str) -> Run:
    """The run of that id. Raises ConfigError if there is none."""
    found = next((run for run in ledger.runs.all() if run.id == run_id), None)
    if found is None:
        raise ConfigError(f"there is no run {run_id!r}.", hint="The page Runs lists them.")
    return found


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of how many rows, and the address of the others. Pages count from 1."""

    number: int
    total: int
    path: str
    query: Mapping[str, str]
    size: int = ROWS

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        """How many rows stand before this page."""
        return (self.number - 1) * self.size

    def address(self, number: int) -> str:
        """The address of another page, filters kept."""
        query = {name: value for name, value in self.query.items() if value and name != "page"}
        return f"{self.path}?{urlencode({**query, 'page': number})}"

    def of(self, rows: Sequence[Any]) -> Sequence[Any]:
        """This page of all rows."""
        return rows[self.offset : self.offset + self.size]


def paging(request: Request, total: int, size: int = ROWS) -> Paging:
    """The page that a request asks for; the last one if there are not so many."""
    asked = request.query_params.get("page", "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 9 else 1
    found = Paging(1, total, request.url.path, dict(request.query_params), size)
    return Paging(max(1, min(number, found.last)), total, found.path, found.query, size)
