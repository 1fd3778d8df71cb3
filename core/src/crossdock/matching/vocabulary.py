"""The CRM vocabulary: what the words of a name or a label mean.

`Vocabulary.read` turns a text into a `Reading`: the concept that it is about, further concepts, qualifiers
and the words that nobody knows. The words are data: `vocabulary.toml`; kinds of object are in `objects.toml`.
"""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from crossdock.matching.normalforms import split, stem

Stems = tuple[str, ...]

_SEVERAL_PHRASES = "|"
_LONGEST_WORD = 24
_SHORTEST_PART = 3
_SMALL_PARTS = frozenset({"id", "no", "by", "at", "on"})
_ADDRESS_PARTS = frozenset(
    {
        "street", "street2", "house", "city", "district", "state", "postal_code", "country", "country_code",
        "po_box", "latitude", "longitude", "address_type", "address_location_id", "location", "fias",
    }
)  # fmt: skip
_NAME_PARTS = frozenset({"first_name", "last_name", "middle_name", "salutation", "name_suffix"})
_MONEY = frozenset(
    {
        "annual_revenue", "total_revenue", "budget", "recurring_revenue", "expected_revenue", "margin",
        "price", "cost", "total", "subtotal", "credit_limit", "amount",
    }
)  # fmt: skip
_CONTAINERS: Mapping[str, frozenset[str]] = {
    "address": _ADDRESS_PARTS,
    "name": _NAME_PARTS,
    "full_name": _NAME_PARTS,
}
_PREPOSITIONS = (" of ", " in ", " for ")

_SAYS_LITTLE = ("id", "name", "website", "full_name", "external_id", "number", "code")
"""Concepts that give way to another one in the same text: the name of the owner is the owner."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says. `head` is its concept ("" if no word is known), `others` are further concepts,
    `left` the stems of words that are in no phrase."""

    head: str = ""
    others: frozenset[str] = frozenset()
    qualifiers: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()

    @property
    def units(self) -> frozenset[str]:
        """Everything it says but the qualifiers."""
        return self.others | self.left | ({self.head} if self.head else frozenset())


@dataclass(frozen=True, slots=True)
class _Phrase:
    stems: Stems
    sort: str  # concept, qualifier or noise
    meaning: str
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of one object: `own` holds the phrases that name it, `shared` the words all kinds share."""

    names: frozenset[str] = frozenset()
    traits: frozenset[str] = frozenset()
    own: frozenset[Stems] = frozenset()
    shared: frozenset[Stems] = frozenset()


class Vocabulary:
    """The phrases, ready to be looked up."""

    def __init__(self, words: Mapping[str, Any], objects: Mapping[str, Any]) -> None:
        self._short = {key: split(value) for key, value in words["short"].items()}
        self._phrases: dict[str, list[_Phrase]] = {}
        self._known: set[str] = set()
        for concept, text in words["concepts"].items():
            self._add(text, "concept", concept)
        for qualifier, text in words["qualifiers"].items():
            self._add(text, "qualifier", qualifier)
        self._add(words["noise"]["words"], "noise", "")
        for phrases in self._phrases.values():
            phrases.sort(key=lambda phrase: (-len(phrase.stems), not phrase.kinds))
        self.concepts = frozenset(words["concepts"])
        self.weights: Mapping[str, float] = words["weights"]
        self.related = nearness_of(words["related"])
        self._opposite = {frozenset(pair) for pair in words["opposite"].items()}
        self.kinds = {kind: self._stems_of(text) for kind, text in objects["kinds"].items()}
        self.standing = {kind: _weighted(text) for kind, text in objects["standing"].items()}
        self._traits: dict[str, set[str]] = {}
        for trait, text in objects["traits"].items():
            for kind in phrases_of(text):
                self._traits.setdefault(kind, set()).add(trait)
        self._readings: dict[tuple[str, Kinds], Reading] = {}

    def near(self, one: str, other: str) -> float:
        """How near two concepts are: 1 the same, 0 nothing is known of it."""
        if one == other:
            return 1.0
        return self.related.get((one, other), 0.0)

    def opposite(self, one: str, other: str) -> bool:
        """Whether one concept is true where the other one is false."""
        return frozenset((one, other)) in self._opposite

    def kinds_of(self, *texts: str) -> Kinds:
        """The kinds of an object that is called by these texts (label, technical name)."""
        names: set[str] = set()
        for text in texts:
            found = {kind for kind, phrases in self.kinds.items() if self.stems(text) in phrases}
            if not names or names & found:  # what is called "Contact" and "partner" is both
                names |= found
        names = names or self._kinds_within(texts)
        traits = {trait for kind in names for trait in self._traits.get(kind, ())}
        phrases = [self.kinds[kind] for kind in sorted(names)]
        own = frozenset[Stems]().union(*phrases)
        shared = frozenset.intersection(*phrases) if phrases else frozenset()
        return Kinds(frozenset(names), frozenset(traits), own, shared)

    def _kinds_within(self, texts: Iterable[str]) -> set[str]:
        """The kinds whose longest phrase is in the words of the texts, the last words first."""
        for text in texts:
            stems = self.stems(text)
            for size in range(min(4, len(stems)), 0, -1):
                starts = range(len(stems) - size + 1)
                for start in starts if _begins_with_its_head(text) else reversed(starts):
                    part = stems[start : start + size]
                    found = {kind for kind, phrases in self.kinds.items() if part in phrases}
                    if found:
                        return found
        return set()

    def read(self, text: str, kinds: Kinds | None = None) -> Reading:
        """What a text says in an object of these kinds."""
        kinds = kinds or Kinds()
        key = (text, kinds)
        if key not in self._readings:
            self._readings[key] = self._read(text, kinds)
        return self._readings[key]

    def stems(self, text: str) -> Stems:
        """The stems of a text, with abbreviations written out and joined words taken apart."""
        found: list[str] = []
        for word in split(text):
            for part in self._short.get(word, (word,)):
                found += self._apart(part)
        return tuple(found)

    def _read(self, text: str, kinds: Kinds) -> Reading:
        stems = self.stems(text)
        if stems in kinds.own:
            return Reading()
        without = _without(stems, kinds.shared)
        first = _begins_with_its_head(text)
        reading = self._reading(without or stems, kinds.traits, first)
        if reading.head:
            return reading
        whole = self._reading(stems, kinds.traits, first)
        return reading if whole.head.removeprefix("ref_") in kinds.names else whole

    def _reading(self, stems: Stems, traits: Collection[str], first: bool) -> Reading:
        concepts: list[str] = []
        qualifiers: set[str] = set()
        left: set[str] = set()
        at = 0
        while at < len(stems):
            phrase = self._phrase(stems, at, traits)
            if phrase is None:
                _keep_unknown(stems[at], left, qualifiers)
                at += 1
                continue
            at += len(phrase.stems)
            if phrase.sort == "concept":
                concepts.append(phrase.meaning)
            elif phrase.sort == "qualifier":
                qualifiers.add(phrase.meaning)
        concepts = _without_containers(list(dict.fromkeys(concepts)))
        if not concepts:
            return Reading("", frozenset(), frozenset(qualifiers), frozenset(left))
        head = _head(concepts, first)
        if head == "id" and left:
            return Reading("", frozenset(), frozenset(qualifiers), frozenset(left))
        others = frozenset(concepts) - {head}
        return Reading(head, others, frozenset(qualifiers - {"main"}), frozenset(left))

    def _phrase(self, stems: Stems, at: int, traits: Collection[str]) -> _Phrase | None:
        for phrase in self._phrases.get(stems[at], ()):
            size = len(phrase.stems)
            if stems[at : at + size] != phrase.stems:
                continue
            if not phrase.kinds or (traits and phrase.kinds.issuperset(traits)):
                return phrase
        return None

    def _apart(self, word: str) -> Stems:
        """The stem of a word; of one that nobody knows those of the known words it is made of."""
        own = stem(word)
        if own in self._known or not 5 < len(word) <= _LONGEST_WORD or not word.isascii():
            return (own,)
        return self._parts(word, 3) or (own,)

    def _parts(self, word: str, most: int) -> Stems | None:
        if stem(word) in self._known and (len(word) >= _SHORTEST_PART or word in _SMALL_PARTS):
            return (stem(word),)
        if most == 1:
            return None
        for end in range(len(word) - 2, 1, -1):
            start = word[:end]
            if stem(start) not in self._known or not (end >= _SHORTEST_PART or start in _SMALL_PARTS):
                continue
            rest = self._parts(word[end:], most - 1)
            if rest:
                return (stem(start), *rest)
        return None

    def _add(self, text: str, sort: str, meaning: str) -> None:
        for phrase in phrases_of(text):
            kinds: frozenset[str] = frozenset()
            if phrase.startswith("@"):
                names, _, phrase = phrase[1:].partition(":")
                kinds = frozenset(names.split("+"))
            stems = tuple(stem(p) for word in split(phrase) for p in self._short.get(word, (word,)))
            self._known.update(stems)
            self._phrases.setdefault(stems[0], []).append(_Phrase(stems, sort, meaning, kinds))

    def _stems_of(self, text: str) -> frozenset[Stems]:
        return frozenset(
            tuple(stem(p) for word in split(phrase) for p in self._short.get(word, (word,)))
            for phrase in phrases_of(text)
        )


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary that comes with the package."""
    return Vocabulary(words_in("vocabulary.toml"), words_in("objects.toml"))


def words_in(name: str) -> dict[str, Any]:
    """The contents of a file of words that comes with the package."""
    return tomllib.loads(files("crossdock.matching").joinpath(name).read_text(encoding="utf-8"))


def _begins_with_its_head(text: str) -> bool:
    """Russian texts do, and English ones with a preposition: the date of birth is a date."""
    plain = f" {text.casefold()} "
    return any("а" <= letter <= "я" for letter in plain) or any(word in plain for word in _PREPOSITIONS)


def phrases_of(text: str) -> list[str]:
    """The phrases of one entry, which stand between upright lines."""
    return [phrase.strip() for phrase in text.split(_SEVERAL_PHRASES)]


def _weighted(text: str) -> dict[str, float]:
    """`a 0.5, b 0.3` as a table."""
    pairs = (part.split() for part in text.split(","))
    return {name: float(weight) for name, weight in pairs}


def nearness_of(related: Mapping[str, str]) -> dict[tuple[str, str], float]:
    """How near pairs of meanings are, both ways; the greater one where it is said twice.
    `related`: meaning -> `other 0.5, another 0.3`."""
    table: dict[tuple[str, str], float] = {}
    for one, text in related.items():
        for other, weight in _weighted(text).items():
            for pair in ((one, other), (other, one)):
                table[pair] = max(weight, table.get(pair, 0.0))
    return table


def _without(stems: Stems, phrases: Collection[Stems]) -> Stems:
    """The stems without the single words that name the object itself."""
    return tuple(word for word in stems if (word,) not in phrases)


def _keep_unknown(word: str, left: set[str], qualifiers: set[str]) -> None:
    if word.isdigit():
        if word in {"2", "3", "4"}:
            qualifiers.add("other")
    elif len(word) > 1:
        left.add(word)


def _without_containers(concepts: list[str]) -> list[str]:
    """An address does not count beside its parts, nor a name."""
    found = set(concepts)
    return [c for c in concepts if not (_CONTAINERS.get(c, frozenset()) & found)]


def _head(concepts: list[str], first: bool) -> str:
    """The concept that a text is about: the first one in Russian, the last one in English."""
    ordered = concepts if first else concepts[::-1]
    telling = [c for c in ordered if c not in _SAYS_LITTLE]
    if telling and telling[0] == "amount" and len(telling) > 1 and telling[1] in _MONEY:
        return telling[1]
    return telling[0] if telling else ordered[0]
