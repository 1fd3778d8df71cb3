"""The charts of a report: how records ended by phase, and what was sent over time beside the limit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from crossdock.documents.charts import Drawing, Row, over_time, stacked

_THERE: Final = ("created", "updated", "unchanged")
_BARS: Final = 14
"""Phases that are drawn one by one; the table has all."""
_HERE: Final = ("merged", "skipped", "held", "rejected", "failed")


def charts_of(report: Mapping[str, Any]) -> dict[str, Any]:
    """`outcomes`: a drawing of the phases, empty if nothing was moved; `pace`: (caption, drawing) by limit
    scope, for those that were asked over several minutes."""
    rows = [
        Row(
            phase["name"],
            {name: phase["destination"].get(name, 0) for name in _THERE}
            | {name: phase["source"].get(name, 0) for name in _HERE},
        )
        for phase in report["phases"]
    ]
    rows = [row for row in rows if any(row.parts.values())]
    drawn = [(_caption(pace), over_time(pace, _caption(pace))) for pace in report.get("pace", ())]
    return {
        "outcomes": Drawing(stacked(_largest(rows), "Records by phase and outcome")),
        "pace": [(caption, Drawing(svg)) for caption, svg in drawn if svg],
    }


def _largest(rows: Sequence[Row]) -> list[Row]:
    """The phases with the most records, in their order, and all others as one bar."""
    if len(rows) <= _BARS:
        return list(rows)
    by_size = sorted(rows, key=lambda row: -sum(row.parts.values()))
    others: Counter[str] = Counter()
    for row in by_size[_BARS - 1 :]:
        others.update(row.parts)
    kept = {row.label for row in by_size[: _BARS - 1]}
    left = len(rows) - len(kept)
    return [*(row for row in rows if row.label in kept), Row(f"{left} smaller phases", others)]


def _caption(pace: Mapping[str, Any]) -> str:
    limit = pace["per_minute"]
    beside = "no limit is declared" if limit is None else f"the limit is {limit:.0f}"
    return f"Requests a minute to {pace['scope'].strip()}; {beside}"
