"""Killed at any instant, started again: no duplicate, no loss.

A command is killed at one of its requests that write, the same command is given again, and then the
destination's whole dump equals that of a run that nobody disturbed.
"""

import re
from typing import Any

from crossdock.testing.commands import FOUND, OK
from crossdock.testing.dumps import assert_same
from crossdock.testing.expecting import holds, nothing, same
from crossdock.testing.kit import Kit
from crossdock.testing.registry import check
from crossdock.testing.sandboxes import Json
from crossdock.testing.scene import request_line
from crossdock.testing.stages import CONFIRMED, LOADED, PROVISIONED, UNDONE

BEFORE, BETWEEN = "kill_instead", "kill_after"
"""The platform never acts; the platform has acted, and the answer reaches nobody."""


def places(count: int) -> dict[str, tuple[str, int, int]]:
    """Cases: both kinds of kill at so many places, evenly over the requests that write."""
    words = {BEFORE: "before", BETWEEN: "after"}
    return {
        f"{words[kind]} write {n + 1} of {count}": (kind, n, count)
        for n in range(count)
        for kind in (BEFORE, BETWEEN)
    }


def nth_write(kit: Kit, stage: str, n: int, count: int) -> int:
    """How many requests the command of a stage sends before its write number `n` of `count` places."""
    log = kit.stages.log(stage)
    writes = [i for i, r in enumerate(log) if not re.search(kit.target.reads, request_line(r))]
    holds(len(writes) >= count, f"the command of {stage} has {len(writes)} writes, fewer than {count}")
    return writes[n * (len(writes) - 1) // (count - 1)]


def books(report: Json) -> list[Any]:
    """The two books of each phase."""
    return [(p["name"], p["source"], p["destination"], p["in_doubt"]) for p in report["phases"]]


def undisturbed(kit: Kit, report: Json) -> None:
    """The report of a run that was stopped and started again equals that of one that was not."""
    same(books(report), books(kit.stages.answer(LOADED)), "the books")
    nothing([p["name"] for p in report["phases"] if p["in_doubt"]], "in doubt")


@check(cases=places(3))
def killed_while_it_provisions(kit: Kit, kind: str, n: int, count: int) -> None:
    """Provision goes on where it was."""
    skip = nth_write(kit, PROVISIONED, n, count)
    scene = kit.scene(CONFIRMED)
    scene.killed("provision", kind=kind, skip=skip)
    scene.call("provision").must(OK)
    assert_same(scene.dump(), kit.stages.dump(PROVISIONED))


@check(cases=places(6))
def killed_while_it_loads(kit: Kit, kind: str, n: int, count: int) -> None:
    """What was in doubt is looked up, and sent only if it is not there."""
    skip = nth_write(kit, LOADED, n, count)
    scene = kit.scene(PROVISIONED)
    scene.killed("run", kind=kind, skip=skip)
    done = scene.call("run").must(FOUND)
    assert_same(scene.dump(), kit.stages.dump(LOADED))
    undisturbed(kit, done.json)


@check(cases=places(4))
def killed_while_it_rolls_back(kit: Kit, kind: str, n: int, count: int) -> None:
    """Whatever was undone already, the end is what was there before."""
    skip = nth_write(kit, UNDONE, n, count)
    scene = kit.scene(LOADED)
    scene.killed("rollback", kind=kind, skip=skip)
    scene.call("rollback").must(OK)
    undone = kit.target.undone
    assert_same(undone(scene.sandbox.dump()), undone(kit.stages.raw(CONFIRMED)))


@check()
def killed_three_times_in_one_run(kit: Kit) -> None:
    """Provisioning, loading, loading again."""
    provisioned, early = nth_write(kit, PROVISIONED, 1, 3), nth_write(kit, LOADED, 0, 6)
    scene = kit.scene(CONFIRMED)
    scene.killed("run", kind=BETWEEN, skip=provisioned)
    for kind in (BETWEEN, BEFORE):
        scene.killed("run", kind=kind, method="POST|PUT|PATCH", skip=early)
    done = scene.call("run").must(FOUND)
    assert_same(scene.dump(), kit.stages.dump(LOADED))
    undisturbed(kit, done.json)
