"""Takes records away because their source records were deleted, and brings them back.

Into the trash and out of it nothing else changes (measured on 2.21.0): what refers to the record goes on
referring to it. Destroying one empties every reference to it, and takes its attachments and its links to
notes and tasks with it (measured). None of that could be brought back, so a record that anything refers to is
not destroyed; rows of the timeline, which the server makes, do not count.

A destroyed record is made again with its id, values, author, creation time and files. What it loses: its
rows of the timeline, `updatedAt` and `updatedBy`, and its files get new ids.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.model import Action, LedgerEntry, ObjectSchema, Outcome, Receipt, Selection, TargetRecord
from crossdock.values import StoredFile
from crossdock_twenty.answers import RefusalError
from crossdock_twenty.client import TwentyClient
from crossdock_twenty.reading import PAGE, Reader, chunks

_NOT_COUNTED = frozenset({"timelineActivity"})

Schemas = Callable[[], Mapping[str, ObjectSchema]]


class Remover:
    """Removes records of one workspace, and makes removed ones again. `schemas` gives all objects."""

    def __init__(self, client: TwentyClient, reader: Reader, schemas: Schemas) -> None:
        self._client, self._reader, self._schemas = client, reader, schemas

    def remove(self, schema: ObjectSchema, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
        """Take the records away as their action says; one receipt each, `unchanged` if it was gone."""
        trash = [r for r in records if r.action is Action.TRASH]
        yield from self._trash(schema, trash)
        yield from self._destroy(schema, [r for r in records if r.action is Action.DESTROY])

    def bring_back(
        self, schema: ObjectSchema, entries: Sequence[LedgerEntry], *, dry_run: bool
    ) -> Iterator[Receipt]:
        """Take records out of the trash, or make them again; `unchanged` for one that is there."""
        selection = Selection(ids=tuple(dict.fromkeys(e.target_id for e in entries)))
        there = {o.id: o.trashed for o in self._reader.observe(schema, selection)}
        for entry in entries:
            trashed = there.get(entry.target_id)
            if trashed is False:
                yield _undone(entry, Outcome.UNCHANGED)
                continue
            try:
                if not dry_run:
                    self._back(schema, entry, trashed=bool(trashed))
            except RefusalError as error:
                yield _undone(entry, Outcome.FAILED, error.message)
            else:
                yield _undone(entry, Outcome.UPDATED)

    def _trash(self, schema: ObjectSchema, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
        for chunk in chunks(records, PAGE):
            live = self._reader.live(schema, [r.target_id for r in chunk])
            if live:
                self._client.trash(schema.name, schema.settings["plural"], sorted(live))
            yield from (_removed(r, r.target_id in live) for r in chunk)

    def _destroy(self, schema: ObjectSchema, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
        for chunk in chunks(records, PAGE):
            there = self._reader.existing(schema, [r.target_id for r in chunk])
            blocked = self._blocked(schema, there) if there else {}
            if gone := sorted(there - blocked.keys()):
                self._client.destroy(schema.name, schema.settings["plural"], gone)
            for record in chunk:
                if record.target_id in blocked:
                    yield _kept(record, blocked[record.target_id])
                else:
                    yield _removed(record, record.target_id in there)

    def _blocked(self, schema: ObjectSchema, ids: set[str]) -> dict[str, Counter[str]]:
        """What refers to these records from outside them, counted by object."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for other in self._schemas().values():
            if other.name in _NOT_COUNTED:
                continue
            for field in other.fields:
                if field.type is FieldType.REFERENCE and schema.name in field.references:
                    for owner, target in self._reader.pointing(other, field, sorted(ids)):
                        if other.name != schema.name or owner not in ids:
                            found[target][other.name] += 1
        return {target: counts for target, counts in found.items() if target in ids}

    def _back(self, schema: ObjectSchema, entry: LedgerEntry, *, trashed: bool) -> None:
        plural = schema.settings["plural"]
        if trashed:
            wire = {"deletedAt": entry.before.get("deletedAt")}
            self._client.update(schema.name, plural, entry.target_id, wire, repeat=True)
            return
        files = {f.settings["column"] for f in schema.fields if f.settings["twenty_type"] == "FILES"}
        left_out = files | {"deletedAt"}
        row = {c: v for c, v in entry.before.items() if v is not None and c not in left_out}
        row |= self._files(schema, entry)
        self._client.create(schema.name, plural, [{**row, "id": entry.target_id}])

    def _files(self, schema: ObjectSchema, entry: LedgerEntry) -> dict[str, Any]:
        """The files of a destroyed record, uploaded again from the file store."""
        columns: dict[str, Any] = {}
        for field in schema.fields:
            column = field.settings["column"]
            if field.settings["twenty_type"] == "FILES" and entry.before.get(column):
                kept = [f for f in entry.base.get(field.name) or () if isinstance(f, StoredFile)]
                if len(kept) < len(entry.before[column]):
                    raise RefusalError(f"{field.name}: the contents of its files are not known any more.")
                columns[column] = [
                    {"fileId": self._client.upload(f, field.settings["id"]), "label": f.name or "file"}
                    for f in kept
                ]
        return columns


def _removed(record: TargetRecord, was_there: bool) -> Receipt:
    outcome = Outcome.UPDATED if was_there else Outcome.UNCHANGED
    return Receipt(record.origin, outcome, record.target_id)


def _kept(record: TargetRecord, referring: Counter[str]) -> Receipt:
    told = ", ".join(f"{count} {name}" for name, count in sorted(referring.items()))
    reason = (
        f"not destroyed: {told} refer to it, and would lose that for good. Delete them at the source too,"
        " or decide `deletions: trash`."
    )
    return Receipt(record.origin, Outcome.REJECTED, record.target_id, (reason,))


def _undone(entry: LedgerEntry, outcome: Outcome, *reasons: str) -> Receipt:
    return Receipt(entry.origin, outcome, entry.target_id, reasons)
