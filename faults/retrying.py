"""`run --retry-failed` against a destination that fails, in a process that is killed once.

What was rejected is corrected at the source; in the end it is there once, as after a retry undisturbed.
"""

import random
from collections.abc import Mapping
from typing import Any

from faults.again import Ended, happened, said, trial
from faults.cell import LOAD, PLATFORMS, Cell, Entry, Verdict, register
from faults.judge import answers, counted
from faults.scenes import AT_ONCE, RESTARTS, Ground

from crossdock.testing import samples
from crossdock.testing.commands import FOUND, KILLED, OK, STOPPED, Done
from crossdock.testing.dumps import Dump, difference
from crossdock.testing.scene import Scene
from crossdock.testing.stages import LOADED

FAULT = "retry disturbed"
_RETRY = ("run", "--retry-failed")
_KINDS: tuple[Mapping[str, Any], ...] = (
    {"kind": "status", "status": 503},
    {"kind": "reset_before"},
    {"kind": "reset_after"},
    {"kind": "truncated"},
)
_CHANCE = 0.08
"""Of a request to be hit by one of them."""


def retry_disturbed(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """A retry after the corrections, disturbed from its beginning to its end."""
    del cell
    ended, (wanted, should) = Ended(), _undisturbed(ground)
    with ground.at(LOADED) as scene:
        _correct(scene)
        scene.sandbox.forget_log()
        for kind in _KINDS:
            order = {**kind, "chance": _CHANCE, "seed": dice.randrange(10**6), "times": None}
            scene.sandbox.fault(**order)
        done = _to_the_end(scene, ended, f"SIGKILL before {dice.randint(1, 2)} ledger.journal.confirm")
        ended.hits = happened(scene)
        if done.code != wanted.code:
            ended.differs(f"ends with {done.code} instead of {wanted.code}: {said(done)}")
            return ended
        end, canonical = scene.sandbox.dump(), ground.target.canonical
        differing = (*difference(canonical(end), canonical(should)), *answers(LOAD, done.json, wanted.json))
        ended.verdict += counted(end, should) + Verdict(unexplained=differing)
    return ended


def _undisturbed(ground: Ground) -> tuple[Done, Dump]:
    """How a retry ends that nobody disturbs, and what is there then. Raises AssertionError if it brings
    nothing."""
    if FAULT not in ground.kept:
        with ground.at(LOADED) as scene:
            before = counted(scene.sandbox.dump(), ground.dump(LOAD))
            _correct(scene)
            done = scene.call(*_RETRY, patch=AT_ONCE).must(OK, FOUND)
            ground.kept[FAULT] = (done, scene.sandbox.dump())
        if before.losses or not counted(ground.dump(LOAD), ground.kept[FAULT][1]).losses:
            raise AssertionError("the retry brought nothing")
    found: tuple[Done, Dump] = ground.kept[FAULT]
    return found


def _correct(scene: Scene) -> None:
    """Give the records that were rejected as they have no name one."""
    with scene.company() as company:
        for object_name, keys in samples.BAD.items():
            for key in keys:
                company.change(object_name, key, title=f"Исправлено {key}")


def _to_the_end(scene: Scene, ended: Ended, death: str) -> Done:
    """Give the retry again until it ends; the first one is killed on its way."""
    done = scene.call(*_RETRY, patch=f"{AT_ONCE}; {death}")
    while done.code in (STOPPED, KILLED) and ended.restarts < RESTARTS:
        ended.restarts += 1
        done = scene.call(*_RETRY, patch=AT_ONCE)
    return done


register("retrying", (Entry(Cell(FAULT, platform, LOAD), trial(retry_disturbed)) for platform in PLATFORMS))
