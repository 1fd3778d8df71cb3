"""Three-way merge of a record that both sides may have changed since it was loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.compare import left_to_platform, same, surely_same
from crossdock.equality import completed, is_empty
from crossdock.fieldtypes import FieldType
from crossdock.ledger import Link
from crossdock.model import FieldSchema, ObjectSchema, Observation, TargetRecord


@dataclass(frozen=True, slots=True)
class Merge:
    """`write`: fields to send. `conflicts`: fields that were changed on both sides."""

    write: Mapping[str, Any]
    conflicts: tuple[str, ...] = ()


def merge_changes(
    target: TargetRecord, observed: Observation, base: Mapping[str, Any], schema: ObjectSchema
) -> Merge:
    """What the source changed is written, what people changed stays, what both changed is a conflict.

    `base` is each field as read back after the load: what was written, and what was there already.
    """
    write: dict[str, Any] = {}
    conflicts = []
    for name, value in target.values.items():
        field, actual = schema.field(name), observed.values.get(name)
        if field is None or surely_same(value, actual, field) or left_to_platform(value, field):
            continue
        if name not in base:
            if not same(value, actual, field):
                write[name] = value
        elif surely_same(base[name], actual, field):
            write[name] = value  # nobody edited it, and the source may have changed what a rule hides
        elif not (same(value, base[name], field) or same(value, actual, field)):
            conflicts.append(name)
    return Merge(write, tuple(conflicts))


def differing(target: TargetRecord, observed: Observation, schema: ObjectSchema) -> dict[str, Any]:
    """The fields that hold something else than they should."""
    write = {}
    for name, value in target.values.items():
        field, actual = schema.field(name), observed.values.get(name)
        if field is not None and not same(value, actual, field) and not left_to_platform(value, field):
            write[name] = value
    return write


def fill_existing(target: TargetRecord, observed: Observation, schema: ObjectSchema) -> dict[str, Any]:
    """Fields to write into a record that was there before: those that differ; nothing is blanked out.

    Parts of an address or a name that the source leaves empty stay as they are. So does who made the
    record there, and when: it was not the author of the source record.
    """
    write = {}
    for name, value in target.values.items():
        field, actual = schema.field(name), observed.values.get(name)
        if field is None or is_empty(value) or (_is_origin(field) and not is_empty(actual)):
            continue
        whole = completed(value, actual)
        if not same(whole, actual, field):
            write[name] = whole
    return write


def onto_existing(values: Mapping[str, Any], link: Link, existing: Mapping[str, Any]) -> dict[str, Any]:
    """What these values become in the record that they went or go into.

    In a record that this project did not make, the parts that the source leaves empty stay as they are.
    """
    if link.made_by is not None:
        return dict(values)
    return {name: completed(value, existing.get(name)) for name, value in values.items()}


def _is_origin(field: FieldSchema) -> bool:
    return field.type is FieldType.AUTHOR or (field.filled and field.type is FieldType.DATETIME)
