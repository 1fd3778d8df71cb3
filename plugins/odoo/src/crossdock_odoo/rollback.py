"""Undoes what a run did in a database: deletes, restores, and takes back schema changes.

Entries come newest first. A record stays if deleting it would take things of others along, or if Odoo would
refuse it (a stage in use, the contact of a company): the reason names them, in a dry run too. A schema
change stays if anything outside the entries uses it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from crossdock.model import (
    Change,
    ChangeKind,
    LedgerEntry,
    ObjectSchema,
    Observation,
    Outcome,
    Receipt,
    Selection,
)
from crossdock_odoo.answers import GoneError, RefusalError
from crossdock_odoo.automations import Automations
from crossdock_odoo.client import OdooClient, Row
from crossdock_odoo.identity import Identity, chunks
from crossdock_odoo.objects import KEY_FIELD, active_field
from crossdock_odoo.partners import OWN, PARTNER
from crossdock_odoo.reading import PAGE, Reader
from crossdock_odoo.referrers import Found, blocked, told
from crossdock_odoo.removal import Remover
from crossdock_odoo.restoring import Wanted, same
from crossdock_odoo.schema_undo import SchemaUndo
from crossdock_odoo.successors import Successors


class Undoer:
    """Undoes ledger entries of one database.

    A dry run remembers what it would have removed, so that its later answers equal those of a run.
    """

    def __init__(
        self,
        client: OdooClient,
        identity: Identity,
        reader: Reader,
        automations: Automations,
        remover: Remover,
    ) -> None:
        self._client, self._identity, self._reader = client, identity, reader
        self._automations, self._remover = automations, remover
        self._successors = Successors(identity, reader)
        self._destroyed: dict[str, set[int]] = defaultdict(set)
        self._restorable: dict[str, set[int]] = defaultdict(set)  # by a dry run, which restores nothing
        self._written: dict[tuple[str, int], Row] = {}  # what a dry run would have written, by model and id
        self._kept: dict[str, set[int]] = defaultdict(set)  # created records that had to stay
        self._changes = SchemaUndo(client)

    def undo(self, entries: Sequence[LedgerEntry], *, dry_run: bool) -> Iterator[Receipt]:
        """One receipt an entry: updated (undone), unchanged (was gone), failed (kept, with the reason)."""
        if not dry_run:
            self._destroyed.clear()
            self._restorable.clear()
            self._written.clear()
            self._changes.forget()
        for key, group in groupby(entries, key=_kind):
            batch = list(group)
            if key == "pause":
                yield from (self._resume(entry, dry_run=dry_run) for entry in batch)
                continue
            if key == "change":
                yield from self._take_back(batch, dry_run=dry_run)
                continue
            if batch[0].object_name not in self._reader.schemas.names():
                self.refresh()
            if batch[0].object_name not in self._reader.schemas.names():
                yield from (_receipt(entry, Outcome.UNCHANGED) for entry in batch)
                continue
            schema = self._reader.schemas.schema(batch[0].object_name)
            if key.startswith("removed"):
                yield from self._remover.bring_back(schema, batch, dry_run=dry_run)
            elif key.startswith("created"):
                yield from self._destroy(schema, batch, dry_run=dry_run)
            else:
                yield from self._restore(schema, batch, dry_run=dry_run)

    def refresh(self) -> None:
        """Forget the schema: it was changed."""
        self._reader.schemas.refresh()
        self._remover.referrers.refresh()

    def _destroy(
        self, schema: ObjectSchema, entries: Sequence[LedgerEntry], *, dry_run: bool
    ) -> Iterator[Receipt]:
        for chunk in chunks(entries, PAGE):
            names = list(dict.fromkeys(e.target_id for e in chunk))
            ids = self._identity.ids_of(schema.name, names)
            there = self._reader.existing(schema.name, ids.values())
            found = self._holding(schema.name, there)
            stuck = blocked(schema.name, there, found, self._destroyed)
            going = there - stuck.keys()
            kept = {} if dry_run else self._remover.unlinker.unlink(schema.name, going, names)
            self._destroyed[schema.name].update(going - kept.keys())
            self._kept[schema.name] -= going - kept.keys()
            self._kept[schema.name] |= stuck.keys() | kept.keys()
            for entry in chunk:
                record_id = ids.get(entry.target_id, 0)
                if record_id in stuck:
                    in_the_way = told(stuck[record_id])
                    yield _receipt(entry, Outcome.FAILED, f"kept: {in_the_way} are in the way of deleting it")
                elif record_id in kept:
                    yield _receipt(entry, Outcome.FAILED, f"kept: {kept[record_id]}")
                else:
                    yield _receipt(entry, Outcome.UPDATED if record_id in there else Outcome.UNCHANGED)

    def _holding(self, model: str, ids: Collection[int]) -> Found:
        """What keeps records; those of them that stay keep what others of them refer to."""
        return self._remover.referrers.holding(model, ids, self._kept, self._written) if ids else {}

    def _restore(
        self, schema: ObjectSchema, entries: Sequence[LedgerEntry], *, dry_run: bool
    ) -> Iterator[Receipt]:
        names = list(dict.fromkeys(e.target_id for e in entries))
        ids = self._identity.ids_of(schema.name, names)
        there = {o.id: o for o in self._reader.observe(schema, Selection(ids=tuple(names)))}
        entries = self._successors.followed(schema, entries, self._remover.promised if dry_run else ())
        mine = self._written_by_key(schema, [ids[name] for name in there])
        wanted: dict[int, Wanted] = {}
        for entry in entries:
            if entry.target_id in there:
                record_id, held = ids[entry.target_id], there[entry.target_id]
                values = self._to_write_back(schema, entry, held, mine=record_id in mine)
                if values:
                    wanted[record_id] = Wanted(values, entry.before)
        lost = self._remover.restorer.without_lost(schema, wanted)
        if dry_run:
            self._written |= {(schema.name, i): _held(w.values) for i, w in wanted.items()}
            self._restorable[schema.name].update(ids[name] for name in there)
        refused = {} if dry_run else self._remover.restorer.write_all(schema, wanted)
        # The server says the same of a record that is gone and of one that refers to something gone.
        missing = [i for i, error in refused.items() if isinstance(error, GoneError)]
        gone = set(missing) - self._reader.existing(schema.name, missing) if missing else set()
        for entry in entries:
            record_id = ids.get(entry.target_id, 0)
            error = refused.get(record_id)
            if record_id in gone or entry.target_id not in there:
                yield _receipt(entry, Outcome.UNCHANGED)  # somebody deleted it: there is nothing to restore
            elif isinstance(error, RefusalError):
                yield _receipt(entry, Outcome.FAILED, error.message)
            elif record_id in lost:
                yield _receipt(entry, Outcome.FAILED, f"it referred to {lost[record_id]}, which is gone")
            else:
                yield _receipt(entry, Outcome.UPDATED if record_id in wanted else Outcome.UNCHANGED)

    def _to_write_back(
        self, schema: ObjectSchema, entry: LedgerEntry, held: Observation, *, mine: bool
    ) -> Row:
        """What to write back: the fields that the run wrote, its key, and the trash; {} if all is back."""
        before, image = entry.before, held.image
        names = [*entry.fields, *_currencies(schema, entry.fields)]
        values = self._reader.wire_back(schema, before, names)
        columns = [KEY_FIELD]
        if entry.was_trashed:
            columns.append(active_field(self._reader.schemas.metadata(schema.name)))
        if mine and schema.name == PARTNER and "parent_id" in entry.fields:
            columns += OWN  # a run that was killed may have left those of the company
        values |= {column: before[column] for column in columns if column in before}
        values = {c: value for c, value in values.items() if not same(image.get(c), before[c])}
        # Stamps are the server's; what somebody else changed meanwhile is theirs.
        return values | self._remover.restorer.stamps(schema, before, image) if values and mine else values

    def _written_by_key(self, schema: ObjectSchema, ids: Sequence[int]) -> set[int]:
        """Those of the records that nobody wrote to after the key's user."""
        rows = self._client.read(schema.name, sorted(ids), ["write_uid"])
        return {row["id"] for row in rows if row["write_uid"] == self._client.user_id}

    def _resume(self, entry: LedgerEntry, *, dry_run: bool) -> Receipt:
        if entry.change is None:
            return _receipt(entry, Outcome.UNCHANGED)
        outcome, reason = self._automations.resume(entry.change, dry_run=dry_run)
        return _receipt(entry, outcome, *([reason] if reason else []))

    def _take_back(self, entries: Sequence[LedgerEntry], *, dry_run: bool) -> Iterator[Receipt]:
        by_key = {entry.change.key: entry for entry in entries if entry.change is not None}
        changes = [entry.change for entry in by_key.values() if entry.change is not None]
        for change, outcome, reason in self._changes.undo(changes, self._own, dry_run=dry_run):
            yield _receipt(by_key[change.key], outcome, *([reason] if reason else []))
        if not dry_run:
            self.refresh()

    def _own(self, change: Change) -> frozenset[int]:
        """The records of a change's model that are undone too, and do not keep it."""
        own = frozenset(self._destroyed[change.object_name])
        return own if change.kind is ChangeKind.OBJECT else own | self._restorable[change.object_name]


def _currencies(schema: ObjectSchema, names: Sequence[str]) -> Iterator[str]:
    """The fields that hold the currencies of amounts, where they can be written."""
    for name in names:
        field = schema.field(name)
        own = schema.field(str(field.settings.get("currency_field", ""))) if field is not None else None
        if own is not None and not own.read_only:
            yield own.name


def _held(values: Mapping[str, Any]) -> Row:
    """References as database ids, of values as a write takes them."""
    return {
        column: value[0][2] if isinstance(value, list) and value and value[0][0] == 6 else [value]
        for column, value in values.items()
        if not isinstance(value, str | float)
    }


def _kind(entry: LedgerEntry) -> str:
    if entry.change is not None:
        return "pause" if entry.change.kind is ChangeKind.PAUSE else "change"
    if entry.removal is not None:
        return f"removed:{entry.object_name}"
    return f"{'created' if entry.outcome is Outcome.CREATED else 'updated'}:{entry.object_name}"


def _receipt(entry: LedgerEntry, outcome: Outcome, *reasons: str) -> Receipt:
    return Receipt(entry.origin, outcome, entry.target_id, reasons)
