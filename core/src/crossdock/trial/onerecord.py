"""One record tried: all that a dry run does, for it and for what it refers to, and what came of each field.

The record is taken from staging as it was read last; nothing is read from the source, and nothing is
written anywhere but in the folder of the dry run, which is thrown away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.compare import same
from crossdock.errors import ConfigError
from crossdock.fieldpaths import source_values
from crossdock.ledger import PhaseRecord, Run, RunState
from crossdock.mapping import ObjectMapping
from crossdock.mappingfile.plain import plain_field
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.mapview import told
from crossdock.migration import Migration
from crossdock.model import Observation, Outcome, Receipt, Record, TargetRecord
from crossdock.run import LATER, MigrationRun
from crossdock.shown import shown
from crossdock.trial.dryrun import DryMigration
from crossdock.trial.fieldlog import FieldLog
from crossdock.trial.preview import Converted, Sample, converted
from crossdock.trial.sampling import Selection, chosen_with_references

GOOD = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED)


@dataclass
class _Log(FieldLog):
    """Keeps what was sent of one source record."""

    sent: list[tuple[TargetRecord, Receipt, Observation | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def loaded(self, record: TargetRecord, receipt: Receipt, before: Observation | None) -> None:
        super().loaded(record, receipt, before)
        self.sent.append((record, receipt, before))


class _OneRecord(DryMigration):
    """A dry run beside which another process may write: only the copy of the ledger is held."""

    def hold(self) -> None:
        self.ledger.hold()


class _Trying(MigrationRun):
    """A run over these records alone, as they are staged."""

    def __init__(self, migration: DryMigration, resolved: ResolvedMapping, selection: Selection) -> None:
        super().__init__(migration, resolved)
        self._selection = selection

    def extract(self, run: Run) -> None:
        """Nothing: what is staged is tried."""


def try_record(
    migration: Migration, resolved: ResolvedMapping, object_name: str, key: str, tenant: str | None = None
) -> dict[str, Any]:
    """What would become of one staged record, route by route and field by field, as plain data.

    Raises ConfigError for an object or a record that is not there, MappingError if the mapping cannot work.
    """
    routes = [r for r in resolved.objects if object_name in (r.source, r.name)]
    if not routes:
        known = ", ".join(dict.fromkeys(route.source for route in resolved.objects))
        raise ConfigError(f"no route moves {object_name!r}; there are: {known}.")
    name = routes[0].source
    sample = _found(migration, name, key, tenant)
    selection = chosen_with_references(migration, resolved, {(sample.tenant, name): [key]})
    with _OneRecord(migration, resolved) as dry:
        dry.log = log = _Log()
        for run in dry.ledger.runs.all():
            if run.state is RunState.RUNNING:
                dry.ledger.runs.end(run)  # in the copy: what others left open is theirs
        work = _Trying(dry, resolved, selection)
        run = work.through()
        results = [_result(dry, resolved, route, sample, run, log) for route in routes]
    with_it = sum(len(keys) for objects in selection.values() for keys in objects.values()) - 1
    return {
        "tenant": sample.tenant,
        "object": name,
        "key": key,
        "name": sample.name,
        "with": with_it,
        "values": {n: shown(value) for n, value in sample.record.values.items()},
        "routes": results,
        "clean": all(result["good"] for result in results),
    }


def _found(migration: Migration, name: str, key: str, tenant: str | None) -> Sample:
    tenants = [tenant] if tenant else list(migration.source_catalogs)
    for each in tenants:
        if (staged := migration.staging.get(each, name, [key]).get(key)) is not None:
            return Sample(each, staged.record)
    read = [t for t in tenants if migration.staging.extraction(t, name) is not None]
    if read:
        raise ConfigError(f"{name} has no record {key!r}, as it was read last.")
    raise ConfigError(f"{name} was not read yet.", hint="crossdock run --dry-run reads all records.")


def _result(
    dry: DryMigration,
    resolved: ResolvedMapping,
    route: ObjectMapping,
    sample: Sample,
    run: Run,
    log: _Log,
) -> dict[str, Any]:
    """One route's account of the record."""
    made = converted(dry, resolved, route, [sample])[0]
    origin = (sample.tenant, route.source, sample.record.key)
    sent = [
        (target, receipt, before)
        for target, receipt, before in log.sent
        if (target.origin.tenant, target.origin.object_name, target.origin.key) == origin
        and target.object_name == route.target
    ]
    outcome, reasons = _outcome(dry, run, route, sample, made, [receipt for _, receipt, _ in sent])
    there = next((before for _, _, before in sent if before is not None), None)
    return {
        "route": route.name,
        "target": route.target,
        "outcome": outcome,
        "good": outcome in GOOD or outcome == Outcome.SKIPPED,
        "reasons": reasons,
        "parts": made.parts,
        "match": there.id if there is not None else "",
        "fields": _fields(route, sample.record, made, there, reasons),
    }


def _outcome(
    dry: DryMigration,
    run: Run,
    route: ObjectMapping,
    sample: Sample,
    made: Converted,
    receipts: Sequence[Receipt],
) -> tuple[str, list[str]]:
    """What the destination's answer was, else what the books say, and why."""
    phases = [p for p in dry.ledger.runs.phases(run) if p.tenant == sample.tenant]
    books = dry.ledger.books
    first = next((p for p in phases if p.name == route.name), None)
    reasons = [*(r for phase in phases if _of(phase, route) for r in _said(dry, phase, sample.record.key))]
    refused = [r for r in receipts if r.outcome in (Outcome.REJECTED, Outcome.FAILED)]
    if refused:
        return refused[0].outcome.value, list(dict.fromkeys([*refused[0].reasons, *reasons]))
    if receipts:
        return receipts[0].outcome.value, reasons
    booked = books.outcome_of(first, sample.record.key) if first is not None else None
    if booked is None:  # nothing about it was to be done, so no book has a line of its own for it
        links = dry.ledger.links.of_keys(sample.tenant, route.source, route.target, [sample.record.key])
        return (Outcome.UNCHANGED.value if links else "nothing to do"), reasons
    return booked.value, reasons or ([made.rule] if made.rule else [])


def _of(phase: PhaseRecord, route: ObjectMapping) -> bool:
    return phase.name in (route.name, route.name + LATER)


def _said(dry: DryMigration, phase: PhaseRecord, key: str) -> list[str]:
    outcomes = (Outcome.REJECTED, Outcome.HELD, Outcome.FAILED, Outcome.SKIPPED)
    lines = (line for outcome in outcomes for line in dry.ledger.books.lines(phase, outcome))
    return [reason for line in lines if line.key == key for reason in line.reasons]


def _fields(
    route: ObjectMapping,
    record: Record,
    made: Converted,
    there: Observation | None,
    reasons: Sequence[str],
) -> list[dict[str, Any]]:
    """Source value, what is done with it, target value, and what was said of it."""
    said: dict[str, str] = dict(made.reasons)
    for reason in reasons:
        name, colon, why = reason.partition(": ")
        if colon and name in route.fields:
            said.setdefault(name, why)
    rows = []
    for name, entry in route.fields.items():
        values = source_values(route, name, record)
        row: dict[str, Any] = {
            "field": name,
            "source": "; ".join(
                filter(None, (made.source.get(path, shown(v)) for path, v in values.items()))
            ),
            "from": ", ".join(values),
            "how": told(plain_field(entry)),
            "target": "set when what it leads to is there"
            if name in made.later
            else shown(made.values.get(name)),
            "problem": said.get(name, ""),
        }
        if there is not None:
            row["now"] = shown(there.values.get(name))
            row["differs"] = _differs(route, name, made.values.get(name), there.values.get(name))
        rows.append(row)
    return rows


def _differs(route: ObjectMapping, name: str, new: Any, old: Any) -> bool:
    schema = route.target_schema.field(name) if route.target_schema else None
    return not same(new, old, schema) if schema is not None else shown(new) != shown(old)
