"""What trials that are not on the wire have in common: rounds, and a command that is given again."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from faults.cell import Cell, Result, Trial, Verdict
from faults.judge import judge
from faults.scenes import AT_ONCE, COMMAND, ENDS, RESTARTS, Ground

from crossdock.testing.commands import REFUSED, STOPPED, Done
from crossdock.testing.dumps import without
from crossdock.testing.scene import Scene

TRACES = without(
    *(("records", name) for name in ("mail.message", "mail.tracking.value", "timelineActivity")),
    ("effects",),
)
"""Leaves out of a dump where the platform itself writes down each thing that people do to a record, and how
often its automations were set off by that. A `beside` of `faults.judge`."""

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


def finished(scene: Scene, hook: str, ended: Ended, done: Done | None = None, *, gates: bool = False) -> Done:
    """Give the command of a hook again until it ends.

    `gates`: records may differ, as people or the source changed them: at a gate somebody raises the
    allowance, once, and what is said there is noted. Else, and at a second one, a gate is a difference.
    """
    done = done or scene.call(COMMAND[hook], patch=AT_ONCE)
    for _ in range(RESTARTS):
        if done.code == REFUSED and gates:
            gates = False
            ended.notes.append(said(done))
            allow(scene)
        elif done.code != STOPPED or faulty(done):
            break
        ended.restarts += 1
        done = scene.call(COMMAND[hook], patch=AT_ONCE)
    return done


def disturbed(
    ground: Ground, scene: Scene, cell: Cell, ended: Ended, once: Callable[[int], tuple[Done, int]]
) -> None:
    """Give the command, each time disturbed, until a start was not hit or there were enough of them; then to
    its end, and judge that. `once` is one start: how it ended, and how often it was hit."""
    for n in range(A_ROUND):
        done, hits = once(n)
        ended.hits += hits
        if not hits:
            break
    else:
        done = finished(scene, cell.hook, ended)
    ended.restarts += ended.hits
    judged(ground, scene, cell, ended, done)


def judged(ground: Ground, scene: Scene, cell: Cell, ended: Ended, done: Done) -> None:
    """Hold the end of a command against that of an undisturbed one."""
    if as_it_should(done, cell.hook, ended):
        ended.verdict += judge(ground, scene, cell.hook, done.json)


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


def happened(scene: Scene) -> int:
    """How often the ordered faults happened: the sandbox counts, and its log has to agree, else
    AssertionError is raised."""
    ordered = scene.sandbox.ask("GET", "/_sandbox/faults")
    logged = [request for request in scene.sandbox.log() if request["fault"] is not None]
    hits = int(sum(each["hits"] for each in ordered))
    if hits != len(logged):
        raise AssertionError(f"the log of the sandbox shows {len(logged)} faults: {ordered}")
    return hits


def no_more(scene: Scene) -> None:
    """Take back the ordered faults, and forget the log that shows them."""
    scene.sandbox.hits()
    scene.sandbox.forget_log()


def lines_of(path: Path) -> int:
    """How many lines `faults.inside` wrote into a file, one for each time that it saw a fault."""
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


def said(done: Done) -> str:
    """What a command said at last."""
    return " ".join(done.err.split())[-600:]


def faulty(done: Done) -> bool:
    """Whether a command says that the fault is its own."""
    return "a fault in crossdock itself" in done.err
