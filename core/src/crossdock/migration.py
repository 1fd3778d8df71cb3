"""A project opened for work: its platforms, staging and ledger, and what the mapping means for them."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr

from crossdock.catalogfile import keep_catalog
from crossdock.checks import settings_type_of
from crossdock.config import ConnectionConfig, Project
from crossdock.connection import Connection
from crossdock.database import place_of, sqlite_url
from crossdock.discovery import discover_source
from crossdock.entrypoints import Role, load_plugin
from crossdock.filestore import FileStore
from crossdock.ledger import Ledger
from crossdock.mapping import MappingFile
from crossdock.mappingfile.check import check, require_fit
from crossdock.mappingfile.confirmation import fingerprint, read, verify
from crossdock.mappingfile.document import load as load_mapping
from crossdock.mappingfile.resolution import ResolvedMapping, resolve
from crossdock.model import Catalog, ChangeKind, Selection
from crossdock.names import Naming, camel_name
from crossdock.order import Phase, plan
from crossdock.plugins import (
    Destination,
    Source,
    Transform,
    list_plugins,
    open_destination,
    open_source,
    open_transform,
)
from crossdock.sandbox.process import ensure
from crossdock.secrets import rooted, secret_fields
from crossdock.staging import Staging

Progress = Callable[[str, int, int | None], None]
"""(what, how many more, of how many or None): told while long work goes on."""


def silent(_what: str, _more: int, _total: int | None) -> None:
    """No progress."""


@dataclass
class Migration:
    """One project and one destination of it. A context manager that closes everything it opened.

    Platforms are connected at first use, so that a command that only reads the ledger needs none.
    """

    project: Project
    destination_name: str | None = None
    progress: Progress = silent
    _stack: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        """Raises ConfigError for a destination that the project does not have."""
        self.project.destination_named(self.destination_name)
        if self.destination_name == self.project.destination.name:
            self.destination_name = None  # the same one, with the same ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._stack.close()

    def on_close(self, call: Callable[[], None]) -> None:
        """Have something called when the migration is closed."""
        self._stack.callback(call)

    @cached_property
    def files(self) -> FileStore:
        """The project's file store."""
        return FileStore(self.project.files)

    @property
    def queues(self) -> Path:
        """The folder of the queues, with the decisions that people wrote into them."""
        return self.project.queues

    @cached_property
    def staging(self) -> Staging:
        """Staging, shared by all destinations of the project."""
        staging = Staging(*self._place(self.project.staging_db, None))
        self._stack.callback(staging.close)
        return staging

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of this destination: a rehearsal has one of its own."""
        ledger = Ledger(*self._place(self.project.ledger_db, self.destination_name))
        self._stack.callback(ledger.close)
        return ledger

    def _place(self, path: Path, destination: str | None) -> tuple[str, str | None]:
        """The database URL, and the schema if it is on a server."""
        url = self.project.database_url()
        if url is None:
            named = path.with_name(f"{path.stem}-{destination}{path.suffix}") if destination else path
            return sqlite_url(named), None
        return place_of(url, self.project.id, destination)

    def hold(self) -> None:
        """Be the process that writes to the ledger and to staging, until this is closed.

        Raises RefusedError if another process is. Commands that write call it before anything else; those
        that do not are stopped at their first change.
        """
        self.ledger.hold()
        self.staging.hold()

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Source plugins by tenant."""
        return {config.tenant: self._source(config) for config in self.project.sources}

    @cached_property
    def destination(self) -> Destination:
        """The destination plugin."""
        config = self.project.destination_named(self.destination_name)
        settings, connection = self._settings(Role.DESTINATION, config), self._connection(config)
        return self._stack.enter_context(open_destination(config.platform, settings, connection))

    def _source(self, config: ConnectionConfig) -> Source:
        settings, connection = self._settings(Role.SOURCE, config), self._connection(config)
        return self._stack.enter_context(open_source(config.platform, settings, connection))

    def _connection(self, config: ConnectionConfig) -> Connection:
        return Connection(
            config.name or config.platform,
            self.project.id,
            config.tenant,
            self.files,
            self.project.options.rate_share,
            paced=config.sandbox is None,
            handoff=self.project.reports / "handoff" / config.tenant,
        )

    def _settings(self, role: Role, config: ConnectionConfig) -> Mapping[str, Any]:
        """The plugin's settings; those of a sandbox are its address and its made-up key.

        Relative paths count from the project folder, wherever the command is called.
        """
        settings_type = settings_type_of(load_plugin(role, config.platform), config.platform)
        settings = rooted(settings_type, config.settings, self.project.directory)
        if config.sandbox is None:
            return settings
        data = self.project.sandboxes / f"{config.platform}-{config.sandbox}.db"
        process = ensure(config.platform, data=data, rate="off")
        keys = dict.fromkeys(secret_fields(settings_type), SecretStr(process.token))
        return {"url": process.url, **keys, **settings}

    @cached_property
    def source_catalogs(self) -> Mapping[str, Catalog]:
        """What the sources hold, by tenant."""
        return {tenant: discover_source(source, self.files) for tenant, source in self.sources.items()}

    @property
    def destination_catalog(self) -> Catalog:
        """What the destination holds; read afresh after provisioning."""
        if self._destination_catalog is None:
            self._destination_catalog = self.destination.discover()
        return self._destination_catalog

    _destination_catalog: Catalog | None = None

    def refresh_destination(self) -> None:
        """Forget what was read of the destination's schema."""
        self._destination_catalog = None

    def take_catalog(self, catalog: Catalog) -> None:
        """Go by this catalog of the destination, which does not answer."""
        self._destination_catalog = catalog

    @property
    def catalog_file(self) -> Path:
        """Where the catalog of this destination is kept for the time when it does not answer."""
        name = f"catalog-{self.destination_name}" if self.destination_name else "catalog"
        return self.project.state / f"{name}.json"

    def keep_catalog(self) -> None:
        """Keep what the destination holds now. Raises StorageError."""
        keep_catalog(self.catalog_file, self.destination_catalog)

    @property
    def naming(self) -> Naming:
        """How the destination names what is provisioned; the core's rule if it has none of its own."""
        return getattr(self.destination.plugin, "naming", None) or camel_name

    def resolved(self) -> ResolvedMapping:
        """The mapping file made definite for these catalogs. Raises MappingError."""
        return self.resolved_from(load_mapping(self.project.mapping))

    def resolved_from(self, mapping: MappingFile) -> ResolvedMapping:
        """The same for a mapping that is not in the file (yet). Raises MappingError."""
        given = {}
        if self.project.options.fallback_user and mapping.answers.get("fallback_user") is None:
            given["fallback_user"] = self.project.options.fallback_user
        catalogs = list(self.source_catalogs.values())
        return resolve(mapping, given, catalogs, self.destination_catalog, self.naming)

    def provisioned(self, _before: ResolvedMapping) -> ResolvedMapping:
        """The mapping as it reads once the destination has what it wants: what was made may be of another
        type there than was asked for, and is written in that type. Raises MappingError."""
        return self.resolved()

    def automation_decisions(self) -> Mapping[str, str]:
        """What the mapping file says about automations of the destination. Raises MappingError."""
        return load_mapping(self.project.mapping).automations

    def phases(self, resolved: ResolvedMapping) -> tuple[Phase, ...]:
        """The routes in load order."""
        return plan(resolved.objects)

    @cached_property
    def transform(self) -> Transform:
        """The transform that turns staged records into target records."""
        return open_transform()

    @property
    def confirmation_file(self) -> Path:
        """Where the confirmation of this destination lies."""
        name = f"confirmation-{self.destination_name}" if self.destination_name else "confirmation"
        return self.project.state / f"{name}.json"

    @property
    def confirmed_mapping(self) -> Path:
        """The mapping file as it was when it was confirmed for this destination."""
        return self.confirmation_file.with_suffix(".yaml")

    def confirmation_parts(self, resolved: ResolvedMapping) -> dict[str, str]:
        """What a confirmation is bound to, one digest a part."""
        sources = [schema for catalog in self.source_catalogs.values() for schema in catalog.objects]
        platforms = {config.platform for config in self.project.sources} | {resolved.destination}
        versions = {f"{p.role} {p.name}": p.version for p in list_plugins() if p.name in platforms}
        changes = [c for run in self.ledger.runs.all() for c, _ in self.ledger.changes.of_run(run)]
        own = {c.object_name if c.kind is ChangeKind.OBJECT else f"{c.object_name}.{c.name}" for c in changes}
        catalog = self.destination_catalog
        # A new object at the source is something to decide about; one at the destination is not.
        used = {route.target for route in resolved.objects}
        targets = [schema for schema in catalog.objects if schema.name in used]
        key_field = catalog.external_id_field
        return fingerprint(resolved, catalog.identity, sources, targets, versions, own, key_field)

    def confirmed(self) -> ResolvedMapping:
        """The mapping, checked and confirmed by a person. Raises MappingError, RefusedError."""
        self.ledger.purges.require_none()
        resolved = self.resolved()
        require_fit(check(resolved, list(self.source_catalogs.values()), self.destination_catalog))
        verify(read(self.confirmation_file), self.confirmation_parts(resolved), self.destination_name)
        return resolved

    def find_target(self, resolved: ResolvedMapping, match: str, target_object: str) -> str | None:
        """The target record that a person named by id or by a value of one of its match keys."""
        by_id = next(iter(self.destination.reconcile(target_object, Selection(ids=(match,)))), None)
        if by_id is not None:
            return by_id.id
        keys = {k[0] for r in resolved.objects if r.target == target_object for k in r.match if len(k) == 1}
        for name in sorted(keys):
            selection = Selection(match=(name, (match,)))
            found = [o for o in self.destination.reconcile(target_object, selection) if not o.trashed]
            if len(found) == 1:
                return found[0].id
        return None
