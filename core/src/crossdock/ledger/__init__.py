"""The ledger: what was intended, what came of it, and how to undo it. One writer at a time."""

from crossdock.database import open_engine
from crossdock.ledger import tables
from crossdock.ledger.books import NOT_LOADED, SEVERITY, Books, PhaseBooks
from crossdock.ledger.changes import Changes
from crossdock.ledger.copying import copy_rows
from crossdock.ledger.filed import FiledRows
from crossdock.ledger.findings import Findings
from crossdock.ledger.journal import Journal
from crossdock.ledger.links import Links
from crossdock.ledger.marks import LOADING_KINDS, READING_KINDS, Mark, Marks
from crossdock.ledger.records import (
    BookLine,
    Entry,
    EntryState,
    Filed,
    Intent,
    Link,
    LinkState,
    PhaseRecord,
    PhaseState,
    Run,
    RunState,
    Unchanged,
)
from crossdock.ledger.runs import Runs

__all__ = [
    "LOADING_KINDS",
    "NOT_LOADED",
    "READING_KINDS",
    "SEVERITY",
    "BookLine",
    "Books",
    "Entry",
    "EntryState",
    "Filed",
    "Intent",
    "Ledger",
    "Link",
    "LinkState",
    "Mark",
    "PhaseBooks",
    "PhaseRecord",
    "PhaseState",
    "Run",
    "RunState",
    "Unchanged",
]


class Ledger:
    """The ledger of a project, opened on one database. Raises StorageError if that cannot be used."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url, tables.TABLES, version=1)
        self._open()

    def _open(self) -> None:
        self.runs = Runs(self._engine)
        self.links = Links(self._engine)
        self.journal = Journal(self._engine, self.links)
        self.books = Books(self._engine)
        self.changes = Changes(self._engine)
        self.findings = Findings(self._engine)
        self.marks = Marks(self._engine)
        self.filed = FiledRows(self._engine)

    def copy_of(self, other: "Ledger") -> None:
        """Take over every row of another ledger. This one has to be empty."""
        copy_rows(other._engine, self._engine)
        self._open()  # the journal counts on from the highest number

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()
