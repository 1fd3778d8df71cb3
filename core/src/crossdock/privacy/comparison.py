"""Reconciliation after a purge: no value is left, and still every record is accounted for.

The destination is read afresh, and each field is hashed and held against the hash of what was read back right
after the load, when it was compared with the source. What this cannot say: whether the source changed since,
and what the values were.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from crossdock.errors import RefusedError
from crossdock.ledger import Link, Run
from crossdock.migration import Migration
from crossdock.model import Finding, FindingKind, Observation, Selection
from crossdock.privacy.proof import Proof, key_file, read_proof
from crossdock.reconcile.routes import Reconciliation, RouteResult

EDITED: Final = "it is not what was read back after the load, by its hash"
_NO_KEY: Final = (
    "the key of the hashes is not here: that records are there was compared, what they hold was not"
)


@dataclass
class HashComparison:
    """What came of it: route by route, the fields whose hash was held against what is there."""

    run: Run
    routes: list[RouteResult] = field(default_factory=list)
    fields: int = 0
    not_proven: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """True if every record is there as it was, and the key was at hand to say so."""
        return not self.not_proven and not any(count for r in self.routes for count in r.findings.values())


def compare_hashes(migration: Migration) -> HashComparison:
    """Compare every loaded record; findings are kept in the ledger. Reads the destination alone."""
    ledger = migration.ledger
    run = ledger.runs.unfinished("reconcile") or ledger.runs.start(
        "reconcile", migration.destination_catalog.identity
    )
    ledger.findings.clear(run)
    proof = read_proof(key_file(migration.project.state))
    result = HashComparison(run, not_proven=[] if proof else [_NO_KEY])
    targets = ledger.links.target_objects()
    for tenant, source_object, target in targets:
        if migration.destination_catalog.object(target) is not None:
            route = RouteResult(f"{source_object}>{target}")
            for links in ledger.links.scan(tenant, source_object, target, size=200):
                _compare(migration, result, route, links, proof)
                migration.progress("reconcile", len(links), None)
            result.routes += [route] if route.expected else []
    result.routes += _extra(migration, run, dict.fromkeys(target for _, _, target in targets))
    ledger.runs.end(run)
    return result


def refuse_values(spot: int, exports: bool) -> None:
    """Raises RefusedError for comparisons that show values, or need them."""
    if spot or exports:
        raise RefusedError(
            "the values of this project were purged: nothing is left to be shown side by side, or to be held"
            " against an export.",
            hint="crossdock reconcile alone compares by hash.",
        )


def _compare(
    migration: Migration,
    result: HashComparison,
    route: RouteResult,
    links: Sequence[Link],
    proof: Proof | None,
) -> None:
    target = links[0].target_object
    ids = tuple(dict.fromkeys(link.target_id for link in links))
    there = {o.id: o for o in migration.destination.reconcile(target, Selection(ids=ids))}
    bases = migration.ledger.links.bases(target, ids)
    findings = []
    for link in migration.ledger.links.as_written(links):
        route.expected += 1
        found = there.get(link.target_id)
        if found is None or found.trashed:
            note = "it lies in the trash" if found is not None else ""
            place = (target, link.target_id, link.origin)
            findings.append(Finding(FindingKind.DELETED_THERE, *place, note=note))
            continue
        known = bases.get(link.target_id, ())
        edited = [] if proof is None else list(_edited(link, found, known, proof))
        result.fields += len(link.base or {}) if proof else 0
        route.whole += not edited
        findings += [_finding(link, name) for name in edited]
    for finding in findings:
        route.findings[finding.kind] = route.findings.get(finding.kind, 0) + 1
    migration.ledger.findings.add(result.run, findings)


def _edited(
    link: Link, found: Observation, bases: Sequence[Mapping[str, Any]], proof: Proof
) -> Iterator[str]:
    """Fields that hold something else than what any load wrote last and read back."""
    for name in link.base or {}:
        now = proof.hash(link.target_object, link.target_id, name, found.values.get(name))
        if all(base.get(name) != now for base in bases):
            yield name


def _finding(link: Link, name: str) -> Finding:
    kind, place = FindingKind.EDITED_THERE, (link.target_object, link.target_id, link.origin)
    return Finding(kind, *place, name, note=EDITED)


def _extra(migration: Migration, run: Run, targets: Mapping[str, None]) -> Iterator[RouteResult]:
    """Records of this project that nobody knows of."""
    reconciliation = Reconciliation(
        run,
        migration.ledger,
        migration.staging,
        migration.destination,
        migration.transform,
        project=migration.project.id,
    )
    for target in targets:
        schema = migration.destination_catalog.object(target)
        if schema is not None and not schema.match_only:
            yield reconciliation.find_extra(target)
