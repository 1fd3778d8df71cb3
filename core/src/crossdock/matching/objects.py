"""Which object goes to which: by what the objects are called, by their fields, and by what stands in.

Several source objects may go to one destination object: companies and contacts may both be partners, and a
lead goes to the deals where the destination has no leads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.matching.fields import Side
from crossdock.matching.normalforms import likeness, words
from crossdock.matching.vocabulary import vocabulary

ENOUGH = 0.5
"""What a pair needs to be proposed."""

_SAME_NAME = 0.96
_SAME_KIND = 0.95
_STAND_IN = 0.9
_WRITTEN_ALIKE = 0.75
_OTHERWISE_KNOWN = 0.35
"""What writing alike counts where both kinds are known and differ."""
_FIELDS_COUNT = 0.12
_FEW_FIELDS = 4
_OWN = "own_company"


@dataclass(frozen=True, slots=True)
class ObjectPair:
    """Two objects, how sure it is that records of one become records of the other, and why."""

    source: Side
    destination: Side
    confidence: float
    reason: str
    chosen: bool = False


def pair_objects(sources: Sequence[Side], destinations: Sequence[Side]) -> dict[str, tuple[ObjectPair, ...]]:
    """By name of the source object, the candidates at the destination, the best first."""
    found = {}
    for own in sources:
        pairs = [pair for target in destinations if (pair := _pair(own, target)) is not None]
        pairs.sort(key=lambda pair: -pair.confidence)
        found[own.name] = tuple(
            ObjectPair(p.source, p.destination, p.confidence, p.reason, not i and p.confidence >= ENOUGH)
            for i, p in enumerate(pairs)
        )
    return found


def _pair(own: Side, target: Side) -> ObjectPair | None:
    confidence, reason = _by_name(own, target) or _by_kind(own, target)
    alike = max(likeness(a, b) for a in (own.label, own.name) for b in (target.label, target.name))
    known = own.kinds.names and target.kinds.names
    by_writing = alike * (_OTHERWISE_KNOWN if known else _WRITTEN_ALIKE)
    if by_writing > confidence:
        confidence, reason = by_writing, "the names are written alike"
    if not confidence:
        return None
    overlap = _overlap(own, target)
    if overlap is not None:
        confidence += _FIELDS_COUNT * (overlap - 0.3)
    if _OWN in target.kinds.names and _OWN not in own.kinds.names:
        confidence -= 0.2  # whose customers these are, not a customer
    # Of objects of the same kind the one that is called more alike comes first.
    confidence += 0.05 * alike - 0.02 * (len(target.kinds.names) > 1)
    return ObjectPair(own, target, max(0.0, min(0.99, confidence)), reason)


def _by_name(own: Side, target: Side) -> tuple[float, str] | None:
    if words(own.name) == words(target.name) or words(own.label) == words(target.label) != ():
        return _SAME_NAME, "same name"
    return None


def _by_kind(own: Side, target: Side) -> tuple[float, str]:
    """How near the kinds of two objects are, and in words why."""
    shared = own.kinds.names & target.kinds.names
    if shared:
        share = len(shared) / len(own.kinds.names)
        return _SAME_KIND * (0.9 + 0.1 * share), f"both are {' and '.join(sorted(shared))}"
    best, kinds = 0.0, ("", "")
    for kind in own.kinds.names:
        for other, weight in vocabulary().standing.get(kind, {}).items():
            if other in target.kinds.names and weight > best:
                best, kinds = weight, (kind, other)
    return _STAND_IN * best, f"{kinds[1]} is nearest to {kinds[0]}" if best else ""


def _overlap(own: Side, target: Side) -> float | None:
    """The share of the source's concepts that the destination has too; None if either shows few fields."""
    mine = {field.head for field in own.fields} - {""}
    theirs = {field.head for field in target.fields} - {""}
    if len(mine) < _FEW_FIELDS or len(theirs) < _FEW_FIELDS:
        return None
    return len(mine & theirs) / len(mine)
