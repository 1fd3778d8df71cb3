"""Small pieces of HTML for what has no field of its own, and text out of HTML."""

import html
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from crossdock.values import Link, Money, PersonName, Phone

_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"(?i)<(?:br|/p|/div|/li|/h\d)\b[^>]*>")
_SPACES = re.compile(r"\s+")


def as_html(text: Any, kind: str) -> Any:
    """A text of the platform as HTML: signs of plain text are escaped. What is no text is handed on."""
    if not isinstance(text, str) or kind == "html":
        return text
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in text.splitlines() if line.strip())


def lines_of(lines: Iterable[tuple[str, str]]) -> str | None:
    """`label: value` lines as a list in HTML, None if there are none."""
    items = [f"<li>{html.escape(f'{label}: {value}', quote=False)}</li>" for label, value in lines]
    return f"<ul>{''.join(items)}</ul>" if items else None


def first_words(text: str, length: int = 80) -> str:
    """The first line of an HTML text without its tags, cut at a word."""
    plain = html.unescape(_TAG.sub("", _BREAK.sub("\n", text)))
    line = next((_SPACES.sub(" ", part).strip() for part in plain.splitlines() if part.strip()), "")
    if len(line) <= length:
        return line
    return line[: length + 1].rpartition(" ")[0] or line[:length]


def shown(value: Any) -> str:
    """A canonical value as people write it."""
    match value:
        case str():
            return value
        case bool():
            return "yes" if value else "no"
        case Money(amount, currency):
            return f"{amount:f} {currency}".strip()
        case PersonName(first, last, middle):
            return " ".join(filter(None, (last, first, middle)))
        case Phone(number, extension, _):
            return f"{number} ext. {extension}" if extension else number
        case Link(url):
            return url
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case date():
            return value.isoformat()
        case timedelta():
            return str(value)
        case Decimal():
            return f"{value:f}"
        case tuple():
            return ", ".join(map(shown, value))
        case Mapping() | list():
            return orjson.dumps(value, default=str).decode()
    return str(value)
