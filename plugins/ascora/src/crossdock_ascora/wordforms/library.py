"""All Word templates of a tenant together: each code once, with its places, a type and why."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from crossdock.fieldtypes import FieldType
from crossdock_ascora.tables import matched
from crossdock_ascora.wordforms.codes import FormCode, Sighting, sightings
from crossdock_ascora.wordforms.documents import parts_of
from crossdock_ascora.wordforms.mergefields import REGION, merge_fields
from crossdock_ascora.wordforms.standard import group_of

_FIELDS = ("custom", "input")
_SUGGESTIONS = (
    (re.compile(r"signature|sign ?off|photo|picture", re.I), "signature or photo"),
    (re.compile(r"\bdate|date$", re.I), "date"),
    (re.compile(r"\btime\b|time$", re.I), "time"),
    (re.compile(r"amount|price|cost|total|fee", re.I), "money"),
    (re.compile(r"percent|%", re.I), "percentage"),
    (re.compile(r"\bqty|quantity|number of|\bhours|\bcount\b|\breading", re.I), "number"),
    (re.compile(r"e-?mail", re.I), "e-mail"),
)


class FormLibrary:
    """The templates that the settings name. Files are opened when something is first asked for.

    Raises ConfigError for a file that is no Word document, or that would do harm.
    """

    def __init__(self, patterns: Sequence[Path]) -> None:
        self._patterns = patterns

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The files."""
        return tuple(matched(self._patterns, "forms"))

    @cached_property
    def codes(self) -> tuple[FormCode, ...]:
        """Everything that the templates ask for, each once."""
        seen: dict[tuple[str, str], list[str]] = {}
        options: dict[tuple[str, str], tuple[str, ...]] = {}
        for path in self.paths:
            for place, one in _sightings(path):
                key = (one.code, one.control)
                seen.setdefault(key, [])
                if place not in seen[key]:
                    seen[key].append(place)
                options[key] = options.get(key) or one.options
        boxes = _groups([code for code, control in seen if control == "check-box"])
        made: dict[tuple[str, str], FormCode] = {}
        for (code, control), places in seen.items():
            group = boxes.get(code) if control == "check-box" else None
            if group is not None:
                question, choices = group
                known = made.get((question, "check-boxes"))
                every = tuple(dict.fromkeys([*(known.places if known else ()), *places]))
                made[question, "check-boxes"] = _question(question, choices, every)
            else:
                made[code, control] = _code(code, control, options[code, control], tuple(places))
        return tuple(made.values())

    def fields(self) -> Iterator[FormCode]:
        """What becomes a custom field: a tenant's own codes that hold data, each name once."""
        given: dict[str, FormCode] = {}
        for code in self.codes:
            if code.group in _FIELDS:
                known = given.get(code.field)
                # The same code as plain text elsewhere says less of its type.
                if known is None or (known.type is FieldType.TEXT and code.type is not FieldType.TEXT):
                    given[code.field] = code
        yield from given.values()


def _sightings(path: Path) -> Iterator[tuple[str, Sighting]]:
    """(place, what is asked for there) of one file."""
    for part in parts_of(path):
        place = path.name if part.place == "text" else f"{path.name} ({part.place})"
        for name in merge_fields(part.root):
            yield place, Sighting(name, "region" if REGION.fullmatch(name) else "merge field")
        for one in sightings(part.root):
            yield place, one


def _groups(tags: Sequence[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Check-boxes that answer one question: tag -> (question, all its options).

    Options of one question share a prefix before `_` (documented): `pcon_Warning signs`.
    """
    prefixes: dict[str, list[str]] = {}
    for tag in tags:
        prefix, mark, option = tag.partition("_")
        if mark and prefix and option.strip():
            prefixes.setdefault(prefix, []).append(option.strip())
    return {
        tag: (prefix, tuple(dict.fromkeys(prefixes[prefix])))
        for tag in tags
        if (prefix := tag.partition("_")[0]) in prefixes and "_" in tag and len(prefixes[prefix]) > 1
    }


def _question(question: str, choices: tuple[str, ...], places: tuple[str, ...]) -> FormCode:
    return FormCode(
        question,
        question,
        "check-boxes",
        "input",
        places,
        FieldType.SELECT,
        choices,
        multiple=True,
        evidence=f"{len(choices)} check-boxes whose tags begin with {question!r}",
    )


def _code(code: str, control: str, options: tuple[str, ...], places: tuple[str, ...]) -> FormCode:
    if control in ("region", "picture", "unclear"):
        return FormCode(code, code, control, control, places)
    group = group_of(code, merge=control == "merge field")
    kind, evidence = FieldType.TEXT, "a place for text"
    if control == "check-box":
        kind, evidence = FieldType.BOOLEAN, "a check-box control"
    elif control == "drop-down" and options:
        kind, evidence = FieldType.SELECT, f"a drop-down control with {len(options)} items"
    elif control == "date":
        kind, evidence = FieldType.DATE, "a date control"
    suggestion = next((word for pattern, word in _SUGGESTIONS if pattern.search(code)), "")
    return FormCode(code, code, control, group, places, kind, options, False, evidence, suggestion)
