"""Canonical values as a person reads them, in reports and documents. Nothing is read back from this text."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from crossdock.values import Address, Author, Link, Money, PersonName, Phone, Reference, StoredFile

LIMIT = 2000
"""Characters of a value that are shown at most."""


def shown(value: Any) -> str:
    """A value as text, "" for nothing; several are separated by semicolons."""
    text = _text(value)
    return text if len(text) <= LIMIT else f"{text[: LIMIT - 3]}..."


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case datetime():
            return value.isoformat(sep=" ")
        case tuple() | list():
            return "; ".join(map(_text, value))
        case Mapping():
            return ", ".join(f"{name}: {_text(part)}" for name, part in value.items())
        case Money():
            return f"{value.amount} {value.currency}".rstrip()
        case Phone():
            return value.number + (f" ext. {value.extension}" if value.extension else "")
        case Link():
            return f"{value.label} ({value.url})" if value.label else value.url
        case PersonName():
            return " ".join(filter(None, (value.first, value.middle, value.last)))
        case Author():
            return value.name
        case Reference():
            return f"{value.object_name} {value.key}"
        case StoredFile():
            return f"{value.folder}/{value.name} ({value.size} bytes, SHA-256 {value.sha256})".lstrip("/")
        case Address():
            return ", ".join(filter(None, (getattr(value, part.name) for part in fields(value))))
    if is_dataclass(value) and not isinstance(value, type):
        return ", ".join(filter(None, (_text(getattr(value, part.name)) for part in fields(value))))
    return str(value)
