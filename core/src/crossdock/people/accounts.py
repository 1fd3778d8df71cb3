"""People of the source who have no account at the destination yet. Reads both sides, writes nothing."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from crossdock.equality import is_empty
from crossdock.ids import ReferenceStatus
from crossdock.mapping import ObjectMapping
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Record, Selection, TargetRecord
from crossdock.names import shown_name

SHOWN: Final = 50
"""How many of the missing people are named."""


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


def missing_accounts(migration: Migration, resolved: ResolvedMapping) -> list[dict[str, Any]]:
    """For each route that only finds records (of people): how many there are and how many are not found.

    {tenant, object, target, people, missing, names}; names of at most SHOWN, with what they are looked up
    by. People that a rule of the mapping leaves out are not counted.
    """
    found = []
    for route in resolved.objects:
        key = next((k[0] for k in route.match if len(k) == 1), None)
        if route.create or key is None:
            continue
        for tenant, catalog in migration.source_catalogs.items():
            if catalog.object(route.source) is not None:
                found.append(_missing(migration, route, tenant, key))
    return found


def _missing(migration: Migration, route: ObjectMapping, tenant: str, key: str) -> dict[str, Any]:
    ids = _NoIds(migration.project.id, tenant)
    people, names = 0, []
    with closing(migration.sources[tenant].extract(route.source, files=migration.files)) as batches:
        for batch in batches:
            known = {record.key: record for record in batch.records}
            wanted = {
                target.origin.key: target.values.get(key)
                for target in migration.transform(batch.records, route, ids)
                if isinstance(target, TargetRecord)
            }
            people += len(wanted)
            there = _there(migration, route.target, key, wanted)
            names += [_name(known[k], v) for k, v in wanted.items() if not _forms(v) & there]
    return {
        "tenant": tenant,
        "object": route.source,
        "target": route.target,
        "people": people,
        "missing": len(names),
        "names": names[:SHOWN],
    }


def _there(migration: Migration, target: str, key: str, wanted: Mapping[str, Any]) -> set[str]:
    values = tuple(value for value in wanted.values() if not is_empty(value))
    if not values:
        return set()
    seen = migration.destination.reconcile(target, Selection(match=(key, values)))
    return {form for o in seen if not o.trashed for form in _forms(o.values.get(key))}


def _forms(value: Any) -> set[str]:
    several = value if isinstance(value, tuple) else (value,)
    return {str(one).strip().casefold() for one in several if not is_empty(one)}


def _name(record: Record, value: Any) -> str:
    shown = ", ".join(sorted(_forms(value))) or "nothing to look up by"
    return f"{shown_name(record.values) or record.key} ({shown})"
