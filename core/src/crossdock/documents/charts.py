"""Charts of pages: drawings in SVG, one text without script or address. They print as they look.

Every figure of a chart stands in a table beside it too; the drawing is for a first look. Colours are said in
the page's style (`.chart`) for a dark screen, and here for paper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final, NamedTuple

from crossdock.documents.figures import amount

_WIDTH: Final = 720
_LABEL, _FIGURE = 210, 70  # room for what a row is called, and for its sum
_ROW, _BAR = 22, 14
_INK, _SOFT, _LINE, _ACCENT, _BAD = "#1c2330", "#5b6676", "#d9dee6", "#2563a8", "#b3261e"
_LONGEST: Final = 34  # characters of a label
_COLOURS: Final[Mapping[str, str]] = {
    "created": "#2563a8",
    "loaded": "#2563a8",
    "updated": "#5f9fd8",
    "unchanged": "#aab7c8",
    "merged": "#7a68ad",
    "skipped": "#c2a861",
    "held": "#d08a10",
    "rejected": "#b3261e",
    "failed": "#741710",
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart for a template, which puts it into the page as it is: what stands in it was escaped here."""

    svg: str

    def __bool__(self) -> bool:
        return bool(self.svg)

    def __html__(self) -> str:
        return self.svg


class Row(NamedTuple):
    """A bar of several parts, each with its number."""

    label: str
    parts: Mapping[str, int]


def stacked(rows: Sequence[Row], what: str) -> str:
    """Bars that show how records ended: a row each, its parts in their order. `what`: said to who cannot see
    it. "" without any number."""
    most = max((sum(row.parts.values()) for row in rows), default=0)
    if not most:
        return ""
    names = [name for name in _COLOURS if any(row.parts.get(name) for row in rows)]
    room, drawn = _WIDTH - _LABEL - _FIGURE, []
    for n, row in enumerate(rows):
        top, left = n * _ROW, float(_LABEL)
        drawn.append(_text(_LABEL - 8, top + 11, _short(row.label), "end"))
        for name in names:
            wide = room * row.parts.get(name, 0) / most
            if wide:
                hint = f"{row.label}: {amount(row.parts[name])} {name}"
                drawn.append(_box(left, top, max(wide, 1.0), _BAR, _COLOURS[name], hint))
                left += max(wide, 1.0)
        drawn.append(_text(left + 6, top + 11, str(amount(sum(row.parts.values())))))
    below = len(rows) * _ROW + 8
    drawn += _legend(names, below)
    return _svg(below + 18, what, drawn)


def over_time(pace: Mapping[str, Any], what: str) -> str:
    """Calls a minute over time beside the limit (`crossdock.traffic.pace_of`); refused ones in red. "" where
    there are fewer than two points, as nothing goes over time there."""
    points = pace["points"]
    if len(points) < 2:
        return ""
    width, limit = pace["seconds"], pace["per_minute"]
    starts = [datetime.fromisoformat(point["at"]).timestamp() for point in points]
    rates = [60 * point["calls"] / width for point in points]
    most = max(*rates, limit or 0.0)
    if not most:
        return ""
    high, room = 120, _WIDTH - _LABEL / 3 - _FIGURE
    left, span = _LABEL / 3, starts[-1] - starts[0] + width
    drawn = []
    for point, start, rate in zip(points, starts, rates, strict=True):
        x, wide = left + room * (start - starts[0]) / span, max(room * width / span - 1, 1.0)
        hint = f"{point['at'][11:16]}: {rate:.0f} a minute"
        drawn.append(_box(x, 10 + high * (1 - rate / most), wide, high * rate / most, _ACCENT, hint))
        if point["refused"]:
            drawn.append(_box(x, 10 + high - 3, wide, 3, _BAD, f"{hint}, {point['refused']} refused"))
    drawn.append(_line(left, 10 + high, left + room))
    if limit:
        y = 10 + high * (1 - limit / most)
        drawn.append(_line(left, y, left + room, _BAD, dashed=True))
        drawn.append(_text(left + room + 6, y + 4, f"limit {limit:.0f}"))
    drawn.append(_text(left - 6, 14, f"{most:.0f}", "end"))
    drawn.append(_text(left - 6, 10 + high, "0", "end"))
    drawn.append(_text(left, 10 + high + 16, points[0]["at"][:16].replace("T", " ")))
    last = points[-1]["at"][:16].replace("T", " ")
    drawn.append(_text(left + room, 10 + high + 16, f"{last} UTC", "end"))
    return _svg(10 + high + 24, what, drawn)


def _legend(names: Sequence[str], top: float) -> list[str]:
    drawn, left = [], 60.0
    for name in names:
        drawn.append(_box(left, top + 2, 10, 10, _COLOURS[name], name))
        drawn.append(_text(left + 14, top + 11, name))
        left += 26 + 6.2 * len(name)
    return drawn


def _svg(height: float, what: str, drawn: Sequence[str]) -> str:
    said = escape(what)
    head = f'<svg viewBox="0 0 {_WIDTH} {height:.0f}" role="img" aria-label="{said}"'
    return f'{head} font-size="11" font-family="Libertinus Serif, sans-serif">{"".join(drawn)}</svg>'


def _box(x: float, y: float, wide: float, high: float, colour: str, hint: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"'
    return f'<rect {place} fill="{colour}"><title>{escape(hint)}</title></rect>'


def _line(x: float, y: float, to: float, colour: str = _LINE, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="5 3"' if dashed else ""
    return f'<path d="M{x:.1f} {y:.1f}H{to:.1f}" stroke="{colour}"{dash}></path>'


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{_SOFT}" text-anchor="{anchor}">{escape(text)}</text>'


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
