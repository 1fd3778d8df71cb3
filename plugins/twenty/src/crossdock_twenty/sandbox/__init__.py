"""A sandbox that behaves like a Twenty 2.21.0 server where it matters to a migration.

Behaviour is measured on 2.21.0 unless a docstring says `assumed` or `documented`. Data is kept in one
SQLite file; the app is an ASGI app without a server.
"""

from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp

from crossdock.sandbox.interface import SandboxOptions
from crossdock_twenty.sandbox.accounts import revoke
from crossdock_twenty.sandbox.app import build
from crossdock_twenty.sandbox.catalog import Catalog
from crossdock_twenty.sandbox.clock import Clock
from crossdock_twenty.sandbox.limits import TokenBucket
from crossdock_twenty.sandbox.seeds import plant
from crossdock_twenty.sandbox.snapshot import dump
from crossdock_twenty.sandbox.store import Store
from crossdock_twenty.sandbox.workspace import Workspace

__all__ = ["TwentySandbox"]


class TwentySandbox:
    """One Twenty workspace behind an ASGI app."""

    token: str
    app: ASGIApp

    def __init__(self, options: SandboxOptions) -> None:
        store = Store(options.data)
        self.workspace = Workspace(
            store=store,
            clock=Clock(),
            base_url=options.base_url,
            bucket=TokenBucket(enforced=options.rate == "real"),
            catalog=Catalog("", ""),
        )
        if store.setting("workspace") is None:
            plant(self.workspace, options.seed)
        else:
            self.workspace.reload()
        self.token = self.workspace.token
        self.app = build(lambda: self.workspace)

    def dump(self) -> Mapping[str, Any]:
        """Everything the workspace holds, canonical."""
        return dump(self.workspace)

    def reset(self, seed: str) -> None:
        """Forget everything but the workspace's id and key, and seed again."""
        plant(self.workspace, seed)
        self.workspace.bucket.reset()

    def set_clock(self, now: float | None) -> None:
        """Set the platform's clock (seconds since the epoch), or let it run again (None)."""
        self.workspace.clock.fixed = now

    def revoke(self) -> None:
        """Revoke the key, as a person could in the settings."""
        revoke(self.workspace, self.token)

    def close(self) -> None:
        """Close the database."""
        self.workspace.store.close()
