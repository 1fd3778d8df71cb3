"""Declared rules by which a platform may change a value on its way in, and nothing of it is lost.

A difference between source and destination is `normalised` only if a rule here turns the expected
value into the actual one, for that type of field. Everything else is `differs`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import idna

from crossdock.fieldtypes import FieldType
from crossdock.markup import content
from crossdock.model import FieldSchema
from crossdock.values import Address, Link, Money, PersonName, Phone

GAVE_WAY = "gave way to the value of the record that it was merged into"
"""The note of a value that a person's decision left out: no rule explains it."""

OTHERS_ADDED = "others added by the platform"
_PICTURES_BESIDE = "embedded pictures kept beside the text"
_PASSIVE = "scripts, styles, frames and form fields left out"
_PLACE = "address in the parts of the platform, by its names of states and countries"
_ITS_CURRENCY = "in the currency of the platform, as the source says none"
_WITHOUT_EXTENSION = "number written in full, extension left out"

LOSSY = frozenset({OTHERS_ADDED, _PICTURES_BESIDE, _PASSIVE, _PLACE, _ITS_CURRENCY, _WITHOUT_EXTENSION})
"""Rules under which two different values of the source may come to the same thing at the destination: such a
rule explains a difference, and does not prove that the source changed nothing. What is cut from a time or a
number is too little to write for."""

_TRUNK_PREFIXES = ("00", "0", "8", "")
_USUAL_PORTS = {"http": 80, "https": 443}
_KEPT_IN_ADDRESS = "%!$&'()*+,-./:;=?@[]\\^_|~#"  # the rest may be percent-encoded
_SHORTEST_NUMBER, _COUNTRY_CODE = 7, 3  # digits
_ESCAPE = re.compile(r"\\([^\w\s])")
_BULLET = re.compile(r"^[ \t]*[*+-][ \t]+", re.MULTILINE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)")
_HOST = re.compile(r"[^\s/?#]+\.[^\s/?#]+([/?#]\S*)?$")
_CODE = re.compile(r"[A-Z]{2,3}")
_EMPHASIS = re.compile(r"\*\*|__|_")


def normalisation(expected: Any, actual: Any, field: FieldSchema) -> str:
    """The rule that explains the difference, or "" if none does.

    Lists are compared element by element; one rule has to explain all of them.
    """
    for name, rule in RULES.get(field.type, {}).items():
        if _applied(rule, expected) == _applied(rule, actual):
            return name
    for name, holds in PAIR_RULES.get(field.type, {}).items():
        if _explained(holds, _several(expected), _several(actual)):
            return name
    return OTHERS_ADDED if _is_part_of(expected, actual, field) else ""


def _is_part_of(expected: Any, actual: Any, field: FieldSchema) -> bool:
    """All references that were wanted, and more, in a field that the platform fills itself (the groups that
    a group of users brings along)."""
    if field.type is not FieldType.REFERENCE or not (field.multiple and field.filled) or not expected:
        return False
    return set(_several(expected)) < set(_several(actual))


def _explained(holds: Callable[[Any, Any], bool], expected: Sequence[Any], actual: Sequence[Any]) -> bool:
    return len(expected) == len(actual) and all(map(holds, expected, actual))


def _several(value: Any) -> Sequence[Any]:
    return value if isinstance(value, tuple | list) else (value,)


def _applied(rule: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, tuple | list):
        return tuple(rule(element) for element in value)
    return None if value is None else rule(value)


def _text_without_nul(value: Any) -> Any:
    return value.replace("\x00", "") if isinstance(value, str) else value


def _line_ends(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return _text_without_nul(value).replace("\r\n", "\n").replace("\r", "\n").strip()


def _markdown_content(value: Any) -> Any:
    """Without escapes; bullets, emphasis and blank lines in one way. Every other character counts."""
    if not isinstance(value, str):
        return value
    plain = _BULLET.sub("- ", _ESCAPE.sub(r"\1", _line_ends(value)))
    return " ".join(_EMPHASIS.sub("*", plain).split())


def _lower_case(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _web_address(value: Any) -> Any:
    url = value.url if isinstance(value, Link) else value
    if not isinstance(url, str):
        return value
    url = url.strip()
    if not _SCHEME.match(url) and _HOST.match(url.removeprefix("//")):
        url = "https://" + url.removeprefix("//")  # what a platform adds
    try:
        parts = urlsplit(url)
        host = _host(parts)
    except ValueError:  # no address at all; idna's errors are ValueErrors
        return url
    rest = urlunsplit(("", "", parts.path, parts.query, parts.fragment))
    return f"{parts.scheme.lower()}://{host}{quote(rest, safe=_KEPT_IN_ADDRESS)}".rstrip("/")


def _with_scheme(value: Any) -> Any:
    """Any text of a link under a scheme: a platform that takes what is no address puts one before it."""
    url = value.url if isinstance(value, Link) else value
    if not isinstance(url, str) or _SCHEME.match(url):
        return url
    return "https://" + url.removeprefix("//")


def _host(parts: SplitResult) -> str:
    """Who and where of an address: the host in its ASCII form, the usual port left out."""
    user, at, _ = parts.netloc.rpartition("@")
    name = parts.hostname or ""
    if not name.isascii():
        name = idna.encode(name, uts46=True).decode()
    usual = _USUAL_PORTS.get(parts.scheme.lower())
    return user + at + (name if parts.port in (None, usual) else f"{name}:{parts.port}")


def _same_number(expected: Any, actual: Any) -> bool:
    """The same number, which the platform writes out in full: 8 (812) 555-01-23 as +78125550123."""
    if not isinstance(expected, Phone) or not isinstance(actual, Phone):
        return bool(expected == actual)
    here, there = re.sub(r"\D", "", expected.number), re.sub(r"\D", "", actual.number)
    if expected.number.strip().startswith("+") or here == there:
        return here == there
    significant = (here.removeprefix(prefix) for prefix in _TRUNK_PREFIXES if here.startswith(prefix))
    return any(
        len(number) >= _SHORTEST_NUMBER
        and there.endswith(number)
        and len(there) - len(number) <= _COUNTRY_CODE
        for number in significant
    )


def _same_number_and_extension(expected: Any, actual: Any) -> bool:
    same = _same_number(expected, actual)
    return same and getattr(expected, "extension", "") == getattr(actual, "extension", "")


def _html_content(value: Any) -> Any:
    return content(value) or None if isinstance(value, str) else value


def _passive_html(value: Any) -> Any:
    return content(value, passive=True) or None if isinstance(value, str) else value


def _pictures_beside(expected: Any, actual: Any) -> bool:
    """The same text, of which pictures that were in it lie on the platform's own server now."""
    if not isinstance(expected, str) or not isinstance(actual, str):
        return False
    pairs = list(zip_longest(content(expected, passive=True), content(actual, passive=True)))
    return all(one == other or _moved(one, other) for one, other in pairs)


def _moved(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> bool:
    if one is None or other is None or one[0] != "image" or other[0] != "image":
        return False
    return one[1].startswith("data:image/") and other[1].startswith("/")


def _same_place(expected: Any, actual: Any) -> bool:
    """The same text, in other parts perhaps; state and country may be called otherwise there."""
    if not isinstance(expected, Address) or not isinstance(actual, Address):
        return bool(expected == actual)
    renamed = [
        part
        for part in ("state", "country")
        if (here := getattr(expected, part))
        and (there := getattr(actual, part))
        and _may_name_the_same(here, there)
    ]
    left = dict.fromkeys(renamed, "")
    return _pieces(replace(expected, **left)) == _pieces(replace(actual, **left))


def _may_name_the_same(one: str, other: str) -> bool:
    """Whether both may be names of one place: a code and a name, two alphabets, a name and its long form."""
    short, long = sorted((one.casefold(), other.casefold()), key=len)
    code = bool(_CODE.fullmatch(one)) is not bool(_CODE.fullmatch(other))
    return code or one.isascii() is not other.isascii() or long.startswith(short)


def _pieces(address: Address) -> list[str]:
    """What stands between commas, whichever part holds it."""
    parts = (getattr(address, part.name) for part in fields(address))
    pieces = (" ".join(piece.split()) for part in parts for piece in re.split(r"[,\n]", part))
    return sorted(filter(None, pieces))


def _same_amount(expected: Any, actual: Any) -> bool:
    """The same amount, whose currency the source did not say."""
    if not isinstance(expected, Money) or not isinstance(actual, Money):
        return bool(expected == actual)
    return not expected.currency and expected.amount == actual.amount


def _seconds(value: Any) -> Any:
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _milliseconds(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def _double(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else value


def _first_and_middle(value: Any) -> Any:
    if not isinstance(value, PersonName):
        return value
    return f"{value.first} {value.middle}".strip(), value.last


RULES: dict[FieldType, dict[str, Callable[[Any], Any]]] = {
    FieldType.TEXT: {"NUL removed": _text_without_nul, "line ends and outer spaces": _line_ends},
    FieldType.HTML: {
        "NUL removed": _text_without_nul,
        "same content, markup written in another way": _html_content,
        _PASSIVE: _passive_html,
    },
    FieldType.MARKDOWN: {
        "NUL removed": _text_without_nul,
        "line ends and outer spaces": _line_ends,
        "same text, markup written in another way": _markdown_content,
    },
    FieldType.EMAIL: {"lower case": _lower_case},
    FieldType.LINK: {"address in its normal form": _web_address, "https:// added": _with_scheme},
    FieldType.DATETIME: {"cut to milliseconds": _milliseconds, "cut to seconds": _seconds},
    FieldType.DECIMAL: {"stored as a binary double": _double},
    FieldType.PERSON_NAME: {"middle name joined to the first": _first_and_middle},
}
"""By field type: rule name -> the function that brings both sides to one form."""

PAIR_RULES: dict[FieldType, dict[str, Callable[[Any, Any], bool]]] = {
    FieldType.PHONE: {
        "number written in full": _same_number_and_extension,
        _WITHOUT_EXTENSION: _same_number,
    },
    FieldType.ADDRESS: {_PLACE: _same_place},
    FieldType.MONEY: {_ITS_CURRENCY: _same_amount},
    FieldType.HTML: {_PICTURES_BESIDE: _pictures_beside},
}
"""By field type: rule name -> whether it explains that one value became the other."""
