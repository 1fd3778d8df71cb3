"""The line of a mapping for a pair of fields: how its values pass, and what is lost on the way.

A line's comment says how sure its proposal is and why: `0.93 «Сумма» and «Amount» mean amount`. The file
carries it, so that whoever reads the file again (a page, a command) has both parts.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from crossdock.conversions import convertible
from crossdock.fieldtypes import FieldType
from crossdock.matching.choices import map_choices
from crossdock.model import FieldSchema, ObjectSchema

SURE = 1.0
"""The confidence of what a person decided: a curated mapping, an earlier confirmation."""

MATCHED = 0.99
"""The most that is shown of a pair that nobody decided."""

_TRANSFERABLE = frozenset(FieldType) - {FieldType.REFERENCE, FieldType.AUTHOR, FieldType.FILE}
_COMMENT = re.compile(r"^([01]\.\d\d) (.+)$", re.S)


def comment_of(confidence: float, why: str) -> str:
    """The comment of a line; one line, as labels are a platform's words and a comment ends with its line."""
    return f"{shown(confidence):.2f} {' '.join(why.split())}"


def shown(confidence: float) -> float:
    """A confidence as it is shown: 1.00 is for what a person decided."""
    return confidence if confidence == SURE else min(confidence, MATCHED)


def read_comment(text: str) -> tuple[float | None, str]:
    """Confidence and reason of a comment; None and all of it where a person wrote something else."""
    found = _COMMENT.match(text.strip())
    return (float(found[1]), found[2]) if found else (None, text.strip())


def entry_of(source: FieldSchema, target: FieldSchema, goes_to: Mapping[str, str]) -> Any:
    """The mapping of a pair of fields, None if their types do not convert. `goes_to`: source object ->
    target object, for references."""
    if source.type is FieldType.REFERENCE and target.type is FieldType.REFERENCE:
        reachable = {goes_to[name] for name in source.references if name in goes_to}
        known = [name for name in target.references if name in reachable]
        return {"from": source.name, "reference": known[0]} if known else None
    if source.type not in _TRANSFERABLE or not convertible(source, target).possible:
        return None
    return source.name


def with_choices(entry: Any, source: FieldSchema, target: FieldSchema) -> tuple[Any, list[str]]:
    """The entry with a value map where both fields are selects with other options; what is lost, in words."""
    losses = list(convertible(source, target).loss)
    if source.type is not FieldType.SELECT or target.type is not FieldType.SELECT:
        return entry, losses
    known = {option.value for option in target.options}
    if not source.options or not target.options or all(o.value in known for o in source.options):
        return entry, losses
    chosen = map_choices(source.options, target.options)
    if not chosen.values:
        return entry, losses
    losses = [loss for loss in losses if not loss.startswith("options not at the target")]
    return {"from": source.name, "values": dict(chosen.values)}, [*losses, *chosen.losses()]


def match_of(target: ObjectSchema, fields: Collection[str]) -> tuple[tuple[str, ...], ...]:
    """The match keys of a route that fills these fields: those that are unique there, e-mail for people."""
    match = tuple((f.name,) for f in target.fields if f.unique and f.name in fields)
    if target.match_only and not match:
        match = tuple((f.name,) for f in target.fields if f.type is FieldType.EMAIL and f.name in fields)
    return match
