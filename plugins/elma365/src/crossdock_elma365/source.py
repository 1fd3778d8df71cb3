"""ELMA365 as a source: the hooks, and nothing else. MS Project files are its second kind of data."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson

from crossdock.connection import Connection
from crossdock.errors import ConfigError
from crossdock.filestore import FileStore
from crossdock.hookspecs import hookimpl
from crossdock.model import Batch, Catalog, ObjectSchema, Observation, Record, Rejected, Selection
from crossdock_elma365 import catalog
from crossdock_elma365.company import Company
from crossdock_elma365.decoding import decode_item, update_time
from crossdock_elma365.fieldtypes import FILES
from crossdock_elma365.files import file_schema
from crossdock_elma365.msproject import PREFIX, PlanLibrary
from crossdock_elma365.schema import Application, object_schema
from crossdock_elma365.settings import Elma365Settings
from crossdock_elma365.verification import Json, Verifier


class Elma365Source:
    """Reads one company through the Web API, and MS Project files beside it. Writes nothing anywhere."""

    settings_type = Elma365Settings

    def __init__(self, settings: Elma365Settings, connection: Connection) -> None:
        self._settings = settings
        self._connection = connection
        self._opened: Company | None = None

    def close(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            self._opened.close()

    @hookimpl
    def discover(self) -> Catalog:
        """The catalog: applications, users, tasks, files, MS Project objects, and what cannot move."""
        settings = self._settings
        plans = tuple(self._plans.schemas())
        notes: tuple[str, ...] = catalog.NOTES if settings.url else ()
        if settings.url:
            left_out = self._company.left_out() if not settings.applications else ()
            notes += tuple(f"Not read: {name}." for name in left_out)
            notes += self._plan_notes()
        return Catalog(
            platform="elma365",
            identity=catalog.limits(settings).scope,
            objects=(*(catalog.objects(self._company) if settings.url else ()), *plans),
            capabilities=catalog.CAPABILITIES,
            limits=catalog.limits(settings),
            artifacts=catalog.artifacts(self._company) if settings.url else (),
            notes=(*notes, *self._plans.notes()),
        )

    @hookimpl
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        """Batches of an object. The cursor is JSON: {"from": n}, for files {"object": name, "from": n}."""
        if object_name.startswith(PREFIX):
            return self._plans.batches(object_name, cursor)
        if object_name == FILES:
            return self._file_batches(cursor, since, files)
        return self._item_batches(object_name, cursor, since)

    @hookimpl
    def infer_schema(self, object_name: str, sample: Sequence[Record]) -> ObjectSchema:
        """The platform's own schema; `sample` is not needed, nothing is guessed."""
        del sample
        if object_name.startswith(PREFIX):
            return self._plans.schema(object_name)
        if object_name == FILES:
            return file_schema(tuple(app.name for app in self._company.applications() if app.file_fields()))
        return object_schema(self._company.application(object_name))

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read again with the second decoder. `owned` means all, deleted records included as trashed."""
        keys = None if selection.ids is None else set(selection.ids)
        for seen in self._observations(object_name, keys):
            if selection.match is None or seen.values.get(selection.match[0]) in selection.match[1]:
                yield seen

    @cached_property
    def _plans(self) -> PlanLibrary:
        settings = self._settings
        return PlanLibrary(settings.mspdi, settings.zone, settings.mspdi_max_bytes)

    @property
    def _company(self) -> Company:
        if self._opened is None:
            if not self._settings.url:
                raise ConfigError(
                    f"connection {self._connection.name} reads MS Project files only.",
                    hint="Give `url` and `token` to read a company.",
                )
            self._opened = Company(self._settings, self._connection, catalog.limits(self._settings))
        return self._opened

    def _item_batches(self, name: str, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        app = self._company.application(name)
        for page in self._company.listing(app).pages(_position(cursor)["from"], since):
            results = [decode_item(app, row, self._settings.zone) for row in page.rows]
            yield _batch(results, {"from": page.next_from}, page.total)

    def _file_batches(self, cursor: str | None, since: datetime | None, files: FileStore) -> Iterator[Batch]:
        position = _position(cursor)
        owners = [app for app in self._company.applications() if app.file_fields()]
        names = [app.name for app in owners]
        first = names.index(position["object"]) if position.get("object") in names else 0
        for app in owners[first:]:
            start = position["from"] if app.name == position.get("object") else 0
            for page in self._company.listing(app).pages(start, since):
                results = [r for row in page.rows for r in self._company.files.records(app, row, files)]
                yield _batch(results, {"object": app.name, "from": page.next_from}, None)

    def _observations(self, name: str, keys: set[str] | None) -> Iterator[Observation]:
        if name.startswith(PREFIX):
            yield from self._plans.observations(name, keys)
        elif name == FILES:
            yield from self._file_observations(keys)
        else:
            yield from self._item_observations(self._company.application(name), keys)

    def _item_observations(self, app: Application, keys: set[str] | None) -> Iterator[Observation]:
        zone = self._settings.zone
        verifier = Verifier(app.name, app.definitions, app.statuses, zone)
        for row in self._rows(app, keys):
            values = verifier.readable(row)
            if values is None:
                continue  # extract rejected it with its reasons; there is nothing to compare
            yield Observation(
                app.name,
                str(row["__id"]),
                values,
                trashed=row.get("__deletedAt") is not None,
                image=row,
                updated_at=update_time(row, zone),
            )

    def _file_observations(self, keys: set[str] | None) -> Iterator[Observation]:
        for app in self._company.applications():
            if not app.file_fields():
                continue
            owners = None if keys is None else _owners(keys, app.name)
            for row in self._rows(app, owners) if owners != set() else ():
                yield from self._company.files.observations(app, row, keys)

    def _rows(self, app: Application, keys: set[str] | None) -> Iterator[Json]:
        listing = self._company.listing(app)
        if keys is not None:
            yield from listing.by_ids(sorted(keys))
            return
        for page in listing.pages():
            yield from page.rows

    def _plan_notes(self) -> tuple[str, ...]:
        """What MS Project files hold that the company's project records do not.

        Projects are looked for in every namespace that begins with `_project` (their code is assumed).
        """
        if not self._settings.mspdi:
            return ()
        found: list[str] = []
        for app in self._company.applications():
            if app.namespace.startswith("_project"):
                found += self._plans.compare_projects(object_schema(app), self._rows(app, None))
        return tuple(found)


def _position(cursor: str | None) -> dict[str, Any]:
    return {"from": 0, **(orjson.loads(cursor) if cursor else {})}


def _batch(results: Sequence[Record | Rejected], position: dict[str, Any], total: int | None) -> Batch:
    return Batch(
        records=tuple(r for r in results if isinstance(r, Record)),
        cursor=orjson.dumps(position).decode(),
        total=total,
        rejected=tuple(r for r in results if isinstance(r, Rejected)),
    )


def _owners(keys: set[str], object_name: str) -> set[str]:
    """The ids of the records of `object_name` in file keys (`file@object/id/field`)."""
    owners = (key.partition("@")[2].rsplit("/", 2) for key in keys)
    return {parts[1] for parts in owners if len(parts) > 1 and parts[0] == object_name}
