"""How numbers and dates are written, given by patterns that a person can read.

A date pattern is made of YYYY YY MM DD hh mm ss AM and what stands between them (`DD.MM.YYYY hh:mm`), or
one of two words: `ISO`, and `serial` for day numbers of a spreadsheet. A number pattern is an example:
`1 234,56`. Every pattern is tried; a text that two of them read differently is ambiguous and refused.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

ISO, SERIAL = "ISO", "serial"
_TOKENS = {
    "YYYY": r"(?P<Y>[0-9]{4})",
    "YY": r"(?P<y>[0-9]{2})",
    "MM": r"(?P<m>[0-9]{1,2})",
    "DD": r"(?P<d>[0-9]{1,2})",
    "hh": r"(?P<H>[0-9]{1,2})",
    "mm": r"(?P<M>[0-9]{2})",
    "ss": r"(?P<S>[0-9]{2})",
    "AM": r"(?P<p>[AaPp])\.?[Mm]\.?",
}
_TOKEN = re.compile("|".join(_TOKENS))
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_CENTURY_TURN = 69  # two digits from here on are the last century, as POSIX has it
_NOON = 12


class PatternError(ValueError):
    """A text fits no pattern, or several with different results. The text says which."""


@cache
def _date_regex(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression. Raises ValueError for a pattern without year, month and day."""
    parts, at = [], 0
    for token in _TOKEN.finditer(pattern):
        parts += [_literal(pattern[at : token.start()]), _TOKENS[token.group()]]
        at = token.end()
    try:
        found = re.compile("".join([*parts, _literal(pattern[at:])]))
    except re.error as error:
        raise ValueError(f"{pattern!r} is no date pattern") from error
    names = set(found.groupindex)
    if not {"m", "d"} <= names or not names & {"Y", "y"}:
        raise ValueError(f"{pattern!r} is no date pattern; write it like DD.MM.YYYY or YYYY-MM-DD hh:mm:ss")
    return found


def _literal(text: str) -> str:
    return r"\s+".join(re.escape(part) for part in re.split(r"\s+", text)) if text else ""


def check_date_pattern(pattern: str) -> str:
    """The pattern itself. Raises ValueError if it is none."""
    if pattern not in (ISO, SERIAL):
        _date_regex(pattern)
    return pattern


def parse_date(text: str, patterns: Sequence[str]) -> datetime:
    """The time that a text names, without a zone unless it is ISO text with one. Raises PatternError."""
    clean = _SPACES.sub(" ", text).strip()
    found = {p: value for p in patterns if p != SERIAL and (value := _dated(clean, p)) is not None}
    if not found:
        raise PatternError(f"is not written like {_either(patterns)}")
    if len({(value.replace(tzinfo=None), value.utcoffset()) for value in found.values()}) > 1:
        ways = ", ".join(f"{p}: {value.date()}" for p, value in found.items())
        raise PatternError(f"is ambiguous ({ways})")
    return next(iter(found.values()))


def _dated(text: str, pattern: str) -> datetime | None:
    if pattern == ISO:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return None
    match = _date_regex(pattern).fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    hour = int(parts.get("H") or 0)
    if half := parts.get("p"):
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if half in "pP" else 0)
    try:
        return datetime(  # noqa: DTZ001 - the zone is the reader's to say
            _year(parts),
            int(parts["m"]),
            int(parts["d"]),
            hour,
            int(parts.get("M") or 0),
            int(parts.get("S") or 0),
        )
    except ValueError:
        return None


def _year(parts: dict[str, str | None]) -> int:
    if parts.get("Y"):
        return int(parts["Y"] or 0)
    short = int(parts["y"] or 0)
    return short + (1900 if short >= _CENTURY_TURN else 2000)


def from_serial(days: float, from_1904: bool) -> datetime:
    """The time of a spreadsheet's day number, to the millisecond. Raises PatternError out of range."""
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - as above
    try:
        found = start + timedelta(milliseconds=round(days * 86_400_000))
    except (OverflowError, ValueError):
        raise PatternError("is no day number") from None
    # The spreadsheet counts a 29 February 1900 that never was; before it its numbers are one too high.
    if not from_1904 and days < 61:
        if days < 1 or int(days) == 60:
            raise PatternError("is no day number of a date that exists")
        found += timedelta(days=1)
    return found


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """What stands before the decimals, and what between thousands ("" for none)."""

    decimal: str
    thousands: str


@cache
def number_pattern(example: str) -> NumberPattern:
    """The pattern behind an example like `1 234,56`. Raises ValueError."""
    text = _SPACES.sub(" ", example).strip()
    marks = re.sub(r"\d", "", text)
    kinds = list(dict.fromkeys(marks))
    fits = re.fullmatch(r"\d+(?:[^\d]\d+)*", text)
    if not fits or len(kinds) > 2 or (len(kinds) == 2 and marks.count(kinds[1]) != 1):
        raise ValueError(f"{example!r} is no example of a number; write it like '1 234,56' or '1234.56'")
    if len(kinds) == 2:
        return NumberPattern(kinds[1], kinds[0])
    if kinds and (len(marks) > 1 or kinds[0] == " " or re.search(r"\D\d{3}$", text)):
        return NumberPattern("", kinds[0])
    return NumberPattern(kinds[0] if kinds else "", "")


def parse_number(text: str, examples: Sequence[str]) -> Decimal:
    """The number that a text is, `(1.00)` and a typographic minus included. Raises PatternError."""
    clean = _SPACES.sub(" ", text).strip().replace("\u2212", "-").replace("\u2013", "-")
    negative = clean.startswith("(") and clean.endswith(")")
    if negative:
        clean = clean[1:-1].strip()
    if clean.startswith("-") and not negative:
        negative, clean = True, clean[1:].strip()
    elif clean.startswith("+"):
        clean = clean[1:].strip()
    found = {e: value for e in examples if (value := _number(clean, number_pattern(e))) is not None}
    if not found:
        raise PatternError(f"is not written like {_either(examples)}")
    if len(set(found.values())) > 1:
        ways = ", ".join(f"like {e}: {value}" for e, value in found.items())
        raise PatternError(f"is ambiguous ({ways})")
    value = next(iter(found.values()))
    return -value if negative else value


def _number(text: str, pattern: NumberPattern) -> Decimal | None:
    match = _number_regex(pattern).fullmatch(text)
    if match is None:
        return None
    whole = match[1].replace(pattern.thousands, "") if pattern.thousands else match[1]
    return Decimal(f"{whole}.{match[2]}" if match[2] else whole)


@cache
def _number_regex(pattern: NumberPattern) -> re.Pattern[str]:
    mark, point = re.escape(pattern.thousands), re.escape(pattern.decimal)
    grouped = rf"|[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+" if mark else ""
    decimals = rf"(?:{point}([0-9]+))?" if point else "()"
    return re.compile(rf"([0-9]+{grouped}){decimals}")


def _either(patterns: Iterable[str]) -> str:
    return " or ".join(repr(p) for p in patterns) or "anything that the layout declares"


LONGEST_NAME = 64
"""Letters of a name that is held against a pattern; a workbook's sheet has at most 31 (documented)."""
MOST_REPEATS = 5
"""Parts of a pattern that may repeat without end: each as often as the name is long, multiplied."""

_GROUP = re.compile(r"\(([^()]*)\)([+*{]?)")
_ENDLESS = re.compile(r"[+*]|\{\d*,\}")


def check_name_pattern(pattern: str) -> str:
    """The pattern itself. Raises ValueError if it is no regular expression, or may take for ever."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression ({error})") from error
    if repeats_repetition(pattern):
        raise ValueError(f"{pattern!r} repeats what repeats; that may take for ever")
    if len(_ENDLESS.findall(_without_signs(pattern))) > MOST_REPEATS:
        raise ValueError(f"{pattern!r} has more than {MOST_REPEATS} parts that repeat without end")
    return pattern


def fits_name(pattern: str, name: str) -> bool:
    """Whether a checked pattern fits a whole name, in capitals or not; none fits a name that is too long."""
    return len(name) <= LONGEST_NAME and re.fullmatch(pattern, name, re.IGNORECASE) is not None


def _without_signs(pattern: str) -> str:
    """The pattern with one letter for each sign with a backslash and each set of letters."""
    return re.sub(r"\\.|\[\^?\]?[^\]]*\]", "x", pattern)


def repeats_repetition(pattern: str) -> bool:
    """Whether a regular expression repeats a group that itself may be read in several ways, as `(a+)+`."""
    text = _without_signs(pattern)
    while found := _GROUP.search(text):
        inside = re.sub(r"^\?(?:P?<\w+>|[aiLmsux-]*:|[=!>]|<[=!])", "", found[1])
        if found[2] and re.search(r"[+*{|?]", inside):
            return True
        text = text[: found.start()] + inside + found[2] + text[found.end() :]
    return False
