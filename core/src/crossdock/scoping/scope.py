"""The scope document: what there is to move, how it looks, where it goes, what it will take.

For a customer to read before anything is planned. Its counts are compared again after the load
(`crossdock.scoping.comparison`).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crossdock.artifacts import artifact_reports, lacking, report_data
from crossdock.documents.filing import file_json
from crossdock.errors import MappingError
from crossdock.mappingfile.document import load as load_mapping
from crossdock.mappingfile.resolution import ResolvedMapping, resolve
from crossdock.migration import Migration
from crossdock.model import Catalog
from crossdock.people.accounts import Accounts
from crossdock.proposing.project import proposal_of
from crossdock.scoping.assessment import assess
from crossdock.scoping.estimate import LOADING, estimate
from crossdock.scoping.prices import priced
from crossdock.scoping.profiling import Profile
from crossdock.scoping.risks import records_in, risks_of, total
from crossdock.scoping.schemaplan import schema_plan, totals
from crossdock.scoping.survey import RECORDS, Survey, survey

_GB = 1_000_000_000


def scope_of(migration: Migration, records: int | None = RECORDS) -> dict[str, Any]:
    """The scope as plain data. `records` is how many of each object are read (0: all, None: none)."""
    resolved, basis = _mapping(migration)
    accounts = Accounts(migration, resolved)
    seen = Survey(0) if records is None else survey(migration, resolved, records, look=accounts.see)
    catalogs, there = list(migration.source_catalogs.values()), migration.destination_catalog
    folder = migration.project.reports
    plan = schema_plan(resolved, catalogs, there)
    scope: dict[str, Any] = {
        "project": migration.project.id,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "records_read": records,
        "sources": [
            {
                "tenant": t,
                **side_data(c, t, seen),
                "artifacts": [report_data(r, folder) for r in artifact_reports(c)],
            }
            for t, c in migration.source_catalogs.items()
        ],
        "destination": side_data(there),
        "mapping": basis,
        "plan": plan,
        "totals": totals(plan),
        "files": [
            {"tenant": v.tenant, "links": v.links, "measured": v.measured, "bytes": v.bytes, "whole": v.whole}
            for v in seen.files
        ],
        "people": [] if records is None else accounts.missing(),
        "automations": [
            {"kind": a.kind, "name": a.name} for r in there.artifacts for a in r.found if a.active
        ],
        "lacking": lacking(there, catalogs),
        "estimate": estimate(migration, resolved, seen.profiles, seen.files),
    }
    scope["assessment"] = assess(figures_of(scope), scope["estimate"]["minutes"])
    prices = migration.project.prices
    scope["price"] = None if prices is None else priced(prices, scope["assessment"])
    return scope | {"risks": risks_of(scope)}


def write_scope(folder: Path, scope: Mapping[str, Any]) -> Path:
    """Write `scope.json`; gives its path. Raises StorageError."""
    return file_json(folder / "scope.json", scope)


def _mapping(migration: Migration) -> tuple[ResolvedMapping, dict[str, str]]:
    """The mapping that the plan rests on: the project's own if it can be used, else a proposal."""
    note = "There is no mapping yet: this is what would be proposed."
    if migration.project.mapping.exists():
        try:
            load_mapping(migration.project.mapping)
            return migration.resolved(), {"from": "mapping.yaml", "note": ""}
        except MappingError as error:
            note = f"mapping.yaml cannot be used yet ({error.message}) This is what would be proposed."
    catalogs = list(migration.source_catalogs.values())
    mapping = proposal_of(migration).mapping
    resolved = resolve(mapping, {}, catalogs, migration.destination_catalog, migration.naming)
    return resolved, {"from": "proposal", "note": note}


def side_data(catalog: Catalog, tenant: str = "", seen: Survey | None = None) -> dict[str, Any]:
    """One connection: what it holds, what it can do, what limits it."""
    return {
        "platform": catalog.platform,
        "identity": catalog.identity,
        "version": catalog.version,
        "objects": [
            {
                "name": o.name,
                "label": o.label,
                "count": o.count,
                "fields": len(o.fields),
                "custom": o.custom,
                "profile": _profile(seen, tenant, o.name) if seen else None,
            }
            for o in catalog.objects
        ],
        "artifacts": [report_data(report) for report in catalog.artifacts],
        "capabilities": catalog.capabilities.as_dict(),
        "limits": {
            "scope": catalog.limits.scope,
            "calls_per_minute": catalog.limits.calls_per_minute,
            "batch_size": catalog.limits.batch_size,
            "page_size": catalog.limits.page_size,
        },
        "notes": list(catalog.notes),
    }


def _profile(seen: Survey, tenant: str, name: str) -> dict[str, Any] | None:
    profile = seen.profiles.get((tenant, name))
    if profile is None:
        return None
    labels = {f.name: f.label or f.name for f in profile.schema.fields}
    return {
        **_counts(profile),
        "unread": seen.unread.get((tenant, name), ""),
        "missing": [
            {"field": f, "label": labels.get(f, f), "records": n} for f, n in profile.missing.most_common()
        ],
        "repeated": [
            {
                "kind": r.kind,
                "field": r.field,
                "label": labels.get(r.field, r.kind),
                "groups": r.groups,
                "records": r.records,
            }
            for r in profile.repeated()
        ],
        "filled": _filled(profile),
    }


def _filled(profile: Profile) -> list[dict[str, Any]]:
    """The use of each field."""
    own = {f.name: f.custom for f in profile.schema.fields}
    return [
        {
            "field": use.field,
            "label": use.label,
            "custom": own[use.field],
            "records": use.filled,
            "share": use.share,
            "distinct": use.distinct,
            "more": use.more,
            "shortest": use.shortest,
            "longest": use.longest,
            "first": use.first,
            "last": use.last,
        }
        for use in profile.usage
    ]


def _counts(profile: Profile) -> dict[str, Any]:
    length, field = profile.longest
    return {
        "records": profile.records,
        "whole": profile.whole,
        "deleted": profile.deleted,
        "unreadable": profile.unreadable,
        "incomplete": profile.incomplete,
        "duplicates": profile.duplicates,
        "cyrillic": profile.cyrillic,
        "longest_text": {"characters": length, "field": field},
        "links": profile.links,
    }


def figures_of(scope: Mapping[str, Any]) -> dict[str, float | None]:
    """The figures that the assessment rests on; None for what nobody counted."""
    objects = [item for side in scope["sources"] for item in side["objects"]]
    counts = [records_in(item) for item in objects]
    kinds = [report for side in scope["sources"] for report in side["artifacts"]]
    looked = scope["records_read"] is not None
    sizes = [volume["bytes"] for volume in scope["files"]]
    load = next(step for step in scope["estimate"]["steps"] if step["name"] == LOADING)
    return {
        "objects": sum(count != 0 for count in counts),
        "custom_objects": scope["totals"]["new_objects"],
        "custom_fields": scope["totals"]["new_fields"],
        "links": scope["totals"]["links"],
        "records": sum(count or 0 for count in counts),
        "files_gb": sum(sizes) / _GB if looked and None not in sizes else None,
        "artifacts": sum(len(report["found"]) for report in kinds),
        "not_examined": sum(not report["examined"] for report in kinds),
        "tenants": len(scope["sources"]),
        "unmapped_fields": scope["totals"]["unmapped_fields"],
        "incomplete": total(scope, "incomplete") if looked else None,
        "duplicates": total(scope, "duplicates") if looked else None,
        "users_missing": sum(item["missing"] for item in scope["people"]) if looked else None,
        "lacking": sum(bool(need["needed_by"]) for need in scope["lacking"]),
        "objects_left_out": sum(bool(records_in(item)) for item in _left_out(scope)),
        "automations": len(scope["automations"]),
        "requests": scope["estimate"]["requests"],
        "load_hours": None if load["minutes"] is None else load["minutes"] / 60,
    }


def _left_out(scope: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Objects of the sources that nothing is planned for."""
    names = {entry["source"] for entry in scope["plan"] if entry["left_out"]}
    return [item for side in scope["sources"] for item in side["objects"] if item["name"] in names]
