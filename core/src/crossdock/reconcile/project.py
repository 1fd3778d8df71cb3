"""Reconciles a whole project: every route of every tenant, then what nobody knows of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.errors import ConfigError
from crossdock.idmap import LedgerIdMap
from crossdock.ledger import LOADING_KINDS, Ledger, Run
from crossdock.mapping import ObjectMapping
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import FindingKind, Outcome
from crossdock.reconcile.routes import Reconciliation, Route, RouteResult
from crossdock.reconcile.spotcheck import SpotCheck, place_of, quotas
from crossdock.reconcile.totals import ControlTotals


@dataclass
class Verification:
    """The result of a reconciliation: route by route, totals over all, and the sample if one was drawn."""

    run: Run
    routes: list[RouteResult] = field(default_factory=list)
    totals: ControlTotals = field(default_factory=ControlTotals)
    sample: SpotCheck | None = None

    @property
    def clean(self) -> bool:
        """True if nothing was found but normalisations by a declared rule."""
        return not any(
            count
            for route in self.routes
            for kind, count in route.findings.items()
            if kind is not FindingKind.NORMALISED
        )


def verify_migration(
    migration: Migration, resolved: ResolvedMapping, spot: int = 0, seed: str = ""
) -> Verification:
    """Compare every field of every record on both sides. Raises ConfigError if nothing was loaded yet.

    `spot` draws that many records, by `seed`, to be shown side by side.
    """
    ledger = migration.ledger
    if not any(run.kind in LOADING_KINDS for run in ledger.runs.all()):
        raise ConfigError("nothing was loaded yet.", hint="Run `crossdock run` first.")
    unfinished = ledger.runs.unfinished("reconcile")
    run = unfinished or ledger.runs.start("reconcile", migration.destination_catalog.identity)
    ledger.findings.clear(run)
    routes = [route for tenant in migration.sources for route in _routes(migration, resolved, tenant)]
    result = Verification(run, sample=_sample(migration, routes, spot, seed) if spot else None)
    reconciliation = Reconciliation(
        run,
        ledger,
        migration.staging,
        migration.destination,
        migration.transform,
        project=migration.project.id,
        on_progress=lambda more: migration.progress("reconcile", more, None),
        witnesses=[result.totals] if result.sample is None else [result.totals, result.sample],
    )
    result.routes += [reconciliation.check(route) for route in routes]
    for target in dict.fromkeys(r.target for r in resolved.objects if r.create):
        schema = migration.destination_catalog.object(target)
        if schema is not None and not schema.match_only:
            result.routes.append(reconciliation.find_extra(target))
    ledger.runs.end(run)
    return result


def compared(verification: Verification) -> dict[str, Any]:
    """The routes with their counts, links and sums, as plain data."""
    routes = [
        {
            "name": route.name,
            "expected": route.expected,
            "whole": route.whole,
            "findings": {kind.value: count for kind, count in route.findings.items()},
        }
        for route in verification.routes
    ]
    return {"routes": routes, **verification.totals.as_data()}


def _sample(migration: Migration, routes: list[Route], size: int, seed: str) -> SpotCheck:
    links = migration.ledger.links
    counts = {place: links.count(*place) for place in map(place_of, routes)}
    return SpotCheck(seed, quotas(counts, size))


def _routes(migration: Migration, resolved: ResolvedMapping, tenant: str) -> list[Route]:
    ledger, catalog = migration.ledger, migration.destination_catalog
    ids = LedgerIdMap(
        migration.project.id,
        tenant,
        ledger,
        migration.staging,
        resolved.objects,
        lambda match, target: migration.find_target(resolved, match, target),
        [config.tenant for config in migration.project.sources],
    )
    routes = []
    for phase in migration.phases(resolved):
        mapping, schema = phase.mapping, catalog.object(phase.mapping.target)
        if schema is None or migration.source_catalogs[tenant].object(mapping.source) is None:
            continue
        reason = _reasons(migration, tenant, mapping)
        ids.phase_finished(mapping, reason)
        pair = [r for r in resolved.objects if (r.source, r.target) == (mapping.source, mapping.target)]
        routes.append(Route(tenant, mapping, schema, migration.sources[tenant], ids, reason, pair))
    return routes


def _reasons(migration: Migration, tenant: str, mapping: ObjectMapping) -> Callable[[str], Outcome | None]:
    """Why a record has no link: what the newest phase of that route that met it wrote into its book.

    As long as only samples were loaded, the records outside of them are not expected.
    """
    ledger = migration.ledger
    runs = [run for run in ledger.runs.all() if run.kind in LOADING_KINDS]
    place = (tenant, mapping.name)
    phases = [p for run in runs for p in ledger.runs.phases(run) if (p.tenant, p.name) == place]
    chosen = _chosen(ledger, runs, tenant, mapping.source)

    def reason(key: str) -> Outcome | None:
        known = ledger.books.last_outcome(phases, key)
        outside = chosen is not None and key not in chosen
        return Outcome.SKIPPED if known is None and outside else known

    return reason


def _chosen(ledger: Ledger, runs: Sequence[Run], tenant: str, source_object: str) -> frozenset[str] | None:
    """The keys of all samples; None if more than samples was loaded."""
    if any(run.kind != "sample" for run in runs):
        return None
    selections = [ledger.runs.option(run, "selection") or {} for run in runs]
    return frozenset(key for s in selections for key in s.get(tenant, {}).get(source_object, ()))
