"""Risks of a migration in plain words, each with the figure that it rests on."""

from collections.abc import Iterator, Mapping
from typing import Any

Scope = Mapping[str, Any]


def risks_of(scope: Scope) -> list[dict[str, Any]]:
    """[{figure, text}] from a scope document that holds everything else already; the heaviest first."""
    return [
        {"figure": figure, "text": text}
        for part in (_content, _people, _structure, _around)
        for figure, text in part(scope)
        if figure
    ]


def profiles_of(scope: Scope) -> Iterator[Mapping[str, Any]]:
    """The profiles of all objects of all tenants, where somebody looked."""
    for side in scope["sources"]:
        yield from (item["profile"] for item in side["objects"] if item["profile"])


def records_in(item: Mapping[str, Any]) -> int | None:
    """How many records an object of the scope has: as the platform counts, else as many as were read."""
    if item["count"] is not None:
        return int(item["count"])
    return int(item["profile"]["records"]) if item["profile"] else None


def total(scope: Scope, name: str) -> int:
    """The sum of a figure over all profiles."""
    return sum(profile[name] for profile in profiles_of(scope))


def _content(scope: Scope) -> Iterator[tuple[int, str]]:
    yield (
        total(scope, "duplicates"),
        "records share an e-mail address, a domain or a tax number with another one. Each is put to a person,"
        " none is merged in silence.",
    )
    yield (
        total(scope, "incomplete"),
        "records lack a field that is required, or everything that they could be recognised by. They are"
        " rejected or may arrive twice unless they are completed, or defaults are agreed on.",
    )
    yield (
        total(scope, "unreadable"),
        "items at the source could not be read as records. They are listed with their reasons.",
    )
    partly = sum(not profile["whole"] for profile in profiles_of(scope))
    yield partly, "objects were read in part only: their figures are the least that there is."


def _people(scope: Scope) -> Iterator[tuple[int, str]]:
    yield (
        sum(item["missing"] for item in scope["people"]),
        "people of the source have no account at the destination. Invite them before the load, or name"
        " somebody who stands in for them.",
    )
    if len(scope["sources"]) > 1:
        yield (
            len(scope["sources"]),
            "tenants move into one destination. The same company or person may be in several of them.",
        )


def _structure(scope: Scope) -> Iterator[tuple[int, str]]:
    totals = scope["totals"]
    yield totals["unmapped_fields"], "fields of the source are mapped to nothing. Their contents stay behind."
    yield totals["objects_left_out"], "objects of the source have no way to the destination."
    can = scope["destination"]["capabilities"]
    if can["custom_objects"] != "yes":
        yield totals["new_objects"], "new objects are wanted, and the destination does not say that it can."
    if can["created_at"] != "yes" or can["authors"] != "yes":
        yield (
            1,
            "destination that may not keep the original times and authors: they are kept in fields instead.",
        )
    kinds = [report for side in scope["sources"] for report in side["artifacts"]]
    found = sum(len(report["found"]) for report in kinds)
    yield found, "workflows, robots, reports and the like do not move. They are described in the handoff."
    unknown = sum(not report["examined"] for report in kinds)
    yield unknown, "kinds of these could not be examined. Ask for them: there may be some."


def _around(scope: Scope) -> Iterator[tuple[int, str]]:
    yield (
        len(scope["automations"]),
        "automations at the destination are switched on and would act on every record that is loaded."
        " Decide for each whether it is paused.",
    )
    for need in scope["lacking"]:
        if need["support"] == "no":
            yield (
                len(need["needed_by"]),
                f"processes at the source that need what the destination lacks: {need['title']}.",
            )
    there = sum(item["count"] or 0 for item in scope["destination"]["objects"])
    yield there, "records are at the destination already. What matches by key is merged into them."
