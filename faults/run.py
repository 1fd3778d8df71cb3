"""`make faults`: tries every cell and prints the matrix.

Rows are faults, columns hooks of each destination. A cell is the number of times that the fault happened, by
the sandbox's own count; `!` behind it: fewer than it takes to count; `X`: the end was not that of an
undisturbed run, as the lines below say, after the notes of the other cells. Last: `faults: N cells,
N duplicates, N losses, N unexplained`. Ends with 1 unless the last three are 0 and every cell counts.
"""

import argparse
import json
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from faults.cell import GROUPS, HOOKS, MINIMUM, PLATFORMS, Cell, Entry, Result, Verdict  # noqa: E402
from faults.scenes import Ground  # noqa: E402

_MODULES = ("wire", "process", "events", "fields", "machine", "moving", "retrying")
Say = Callable[[Result], None]


def load() -> None:
    """Have every group that there is put its cells into the registry."""
    for name in _MODULES:
        if (ROOT / "faults" / f"{name}.py").exists():
            import_module(f"faults.{name}")


def chosen(only: Sequence[str] = (), *, short: bool = False) -> list[Entry]:
    """The cells whose group, fault, platform or hook holds each of the words."""
    return [
        entry
        for group, entries in GROUPS.items()
        for entry in entries
        if all(word in f"{group}: {entry.cell}" for word in only) and (entry.short or not short)
    ]


def tried(entry: Entry, ground: Ground, minimum: int) -> Result:
    """Try one cell; what goes wrong on the way is a difference that nothing explains."""
    began = time.monotonic()
    try:
        return entry.trial(ground, entry.cell, minimum)
    except Exception:  # noqa: BLE001 a trial may fail in any way, and the other cells go on
        lines = traceback.format_exc().strip().splitlines()
        problem = Verdict(unexplained=(f"the trial failed: {' '.join(lines[-1:])}",))
        return Result(entry.cell, 0, problem, time.monotonic() - began, notes=tuple(lines[-8:]))


def run(entries: Sequence[Entry], minimum: int, said: Say) -> list[Result]:
    """Try cells, one platform beside the other; the results in the order of the cells."""
    results: dict[Cell, Result] = {}
    lock = threading.Lock()

    def of_platform(platform: str) -> None:
        mine = [entry for entry in entries if entry.cell.platform == platform]
        if not mine:
            return
        with Ground(platform) as ground:
            for entry in mine:
                result = tried(entry, ground, minimum)
                with lock:
                    results[entry.cell] = result
                    said(result)

    with ThreadPoolExecutor(len(PLATFORMS)) as pool:
        list(pool.map(of_platform, PLATFORMS))
    return [results[entry.cell] for entry in entries]


def matrix(results: Sequence[Result], minimum: int) -> Iterator[str]:
    """The lines of the table."""
    columns = [
        (platform, hook)
        for platform in PLATFORMS
        for hook in HOOKS
        if any((r.cell.platform, r.cell.hook) == (platform, hook) for r in results)
    ]
    names = list(dict.fromkeys(result.cell.fault for result in results))
    wide = max((len(name) for name in names), default=0)
    cells = {(r.cell.fault, r.cell.platform, r.cell.hook): shown(r, minimum) for r in results}
    yield f"{'':{wide}}" + "".join(f" {platform:>10}" for platform, _ in columns)
    yield f"{'':{wide}}" + "".join(f" {hook:>10}" for _, hook in columns)
    for name in names:
        yield f"{name:{wide}}" + "".join(f" {cells.get((name, *column), '-'):>10}" for column in columns)


def shown(result: Result, minimum: int) -> str:
    """One cell of the table."""
    return f"{result.hits}{'' if result.counts(minimum) else '!'}{'' if result.verdict.clean else 'X'}"


def last_line(results: Sequence[Result]) -> str:
    """The sum of all cells, in plain digits."""
    verdicts = [result.verdict for result in results]
    duplicates, losses = sum(len(v.duplicates) for v in verdicts), sum(len(v.losses) for v in verdicts)
    unexplained = sum(len(v.unexplained) for v in verdicts)
    return (
        f"faults: {len(results)} cells, {duplicates} duplicates, {losses} losses, {unexplained} unexplained"
    )


def problems(results: Sequence[Result]) -> Iterator[str]:
    """What is to be said of the cells that are not as they should be."""
    for result in results:
        for word in ("duplicates", "losses", "unexplained"):
            found = getattr(result.verdict, word)
            yield from (f"{result.cell}: {word}: {line}" for line in found)
        if not result.verdict.clean:
            yield from (f"    {note}" for note in result.notes)


def remarks(results: Sequence[Result]) -> Iterator[str]:
    """What is to be known of cells that are as they should be: the gates somebody waved through, and where
    commands were ended."""
    for result in results:
        if result.verdict.clean:
            yield from (f"{result.cell}: note: {note}" for note in result.notes)


def passed(results: Sequence[Result], minimum: int) -> bool:
    """Whether every cell counts and none is different."""
    return bool(results) and all(r.counts(minimum) and r.verdict.clean for r in results)


def as_json(results: Sequence[Result], minimum: int, seconds: float) -> str:
    """The matrix for programs."""
    cells = [
        {
            "fault": r.cell.fault,
            "platform": r.cell.platform,
            "hook": r.cell.hook,
            "hits": r.hits,
            "restarts": r.restarts,
            "rounds": r.rounds,
            "seconds": round(r.seconds, 1),
            "duplicates": r.verdict.duplicates,
            "losses": r.verdict.losses,
            "unexplained": r.verdict.unexplained,
            "notes": r.notes,
        }
        for r in results
    ]
    whole = {"minimum": minimum, "seconds": round(seconds, 1), "cells": cells, "sum": last_line(results)}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="faults", description="The fault matrix.")
    parser.add_argument(
        "--only", action="append", default=[], metavar="WORDS", help="cells with these words; several: all"
    )
    parser.add_argument("--short", action="store_true", help="the cells that `make test` tries")
    parser.add_argument("--minimum", type=int, default=MINIMUM, help="hits that a cell takes to count")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the matrix there too")
    given = parser.parse_args(arguments)
    load()
    entries = chosen(given.only, short=given.short)
    began, count = time.monotonic(), 0

    def said(result: Result) -> None:
        nonlocal count
        count += 1
        print(
            f"[{count}/{len(entries)}] {result.cell}: {shown(result, given.minimum)},"
            f" {result.restarts} restarts, {result.rounds} rounds, {len(result.notes)} notes,"
            f" {result.seconds:.1f} s",
            flush=True,
        )

    results = run(entries, given.minimum, said)
    seconds = time.monotonic() - began
    print("", *matrix(results, given.minimum), "", *remarks(results), *problems(results), sep="\n")
    print(
        f"{sum(r.hits for r in results)} faults, {sum(r.restarts for r in results)} restarts, {seconds:.0f} s"
    )
    if given.json:
        given.json.write_text(as_json(results, given.minimum, seconds), encoding="utf-8")
    print(last_line(results))
    return 0 if passed(results, given.minimum) else 1


if __name__ == "__main__":
    sys.exit(main())
