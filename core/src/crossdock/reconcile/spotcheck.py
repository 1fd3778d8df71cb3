"""The spot check: a seeded sample over all objects, source and destination side by side.

The sample depends on the seed and on the records alone, not on the order in which they are read: the same
seed shows the same records weeks later, as far as they are still there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from heapq import heappush, heapreplace
from typing import Any

from crossdock.compare import left_to_platform
from crossdock.fieldpaths import source_values
from crossdock.model import Finding, FindingKind
from crossdock.names import shown_name
from crossdock.normalisations import GAVE_WAY
from crossdock.reconcile.routes import Compared, Route
from crossdock.referenceplan import NOBODY
from crossdock.shown import shown

EQUAL = "equal"
Place = tuple[str, str, str]
"""Tenant, source object and target object: several routes may lead from the one to the other, and which of
them brought a record its link does not say."""

_Ranked = tuple[int, str, Compared]


def quotas(counts: Mapping[Place, int], size: int) -> dict[Place, int]:
    """How many of `size` records to draw from each place: one if it has any, the rest by its share.

    More than `size` only if there are more places with records than that.
    """
    filled = {name: count for name, count in counts.items() if count > 0}
    size = max(len(filled), min(size, sum(filled.values())))
    spare = max(1, sum(filled.values()) - len(filled))
    drawn = {name: 1 + (size - len(filled)) * (count - 1) // spare for name, count in filled.items()}
    for name in sorted(filled, key=lambda n: filled[n] - drawn[n], reverse=True):
        drawn[name] += max(0, min(filled[name] - drawn[name], size - sum(drawn.values())))
    return drawn


def place_of(route: Route) -> Place:
    """Where the records of a route come from and go to."""
    return route.tenant, route.mapping.source, route.schema.name


@dataclass
class SpotCheck:
    """Keeps the records of the sample. A witness of a reconciliation."""

    seed: str
    quotas: Mapping[Place, int]
    _kept: dict[Place, list[_Ranked]] = field(default_factory=dict)

    def see(self, compared: Compared) -> None:
        """Keep this record if its lot is among the smallest of its place."""
        place = place_of(compared.route)
        quota, kept = self.quotas.get(place, 0), self._kept.setdefault(place, [])
        lot = -_lot(self.seed, str(compared.expected.origin))  # a heap gives its smallest, the worst lot
        entry = (lot, str(compared.expected.origin), compared)
        if len(kept) < quota:
            heappush(kept, entry)
        elif quota and lot > kept[0][0]:
            heapreplace(kept, entry)

    def records(self) -> list[dict[str, Any]]:
        """The sample as plain data, place by place; for each field what both sides hold."""
        drawn = [entry for kept in self._kept.values() for entry in sorted(kept, key=lambda e: -e[0])]
        return [_side_by_side(compared) for _, _, compared in drawn]


def _lot(seed: str, origin: str) -> int:
    return int.from_bytes(blake2b(f"{seed}\n{origin}".encode(), digest_size=8).digest(), "big")


def _side_by_side(compared: Compared) -> dict[str, Any]:
    there = compared.observation
    found = {finding.field_name: finding for finding in compared.findings}
    lost = {f.field_name: f.expected for f in compared.findings if f.note == GAVE_WAY}
    whole = found.get("")
    return {
        "tenant": compared.route.tenant,
        "route": compared.route.mapping.name,
        "name": shown_name(compared.record.values),
        "source_id": compared.record.key,
        "object": compared.expected.object_name,
        "id": compared.expected.target_id,
        "verdict": whole.kind.value if whole else _worst(compared.findings),
        "fields": [
            {
                "field": name,
                "label": _label(compared, name),
                "source": {path: shown(held) for path, held in _held(compared, name).items()},
                "expected": shown(value),
                "actual": shown(there.values.get(name)) if there else "",
                "verdict": _verdict(compared, name, found.get(name)),
            }
            for name, value in {**compared.expected.values, **lost}.items()
        ],
    }


def _worst(findings: Any) -> str:
    kinds = {finding.kind for finding in findings}
    bad = [kind.value for kind in FindingKind if kind in kinds and kind is not FindingKind.NORMALISED]
    if any(finding.note == GAVE_WAY for finding in findings):
        bad.append(GAVE_WAY)
    lost = [words for words in NOBODY.values() if any(finding.note == words for finding in findings)]
    return ", ".join(bad + lost) or EQUAL


def _verdict(compared: Compared, name: str, finding: Finding | None) -> str:
    if finding is not None:
        if finding.note in (*NOBODY.values(), GAVE_WAY):
            return finding.note
        return f"{finding.kind.value}: {finding.note}" if finding.note else finding.kind.value
    schema = compared.route.schema.field(name)
    if schema is not None and left_to_platform(compared.expected.values[name], schema):
        return "left to the platform"
    return EQUAL if compared.observation is not None else ""


def _label(compared: Compared, name: str) -> str:
    schema = compared.route.schema.field(name)
    return schema.label if schema is not None and schema.label else name


def _held(compared: Compared, name: str) -> dict[str, Any]:
    return source_values(compared.route.mapping, name, compared.record)
