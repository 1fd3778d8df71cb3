"""What trials that are not on the wire have in common: rounds, and a command that is given again."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from faults.cell import Cell, Result, Trial, Verdict
from faults.scenes import COMMAND, ENDS, RESTARTS, Ground

from crossdock.testing.commands import REFUSED, STOPPED, Done
from crossdock.testing.scene import Scene

INSIDE = Path(__file__).with_name("inside.py")
AT_ONCE = f"{INSIDE}:at once"
"""The patch of a command that nothing disturbs from inside."""

_TRACES = (
    *(".records.ir.model.data", ".records.mail.message", ".records.mail.tracking.value"),
    *(".records.timelineActivity", ".files: ", ".effects."),
)
"""Where the platform itself writes down each thing that is done to a record."""

A_ROUND = 7
"""How often a command is disturbed in one round."""
_ROUNDS = 30


@dataclass
class Ended:
    """How a round ended: how often it was disturbed, how often the command stopped, and the verdict."""

    hits: int = 0
    restarts: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    notes: list[str] = field(default_factory=list)

    def differs(self, line: str) -> None:
        """Note something that nothing explains."""
        self.verdict += Verdict(unexplained=(line,))


Round = Callable[[Ground, Cell, random.Random], Ended]
"""One scene from its beginning to its end. What is chosen comes from the dice."""


def trial(one: Round) -> Trial:
    """The trial that goes through rounds until there were hits enough, or something differs."""

    def tried(ground: Ground, cell: Cell, minimum: int) -> Result:
        began, whole, count = time.monotonic(), Ended(), 0
        while whole.hits < minimum and whole.verdict.clean and count < _ROUNDS:
            found = one(ground, cell, random.Random(f"{cell} {count}"))  # noqa: S311 no secret
            count += 1
            whole.hits, whole.restarts = whole.hits + found.hits, whole.restarts + found.restarts
            whole.verdict, whole.notes = whole.verdict + found.verdict, whole.notes + found.notes
        seconds = time.monotonic() - began
        return Result(cell, whole.hits, whole.verdict, seconds, whole.restarts, count, tuple(whole.notes))

    return tried


def finished(scene: Scene, hook: str, ended: Ended, done: Done | None = None) -> Done:
    """Give the command of a hook again until it ends; what stands in its way is told.

    At a gate a person raises the allowance: what differs is named, and the comparison is the trial's own.
    """
    done = done or scene.call(COMMAND[hook], patch=AT_ONCE)
    for _ in range(RESTARTS):
        if done.code not in (STOPPED, REFUSED):
            break
        ended.restarts += 1
        if done.code == REFUSED:
            ended.notes.append(said(done))
            allow(scene)
        done = scene.call(COMMAND[hook], patch=AT_ONCE)
    return done


def allow(scene: Scene) -> None:
    """Let every gate pass, whatever differs."""
    with scene.project.edited("crossdock.yaml") as document:
        document.setdefault("options", {})["gate_allowance"] = 1


def as_it_should(done: Done, hook: str, ended: Ended, *more: int) -> bool:
    """Whether the command ended with the code of an undisturbed one, or one of these; else it is told."""
    if done.code in (ENDS[hook], *more):
        return True
    ended.differs(f"ends with {done.code} instead of {ENDS[hook]}: {said(done)}")
    return False


def said(done: Done) -> str:
    """What a command said at last."""
    return " ".join(done.err.split())[-500:]


def beside_traces(verdict: Verdict) -> Verdict:
    """A verdict without what the platform itself writes down of each thing that people do."""
    left = [line for line in verdict.unexplained if not line.startswith(_TRACES)]
    return Verdict(verdict.duplicates, verdict.losses, tuple(left))
