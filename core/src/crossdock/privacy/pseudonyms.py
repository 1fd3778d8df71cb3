"""Stand-ins for values: of the same type and shape, the same for the same value, of no use to guess it from.

Made with a random key that is thrown away. Words keep their script, their case and about their length;
numbers and phones the places of their digits, phones their country; times are all moved by the same number
of days; addresses end at example.org. Nothing stays nothing.
"""

import hashlib
import re
import secrets
import unicodedata
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from crossdock.values import Address, Author, Link, Money, PersonName, Phone, Reference, StoredFile

_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_CYRILLIC: Final = "абвгдежзийклмнопрстуфхцчшщэюя"
_CLASSES: Final = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 8), (9, 12), (13, 18), (19, 30))  # lengths of words
_UUID: Final = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_TOKEN: Final = re.compile(
    rf"(?P<uuid>\b{_UUID}\b)"
    r"|(?P<mail>[^\s<>\"'(),;:@]+@[^\s<>\"'(),;:@]+)"
    r"|(?P<url>[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\"']+)"
    r"|(?P<tag></?(?:a|b|br|div|em|h[1-6]|i|img|li|ol|p|pre|span|strong|table|td|th|tr|u|ul)\b)"
    r"|(?P<digits>\d+)"
    r"|(?P<word>[^\W\d_]+)"
)
_NUMBER: Final = re.compile(r"\+[\d\s().-]{6,25}|00[1-9][\d\s().-]{7,20}")
_HEX: Final = re.compile(r"[0-9a-f]{32,}")
_EXTENSION: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{1,4}")
_KINDS: Final = frozenset({"work", "home", "mobile", "main", "fax", "other", "phone", "pager"})
_MEDIA: Final = re.compile(r"(?:application|audio|font|image|model|text|video)/[a-z0-9.+-]{2,40}")
_SHORT_CODES: Final = frozenset("17")  # calling codes of one digit; of two digits, else three
_TWO_DIGITS: Final = frozenset(
    map(str, (20, 27, *range(30, 35), 36, *range(39, 42), *range(43, 50), *range(51, 59), *range(60, 67)))
) | frozenset(map(str, (81, 82, 84, 86, *range(90, 96), 98)))


class Pseudonyms:
    """The stand-ins of one bundle."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)
        self._days = timedelta(days=400 + self._draw("days", "", 2000))
        self._cached_word = lru_cache(maxsize=100_000)(self._new_word)
        self._makers: dict[type, Callable[[Any], Any]] = {
            str: self.text,
            int: self.integer,
            float: self._float,
            Decimal: self._decimal,
            datetime: self.time,
            date: self.time,
            timedelta: self._duration,
            Money: lambda m: Money(self._decimal(m.amount), self._code(m.currency)),
            Phone: lambda p: Phone(self.phone(p.number), self.text(p.extension), self._kind(p.kind)),
            Link: lambda v: Link(self.text(v.url), self.text(v.label)),
            PersonName: lambda v: PersonName(*map(self.text, (v.first, v.last, v.middle))),
            Address: self._address,
            Author: lambda v: Author(self.text(v.name), self.key(v.target_id)),
            Reference: lambda v: Reference(v.object_name, self.key(v.key)),
            StoredFile: self._file,
            tuple: lambda v: tuple(map(self.value, v)),
            list: lambda v: list(map(self.value, v)),
            dict: lambda v: {self.text(str(k)): self.value(x) for k, x in v.items()},
        }

    def value(self, value: Any, kept: Collection[Any] = ()) -> Any:
        """The stand-in of a canonical value; those among `kept` (choices of a select) stay as they are."""
        if value is None or isinstance(value, bool) or (isinstance(value, str) and value in kept):
            return value
        if isinstance(value, tuple) and kept:
            return tuple(self.value(each, kept) for each in value)
        maker = self._makers.get(type(value)) or next(
            (make for kind, make in self._makers.items() if isinstance(value, kind)), None
        )
        return self.text(str(value)) if maker is None else maker(value)

    def values(self, values: Mapping[str, Any], kept: Mapping[str, Collection[Any]]) -> dict[str, Any]:
        """The stand-ins of a record's values; names of fields stay."""
        return {name: self.value(value, kept.get(name, ())) for name, value in values.items()}

    def text(self, text: str) -> str:
        """The stand-in of a text: its addresses, ids, numbers and words, one by one."""
        if _HEX.fullmatch(text):
            return self._hex("hex", text, len(text))
        return self.phone(text) if _NUMBER.fullmatch(text) else _TOKEN.sub(self._token, text)

    def key(self, key: str) -> str:
        """The stand-in of a record's id: no two are alike."""
        if not key:
            return ""
        if re.fullmatch(_UUID, key):
            return str(uuid.UUID(self._hex("uuid", key.lower(), 32)))
        return f"id-{self._hex('key', key, 12)}"

    def tenant(self, tenant: str) -> str:
        """The stand-in of a tenant's name; the usual one says nothing."""
        return tenant if tenant == "main" else f"tenant-{self._hex('tenant', tenant, 6)}"

    def integer(self, value: int) -> int:
        """Another number with as many digits; 0 stays."""
        digits = self._digits(str(abs(value)))
        return -int(digits) if value < 0 else int(digits)

    def time(self, value: Any) -> Any:
        """The date or time, moved; one at the edge of the calendar means no time, and stays.

        Parts of a second, which tell one record from all others, become others: milliseconds and the rest
        each for itself, so that what was cut to milliseconds still looks so.
        """
        if isinstance(value, datetime) and value.microsecond:
            thousands, rest = divmod(value.microsecond, 1000)
            thousands, rest = (self._draw("part", str(n), 999) + 1 if n else 0 for n in (thousands, rest))
            value = value.replace(microsecond=thousands * 1000 + rest)
        for days in (-self._days, self._days):
            try:
                return value + days
            except OverflowError:
                continue
        return value

    def phone(self, number: str) -> str:
        """A number of the same country and form."""
        digits = re.sub(r"\D", "", number)
        lead = 0
        if number.lstrip().startswith(("+", "00")):
            lead = 0 if number.lstrip().startswith("+") else 2
            code = digits[lead : lead + 3]
            lead += 1 if code[:1] in _SHORT_CODES else 2 if code[:2] in _TWO_DIGITS else 3
        fresh = iter(digits[:lead] + self._digits(digits[lead:]))
        kept = re.sub(r"[^\W\d_]+", lambda m: self._word(m.group()), number)
        return "".join(next(fresh, c) if c.isdecimal() else c for c in kept)

    # --- parts ------------------------------------------------------------------------------------

    def _token(self, found: re.Match[str]) -> str:
        text = found.group()
        match found.lastgroup:
            case "uuid":
                return self.key(text)
            case "mail":
                local, _, domain = text.partition("@")
                return f"{self._parts(local)}@{self._word_of(domain)}.example.org"
            case "url":
                scheme, _, rest = text.partition("://")
                host, slash, path = rest.partition("/")
                return f"{scheme}://{self._word_of(host)}.example.org{slash}{self._parts(path)}"
            case "tag":
                return text
            case "digits":
                return self._digits(text)
        return self._word(text)

    def _parts(self, text: str) -> str:
        """Words and numbers of an address, its punctuation kept."""
        return re.sub(r"(\d+)|([^\W\d_]+)", lambda m: self._digits(m[1]) if m[1] else self._word(m[2]), text)

    def _word_of(self, text: str) -> str:
        """One word for a whole host: equal for those that are equal."""
        return "h" + "".join(_LATIN[int(c, 16)] for c in self._hex("host", text.lower(), 8))

    def _word(self, word: str) -> str:
        fresh = self._cached_word(word.casefold())
        if word.isupper() and len(word) > 1:
            return fresh.upper()
        return fresh[:1].upper() + fresh[1:] if word[:1].isupper() else fresh

    def _new_word(self, word: str) -> str:
        first, last = next((c for c in _CLASSES if c[0] <= len(word) <= c[1]), (len(word), len(word)))
        for turn in range(50):
            place = f"{turn} {word}"
            size = first + self._draw("size", place, last - first + 1)
            fresh = "".join(self._letter(word[min(n, len(word) - 1)], f"{n} {place}") for n in range(size))
            if fresh.casefold() != word:
                return fresh
        return fresh  # nothing else is of its kind: a script of one letter

    def _letter(self, like: str, place: str) -> str:
        name = unicodedata.name(like, "")
        for script, letters in (("LATIN", _LATIN), ("CYRILLIC", _CYRILLIC)):
            if name.startswith(script):
                return letters[self._draw("letter", place, len(letters))]
        start, category = ord(like) & ~0x7F, unicodedata.category(like)
        block = [c for c in map(chr, range(start, start + 128)) if unicodedata.category(c) == category]
        return block[self._draw("letter", place, len(block))]

    def _digits(self, run: str) -> str:
        """Other digits of the same script and number; a run of zeros stays, and so does a leading zero."""
        zeros = len(run) - len(run.lstrip("0"))
        rest = run[zeros:]
        if not rest:
            return run
        for turn in range(50):
            places = (f"{turn} {n} {rest}" for n in range(len(rest)))
            new = [self._draw("digit", place, 9 if n == 0 else 10) for n, place in enumerate(places)]
            new[0] += 1
            if new != [int(c) for c in rest]:
                break
        return run[:zeros] + "".join(chr(ord(c) - int(c) + d) for c, d in zip(rest, new, strict=True))

    def _decimal(self, value: Decimal) -> Decimal:
        sign, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int) or not value:
            return value
        fresh = self._digits("".join(map(str, digits)))
        return Decimal((sign, tuple(map(int, fresh)), exponent))

    def _float(self, value: float) -> float:
        mantissa, e, exponent = repr(value).partition("e")
        if value != value or value in (float("inf"), float("-inf")):
            return value
        return float(re.sub(r"\d+", lambda m: self._digits(m.group()), mantissa) + e + exponent)

    def _duration(self, value: timedelta) -> timedelta:
        days = self.integer(value.days) if value.days >= 0 else -self.integer(-value.days)
        seconds = self.integer(value.seconds) % 86_400 if value.seconds else 0
        return timedelta(days, seconds, self.integer(value.microseconds) % 1_000_000)

    def _address(self, value: Address) -> Address:
        parts = {p.name: self.text(getattr(value, p.name)) for p in fields(value) if p.name != "country"}
        return Address(**parts, country=self._code(value.country))

    def _file(self, value: StoredFile) -> StoredFile:
        stem, dot, extension = value.name.rpartition(".")
        known = dot and _EXTENSION.fullmatch(extension)
        name = f"{self.text(stem)}.{extension}" if known else self.text(value.name)
        media = value.media_type if _MEDIA.fullmatch(value.media_type) else "application/octet-stream"
        size, content = self.integer(value.size), self._hex("file", value.sha256, 64)
        return replace(
            value, name=name, size=size, sha256=content, media_type=media, folder=self.text(value.folder)
        )

    def _code(self, text: str) -> str:
        """A currency or a country by its code stays."""
        return text if re.fullmatch(r"[A-Z]{2,3}", text) else self.text(text)

    def _kind(self, text: str) -> str:
        return text if text.lower() in _KINDS else self.text(text)

    def _draw(self, label: str, place: str, below: int) -> int:
        digest = hashlib.blake2b(f"{label} {place}".encode(errors="surrogatepass"), key=self._key)
        return int.from_bytes(digest.digest()[:8], "big") % below

    def _hex(self, label: str, text: str, size: int) -> str:
        digest = hashlib.blake2b(f"{label} {text}".encode(errors="surrogatepass"), key=self._key)
        return (digest.hexdigest() * (size // 128 + 1))[:size]
