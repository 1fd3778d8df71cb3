"""Why a pair is proposed, and why another one is not: in words, from the evidence that decided."""

from collections.abc import Mapping

from crossdock.matching.features import NAMES
from crossdock.matching.fields import Field
from crossdock.matching.pairing import Candidate, Pairing

_AT = {name: place for place, name in enumerate(NAMES)}
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
    said = _against(candidate.evidence.numbers)
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
    if own and target and candidate.evidence.nearness:
        return f"{concept_words(own)} is near to {concept_words(target)}"
    if candidate.evidence.numbers[_AT["written the same"]]:
        return "same name"
    return "the names are alike"


def _support(candidate: Candidate) -> list[str]:
    numbers = candidate.evidence.numbers
    said = []
    if numbers[_AT["written the same"]] and candidate.evidence.source.head:
        said.append("same name")
    if numbers[_AT["same qualifier"]]:
        said.append("/".join(sorted(candidate.evidence.source.qualifiers)))
    pattern = candidate.source.pattern
    if pattern is not None and numbers[_AT["values fit"]]:
        said.append(f"the {pattern.seen} samples look like {pattern.words}")
    if numbers[_AT["options shared"]]:
        said.append(f"{numbers[_AT['options shared']]:.0%} of the options are there")
    if numbers[_AT["reference to the same"]]:
        said.append("both lead to the same kind of object")
    return said


def _against(numbers: tuple[float, ...]) -> list[str]:
    """What speaks against a pair."""
    said = {
        "other qualifier": "they are told apart by a word (billing, home, ...)",
        "type far": "the types do not fit",
        "values do not fit": "the values look like something else",
        "reference to another": "they lead to different kinds of object",
        "one against several": "one holds several values",
    }
    found = [words for name, words in said.items() if numbers[_AT[name]]]
    if numbers[_AT["words of the source missing"]] >= 0.5:
        found.append("the source's name says more")
    if numbers[_AT["words of the destination missing"]] >= 0.5:
        found.append("the destination's name says more")
    return found
