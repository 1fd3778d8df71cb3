"""The assessment: how complex a migration is, from named figures, and the hours it is likely to take.

Every figure gets 0 to 3 points (one for each bound that it exceeds), times its weight. The grade is
the share of the points that are possible with the figures that are known; what nobody counted is
left out and named. Bounds, weights and hours are this house's own judgement: assumptions, printed
with the result.
"""

from collections.abc import Mapping
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


FIGURES: Final = (
    Figure("objects", "Objects that hold records", (8, 20, 50), 2),
    Figure("custom_objects", "Objects to be made", (2, 8, 25), 3),
    Figure("custom_fields", "Fields to be made", (20, 100, 400), 2),
    Figure("links", "Fields that link records", (15, 50, 150), 2),
    Figure("records", "Records", (10_000, 100_000, 1_000_000), 2),
    Figure("files_gb", "Files, in GB", (1, 20, 200), 1),
    Figure("artifacts", "Workflows, robots, reports and the like", (5, 25, 100), 2),
    Figure("not_examined", "Kinds of these that could not be examined", (0, 2, 4), 1),
    Figure("tenants", "Tenants", (1, 2, 5), 3),
    Figure("unmapped_fields", "Fields that nothing maps", (5, 30, 120), 1),
    Figure("incomplete", "Incomplete records", (20, 500, 10_000), 1),
    Figure("duplicates", "Records that share an identity", (20, 500, 10_000), 2),
    Figure("users_missing", "People without an account", (0, 10, 50), 1),
    Figure("lacking", "Needs that the destination does not meet", (0, 1, 3), 2),
)
GRADES: Final = ((0.15, "simple"), (0.35, "standard"), (0.6, "complex"), (1.0, "very complex"))
"""Up to which share of the possible points a grade goes."""


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
    """The grade with every figure behind it, and the estimate.

    `figures` by the names in FIGURES, None for what nobody counted. `minutes`: the machine's time at the
    platforms' rates, None if no rate is known.
    """
    rows = [_row(figure, figures.get(figure.name)) for figure in FIGURES]
    counted = [row for row in rows if row["points"] is not None]
    points = sum(row["points"] for row in counted)
    most = sum(3 * row["weight"] for row in counted)
    share = points / most if most else 0.0
    work = [_work(item, figures.get(item.figure)) for item in WORK]
    return {
        "grade": next(name for bound, name in GRADES if share <= bound),
        "points": points,
        "most_points": most,
        "grades": [{"grade": name, "up_to": bound} for bound, name in GRADES],
        "figures": rows,
        "machine_minutes": minutes,
        "people_hours": sum(row["hours"] or 0 for row in work),
        "work": work,
        "assumptions": [
            "Bounds, weights and hours are experience, not measurement; change them to yours.",
            "Hours of people are for one person who knows both platforms.",
            *(f"Not counted: {row['label']}." for row in rows if row["points"] is None),
        ],
    }


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
