"""A destination in memory, as strict as a server: the one test double that all core tests share.

Ids come from the client and are unique in their object, trash included; so are unique fields. A batch
is kept whole or not at all. References have to lead somewhere. Faults are scripted, one a call of load.
"""

from collections import Counter, deque
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from itertools import product
from typing import Any

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.errors import BatchRefusedError, BatchTooLargeError, OutcomeUnknownError
from crossdock.fieldtypes import FieldType
from crossdock.hookspecs import hookimpl
from crossdock.model import (
    Action,
    Artifact,
    ArtifactReport,
    Catalog,
    Change,
    ChangeKind,
    FieldSchema,
    LedgerEntry,
    Limits,
    LoadPolicy,
    ObjectSchema,
    Observation,
    Outcome,
    Receipt,
    Selection,
    TargetRecord,
)


class KilledError(BaseException):
    """The process dies here: nothing that crossdock does may catch it."""


class Fault(Enum):
    """What happens to one call of load instead of an answer."""

    NONE = auto()
    REFUSED = auto()
    TOO_LARGE = auto()
    LOST_BEFORE = auto()  # no answer, and nothing was done
    LOST_AFTER = auto()  # no answer, but all was done
    LOST_LATE = auto()  # no answer, and it is done only just before the next call of load
    KILLED_BEFORE = auto()
    KILLED_AFTER = auto()


@dataclass
class Row:
    """One record as the server holds it."""

    values: dict[str, Any]
    external_id: str = ""
    trashed: bool = False


@dataclass
class FakeDestination:
    """The server. `rejected` holds values of the field `name` that it never takes; `shape` is its own
    way to write values; `undeletable` holds ids that cannot be rolled back."""

    schemas: dict[str, ObjectSchema]
    batch_size: int = 4
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    faults: deque[Fault] = field(default_factory=deque)
    rejected: set[str] = field(default_factory=set)
    undeletable: set[str] = field(default_factory=set)
    shape: Callable[[Any], Any] = lambda value: value
    named_limit: int | None = None
    loads: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    undone: list[tuple[LedgerEntry, bool]] = field(default_factory=list)
    made: Counter[str] = field(default_factory=Counter)
    late: list[tuple[str, Sequence[TargetRecord]]] = field(default_factory=list)
    can: tuple[Capability, ...] = (Capability.TRASH,)
    automations: dict[str, bool] = field(default_factory=dict)  # name -> on
    fired: Counter[str] = field(default_factory=Counter)  # by those that are on: records written, removed
    stuck: set[str] = field(default_factory=set)  # cannot be switched on again
    promised: set[str] = field(default_factory=set)  # what a dry run would have brought back
    waiting: dict[str, list[tuple[dict[str, Row], str, str]]] = field(default_factory=dict)  # for that record
    on_pause: Callable[[], None] = lambda: None  # before each automation is switched off

    def table(self, object_name: str) -> dict[str, Row]:
        """The rows of an object by id."""
        return self.rows.setdefault(object_name, {})

    def add(self, object_name: str, target_id: str, *, trashed: bool = False, **values: Any) -> None:
        """A record that was there before."""
        self.table(object_name)[target_id] = Row(dict(values), trashed=trashed)

    def state(self) -> dict[str, Any]:
        """Everything it holds, to be compared with what it held before."""
        rows = {
            (name, target_id): (dict(row.values), row.external_id, row.trashed)
            for name, table in self.rows.items()
            for target_id, row in table.items()
        }
        return {"rows": rows, "schemas": dict(self.schemas)}

    @hookimpl
    def discover(self) -> Catalog:
        """What it holds."""
        can = dict.fromkeys((Capability.CLIENT_IDS, Capability.ATOMIC_BATCH, *self.can), Support.YES)
        limits = Limits("server", batch_size=self.batch_size, page_size=3)
        found = tuple(Artifact("robot", n, f"id-{n}", active=on) for n, on in self.automations.items())
        return Catalog(
            "fake",
            "fake-1",
            tuple(self.schemas.values()),
            Capabilities(can),
            limits,
            artifacts=(ArtifactReport("robot", found),),
        )

    @hookimpl
    def provision(
        self, wanted: Sequence[ObjectSchema], dry_run: bool, pauses: Sequence[Artifact] = ()
    ) -> Iterator[Change]:
        """Add missing objects and fields, switch off automations."""
        for robot in pauses:
            if not dry_run:
                self.on_pause()
                self.automations[robot.name] = False
            undo = {"robot": robot.name}
            yield Change(ChangeKind.PAUSE, f"automation:robot {robot.id}", "robot", robot.name, undo=undo)
        for schema in wanted:
            known = self.schemas.get(schema.name)
            if known is None:
                known = replace(schema, fields=())
                if not dry_run:
                    self.schemas[schema.name] = known
                undo = {"object": schema.name}
                yield Change(ChangeKind.OBJECT, f"object:{schema.name}", schema.name, schema.name, undo=undo)
            for wish in (f for f in schema.fields if known.field(f.name) is None):
                if not dry_run:
                    now = self.schemas[schema.name]
                    self.schemas[schema.name] = replace(now, fields=(*now.fields, wish))
                key = f"field:{schema.name}.{wish.name}"
                undo = {"object": schema.name, "field": wish.name}
                yield Change(ChangeKind.FIELD, key, schema.name, wish.name, undo=undo)

    @hookimpl
    def load(
        self, object_name: str, records: Sequence[TargetRecord], policy: LoadPolicy
    ) -> Iterator[Receipt]:
        """Keep a batch whole or not at all."""
        self.loads.append((object_name, tuple(r.origin.key for r in records)))
        for name, batch in self.late:
            if not self._fault_of(name, batch):
                self._keep(name, batch)
        self.late.clear()
        fault = self.faults.popleft() if self.faults else Fault.NONE
        self._before(fault, object_name, records)
        if len(records) > self.batch_size:
            raise BatchTooLargeError(f"at most {self.batch_size} records", limit=self.named_limit)
        if problem := self._fault_of(object_name, records):
            raise BatchRefusedError(problem)
        receipts = self._keep(object_name, records)
        if fault is Fault.LOST_AFTER:
            raise OutcomeUnknownError("no answer after sending")
        if fault is Fault.KILLED_AFTER:
            raise KilledError
        yield from receipts

    def _before(self, fault: Fault, object_name: str, records: Sequence[TargetRecord]) -> None:
        if fault is Fault.KILLED_BEFORE:
            raise KilledError
        if fault is Fault.REFUSED:
            raise BatchRefusedError("one of these is bad")
        if fault is Fault.TOO_LARGE:
            raise BatchTooLargeError("too many bytes", limit=self.named_limit)
        if fault in (Fault.LOST_BEFORE, Fault.LOST_LATE):
            if fault is Fault.LOST_LATE:
                self.late.append((object_name, list(records)))
            raise OutcomeUnknownError("no answer")

    def _fault_of(self, object_name: str, records: Sequence[TargetRecord]) -> str:
        """Why a batch is refused, "" if it is good."""
        schema, table = self.schemas[object_name], self.table(object_name)
        held = {i: dict(row.values) for i, row in table.items()}
        for record in records:
            if record.action is Action.CREATE and record.target_id in held:
                return f"{record.target_id}: this id is taken"
            if record.action is not Action.CREATE and record.target_id not in held:
                return f"{record.target_id}: no such record"
            held[record.target_id] = held.get(record.target_id, {}) | dict(record.values)
        for record in records:
            if record.values.get("name") in self.rejected:
                return f"{record.values['name']}: this name is not taken"
            for name, value in record.values.items():
                if problem := self._field_fault(schema, name, value, record.target_id, held):
                    return problem
        return ""

    def _field_fault(
        self, schema: ObjectSchema, name: str, value: Any, own: str, held: Mapping[str, Mapping[str, Any]]
    ) -> str:
        known = schema.field(name)
        if known is None:
            return f"{name}: no such field"
        if value is None:
            return ""
        if known.unique and any(i != own and v.get(name) == value for i, v in held.items()):
            return f"{name}: {value} is taken"
        if known.type is FieldType.REFERENCE:
            everywhere = {*held, *(i for o in known.references for i in self.table(o))}
            several = value if isinstance(value, tuple) else (value,)
            lost = next((one for one in several if one not in everywhere), None)
            return "" if lost is None else f"{name}: {lost} leads nowhere"
        return ""

    def _keep(self, object_name: str, records: Sequence[TargetRecord]) -> list[Receipt]:
        table, receipts = self.table(object_name), []
        self._fire(len(records))
        going = {record.target_id for record in records}
        for record in records:
            if record.action is Action.DESTROY and self._is_referred_to(record.target_id, going):
                reasons = ("others refer to it",)
                receipts.append(Receipt(record.origin, Outcome.REJECTED, record.target_id, reasons))
                continue
            values = {name: self.shape(value) for name, value in record.values.items()}
            if record.action is Action.DESTROY:
                del table[record.target_id]
                self._empty_references(record.target_id)
            elif record.action is Action.TRASH:
                table[record.target_id].trashed = True
            elif record.action is Action.CREATE:
                table[record.target_id] = Row(values, record.external_id)
                self.made[record.target_id] += 1
            else:
                row = table[record.target_id]
                row.values.update(values)
                row.external_id = record.external_id
                row.trashed = row.trashed and record.action is not Action.RESTORE
            outcome = Outcome.CREATED if record.action is Action.CREATE else Outcome.UPDATED
            receipts.append(Receipt(record.origin, outcome, record.target_id))
        return receipts

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Generator[Observation, None, None]:
        """Read back."""
        table = self.table(object_name)
        for target_id, row in list(table.items()):
            if selection.ids is not None:
                wanted = target_id in selection.ids
            elif selection.match is not None:
                name, values = selection.match
                wanted = row.values.get(name) in values
            else:
                owned = bool(row.external_id) and row.external_id.startswith(selection.owned or "")
                wanted = owned and not row.trashed
            if wanted:
                image = {"values": dict(row.values), "external_id": row.external_id, "trashed": row.trashed}
                yield Observation(
                    object_name, target_id, dict(row.values), row.trashed, row.external_id, image
                )

    @hookimpl
    def rollback(self, entries: Sequence[LedgerEntry], dry_run: bool) -> Iterator[Receipt]:
        """Undo entries, newest first."""
        if not dry_run:
            self.promised.clear()
        for entry in entries:
            self.undone.append((entry, dry_run))
            if entry.target_id in self.undeletable or (entry.change and entry.change.key in self.undeletable):
                yield Receipt(entry.origin, Outcome.FAILED, entry.target_id, ("it cannot be removed",))
            elif entry.change is not None and entry.change.kind is ChangeKind.PAUSE:
                yield self._switch_on(entry, entry.change.undo["robot"], dry_run)
            elif entry.change is not None:
                yield Receipt(entry.origin, self._undo_change(entry.change, dry_run))
            else:
                lost = self._lost(entry)
                outcome = self._undo_record(entry, dry_run)
                reasons = (f"it referred to {', '.join(lost.values())}, which is gone",) if lost else ()
                yield Receipt(entry.origin, Outcome.FAILED if lost else outcome, entry.target_id, reasons)
            if entry.removal is not None and dry_run:
                self.promised.add(entry.target_id)

    def _undo_change(self, change: Change, dry_run: bool) -> Outcome:
        schema = self.schemas.get(change.object_name)
        if schema is None or (change.kind is not ChangeKind.OBJECT and schema.field(change.name) is None):
            return Outcome.UNCHANGED
        if not dry_run and change.kind is ChangeKind.OBJECT:
            del self.schemas[change.object_name]
        elif not dry_run:
            fields = tuple(f for f in schema.fields if f.name != change.name)
            self.schemas[change.object_name] = replace(schema, fields=fields)
        return Outcome.UPDATED

    def _switch_on(self, entry: LedgerEntry, name: str, dry_run: bool) -> Receipt:
        if name in self.stuck:
            return Receipt(entry.origin, Outcome.FAILED, "", ("the switch is stuck",))
        if self.automations.get(name) is not False:
            found = "somebody switched it on" if name in self.automations else "somebody deleted it"
            return Receipt(entry.origin, Outcome.UNCHANGED, "", (found,))
        if not dry_run:
            self.automations[name] = True
        return Receipt(entry.origin, Outcome.UPDATED)

    def _fire(self, records: int) -> None:
        self.fired.update({name: records for name, on in self.automations.items() if on})

    def _empty_references(self, target_id: str) -> None:
        for row, name in self._referring(target_id):
            held = row.values[name]
            left = tuple(one for one in held if one != target_id) if isinstance(held, tuple) else ()
            row.values[name] = left or None

    def _is_referred_to(self, target_id: str, going: set[str]) -> bool:
        """Whether records that stay would lose a reference."""
        staying = [id(row) for table in self.rows.values() for i, row in table.items() if i not in going]
        return any(id(row) in staying for row, _ in self._referring(target_id))

    def _referring(self, target_id: str) -> Iterator[tuple[Row, str]]:
        """Rows and fields of theirs that lead to a record."""
        for name, table in self.rows.items():
            known = self.schemas.get(name)
            fields = [f.name for f in known.fields if f.type is FieldType.REFERENCE] if known else []
            for row, field_name in product(table.values(), fields):
                held = row.values.get(field_name)
                if target_id in (held if isinstance(held, tuple) else (held,)):
                    yield row, field_name

    def _lost(self, entry: LedgerEntry) -> dict[str, str]:
        """The references of an updated record that cannot be given back, as what they led to is gone."""
        if entry.outcome is Outcome.CREATED or entry.removal is not None:
            return {}
        there = entry.target_id in self.table(entry.object_name)
        return self._leading_nowhere(entry, entry.fields) if there else {}

    def _leading_nowhere(self, entry: LedgerEntry, names: Collection[str]) -> dict[str, str]:
        known, before = self.schemas.get(entry.object_name), entry.before.get("values", {})
        found = {}
        for each in known.fields if known else ():
            target = before.get(each.name) if each.name in names else None
            there = self.promised.union(*map(self.table, each.references))
            if each.type is FieldType.REFERENCE and isinstance(target, str) and target not in there:
                found[each.name] = target
        return found

    def _bring_back(self, entry: LedgerEntry) -> None:
        """Make a record again; a reference to what is not there yet is set when that is made again."""
        values, table = dict(entry.before["values"]), self.table(entry.object_name)
        if entry.target_id not in table:
            for name, target in self._leading_nowhere(entry, values).items():
                if target != entry.target_id:
                    self.waiting.setdefault(target, []).append((table, entry.target_id, name))
                    values[name] = None
            table[entry.target_id] = Row(values, entry.before["external_id"], entry.before["trashed"])
        table[entry.target_id].trashed = False
        for referring, target_id, name in self.waiting.pop(entry.target_id, ()):
            if target_id in referring and referring[target_id].values.get(name) is None:
                referring[target_id].values[name] = entry.target_id

    def _undo_record(self, entry: LedgerEntry, dry_run: bool) -> Outcome:
        table = self.table(entry.object_name)
        if entry.removal is not None:
            if entry.target_id in table and not table[entry.target_id].trashed:
                return Outcome.UNCHANGED
            if not dry_run:
                self._bring_back(entry)
            return Outcome.UPDATED
        if entry.target_id not in table or _is_back(entry, table[entry.target_id]):
            return Outcome.UNCHANGED
        row = table[entry.target_id]
        restored = _as_before(entry, row, self._lost(entry))
        if entry.outcome is not Outcome.CREATED and row == restored:
            return Outcome.UNCHANGED
        if dry_run:
            return Outcome.UPDATED
        self._fire(1)
        if entry.outcome is Outcome.CREATED:
            del table[entry.target_id]
            self._empty_references(entry.target_id)
        else:
            table[entry.target_id] = restored
        return Outcome.UPDATED


def _is_back(entry: LedgerEntry, row: Row) -> bool:
    """Whether an updated record holds again what it held before."""
    if entry.outcome is Outcome.CREATED:
        return False
    values, key = entry.before.get("values", {}), entry.before.get("external_id", row.external_id)
    same = all(row.values.get(name) == values.get(name) for name in entry.fields)
    return same and row.external_id == key and (row.trashed or not entry.was_trashed)


def _as_before(entry: LedgerEntry, row: Row, lost: Mapping[str, str]) -> Row:
    """A row with the values that the written fields had before, but for references that are lost."""
    held = entry.before.get("values", {})
    values = {name: value for name, value in row.values.items() if name not in entry.fields}
    values |= {name: held[name] for name in entry.fields if name in held and name not in lost}
    return Row(values, entry.before.get("external_id", row.external_id), entry.was_trashed or row.trashed)


def text(name: str, **more: Any) -> FieldSchema:
    """A text field."""
    return FieldSchema(name, FieldType.TEXT, **more)


def reference(name: str, *objects: str) -> FieldSchema:
    """A field that points to one of these objects."""
    return FieldSchema(name, FieldType.REFERENCE, references=objects)
