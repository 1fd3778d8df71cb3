"""What a run will cost: phases in order, requests, and the time they take at the rate limits."""

from math import ceil
from typing import Any

from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Catalog


def plan_of(migration: Migration, resolved: ResolvedMapping) -> dict[str, Any]:
    """The plan as plain data. Reading back costs about as many requests as loading, by page size.

    A phase that is not `counted` has records that the source tells only when it is read: its numbers, and
    the requests and minutes of the whole, are then the least that it can be.
    """
    limits = migration.destination_catalog.limits
    phases: list[dict[str, Any]] = []
    for phase in migration.phases(resolved):
        schemas = [c.object(phase.mapping.source) for c in migration.source_catalogs.values()]
        counts = [schema.count for schema in schemas if schema is not None]
        records = sum(count or 0 for count in counts)
        writes = 0 if not phase.mapping.create else ceil(records / limits.batch_size)
        reads = ceil(records / max(1, limits.page_size))
        phases.append(
            {
                "name": phase.mapping.name,
                "records": records,
                "counted": None not in counts,  # the source can count these before it is read
                "requests": writes + reads,
                "after": list(phase.after),
                "deferred": list(phase.deferred),
            }
        )
    requests = sum(int(p["requests"]) for p in phases)
    minutes = requests / limits.calls_per_minute if limits.calls_per_minute else None
    return {
        "phases": phases,
        "requests": requests,
        "batch_size": limits.batch_size,
        "calls_per_minute": limits.calls_per_minute,
        "minutes_at_limit": None if minutes is None else round(minutes, 1),
        "estimate": _estimate(requests, limits.batch_size, limits.calls_per_minute, minutes),
        "sources": [_reading(tenant, c, resolved) for tenant, c in migration.source_catalogs.items()],
    }


def _reading(tenant: str, catalog: Catalog, resolved: ResolvedMapping) -> dict[str, Any]:
    """What reading one tenant costs its platform: its lists by page size; files come on top."""
    schemas = [catalog.object(name) for name in dict.fromkeys(route.source for route in resolved.objects)]
    page = max(1, catalog.limits.page_size)
    requests = sum(s.requests or ceil((s.count or 0) / page) for s in schemas if s is not None)
    limit = catalog.limits.calls_per_minute
    return {
        "tenant": tenant,
        "requests": requests,
        "calls_per_minute": limit,
        "minutes_at_limit": round(requests / limit, 1) if limit else None,
    }


def _estimate(requests: int, batch: int, per_minute: float | None, minutes: float | None) -> str:
    if minutes is None:
        return f"{requests} requests of at most {batch} records; the destination names no rate limit."
    return (
        f"{requests} requests of at most {batch} records; at {per_minute:g} a minute that is about"
        f" {max(1, ceil(minutes))} min at the destination (files take longer)."
    )
