"""Takes records away because their source records were deleted, and brings them back.

Into the trash and out of it nothing else changes (measured on 2.21.0): what refers to the record goes on
referring to it. Destroying one empties every reference to it, and takes its attachments and its links to
notes and tasks with it (measured). None of that could be brought back, so a record that anything refers to is
not destroyed, unless that is destroyed by the same request; rows of the timeline, which the server makes,
do not count.

A destroyed record is made again with its id, values, author, creation time and files. What it loses: its
rows of the timeline, `updatedAt` and `updatedBy`, and its files get new ids. Records that refer to each other
are made without these references first: the server refuses one that leads nowhere (measured).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from crossdock.fieldtypes import FieldType
from crossdock.model import (
    Action,
    LedgerEntry,
    ObjectSchema,
    Observation,
    Outcome,
    Receipt,
    Selection,
    TargetRecord,
)
from crossdock.values import StoredFile
from crossdock_twenty.answers import RefusalError
from crossdock_twenty.client import TwentyClient
from crossdock_twenty.reading import PAGE, Reader, chunks

_NOT_COUNTED = frozenset({"timelineActivity"})
_NAMED = 3  # how many of the records that are in the way a message names
# Null for one of these is another thing than leaving it out, or is refused (measured for rich texts).
_COMPOSITE = frozenset(
    {"ACTOR", "ADDRESS", "CURRENCY", "EMAILS", "FULL_NAME", "LINKS", "PHONES", "RICH_TEXT"}
)
_LISTS = frozenset({"ARRAY", "MULTI_SELECT"})

Schemas = Callable[[], Mapping[str, ObjectSchema]]


class _Referrer(NamedTuple):
    """A record that refers to another one."""

    object_name: str
    id: str


class _Waiting(NamedTuple):
    """A reference that cannot be set as long as its target is absent."""

    schema: ObjectSchema
    id: str
    column: str


class Remover:
    """Removes records of one workspace, and makes removed ones again. `schemas` gives all objects."""

    def __init__(self, client: TwentyClient, reader: Reader, schemas: Schemas) -> None:
        self._client, self._reader, self._schemas = client, reader, schemas
        self._waiting: dict[str, list[_Waiting]] = defaultdict(list)  # by the id of the absent target
        self._promised: set[str] = set()  # what a dry run would have made

    def remove(self, schema: ObjectSchema, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
        """Take the records away as their action says; one receipt each, `unchanged` if it was gone."""
        trash = [r for r in records if r.action is Action.TRASH]
        yield from self._trash(schema, trash)
        yield from self._destroy(schema, [r for r in records if r.action is Action.DESTROY])

    def bring_back(
        self, schema: ObjectSchema, entries: Sequence[LedgerEntry], *, dry_run: bool
    ) -> Iterator[Receipt]:
        """Take records out of the trash, or make them again; `unchanged` for one that is there.

        `failed` for one that came back without a reference to a record that is absent: it is set as soon
        as a later call makes that record, or when the same entry is brought back once more.
        """
        selection = Selection(ids=tuple(dict.fromkeys(e.target_id for e in entries)))
        there = {o.id: o for o in self._reader.observe(schema, selection)}
        wanted = {e.target_id: _references(schema, e, there.get(e.target_id)) for e in entries}
        present = self._present(schema, wanted) | (self._promised if dry_run else set())
        receipts = []
        for entry in entries:
            held, references = there.get(entry.target_id), wanted[entry.target_id]
            if held is not None and not held.trashed and not references:
                receipts.append(_undone(entry, Outcome.UNCHANGED))
                continue
            try:
                if not dry_run and (held is None or held.trashed):
                    left_out = frozenset(c for c, target in references.items() if target not in present)
                    self._back(schema, entry, left_out, trashed=held is not None)
                    if held is None:
                        wanted[entry.target_id] = {c: references[c] for c in sorted(left_out)}
            except RefusalError as error:
                receipts.append(_undone(entry, Outcome.FAILED, error.message))
                wanted[entry.target_id] = {}
            else:
                present.add(entry.target_id)
                receipts.append(_undone(entry, Outcome.UPDATED))
        if dry_run:
            self._promised |= present
        for entry, receipt in zip(entries, receipts, strict=True):
            problem = self._connect(schema, entry, wanted[entry.target_id], present, dry_run=dry_run)
            yield _undone(entry, Outcome.FAILED, problem) if problem else receipt
            if not dry_run and receipt.outcome is Outcome.UPDATED:
                self._connect_waiting(entry.target_id)

    def take_out_absent(
        self, schema: ObjectSchema, wires: Mapping[str, dict[str, Any]], *, dry_run: bool
    ) -> dict[str, str]:
        """Take references to records that are absent out of what is to be written; by record why.

        The server would refuse the whole write for one of them (measured on 2.21.0).
        """
        columns = {f.settings["column"] for f in schema.fields if f.type is FieldType.REFERENCE}
        led = {i: {c: str(w[c]) for c in sorted(columns & w.keys()) if w[c]} for i, w in wires.items()}
        present = self._present(schema, led) | (self._promised if dry_run else set())
        lost = {}
        for target_id, references in led.items():
            if absent := {c: target for c, target in references.items() if target not in present}:
                lost[target_id] = _lacking(absent)
                for column in absent:
                    del wires[target_id][column]
        return lost

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

    def _blocked(self, schema: ObjectSchema, ids: set[str]) -> dict[str, list[_Referrer]]:
        """Which of these records have to stay, and what refers to each that stays too.

        A record that has to stay keeps what it refers to, so this is counted until nothing changes.
        """
        referring = self._referring(schema, ids)
        going = set(ids)
        while True:
            found = {
                target: [r for r in referrers if r.object_name != schema.name or r.id not in going]
                for target, referrers in referring.items()
            }
            blocked = {target: staying for target, staying in found.items() if staying}
            if not going & blocked.keys():
                return blocked
            going -= blocked.keys()

    def _referring(self, schema: ObjectSchema, ids: set[str]) -> dict[str, list[_Referrer]]:
        """What refers to these records, by their ids."""
        found: dict[str, list[_Referrer]] = defaultdict(list)
        for other in self._schemas().values():
            if other.name in _NOT_COUNTED:
                continue
            for field in other.fields:
                if field.type is FieldType.REFERENCE and schema.name in field.references:
                    for owner, target in self._reader.pointing(other, field, sorted(ids)):
                        if target in ids:
                            found[target].append(_Referrer(other.name, owner))
        return found

    def _present(self, schema: ObjectSchema, wanted: Mapping[str, Mapping[str, str]]) -> set[str]:
        """Which of the targets of these references exist, live or in the trash."""
        present: set[str] = set()
        schemas = self._schemas() if any(wanted.values()) else {}
        for field in schema.fields:
            column = field.settings["column"]
            ids = sorted({found[column] for found in wanted.values() if column in found})
            for name in field.references if ids else ():
                # Of an object that cannot be looked up the server has to decide.
                present.update(self._reader.existing(schemas[name], ids) if name in schemas else ids)
        return present

    def _connect(
        self,
        schema: ObjectSchema,
        entry: LedgerEntry,
        references: Mapping[str, str],
        present: set[str],
        *,
        dry_run: bool,
    ) -> str:
        """Set references of a record that is there again; what is in the way, "" if nothing is."""
        absent = {c: target for c, target in references.items() if target not in present}
        wire = {c: target for c, target in references.items() if c not in absent}
        try:
            if wire and not dry_run:
                plural = schema.settings["plural"]
                self._client.update(schema.name, plural, entry.target_id, wire, repeat=True)
        except RefusalError as error:
            return error.message
        if not dry_run:
            for column, target in absent.items():
                self._waiting[target].append(_Waiting(schema, entry.target_id, column))
        return _lacking(absent) if absent else ""

    def _connect_waiting(self, target: str) -> None:
        """Set the references that waited for this record."""
        for waiting in self._waiting.pop(target, ()):
            plural = waiting.schema.settings["plural"]
            try:
                wire = {waiting.column: target}
                self._client.update(waiting.schema.name, plural, waiting.id, wire, repeat=True)
            except RefusalError:
                continue  # its own entry failed, and tells why when it is brought back once more

    def _back(
        self, schema: ObjectSchema, entry: LedgerEntry, left_out: frozenset[str], *, trashed: bool
    ) -> None:
        """Take a record out of the trash, or make it again without the columns `left_out`."""
        plural = schema.settings["plural"]
        if trashed:
            wire = {"deletedAt": entry.before.get("deletedAt")}
            self._client.update(schema.name, plural, entry.target_id, wire, repeat=True)
            return
        files = {f.settings["column"] for f in schema.fields if f.settings["twenty_type"] == "FILES"}
        empty = _kept_empty(schema)
        lists = {f.settings["column"] for f in schema.fields if f.settings["twenty_type"] in _LISTS}
        # Null is read back as an empty list, so that may stand for it.
        held = {c: None if v == [] and c in lists else v for c, v in entry.before.items()}
        row = {
            column: value
            for column, value in held.items()
            if column not in files | left_out | {"deletedAt"} and (value is not None or column in empty)
        }
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


def _lacking(absent: Mapping[str, str]) -> str:
    """Why a record is not as before. absent: by column the id of what it referred to."""
    told = ", ".join(f"{column} {target}" for column, target in absent.items())
    return f"it comes back without {told}: no such record is there. When that is back, roll back again."


def _removed(record: TargetRecord, was_there: bool) -> Receipt:
    outcome = Outcome.UPDATED if was_there else Outcome.UNCHANGED
    return Receipt(record.origin, outcome, record.target_id)


def _kept(record: TargetRecord, referring: Sequence[_Referrer]) -> Receipt:
    by_object: dict[str, list[str]] = defaultdict(list)
    for owner in referring:
        by_object[owner.object_name].append(owner.id)
    told = ", ".join(f"{len(ids)} {name} ({_some(ids)})" for name, ids in sorted(by_object.items()))
    reason = (
        f"not destroyed: {told} refer to it, and would lose that for good. Delete them at the source too, or"
        " see why they stay if they are deleted there; or decide `deletions: trash`."
    )
    return Receipt(record.origin, Outcome.REJECTED, record.target_id, (reason,))


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:_NAMED]) + (", ..." if len(ids) > _NAMED else "")


def _references(schema: ObjectSchema, entry: LedgerEntry, held: Observation | None) -> dict[str, str]:
    """Column and target of the references that a destroyed record had, and does not have now."""
    if entry.removal is not Action.DESTROY:
        return {}
    columns = [f.settings["column"] for f in schema.fields if f.type is FieldType.REFERENCE]
    had = {c: str(entry.before[c]) for c in columns if entry.before.get(c)}
    return {c: target for c, target in had.items() if held is None or not held.image.get(c)}


def _kept_empty(schema: ObjectSchema) -> set[str]:
    """Columns that the server would fill with its default if a create left them out."""
    return {
        f.settings["column"]
        for f in schema.fields
        if f.default is not None and not f.required and f.settings["twenty_type"] not in _COMPOSITE
    }


def _undone(entry: LedgerEntry, outcome: Outcome, *reasons: str) -> Receipt:
    return Receipt(entry.origin, outcome, entry.target_id, reasons)
