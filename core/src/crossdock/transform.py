"""The default transform: a staged record, its mapping and the id map give target records or a reject.

A mapping is compiled once into closures; fields that are copied as they are cost a look-up and a
type check. Nothing here does I/O, reads a clock or draws a random number.
"""

import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crossdock.belonging import belonging
from crossdock.equality import is_empty
from crossdock.errors import MappingError
from crossdock.expressions import Condition
from crossdock.fieldpaths import Read, Scene, reader
from crossdock.fieldplan import compile_field
from crossdock.ids import IdMap, external_id, target_uuid
from crossdock.linkends import ends_of
from crossdock.mapping import PSEUDO_FIELDS, FieldMapping, ObjectMapping
from crossdock.model import (
    FieldSchema,
    ObjectSchema,
    Origin,
    Record,
    Rejected,
    Skipped,
    TargetRecord,
)
from crossdock.queues import REFERENCES
from crossdock.referenceplan import DEFERRED, MissingReferenceError
from crossdock.shapes import COMPOSITES, KINDS
from crossdock.steps import StepError
from crossdock.targetpaths import target_field
from crossdock.values import Reference

Outcomes = list[TargetRecord | Rejected | Skipped]
Compiled = Callable[[Record, IdMap], Outcomes]

# What a step of a plugin may raise; all of it is a reason for the record, not for the run.
_REASONS = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError)


# Compiled routes by the identity of their mapping, gone with it.
_compiled: dict[int, tuple["weakref.ref[ObjectMapping]", Compiled]] = {}


def transform(
    records: Sequence[Record], mapping: ObjectMapping, ids: IdMap
) -> Sequence[TargetRecord | Rejected | Skipped]:
    """Convert a batch. A resolved mapping brings its schemas and is checked against them.

    Raises MappingError if the mapping itself cannot work.
    """
    number = id(mapping)
    known = _compiled.get(number)
    if known is None or known[0]() is not mapping:
        convert = compile_mapping(mapping, mapping.target_schema, mapping.source_schema)
        forget = _compiled.pop
        gone = weakref.ref(mapping, lambda _: forget(number, None))
        _compiled[number] = known = (gone, convert)
    convert = known[1]
    return [outcome for record in records for outcome in convert(record, ids)]


def compile_mapping(
    mapping: ObjectMapping,
    target_schema: ObjectSchema | None = None,
    source_schema: ObjectSchema | None = None,
) -> Compiled:
    """The function from one record to its outcomes: target records, a reject with all reasons, or a skip.

    Raises MappingError naming every field mapping that cannot work.
    """
    admit = _admission(mapping)
    build = _Builder(mapping, target_schema, source_schema)
    elements = _elements(mapping, source_schema)
    belongs = belonging(mapping) if mapping.belongs_to else None

    def convert(record: Record, ids: IdMap) -> Outcomes:
        refusal = admit(record)
        if refusal is None and belongs is not None:
            refusal = belongs(record, ids)
        if refusal is not None:
            return [refusal]
        if elements is None:
            outcome = build(Scene(record, ids), "")
            return [outcome]
        return _for_each(mapping, build, elements, Scene(record, ids))

    return convert


def _admission(mapping: ObjectMapping) -> Callable[[Record], Rejected | Skipped | None]:
    """Whether a record takes part. Deleted records do only where the rule mentions `deleted`."""
    condition = Condition(mapping.where) if mapping.where else None
    takes_deleted = condition is not None and "deleted" in condition.variables

    def admit(record: Record) -> Rejected | Skipped | None:
        if record.deleted and not takes_deleted:
            return Skipped(record.object_name, record.key, "deleted at the source")
        if condition is None:
            return None
        try:
            if condition.holds_for(record):
                return None
        except ValueError as error:
            return Rejected(record.object_name, record.key, (str(error),))
        return Skipped(record.object_name, record.key, condition.rule)

    return admit


def _elements(mapping: ObjectMapping, schema: ObjectSchema | None) -> Read | None:
    return reader(mapping.for_each, mapping, schema) if mapping.for_each else None


def _for_each(mapping: ObjectMapping, build: "_Builder", elements: Read, scene: Scene) -> Outcomes:
    """One target record an element; the reasons of all that fail become one reject."""
    record, ids = scene.record, scene.ids
    value = elements(scene)
    several = value if isinstance(value, tuple) else (value,)
    found = dict.fromkeys((_part(e, i), e) for i, e in enumerate(several) if not is_empty(e))
    kept = list(found)[mapping.beyond :]
    if not kept:
        rest = f"has no more than {mapping.beyond}" if found else "is empty"
        return [Skipped(record.object_name, record.key, f"for_each: {mapping.for_each} {rest}")]
    outcomes: Outcomes = []
    reasons: list[str] = []
    held = True
    for part, element in kept:
        outcome = build(Scene(record, ids, element), part)
        if isinstance(outcome, Rejected):
            reasons += [f"{mapping.for_each} {part}: {reason}" for reason in outcome.reasons]
            held = held and outcome.queue == REFERENCES
        else:
            outcomes.append(outcome)
    if reasons:
        queue = REFERENCES if held else ""
        outcomes.append(Rejected(record.object_name, record.key, tuple(reasons), queue))
    return outcomes


def _part(element: Any, index: int) -> str:
    return f"{element.object_name}/{element.key}" if isinstance(element, Reference) else str(index)


class _Builder:
    """Makes one target record of one scene."""

    def __init__(
        self, mapping: ObjectMapping, target: ObjectSchema | None, source: ObjectSchema | None
    ) -> None:
        self._mapping = mapping
        self._copies: list[tuple[str, str, type | None, Read]] = []
        self._reads: list[tuple[str, Read]] = []
        self._composites: dict[str, dict[str, str]] = {}
        self._composite_types: dict[str, type] = {}
        self._links = ends_of(mapping)
        self._loose = frozenset(name for link in self._links for name in link.names)
        self._flags = {name: entry.flag for name, entry in mapping.fields.items() if entry.flag}
        problems = []
        for name, entry in mapping.fields.items():
            try:
                self._add(name, entry, target, source)
            except (MappingError, StepError) as error:
                problems.append(f"objects[{mapping.name}].fields.{name}: {error}")
        if problems:
            raise MappingError(f"route {mapping.name} cannot work.", problems=problems)

    def _add(
        self, name: str, entry: FieldMapping, target: ObjectSchema | None, source: ObjectSchema | None
    ) -> None:
        field, composite = target_field(target, name)
        read = compile_field(name, entry, self._mapping, field, source)
        if composite is not None:
            whole, _, part = name.partition(".")
            self._composites.setdefault(whole, {})[part] = name
            self._composite_types[whole] = COMPOSITES[composite.type][0]
        key = _copied_key(entry, field, source)
        if key is None:
            self._reads.append((name, read))
        else:
            self._copies.append((name, key, KINDS.get(field.type) if field else None, read))

    def __call__(self, scene: Scene, part: str) -> TargetRecord | Rejected:
        values: dict[str, Any] = {}
        reasons: list[str] = []
        loose: dict[str, str] = {}
        missing = 0
        get = scene.record.values.get
        for name, key, kind, read in self._copies:
            value = get(key)
            if value is None or type(value) is kind:
                values[name] = value
            else:
                self._slow(name, read, scene, values, reasons, loose)
        for name, read in self._reads:
            missing += self._slow(name, read, scene, values, reasons, loose)
        for link in self._links:
            left = link.joined(values, loose, scene)
            missing += len(left)
            reasons += left
        if not reasons:
            self._join_composites(values, reasons)
            self._require_one(values, scene, reasons)
        record = scene.record
        if reasons:
            queue = REFERENCES if missing == len(reasons) else ""
            return Rejected(record.object_name, record.key, tuple(reasons), queue)
        origin = Origin(scene.ids.tenant, record.object_name, record.key, part)
        project, target = scene.ids.project, self._mapping.target
        return TargetRecord(
            target,
            origin,
            target_uuid(project, origin, target),
            external_id(project, origin),
            values,
            deferred=tuple(scene.deferred),
            notes=tuple(scene.notes),
            flags={name: said for name, said in self._flags.items() if not is_empty(values.get(name))},
        )

    def _slow(
        self,
        name: str,
        read: Read,
        scene: Scene,
        values: dict[str, Any],
        reasons: list[str],
        loose: dict[str, str],
    ) -> int:
        """Run one compiled field; 1 if the record has to wait because a reference leads nowhere.

        For an end of a link that is said of all ends together (`loose`).
        """
        try:
            value = read(scene)
        except MissingReferenceError as error:
            if name in self._loose:
                loose[name] = f"{name}: {error}"
                return 0
            reasons.append(f"{name}: {error}")
            return 1
        except _REASONS as error:
            reasons.append(f"{name}: {error or type(error).__name__}")
            return 0
        if value is not DEFERRED:
            values[name] = value
        return 0

    def _join_composites(self, values: dict[str, Any], reasons: list[str]) -> None:
        for whole, parts in self._composites.items():
            given = {part: values.pop(name, None) for part, name in parts.items()}
            filled = {part: value for part, value in given.items() if not is_empty(value)}
            try:
                values[whole] = self._composite_types[whole](**filled) if filled else None
            except TypeError:
                reasons.append(f"{whole}: has {', '.join(filled)} but not all that it needs")

    def _require_one(self, values: Mapping[str, Any], scene: Scene, reasons: list[str]) -> None:
        wanted = self._mapping.require_one
        if not wanted or any(name in scene.deferred for name in wanted):
            return
        if all(is_empty(values.get(name)) for name in wanted):
            reasons.append(f"none of {', '.join(wanted)} is filled")


def _copied_key(entry: FieldMapping, field: FieldSchema | None, source: ObjectSchema | None) -> str | None:
    """The source field, if the mapping is a plain copy of a single value whose type needs no more checks."""
    if field is None or field.multiple or field.options or field.max_length is not None:
        return None
    # A time's zone has to be looked at.
    if not isinstance(entry.source, str) or KINDS.get(field.type) in (None, type(None)):
        return None
    if entry.model_fields_set - {"source"} or field.type.value == "datetime":
        return None
    own = source.field(entry.source) if source else None
    if own is not None and (own.type is not field.type or own.multiple):
        return None
    dotted = "." in entry.source and own is None
    return None if dotted or entry.source in PSEUDO_FIELDS else entry.source
