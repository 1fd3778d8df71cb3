"""Undoes what a run did in a workspace: destroys, restores, and takes back schema changes.

Destroying a record also destroys its links and attachments (measured on 2.21.0), so entries come newest
first. A schema change stays if anything outside the entries uses it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from crossdock.model import ChangeKind, LedgerEntry, ObjectSchema, Outcome, Receipt, Selection
from crossdock_twenty.answers import GoneError, RefusalError
from crossdock_twenty.automations import Automations
from crossdock_twenty.client import TwentyClient
from crossdock_twenty.reading import PAGE, Reader, chunks
from crossdock_twenty.removal import Remover
from crossdock_twenty.schema import KEY_FIELD, object_schema, standard_application
from crossdock_twenty.schema_undo import SchemaUndo

_LINKED = frozenset({"task", "note"})  # the server notes a link to these at the other record (measured)


class Undoer:
    """Undoes ledger entries of one workspace.

    A dry run remembers what it would have removed, so that its later answers equal those of a run.
    """

    def __init__(
        self, client: TwentyClient, reader: Reader, automations: Automations, remover: Remover
    ) -> None:
        self._client, self._reader = client, reader
        self._automations, self._remover = automations, remover
        self._destroyed: dict[str, set[str]] = defaultdict(set)
        self._restorable: dict[str, set[str]] = defaultdict(set)  # by a dry run, which restores nothing
        self._changes = SchemaUndo(client, reader)
        self._dry = False

    def undo(self, entries: Sequence[LedgerEntry], *, dry_run: bool) -> Iterator[Receipt]:
        """One receipt an entry: updated (undone), unchanged (was gone), failed (kept, with the reason)."""
        if dry_run != self._dry or any(entry.change is None for entry in entries):
            self.refresh()
        self._dry = dry_run
        if not dry_run:
            self._destroyed.clear()
            self._restorable.clear()
            self._changes.forget()
        schemas: dict[str, ObjectSchema] | None = None
        for key, group in groupby(entries, key=_kind):
            batch = list(group)
            if key == "change":
                schemas = None
                yield from (self._change(entry, dry_run=dry_run) for entry in batch)
                continue
            schemas = schemas or self._schemas()
            schema = schemas.get(batch[0].object_name)
            if schema is None:
                yield from (_receipt(entry, Outcome.UNCHANGED) for entry in batch)
            elif key.startswith("removed"):
                yield from self._remover.bring_back(schema, batch, dry_run=dry_run)
            elif key.startswith("created"):
                yield from self._destroy(schema, batch, schemas.get("timelineActivity"), dry_run=dry_run)
            else:
                yield from self._restore(schema, batch, dry_run=dry_run)

    def refresh(self) -> None:
        """Read the schema again before the next of its changes is undone."""
        self._changes.refresh()

    def _schemas(self) -> dict[str, ObjectSchema]:
        nodes = self._client.objects()
        standard = standard_application(nodes)
        return {n["nameSingular"]: object_schema(n, standard=standard) for n in nodes}

    def _destroy(
        self,
        schema: ObjectSchema,
        entries: Sequence[LedgerEntry],
        timeline: ObjectSchema | None,
        *,
        dry_run: bool,
    ) -> Iterator[Receipt]:
        for chunk in chunks(entries, PAGE):
            ids = list(dict.fromkeys(e.target_id for e in chunk))
            there = self._reader.existing(schema, ids)
            self._destroyed[schema.name].update(ids)
            if there and not dry_run:
                try:
                    self._clear_timeline(schema, timeline, sorted(there))
                    self._client.destroy(schema.name, schema.settings["plural"], sorted(there))
                except RefusalError as error:
                    yield from (_receipt(e, Outcome.FAILED, error.message) for e in chunk)
                    continue
            for entry in chunk:
                yield _receipt(entry, Outcome.UPDATED if entry.target_id in there else Outcome.UNCHANGED)

    def _clear_timeline(
        self, schema: ObjectSchema, timeline: ObjectSchema | None, ids: Sequence[str]
    ) -> None:
        """Destroy what the server noted of these records.

        Left alone, the rows of tasks and of custom objects would stay behind and point to nothing, and
        those about a task or a note at the records that it was linked to.
        """
        if timeline is None:
            return
        names = ["target" + schema.name[0].upper() + schema.name[1:]]
        names += ["linkedRecordId"] if schema.name in _LINKED else []
        fields = [field for field in map(timeline.field, names) if field is not None]
        rows = [row for field in fields for row in self._reader.referring(timeline, field, ids)]
        for part in chunks(list(dict.fromkeys(rows)), PAGE):
            self._client.destroy(timeline.name, timeline.settings["plural"], part)

    def _restore(
        self, schema: ObjectSchema, entries: Sequence[LedgerEntry], *, dry_run: bool
    ) -> Iterator[Receipt]:
        selection = Selection(ids=tuple(dict.fromkeys(e.target_id for e in entries)))
        there = {o.id: o.image for o in self._reader.observe(schema, selection)}
        if dry_run:
            self._restorable[schema.name].update(there)
        wires = {
            e.target_id: _to_write_back(schema, e, there[e.target_id])
            for e in entries
            if e.target_id in there
        }
        lost = self._remover.take_out_absent(schema, wires, dry_run=dry_run)
        for entry in entries:
            if entry.target_id not in there:
                yield _receipt(entry, Outcome.UNCHANGED)  # somebody deleted it: there is nothing to restore
                continue
            receipt = self._write_back(schema, entry, wires[entry.target_id], dry_run=dry_run)
            problem = lost.get(entry.target_id, "")
            yield _receipt(entry, Outcome.FAILED, *receipt.reasons, problem) if problem else receipt

    def _write_back(
        self, schema: ObjectSchema, entry: LedgerEntry, wire: Mapping[str, Any], *, dry_run: bool
    ) -> Receipt:
        try:
            if wire and not dry_run:
                plural = schema.settings["plural"]
                self._client.update(schema.name, plural, entry.target_id, wire, repeat=True)
        except GoneError:
            return _receipt(entry, Outcome.UNCHANGED)
        except RefusalError as error:
            return _receipt(entry, Outcome.FAILED, error.message)
        return _receipt(entry, Outcome.UPDATED if wire else Outcome.UNCHANGED)

    def _change(self, entry: LedgerEntry, *, dry_run: bool) -> Receipt:
        if entry.change is None:
            return _receipt(entry, Outcome.UNCHANGED)
        if entry.change.kind is ChangeKind.PAUSE:
            outcome, reason = self._automations.resume(entry.change, dry_run=dry_run)
            return _receipt(entry, outcome, *([reason] if reason else []))
        own = frozenset(self._destroyed[entry.object_name])
        if entry.change.kind is not ChangeKind.OBJECT:
            own |= self._restorable[entry.object_name]
        outcome, reason = self._changes.undo(entry.change, own, dry_run=dry_run)
        return _receipt(entry, outcome, *([reason] if reason else []))


def _kind(entry: LedgerEntry) -> str:
    if entry.change is not None:
        return "change"
    if entry.removal is not None:
        return f"removed:{entry.object_name}"
    return f"{'created' if entry.outcome is Outcome.CREATED else 'updated'}:{entry.object_name}"


def _receipt(entry: LedgerEntry, outcome: Outcome, *reasons: str) -> Receipt:
    return Receipt(entry.origin, outcome, entry.target_id, reasons)


def _to_write_back(schema: ObjectSchema, entry: LedgerEntry, held: Mapping[str, Any]) -> dict[str, Any]:
    """The columns to write back: those the run wrote, its key, and the trash mark; {} if they are back."""
    columns = [f.settings["column"] for f in schema.fields if f.name in (*entry.fields, KEY_FIELD)]
    wire = {c: entry.before[c] for c in columns if c in entry.before}
    if entry.was_trashed:
        wire["deletedAt"] = entry.before.get("deletedAt")
    return {} if all(_plain(held.get(c)) == _plain(value) for c, value in wire.items()) else wire


def _plain(value: Any) -> Any:
    """A wire value as far as it can be written back.

    The editor's blocks are made anew by the server; an empty context of an author is dropped (measured).
    """
    if not isinstance(value, Mapping):
        return value
    return {k: v for k, v in value.items() if k != "blocknote" and (k != "context" or v)}
