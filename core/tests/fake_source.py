"""A source in memory: batches with cursors, a second reading, and records that change under way."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crossdock.capabilities import Capabilities
from crossdock.filestore import FileStore
from crossdock.hookspecs import hookimpl
from crossdock.model import (
    Batch,
    Catalog,
    Limits,
    ObjectSchema,
    Observation,
    Record,
    Rejected,
    Selection,
)


@dataclass
class FakeSource:
    """Records by object and key. The cursor is the number of the records given so far."""

    schemas: tuple[ObjectSchema, ...] = ()
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    rejected: dict[str, tuple[Rejected, ...]] = field(default_factory=dict)
    batch_size: int = 2
    says: dict[str, int] = field(default_factory=dict)
    dies_after: int | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def put(self, object_name: str, key: str, at: datetime | None = None, **values: Any) -> Record:
        """Add or change a record."""
        record = Record(object_name, key, values, updated_at=at)
        self.records.setdefault(object_name, {})[key] = record
        return record

    def drop(self, object_name: str, key: str) -> None:
        """Delete a record."""
        del self.records[object_name][key]

    @hookimpl
    def discover(self) -> Catalog:
        """What it holds."""
        return Catalog("fake", "source-1", self.schemas, Capabilities(), Limits("company"))

    @hookimpl
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        """Batches after the cursor."""
        self.asked.append((object_name, cursor))
        records = list(self.records.get(object_name, {}).values())
        total = self.says.get(object_name, len(records))
        start = int(cursor or 0)
        given = 0
        while start < len(records) or (start == 0 and given == 0):
            if self.dies_after is not None and given >= self.dies_after:
                raise ConnectionError("the source went away")
            chunk = tuple(records[start : start + self.batch_size])
            start += self.batch_size
            given += 1
            rejected = self.rejected.get(object_name, ()) if start >= len(records) else ()
            yield Batch(chunk, str(start), total, rejected)

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Generator[Observation, None, None]:
        """Read a second time."""
        for key, record in list(self.records.get(object_name, {}).items()):
            if selection.ids is None or key in selection.ids:
                yield Observation(
                    object_name, key, record.values, record.deleted, updated_at=record.updated_at
                )
