"""Compares what should be there with what is there. Findings about values are made here."""

from collections.abc import Collection, Mapping
from typing import Any

from crossdock.equality import completed, equal, is_empty
from crossdock.model import FieldSchema, Finding, FindingKind, ObjectSchema, Observation, TargetRecord
from crossdock.normalisations import GAVE_WAY, LOSSY, normalisation


def compare(
    expected: TargetRecord,
    observed: Observation | None,
    base: Mapping[str, Any] | None,
    schema: ObjectSchema,
) -> list[Finding]:
    """Every difference between a target record and its observation; [] when it arrived whole.

    `base` is what was read back right after the load, None if it never was: it tells a person's
    edit from a difference of the load. A difference that a declared rule explains is `normalised`, and
    so is a field that the mapping flags although it arrived: something else of the record did not.
    """
    if observed is None or observed.trashed:
        return [_whole_record(expected, observed, base)]
    findings = []
    for name, value in expected.values.items():
        field, actual = schema.field(name), observed.values.get(name)
        if field is None:
            continue
        if equal(value, actual, field) or left_to_platform(value, field):
            if name in expected.flags:
                flagged = (expected.object_name, observed.id, expected.origin, name, value, actual)
                findings.append(Finding(FindingKind.NORMALISED, *flagged, expected.flags[name]))
            continue
        kind, note = _kind(field, value, actual, base)
        findings.append(
            Finding(kind, expected.object_name, observed.id, expected.origin, name, value, actual, note)
        )
    return findings


def given_way(
    target: TargetRecord, observed: Observation | None, filled: Collection[str], schema: ObjectSchema
) -> list[Finding]:
    """The values of a record that was merged into one of another source record, which keeps its own.

    `filled`: fields that it wrote there itself. [] if the record there is its own, or not there.
    """
    if observed is None or observed.trashed or observed.external_id in ("", target.external_id):
        return []
    found = []
    for name, value in target.values.items():
        field, actual = schema.field(name), observed.values.get(name)
        if field is None or name in filled or is_empty(value):
            continue
        if same(completed(value, actual), actual, field):
            continue
        place = (target.object_name, observed.id, target.origin, name, value, actual)
        found.append(Finding(FindingKind.NORMALISED, *place, GAVE_WAY))
    return found


def edited_fields(
    observed: Observation, base: Mapping[str, Any], schema: ObjectSchema, names: tuple[str, ...] | None = None
) -> list[str]:
    """Fields of the base (or those of `names` in it) that hold something else now."""
    wanted = base if names is None else {name: base[name] for name in names if name in base}
    edited = []
    for name, value in wanted.items():
        field = schema.field(name)
        if field is not None and not equal(value, observed.values.get(name), field):
            edited.append(name)
    return edited


def left_to_platform(value: Any, field: FieldSchema) -> bool:
    """True if there is nothing to write and the platform fills the field itself (an author, a default)."""
    return field.filled and is_empty(value)


def _whole_record(
    expected: TargetRecord, observed: Observation | None, base: Mapping[str, Any] | None
) -> Finding:
    kind = FindingKind.NEVER_ARRIVED if base is None else FindingKind.DELETED_THERE
    note = "it lies in the trash" if observed is not None else ""
    return Finding(kind, expected.object_name, expected.target_id, expected.origin, note=note)


def _kind(
    field: FieldSchema, expected: Any, actual: Any, base: Mapping[str, Any] | None
) -> tuple[FindingKind, str]:
    if base is not None and field.name in base and not equal(base[field.name], actual, field):
        return FindingKind.EDITED_THERE, ""
    rule = normalisation(expected, actual, field)
    return (FindingKind.NORMALISED, rule) if rule else (FindingKind.DIFFERS, "")


def has_arrived(expected: TargetRecord, observed: Observation | None, schema: ObjectSchema) -> bool:
    """True if the record is there with every value that was to be written, as sent or by a declared rule."""
    findings = compare(expected, observed, None, schema)
    return all(finding.kind is FindingKind.NORMALISED for finding in findings)


def same(expected: Any, actual: Any, field: FieldSchema) -> bool:
    """True if the values are equal, or a declared rule makes them so."""
    return equal(expected, actual, field) or bool(normalisation(expected, actual, field))


def surely_same(expected: Any, actual: Any, field: FieldSchema) -> bool:
    """True if the values are equal, or a declared rule that tells different values apart makes them so."""
    rule = normalisation(expected, actual, field)
    return equal(expected, actual, field) or (bool(rule) and rule not in LOSSY)
