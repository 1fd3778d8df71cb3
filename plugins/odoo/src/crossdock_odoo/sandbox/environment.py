"""What every operation needs: the database, who asks, with which context, and since when."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from crossdock_odoo.sandbox.catalog import Catalog, Field, Model
from crossdock_odoo.sandbox.clock import EXACT, Clock, shown
from crossdock_odoo.sandbox.errors import PythonError, UserError
from crossdock_odoo.sandbox.store import Row, Store

ROOT = 1
ADMIN = 2


@dataclass(slots=True)
class Database:
    """One database: rows, schema, and what was set over the control path."""

    store: Store
    catalog: Catalog
    clock: Clock
    name: str = "odoo"
    base_url: str = ""
    version: int = 18
    api_access: bool = True
    limit_time: float = 0.0
    row_time: float = 0.0
    """Seconds that each row of a call is said to take, for `limit_time`."""
    rights: dict[str, dict[str, bool]] = field(default_factory=dict)
    stale: set[tuple[str, int]] = field(default_factory=set)
    """Models whose create right a worker still denies to a user, by model and user id."""
    conflicts: dict[str, int] = field(default_factory=dict)
    """How many of the next writes to a model fail because another client writes there too."""
    touched: bool = False
    """Whether the current transaction changed the schema."""
    leftovers: list[tuple[str, int]] = field(default_factory=list)
    """Rows that go after those that are built on them: model and id."""

    def restore(self) -> None:
        """Take over what was set over the control path, before a restart too."""
        setting = self.store.setting
        self.version = int(setting("version") or 18)
        self.api_access = setting("api_access") != "false"
        self.limit_time = float(setting("limit_time") or 0)
        self.row_time = float(setting("row_time") or 0)
        self.rights = dict(orjson.loads(setting("rights") or "{}"))
        self.stale.clear()

    def installed(self) -> frozenset[str]:
        """The names of the installed modules."""
        rows = self.store.rows["ir.module.module"].values()
        return frozenset(str(row["name"]) for row in rows if row.get("state") == "installed")


@dataclass(frozen=True, slots=True)
class Env:
    """The environment of one call. `now` is the time of the transaction, with microseconds."""

    db: Database
    uid: int
    now: str
    context: Mapping[str, Any] = field(default_factory=dict)
    root: bool = False

    @classmethod
    def of(cls, db: Database, uid: int, context: Mapping[str, Any] | None = None) -> "Env":
        """A new environment, at the database's time."""
        return cls(db, uid, db.clock.now().strftime(EXACT), dict(context or {}))

    @property
    def store(self) -> Store:
        """The rows."""
        return self.db.store

    @property
    def catalog(self) -> Catalog:
        """The schema."""
        return self.db.catalog

    @property
    def today(self) -> str:
        """The day of the transaction."""
        return self.now[:10]

    @property
    def second(self) -> str:
        """The time of the transaction without microseconds."""
        return shown(self.now)

    def model(self, name: str) -> Model:
        """A model; UserError if there is none of that name."""
        found = self.db.catalog.find(name)
        if found is None:
            raise UserError(f"Object {name} doesn't exist")
        return found

    def has(self, name: str) -> bool:
        """Whether there is such a model (its module is installed)."""
        return name in self.db.catalog.models

    def field(self, model: str, name: str) -> Field:
        """A field; a ValueError if there is none of that name."""
        found = self.model(model).fields.get(name)
        if found is None:
            raise PythonError("ValueError", f"Invalid field {name!r} on model {model!r}")
        return found

    def sudo(self) -> "Env":
        """The same without access checks."""
        return self if self.root else replace(self, root=True)

    def with_context(self, **more: Any) -> "Env":
        """The same with more in its context."""
        return replace(self, context={**self.context, **more})

    def flag(self, name: str) -> bool:
        """Whether the context says yes to this."""
        return bool(self.context.get(name))

    def row(self, model: str, key: int) -> Row:
        """A row; empty if it is not there."""
        return self.db.store.rows[model].get(key) or {}

    def exists(self, model: str, key: int) -> bool:
        """Whether the record is there."""
        return key in self.db.store.rows[model]
