"""Stored records as the API shows them."""

from collections.abc import Iterable, Mapping
from typing import Any

from crossdock_twenty.sandbox.catalog import Field, Object
from crossdock_twenty.sandbox.composites import SUBFIELDS, shown_composite
from crossdock_twenty.sandbox.signing import file_url
from crossdock_twenty.sandbox.workspace import Workspace

Record = dict[str, Any]


def shown_value(ws: Workspace, item: Field, stored: Any) -> Any:
    """One column: empty text is "", empty lists are [], composites are complete, files get an address."""
    kind = item.type
    if kind in SUBFIELDS:
        return shown_composite(kind, stored)
    if kind == "TEXT":
        return stored or ""
    if kind in ("MULTI_SELECT", "ARRAY"):
        return stored or []
    if kind == "FILES":
        return _files(ws, stored)
    return stored


def _files(ws: Workspace, stored: list[Mapping[str, Any]] | None) -> list[Record] | None:
    if not stored:
        return None
    return [dict(entry) | {"url": file_url(ws, str(entry["fileId"]))} for entry in stored]


def shown(ws: Workspace, obj: Object, data: Mapping[str, Any], names: Iterable[str] | None = None) -> Record:
    """A record with all its columns, or the named ones."""
    columns = obj.columns
    wanted = columns if names is None else {name: columns[name] for name in names if name in columns}
    found = {name: shown_value(ws, item, data.get(name)) for name, item in wanted.items()}
    if "searchVector" in found:
        found["searchVector"] = search_vector(obj, data)
    return found


def search_vector(obj: Object, data: Mapping[str, Any]) -> str:
    """The lexemes of the searched columns with their places; only roughly the database's own (assumed)."""
    words: dict[str, int] = {}
    for text in searched(obj, data):
        for word in text.lower().split():
            words.setdefault(word, len(words) + 1)
    return " ".join(f"'{word}':{at}" for word, at in sorted(words.items()))


def searched(obj: Object, data: Mapping[str, Any]) -> list[str]:
    """The texts that search looks at: the label, and main e-mail, link and phone."""
    names = [obj.label_field or "name"]
    names += [n for n, f in obj.columns.items() if f.type in ("EMAILS", "LINKS", "PHONES") and n not in names]
    texts: list[str] = []
    for name in names:
        value = data.get(name)
        if isinstance(value, Mapping):
            texts += [part for part in value.values() if isinstance(part, str)]
        elif isinstance(value, str):
            texts.append(value)
    return texts


def label(obj: Object, data: Mapping[str, Any]) -> str:
    """The record's name as search results show it."""
    value = data.get(obj.label_field or "name")
    if isinstance(value, Mapping):
        return " ".join(str(part) for part in value.values() if part)
    return str(value or "")
