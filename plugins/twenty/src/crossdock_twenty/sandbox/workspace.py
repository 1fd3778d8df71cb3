"""What every part of the sandbox shares: the database, the schema, the clock, the caller's name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from crossdock_twenty.sandbox.catalog import Catalog
from crossdock_twenty.sandbox.clock import Clock
from crossdock_twenty.sandbox.limits import TokenBucket
from crossdock_twenty.sandbox.store import Store

KEY_NAME = "migrator"


@dataclass
class Workspace:
    """One workspace: the unit of tenancy, and of the rate limit.

    `session` is whether the request being served comes from a person and not with a key.
    """

    store: Store
    clock: Clock
    base_url: str
    bucket: TokenBucket
    catalog: Catalog
    id: str = ""
    token: str = ""
    secret: str = ""
    session: bool = False

    def caller(self) -> dict[str, Any]:
        """The ACTOR value of records written with the key (measured: `context` is an empty object)."""
        return {"source": "API", "workspaceMemberId": None, "name": KEY_NAME, "context": {}}

    @contextmanager
    def schema_change(self) -> Iterator[None]:
        """A transaction that also takes back what a refused change did to the catalog in memory."""
        try:
            with self.store.transaction():
                yield
        except BaseException:
            self.catalog = self.store.load_catalog()
            raise

    def reload(self) -> None:
        """Read settings and schema from the database."""
        self.id = self.store.setting("workspace") or ""
        self.token = self.store.setting("token") or ""
        self.secret = self.store.setting("secret") or ""
        self.catalog = self.store.load_catalog()
