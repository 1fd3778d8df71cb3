"""How long the machine needs: requests on both sides at their rates, for the whole way once."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Limits
from crossdock.scoping.planning import plan_of
from crossdock.scoping.survey import FileVolume, Profiles

ASSUMPTIONS = (
    "A file takes one request at each side; contents also take the time of the line, which nobody measured.",
    "A full reconciliation reads both sides once more.",
    "Platforms answer as fast as their rate allows; waiting for people is not in it.",
)


def estimate(
    migration: Migration, resolved: ResolvedMapping, profiles: Profiles, files: Sequence[FileVolume]
) -> dict[str, Any]:
    """Requests and minutes of extract, load, files and reconcile; minutes are None where no rate is known.

    `not_counted` names the phases whose records nobody has counted yet: they come on top.
    """
    planned = plan_of(migration, resolved)
    limits = migration.destination_catalog.limits
    load, unknown = int(planned["requests"]), []
    for phase in planned["phases"]:
        if not phase["counted"]:
            records = _records(phase["name"].partition(">")[0], profiles)
            load += ceil(records / limits.batch_size) + ceil(records / max(1, limits.page_size))
            if not records:
                unknown.append(phase["name"])
    links = sum(volume.links for volume in files)
    steps = [
        _step("extract", *_extract(migration, profiles)),
        _step("load and read back", load, _minutes(load, limits)),
        _step("files", 2 * links, _sum(_minutes(links, limits), _slowest(migration, links))),
    ]
    again = [_extract(migration, profiles), (load // 2, _minutes(load // 2, limits))]
    steps.append(_step("reconcile", sum(r for r, _ in again), _sum(*(m for _, m in again))))
    return {
        "steps": steps,
        "requests": sum(step["requests"] for step in steps),
        "minutes": _sum(*(step["minutes"] for step in steps)),
        "not_counted": unknown,
        "assumptions": list(ASSUMPTIONS),
    }


def _records(source_object: str, profiles: Profiles) -> int:
    return sum(p.records for (_, name), p in profiles.items() if name == source_object)


def _extract(migration: Migration, profiles: Profiles) -> tuple[int, float | None]:
    """Tenants are read one after the other, each at its own rate."""
    requests, minutes = 0, []
    for tenant, catalog in migration.source_catalogs.items():
        own = 0
        for schema in catalog.objects:
            seen = profiles.get((tenant, schema.name))
            records = schema.count if schema.count is not None else (seen.records if seen else 0)
            own += ceil(records / max(1, catalog.limits.page_size))
        requests += own
        minutes.append(_minutes(own, catalog.limits))
    return requests, _sum(*minutes)


def _slowest(migration: Migration, links: int) -> float | None:
    found = [_minutes(links, catalog.limits) for catalog in migration.source_catalogs.values()]
    return max((m for m in found if m is not None), default=None)


def _minutes(requests: int, limits: Limits) -> float | None:
    return requests / limits.calls_per_minute if limits.calls_per_minute else None


def _sum(*minutes: float | None) -> float | None:
    """The sum of what is known; None if nothing is."""
    known = [m for m in minutes if m is not None]
    return sum(known) if known else None


def _step(name: str, requests: int, minutes: float | None) -> Mapping[str, Any]:
    return {"name": name, "requests": requests, "minutes": minutes}
