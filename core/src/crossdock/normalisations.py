"""Declared rules by which a platform may change a value on its way in, and nothing of it is lost.

A difference between source and destination is `normalised` only if a rule here turns the expected
value into the actual one, for that type of field. Everything else is `differs`.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import idna

from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema
from crossdock.values import Link, PersonName, Phone

GAVE_WAY = "gave way to the value of the record that it was merged into"
"""The note of a value that a person's decision left out: no rule explains it."""

_TRUNK_PREFIXES = ("00", "0", "8", "")
_USUAL_PORTS = {"http": 80, "https": 443}
_KEPT_IN_ADDRESS = "%!$&'()*+,-./:;=?@[]\\^_|~#"  # the rest may be percent-encoded
_SHORTEST_NUMBER, _COUNTRY_CODE = 7, 3  # digits
_ESCAPE = re.compile(r"\\([^\w\s])")
_BULLET = re.compile(r"^[ \t]*[*+-][ \t]+", re.MULTILINE)
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
    return ""


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
    try:
        parts = urlsplit(url.strip())
        host = _host(parts)
    except ValueError:  # no address at all; idna's errors are ValueErrors
        return url
    rest = urlunsplit(("", "", parts.path, parts.query, parts.fragment))
    return f"{parts.scheme.lower()}://{host}{quote(rest, safe=_KEPT_IN_ADDRESS)}".rstrip("/")


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
    FieldType.HTML: {"NUL removed": _text_without_nul},
    FieldType.MARKDOWN: {
        "NUL removed": _text_without_nul,
        "line ends and outer spaces": _line_ends,
        "same text, markup written in another way": _markdown_content,
    },
    FieldType.EMAIL: {"lower case": _lower_case},
    FieldType.LINK: {"address in its normal form": _web_address},
    FieldType.DATETIME: {"cut to milliseconds": _milliseconds},
    FieldType.DECIMAL: {"stored as a binary double": _double},
    FieldType.PERSON_NAME: {"middle name joined to the first": _first_and_middle},
}
"""By field type: rule name -> the function that brings both sides to one form."""

PAIR_RULES: dict[FieldType, dict[str, Callable[[Any, Any], bool]]] = {
    FieldType.PHONE: {
        "number written in full": _same_number_and_extension,
        "number written in full, extension left out": _same_number,
    },
}
"""By field type: rule name -> whether it explains that one value became the other."""
