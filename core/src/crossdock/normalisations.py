"""Declared rules by which a platform may change a value on its way in, and nothing of it is lost.

A difference between source and destination is `normalised` only if a rule here turns the expected
value into the actual one, for that type of field. Everything else is `differs`.
"""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema
from crossdock.values import Link, PersonName, Phone

_MARKUP = re.compile(r"[\\*_`#>|~\[\]()\-+!&<=]+")


def normalisation(expected: Any, actual: Any, field: FieldSchema) -> str:
    """The rule that explains the difference, or "" if none does.

    Lists are compared element by element; one rule has to explain all of them.
    """
    for name, rule in RULES.get(field.type, {}).items():
        if _applied(rule, expected) == _applied(rule, actual):
            return name
    return ""


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
    if not isinstance(value, str):
        return value
    return "".join(_MARKUP.sub("", _text_without_nul(value)).split())


def _lower_case(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _web_address(value: Any) -> Any:
    url = value.url if isinstance(value, Link) else value
    if not isinstance(url, str):
        return value
    parts = urlsplit(url.strip())
    return urlunsplit(
        (parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/"), parts.query, parts.fragment)
    )


def _digits(value: Any) -> Any:
    if not isinstance(value, Phone):
        return value
    return re.sub(r"\D", "", value.number), value.extension


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
    FieldType.PHONE: {"digits only": _digits},
    FieldType.DATETIME: {"cut to milliseconds": _milliseconds},
    FieldType.DECIMAL: {"stored as a binary double": _double},
    FieldType.PERSON_NAME: {"middle name joined to the first": _first_and_middle},
}
"""By field type: rule name -> the function that brings both sides to one form."""
