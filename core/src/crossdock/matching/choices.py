"""Options of select fields: which option of the source becomes which one of the destination.

Labels are compared as they are, in their normal form, and by what they mean (`choices.toml`). Several options
of the source may become one; an option that is like none stays open for a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from crossdock.matching.normalforms import likeness, words
from crossdock.matching.vocabulary import nearness_of, phrases_of, words_in
from crossdock.model import Option

ENOUGH = 0.5
"""What a pair of options needs to be proposed."""

_SAME_FORM = 0.97
_SAME_MEANING = 0.9
_WRITTEN_ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class ChoiceMap:
    """`values`: source value -> destination value. `open`: labels of options that nothing is proposed for.
    `joined`: by destination label the source labels, where several become one."""

    values: Mapping[str, str]
    open: tuple[str, ...] = ()
    joined: Mapping[str, tuple[str, ...]] | None = None

    def losses(self) -> list[str]:
        """What does not survive, in words."""
        said = [f"{' and '.join(own)} become {there}" for there, own in (self.joined or {}).items()]
        if self.open:
            said.append(f"options without a counterpart are rejected: {', '.join(self.open)}")
        return said


def map_choices(own: Sequence[Option], there: Sequence[Option]) -> ChoiceMap:
    """The best destination option for every source option."""
    values: dict[str, str] = {}
    left = []
    joined: dict[str, list[str]] = {}
    for option in own:
        best = max(there, key=lambda target: option_likeness(option, target), default=None)
        if best is None or option_likeness(option, best) < ENOUGH:
            left.append(_shown(option))
            continue
        values[option.value] = best.value
        joined.setdefault(_shown(best), []).append(_shown(option))
    several = {name: tuple(labels) for name, labels in joined.items() if len(labels) > 1}
    return ChoiceMap(values, tuple(left), several)


def option_likeness(own: Option, there: Option) -> float:
    """How sure it is that two options mean the same, 0 to 1."""
    mine, theirs = (own.label or own.value, own.value), (there.label or there.value, there.value)
    if own.value == there.value:
        return 1.0
    if words(mine[0]) and any(words(a) == words(b) for a in mine for b in theirs):
        return _SAME_FORM
    best = max(_near(_meanings(a), _meanings(b)) for a in mine for b in theirs) * _SAME_MEANING
    alike = likeness(mine[0], theirs[0])
    return max(best, alike * _WRITTEN_ALIKE if alike >= _WRITTEN_ALIKE else 0.0)


def _shown(option: Option) -> str:
    return option.label or option.value


def _meanings(text: str) -> frozenset[str]:
    return _phrases()[0].get(words(text), frozenset())


def _near(one: frozenset[str], other: frozenset[str]) -> float:
    if one & other:
        return 1.0
    table = _phrases()[1]
    return max((table.get((a, b), 0.0) for a in one for b in other), default=0.0)


@cache
def _phrases() -> tuple[dict[tuple[str, ...], frozenset[str]], dict[tuple[str, str], float]]:
    """Normal form -> what it means; and how near two meanings are."""
    content = words_in("choices.toml")
    found: dict[tuple[str, ...], frozenset[str]] = {}
    for meaning, text in content["choices"].items():
        for phrase in phrases_of(text):
            form = words(phrase)
            found[form] = found.get(form, frozenset()) | {meaning}
    return found, nearness_of(content["near"])
