"""People of the source who have no account at the destination yet. Is shown records, writes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from crossdock.equality import is_empty
from crossdock.ids import ReferenceStatus
from crossdock.loading.matching import Lookup
from crossdock.mapping import ObjectMapping
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Record, TargetRecord
from crossdock.names import shown_name
from crossdock.people.missing import people_routes, without_account

SHOWN: Final = 50
"""How many of the missing people are named."""
_AT_ONCE = 500  # people looked up in one request


@dataclass(frozen=True, slots=True)
class _NoIds:
    """An id map before anything was loaded."""

    project: str
    tenant: str

    def target_id(self, _object_name: str, _key: str, _target_object: str) -> str | None:
        return None

    def status(self, _object_name: str, _key: str, _target_object: str) -> ReferenceStatus:
        return ReferenceStatus.ABSENT

    def source_values(self, _object_name: str, _key: str) -> Mapping[str, Any] | None:
        return None

    def fallback(self, _match: str, _target_object: str) -> str | None:
        return None


@dataclass(slots=True)
class _Wanted:
    """The people of one route of a tenant, and what each is called."""

    tenant: str
    lookup: Lookup
    people: list[tuple[TargetRecord, str]] = field(default_factory=list)


class Accounts:
    """Gathers people while the sources are read for something else, then looks for their accounts.

    They are looked for as a run does it. People that a rule of the mapping leaves out are not counted.
    """

    def __init__(self, migration: Migration, resolved: ResolvedMapping) -> None:
        self._migration = migration
        self._wanted = [
            _Wanted(tenant, Lookup(route, schema, migration.destination))
            for tenant in migration.source_catalogs
            for route, schema in people_routes(migration, resolved, tenant)
        ]

    def see(self, tenant: str, object_name: str, records: Sequence[Record]) -> None:
        """Keep those of the records that are people."""
        for wanted in self._wanted:
            route = wanted.lookup.mapping
            if (wanted.tenant, route.source) == (tenant, object_name):
                known = {record.key: record for record in records}
                results = self._migration.transform(
                    records, route, _NoIds(self._migration.project.id, tenant)
                )
                targets = [t for t in results if isinstance(t, TargetRecord)]
                wanted.people += [(t, _name(known[t.origin.key], t, route)) for t in targets]

    def missing(self) -> list[dict[str, Any]]:
        """For each route that only finds people: how many were seen, and how many of them are not there.

        {tenant, object, target, people, missing, names}; names of at most SHOWN, with what they are looked
        up by.
        """
        return [_counted(wanted) for wanted in self._wanted]


def _counted(wanted: _Wanted) -> dict[str, Any]:
    names = [name for some in _stretches(wanted.people) for name in _absent(wanted.lookup, some)]
    return {
        "tenant": wanted.tenant,
        "object": wanted.lookup.mapping.source,
        "target": wanted.lookup.mapping.target,
        "people": len(wanted.people),
        "missing": len(names),
        "names": names[:SHOWN],
    }


def _absent(lookup: Lookup, people: Sequence[tuple[TargetRecord, str]]) -> list[str]:
    absent = {target.target_id for target in without_account(lookup, [target for target, _ in people])}
    return [name for target, name in people if target.target_id in absent]


def _stretches(people: Sequence[tuple[TargetRecord, str]]) -> Iterator[Sequence[tuple[TargetRecord, str]]]:
    for start in range(0, len(people), _AT_ONCE):
        yield people[start : start + _AT_ONCE]


def _name(record: Record, target: TargetRecord, route: ObjectMapping) -> str:
    sought = [v for key in route.match for name in key if not is_empty(v := target.values.get(name))]
    several = sought[0] if sought and isinstance(sought[0], tuple) else sought[:1]
    shown = ", ".join(sorted(str(one).strip().casefold() for one in several)) or "nothing to look up by"
    return f"{shown_name(record.values) or record.key} ({shown})"
