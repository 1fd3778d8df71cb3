"""Where files are looked for: in the records of every application, in activities, and in messages.

The cursor is JSON: {"object": application, "from": n}, in the feeds {"object": "_feed.messages", "feed":
their own cursor}.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from crossdock.filestore import FileStore
from crossdock.model import Batch, ObjectSchema, Observation, Record, Rejected
from crossdock_elma365.company import Company
from crossdock_elma365.conversation import MESSAGES, messages
from crossdock_elma365.correspondence import Correspondence
from crossdock_elma365.files import file_schema
from crossdock_elma365.schema import Application

Json = Mapping[str, Any]


class Attachments:
    """Reads the files of a company, record by record."""

    def __init__(self, company: Company, correspondence: Correspondence) -> None:
        self._company = company
        self._correspondence = correspondence

    def schema(self) -> ObjectSchema:
        """The schema of `_system.files`."""
        return file_schema(self._correspondence.file_owners())

    def batches(self, cursor: str | None, since: datetime | None, files: FileStore) -> Iterator[Batch]:
        """One batch a page of the records that have files."""
        position: dict[str, Any] = {"from": 0, **(orjson.loads(cursor) if cursor else {})}
        owners = self._owners()
        names = [app.name for app in owners]
        first = names.index(position["object"]) if position.get("object") in names else 0
        for app in owners[first:] if position.get("object") != MESSAGES else ():
            start = position["from"] if app.name == position.get("object") else 0
            for page in self._company.listing(app).pages(start, since):
                yield _batch(
                    self._records(app, page.rows, files), {"object": app.name, "from": page.next_from}
                )
        own = orjson.dumps(position["feed"]).decode() if "feed" in position else None
        for stretch in self._correspondence.stretches(MESSAGES, own, since, for_files=True):
            read = self._records(messages(), stretch.rows, files)
            yield _batch(read, {"object": MESSAGES, "feed": dict(stretch.cursor)})

    def observations(self, keys: set[str] | None) -> Iterator[Observation]:
        """The files read again, contents too; `keys` limits which."""
        reader = self._company.files
        for app in self._owners():
            owners = None if keys is None else _owner_keys(keys, app.name)
            for row in self._rows(app, owners) if owners != set() else ():
                yield from reader.observations(app, row, keys, self._correspondence.owner(app, row))
        owners = None if keys is None else _owner_keys(keys, MESSAGES)
        for row in self._correspondence.rows(MESSAGES, owners) if owners != set() else ():
            yield from reader.observations(messages(), row, keys)

    def _owners(self) -> list[Application]:
        return [app for app in self._company.applications() if app.file_fields()]

    def _records(
        self, app: Application, rows: Iterable[Json], files: FileStore
    ) -> Iterator[Record | Rejected]:
        for row in rows:
            yield from self._company.files.records(app, row, files, self._correspondence.owner(app, row))

    def _rows(self, app: Application, keys: set[str] | None) -> Iterator[Json]:
        listing = self._company.listing(app)
        if keys is not None:
            yield from listing.by_ids(sorted(keys))
            return
        for page in listing.pages():
            yield from page.rows


def _batch(results: Iterator[Record | Rejected], position: dict[str, Any]) -> Batch:
    read = list(results)
    return Batch(
        records=tuple(r for r in read if isinstance(r, Record)),
        cursor=orjson.dumps(position).decode(),
        rejected=tuple(r for r in read if isinstance(r, Rejected)),
    )


def _owner_keys(keys: set[str], object_name: str) -> set[str]:
    """The keys of the records of `object_name` in file keys (`file@object/key/field`)."""
    owners = (key.partition("@")[2].rsplit("/", 2) for key in keys)
    return {parts[1] for parts in owners if len(parts) > 1 and parts[0] == object_name}
