"""What a person changes in a mapping file, one edit each: from the text to the text.

Whoever writes the file (the command line, the pages) makes an `Edit` here and hands it to
`crossdock.mapediting`, which looks that nobody else changed the file, and keeps a version.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from crossdock.errors import MappingError
from crossdock.mapping import FieldMapping, MappingFile, ObjectMapping
from crossdock.mappingfile.document import document_of, parse, plain_document
from crossdock.mappingfile.plain import plain_field
from crossdock.mappingfile.splice import MISSING, at, comment_of, put
from crossdock.names import nearest
from crossdock.yamltext import load_yaml

ORIGINS: Final = ("from", "value", "template")
"""The words of which a field's entry has exactly one."""

PROPOSED: Final = re.compile(r"[01]\.\d\d ")
"""How the comment begins that `map propose` writes beside a line: how sure it is, and why."""

_LEFT_OUT: Final = "false"
"""What the `when` of a route begins with that a person left out."""

DECIDED: Final = "1.00 decided by a person"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of the text, and what is said of it. `make` raises MappingError if it cannot be made."""

    said: str
    make: Callable[[str], str]


def together(*edits: Edit) -> Edit:
    """Several edits as one: all of them are made, or none is."""

    def make(text: str) -> str:
        for edit in edits:
            text = edit.make(text)
        return text

    return Edit("; ".join(edit.said for edit in edits) or "nothing", make)


def route_of(mapping: MappingFile, name: str) -> tuple[int, ObjectMapping]:
    """The route of that name, or the only one from or to an object of that name, and its place in the file.

    Raises MappingError if there is none, or several.
    """
    numbered = list(enumerate(mapping.objects))
    found = [pair for pair in numbered if pair[1].name == name]
    found = found or [pair for pair in numbered if name in (pair[1].source, pair[1].target)]
    if len(found) == 1:
        return found[0]
    names = [route.name for _, route in found or numbered]
    if found:
        raise MappingError(f"{name} is in several routes: {', '.join(names)}.", hint="Name one of them.")
    raise MappingError(f"there is no route {name!r}.{nearest(name, names)}", hint="See: crossdock map show")


def set_words(route: str, field: str, words: Mapping[str, Any], note: str | None = None) -> Edit:
    """Set these words of a field's entry (`from`, `steps`, `default`, ...), None takes one away.

    One of `from`, `value` and `template` takes the place of the others. The entry is made if need be.
    """
    said = ", ".join(f"{w} {'away' if v is None else v}" for w, v in words.items())

    def make(text: str) -> str:
        place, known = route_of(parse(text), route)
        entry = known.fields.get(field)
        old = _as_map(plain_field(entry)) if entry else {}
        new = {w: v for w, v in old.items() if not (w in ORIGINS and set(words) & set(ORIGINS))} | dict(words)
        plain = _checked(field, {word: value for word, value in new.items() if value is not None})
        path = ("objects", place, "fields", field)
        decided = _decided(text, path) if note is None and set(words) & set(ORIGINS) else note
        return _put_field(text, path, plain, decided)

    return Edit(f"{route}: {field}: {said}", make)


def move_field(route: str, field: str, to: str) -> Edit:
    """Have another field of the destination get what this one gets."""

    def make(text: str) -> str:
        place, known = _with_field(text, route, field)
        if to in known.fields:
            raise MappingError(f"{to} gets a value already, from {', '.join(known.fields[to].sources)}.")
        if not to.strip():
            raise MappingError("which field of the destination?")
        path = ("objects", place, "fields", field)
        return put(text, path, _raw(text, path), key=to, note=_decided(text, path))

    return Edit(f"{route}: {field} becomes {to}", make)


def drop_field(route: str, field: str, *, ignore: bool = False) -> Edit:
    """Give a field of the destination no value any more; `ignore`: what it came from is not wanted at all."""

    def make(text: str) -> str:
        place, known = _with_field(text, route, field)
        sources = known.fields[field].sources if ignore else ()
        text = put(text, ("objects", place, "fields", field), MISSING)
        for source in sources:
            text = _ignoring(text, place, source, True)
        return text

    return Edit(f"{route}: {field} dropped", make)


def ignore_source(route: str, source: str, *, wanted: bool = False) -> Edit:
    """Say that nobody wants a field of the source, or (`wanted`) that somebody does after all."""

    def make(text: str) -> str:
        return _ignoring(text, route_of(parse(text), route)[0], source, not wanted)

    return Edit(f"{route}: {source} {'is wanted' if wanted else 'ignored'}", make)


def keep_source(route: str, source: str, name: str, type_: str, label: str = "") -> Edit:
    """Have a field made at the destination for a field of the source."""

    def make(text: str) -> str:
        place, known = route_of(parse(text), route)
        if name in known.fields:
            raise MappingError(f"{name} gets a value already.")
        wanted = {"type": type_} | ({"label": label} if label and label != name else {})
        text = put(text, ("objects", place, "extend", name), wanted)
        return put(text, ("objects", place, "fields", name), source)

    return Edit(f"{route}: {name} is made for {source}", make)


def leave_route(route: str, *, wanted: bool = False) -> Edit:
    """Leave a whole route out, or (`wanted`) take it back; its lines stay in the file."""

    def make(text: str) -> str:
        place, known = route_of(parse(text), route)
        when = known.when or ""
        if wanted == (not when.startswith(_LEFT_OUT)):
            return text
        rest = when.removeprefix(_LEFT_OUT).removeprefix(" && ").removeprefix("(").removesuffix(")")
        new = (rest or MISSING) if wanted else (f"{_LEFT_OUT} && ({when})" if when else _LEFT_OUT)
        return put(text, ("objects", place, "when"), new)

    return Edit(f"{route}: {'taken back' if wanted else 'left out'}", make)


def note_field(route: str, field: str, note: str) -> Edit:
    """Write a comment at the end of a field's line, "" takes it away."""

    def make(text: str) -> str:
        place, _ = _with_field(text, route, field)
        path = ("objects", place, "fields", field)
        return put(text, path, _raw(text, path), note=note)

    return Edit(f"{route}: {field}: note {note}", make)


def decide(name: str, answer: Any) -> Edit:
    """Settle a question of the mapping. Raises MappingError if the answer is none of its alternatives."""

    def make(text: str) -> str:
        question = parse(text).questions.get(name)
        if question is None:
            raise MappingError(f"the mapping asks no question {name!r}.")
        known = {str(one): one for one in question.alternatives}
        if known and str(answer) not in known:
            raise MappingError(f"{name}: {answer!r} is none of {', '.join(known)}.")
        return put(text, ("decisions", name), known.get(str(answer), answer))

    return Edit(f"decided: {name} {answer}", make)


def decide_automation(name: str, decision: str) -> Edit:
    """Say what becomes of an automation of the destination during a run: pause, keep or undecided."""

    def make(text: str) -> str:
        made = put(text, ("automations", name), decision)
        parse(made)
        return made

    return Edit(f"decided: automation {name} {decision}", make)


def words_of(text: str) -> Any:
    """What a person typed as a value: YAML, so that numbers and yes/no are what they look like.

    Raises MappingError.
    """
    try:
        return load_yaml(YAML(typ="safe"), text) if text.strip() else None
    except YAMLError as error:
        raise MappingError(f"{text!r} cannot be read as a value: put it in quotes.") from error


def _decided(text: str, path: tuple[str | int, ...]) -> str | None:
    """What stands beside a line in place of a proposal's reason, which is none for what a person decided.
    A comment that a person wrote stays: None."""
    return DECIDED if PROPOSED.match(comment_of(text, path)) else None


def _with_field(text: str, route: str, field: str) -> tuple[int, ObjectMapping]:
    place, known = route_of(parse(text), route)
    if field not in known.fields:
        raise MappingError(f"{known.name} has no line for {field!r}.{nearest(field, known.fields)}")
    return place, known


def _as_map(plain: Any) -> dict[str, Any]:
    return dict(plain) if isinstance(plain, Mapping) else {"from": plain}


def _checked(field: str, words: Mapping[str, Any]) -> Any:
    """The entry in its shortest form. Raises MappingError saying what is wrong with it."""
    try:
        return plain_field(FieldMapping.model_validate(words))
    except ValidationError as error:
        problems = [
            f"{field}.{'.'.join(map(str, fault['loc']))}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        ]
        raise MappingError(f"{field} cannot be like this.", problems=problems) from error


def _raw(text: str, path: Sequence[str | int]) -> Any:
    """The entry as the file has it, as plain values."""
    return plain_document(at(document_of(text), path))


def _put_field(text: str, path: tuple[str | int, ...], plain: Any, note: str | None) -> str:
    """Set a field's entry; one that is written in lines of its own is changed word by word."""
    node = at(document_of(text), path)
    if not isinstance(node, CommentedMap) or node.fa.flow_style() or not isinstance(plain, Mapping):
        return put(text, path, plain, note=note)
    old = _raw(text, path)
    for word in old:
        if word not in plain and len(old) > 1:
            text = put(text, (*path, word), MISSING)
    for word, value in plain.items():
        if old.get(word, MISSING) != value:
            text = put(text, (*path, word), value)
    return text if note is None else put(text, path, _raw(text, path), note=note)


def _ignoring(text: str, place: int, source: str, ignored: bool) -> str:
    path = ("objects", place, "ignore")
    now = at(document_of(text), path)
    names = [] if now is MISSING else [str(name) for name in (now if isinstance(now, list) else [now])]
    if (source in names) == ignored:
        return text
    left = [*names, source] if ignored else [name for name in names if name != source]
    return put(text, path, left or MISSING)
