"""A sandbox that behaves like an Odoo 18.0 Community server where it matters to a migration.

Behaviour is measured on 18.0 unless a docstring says `documented` or `assumed`. Data is kept in one SQLite
file; the app is an ASGI app without a server. Paths: `POST /jsonrpc`, `/xmlrpc/2/*`, `/web/health`,
`/web/content/<id>`, from 19 on `POST /json/2/<model>/<method>` and `GET /web/version`; `POST /_seed` puts
any situation in (`seeding`). The database is called `odoo`, the administrator `admin`/`admin`.
"""

from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp

from crossdock.sandbox.interface import SandboxOptions
from crossdock_odoo.sandbox import (
    activities,
    automations,
    customfields,
    custommodels,
    employees,
    leads,
    modulelist,
    orders,
    products,
    projects,
    screens,
    selections,
    users,
)
from crossdock_odoo.sandbox.app import build
from crossdock_odoo.sandbox.catalog import Catalog
from crossdock_odoo.sandbox.clock import Clock
from crossdock_odoo.sandbox.environment import Database
from crossdock_odoo.sandbox.keys import TOKEN
from crossdock_odoo.sandbox.schema import load_schema
from crossdock_odoo.sandbox.seeds import plant
from crossdock_odoo.sandbox.snapshot import dump
from crossdock_odoo.sandbox.store import Store

__all__ = ["RULED", "OdooSandbox"]

RULED = (
    *(activities, automations, customfields, custommodels, employees, leads, modulelist),
    *(orders, products),
    *(projects, screens, selections, users),
)
"""The modules that hold the rules of single models; importing them puts the rules in force."""


class OdooSandbox:
    """One Odoo database behind an ASGI app."""

    token: str
    app: ASGIApp

    def __init__(self, options: SandboxOptions) -> None:
        store = Store(options.data)
        self.database = Database(store, Catalog(), Clock(), base_url=options.base_url)
        if store.setting("seed") is None:
            plant(self.database, options.seed)
        else:
            self.database.restore()
            load_schema(self.database)
        self.token = store.setting(TOKEN) or ""
        self.app = build(self.database)

    def dump(self) -> Mapping[str, Any]:
        """Everything the database holds, canonical."""
        with self.database.store.lock:
            return dump(self.database)

    def reset(self, seed: str) -> None:
        """Forget everything but the keys, and seed again. Raises ConfigError for an unknown seed."""
        with self.database.store.lock:
            plant(self.database, seed)

    def set_clock(self, now: float | None) -> None:
        """Set the platform's clock (seconds since the epoch), or let it run again (None)."""
        self.database.clock.fixed = now

    def close(self) -> None:
        """Close the database."""
        self.database.store.close()
