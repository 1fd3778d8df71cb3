"""What a run will cost at least: phases in order, requests, and the time they take at the rate limits."""

from math import ceil
from typing import Any, Final

from crossdock.fieldpaths import file_objects
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Catalog, ObjectSchema
from crossdock.proposing.usage import empty_but_moved

FILE_REQUESTS: Final = 2
"""Requests that one file takes at each side: what it is or where it goes, and its contents."""


def plan_of(migration: Migration, resolved: ResolvedMapping) -> dict[str, Any]:
    """The plan as plain data. Reading back costs about as many requests as loading, by page size.

    `files` are those of the requests that send contents of files. A phase that is not `counted` has records
    that the source tells only when it is read: its numbers, and the requests and minutes of the whole, are
    then the least that it can be. `empty_fields` are moved although discover saw no value in them.
    """
    limits = migration.destination_catalog.limits
    phases: list[dict[str, Any]] = []
    files, contents = file_objects(resolved.objects), 0
    for phase in migration.phases(resolved):
        schemas = [c.object(phase.mapping.source) for c in migration.source_catalogs.values()]
        counts = [schema.count for schema in schemas if schema is not None]
        records = sum(count or 0 for count in counts)
        writes = 0 if not phase.mapping.create else ceil(records / limits.batch_size)
        reads = ceil(records / max(1, limits.page_size))
        if phase.mapping.create and phase.mapping.source in files:
            writes += FILE_REQUESTS * records
            contents += FILE_REQUESTS * records
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
        "files": contents,
        "batch_size": limits.batch_size,
        "calls_per_minute": limits.calls_per_minute,
        "minutes_at_limit": None if minutes is None else round(minutes, 1),
        "estimate": _estimate(requests, limits.batch_size, limits.calls_per_minute, minutes),
        "empty_fields": empty_but_moved(migration.project.reports / "scope.json", resolved.objects),
        "sources": [_reading(tenant, c, resolved) for tenant, c in migration.source_catalogs.items()],
    }


def _reading(tenant: str, catalog: Catalog, resolved: ResolvedMapping) -> dict[str, Any]:
    """What reading one tenant costs its platform at least: lists by page size, files, `again` to compare.

    Not `counted` are objects that the source counts only when they are read: their requests come on top.
    """
    names = dict.fromkeys(route.source for route in resolved.objects)
    schemas = [schema for name in names if (schema := catalog.object(name)) is not None]
    holders = file_objects(resolved.objects)
    files = FILE_REQUESTS * sum(s.count or 0 for s in schemas if s.name in holders)
    requests = sum(list_requests(s, s.count or 0, catalog.limits.page_size) for s in schemas) + files
    limit = catalog.limits.calls_per_minute
    return {
        "tenant": tenant,
        "requests": requests,
        "files": files,
        "again": requests,
        "counted": all(s.requests or s.count is not None for s in schemas),
        "calls_per_minute": limit,
        "minutes_at_limit": round(requests / limit, 1) if limit else None,
    }


def list_requests(schema: ObjectSchema, records: int, page_size: int) -> int:
    """Requests to read an object once, without file contents: what its platform says, else by page size."""
    return schema.requests or ceil(records / max(1, page_size))


def _estimate(requests: int, batch: int, per_minute: float | None, minutes: float | None) -> str:
    if minutes is None:
        return (
            f"at least {requests} requests of at most {batch} records; the destination names no rate limit."
        )
    return (
        f"at least {requests} requests of at most {batch} records; at {per_minute:g} a minute that is about"
        f" {max(1, ceil(minutes))} min at the destination, and more for large files."
    )
