"""Brings records back that were taken away: out of the trash, or made again.

A project brings its tasks back with it, also those that were archived before (measured on 18.0): these are
archived again. A deleted record is made again under its target id, with its values, references and files.
What it loses: its database id, creation time and creator, followers, and what the server itself noted of it.
Records that refer to each other are made without these references first.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from crossdock.fieldtypes import FieldType
from crossdock.model import (
    Action,
    FieldSchema,
    LedgerEntry,
    ObjectSchema,
    Observation,
    Outcome,
    Receipt,
    Selection,
)
from crossdock_odoo.answers import RefusalError
from crossdock_odoo.client import OdooClient, Row
from crossdock_odoo.identity import Identity, external_name
from crossdock_odoo.objects import INDIRECT, KEY_FIELD, active_field
from crossdock_odoo.reading import Reader
from crossdock_odoo.remaking import cells_of
from crossdock_odoo.restoring import Restorer

ARCHIVED_WITH: Mapping[str, tuple[str, str]] = {"project.project": ("project.task", "project_id")}
"""A model, and the records that its own are archived and brought back with (measured on 18.0)."""
PARTS: Mapping[str, tuple[str, str]] = {"product.template": ("product.product", "product_tmpl_id")}
"""A model, and the parts of its records that are archived with them; the server brings some of them back, or
none (code of 18.0)."""

Targets = dict[str, tuple[str, ...]]  # by field the target ids that it shall lead to


class _Waiting(NamedTuple):
    """A reference that cannot be set as long as its target is absent."""

    schema: ObjectSchema
    target_id: str
    field: str


class Returner:
    """Brings records of one database back."""

    def __init__(self, client: OdooClient, identity: Identity, reader: Reader, restorer: Restorer) -> None:
        self._client, self._identity, self._reader = client, identity, reader
        self._restorer = restorer
        self._waiting: dict[tuple[str, str], list[_Waiting]] = defaultdict(list)  # by model and target id
        self._promised: set[tuple[str, str]] = set()  # what a dry run would have made

    def bring_back(
        self, schema: ObjectSchema, entries: Sequence[LedgerEntry], *, dry_run: bool
    ) -> Iterator[Receipt]:
        """One receipt an entry; `unchanged` for a record that is there.

        `failed` for one that came back without a reference to a record that is absent: it is set as soon
        as a later call makes that record, or when the same entry is brought back once more.
        """
        if not dry_run:
            self._promised.clear()
        ids = tuple(dict.fromkeys(e.target_id for e in entries))
        there = {o.id: o for o in self._reader.observe(schema, Selection(ids=ids))}
        receipts = [self._back(schema, e, there.get(e.target_id), dry_run=dry_run) for e in entries]
        for entry, receipt in zip(entries, receipts, strict=True):
            if receipt.outcome is Outcome.FAILED:
                yield receipt
                continue
            missing = _lost(schema, entry, there.get(entry.target_id))
            connected, problem = self._connect(schema, entry.target_id, missing, dry_run=dry_run)
            if problem:
                yield _receipt(entry, Outcome.FAILED, problem)
            else:
                yield _receipt(entry, Outcome.UPDATED) if connected else receipt
            if receipt.outcome is Outcome.UPDATED and not dry_run:
                self._connect_waiting(schema.name, entry.target_id)

    @property
    def promised(self) -> frozenset[tuple[str, str]]:
        """Model and target id of what a dry run would have brought back."""
        return frozenset(self._promised)

    def _back(
        self, schema: ObjectSchema, entry: LedgerEntry, held: Observation | None, *, dry_run: bool
    ) -> Receipt:
        """Make the record be there, without references to what is absent."""
        if held is not None and not held.trashed:
            return _receipt(entry, Outcome.UNCHANGED)
        owners = {n: t for n, t in _references(schema, entry).items() if _kind(schema, n) == "owner"}
        if held is None and (absent := self._absent(schema, owners)):
            return _receipt(entry, Outcome.FAILED, f"it lies with {_told(absent)}. {_ONCE_MORE}")
        try:
            if not dry_run and held is None:
                self._make_again(schema, entry)
            elif not dry_run and held is not None:
                self._unarchive(schema, entry, held)
        except RefusalError as error:
            return _receipt(entry, Outcome.FAILED, error.message)
        if dry_run:
            self._promised.add((schema.name, entry.target_id))
        return _receipt(entry, Outcome.UPDATED)

    def _unarchive(self, schema: ObjectSchema, entry: LedgerEntry, held: Observation) -> None:
        record_id = self._identity.ids_of(schema.name, [entry.target_id])[entry.target_id]
        column = active_field(self._reader.schemas.metadata(schema.name))
        values = {column: entry.before.get(column, True)}
        values[KEY_FIELD] = entry.before.get(KEY_FIELD) or held.external_id
        values |= self._restorer.stamps(schema, entry.before, held.image)
        other, link = ARCHIVED_WITH.get(schema.name, ("", ""))
        domain = [[link, "=", record_id], ["active", "=", False]]
        asleep = self._client.search(other, domain) if other else []
        self._restorer.write(schema, record_id, values, entry.before)
        part, of = PARTS.get(schema.name, ("", ""))
        parts = self._client.search(part, [[of, "=", record_id], ["active", "=", False]]) if part else []
        if parts and values[column]:
            self._client.write(part, parts, {"active": True}, safe=True)
        if asleep:
            self._client.write(other, asleep, {"active": False}, safe=True)

    def _make_again(self, schema: ObjectSchema, entry: LedgerEntry) -> None:
        cells = cells_of(schema, entry, self._found(schema, _references(schema, entry)), self._reader)
        cells["id"] = external_name(entry.target_id)
        columns = sorted(cells)
        answer = self._client.load(schema.name, columns, [[cells[c] for c in columns]])
        if not answer["ids"]:
            raise RefusalError("; ".join(str(m.get("message")) for m in answer.get("messages") or ()))
        record_id = int(answer["ids"][0])
        self._identity.learn(schema.name, entry.target_id, record_id)
        self._restorer.correct(schema, record_id, entry.before)

    def _found(
        self, schema: ObjectSchema, wanted: Mapping[str, tuple[str, ...]]
    ) -> dict[str, dict[str, int]]:
        """By field the database ids of those of its targets that are there."""
        found: dict[str, dict[str, int]] = {}
        for name, targets in wanted.items():
            relation = _relation(schema, name)
            ids = self._identity.ids_of(relation, targets)
            existing = self._reader.existing(relation, ids.values()) if ids else set()
            found[name] = {target: i for target, i in ids.items() if i in existing}
        return found

    def _absent(self, schema: ObjectSchema, wanted: Mapping[str, tuple[str, ...]]) -> Targets:
        """The targets that are neither there nor promised by a dry run."""
        found = self._found(schema, wanted)
        absent = {
            name: tuple(
                target
                for target in targets
                if target not in found[name] and (_relation(schema, name), target) not in self._promised
            )
            for name, targets in wanted.items()
        }
        return {name: targets for name, targets in absent.items() if targets}

    def _connect(
        self, schema: ObjectSchema, target_id: str, wanted: Targets, *, dry_run: bool
    ) -> tuple[bool, str]:
        """Set references of a record that is there again; whether any was set, and what is in the way."""
        if not wanted:
            return False, ""
        found = {name: ids for name, ids in self._found(schema, wanted).items() if ids}
        try:
            if not dry_run:
                self._write_references(schema, target_id, found)
        except RefusalError as error:
            return False, error.message
        absent = self._absent(schema, wanted)
        if not absent:
            return True, ""
        if not dry_run:
            for name, targets in absent.items():
                for target in targets:
                    self._waiting[_relation(schema, name), target].append(_Waiting(schema, target_id, name))
        return True, f"it comes back without {_told(absent)}. {_ONCE_MORE}"

    def _connect_waiting(self, model: str, target_id: str) -> None:
        """Set the references that waited for this record."""
        for waiting in self._waiting.pop((model, target_id), ()):
            found = self._found(waiting.schema, {waiting.field: (target_id,)})
            try:
                self._write_references(waiting.schema, waiting.target_id, found)
            except RefusalError:
                continue  # its own entry failed, and tells why when it is brought back once more

    def _write_references(
        self, schema: ObjectSchema, target_id: str, found: Mapping[str, Mapping[str, int]]
    ) -> None:
        record_id = self._identity.ids_of(schema.name, [target_id])[target_id]
        values: Row = {}
        for name, targets in found.items():
            field = schema.field(name)
            if field is not None and targets and _kind(schema, name) in ("many2one", "many2many"):
                ids = list(targets.values())
                values[field.settings["column"]] = [[4, i] for i in ids] if field.multiple else ids[0]
        if values:
            self._client.write(schema.name, [record_id], values, safe=True)


_ONCE_MORE = "No such record is there; when it is back, roll back again."


def _references(schema: ObjectSchema, entry: LedgerEntry) -> Targets:
    """Field and target ids of the references that a load wrote into a record."""
    found: Targets = {}
    for field in schema.fields:
        value = entry.base.get(field.name)
        if _is_reference(field) and value:
            found[field.name] = tuple(value) if isinstance(value, tuple | list) else (str(value),)
    return found


def _is_reference(field: FieldSchema) -> bool:
    return field.type is FieldType.REFERENCE and not field.read_only


def _lost(schema: ObjectSchema, entry: LedgerEntry, held: Observation | None) -> Targets:
    """The references that a destroyed record had, and that are not set in what is there now."""
    if entry.removal is not Action.DESTROY:
        return {}
    references = _references(schema, entry)
    had = {n: targets for n, targets in references.items() if _kind(schema, n) not in INDIRECT}
    if held is None:
        return had
    return {name: targets for name, targets in had.items() if not held.values.get(name)}


def _kind(schema: ObjectSchema, name: str) -> str:
    field = schema.field(name)
    return str(field.settings["odoo_type"]) if field is not None else ""


def _relation(schema: ObjectSchema, name: str) -> str:
    field = schema.field(name)
    return str(field.settings["relation"]) if field is not None else ""


def _told(targets: Targets) -> str:
    return ", ".join(f"{name} {', '.join(ids)}" for name, ids in targets.items())


def _receipt(entry: LedgerEntry, outcome: Outcome, *reasons: str) -> Receipt:
    return Receipt(entry.origin, outcome, entry.target_id, reasons)
