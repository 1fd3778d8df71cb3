"""A dry run: everything that a run does but the writes, on all records, with the outcomes a run would have.

Reading is real: the source is extracted into staging, the destination is asked for schema, match keys and
trash. What would be written goes into a throwaway folder: a copy of the ledger, the queues, and an overlay
of the destination that later phases read through. Neither the destination nor the ledger is touched.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time

from crossdock.database import sqlite_url
from crossdock.errors import StorageError
from crossdock.filestore import FileStore
from crossdock.idmap import LedgerIdMap
from crossdock.ledger import Ledger
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Catalog, TargetRecord
from crossdock.plugins import Source, Transform
from crossdock.staging import Staging
from crossdock.trial.drydestination import DryDestination
from crossdock.trial.fieldlog import FieldLog
from crossdock.trial.overlay import Overlay

_PREFIX = "dry-run-"
_LEFT_BEHIND = 24 * 60 * 60  # seconds after which the folder of a killed dry run is nobody's any more


class DryMigration(Migration):
    """A migration whose destination and ledger are only tried on. A context manager that removes them."""

    def __init__(self, real: Migration, resolved: ResolvedMapping) -> None:
        super().__init__(real.project, real.destination_name, real.progress)
        self._real = real
        self._resolved_mapping = resolved
        self.log = FieldLog()

    @cached_property
    def folder(self) -> Path:
        """Where everything lies that is thrown away. Raises StorageError."""
        state = self.project.state
        try:
            state.mkdir(parents=True, exist_ok=True)
            for old in state.glob(f"{_PREFIX}*"):
                if time() - old.stat().st_mtime > _LEFT_BEHIND:
                    shutil.rmtree(old, ignore_errors=True)
            kept = TemporaryDirectory(dir=state, prefix=_PREFIX, ignore_cleanup_errors=True)
        except OSError as error:
            raise StorageError(f"cannot write {state}: {error.strerror}.") from error
        return Path(self._stack.enter_context(kept))

    @cached_property
    def ledger(self) -> Ledger:
        """A copy of the ledger."""
        ledger = Ledger(sqlite_url(self.folder / "ledger.db"))
        self._stack.callback(ledger.close)
        ledger.copy_of(self._real.ledger)
        return ledger

    @cached_property
    def queues(self) -> Path:
        """A copy of the queues, with the decisions made so far."""
        folder = self.folder / "queues"
        folder.mkdir()
        for path in self.project.queues.glob("*.csv"):
            shutil.copyfile(path, folder / path.name)
        return folder

    @cached_property
    def destination(self) -> DryDestination:
        """The destination, which takes everything and keeps nothing."""
        overlay = Overlay(self.folder / "overlay.db")
        self._stack.callback(overlay.close)
        real = self._real
        destination = DryDestination(
            real.destination, real.destination_catalog, self.destination_catalog, overlay, self.log
        )
        for route in self._resolved_mapping.objects:
            for key in route.match:
                destination.looked_up_by(route.target, key[0])
        return destination

    @property
    def destination_catalog(self) -> Catalog:
        """What the destination holds once the mapping is provisioned."""
        catalog = self._real.destination_catalog
        wanted = {r.target: r.target_schema for r in self._resolved_mapping.objects if r.target_schema}
        known = {schema.name for schema in catalog.objects}
        objects = [wanted.get(schema.name, schema) for schema in catalog.objects]
        objects += [schema for name, schema in wanted.items() if name not in known]
        return replace(catalog, objects=tuple(objects), artifacts=())  # nothing would act on a dry run

    def provisioned(self, before: ResolvedMapping) -> ResolvedMapping:
        """As before: nothing is made."""
        return before

    @cached_property
    def files(self) -> FileStore:
        """The project's file store."""
        return self._real.files

    @cached_property
    def staging(self) -> Staging:
        """The project's staging."""
        return self._real.staging

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Source plugins by tenant."""
        return self._real.sources

    @cached_property
    def source_catalogs(self) -> Mapping[str, Catalog]:
        """What the sources hold, by tenant."""
        return self._real.source_catalogs

    @cached_property
    def transform(self) -> Transform:
        """The transform."""
        return self._real.transform

    def look_at_fields(self, ids: Callable[[str], LedgerIdMap]) -> None:
        """Go over all staged records once more, now that every reference is known, and log each field."""
        for phase in self.phases(self._resolved_mapping):
            for tenant, catalog in self.source_catalogs.items():
                if catalog.object(phase.mapping.source) is not None:
                    self._look_at(tenant, phase.mapping.name, ids(tenant))

    def _look_at(self, tenant: str, name: str, ids: LedgerIdMap) -> None:
        route = next(route for route in self._resolved_mapping.objects if route.name == name)
        for staged in self.staging.scan(tenant, route.source):
            records = {s.record.key: s.record for s in staged}
            ids.prefetch(records.values())
            for outcome in self.transform(list(records.values()), route, ids):
                key = outcome.origin.key if isinstance(outcome, TargetRecord) else outcome.key
                self.log.transformed(route, records[key], [outcome])
            self.progress(f"fields of {name}", len(staged), None)
