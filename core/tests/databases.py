"""What a test keeps its staging and ledger in: SQLite files, or a schema of a real PostgreSQL server."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from core.tests.postgres import new_schema, server

from crossdock.database import sqlite_url
from crossdock.ledger import Ledger
from crossdock.staging import Staging

SQLITE, POSTGRESQL = "sqlite", "postgresql"


@cache
def _shared_url() -> str:
    return server().new_database()


@dataclass
class Database:
    """A place for one project's staging and ledger."""

    kind: str
    folder: Path
    schema: str = field(default_factory=new_schema)

    @property
    def place(self) -> tuple[str, str]:
        """URL and schema of the ledger."""
        url = _shared_url() if self.kind == POSTGRESQL else sqlite_url(self.folder / "ledger.db")
        return url, self.schema

    def ledger(self) -> Ledger:
        """The ledger, opened."""
        return Ledger(*self.place)

    def staging(self) -> Staging:
        """Staging, opened."""
        url = _shared_url() if self.kind == POSTGRESQL else sqlite_url(self.folder / "staging.db")
        return Staging(url, self.schema)
