"""Some real records as a route would convert them: what the source holds, what the destination would get."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from crossdock.errors import CrossdockError
from crossdock.fieldtypes import FieldType
from crossdock.idmap import LedgerIdMap
from crossdock.mapping import ObjectMapping
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Record, Rejected, Skipped, TargetRecord
from crossdock.names import shown_name
from crossdock.shown import shown
from crossdock.values import Reference

SAMPLES: Final = 3
_ROUNDS: Final = 4  # fields that do not convert are left out, so that the others can be shown


@dataclass(frozen=True, slots=True)
class Sample:
    """A record of the source, and the tenant that it is from."""

    tenant: str
    record: Record

    @property
    def name(self) -> str:
        """What a person knows it by."""
        return shown_name(self.record.values) or self.record.key


@dataclass
class Converted:
    """What a record would become.

    source: by source field, as a person reads it. values: by target field as the route names them. reasons:
    why it would be rejected, by target field ("" for the record). later: fields that wait for what they
    lead to. rule: the rule that leaves it out. parts: how many target records it gives.
    """

    sample: Sample
    source: Mapping[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    later: tuple[str, ...] = ()
    rule: str = ""
    parts: int = 1


def samples_of(migration: Migration, object_name: str, count: int = SAMPLES) -> list[Sample]:
    """The first records of an object: as they are staged, else as the source gives them now.

    Files are not read for this. Gives what there is; an object that cannot be read gives none.
    """
    found: list[Sample] = []
    for tenant, catalog in migration.source_catalogs.items():
        schema = catalog.object(object_name)
        if schema is None:
            continue
        page = next(migration.staging.scan(tenant, object_name, size=count), None)
        if page is not None:
            found += [Sample(tenant, staged.record) for staged in page]
        elif not any(f.type is FieldType.FILE for f in schema.fields):
            found += _asked(migration, tenant, object_name)
    return [sample for sample in found if not sample.record.deleted][:count]


def _asked(migration: Migration, tenant: str, object_name: str) -> list[Sample]:
    try:
        with closing(migration.sources[tenant].extract(object_name, files=migration.files)) as batches:
            batch = next(batches, None)
    except CrossdockError:
        return []
    return [Sample(tenant, record) for record in batch.records] if batch else []


def converted(
    migration: Migration, resolved: ResolvedMapping, route: ObjectMapping, samples: Sequence[Sample]
) -> list[Converted]:
    """What these records would become by this route. Raises MappingError if the route cannot work."""
    tenants = {sample.tenant for sample in samples}
    ids = {tenant: _ids(migration, resolved, tenant) for tenant in tenants}
    return [_convert(migration, route, sample, ids[sample.tenant]) for sample in samples]


def _ids(migration: Migration, resolved: ResolvedMapping, tenant: str) -> LedgerIdMap:
    return LedgerIdMap(
        migration.project.id,
        tenant,
        migration.ledger,
        migration.staging,
        resolved.objects,
        lambda match, target: migration.find_target(resolved, match, target),
        [config.tenant for config in migration.project.sources],
    )


def _convert(migration: Migration, route: ObjectMapping, sample: Sample, ids: LedgerIdMap) -> Converted:
    ids.prefetch([sample.record])
    result = Converted(sample, {name: named(value, ids) for name, value in sample.record.values.items()})
    left = route
    for _ in range(_ROUNDS):
        outcomes = list(migration.transform([sample.record], left, ids))
        targets = [o for o in outcomes if isinstance(o, TargetRecord)]
        skipped = next((o for o in outcomes if isinstance(o, Skipped)), None)
        result.rule = skipped.rule if skipped and not targets else ""
        if targets:
            _take(result, left, targets)
        to_blame = _reasons(result, left, [o for o in outcomes if isinstance(o, Rejected)])
        if not to_blame:
            break
        kept = {name: entry for name, entry in left.fields.items() if name not in to_blame}
        left = left.model_copy(update={"fields": kept, "require_one": (), "belongs_to": None}).bound(
            route.source_schema, route.target_schema
        )
    return result


def named(value: Any, ids: LedgerIdMap) -> str:
    """A value as text; a link by the name of the record that it leads to, if that was read."""
    if isinstance(value, tuple):
        return "; ".join(filter(None, (named(one, ids) for one in value)))
    if isinstance(value, Reference):
        return shown_name(ids.source_values(value.object_name, value.key) or {}) or shown(value)
    return shown(value)


def _take(result: Converted, route: ObjectMapping, targets: Sequence[TargetRecord]) -> None:
    first = targets[0]
    result.parts, result.later = len(targets), first.deferred
    for name in route.fields:
        result.values[name] = _value(first.values, name)


def _value(values: Mapping[str, Any], name: str) -> Any:
    if name in values:
        return values[name]
    whole, _, part = name.partition(".")
    return getattr(values.get(whole), part, None) if part else None


def _reasons(result: Converted, route: ObjectMapping, rejected: Sequence[Rejected]) -> set[str]:
    """Note why the record would be rejected; gives the fields that are to blame."""
    named = set()
    for reason in (reason for one in rejected for reason in one.reasons):
        name, colon, why = reason.partition(": ")
        if colon and name in route.fields:
            result.reasons[name] = why
            named.add(name)
        else:
            result.reasons[""] = "; ".join(filter(None, (result.reasons.get(""), reason)))
    return named
