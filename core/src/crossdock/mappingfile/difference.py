"""The difference of two mappings in words, for `map diff` and for a confirmation that no longer fits."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crossdock.mapping import MappingFile, ObjectMapping
from crossdock.mappingfile.document import load
from crossdock.mappingfile.plain import as_plain, plain_field, plain_route

_SHOWN = 80


def since_confirmed(confirmed: Path, now: Path) -> list[str]:
    """What changed in a mapping file since it was confirmed; [] without a confirmed one.

    Raises MappingError if one of them cannot be read.
    """
    return difference(load(confirmed), load(now)) if confirmed.exists() else []


def difference(old: MappingFile, new: MappingFile) -> list[str]:
    """What changed, one sentence each, in the order of the new file; [] if nothing did."""
    said: list[str] = []
    before, after = as_plain(old), as_plain(new)
    for word in ("source", "destination", "others", "ignore"):
        said += _value(word, before.get(word), after.get(word))
    said += _entries("decision", old.answers, new.answers)
    said += _entries("automation", old.automations, new.automations)
    said += _entries("question", before.get("questions", {}), after.get("questions", {}))
    said += _routes(old, new)
    return said


def _routes(old: MappingFile, new: MappingFile) -> Iterator[str]:
    before = {route.name: route for route in old.objects}
    after = {route.name: route for route in new.objects}
    for name, route in after.items():
        if name not in before:
            yield f"route {name} was added, with {len(route.fields)} fields"
            continue
        yield from _route(before[name], route, old, new)
    for name in before:
        if name not in after:
            yield f"route {name} was removed"
    if (kept := [n for n in before if n in after]) != [n for n in after if n in before]:
        yield f"the order of the routes changed, it was {', '.join(kept)}"


def _route(
    old: ObjectMapping, new: ObjectMapping, old_file: MappingFile, new_file: MappingFile
) -> Iterator[str]:
    before, after = plain_route(old, old_file), plain_route(new, new_file)
    for word in [*before, *(w for w in after if w not in before)]:
        if word != "fields":
            yield from _value(f"route {new.name}: {word}", before.get(word), after.get(word))
    fields = ({n: plain_field(e) for n, e in route.fields.items()} for route in (old, new))
    for sentence in _entries("field", *fields):
        yield f"route {new.name}: {sentence}"


def _entries(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name, value in after.items():
        if name not in before:
            yield f"{kind} {name} was added: {_shown(value)}"
        else:
            yield from _parts(f"{kind} {name}", before[name], value)
    for name in before:
        if name not in after:
            yield f"{kind} {name} was removed (it was {_shown(before[name])})"


def _parts(what: str, before: Any, after: Any) -> Iterator[str]:
    """A changed entry, part by part where both are maps."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        yield from _value(what, before, after)
        return
    for word in [*after, *(w for w in before if w not in after)]:
        yield from _parts(f"{what}, {word}", before.get(word), after.get(word))


def _value(what: str, before: Any, after: Any) -> Iterator[str]:
    if before != after or type(before) is not type(after):
        yield f"{what} was {_shown(before)}, is {_shown(after)}"


def _shown(value: Any) -> str:
    if value is None:
        return "not set"
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
