"""Why a pair is proposed, and why another one is not: in words, from the evidence that decided.

Evidence is named only where its fitted weight says the same: what the fit found to count for nothing, or for
the opposite, decided nothing.
"""

from collections.abc import Mapping, Sequence

from crossdock.matching.features import NAMES
from crossdock.matching.fields import Field
from crossdock.matching.model import model
from crossdock.matching.pairing import Candidate, Pairing

_AT = {name: place for place, name in enumerate(NAMES)}
_AGAINST = {
    "other qualifier": "they are told apart by a word (billing, home, ...)",
    "type far": "the types do not fit",
    "values do not fit": "the values look like something else",
    "reference to another": "they lead to different kinds of object",
    "one against several": "one holds several values",
}
_MORE_WORDS = {
    "words of the source missing": "the source's name says more",
    "words of the destination missing": "the destination's name says more",
}
_MUCH = 0.5
_SURE_OF_RUNNER_UP = 0.25


def concept_words(concept: str) -> str:
    """A concept as a person reads it: `ref_company` is `company`."""
    return concept.removeprefix("ref_").replace("_", " ")


def reason(candidate: Candidate, pairing: Pairing | None = None) -> str:
    """What speaks for a pair, in one line; with `pairing` the runner-up is named if it is near."""
    said = [_meaning(candidate), *_support(candidate), *_against(candidate.evidence.numbers)]
    if pairing is not None:
        others = [c for c in pairing.others(candidate) if c.confidence >= _SURE_OF_RUNNER_UP]
        if others:
            said.append(f"else {others[0].destination.name}")
    return "; ".join(said)


def shortfall(candidate: Candidate, taken: Mapping[str, str]) -> str:
    """Why the best candidate of a field is not proposed. `taken`: destination field -> source field."""
    target = candidate.destination
    if target.read_only:
        return "the destination keeps that field itself"
    if target.name in taken and taken[target.name] != candidate.source.name:
        return f"it is taken by {taken[target.name]}"
    said = [*(["it says the opposite"] if candidate.opposite else ()), *_against(candidate.evidence.numbers)]
    if not said and not candidate.evidence.numbers[_AT["same concept"]]:
        said = ["nothing says that both mean the same"]
    return "; ".join(said) or "the evidence is too thin"


def _quoted(field: Field) -> str:
    return f"«{field.label or field.name}»"


def _meaning(candidate: Candidate) -> str:
    """How the two fields come to mean the same."""
    own, target = candidate.evidence.source.head, candidate.evidence.destination.head
    if own and own == target:
        return f"{_quoted(candidate.source)} and {_quoted(candidate.destination)} mean {concept_words(own)}"
    if candidate.opposite:
        return f"{concept_words(own)} is the opposite of {concept_words(target)}"
    if own and target and candidate.evidence.nearness:
        return f"{concept_words(own)} is near to {concept_words(target)}"
    numbers = candidate.evidence.numbers
    if _speaks_for("written the same", numbers):
        return "same name"
    if _speaks_for("words shared", numbers):
        return "the names share words"
    if _speaks_for("written alike", numbers):
        return "the names are alike"
    return "nothing says that both mean the same"


def _support(candidate: Candidate) -> list[str]:
    numbers = candidate.evidence.numbers
    said = []
    if _speaks_for("written the same", numbers) and candidate.evidence.source.head:
        said.append("same name")
    if _speaks_for("same qualifier", numbers):
        said.append("/".join(sorted(candidate.evidence.source.qualifiers)))
    pattern = candidate.source.pattern
    if pattern is not None and _speaks_for("values fit", numbers):
        said.append(f"the {pattern.seen} samples look like {pattern.words}")
    if shared := _speaks_for("options shared", numbers):
        said.append(f"{shared:.0%} of the options are there")
    if _speaks_for("reference to the same", numbers):
        said.append("both lead to the same kind of object")
    return said


def _against(numbers: Sequence[float]) -> list[str]:
    """What speaks against a pair."""
    found = [words for name, words in _AGAINST.items() if _speaks_against(name, numbers)]
    return found + [words for name, words in _MORE_WORDS.items() if _speaks_against(name, numbers) >= _MUCH]


def _speaks_for(name: str, numbers: Sequence[float]) -> float:
    """The number of a piece of evidence, 0 if its weight does not speak for a pair."""
    return numbers[_AT[name]] if model().weight_of(name) > 0 else 0.0


def _speaks_against(name: str, numbers: Sequence[float]) -> float:
    """The number of a piece of evidence, 0 if its weight does not speak against a pair."""
    return numbers[_AT[name]] if model().weight_of(name) < 0 else 0.0
