"""A source in memory: batches with cursors, a second reading, and records that change under way."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from crossdock.capabilities import Capabilities, Capability, Support
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
    """Records by object and key. The cursor is the number of the records given so far. `clock` is the time
    that it says when it answers; `asks_for_changes`: it can be asked for what changed since a time."""

    schemas: tuple[ObjectSchema, ...] = ()
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    rejected: dict[str, tuple[Rejected, ...]] = field(default_factory=dict)
    batch_size: int = 2
    says: dict[str, int] = field(default_factory=dict)
    dies_after: int | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    asks_for_changes: bool = False
    asked_since: list[tuple[str, datetime | None]] = field(default_factory=list)
    clock: datetime | None = None

    def put(self, object_name: str, key: str, at: datetime | None = None, **values: Any) -> Record:
        """Add or change a record."""
        record = Record(object_name, key, values, updated_at=at)
        self.records.setdefault(object_name, {})[key] = record
        return record

    def delete(self, object_name: str, key: str, at: datetime) -> None:
        """Mark a record as deleted."""
        known = self.records[object_name][key]
        self.records[object_name][key] = replace(known, deleted=True, updated_at=at)

    def drop(self, object_name: str, key: str) -> None:
        """Delete a record."""
        del self.records[object_name][key]

    @hookimpl
    def discover(self) -> Catalog:
        """What it holds."""
        can = {Capability.CHANGED_SINCE: Support.YES} if self.asks_for_changes else {}
        return Catalog("fake", "source-1", self.schemas, Capabilities(can), Limits("company"))

    @hookimpl
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        """Batches after the cursor."""
        self.asked.append((object_name, cursor))
        self.asked_since.append((object_name, since))
        records = list(self.records.get(object_name, {}).values())
        if since is not None:
            records = [r for r in records if r.updated_at is not None and r.updated_at >= since]
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
            yield Batch(chunk, str(start), total, rejected, self.clock)

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Generator[Observation, None, None]:
        """Read a second time."""
        for key, record in list(self.records.get(object_name, {}).items()):
            if selection.ids is None or key in selection.ids:
                yield Observation(
                    object_name, key, record.values, record.deleted, updated_at=record.updated_at
                )
