"""The assessment: how hard a migration is, part by part, from named figures, and the hours that it takes.

Every figure gets 0 to 3 points (one for each bound that it exceeds), times its weight. The grade of a part
is the share of the points that are possible with its figures that are known, A the easiest and F the
hardest; the whole is graded the same way over all figures. What nobody counted is left out and named.
Bounds, weights and hours are this house's own judgement: assumptions, printed with the result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Figure:
    """What is counted, the bounds that give a point each when exceeded, and how much it weighs."""

    name: str
    label: str
    bounds: tuple[float, float, float]
    weight: int


PARTS: Final[Mapping[str, tuple[Figure, ...]]] = {
    "Object compatibility": (
        Figure("objects", "Objects that hold records", (8, 20, 50), 2),
        Figure("custom_objects", "Objects to be made", (2, 8, 25), 3),
        Figure("objects_left_out", "Objects with records that have no way there", (0, 3, 10), 2),
        Figure("artifacts", "Workflows, robots, reports and the like", (5, 25, 100), 2),
        Figure("not_examined", "Kinds of these that could not be examined", (0, 2, 4), 1),
        Figure("lacking", "Needs that the destination does not meet", (0, 1, 3), 2),
    ),
    "Field mapping clarity": (
        Figure("custom_fields", "Fields to be made", (20, 100, 400), 2),
        Figure("links", "Fields that link records", (15, 50, 150), 2),
        Figure("unmapped_fields", "Fields that nothing maps", (5, 30, 120), 2),
        Figure("incomplete", "Incomplete records", (20, 500, 10_000), 1),
        Figure("duplicates", "Records that share an identity", (20, 500, 10_000), 2),
        Figure("users_missing", "People without an account", (0, 10, 50), 1),
    ),
    "Timeline": (
        Figure("people_hours", "Hours of people", (40, 120, 400), 3),
        Figure("machine_hours", "Hours of the machine at the platforms' rates", (1, 8, 48), 2),
        Figure("tenants", "Tenants", (1, 2, 5), 2),
    ),
    "API constraints": (
        Figure("requests", "Requests in all", (1_000, 20_000, 200_000), 1),
        Figure("load_hours", "Hours that the destination's limit takes for the load", (0.5, 4, 24), 3),
        Figure("automations", "Automations at the destination that would act on each record", (0, 5, 20), 1),
    ),
    "Data volume": (
        Figure("records", "Records", (10_000, 100_000, 1_000_000), 2),
        Figure("files_gb", "Files, in GB", (1, 20, 200), 2),
    ),
}
"""The parts of the assessment and the figures that each is graded by."""

GRADES: Final = ((0.10, "A"), (0.25, "B"), (0.40, "C"), (0.60, "D"), (0.80, "E"), (1.0, "F"))
"""Up to which share of the possible points a grade goes."""

UNKNOWN: Final = "?"
"""The grade of a part of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Work:
    """Hours of people: `hours` for every `per` of a figure, begun ones counted; `least` in any case."""

    label: str
    figure: str
    hours: float
    per: float
    least: float = 0.0


WORK: Final = (
    Work("Scoping and decisions", "objects", 0.5, 1, 4),
    Work("Review of the mapping", "custom_fields", 1, 25, 2),
    Work("Duplicates", "duplicates", 1, 40),
    Work("Incomplete records", "incomplete", 1, 200),
    Work("Invitations and unmatched people", "users_missing", 0.25, 1),
    Work("Rebuilding or retiring automations and reports", "artifacts", 2, 1),
    Work("Sample, sign-off, cutover and spot check", "tenants", 6, 1, 6),
)


def assess(figures: Mapping[str, float | None], minutes: float | None) -> dict[str, Any]:
    """The grades with every figure behind them, and the hours.

    `figures` by the names in PARTS, None for what nobody counted; hours of people and of the machine are
    reckoned here. `minutes`: the machine's time at the platforms' rates, None if no rate is known.
    """
    work = [_work(item, figures.get(item.figure)) for item in WORK]
    hours = sum(row["hours"] or 0 for row in work)
    known = {**figures, "people_hours": hours, "machine_hours": None if minutes is None else minutes / 60}
    parts = [_part(name, of, known) for name, of in PARTS.items()]
    rows = [row for part in parts for row in part["figures"]]
    return {
        **_graded(rows),
        "grades": [{"grade": name, "up_to": bound} for bound, name in GRADES],
        "parts": parts,
        "machine_minutes": minutes,
        "people_hours": hours,
        "work": work,
        "assumptions": [
            "Bounds, weights and hours are experience, not measurement; change them to yours.",
            "Hours of people are for one person who knows both platforms.",
            *(f"Not counted: {row['label']}." for row in rows if row["points"] is None),
        ],
    }


def _part(name: str, figures: Sequence[Figure], known: Mapping[str, float | None]) -> dict[str, Any]:
    rows = [_row(figure, known.get(figure.name)) for figure in figures]
    return {"name": name, **_graded(rows), "why": _why(rows), "figures": rows}


def _graded(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The grade of these figures, with its points."""
    counted = [row for row in rows if row["points"] is not None]
    points = sum(row["points"] for row in counted)
    most = sum(3 * row["weight"] for row in counted)
    grade = next(name for bound, name in GRADES if points <= bound * most) if most else UNKNOWN
    return {"grade": grade, "points": points, "most_points": most}


def _why(rows: Sequence[Mapping[str, Any]]) -> str:
    """The figures that weigh most, in words; that there is none is said too."""
    heavy = sorted((row for row in rows if row["points"]), key=lambda row: -row["points"])
    return (
        "; ".join(f"{row['label']}: {row['value']:,}" for row in heavy[:3]) or "nothing out of the ordinary"
    )


def _row(figure: Figure, value: float | None) -> dict[str, Any]:
    points = None if value is None else figure.weight * sum(value > bound for bound in figure.bounds)
    return {
        "name": figure.name,
        "label": figure.label,
        "value": value if value is None or value == int(value) else round(value, 2),
        "bounds": list(figure.bounds),
        "weight": figure.weight,
        "points": points,
    }


def _work(item: Work, value: float | None) -> dict[str, Any]:
    hours = None if value is None else max(item.least, item.hours * ceil(value / item.per))
    basis = f"{item.hours:g} h for every {item.per:g} of: {item.figure.replace('_', ' ')}"
    least = f", at least {item.least:g} h" if item.least else ""
    return {"label": item.label, "hours": hours, "basis": basis + least}
