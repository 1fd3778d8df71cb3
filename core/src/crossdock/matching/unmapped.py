"""Source fields that nothing is proposed for: the best candidate, and why it fell short."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from crossdock.matching.pairing import Pairing
from crossdock.matching.reasons import shortfall


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A source field without a proposal. `best` is the nearest destination field ("" if there is none),
    `confidence` how sure that would be, `why` why it was not taken."""

    field: str
    label: str
    best: str
    confidence: float
    why: str

    def sentence(self) -> str:
        """All of it in one line."""
        named = f"{self.field} «{self.label}»" if self.label and self.label != self.field else self.field
        if not self.best:
            return f"{named}: nothing at the destination is like it"
        return f"{named}: nearest is {self.best} ({self.confidence:.2f}), but {self.why}"


def unmapped_of(
    pairing: Pairing,
    taken: dict[str, str],
    proposed: Collection[str],
    impossible: Collection[tuple[str, str]],
) -> Sequence[Unmapped]:
    """All fields of the source that are not among `proposed`. `taken`: destination field -> source field;
    `impossible`: pairs whose types do not convert."""
    found = []
    for field in pairing.source.fields:
        if field.name in proposed:
            continue
        candidates = pairing.candidates[field.name]
        if not candidates:
            found.append(Unmapped(field.name, field.label, "", 0.0, ""))
            continue
        best = candidates[0]
        converts = (field.name, best.destination.name) not in impossible
        why = shortfall(best, taken) if converts else "its type cannot hold the values"
        found.append(Unmapped(field.name, field.label, best.destination.name, best.confidence, why))
    return found
