"""Full reconciliation: what should be there, by a second read of the source, against what is there.

Every field of every record, not a sample. The expected side comes from the source's own second
read (staging is only asked whether the source changed meanwhile), the actual side from a fresh read
of the destination. Records that this project owns there and nobody knows of are `extra`.
"""

from __future__ import annotations  # array is no generic before Python 3.12

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from typing import Any, Protocol

from crossdock.compare import compare, given_way
from crossdock.equality import completed, is_empty
from crossdock.idmap import LedgerIdMap
from crossdock.ids import IdMap
from crossdock.ledger import Ledger, Link, LinkState, Run
from crossdock.mapping import ObjectMapping
from crossdock.model import (
    Finding,
    FindingKind,
    ObjectSchema,
    Observation,
    Origin,
    Outcome,
    Record,
    Rejected,
    Selection,
    Skipped,
    TargetRecord,
)
from crossdock.referenceplan import NOBODY, unresolved
from crossdock.serial import content_hash
from crossdock.staging import Staging
from crossdock.vanished import vanished

_PAGE = 200
# A record that people keep although its source record was deleted is theirs, and known all the same.
_KNOWN = (LinkState.LIVE, LinkState.DELETED_AT_SOURCE)


class Reader(Protocol):
    """The part of a platform that reconciliation needs, on either side."""

    def reconcile(self, object_name: str, selection: Selection) -> Generator[Observation, None, None]:
        """Read records back."""


@dataclass
class RouteResult:
    """One route: how many target records were expected and found whole, and every finding."""

    name: str
    expected: int = 0
    whole: int = 0
    findings: dict[FindingKind, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """One route of one tenant, and why a record without a link is missing (None: no reason known)."""

    tenant: str
    mapping: ObjectMapping
    schema: ObjectSchema
    source: Reader
    ids: LedgerIdMap
    reason: Callable[[str], Outcome | None]
    beside: Sequence[ObjectMapping] = ()  # all routes of the same pair of objects, if there are more


Transform = Callable[[Sequence[Record], ObjectMapping, IdMap], Sequence[TargetRecord | Rejected | Skipped]]


@dataclass(frozen=True, slots=True)
class Compared:
    """One target record that was compared: both sides of it, and what was found."""

    route: Route
    record: Record
    expected: TargetRecord
    observation: Observation | None
    findings: Sequence[Finding]


class Witness(Protocol):
    """Sees every record that is compared: what counts totals or keeps a sample."""

    def see(self, compared: Compared) -> None:
        """Take one record in."""


class Reconciliation:
    """Compares all routes of a project and keeps the findings in the ledger, under one run."""

    def __init__(
        self,
        run: Run,
        ledger: Ledger,
        staging: Staging,
        destination: Reader,
        transform: Transform,
        *,
        project: str,
        on_progress: Callable[[int], None] = lambda _: None,
        witnesses: Sequence[Witness] = (),
    ) -> None:
        self._run = run
        self._ledger = ledger
        self._staging = staging
        self._destination = destination
        self._transform = transform
        self._project = project
        self._on_progress = on_progress
        self._witnesses = witnesses
        self._known: dict[str, array[int]] = {}

    def check(self, route: Route) -> RouteResult:
        """Compare every record of a route, then every link that the source no longer shows."""
        result = RouteResult(route.mapping.name)
        seen: set[int] = set()
        with closing(route.source.reconcile(route.mapping.source, Selection(owned=""))) as observations:
            while page := list(islice(observations, _PAGE)):
                self._check_page(route, page, seen, result)
                self._on_progress(len(page))
        self._check_vanished(route, seen, result)
        return result

    def find_extra(self, target_object: str) -> RouteResult:
        """Records of this project at the destination that the ledger does not know."""
        result = RouteResult(f"{target_object}: extra")
        known = self._known_ids(target_object)
        selection = Selection(owned=f"{self._project}:")
        with closing(self._destination.reconcile(target_object, selection)) as observations:
            for observation in observations:
                if not _holds(known, _hash(observation.id)):
                    note = f"carries {observation.external_id}" if observation.external_id else ""
                    finding = Finding(FindingKind.EXTRA, target_object, observation.id, note=note)
                    self._keep([finding], result)
        return result

    def _check_page(
        self, route: Route, page: Sequence[Observation], seen: set[int], result: RouteResult
    ) -> None:
        records = [Record(o.object_name, o.id, o.values, o.trashed, o.updated_at) for o in page]
        changed = self._changed_since(route, records)
        deleted = [r for r in records if r.deleted and r.key not in changed]
        steady = [r for r in records if r.key not in changed and not r.deleted]
        route.ids.prefetch(steady)
        outcomes = self._transform(steady, route.mapping, route.ids)
        targets = [t for t in outcomes if isinstance(t, TargetRecord)]
        links = {
            (link.origin.key, link.origin.part): link
            for link in self._ledger.links.of_keys(
                route.tenant, route.mapping.source, route.schema.name, [r.key for r in records]
            )
        }
        seen.update(link.n for link in links.values())
        self._keep([_left_there(link) for link in self._left(route, deleted, links)], result)
        self._keep([self._changed_finding(route, key, links) for key in changed], result)
        self._keep(
            [_no_longer_given(link) for link in self._vanished(route, steady, links, outcomes)], result
        )
        self._compare(route, {r.key: r for r in steady}, targets, links, result)

    def _left(
        self, route: Route, deleted: Sequence[Record], links: Mapping[tuple[str, str], Link]
    ) -> list[Link]:
        """What is still there of records that were deleted at the source, and should not be."""
        keys = {key for (key, _), link in links.items() if link.state is LinkState.LIVE}
        outcomes = self._transform([r for r in deleted if r.key in keys], route.mapping, route.ids)
        left = {o.key for o in outcomes if isinstance(o, Skipped)}
        return [link for (key, _), link in links.items() if key in left and link.state is LinkState.LIVE]

    def _vanished(
        self,
        route: Route,
        steady: Sequence[Record],
        links: Mapping[tuple[str, str], Link],
        outcomes: Sequence[TargetRecord | Rejected | Skipped],
    ) -> list[Link]:
        """What is still there though its source record, which is there too, no longer leads to it."""
        speaker = (*route.beside, route.mapping)[0]  # of the routes of a pair one speaks for all
        if not route.mapping.create or route.schema.match_only or route.mapping is not speaker:
            return []
        records = {record.key: record for record in steady}
        live = [x for x in links.values() if x.state is LinkState.LIVE and x.origin.key in records]
        left = vanished(live, outcomes)
        some = [records[key] for key in dict.fromkeys(link.origin.key for link in left)]
        others = [other for other in route.beside if other is not route.mapping]
        return vanished(left, [o for other in others for o in self._transform(some, other, route.ids)])

    def _changed_since(self, route: Route, records: Sequence[Record]) -> list[str]:
        """Keys of records that were changed since they were extracted, by the source's own word.

        Other values under the same time of change are no change but a wrong first reading: those
        records are compared, and differ.
        """
        staged = self._staging.get(route.tenant, route.mapping.source, [r.key for r in records])
        changed = []
        for record in records:
            known = staged.get(record.key)
            if known is None or known.record.deleted != record.deleted:
                changed.append(record.key)
            elif record.deleted or known.hash == content_hash(record.values):
                continue
            elif record.updated_at is None or record.updated_at != known.record.updated_at:
                changed.append(record.key)
        return changed

    def _changed_finding(self, route: Route, key: str, links: dict[tuple[str, str], Link]) -> Finding:
        origin = Origin(route.tenant, route.mapping.source, key)
        link = links.get((key, ""))
        note = "changed since it was extracted" if link else "not extracted yet, or not loaded"
        target_id = link.target_id if link else ""
        return Finding(FindingKind.CHANGED_AT_SOURCE, route.schema.name, target_id, origin, note=note)

    def _compare(
        self,
        route: Route,
        records: Mapping[str, Record],
        targets: Sequence[TargetRecord],
        links: dict[tuple[str, str], Link],
        result: RouteResult,
    ) -> None:
        pairs = []
        for target in targets:
            link = links.get((target.origin.key, target.origin.part))
            if link is not None and link.state is LinkState.LIVE:
                pairs.append((target, link))
            elif link is not None and link.state is LinkState.DELETED_THERE:
                self._keep([self._missing(FindingKind.DELETED_THERE, target)], result)
            elif route.reason(target.origin.key) is None:
                result.expected += 1
                self._keep([self._missing(FindingKind.NEVER_ARRIVED, target)], result)
        written = self._ledger.links.as_written([link for _, link in pairs])
        pairs = [(target, link) for (target, _), link in zip(pairs, written, strict=True)]
        observed = self._observed(route, written)
        filled = self._ledger.links.added_fields(route.schema.name, observed)
        for target, link in pairs:
            result.expected += 1
            kept = route.mapping.existing == "keep"
            expected = _expected(target, link, filled.get(link.target_id, ()), kept)
            observation = observed.get(link.target_id)
            findings = compare(expected, observation, link.base, route.schema)
            findings += _unresolved(expected, observation, findings)
            if link.made_by is None:
                findings += given_way(target, observation, link.base or {}, route.schema)
            result.whole += all(f.kind is FindingKind.NORMALISED for f in findings)
            self._keep(findings, result)
            for witness in self._witnesses:
                witness.see(Compared(route, records[target.origin.key], expected, observation, findings))

    @staticmethod
    def _missing(kind: FindingKind, target: TargetRecord) -> Finding:
        return Finding(kind, target.object_name, target.target_id, target.origin)

    def _check_vanished(self, route: Route, seen: set[int], result: RouteResult) -> None:
        for links in self._ledger.links.scan(route.tenant, route.mapping.source, route.schema.name):
            gone = [link for link in links if link.n not in seen]
            staged = self._staging.get(route.tenant, route.mapping.source, [x.origin.key for x in gone])
            known = {key for key, found in staged.items() if found.record.deleted}
            self._keep(
                [_left_there(link) if link.origin.key in known else _gone(link) for link in gone], result
            )

    def _observed(self, route: Route, links: Sequence[Link]) -> dict[str, Observation]:
        if not links:
            return {}
        selection = Selection(ids=tuple(dict.fromkeys(link.target_id for link in links)))
        return {o.id: o for o in self._destination.reconcile(route.schema.name, selection)}

    def _known_ids(self, target_object: str) -> array[int]:
        """Hashes of all target ids that may be live, sorted: eight bytes a record."""
        hashes = array("q")
        for tenant, source_object, target in self._ledger.links.target_objects():
            if target == target_object:
                for links in self._ledger.links.scan(tenant, source_object, target, states=_KNOWN):
                    hashes.extend(_hash(link.target_id) for link in links)
        return array("q", sorted(hashes))

    def _keep(self, findings: Sequence[Finding], result: RouteResult) -> None:
        for finding in findings:
            result.findings[finding.kind] = result.findings.get(finding.kind, 0) + 1
        self._ledger.findings.add(self._run, findings)


def _unresolved(
    expected: TargetRecord, there: Observation | None, findings: Sequence[Finding]
) -> list[Finding]:
    """Links of the source that lead to nobody: the field arrived as planned, its contents did not."""
    if there is None or there.trashed:
        return []
    told = {finding.field_name for finding in findings}
    place = (FindingKind.NORMALISED, expected.object_name, there.id, expected.origin)
    return [
        Finding(*place, name, expected.values[name], there.values.get(name), NOBODY[ending])
        for name, ending in unresolved(expected.notes).items()
        if name in expected.values and name not in told
    ]


def _left_there(link: Link) -> Finding:
    kind = FindingKind.DELETED_AT_SOURCE
    return Finding(kind, link.target_object, link.target_id, link.origin, note="it is still there")


def _no_longer_given(link: Link) -> Finding:
    kind, note = FindingKind.DELETED_AT_SOURCE, "its source record no longer leads to it; it is still there"
    return Finding(kind, link.target_object, link.target_id, link.origin, note=note)


def _gone(link: Link) -> Finding:
    kind = FindingKind.CHANGED_AT_SOURCE
    return Finding(kind, link.target_object, link.target_id, link.origin, note="gone at the source")


def _expected(target: TargetRecord, link: Link, filled: Collection[str], kept: bool) -> TargetRecord:
    """What has to be there. A record that was there before holds only what this project wrote into it.

    One that is `kept` as it is holds what people want there, whatever an earlier mapping wrote.

    What one left empty may be `filled` by another source record that was merged into it.
    """
    values: Mapping[str, Any] = target.values
    if filled and link.made_by is not None:
        values = {n: v for n, v in values.items() if n not in filled or not is_empty(v)}
    if link.made_by is None:
        base = (link.base or {}) if not kept else {}
        values = {name: completed(v, base[name]) for name, v in values.items() if name in base}
    return replace(target, target_id=link.target_id, values=values)


def _hash(target_id: str) -> int:
    return int.from_bytes(blake2b(target_id.encode(), digest_size=8).digest(), "big", signed=True)


def _holds(ordered: array[int], value: int) -> bool:
    place = bisect_left(ordered, value)
    return place < len(ordered) and ordered[place] == value
