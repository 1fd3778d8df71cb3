"""A destination that takes everything and writes nothing: what a dry run loads into.

It reads from the real one, checks each target record as that one would, and remembers what it was given,
so that later phases find it. The outcomes are those that the run after it has.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crossdock.compare import same
from crossdock.equality import is_empty
from crossdock.errors import ContractError
from crossdock.loading.matching import key_value
from crossdock.model import (
    REMOVALS,
    Action,
    Artifact,
    Catalog,
    Change,
    FieldSchema,
    LedgerEntry,
    LoadPolicy,
    ObjectSchema,
    Observation,
    Outcome,
    Receipt,
    Selection,
    TargetRecord,
)
from crossdock.plugins import Destination
from crossdock.trial.fieldlog import FieldLog
from crossdock.trial.overlay import Overlay, Written


class DryDestination(Destination):
    """The real destination behind a glass pane.

    `catalog` is what the destination will hold once the mapping is provisioned, `existing` what it holds.
    A plugin may have a method `foresee(schema, records)` that says what its load would answer before
    it sends anything; without it the core's own checks have to do.
    """

    def __init__(
        self, real: Destination, existing: Catalog, catalog: Catalog, overlay: Overlay, log: FieldLog
    ) -> None:
        self.plugin = real.plugin
        self.name = real.name
        self._real = real
        self._existing = {schema.name: schema for schema in existing.objects}
        self._catalog = catalog
        self._objects = {schema.name: schema for schema in catalog.objects}
        self._overlay = overlay
        self._log = log
        self._keys: dict[str, set[str]] = {
            s.name: {f.name for f in s.fields if f.unique} for s in catalog.objects
        }

    def looked_up_by(self, object_name: str, field: str) -> None:
        """Keep the values of a field so that records are found by it."""
        self._keys.setdefault(object_name, set()).add(field)

    def discover(self) -> Catalog:
        """What the destination holds once the mapping is provisioned."""
        return self._catalog

    def provision(
        self,
        wanted: Sequence[ObjectSchema],
        dry_run: bool = False,  # noqa: ARG002 - it always is
        pauses: Sequence[Artifact] = (),
    ) -> Generator[Change, None, None]:
        """What would be made and switched off; nothing is."""
        yield from self._real.provision(wanted, True, pauses)

    def rollback(
        self,
        entries: Sequence[LedgerEntry],
        dry_run: bool = False,  # noqa: ARG002 - it always is
    ) -> Generator[Receipt, None, None]:
        """Nothing was written, so there is nothing to undo."""
        yield from (Receipt(entry.origin, Outcome.UNCHANGED, entry.target_id) for entry in entries)

    def load(
        self,
        object_name: str,
        records: Sequence[TargetRecord],
        policy: LoadPolicy,  # noqa: ARG002 - nothing is sent
    ) -> Generator[Receipt, None, None]:
        """Check the records and remember the good ones, and what is taken away. Exactly one receipt each,
        nothing is sent."""
        for record in records:
            if record.action in REMOVALS:
                self._overlay.take_away(object_name, record.target_id)
                yield Receipt(record.origin, Outcome.UPDATED, record.target_id)
        if written := [record for record in records if record.action not in REMOVALS]:
            yield from self._write(object_name, written)

    def _write(self, object_name: str, records: Sequence[TargetRecord]) -> Generator[Receipt, None, None]:
        schema = self._objects[object_name]
        there = self._before(object_name, records)
        rivals = self._rivals(schema, records)
        for record, receipt in zip(records, self._foreseen(schema, records), strict=True):
            reasons = (*receipt.reasons, *self._faults(schema, record, rivals))
            if receipt.outcome is Outcome.REJECTED or reasons:
                receipt = Receipt(record.origin, Outcome.REJECTED, "", reasons)
            else:
                self._keep(schema, record)
            self._log.loaded(record, receipt, there.get(record.target_id))
            yield receipt

    def _before(self, object_name: str, records: Sequence[TargetRecord]) -> dict[str, Observation]:
        """What the records that are to be updated hold now, without those that this dry run made."""
        ids = [record.target_id for record in records if record.action is not Action.CREATE]
        written = self._overlay.of_ids(object_name, ids)
        old = [i for i in ids if i not in written or not written[i].made]
        return {o.id: o for o in self.reconcile(object_name, Selection(ids=tuple(old)))} if old else {}

    def _foreseen(self, schema: ObjectSchema, records: Sequence[TargetRecord]) -> list[Receipt]:
        foresee = getattr(self.plugin, "foresee", None)
        if foresee is None:
            return [_checked(schema, record) for record in records]
        by_origin = {receipt.origin: receipt for receipt in foresee(schema, records)}
        if missing := [r for r in records if r.origin not in by_origin]:
            raise ContractError(f"{self.name}: foresee gave no answer for {missing[0].origin}.")
        return [by_origin[record.origin] for record in records]

    def _rivals(self, schema: ObjectSchema, records: Sequence[TargetRecord]) -> dict[str, list[Observation]]:
        """By unique field the records there, and those written so far, that hold one of these values."""
        found = {}
        for field in _unique(schema):
            values = [r.values[field.name] for r in records if not is_empty(r.values.get(field.name))]
            if values:
                match = Selection(match=(field.name, tuple(values)))
                found[field.name] = list(self.reconcile(schema.name, match))
        return found

    def _faults(
        self, schema: ObjectSchema, record: TargetRecord, rivals: Mapping[str, list[Observation]]
    ) -> list[str]:
        """Unique values of a record that another one holds: there, or written before it."""
        faults = []
        for field in _unique(schema):
            value = record.values.get(field.name)
            if is_empty(value):
                continue
            key = key_value(record.values, (field.name,), schema)
            earlier = self._overlay.holding(schema.name, field.name, [key])
            others = {o.id for o in rivals.get(field.name, ()) if _holds(o.values, value, field)}
            others |= {w.id for w in earlier.values() if _holds(w.values, value, field)}
            if other := next(iter(sorted(others - {record.target_id})), None):
                faults.append(f"{field.name}: has to be unique, and {other} holds the same")
        return faults

    def _keep(self, schema: ObjectSchema, record: TargetRecord) -> None:
        made = record.action is Action.CREATE
        names = self._keys.get(schema.name, set()) & set(record.values)
        held = {name: key_value(record.values, (name,), schema) for name in names}
        written = Written(record.target_id, made, record.external_id, record.values)
        self._overlay.put(schema.name, written, held)

    def reconcile(self, object_name: str, selection: Selection) -> Generator[Observation, None, None]:
        """Records read from the real destination, with what would have been written laid over them."""
        if selection.ids is not None:
            yield from self._by_ids(object_name, selection.ids)
        elif selection.match is not None:
            yield from self._by_match(object_name, *selection.match)
        else:
            yield from self._owned(object_name, selection)

    def _by_ids(self, object_name: str, ids: Sequence[str]) -> Generator[Observation, None, None]:
        written = self._overlay.of_ids(object_name, ids)
        old = tuple(i for i in ids if i not in written or not written[i].made)
        yield from (_made(object_name, w) for w in written.values() if w.made)
        if old and object_name in self._existing:
            yield from self._there(object_name, Selection(ids=old))

    def _by_match(
        self, object_name: str, name: str, values: Sequence[Any]
    ) -> Generator[Observation, None, None]:
        schema = self._objects[object_name]
        keys = [key_value({name: value}, (name,), schema) for value in values]
        found = self._overlay.holding(object_name, name, [key for key in keys if key is not None])
        yield from self._by_ids(object_name, tuple(found))
        existing = self._existing.get(object_name)
        if existing is None or existing.field(name) is None:
            return  # nothing there holds a field that is still to be made
        there = self._there(object_name, Selection(match=(name, tuple(values))))
        yield from (observation for observation in there if observation.id not in found)

    def _owned(self, object_name: str, selection: Selection) -> Generator[Observation, None, None]:
        yield from (_made(object_name, written) for written in self._overlay.made(object_name))
        if object_name in self._existing:
            yield from self._there(object_name, selection)

    def _there(self, object_name: str, selection: Selection) -> Generator[Observation, None, None]:
        """What the real destination holds, without what was taken away, what was written laid over it."""
        for there in self._real.reconcile(object_name, selection):
            if not self._overlay.is_gone(object_name, there.id):
                yield _over(there, self._overlay.of_ids(object_name, [there.id]).get(there.id))


def _unique(schema: ObjectSchema) -> list[FieldSchema]:
    return [field for field in schema.fields if field.unique and not field.read_only]


def _holds(values: Mapping[str, Any], value: Any, field: FieldSchema) -> bool:
    """True if that value is among them: of several the first one counts, as it does where it is unique."""
    held = values.get(field.name)
    if isinstance(held, tuple) and isinstance(value, tuple) and held and value:
        single = replace(field, multiple=False)
        return same(value[0], held[0], single)
    return same(value, held, field)


def _checked(schema: ObjectSchema, record: TargetRecord) -> Receipt:
    """The core's own check: fields that are there and may be written, none missing that has to be given."""
    reasons = []
    for name in record.values:
        field = schema.field(name)
        if field is None or field.read_only:
            reasons.append(f"{name}: {'no such field there' if field is None else 'cannot be written'}")
    creating = record.action is Action.CREATE
    for field in schema.fields if creating else ():
        given = not is_empty(record.values.get(field.name)) or field.name in record.deferred
        if field.required and not (given or field.filled or field.default is not None):
            reasons.append(f"{field.name}: required, and nothing is given")
    if reasons:
        return Receipt(record.origin, Outcome.REJECTED, "", tuple(reasons))
    outcome = Outcome.CREATED if creating else Outcome.UPDATED
    return Receipt(record.origin, outcome, record.target_id)


def _made(object_name: str, written: Written) -> Observation:
    return Observation(object_name, written.id, written.values, external_id=written.external_id)


def _over(there: Observation, written: Written | None) -> Observation:
    if written is None:
        return there
    values = {**there.values, **written.values}
    return replace(there, values=values, external_id=written.external_id, trashed=False)
