"""The difference of two mappings as a person reads it: what came, what went, what comes from elsewhere.

For `map diff`, for a confirmation that no longer fits, and for the versions of a mapping.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from crossdock.mapping import FieldMapping, MappingFile, ObjectMapping
from crossdock.mappingfile.document import load
from crossdock.mappingfile.plain import as_plain, plain_field, plain_route

_SHOWN: Final = 80
NOTHING: Final = "not set"


@dataclass(frozen=True, slots=True)
class MapChange:
    """One thing that is not as it was. `before` and `after` are as people read them, "" if there was none.

    what: field added, field dropped, mapped elsewhere, steps, values, field rule; route added, route dropped,
    route rule, order of the routes; decision, automation, question, file rule.
    text: all of it in one sentence.
    """

    what: str
    route: str
    field: str
    before: str
    after: str
    text: str


def since_confirmed(confirmed: Path, now: Path) -> list[str]:
    """What changed in a mapping file since it was confirmed; [] without a confirmed one.

    Raises MappingError if one of them cannot be read.
    """
    return difference(load(confirmed), load(now)) if confirmed.exists() else []


def difference(old: MappingFile, new: MappingFile) -> list[str]:
    """What changed, one sentence each, in the order of the new file; [] if nothing did."""
    return [change.text for change in changes(old, new)]


def changes(old: MappingFile, new: MappingFile) -> list[MapChange]:
    """What changed, in the order of the new file; [] if nothing did."""
    before, after = as_plain(old), as_plain(new)
    found: list[MapChange] = []
    for word in ("source", "destination", "others", "ignore"):
        found += _rule("file rule", "", "", word, before.get(word), after.get(word))
    found += _answers("decision", old.answers, new.answers)
    found += _answers("automation", old.automations, new.automations)
    found += _answers("question", before.get("questions", {}), after.get("questions", {}))
    found += _routes(old, new)
    return found


def _answers(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[MapChange]:
    for name in [*after, *(name for name in before if name not in after)]:
        was, now = before.get(name), after.get(name)
        if name not in before:
            yield MapChange(kind, "", name, "", shown(now), f"{kind} {name} was added: {shown(now)}")
        elif name not in after:
            text = f"{kind} {name} was dropped, it was {shown(was)}"
            yield MapChange(kind, "", name, shown(was), "", text)
        elif isinstance(was, Mapping) and isinstance(now, Mapping):
            for word in [*now, *(word for word in was if word not in now)]:
                yield from _rule(kind, "", name, f"{kind} {name}, {word}", was.get(word), now.get(word))
        else:
            yield from _rule(kind, "", name, f"{kind} {name}", was, now)


def _routes(old: MappingFile, new: MappingFile) -> Iterator[MapChange]:
    before = {route.name: route for route in old.objects}
    after = {route.name: route for route in new.objects}
    for name, route in after.items():
        if name in before:
            yield from _route(before[name], route, old, new)
        else:
            count = _count(route)
            yield MapChange("route added", name, "", "", count, f"route {name} was added, with {count}")
    for name, route in before.items():
        if name not in after:
            was = _count(route)
            yield MapChange("route dropped", name, "", was, "", f"route {name} was dropped, with {was}")
    if (kept := [n for n in before if n in after]) != (now := [n for n in after if n in before]):
        earlier = ", ".join(kept)
        text = f"the order of the routes changed, it was {earlier}"
        yield MapChange("order of the routes", "", "", earlier, ", ".join(now), text)


def _count(route: ObjectMapping) -> str:
    return "1 field" if len(route.fields) == 1 else f"{len(route.fields)} fields"


def _route(
    old: ObjectMapping, new: ObjectMapping, old_file: MappingFile, new_file: MappingFile
) -> Iterator[MapChange]:
    before, after = plain_route(old, old_file), plain_route(new, new_file)
    for word in [*before, *(w for w in after if w not in before)]:
        if word != "fields":
            what = f"route {new.name}: {word}"
            yield from _rule("route rule", new.name, "", what, before.get(word), after.get(word))
    moved = _moved(old, new)
    for name, entry in new.fields.items():
        if name in old.fields:
            yield from _field(new.name, name, old.fields[name], entry)
        elif (was := next((o for o, n in moved.items() if n == name), None)) is not None:
            origin = shown_field(entry)
            text = f"route {new.name}: {origin} goes to {name}, no longer to {was}"
            yield MapChange("mapped elsewhere", new.name, name, was, name, text)
        else:
            now = shown_field(entry)
            text = f"route {new.name}: field {name} was added, it comes from {now}"
            yield MapChange("field added", new.name, name, "", now, text)
    for name, entry in old.fields.items():
        if name not in new.fields and name not in moved:
            was = shown_field(entry)
            text = f"route {new.name}: field {name} was dropped, it came from {was}"
            yield MapChange("field dropped", new.name, name, was, "", text)


def _moved(old: ObjectMapping, new: ObjectMapping) -> dict[str, str]:
    """Old field -> new field, where what one got the other gets now, in the same way."""
    gone = {name: plain_field(entry) for name, entry in old.fields.items() if name not in new.fields}
    come = {name: plain_field(entry) for name, entry in new.fields.items() if name not in old.fields}
    moved: dict[str, str] = {}
    for was, entry in gone.items():
        alike = [name for name, other in come.items() if other == entry and name not in moved.values()]
        if len(alike) == 1 and list(gone.values()).count(entry) == 1:
            moved[was] = alike[0]
    return moved


def _field(route: str, name: str, old: FieldMapping, new: FieldMapping) -> Iterator[MapChange]:
    before, after = _parts(old), _parts(new)
    what = f"route {route}: field {name}"
    if (was := origin_of(before)) != (now := origin_of(after)):
        text = f"{what} comes from {now}, it came from {was}"
        yield MapChange("mapped elsewhere", route, name, was, now, text)
    if (steps := (before.get("steps"), after.get("steps"))) and steps[0] != steps[1]:
        was, now = (shown_steps(each) for each in steps)
        text = f"{what} goes through {now}, it went through {was}"
        yield MapChange("steps", route, name, was, now, text)
    yield from _values(route, name, before.get("values") or {}, after.get("values") or {})
    rest = [w for w in {**after, **before} if w not in (*_ORIGINS, "steps", "values")]
    for word in rest:
        yield from _rule("field rule", route, name, f"{what}: {word}", before.get(word), after.get(word))


_ORIGINS: Final = ("from", "value", "template")


def _parts(entry: FieldMapping) -> Mapping[str, Any]:
    plain = plain_field(entry)
    return plain if isinstance(plain, Mapping) else {"from": plain}


def _values(
    route: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[MapChange]:
    for value in [*after, *(value for value in before if value not in after)]:
        was = shown(before[value]) if value in before else ""
        now = shown(after[value]) if value in after else ""
        if was == now and (value in before) == (value in after):
            continue
        if value not in before:
            said = f"{value} becomes {now}, it had no entry"
        elif value not in after:
            said = f"{value} has no entry any more, it became {was}"
        else:
            said = f"{value} becomes {now}, it became {was}"
        text = f"route {route}: field {name}, values: {said}"
        yield MapChange(
            "values", route, name, f"{value} = {was}" if was else "", f"{value} = {now}" if now else "", text
        )


def _rule(kind: str, route: str, field: str, what: str, before: Any, after: Any) -> Iterator[MapChange]:
    if before != after or type(before) is not type(after):
        text = f"{what} is {shown(after)}, it was {shown(before)}"
        yield MapChange(kind, route, field, shown(before), shown(after), text)


# --- as people read it ------------------------------------------------------------------------


def shown_field(entry: FieldMapping) -> str:
    """Where a field gets its value, and through which steps."""
    parts = _parts(entry)
    steps = f" through {shown_steps(parts['steps'])}" if parts.get("steps") else ""
    return f"{origin_of(parts)}{steps}"


def origin_of(parts: Mapping[str, Any]) -> str:
    """Where a field's value is from, of its plain form."""
    if "from" in parts:
        return shown(parts["from"])
    if "template" in parts:
        return f"the template {shown(parts['template'])}"
    return f"the fixed value {shown(parts.get('value'))}"


def shown_steps(steps: Sequence[Any] | None) -> str:
    """Steps in their order, of their plain form."""
    return ", ".join(map(shown, steps)) if steps else "no steps"


def shown(value: Any) -> str:
    """A part of a mapping as people read it; long ones are cut."""
    text = _words(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _words(value: Any) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_words(part)}" for key, part in value.items()) or "nothing"
    if isinstance(value, list | tuple):
        return ", ".join(map(_words, value)) or "nothing"
    return str(value)
