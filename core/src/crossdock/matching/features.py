"""What speaks for and against a pair of fields, as numbers from 0 to 1 (a few are below 0).

`NAMES` is the order of the numbers; the weights are fitted to it. `compare` gives None for a pair that has
nothing in common, so that most pairs cost next to nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.matching.fields import Field
from crossdock.matching.vocabulary import Reading, Vocabulary

NAMES = (
    "same concept",
    "near concept",
    "other concept",
    "concept by a second reading",
    "concept of second readings",
    "concept not known",
    "words shared",
    "words of the source missing",
    "words of the destination missing",
    "same qualifier",
    "other qualifier",
    "qualifier of the source alone",
    "qualifier of the destination alone",
    "written alike",
    "written the same",
    "type the same",
    "type far",
    "values fit",
    "values do not fit",
    "options shared",
    "destination is read-only",
    "reference to the same",
    "reference to another",
    "one against several",
    "source is read-only",
    "meaning told by the platform",
    "near by words and type",
)

_ALIKE = {"long": "text", "name": "text", "person": "text", "date": "time", "money": "number", "many": "ref"}
_NEAR = frozenset(
    {
        frozenset(pair.split())
        for pair in (
            "text choice", "text ref", "choice ref", "text email", "text phone", "text url", "text number",
            "text id", "ref id", "number id", "text time", "text file", "url file", "choice flag",
            "flag number", "choice number", "flag text", "ref number",
        )
    }
)  # fmt: skip
_LEAST_ALIKE = 0.55
_SAME_FORM = 0.9


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers of a pair, and the two readings that fit each other best."""

    numbers: tuple[float, ...]
    source: Reading
    destination: Reading
    nearness: float


_NOTHING = Reading()


def compare(words: Vocabulary, own: Field, target: Field) -> Evidence | None:
    """The evidence for a pair of fields, None if there is none at all."""
    first = own.said[0] if own.said else _NOTHING
    there = target.said[0] if target.said else _NOTHING
    straight = _near(words, first, there)
    cross, pair = straight, (first, there)
    for mine, theirs in _other_readings(own.said, target.said):
        nearness = _near(words, mine, theirs)
        if nearness > cross:
            cross, pair = nearness, (mine, theirs)
    alike = max(_dice(own.letters[0], target.letters[0]), _dice(own.letters[1], target.letters[1]))
    if not cross and alike < _LEAST_ALIKE and not first.units & there.units:
        return None
    seconds = len(own.said) > 1 and len(target.said) > 1
    second = _near(words, own.said[1], target.said[1]) if seconds else 0.0
    source, destination = pair
    known = bool(first.head and there.head)
    same = straight == 1.0
    shared, missing, lacking = _overlap(words, source, destination)
    numbers = (
        float(same),
        0.0 if same else straight,
        float(known and not straight),
        cross if cross > straight else 0.0,
        second,
        float(not known),
        shared,
        missing,
        lacking,
        *_qualifiers(words, source, destination),
        alike,
        _written_the_same(own, target),
        *_types(own, target),
        *_values(own, target),
        _options(own, target),
        float(target.read_only),
        *_references(own, target),
        float(own.many != target.many),
        float(own.read_only),
        float(target.hint or own.hint),
        cross * shared,
    )
    return Evidence(numbers, source, destination, cross)


def _other_readings(own: Sequence[Reading], target: Sequence[Reading]) -> list[tuple[Reading, Reading]]:
    pairs = [(a, b) for a in own for b in target]
    return pairs[1:]


def _near(words: Vocabulary, one: Reading, other: Reading) -> float:
    return words.near(one.head, other.head) if one.head and other.head else 0.0


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))


def _overlap(words: Vocabulary, own: Reading, target: Reading) -> tuple[float, float, float]:
    """The share of what both say in what either says, and what each lacks of the other.

    Concepts that are near count as the same as far as they are near.
    """
    mine, theirs = own.units, target.units
    common = float(len(mine & theirs))
    near = words.near(own.head, target.head) if own.head and target.head else 0.0
    if own.head != target.head and near:
        common += near
    all_of_both = len(mine) + len(theirs) - common
    shared = min(1.0, common / all_of_both) if all_of_both > 0 else 0.0
    missing = len(mine - theirs - {own.head}) / len(mine) if mine else 0.0
    lacking = len(theirs - mine - {target.head}) / len(theirs) if theirs else 0.0
    return shared, missing, lacking


def _qualifiers(words: Vocabulary, own: Reading, target: Reading) -> tuple[float, float, float, float]:
    mine, theirs = own.qualifiers, target.qualifiers
    weights = words.weights
    if mine & theirs:
        return 1.0, 0.0, 0.0, 0.0
    if mine and theirs:
        return 0.0, 1.0, 0.0, 0.0
    alone = max((weights[q] for q in mine), default=0.0)
    return 0.0, 0.0, alone, max((weights[q] for q in theirs), default=0.0)


def _written_the_same(own: Field, target: Field) -> float:
    """1 for the same name or label, a little less if only their normal forms are the same."""
    if own.name.casefold() == target.name.casefold() or own.label.casefold() == target.label.casefold() != "":
        return 1.0
    labels = own.label_stems == target.label_stems != ()
    names = own.name_stems == target.name_stems != ()
    return _SAME_FORM if labels or names else 0.0


def _types(own: Field, target: Field) -> tuple[float, float]:
    mine, theirs = _ALIKE.get(own.family, own.family), _ALIKE.get(target.family, target.family)
    if not mine or not theirs:
        return 0.0, 0.0
    if mine == theirs:
        return 1.0, 0.0
    return 0.0, float(frozenset({mine, theirs}) not in _NEAR)


def _values(own: Field, target: Field) -> tuple[float, float]:
    """Whether the values of the source look like what the destination holds, or like something else."""
    pattern = own.pattern
    if pattern is None:
        return 0.0, 0.0
    heads = {reading.head for reading in target.said}
    if pattern.concept:
        fits = pattern.concept in heads or target.family in pattern.families - {"text", "number", "id"}
        return float(fits), float(not fits and target.family not in pattern.families)
    family = _ALIKE.get(target.family, target.family)
    fits = family in pattern.families - {"text", "choice", "ref", "id"}
    return float(fits), float(bool(family) and family not in pattern.families)


def _options(own: Field, target: Field) -> float:
    mine = {option.casefold() for option in own.options}
    theirs = {option.casefold() for option in target.options}
    return len(mine & theirs) / len(mine) if mine and theirs else 0.0


def _references(own: Field, target: Field) -> tuple[float, float]:
    if not own.refers or not target.refers:
        return 0.0, 0.0
    same = bool(own.refers & target.refers)
    return float(same), float(not same)
