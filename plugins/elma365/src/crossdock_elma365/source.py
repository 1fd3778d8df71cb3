"""ELMA365 as a source: the hooks, and nothing else. MS Project files are its second kind of data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson

from crossdock.connection import Connection
from crossdock.errors import ConfigError
from crossdock.filestore import FileStore
from crossdock.hookspecs import hookimpl
from crossdock.model import Batch, Catalog, ObjectSchema, Observation, Record, Rejected, Selection
from crossdock_elma365 import catalog, correspondence, history, work
from crossdock_elma365.attachments import Attachments
from crossdock_elma365.choices import CHOICES, Choices, choice_schema, with_choices
from crossdock_elma365.client import AnswerError
from crossdock_elma365.company import Company
from crossdock_elma365.decoding import decode_item, update_time
from crossdock_elma365.exportedfiles import ExportedFiles
from crossdock_elma365.fieldtypes import FILES, USERS
from crossdock_elma365.grants import Staff, closed_objects
from crossdock_elma365.hr import hr_notes
from crossdock_elma365.inventory import Inventory
from crossdock_elma365.msproject import PREFIX, PlanLibrary
from crossdock_elma365.schema import Application, object_schema
from crossdock_elma365.settings import Elma365Settings
from crossdock_elma365.signatures import signed_row
from crossdock_elma365.verification import Json, Verifier


class Elma365Source:
    """Reads one company through the Web API, and MS Project files beside it. Writes nothing anywhere."""

    settings_type = Elma365Settings

    def __init__(self, settings: Elma365Settings, connection: Connection) -> None:
        self._settings = settings
        self._connection = connection
        self._opened: Company | None = None
        self._described: tuple[ObjectSchema, ...] = ()

    def close(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            self._opened.close()

    @hookimpl
    def discover(self) -> Catalog:
        """The catalog: applications, users, tasks, files, MS Project objects, and what cannot move."""
        settings = self._settings
        plans = tuple(self._plans.schemas())
        given = tuple(self._files.schema(name) for name in self._closed)
        histories, unread = self._histories() if settings.url else ((), ())
        counts = catalog.counts(self._company) if settings.url else {}
        notes: tuple[str, ...] = catalog.NOTES if settings.url else ()
        found = (*(self._objects(counts) if settings.url else ()), *histories, *given, *plans)
        if settings.url:
            left_out = self._company.left_out() if not settings.applications else ()
            notes += tuple(f"Not read: {name}." for name in left_out)
            notes += self._plan_notes() + unread
            notes += (*self._correspondence.notes(counts), *self._work.notes(), *hr_notes(self._company))
        return Catalog(
            platform="elma365",
            identity=catalog.limits(settings).scope,
            objects=self._with_choices(found),
            capabilities=catalog.CAPABILITIES,
            limits=catalog.limits(settings),
            artifacts=Inventory(lambda: self._company if settings.url else None, settings, self._connection),
            notes=(*notes, *self._file_notes(), *self._plans.notes()),
        )

    @hookimpl
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        """Batches of an object. The cursor is JSON: {"from": n}, and which list of several it is in."""
        for batch in self._batches(object_name, cursor, since, files):
            yield replace(batch, read_at=self._opened.client.answered_at if self._opened else None)

    def _batches(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        if object_name.startswith(PREFIX):
            return self._plans.batches(object_name, cursor)
        if object_name in self._closed:
            return self._files.batches(object_name, cursor, files)
        if object_name in history.OBJECTS:
            return self._history.batches(object_name, cursor, since)
        if object_name in correspondence.OBJECTS:
            return self._correspondence.batches(object_name, cursor, since)
        if object_name in work.OBJECTS:
            return self._work.batches(object_name, cursor)
        if object_name == CHOICES:
            return self._choices.batches(cursor)
        if object_name == FILES:
            return self._attachments.batches(cursor, since, files)
        return self._item_batches(object_name, cursor, since)

    @hookimpl
    def infer_schema(self, object_name: str, sample: Sequence[Record]) -> ObjectSchema:
        """The platform's own schema; `sample` is not needed, nothing is guessed."""
        del sample
        return self._choices.schema() if object_name == CHOICES else with_choices(self._schema(object_name))

    def _schema(self, object_name: str) -> ObjectSchema:
        if object_name.startswith(PREFIX):
            return self._plans.schema(object_name)
        if object_name in self._closed:
            return self._files.schema(object_name)
        if object_name in history.OBJECTS:
            return self._history.schema(object_name)
        if object_name in correspondence.OBJECTS:
            return self._correspondence.schema(object_name)
        if object_name in work.OBJECTS:
            return self._work.schema(object_name)
        if object_name == FILES:
            return self._attachments.schema()
        return object_schema(self._company.application(object_name))

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read again with the second decoder. `owned` means all, deleted records included as trashed."""
        keys = None if selection.ids is None else set(selection.ids)
        for seen in self._observations(object_name, keys):
            if selection.match is None or seen.values.get(selection.match[0]) in selection.match[1]:
                yield seen

    def _is_snapshot(self, object_name: str) -> bool:
        """Whether a list does not show what was deleted or taken off since a time: a file that an item no
        longer names, a message that is gone, whatever lies in files."""
        read_from_files = object_name.startswith(PREFIX) or object_name in self._closed
        derived = object_name in correspondence.OBJECTS or object_name in work.OBJECTS
        return read_from_files or object_name == FILES or derived

    @cached_property
    def _plans(self) -> PlanLibrary:
        settings = self._settings
        return PlanLibrary(settings.mspdi, settings.zone, settings.mspdi_max_bytes)

    @cached_property
    def _files(self) -> ExportedFiles:
        return ExportedFiles(self._settings, self._users_by if self._settings.url else None)

    @cached_property
    def _closed(self) -> Mapping[str, str]:
        """The objects that come from files, and why the Web API does not give them."""
        if not self._files.objects:
            return {}
        if not self._settings.url:
            return dict.fromkeys(self._files.objects, "")
        return closed_objects(self._company, self._files.objects)

    def _file_notes(self) -> Iterator[str]:
        for name in self._files.objects:
            if name not in self._closed:
                yield f"{name} is read through the Web API; the files that hold it too are not used."
            elif self._closed[name]:
                yield f"{name} is read from files: {self._closed[name]}"
        yield from self._files.notes(tuple(self._closed))

    def _users_by(self, object_name: str, column: str, text: str) -> Sequence[str] | None:
        open_users = object_name == USERS and USERS not in self._closed
        return self._staff.keys(column, text) if open_users else None

    @cached_property
    def _staff(self) -> Staff:
        return Staff(self._company)

    @cached_property
    def _history(self) -> history.ProcessHistory:
        return history.ProcessHistory(self._company)

    @cached_property
    def _correspondence(self) -> correspondence.Correspondence:
        return correspondence.Correspondence(self._company)

    @cached_property
    def _work(self) -> work.Work:
        return work.Work(self._company)

    @cached_property
    def _choices(self) -> Choices:
        return Choices(lambda: self._described or self.discover().objects)

    @cached_property
    def _attachments(self) -> Attachments:
        return Attachments(self._company, self._correspondence)

    def _with_choices(self, found: Sequence[ObjectSchema]) -> tuple[ObjectSchema, ...]:
        """The objects with what their choices are; an object of these too, if there are any."""
        self._described = tuple(found)
        choices = choice_schema(found)
        marked = (replace(with_choices(o), snapshot=self._is_snapshot(o.name)) for o in found)
        return (*marked, *((choices,) if choices.count else ()))

    def _objects(self, counts: Mapping[str, int]) -> Iterator[ObjectSchema]:
        yield from catalog.objects(self._company, counts)
        yield from self._correspondence.schemas(counts)
        yield from self._work.schemas(counts)
        yield self._attachments.schema()

    def _histories(self) -> tuple[tuple[ObjectSchema, ...], tuple[str, ...]]:
        """The objects of process instances, or a note why there are none."""
        try:
            return tuple(self._history.schemas()), ()
        except AnswerError as error:
            return (), (f"Process instances are not read: {error.message}",)

    @property
    def _company(self) -> Company:
        if self._opened is None:
            if not self._settings.url:
                raise ConfigError(
                    f"connection {self._connection.name} reads files only.",
                    hint="Give `url` and `token` to read a company.",
                )
            self._opened = Company(self._settings, self._connection, catalog.limits(self._settings))
        return self._opened

    def _item_batches(self, name: str, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        app = self._company.application(name)
        for page in self._company.listing(app).pages(_position(cursor)["from"], since):
            rows = (signed_row(app, row) for row in page.rows)
            results = [decode_item(app, row, self._settings.zone) for row in rows]
            yield _batch(results, {"from": page.next_from}, page.total)

    def _observations(self, name: str, keys: set[str] | None) -> Iterator[Observation]:
        if name.startswith(PREFIX):
            yield from self._plans.observations(name, keys)
        elif name in self._closed:
            yield from self._files.observations(name, keys)
        elif name in history.OBJECTS:
            yield from self._history.observations(name, keys)
        elif name in correspondence.OBJECTS:
            yield from self._correspondence.observations(name, keys)
        elif name in work.OBJECTS:
            yield from self._work.observations(name, keys)
        elif name == CHOICES:
            yield from self._choices.observations(keys)
        elif name == FILES:
            yield from self._attachments.observations(keys)
        else:
            yield from self._item_observations(self._company.application(name), keys)

    def _item_observations(self, app: Application, keys: set[str] | None) -> Iterator[Observation]:
        zone = self._settings.zone
        verifier = Verifier(app.name, app.definitions, app.statuses, zone)
        for row in self._rows(app, keys):
            values = verifier.readable(signed_row(app, row))
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
