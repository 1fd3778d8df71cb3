"""Three-way merge of a record that both sides may have changed since it was loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.compare import left_to_platform, same
from crossdock.equality import is_empty
from crossdock.fieldtypes import FieldType
from crossdock.model import ObjectSchema, Observation, TargetRecord


@dataclass(frozen=True, slots=True)
class Merge:
    """`write`: fields to send. `conflicts`: fields that were changed on both sides."""

    write: Mapping[str, Any]
    conflicts: tuple[str, ...] = ()


def merge_changes(
    target: TargetRecord, observed: Observation, base: Mapping[str, Any], schema: ObjectSchema
) -> Merge:
    """What the source changed is written, what people changed stays, what both changed is a conflict.

    `base` is each written field as read back after the load.
    """
    write: dict[str, Any] = {}
    conflicts = []
    for name, value in target.values.items():
        field, actual = schema.field(name), observed.values.get(name)
        if field is None or same(value, actual, field) or left_to_platform(value, field):
            continue
        if name not in base:
            write[name] = value
        elif same(value, base[name], field):
            continue  # the source did not touch it: somebody's edit there stays
        elif same(base[name], actual, field):
            write[name] = value
        else:
            conflicts.append(name)
    return Merge(write, tuple(conflicts))


def fill_existing(target: TargetRecord, observed: Observation, schema: ObjectSchema) -> dict[str, Any]:
    """Fields to write into a record that was there before: those that differ; nothing is blanked out.

    Who made the record there stays: it was not the author of the source record.
    """
    write = {}
    for name, value in target.values.items():
        field, actual = schema.field(name), observed.values.get(name)
        if field is None or is_empty(value) or same(value, actual, field):
            continue
        if field.type is not FieldType.AUTHOR or is_empty(actual):
            write[name] = value
    return write
