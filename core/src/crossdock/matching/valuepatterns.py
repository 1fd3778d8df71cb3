"""What sample values look like: an e-mail address, a telephone number, a tax id with its check digits."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

_ENOUGH = 0.8
"""The share of the values that has to fit."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w{2,}")
_URL = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
_PHONE = re.compile(r"[+(]?\d[\d\s()./-]{6,18}\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d\d\.\d\d\.\d{4}|\d\d?/\d\d?/\d{4}")
_UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_FLAGS = frozenset(["true", "false", "yes", "no", "y", "n", "да", "нет", "0", "1", "истина", "ложь"])
_INN_LONG = ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8))
_INN_SHORT = (2, 4, 10, 3, 5, 9, 4, 6, 8)


@dataclass(frozen=True, slots=True)
class Pattern:
    """What the values look like. `concept`: what they mean where that is certain, else ""; `families`: the
    sorts of type that hold such values; `words` says it; `seen` is the number of values."""

    name: str
    words: str
    families: frozenset[str]
    concept: str
    seen: int


def is_inn(text: str) -> bool:
    """Whether a text is a Russian tax id (ИНН) of 10 or 12 digits with its check digits."""
    if not text.isdigit() or len(text) not in (10, 12):
        return False
    digits = [int(d) for d in text]
    if len(text) == 10:
        return _check(digits, _INN_SHORT) == digits[9]
    return _check(digits, _INN_LONG[0]) == digits[10] and _check(digits, _INN_LONG[1]) == digits[11]


def is_ogrn(text: str) -> bool:
    """Whether a text is a Russian registration number (ОГРН, ОГРНИП) with its check digit."""
    if not text.isdigit() or len(text) not in (13, 15):
        return False
    return int(text[:-1]) % (len(text) - 2) % 10 == int(text[-1])


def _check(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(d * w for d, w in zip(digits, weights, strict=False)) % 11 % 10


def _is_number(text: str) -> bool:
    try:
        Decimal(text.replace(" ", "").replace(",", "."))
    except InvalidOperation:
        return False
    return True


def _whole(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


_PATTERNS: tuple[tuple[str, str, Callable[[str], bool], str, str], ...] = (
    ("email", "e-mail addresses", _whole(_EMAIL), "email text", "email"),
    ("url", "web addresses", _whole(_URL), "url text file", "website"),
    ("uuid", "unique ids", _whole(_UUID), "id ref text", ""),
    ("inn", "tax ids (ИНН) with right check digits", is_inn, "text number id", "tax_id"),
    ("ogrn", "registration numbers (ОГРН) with right check digits", is_ogrn, "text number id",
     "registration_number"),
    ("flag", "yes or no", lambda text: text.casefold() in _FLAGS, "flag choice text number", ""),
    ("time", "dates with a time", lambda text: _TIME.match(text) is not None, "time date text", ""),
    ("date", "dates", _whole(_DATE), "date time text", ""),
    ("number", "numbers", _is_number, "number money id ref text choice", ""),
    ("phone", "telephone numbers", _whole(_PHONE), "phone text", "phone"),
)  # fmt: skip


def pattern_of(samples: Sequence[Any]) -> Pattern | None:
    """The pattern that nearly all of the values follow, None if there is none or no value."""
    texts = [str(value).strip() for value in samples]
    texts = [text for text in texts if text]
    if not texts:
        return None
    for name, said, fits, families, concept in _PATTERNS:
        if sum(map(fits, texts)) >= _ENOUGH * len(texts):
            return Pattern(name, said, frozenset(families.split()), concept, len(texts))
    return None
