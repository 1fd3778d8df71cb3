"""A run that ends in files: everything of a run but the sending, which goes into a spool.

As in a dry run, what would be written lies in a throwaway folder until all of it is known, and the
destination is only read. Where it cannot be read at all, it is taken for empty: nothing is found there by a
match key, and what would have to be found is held or left out as the mapping says.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from crossdock.catalogfile import kept_catalog
from crossdock.errors import (
    AccessLostError,
    AuthError,
    ConfigError,
    RetryableError,
    UnreachableError,
)
from crossdock.fileformat import FileFormat
from crossdock.ledger import Ledger
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import (
    REMOVALS,
    Artifact,
    Catalog,
    Change,
    LoadPolicy,
    ObjectSchema,
    Observation,
    Receipt,
    Selection,
    TargetRecord,
)
from crossdock.plugins import Destination
from crossdock.tofiles.byhand import key_field_of, made_by_hand
from crossdock.tofiles.spool import Spool
from crossdock.trial.drydestination import DryDestination
from crossdock.trial.dryrun import DryMigration
from crossdock.trial.overlay import Overlay

CLOSED = (UnreachableError, AuthError, AccessLostError, RetryableError)
"""What a destination raises whose API is closed to us."""


class SilentDestination(Destination):
    """A destination that is not asked: its catalog is the kept one, and its records are those that the ledger
    knows, as they were read back last. By a match key nothing is found."""

    def __init__(self, real: Destination, catalog: Catalog, ledger: Ledger) -> None:
        self.plugin, self.name = real.plugin, real.name
        self._catalog, self._ledger = catalog, ledger

    def discover(self) -> Catalog:
        """The kept catalog."""
        return self._catalog

    def reconcile(self, object_name: str, selection: Selection) -> Generator[Observation, None, None]:
        """What the ledger knows of records that are asked for by their ids."""
        known = self._ledger.links.bases(object_name, selection.ids) if selection.ids else {}
        for target_id, bases in known.items():
            values = {name: value for base in bases for name, value in base.items()}
            yield Observation(object_name, target_id, values)


class FilingDestination(DryDestination):
    """Takes what a run sends and keeps all of it, in its order."""

    spool: Spool
    format: FileFormat

    def provision(
        self,
        wanted: Sequence[ObjectSchema],
        dry_run: bool = False,  # noqa: ARG002 - nothing is made
        pauses: Sequence[Artifact] = (),  # noqa: ARG002 - a person switches them off
    ) -> Generator[Change, None, None]:
        """What a person has to make first."""
        loaded = [schema for schema in wanted if not self.format.refused(self._objects[schema.name])]
        yield from made_by_hand(self._existing, loaded, lambda name: self._objects[name], self.format)

    def load(
        self, object_name: str, records: Sequence[TargetRecord], policy: LoadPolicy
    ) -> Generator[Receipt, None, None]:
        """Check the records and keep the good ones, and what is to be taken away."""
        for record in records:
            if record.action in REMOVALS:
                self.spool.put(record)
        yield from super().load(object_name, records, policy)

    def _keep(self, schema: ObjectSchema, record: TargetRecord) -> None:
        super()._keep(schema, record)
        self.spool.put(record)


class FilingMigration(DryMigration):
    """A migration whose destination is a spool. What waits for a person goes into the project's queues."""

    def __init__(
        self, real: Migration, resolved: ResolvedMapping, file_format: FileFormat, asked: bool
    ) -> None:
        super().__init__(real, resolved)
        self._format, self._asked = file_format, asked

    @property
    def destination_catalog(self) -> Catalog:
        """What the destination holds once the person has made what is missing."""
        return self._finished

    @cached_property
    def _finished(self) -> Catalog:
        catalog = super().destination_catalog
        return replace(catalog, objects=tuple(self._made(schema, catalog) for schema in catalog.objects))

    def _made(self, schema: ObjectSchema, catalog: Catalog) -> ObjectSchema:
        """As it will be: what it has by itself under its own labels, and the field for the external id, if
        records of it are made."""
        schema = self._format.made(schema)
        if self._real.destination_catalog.object(schema.name) is None:
            labels = self._format.automatic(schema)
            fields = (replace(f, label=labels.get(f.name) or f.label) for f in schema.fields)
            schema = replace(schema, fields=tuple(fields))
        name = catalog.external_id_field
        made = any(r.target == schema.name and r.create for r in self._resolved_mapping.objects)
        if not name or not made or schema.field(name) is not None or not self._format.keyed(schema):
            return schema
        return self._format.made(replace(schema, fields=(*schema.fields, key_field_of(name))))

    @cached_property
    def queues(self) -> Path:
        """The project's queues."""
        return self._real.queues

    @cached_property
    def destination(self) -> FilingDestination:
        """The spool, with what the destination holds under it."""
        overlay, spool = Overlay(self.folder / "overlay.db"), Spool(self.folder / "spool.db")
        self._stack.callback(overlay.close)
        self._stack.callback(spool.close)
        real, existing = self._real.destination, self._real.destination_catalog
        under = real if self._asked else SilentDestination(real, existing, self.ledger)
        destination = FilingDestination(under, existing, self.destination_catalog, overlay, self.log)
        destination.spool, destination.format = spool, self._format
        for route in self._resolved_mapping.objects:
            for key in route.match:
                destination.looked_up_by(route.target, key[0])
        return destination


def catalog_or_kept(migration: Migration) -> str:
    """Have the migration's destination catalog at hand: its own, else the one that was kept.

    Gives "" or, where the destination was not asked, why. Raises ConfigError if there is neither.
    """
    try:
        migration.destination_catalog  # noqa: B018 - read, or not
    except CLOSED as error:
        kept = kept_catalog(migration.catalog_file)
        if kept is None:
            raise ConfigError(
                f"the destination does not answer, and nobody kept what it holds: {error.message}",
                hint="Name its plugin's sandbox as the destination (`sandbox: fresh`): it holds the standard"
                " objects. Then discover, map propose, map confirm, and this command again.",
            ) from error
        migration.take_catalog(kept)
        return error.message
    migration.keep_catalog()
    return ""
