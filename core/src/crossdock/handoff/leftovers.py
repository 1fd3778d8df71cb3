"""What stayed behind, counted: objects and fields without a way, records that were not loaded, and why."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from crossdock.equality import is_empty
from crossdock.fieldpaths import unread_fields
from crossdock.ledger import Ledger, PhaseRecord, Run, RunState
from crossdock.mapping import UNMAPPED
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import ObjectSchema, Outcome

_BAD: Final = (Outcome.REJECTED, Outcome.FAILED, Outcome.HELD, Outcome.SKIPPED)
# What tells one record's reason from another's: quoted values, e-mail addresses, ids, numbers.
_OWN: Final = re.compile(r"'[^']*'|\"[^\"]*\"|[^\s@]+@[^\s@,;]+|\b[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}\b|\d+")
_SHARED: Final = re.compile(r"(\bsame \w+) .*")  # the value that is shared, and the record that has it too
_NO_ELEMENT: Final = "for_each: "  # nothing was left out: the record has no second link to make a record of
_CHECKING: Final = "reconcile"
_WHOLE: Final = "run"


def left_out(migration: Migration, resolved: ResolvedMapping) -> dict[str, list[dict[str, Any]]]:
    """`objects` that no route moves and `fields` that nothing reads, each with how much is in it.

    `records` is the platform's count (None if it does not say); `filled` counts staged records, None if the
    object was never extracted.
    """
    objects: list[dict[str, Any]] = []
    fields: list[dict[str, Any]] = []
    for tenant, catalog in migration.source_catalogs.items():
        for schema in catalog.objects:
            if any(route.source == schema.name for route in resolved.objects):
                fields += _fields(migration, resolved, tenant, schema)
            else:
                why = "nobody wants it" if schema.name in resolved.ignored else "the mapping has no route"
                objects.append(
                    {
                        "tenant": tenant,
                        "object": schema.name,
                        "label": schema.label or schema.name,
                        "records": schema.count,
                        "why": why,
                    }
                )
    return {"objects": objects, "fields": fields}


def _fields(
    migration: Migration, resolved: ResolvedMapping, tenant: str, schema: ObjectSchema
) -> Iterator[dict[str, Any]]:
    """Fields that no route of the object reads: reported ones, and those that the mapping ignores."""
    routes = [route for route in resolved.objects if route.source == schema.name]
    if any(UNMAPPED in entry.sources for route in routes for entry in route.fields.values()):
        return
    ignored = {name for route in routes for name in route.ignore}
    unread = unread_fields(schema, resolved.objects)
    filled = _filled(migration, tenant, schema.name, [f.name for f in unread]) if unread else None
    for field in unread:
        yield {
            "tenant": tenant,
            "object": schema.name,
            "field": field.name,
            "label": field.label or field.name,
            "filled": None if filled is None else filled[field.name],
            "why": "ignored" if field.name in ignored else "mapped to nothing",
        }


def _filled(migration: Migration, tenant: str, name: str, fields: Sequence[str]) -> Counter[str] | None:
    if migration.staging.extraction(tenant, name) is None:
        return None
    counts: Counter[str] = Counter()
    for page in migration.staging.scan(tenant, name, size=1000):
        for staged in page:
            if not staged.record.deleted:
                values = staged.record.values
                counts.update(f for f in fields if not is_empty(values.get(f)))
    return counts


def not_loaded(ledger: Ledger, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Records that are not loaded, by phase, outcome and kind of reason: {phase, tenant, ..., count}.

    Of each record its newest outcome counts, over the newest full run and all that was loaded since; a run
    that was rolled back counts for nothing. Values in a reason are left out, so that
    what has the same cause stands in one line.
    """
    rows = []
    for (tenant, name), phases in _phases(ledger, runs).items():
        lines = ledger.books.newest_lines(phases)
        for outcome in _BAD:
            reasons = Counter(
                (line.queue, reason if outcome is Outcome.SKIPPED else _kind(reason))
                for line in lines
                if line.outcome is outcome
                if not line.reasons[:1] or not line.reasons[0].startswith(_NO_ELEMENT)
                for reason in line.reasons[:1] or ("",)
            )
            rows += [
                {
                    "phase": name,
                    "tenant": tenant,
                    "outcome": outcome.value,
                    "queue": queue,
                    "reason": reason,
                    "count": count,
                }
                for (queue, reason), count in reasons.most_common()
            ]
    return rows


def _phases(ledger: Ledger, runs: Sequence[Run]) -> dict[tuple[str, str], list[PhaseRecord]]:
    """By tenant and name, the phases since the newest full run, which looked at every record."""
    loads = [run for run in runs if run.kind != _CHECKING and run.state is not RunState.ROLLED_BACK]
    whole = [n for n, run in enumerate(loads) if run.kind == _WHOLE and run.state is RunState.DONE]
    found: dict[tuple[str, str], list[PhaseRecord]] = {}
    for run in loads[whole[-1] if whole else 0 :]:
        for phase in ledger.runs.phases(run):
            found.setdefault((phase.tenant, phase.name), []).append(phase)
    return found


def _kind(reason: str) -> str:
    return _OWN.sub("…", _SHARED.sub(r"\1 …", reason))
