"""Something that is done at the destination while a command waits for an answer."""

import random
import time
from collections.abc import Callable

from faults.again import A_ROUND
from faults.scenes import AT_ONCE, COMMAND, Ground

from crossdock.testing.commands import Done
from crossdock.testing.sandboxes import Json
from crossdock.testing.scene import Scene

_PAUSE = 0.6
"""Seconds that the sandbox waits at a request at least, while somebody does something. It waits longer where
the deed before took longer than half of that."""
_AT_MOST = 3.0  # on a machine that has much else to do, deeds are slow for minutes
_REFUSED = 400


def meanwhile(
    ground: Ground, scene: Scene, hook: str, dice: random.Random, act: Callable[[], None]
) -> tuple[Done, int]:
    """Give a command, and act some times while it waits for an answer of the destination.

    How it ended, and how often the sandbox's log shows that something was written meanwhile: after the
    request that waits, and before it is answered.
    """
    stride, hits, took = max(1, len(ground.log(hook)) // (A_ROUND + 1)), 0, 0.0

    def pause() -> None:
        scene.sandbox.hits()
        seconds = min(max(_PAUSE, 2 * took), _AT_MOST)
        scene.sandbox.fault(kind="slow", seconds=seconds, skip=dice.randrange(stride))

    pause()
    running = scene.project.begin(COMMAND[hook], patch=AT_ONCE)
    while (done := scene.project.within(running, 0.02)) is None:
        if any(fault["hits"] for fault in scene.sandbox.ask("GET", "/_sandbox/faults")):
            began = time.monotonic()
            act()
            hits += bool(written_meanwhile(scene, scene.sandbox.log()))
            took = time.monotonic() - began
            pause()
    scene.sandbox.hits()
    return done, hits


def written_meanwhile(scene: Scene, log: list[Json]) -> list[str]:
    """The requests that wrote something while the last slow one was still waiting for its answer."""
    last = max((n for n, request in enumerate(log) if request["fault"] == "slow"), default=None)
    if last is None or log[last]["status"] is not None:
        return []
    done = [request for request in log[last + 1 :] if (request["status"] or _REFUSED) < _REFUSED]
    return scene.writes(done)
