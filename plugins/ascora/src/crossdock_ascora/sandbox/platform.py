"""The sandbox: the API of one tenant, a way to put data in, and the files that go with the demo."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from crossdock.errors import ConfigError
from crossdock.sandbox import SandboxOptions
from crossdock_ascora.sandbox.api import Api
from crossdock_ascora.sandbox.demo import company
from crossdock_ascora.sandbox.demofiles import write_files
from crossdock_ascora.sandbox.seeding import Seeding
from crossdock_ascora.sandbox.shapes import key
from crossdock_ascora.sandbox.store import Store

_SEED = "seed"
_SEEDS = ("demo", "fresh", "empty")
TOKEN = key("token")
"""The key of the tenant."""


class AscoraSandbox:
    """Ascora on loopback. Seeds: demo, fresh, empty (no data, both). Raises ConfigError for others.

    The API lives at the root (key needed), `/_seed` takes data (see `seeding`). With the demo go exported
    tables, Word templates and attachments, which the API does not give: they are written beside the data
    file, into `NAME-files/`.
    """

    token = TOKEN

    def __init__(self, options: SandboxOptions) -> None:
        self._store = Store(options.data)
        self._files = files_of(options.data)
        if self._store.meta(_SEED) is None:
            self.reset(options.seed)
        elif self._store.meta(_SEED) == "demo" and not self._files.exists():
            write_files(self._files)
        seeding = Seeding(self._store).routes()
        self.app: ASGIApp = Starlette(routes=[*seeding, Mount("/", Api(self._store, TOKEN))])

    def dump(self) -> Mapping[str, Any]:
        """Give everything the tenant holds, and what was marked as sent to accounting."""
        return self._store.dump()

    def reset(self, seed: str) -> None:
        """Forget everything and seed again (ConfigError for an unknown seed, then nothing is forgotten).

        A sandbox that was killed while seeding seeds anew when it is started.
        """
        if seed not in _SEEDS:
            raise ConfigError(f"unknown seed {seed!r}: {', '.join(_SEEDS)}")
        self._store.clear()
        if seed == "demo":
            Seeding(self._store).load(company())
            write_files(self._files)
        self._store.remember(_SEED, seed)

    def set_clock(self, now: float | None) -> None:
        """Nothing here depends on the time: it is the tenant's own people who set dates."""

    def close(self) -> None:
        """Close the database."""
        self._store.close()


def files_of(data: Path) -> Path:
    """Where the files of a demo lie."""
    return data.with_name(f"{data.stem}-files")
