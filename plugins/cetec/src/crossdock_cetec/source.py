"""Cetec ERP as a source: the hooks, and nothing else."""

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
from crossdock_cetec import catalog
from crossdock_cetec.inventory import Inventory
from crossdock_cetec.library import Library
from crossdock_cetec.limits import limits
from crossdock_cetec.objects import DOCUMENT, ORDER_LINE, PART, WORK_ORDER_EXPORT
from crossdock_cetec.settings import CetecSettings
from crossdock_cetec.tenant import LISTS, NO_KEY
from crossdock_cetec.validation import Validation

Result = Record | Rejected
Item = tuple[dict[str, Any], Result]
"""Where a reading that stopped behind a result would go on, and the result."""

_BATCH = 500
_BATCH_OF_REQUESTS = 50  # where a record costs a request, less is read again after a stop


class CetecSource:
    """Reads one tenant through its API, and exports beside it or alone. Writes nothing anywhere."""

    settings_type = CetecSettings

    def __init__(self, settings: CetecSettings, connection: Connection) -> None:
        self._settings = settings
        self._connection = connection
        self._library = Library(settings, connection)

    def close(self) -> None:
        """Close the connections."""
        self._library.close()

    @hookimpl
    def discover(self) -> Catalog:
        """The catalog: the objects of the API and of the tables, and what does not move."""
        return Catalog(
            platform="cetec",
            identity=limits(self._settings).scope,
            objects=tuple(catalog.objects(self._library)),
            capabilities=catalog.CAPABILITIES,
            limits=limits(self._settings),
            artifacts=Inventory(self._library, self._connection),
            notes=tuple(catalog.notes(self._library)),
        )

    @hookimpl
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        """Batches of an object: all of it, as nothing can be asked for by time.

        The cursor is JSON: {"from": how many were given, "of": of which files}, or {"after": the key they
        ended with}. Raises CursorLostError if the files were replaced since, RefusedError before anything
        is given if control totals differ.
        """
        del since
        self._require(object_name)
        start = orjson.loads(cursor) if cursor else {}
        self._library.tables.require_same(start)
        costly = object_name in (ORDER_LINE, PART, WORK_ORDER_EXPORT)
        held: list[Result] = []
        position: dict[str, Any] = start
        self._validation.require(object_name)
        for next_position, result in self._items(object_name, start, files):
            if len(held) >= (_BATCH_OF_REQUESTS if costly else _BATCH) and next_position != position:
                yield self._batch(held, position)
                held = []
            held.append(result)
            position = next_position
        if held:
            yield self._batch(held, position)

    @hookimpl
    def infer_schema(self, object_name: str, sample: Sequence[Record]) -> ObjectSchema:
        """What is known of the object, and its own columns as their values tell."""
        del sample
        self._require(object_name)
        return catalog.schema(self._library, object_name)

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read again: rows of the API by the second reader, workbooks by the other library."""
        self._require(object_name)
        keys = None if selection.ids is None else set(selection.ids)
        for result in self._again(object_name):
            if isinstance(result, Rejected) or (keys is not None and result.key not in keys):
                continue
            match = selection.match
            if match is None or result.values.get(match[0]) in match[1]:
                yield Observation(object_name, result.key, result.values)

    def _items(self, name: str, start: dict[str, Any], files: FileStore) -> Iterator[Item]:
        after = str(start.get("after", ""))
        if name == ORDER_LINE and self._library.by_api(name):
            for key, result in self._library.order_lines(after):
                yield {"after": key}, result
        elif name == PART:
            yield from self._parts(start)
        elif name == WORK_ORDER_EXPORT:
            for result in self._library.exports(files, after):
                yield {"after": result.key if isinstance(result, Record) else NO_KEY}, result
        elif name in LISTS and self._library.by_api(name):
            for key, result in self._library.listed(name, after):
                yield {"after": key}, result
        else:
            found = (
                self._library.documents().results(files) if name == DOCUMENT else self._library.results(name)
            )
            for number, result in enumerate(found, start=1):
                if number > start.get("from", 0):
                    yield {"from": number, **self._library.tables.files}, result

    def _parts(self, start: dict[str, Any]) -> Iterator[Item]:
        """The list of parts by how many were given, those behind it by their numbers."""
        parts = self._library.parts(str(start.get("after", "")))
        for number, (key, result) in enumerate(parts, start=1):
            if key:
                yield {"after": key}, result
            elif number > start.get("from", 0):
                yield {"from": number, **self._library.tables.files}, result

    def _again(self, name: str) -> Iterator[Result]:
        if name == WORK_ORDER_EXPORT:
            return self._library.exports(self._connection.files, second=True)
        if name == DOCUMENT:
            return self._library.documents().again()
        return self._library.results(name, second=True)

    def _batch(self, results: Sequence[Result], position: dict[str, Any]) -> Batch:
        opened = self._library.opened
        return Batch(
            records=tuple(r for r in results if isinstance(r, Record)),
            cursor=orjson.dumps(position).decode(),
            rejected=tuple(r for r in results if isinstance(r, Rejected)),
            read_at=opened.client.answered_at if opened else None,
        )

    def _require(self, name: str) -> None:
        if name not in self._library.objects:
            there = ", ".join(self._library.objects) or "no objects"
            raise ConfigError(f"nothing gives {name}.", hint=f"There are {there}.")

    @cached_property
    def _validation(self) -> Validation:
        return Validation(self._settings.control_totals, self._read)

    def _read(self, name: str) -> Iterator[Result]:
        files = self._connection.files
        return replaced if (replaced := self._with_files(name, files)) else self._library.results(name)

    def _with_files(self, name: str, files: FileStore) -> Iterator[Result] | None:
        if name == WORK_ORDER_EXPORT:
            return self._library.exports(files)
        return self._library.documents().results(files) if name == DOCUMENT else None
