"""What commands print: tables for people, one JSON document for programs, progress on stderr."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crossdock.migration import Progress


_under_way: "list[Callable[[], None]]" = []
"""What ends the progress bars on the terminal: while they are drawn, lines for stdout would go to stderr."""


def say(text: str = "") -> None:
    """One line for people."""
    _end_progress()
    sys.stdout.write(text + "\n")


def answer(data: Any) -> None:
    """The machine-readable answer."""
    import orjson

    _end_progress()
    sys.stdout.write(orjson.dumps(data, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table; numbers are aligned to the right."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # As Text: a platform's own names may hold what the library takes for markup.
    drawn = Table(title=Text(title), title_justify="left", header_style="bold")
    for i, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[i], int | float) for row in rows)
        drawn.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(str(cell)) for cell in row))
    _end_progress()
    console = Console(file=sys.stdout)
    if not console.is_terminal:
        console.width = 160
    console.print(drawn)


def phase_table(report: Mapping[str, Any]) -> None:
    """The phases of a run: how many records came, and how they ended."""
    from crossdock.verdict import told_phases

    outcomes = ("created", "updated", "unchanged")
    ends = ("rejected", "failed", "held", "skipped")
    rows = [
        [
            phase["name"],
            phase["extracted"],
            *(phase["destination"].get(name, 0) for name in outcomes),
            *(phase["source"].get(name, 0) for name in ends),
            phase["seconds"],
        ]
        for phase in told_phases(report)
    ]
    if rows:
        table("Phases", ["phase", "extracted", *outcomes, *ends, "seconds"], rows)


def findings_table(report: Mapping[str, Any]) -> None:
    """Findings by object and kind."""
    if report["findings"]:
        rows = [[f["object"], f["kind"], f["count"]] for f in report["findings"]]
        table("Findings", ["object", "kind", "count"], rows)


def pace() -> str:
    """How many requests this process sent, and how long it waited for the rate limits."""
    from crossdock.ratelimit import BUDGETS

    counts = BUDGETS.counts().values()
    waited = sum(budget.waited for budget in counts)
    return f"{sum(budget.calls for budget in counts)} requests, {waited:.0f} s waited"


def progress_for(json: bool) -> "tuple[Progress, Callable[[], None]]":
    """Progress bars on a terminal, nothing elsewhere; and what ends them."""
    if json or not sys.stderr.isatty():
        from crossdock.migration import silent

        return silent, lambda: None
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    bars = Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[pace]}", markup=False),
        console=Console(stderr=True),
    )
    tasks: dict[str, Any] = {}

    def tell(what: str, more: int, total: int | None) -> None:
        if not tasks:
            bars.start()
            _under_way.append(bars.stop)
        if what not in tasks:
            tasks[what] = bars.add_task(what, total=total, pace="")
        bars.update(tasks[what], advance=more, total=total, pace=pace())

    return tell, _end_progress


def _end_progress() -> None:
    while _under_way:
        _under_way.pop()()
