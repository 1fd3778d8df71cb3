"""The two sides of a labelled case: fields whose types are named as their platforms name them.

Only the scorer of proposals and the fit of the weights read these; what is migrated has canonical types.
"""

import re
from collections.abc import Mapping
from typing import Any

from crossdock.matching.fields import Given, Side, side_of

_FAMILIES: tuple[tuple[str, str], ...] = (
    ("many", r"one2many|many2many|one_to_many|linkmultiple|manytomany|^crm_(?!status|multi)\w+\[\]"),
    ("flag", r"bool|checkbox$|^check$"),
    ("time", r"datetime|date_time|date-time|timestamp"),
    ("date", r"date"),
    ("ref", r"many2one|many_to_one|reference|relat|lookup|foreignkey|link(one|parent)?$|^user"
            r"|^crm_(?!status|multi)|assigned_user|employee|person_ref|^owner|sys_user|collection|entity"),
    ("email", r"e-?mail"),
    ("phone", r"phone"),
    ("url", r"url|^links?$|website"),
    ("file", r"file|image|binary|attach|photo"),
    ("money", r"money|currency|monetary"),
    ("number", r"int|float|double|decimal|number|numeric|percent|duration|serial"),
    ("choice", r"enum|select|picklist|status|choice|category|radio|dropdown"),
    ("long", r"textarea|longtext|long_text|textfield|html|markdown|memo|rich|wysiwyg|^text$|small text"
             r"|text editor"),
    ("id", r"^id$|uuid|guid|autoincrement"),
    ("name", r"name"),
)  # fmt: skip
_COMPILED = tuple((family, re.compile(pattern)) for family, pattern in _FAMILIES)
_REFERRED = re.compile(r"[:(]\s*([\w.]+)\)?\s*$|^crm_(?!status|multi)(\w+)")
_PERSON_NAMES = frozenset({"personname", "person_name", "fullname", "full_name"})
_UNSAID = frozenset({"unknown", "json", "address"})


def side_of_case(side: Mapping[str, Any]) -> Side:
    """The side of a case file."""
    given = [_given_of_case(entry) for entry in side["fields"]]
    return side_of(str(side.get("object", "")), str(side.get("label") or ""), given)


def _given_of_case(entry: Mapping[str, Any]) -> Given:
    kind = str(entry.get("type") or "")
    family, many = _family(kind.casefold())
    return Given(
        str(entry["name"]),
        str(entry.get("label") or ""),
        family,
        bool(entry.get("readonly")),
        tuple(str(o.get("label", o) if isinstance(o, Mapping) else o) for o in entry.get("options") or ()),
        tuple(entry.get("samples") or ()),
        _referred(kind),
        many,
    )


def _family(kind: str) -> tuple[str, bool]:
    """The sort of a type by its name, and whether it holds several values."""
    if kind in _PERSON_NAMES:
        return "person", False
    many = kind.endswith("[]") or "multi" in kind or "2many" in kind or "to_many" in kind or "manyto" in kind
    for family, pattern in _COMPILED:
        if pattern.search(kind):
            return ("ref", True) if family == "many" else (family, many)
    return ("text" if kind and kind not in _UNSAID else ""), many


def _referred(kind: str) -> tuple[str, ...]:
    """The names of objects that a type leads to."""
    found = _REFERRED.search(kind)
    if found:
        return (found.group(1) or found.group(2),)
    return ("user",) if kind.casefold().startswith(("user", "assigned_user")) else ()
