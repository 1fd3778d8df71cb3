"""Normal forms of the names and labels of fields: words without case, endings and separators.

`words("MailingPostalCode")` is `("mailing", "postal", "code")`; `words("Дата создания")` is
`("дат", "создан")`. The endings are cut by rule, not by dictionary: what matters is that the two sides of a
comparison are cut alike.
"""

import re
from functools import lru_cache

_PART = re.compile(r"[A-ZА-Я]+(?![a-zа-я])|[A-ZА-Я]?[a-zа-я]+|\d+")
_RUSSIAN = re.compile(r"[а-я]")
_ENDINGS = (
    "ого", "его", "ому", "ему", "ыми", "ими", "ами", "ями", "ием", "иям", "иях",
    "ый", "ий", "ой", "ая", "яя", "ое", "ее", "ые", "ие", "ых", "их", "ую", "юю", "ым", "им", "ом", "ем",
    "ах", "ях", "ов", "ев", "ей", "ам", "ям", "ия", "ии", "ию", "ью",
    "а", "я", "о", "е", "и", "ы", "у", "ю", "ь", "й",
)  # fmt: skip
"""The longest first."""

_KEPT = {"поле": "поле", "поля": "поле", "имя": "имя", "имени": "имя", "news": "news", "address": "address"}
_SHORTEST = 3


def split(text: str) -> tuple[str, ...]:
    """The words of a text in small letters: camelCase, snake_case and digits are borders."""
    plain = text.replace("ё", "е").replace("Ё", "Е").replace("'s", "").replace("’s", "")
    return tuple(part.casefold() for part in _PART.findall(plain))


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without its ending: Russian cases and genders, the English plural."""
    if word in _KEPT:
        return _KEPT[word]
    if _RUSSIAN.search(word):
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
                return word[: -len(ending)]
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ss", "us", "is")) or len(word) <= _SHORTEST:
        return word
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word.removesuffix("s")


@lru_cache(maxsize=20_000)
def words(text: str) -> tuple[str, ...]:
    """The stems of a text in order."""
    return tuple(stem(part) for part in split(text))


@lru_cache(maxsize=20_000)
def bigrams(text: str) -> frozenset[str]:
    """Pairs of neighbouring letters of the text's words, with the borders of the words."""
    return frozenset(f" {word} "[i : i + 2] for word in words(text) for i in range(len(word) + 1))


def likeness(one: str, other: str) -> float:
    """How alike two texts are written, 0 to 1 (Dice's measure on pairs of letters)."""
    left, right = bigrams(one), bigrams(other)
    if not left or not right:
        return 0.0
    return 2 * len(left & right) / (len(left) + len(right))
