"""Names for things to be provisioned, and the nearest name that somebody may have meant."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from crossdock.values import PersonName

_NAME_FIELDS = frozenset({"name", "title", "fullname", "full_name", "subject"})

Naming = Callable[[str, str, frozenset[str]], str]
"""(kind "object", "field" or "option", wanted name, names that are taken) -> the name to use."""


def camel_name(kind: str, wanted: str, taken: frozenset[str]) -> str:
    """ASCII letters and digits in camel case; `kind` where nothing is left; a number if it is taken.

    Options keep their values: what a choice is called is seldom the platform's business.
    """
    if kind == "option":
        return wanted
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", wanted)
    name = "".join(w.lower() if i == 0 else w[0].upper() + w[1:].lower() for i, w in enumerate(words))
    if not name or name[0].isdigit():
        name = kind + name
    free, number = name, 2
    while free in taken:
        free, number = f"{name}{number}", number + 1
    return free


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence naming the valid name that is meant most likely, "" if none is near."""
    by_form = {form.lower().strip("_"): form for form in known}
    found = get_close_matches(name.lower().strip("_"), by_form, n=1, cutoff=0.6)
    return f" Did you mean {by_form[found[0]]!r}?" if found else ""


def name_field(names: Iterable[str]) -> str:
    """The first of these fields that names its record, "" if none does."""
    return next((name for name in names if name.strip("_").casefold() in _NAME_FIELDS), "")


def shown_name(values: Mapping[str, Any]) -> str:
    """What a person knows a source record by: its name field, else its first text; "" if it has neither."""
    named = [values[field] for field in values if field.strip("_").casefold() in _NAME_FIELDS]
    for value in (*named, *values.values()):
        if isinstance(value, PersonName):
            value = " ".join(filter(None, (value.last, value.first, value.middle)))
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())[:80]
    return ""
