"""Pairs of fields: candidates for every source field, and the proposal chosen among them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from crossdock.matching.assignment import assign
from crossdock.matching.features import Evidence, compare
from crossdock.matching.fields import Field, Side
from crossdock.matching.model import Model, model
from crossdock.matching.vocabulary import vocabulary

_JUST_BELOW = 0.995
_ID = "id"
"""An id is given by the destination."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair of fields: `logit` is what the evidence says, `confidence` how often such a pair is right."""

    source: Field
    destination: Field
    evidence: Evidence
    logit: float
    confidence: float
    chosen: bool = False

    @property
    def opposite(self) -> bool:
        """Whether one field is true where the other one is false: `archived` and `active`."""
        return vocabulary().opposite(self.evidence.source.head, self.evidence.destination.head)


@dataclass(frozen=True, slots=True)
class Pairing:
    """What was found for two objects. `candidates`: by name of the source field, the best first."""

    source: Side
    destination: Side
    candidates: Mapping[str, tuple[Candidate, ...]]

    @property
    def chosen(self) -> list[Candidate]:
        """The proposed pairs in the order of the source's fields."""
        return [c for found in self.candidates.values() for c in found[:1] if c.chosen]

    def others(self, candidate: Candidate) -> list[Candidate]:
        """The further candidates of the same source field, the best first."""
        return [c for c in self.candidates[candidate.source.name] if c is not candidate]


def pair_fields(
    source: Side,
    destination: Side,
    by: Model | None = None,
    allowed: Callable[[str, str], bool] | None = None,
) -> Pairing:
    """Candidates and proposal for two objects. A field that the destination itself keeps is never proposed,
    but holds the source field that means the same away from others. `allowed`: whether a pair of fields, by
    their names, may be proposed at all."""
    fitted = by or model()
    found = evidence_of(source, destination)
    logits = {pair: fitted.logit(evidence.numbers) for pair, evidence in found.items()}
    taken = assign(
        {
            (i, j): logit - fitted.threshold
            for (i, j), logit in logits.items()
            if allowed is None or allowed(source.fields[i].name, destination.fields[j].name)
        }
    )
    leads, leads_there = (leads_of(logits, side, fitted.threshold) for side in (0, 1))
    rows: dict[str, list[Candidate]] = {field.name: [] for field in source.fields}
    for (i, j), logit in logits.items():
        own, target = source.fields[i], destination.fields[j]
        sure = fitted.confidence(leads[i, j], leads_there[i, j])
        is_chosen = taken.get(i) == j and not target.read_only and target.head != _ID
        rows[own.name].append(Candidate(own, target, found[i, j], logit, sure, is_chosen))
    return Pairing(source, destination, {name: _ordered(row) for name, row in rows.items()})


def evidence_of(source: Side, destination: Side) -> dict[tuple[int, int], Evidence]:
    """The evidence of all pairs that have any, by the places of the two fields."""
    words = vocabulary()
    found = {}
    for i, own in enumerate(source.fields):
        for j, target in enumerate(destination.fields):
            evidence = compare(words, own, target)
            if evidence is not None:
                found[i, j] = evidence
    return found


def leads_of(
    logits: Mapping[tuple[int, int], float], side: int, floor: float
) -> dict[tuple[int, int], float]:
    """By pair, how far it is ahead of the best other pair with the same source (0) or destination (1), and of
    being left unmapped, which stands at `floor`."""
    best: dict[int, list[float]] = {}
    for pair, logit in logits.items():
        best.setdefault(pair[side], []).append(logit)
    for values in best.values():
        values.sort(reverse=True)
    leads = {}
    for pair, logit in logits.items():
        values = best[pair[side]]
        rivals = values[1:] if logit == values[0] else values
        leads[pair] = logit - max(rivals[0] if rivals else floor, floor)
    return leads


def _ordered(row: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The chosen one first; none is surer than it."""
    ordered = sorted(row, key=lambda c: (-c.chosen, -c.logit))
    if not ordered or not ordered[0].chosen:
        return tuple(ordered)
    limit = ordered[0].confidence * _JUST_BELOW
    rest = (
        c if c.confidence <= limit else Candidate(c.source, c.destination, c.evidence, c.logit, limit)
        for c in ordered[1:]
    )
    return (ordered[0], *rest)
