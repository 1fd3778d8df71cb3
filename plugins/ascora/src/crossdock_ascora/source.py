"""Ascora as a source: the hooks, and nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from crossdock.connection import Connection
from crossdock.errors import ConfigError
from crossdock.filestore import FileStore
from crossdock.hookspecs import hookimpl
from crossdock.layout import LayoutReader
from crossdock.model import Batch, Catalog, ObjectSchema, Observation, Record, Selection
from crossdock_ascora import catalog
from crossdock_ascora.attachmentplaces import FILES
from crossdock_ascora.attachments import Attachments
from crossdock_ascora.choices import Choices
from crossdock_ascora.extraction import Extraction
from crossdock_ascora.handoffs import Handoffs
from crossdock_ascora.inventory import Inventory
from crossdock_ascora.objects import CHOICES, KINDS, TRADE
from crossdock_ascora.office import Office
from crossdock_ascora.rawdata import KEPT_SECONDS
from crossdock_ascora.settings import AscoraSettings
from crossdock_ascora.tables import ExportedTables, plain
from crossdock_ascora.wire import RAW


class AscoraSource:
    """Reads one tenant through the API, from exported tables, or from both. Writes nothing anywhere."""

    settings_type = AscoraSettings

    def __init__(self, settings: AscoraSettings, connection: Connection) -> None:
        self._settings = settings
        self._connection = connection
        self._limits = catalog.limits(settings)

    def close(self) -> None:
        """Close the connections."""
        for name in ("_office", "_second", "_attachments"):
            if (opened := self.__dict__.get(name)) is not None:
                opened.close()

    @hookimpl
    def discover(self) -> Catalog:
        """The catalog: what can be read, how much of it, and what has to be looked at before it moves."""
        self._office.refresh()
        objects = [schema for name in self._objects if not _unused(schema := self._schema(name))]
        notes = list(catalog.notes(self._office))
        if self._attachments is not None:
            notes += self._attachments.notes()
        return Catalog(
            platform="ascora",
            identity=self._limits.scope,
            objects=tuple(objects),
            capabilities=catalog.CAPABILITIES,
            limits=self._limits,
            artifacts=Inventory(self._office, self._attachments, Handoffs(self._connection.handoff)),
            notes=tuple(notes),
        )

    @hookimpl
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        """Batches of an object, all of it: nothing says what changed `since`."""
        del since
        self._office.refresh(older_than=KEPT_SECONDS)
        for batch in self._batches(object_name, cursor, files):
            yield replace(batch, read_at=self._office.raw.answered_at)

    @hookimpl
    def infer_schema(self, object_name: str, sample: Sequence[Record]) -> ObjectSchema:
        """The schema as discover gives it; `sample` is not needed: all values were looked at."""
        del sample
        return self._schema(object_name)

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read again: other requests, the second decoders, other libraries for tables. `owned` means all."""
        keys = None if selection.ids is None else set(selection.ids)
        self._second.refresh(older_than=KEPT_SECONDS)
        for seen in self._observations(object_name, keys):
            if selection.match is None or seen.values.get(selection.match[0]) in selection.match[1]:
                yield seen

    @property
    def _objects(self) -> tuple[str, ...]:
        """What can be read: own objects first, then tables of other names, then attachments."""
        raw = self._office.raw
        own = [name for name, kind in KINDS.items() if raw.has(kind.raw) or name == "users"]
        others = [name for name in raw.objects if name not in RAW]
        kept = (CHOICES,) if any(KINDS[name].choices for name in own) else ()
        return (*own, *kept, *others, *((FILES,) if self._settings.attachments else ()))

    def _schema(self, name: str) -> ObjectSchema:
        if name == FILES and self._attachments is not None:
            return self._attachments.schema()
        if name == CHOICES:
            return self._choices(self._office).schema()
        if name in KINDS:
            return KINDS[name].schema(self._office, Extraction(self._office).count(name))
        if name in self._objects:
            return plain(self._tables.schema(name))
        raise ConfigError(f"Ascora has no {name}.", hint=f"There are {', '.join(self._objects)}.")

    def _batches(self, name: str, cursor: str | None, files: FileStore) -> Iterator[Batch]:
        if name == FILES and self._attachments is not None:
            return self._attachments.batches(cursor, files)
        if name == CHOICES:
            return self._choices(self._office).batches(cursor)
        if name in KINDS:
            return Extraction(self._office).batches(name, cursor)
        return self._reader.batches(name, cursor)

    def _observations(self, name: str, keys: set[str] | None) -> Iterator[Observation]:
        if name == FILES and self._settings.attachments is not None:
            attachments = Attachments(self._settings.attachments, self._connection, self._second)
            try:
                yield from attachments.observations(keys)
            finally:
                attachments.close()
        elif name == CHOICES:
            yield from self._choices(self._second).observations(keys)
        elif name in KINDS:
            yield from Extraction(self._second).observations(name, keys)
        else:
            yield from self._reader.observations(name, keys)

    def _choices(self, office: Office) -> Choices:
        return Choices(office, self._objects)

    @property
    def _reader(self) -> LayoutReader:
        if self._tables.reader is None:
            raise ConfigError("there are no tables to read.", hint="Give `tables` with `layout` and `files`.")
        return self._tables.reader

    @cached_property
    def _tables(self) -> ExportedTables:
        return ExportedTables(self._settings)

    @cached_property
    def _office(self) -> Office:
        return Office(self._settings, self._connection, self._limits, self._tables)

    @cached_property
    def _second(self) -> Office:
        return Office(self._settings, self._connection, self._limits, self._tables, second=True)

    @cached_property
    def _attachments(self) -> Attachments | None:
        if self._settings.attachments is None:
            return None
        return Attachments(self._settings.attachments, self._connection, self._office)


def _unused(schema: ObjectSchema) -> bool:
    """Whether an object beside the customers' business is empty: nobody wants to decide about it."""
    return schema.name in TRADE and schema.count == 0
