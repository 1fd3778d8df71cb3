"""A proposal as plain data: every line with confidence and reason, every field that has none."""

from collections.abc import Mapping
from typing import Any

from crossdock.fieldpaths import paths_of
from crossdock.mapping import FieldMapping
from crossdock.matching.unmapped import Unmapped
from crossdock.model import ObjectSchema
from crossdock.proposing.entries import MATCHED, SURE, read_comment
from crossdock.proposing.plain import Proposal

UNSURE = 0.6
"""Below this confidence a proposal is shown for a person to look at first."""

_SHOWN = 10


def account_of(proposal: Proposal, sources: Mapping[str, ObjectSchema]) -> dict[str, Any]:
    """`objects`, `fields` and `unmapped` of a proposal, as the JSON answer of `map propose` has them.

    `sources`: the source objects by name.
    """
    answer: dict[str, Any] = {"objects": [], "fields": [], "unmapped": []}
    for route in proposal.mapping.objects:
        own = {"route": route.name, "from": route.source, "to": route.target}
        answer["objects"].append(own | _said(proposal, route.name, ""))
        for name, entry in route.fields.items():
            row = {"route": route.name, "field": name, "from": _origin(entry)}
            answer["fields"].append(row | _said(proposal, route.name, name))
        schema, made = sources.get(route.source), proposal.made.get(route.name, {})
        for left in proposal.unmapped.get(route.name, ()):
            answer["unmapped"].append(_left(route.name, left, schema, made.get(left.field, "")))
    return answer


def summary_of(account: Mapping[str, Any]) -> list[str]:
    """The account in a few lines: how many lines are how sure, and what is left to look at."""
    fields = account["fields"]
    decided = sum(row["confidence"] == SURE for row in fields)
    unsure = [row for row in fields if row["confidence"] is not None and row["confidence"] < UNSURE]
    made = sum(bool(row["becomes"]) for row in account["unmapped"])
    left = len(account["unmapped"]) - made
    lines = [
        f"{len(fields)} field lines: {decided} decided by a person before, {len(fields) - decided} matched,"
        f" {len(unsure)} of them below {UNSURE:.2f}",
    ]
    lines += [
        f"look at: {row['route']}: {row['field']} from {' and '.join(row['from'])}: {row['confidence']:.2f}"
        f" {row['reason']}"
        for row in unsure[:_SHOWN]
    ]
    if len(unsure) > _SHOWN:
        lines.append(f"look at: {len(unsure) - _SHOWN} more; each has its number in the file")
    if made or left:
        lines.append(f"{made} source fields become fields of their own; {left} are not mapped")
    return lines


def _said(proposal: Proposal, route: str, field: str) -> dict[str, Any]:
    confidence, why = read_comment(proposal.comments.get((route, field), ""))
    return {"confidence": confidence, "reason": why}


def _origin(entry: FieldMapping) -> list[str]:
    return list(paths_of(entry))


def _left(route: str, left: Unmapped, schema: ObjectSchema | None, becomes: str) -> dict[str, Any]:
    known = schema.field(left.field) if schema is not None else None
    return {
        "route": route,
        "field": left.field,
        "label": left.label,
        "nearest": left.best,
        "confidence": round(min(left.confidence, MATCHED), 2),
        "why_not": left.why or "nothing at the destination is like it",
        "create": known.type.value if known is not None else "text",
        "becomes": becomes,
    }
