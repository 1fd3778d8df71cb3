"""How long the machine needs: requests on both sides at their rates, for the whole way once."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from crossdock.fieldpaths import file_objects
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Limits
from crossdock.scoping.planning import FILE_REQUESTS, list_requests, plan_of
from crossdock.scoping.survey import FileVolume, Profiles

LOADING = "load and read back"
"""The step that the destination's own limit is about."""

ASSUMPTIONS = (
    "It takes at least so long: objects that nobody counted come on top, and so do repeated requests.",
    "A file takes two requests at each side; contents also take the time of the line, which nobody measured.",
    "A full reconciliation reads both sides once more, files included.",
    "Platforms answer as fast as their rate allows; waiting for people is not in it.",
)


def estimate(
    migration: Migration, resolved: ResolvedMapping, profiles: Profiles, files: Sequence[FileVolume]
) -> dict[str, Any]:
    """Requests and minutes of extract, load, files and reconcile; minutes are None where no rate is known,
    `how` is the arithmetic in words.

    `not_counted` names the phases whose records nobody has counted yet: they come on top.
    """
    planned = plan_of(migration, resolved)
    limits = migration.destination_catalog.limits
    load, unknown = int(planned["requests"]) - int(planned["files"]), []
    for phase in planned["phases"]:
        if not phase["counted"]:
            records = _records(phase["name"].partition(">")[0], profiles)
            load += ceil(records / limits.batch_size) + ceil(records / max(1, limits.page_size))
            if not records:
                unknown.append(phase["name"])
    contents = _contents(migration, resolved, files)
    sent = sum(contents.values())
    read, rates = _extract(migration, profiles), _rates(migration)
    there = _at(limits)
    back = load // 2 + sent // FILE_REQUESTS
    again = [read, (sent, _fetched(migration, contents)), (back, _minutes(back, limits))]
    steps = [
        _step("extract", *read, f"{read[0]:,} requests {rates}"),
        _step(LOADING, load, _minutes(load, limits), f"{load:,} requests {there}"),
        _step(
            "files",
            2 * sent,
            _sum(_minutes(sent, limits), _fetched(migration, contents)),
            f"{sent:,} requests {rates} and as many {there}",
        ),
        _step(
            "reconcile",
            sum(r for r, _ in again),
            _sum(*(m for _, m in again)),
            f"{read[0] + sent:,} requests {rates} and {back:,} {there}",
        ),
    ]
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
            own += list_requests(schema, records, catalog.limits.page_size)
        requests += own
        minutes.append(_minutes(own, catalog.limits))
    return requests, _sum(*minutes)


def _contents(
    migration: Migration, resolved: ResolvedMapping, volumes: Sequence[FileVolume]
) -> dict[str, int]:
    """Requests for the files of each tenant at one side: of as many as it counts, or as links were seen."""
    seen = {volume.tenant: volume.links for volume in volumes}
    names = file_objects(resolved.objects)
    return {
        tenant: FILE_REQUESTS
        * max(seen.get(tenant, 0), sum(s.count or 0 for s in catalog.objects if s.name in names))
        for tenant, catalog in migration.source_catalogs.items()
    }


def _fetched(migration: Migration, contents: Mapping[str, int]) -> float | None:
    catalogs = migration.source_catalogs
    return _sum(*(_minutes(count, catalogs[tenant].limits) for tenant, count in contents.items()))


def _minutes(requests: int, limits: Limits) -> float | None:
    return requests / limits.calls_per_minute if limits.calls_per_minute else None


def _sum(*minutes: float | None) -> float | None:
    """The sum of what is known; None if nothing is."""
    known = [m for m in minutes if m is not None]
    return sum(known) if known else None


def _rates(migration: Migration) -> str:
    """At which rate each source is read."""
    return ", ".join(dict.fromkeys(_at(c.limits) for c in migration.source_catalogs.values()))


def _at(limits: Limits) -> str:
    if not limits.calls_per_minute:
        return "at no known rate"
    return f"at {limits.calls_per_minute:,.6g} a minute"


def _step(name: str, requests: int, minutes: float | None, how: str) -> Mapping[str, Any]:
    return {"name": name, "requests": requests, "minutes": minutes, "how": how}
