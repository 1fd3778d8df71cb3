"""The sandbox: the Web API of one company of ELMA365, its object storage, and a way to put data in."""

from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from crossdock.errors import ConfigError
from crossdock.sandbox import SandboxOptions
from crossdock_elma365.sandbox.access import Access
from crossdock_elma365.sandbox.company import TOKEN, Company
from crossdock_elma365.sandbox.demo import fill, large
from crossdock_elma365.sandbox.disk import Disk
from crossdock_elma365.sandbox.items import Items
from crossdock_elma365.sandbox.schemes import Schemes
from crossdock_elma365.sandbox.seeding import Seeding
from crossdock_elma365.sandbox.store import Store
from crossdock_elma365.sandbox.work import Work

_SEED = "seed"


class Elma365Sandbox:
    """ELMA365 on loopback. Seeds: demo, fresh, empty, large:N (see `demo`). Raises ConfigError for others.

    It lives at `/pub/v1` (token needed), `/_s3` (signed links) and `/_seed` (see `seeding`).
    """

    token = TOKEN

    def __init__(self, options: SandboxOptions) -> None:
        self._store = Store(options.data)
        self._company = Company(self._store)
        if self._store.meta(_SEED) is None:
            self.reset(options.seed)
        self.app: ASGIApp = self._build(options)

    def dump(self) -> Mapping[str, Any]:
        """Give everything the company holds: schema, items (deleted ones too), hashes of files."""
        return self._store.dump()

    def reset(self, seed: str) -> None:
        """Forget everything and seed again (ConfigError for an unknown seed, then nothing is forgotten).

        A sandbox that was killed while seeding seeds anew when it is started.
        """
        try:
            large(seed)
        except ValueError as error:
            raise ConfigError(str(error)) from error
        self._store.clear()
        fill(self._company, seed)
        self._store.remember(_SEED, seed)

    def set_clock(self, now: float | None) -> None:
        """Stop the clock at this time, or let it run."""
        self._company.set_clock(now)

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def _build(self, options: SandboxOptions) -> Starlette:
        disk = Disk(self._company, options.base_url)
        parts = (Items(self._company), Schemes(self._company), Work(self._company), disk)
        api = Starlette(routes=[route for part in parts for route in part.routes()])
        guarded = Access(api, limited=options.rate == "real")
        seeding = Seeding(self._company).routes()
        return Starlette(routes=[Mount("/pub/v1", guarded), *seeding, *disk.storage_routes()])
