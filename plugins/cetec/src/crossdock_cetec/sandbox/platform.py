"""The sandbox: the API of one tenant of Cetec ERP, its exports in a folder, and a way to put data in."""

from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from crossdock.errors import ConfigError
from crossdock.sandbox import SandboxOptions
from crossdock_cetec.sandbox.access import TOKEN, Access
from crossdock_cetec.sandbox.api import Api
from crossdock_cetec.sandbox.demo import SEEDS, content
from crossdock_cetec.sandbox.seeding import Seeding
from crossdock_cetec.sandbox.store import Store

_SEED = "seed"


class CetecSandbox:
    """Cetec ERP on loopback. Seeds: demo, fresh, empty (see `demo`). Raises ConfigError for others.

    It keeps to no rate limit, as none is documented.
    """

    token = TOKEN

    def __init__(self, options: SandboxOptions) -> None:
        self._store = Store(options.data)
        self._seeding = Seeding(self._store)
        if self._store.meta(_SEED) is None:
            self.reset(options.seed)
        api = Access(Starlette(routes=Api(self._store).routes()))
        self.app: ASGIApp = Starlette(routes=[*self._seeding.routes(), Mount("/", api)])

    def dump(self) -> Mapping[str, Any]:
        """Give everything the tenant holds."""
        return self._store.dump()

    def reset(self, seed: str) -> None:
        """Forget everything and seed again (ConfigError for an unknown seed, then nothing is forgotten)."""
        if seed not in SEEDS:
            raise ConfigError(f"unknown seed {seed!r}: {', '.join(SEEDS)}")
        self._store.clear()
        self._seeding.load(content(seed))
        self._store.remember(_SEED, seed)

    def set_clock(self, now: float | None) -> None:
        """Nothing here goes by a clock."""

    def close(self) -> None:
        """Close the database."""
        self._store.close()
