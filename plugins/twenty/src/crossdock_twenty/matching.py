"""Filters that find records by a match key, in the forms in which Twenty may hold the value.

A filter may find too much (another path on the same host); `same` then decides on what came back.
E-mail addresses are stored in lower case; links are stored as typed when they have no scheme, and
`https://d`, `http://d` and `https://www.d` are different values (measured on 2.21.0).
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from crossdock.errors import ConfigError
from crossdock.model import FieldSchema
from crossdock.values import Link, Money, PersonName, Phone

Filter = dict[str, Any]

_UNMATCHABLE = frozenset({"ARRAY", "RAW_JSON", "RICH_TEXT", "FILES", "ADDRESS", "ACTOR"})


def condition(field: FieldSchema, value: Any) -> Filter | None:
    """A GraphQL filter that finds every record whose `field` may hold `value`; None if none can.

    Raises ConfigError for a type that cannot be searched by value.
    """
    column, kind = field.settings["column"], field.settings["twenty_type"]
    if kind in _UNMATCHABLE:
        raise ConfigError(
            f"{field.name} cannot be a match key: Twenty does not search {kind} fields by value."
        )
    form = comparable(kind, value)
    if form is None or form == "":
        return None
    if kind == "EMAILS":
        return {column: {"primaryEmail": {"eq": form}}}
    if kind == "LINKS":
        host = str(form).split("/", 1)[0]
        forms = {host, _puny(host)}
        return {"or": [{column: {"primaryLinkUrl": {"ilike": f"%{_literal(h)}%"}}} for h in sorted(forms)]}
    if kind == "PHONES":
        return {column: {"primaryPhoneNumber": {"in": [form[i:] for i in range(min(5, len(form) - 1))]}}}
    if kind == "FULL_NAME":
        return {
            column: {
                part: {"ilike": _literal(text)}
                for part, text in zip(("firstName", "lastName"), form, strict=True)
            }
        }
    if kind == "MULTI_SELECT":
        return {column: {"containsAny": [form]}}
    if kind == "TEXT":
        return {column: {"ilike": _literal(form)}}
    if kind == "CURRENCY":
        return {column: {"amountMicros": {"eq": int(form)}}}
    return {column: {"eq": form}}


def same(field: FieldSchema, value: Any, wire: Any) -> bool:
    """Whether what a record holds in `field` (wire form) is the value that was looked for."""
    kind = field.settings["twenty_type"]
    parts: Mapping[str, Any] = wire if isinstance(wire, Mapping) else {}
    held: Any = wire
    if kind == "EMAILS":
        held = parts.get("primaryEmail")
    elif kind == "LINKS":
        held = parts.get("primaryLinkUrl")
    elif kind == "PHONES":
        held = Phone((parts.get("primaryPhoneCallingCode") or "") + (parts.get("primaryPhoneNumber") or ""))
    elif kind == "FULL_NAME":
        held = PersonName(first=parts.get("firstName") or "", last=parts.get("lastName") or "")
    elif kind not in ("TEXT", "UUID", "RELATION", "MORPH_RELATION"):
        return True
    return bool(comparable(kind, held) == comparable(kind, value))


def comparable(kind: str, value: Any) -> Any:
    """The form in which two values of a Twenty field type mean the same; None for nothing."""
    if value is None:
        return None
    if kind in ("TEXT", "EMAILS"):
        return str(value).replace("\x00", "").strip().lower()
    if kind == "LINKS":
        return _link(value.url if isinstance(value, Link) else str(value))
    if kind == "PHONES":
        return re.sub(r"\D", "", value.number if isinstance(value, Phone) else str(value))
    if kind == "FULL_NAME" and isinstance(value, PersonName):
        return " ".join(filter(None, [value.first, value.middle])).lower(), value.last.lower()
    if isinstance(value, Money):
        return value.amount * 1_000_000
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return (
        value.lower() if isinstance(value, str) and kind in ("UUID", "RELATION", "MORPH_RELATION") else value
    )


def _link(url: str) -> str:
    """Host and path without scheme, www and last slash; the host in lower case Unicode."""
    rest = re.sub(r"^\s*(?:https?:)?//", "", url.strip(), flags=re.I)
    host, slash, path = rest.partition("/")
    host = host.lower().removeprefix("www.")
    if "xn--" in host:
        with suppress(UnicodeError):
            host = host.encode("ascii").decode("idna")
    return (host + slash + unquote(path)).rstrip("/")


def _puny(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _literal(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
