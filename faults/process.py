"""A process that is killed, or told to end, at a change of its own databases; then it is given again.

Every commit of the product that changes something, and every file that takes its place, is a transition. An
undisturbed command says which there are, and how often each comes. A round takes some of them, in their
order: the command is ended at the first, given again, ended at the next, and so on, and in the end nobody
disturbs it. Over the rounds of a cell every kind of transition comes before it is as it should be.
"""

import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise

from faults.again import said
from faults.cell import (
    DISCOVER,
    HOOKS,
    LOAD,
    PLATFORMS,
    Cell,
    Entry,
    Result,
    Verdict,
    register,
)
from faults.inside import WATCHED
from faults.judge import judge
from faults.scenes import AT_ONCE, BEFORE, COMMAND, ENDS, RESTARTS, Ground

from crossdock.testing.commands import STOPPED, Done
from crossdock.testing.scene import Scene
from crossdock.testing.stages import CONFIRMED

_ROUND = 7
"""How often a command is ended in one round."""
_ROUNDS = 60
_READING = ("staging.", "extracting.", "discovery.", "filestore.", "catalogfile.", "file filestore.")
"""Transitions of a run while it reads its source."""


@dataclass(frozen=True, slots=True)
class Death:
    """A row of the matrix: how a process ends, and on which sides of a transition."""

    name: str
    signal: str
    places: tuple[str, ...]

    @property
    def code(self) -> int:
        """The exit code of a command that ended so."""
        return STOPPED if self.signal == "SIGTERM" else -signal.SIGKILL


DEATHS_BY_NAME = {
    death.name: death
    for death in (
        Death("kill -9 before a change is kept", "SIGKILL", ("before",)),
        Death("kill -9 after a change is kept", "SIGKILL", ("after",)),
        Death("SIGTERM at a change", "SIGTERM", ("before", "after")),
    )
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A transition by its name, and how many of that name come up to it, counted from the last moment."""

    name: str
    count: int
    place: str

    def patch(self, death: Death) -> str:
        """The patch that ends a process there."""
        return f"{AT_ONCE}; {death.signal} {self.place} {self.count} {self.name}"


def command_of(hook: str) -> tuple[str, str]:
    """The command of a column, and the stage it begins at: the first column is what a run reads."""
    return ("run", CONFIRMED) if hook == DISCOVER else (COMMAND[hook], BEFORE[hook])


def transitions(ground: Ground, hook: str) -> list[str]:
    """The names of all transitions of an undisturbed command, in their order."""
    kept = ground.transitions.setdefault(hook, [])
    if not kept:
        command, stage = command_of(hook)
        with ground.at(stage) as scene:
            names = scene.folder / "transitions"
            done = scene.call(command, patch=f"{AT_ONCE}; watch", env={WATCHED: str(names)})
            done.must(ENDS[LOAD if command == "run" else hook])
            kept += names.read_text(encoding="utf-8").splitlines()
    return kept


def wanted(names: Sequence[str], hook: str) -> list[int]:
    """The places of the transitions that a column is about."""
    if hook != DISCOVER:
        return list(range(len(names)))
    return [n for n, name in enumerate(names) if name.startswith(_READING)]


def spread(names: Sequence[str], places: Sequence[int], minimum: int) -> list[int]:
    """The first and the last of each name, then evenly spread ones, until there are enough of them."""
    first = {names[n]: n for n in reversed(places)}
    last = {names[n]: n for n in places}
    chosen = {*first.values(), *last.values()}
    more = max(0, minimum + _ROUND - len(chosen))
    chosen.update(places[i * len(places) // more] for i in range(more))
    return sorted(chosen)


def rounds(names: Sequence[str], chosen: Sequence[int], sides: Sequence[str]) -> Iterator[list[Moment]]:
    """The moments of each round, again and again: every moment of the choice comes once in a turn."""
    parts = -(-len(chosen) // _ROUND)
    for turn in range(_ROUNDS):
        for part in range(parts):
            places = list(chosen[part::parts])
            pairs = pairwise([-1, *places])
            yield [
                Moment(names[n], names[before + 1 : n + 1].count(names[n]), sides[(turn + i) % len(sides)])
                for i, (before, n) in enumerate(pairs)
            ]


def try_deaths(ground: Ground, cell: Cell, minimum: int) -> Result:
    """End the command of a column until it was ended often enough, and judge the end of each round."""
    began, death = time.monotonic(), DEATHS_BY_NAME[cell.fault]
    names = transitions(ground, cell.hook)
    chosen = spread(names, wanted(names, cell.hook), minimum)
    hits, restarts, count, verdict = Counter[str](), 0, 0, Verdict()
    kinds = {names[n] for n in chosen}
    for moments in rounds(names, chosen, death.places):
        count += 1
        hit, again, found = _round(ground, cell, death, moments)
        hits.update(hit)
        restarts, verdict = restarts + again, verdict + found
        if not verdict.clean or count >= _ROUNDS or (hits.total() >= minimum and kinds <= {*hits}):
            break
    if verdict.clean:
        verdict += never(kinds, hits)
    notes = "ended " + ", ".join(f"{number} at {name}" for name, number in hits.items())
    return Result(cell, hits.total(), verdict, time.monotonic() - began, restarts, count, (notes,))


def never(kinds: Collection[str], hits: Collection[str]) -> Verdict:
    """The kinds of transition at which no command was ended: nobody knows what would have come of it."""
    return Verdict(unexplained=tuple(f"never ended at {name}" for name in sorted({*kinds} - {*hits})))


def _round(
    ground: Ground, cell: Cell, death: Death, moments: Sequence[Moment]
) -> tuple[list[str], int, Verdict]:
    """One scene: the names of the transitions that ended it, restarts, and the verdict about its end."""
    command, stage = command_of(cell.hook)
    hit: list[str] = []
    with ground.at(stage) as scene:
        for moment in moments:
            done = scene.call(command, patch=moment.patch(death))
            if done.code != death.code:
                break
            hit.append(moment.name)
        else:
            done = scene.call(command, patch=AT_ONCE)
        restarts = len(hit)
        while done.code == STOPPED and restarts < RESTARTS:
            restarts += 1
            done = scene.call(command, patch=AT_ONCE)
        where = ", ".join(f"{m.place} {m.count} {m.name}" for m in moments[: len(hit)])
        return hit, restarts, _placed(_judged(ground, scene, cell.hook, done), where)


def _judged(ground: Ground, scene: Scene, hook: str, done: Done) -> Verdict:
    asked = LOAD if hook == DISCOVER else hook
    if done.code != ENDS[asked]:
        return Verdict(unexplained=(f"ends with {done.code} instead of {ENDS[asked]}: {said(done)}",))
    answer = done.json
    if asked == LOAD and (first := _ended_before(scene)) is not None:
        # The run had ended already: its own report counts, and the one after it has nothing to write.
        answer = scene.call("report", "--run", first).must(0).json
    return judge(ground, scene, asked, answer)


def _ended_before(scene: Scene) -> str | None:
    """The run that had ended when the command was given once more; None if there is only one."""
    with closing(sqlite3.connect(scene.project.folder / ".crossdock" / "ledger.db")) as db:
        runs = [row[0] for row in db.execute("select id from run where kind = 'run' order by n")]
    return runs[0] if len(runs) > 1 else None


def _placed(verdict: Verdict, where: str) -> Verdict:
    def told(lines: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f"{line} (ended {where})" for line in lines)

    return Verdict(told(verdict.duplicates), told(verdict.losses), told(verdict.unexplained))


register(
    "process",
    (
        Entry(Cell(name, platform, hook), try_deaths)
        for name in DEATHS_BY_NAME
        for platform in PLATFORMS
        for hook in HOOKS
    ),
)
