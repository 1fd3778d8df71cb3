"""The ledger: what was intended, what came of it, and how to undo it. One writer at a time."""

from crossdock.database import Form, close_engine, open_engine
from crossdock.ledger import tables
from crossdock.ledger.backwards import Backwards
from crossdock.ledger.books import NOT_LOADED, SEVERITY, Books, PhaseBooks
from crossdock.ledger.changes import Changes
from crossdock.ledger.copying import copy_rows
from crossdock.ledger.filed import FiledRows
from crossdock.ledger.findings import Findings
from crossdock.ledger.journal import Journal
from crossdock.ledger.links import Links
from crossdock.ledger.marks import LOADING_KINDS, READING_KINDS, SETTLING_KINDS, Mark, Marks
from crossdock.ledger.purging import Held, Purge, Purges
from crossdock.ledger.records import (
    ACCOUNT,
    SECOND_PHASE,
    Among,
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
from crossdock.ledger.versions import upgrade

__all__ = [
    "ACCOUNT",
    "LOADING_KINDS",
    "NOT_LOADED",
    "READING_KINDS",
    "SECOND_PHASE",
    "SETTLING_KINDS",
    "SEVERITY",
    "Among",
    "BookLine",
    "Books",
    "Entry",
    "EntryState",
    "Filed",
    "Held",
    "Intent",
    "Ledger",
    "Link",
    "LinkState",
    "Mark",
    "PhaseBooks",
    "PhaseRecord",
    "PhaseState",
    "Purge",
    "Purges",
    "Run",
    "RunState",
    "Unchanged",
]

FORM = Form("ledger", tables.TABLES, tables.VERSION, upgrade)


class Ledger:
    """The ledger of a project, opened on one database. Raises StorageError if that cannot be used."""

    def __init__(self, url: str, schema: str | None = None) -> None:
        self._engine = open_engine(url, FORM, schema)
        self._open()

    def _open(self) -> None:
        self.runs = Runs(self._engine)
        self.links = Links(self._engine)
        self.journal = Journal(self._engine, self.links)
        self.backwards = Backwards(self._engine)
        self.books = Books(self._engine)
        self.changes = Changes(self._engine)
        self.findings = Findings(self._engine)
        self.marks = Marks(self._engine)
        self.filed = FiledRows(self._engine)
        self.purges = Purges(self._engine)

    def hold(self) -> None:
        """Be the process that writes, until this is closed. Raises RefusedError if another one is."""
        self.journal.be_alone()

    def copy_of(self, other: "Ledger") -> None:
        """Take over every row of another ledger. This one has to be empty."""
        copy_rows(other._engine, self._engine)
        self._open()  # the journal counts on from the highest number

    def close(self) -> None:
        """Close the database."""
        close_engine(self._engine)
