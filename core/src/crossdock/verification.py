"""Reconciles a whole project: every route of every tenant, then what nobody knows of."""

from collections.abc import Callable
from dataclasses import dataclass, field

from crossdock.errors import ConfigError
from crossdock.idmap import LedgerIdMap
from crossdock.ledger import PhaseRecord, Run
from crossdock.migration import Migration
from crossdock.model import FindingKind, Outcome
from crossdock.reconcile import Reconciliation, Route, RouteResult
from crossdock.resolution import ResolvedMapping

_LOADING_KINDS = ("run", "sample", "delta")


@dataclass
class Verification:
    """The result of a reconciliation, route by route."""

    run: Run
    routes: list[RouteResult] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """True if nothing was found but normalisations by a declared rule."""
        return not any(
            count
            for route in self.routes
            for kind, count in route.findings.items()
            if kind is not FindingKind.NORMALISED
        )


def verify_migration(migration: Migration, resolved: ResolvedMapping) -> Verification:
    """Compare every record of every field on both sides. Raises ConfigError if nothing was loaded yet."""
    ledger = migration.ledger
    if not any(run.kind in _LOADING_KINDS for run in ledger.runs.all()):
        raise ConfigError("nothing was loaded yet.", hint="Run `crossdock run` first.")
    unfinished = ledger.runs.unfinished("reconcile")
    run = unfinished or ledger.runs.start("reconcile", migration.destination_catalog.identity)
    ledger.findings.clear(run)
    reconciliation = Reconciliation(
        run,
        ledger,
        migration.staging,
        migration.destination,
        migration.transform,
        project=migration.project.id,
        on_progress=lambda more: migration.progress("reconcile", more, None),
    )
    result = Verification(run)
    for tenant in migration.sources:
        result.routes += [reconciliation.check(route) for route in _routes(migration, resolved, tenant)]
    for target in dict.fromkeys(r.target for r in resolved.objects if r.create):
        schema = migration.destination_catalog.object(target)
        if schema is not None and not schema.match_only:
            result.routes.append(reconciliation.find_extra(target))
    ledger.runs.end(run)
    return result


def _routes(migration: Migration, resolved: ResolvedMapping, tenant: str) -> list[Route]:
    ledger, catalog = migration.ledger, migration.destination_catalog
    ids = LedgerIdMap(
        migration.project.id,
        tenant,
        ledger,
        migration.staging,
        resolved.objects,
        lambda match, target: migration.find_target(resolved, match, target),
    )
    routes = []
    for phase in migration.phases(resolved):
        mapping, schema = phase.mapping, catalog.object(phase.mapping.target)
        if schema is None or migration.source_catalogs[tenant].object(mapping.source) is None:
            continue
        reason = _reasons(migration, tenant, mapping.name)
        ids.phase_finished(mapping, reason)
        routes.append(Route(tenant, mapping, schema, migration.sources[tenant], ids, reason))
    return routes


def _reasons(migration: Migration, tenant: str, name: str) -> Callable[[str], Outcome | None]:
    """Why a record has no link: what the newest phase of that route wrote into its book."""
    ledger = migration.ledger
    newest: PhaseRecord | None = None
    for run in ledger.runs.all():
        if run.kind in _LOADING_KINDS:
            for phase in ledger.runs.phases(run):
                newest = phase if (phase.tenant, phase.name) == (tenant, name) else newest

    def reason(key: str) -> Outcome | None:
        return None if newest is None else ledger.books.outcome_of(newest, key)

    return reason
