"""The counts of the scope again after the load: said, extracted, loaded, there now."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from crossdock.errors import StorageError
from crossdock.ledger import Run
from crossdock.migration import Migration
from crossdock.model import FindingKind, Origin, Selection
from crossdock.scoping.risks import records_in

_PAGE = 200
_GONE = (FindingKind.NEVER_ARRIVED, FindingKind.DELETED_THERE)


def scope_compared(migration: Migration, run: Run | None = None) -> list[dict[str, Any]]:
    """One row an object of a tenant: {tenant, object, label, scope, extracted, loaded, there}.

    scope: records that reports/scope.json names, None if it does not (or there is none). extracted: live
    records and unreadable items in staging, None if never read. loaded: source records with a live target
    record. there: those of which every target record is found at the destination and not in its trash: as
    the reconciliation `run` saw it, else by reading the destination by id. Raises StorageError for a
    scope.json that is damaged.
    """
    said = scope_counts(migration.project.reports / "scope.json")
    missed = None if run is None else migration.ledger.findings.origins(run, _GONE)
    rows = []
    for tenant, catalog in migration.source_catalogs.items():
        for schema in catalog.objects:
            loaded, there = _loaded(migration, tenant, schema.name, missed)
            rows.append(
                {
                    "tenant": tenant,
                    "object": schema.name,
                    "label": schema.label or schema.name,
                    "scope": said.get((tenant, schema.name)),
                    "extracted": _extracted(migration, tenant, schema.name),
                    "loaded": loaded,
                    "there": there,
                }
            )
    return rows


def scope_counts(path: Path) -> dict[tuple[str, str], int | None]:
    """Records by tenant and object, as the scope document says; empty without one."""
    try:
        scope = orjson.loads(path.read_bytes())
        return {
            (side["tenant"], item["name"]): records_in({"profile": None, **item})
            for side in scope["sources"]
            for item in side["objects"]
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(f"{path} cannot be read.", hint="Make it again: crossdock discover") from error


def _extracted(migration: Migration, tenant: str, name: str) -> int | None:
    if migration.staging.extraction(tenant, name) is None:
        return None
    live = migration.staging.count(tenant, name, live=True)
    return live + len(migration.staging.rejected(tenant, name))


def _loaded(
    migration: Migration, tenant: str, name: str, missed: Collection[Origin] | None
) -> tuple[int, int]:
    """Source records that were loaded, and those of them that are wholly there."""
    loaded: set[str] = set()
    lost: set[str] = set()
    for target in _targets(migration, tenant, name):
        for links in migration.ledger.links.scan(tenant, name, target, size=_PAGE):
            loaded.update(link.origin.key for link in links)
            if missed is None:
                gone = _gone(migration, target, [link.target_id for link in links])
                lost.update(link.origin.key for link in links if link.target_id in gone)
            else:
                lost.update(link.origin.key for link in links if link.origin in missed)
    return len(loaded), len(loaded - lost)


def _targets(migration: Migration, tenant: str, name: str) -> Iterator[str]:
    for route_tenant, source_object, target in migration.ledger.links.target_objects():
        if (route_tenant, source_object) == (tenant, name):
            yield target


def _gone(migration: Migration, target: str, ids: Iterable[str]) -> set[str]:
    wanted = tuple(ids)
    if migration.destination_catalog.object(target) is None:
        return set(wanted)
    seen = migration.destination.reconcile(target, Selection(ids=wanted))
    return set(wanted) - {observation.id for observation in seen if not observation.trashed}
