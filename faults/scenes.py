"""The ground that faults are tried on: stages of a migration with more records than the kit's own, made once
for a platform and copied for each trial."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from faults.cell import DISCOVER, LOAD, PROVISION, RECONCILE, ROLLBACK

from crossdock.testing import source
from crossdock.testing.commands import FOUND, OK, STOPPED, Done
from crossdock.testing.dumps import Dump
from crossdock.testing.launcher import Launcher, new_folder
from crossdock.testing.samples import Size
from crossdock.testing.sandboxes import Json
from crossdock.testing.scene import Scene
from crossdock.testing.stages import CONFIRMED, LOADED, PROVISIONED, UNDONE, Stages
from crossdock.testing.target import Target

SIZE = Size(parties=60, things=80)
"""With batches of two, more than 60 requests of a load write."""

_BATCH = 2
AT_ONCE = f"{Path(__file__).with_name('inside.py')}:at once"
"""The patch of a command that repeats its requests at once (see `crossdock.testing.launcher`). More patches
of `faults.inside` may follow, each after a semicolon."""

BEFORE: Mapping[str, str] = {
    DISCOVER: CONFIRMED,
    PROVISION: CONFIRMED,
    LOAD: PROVISIONED,
    RECONCILE: LOADED,
    ROLLBACK: LOADED,
}
"""The stage that a hook's command begins at."""

AFTER: Mapping[str, str] = {
    DISCOVER: CONFIRMED,
    PROVISION: PROVISIONED,
    LOAD: LOADED,
    RECONCILE: LOADED,
    ROLLBACK: UNDONE,
}
"""The stage whose dump an undisturbed command leaves."""

COMMAND: Mapping[str, str] = {
    DISCOVER: "discover",
    PROVISION: "provision",
    LOAD: "run",
    RECONCILE: "reconcile",
    ROLLBACK: "rollback",
}

ENDS: Mapping[str, int] = {DISCOVER: OK, PROVISION: OK, LOAD: FOUND, RECONCILE: OK, ROLLBACK: OK}
"""The exit code of an undisturbed command."""

RESTARTS = 80
"""How often a command that stopped is given again before that is a difference by itself."""


def target(platform: str) -> Target:
    """What the suite of a plugin says of its platform, with smaller batches."""
    found: Target = import_module(f"plugins.{platform}.tests.test_{platform}_kit").TARGET
    return replace(found, settings={**found.settings, "batch_size": _BATCH})


class Ground:
    """One platform: its stages, and what its commands answer when nothing disturbs them. A context manager
    that ends everything and removes the files. For one thread."""

    def __init__(self, platform: str, size: Size = SIZE) -> None:
        self.target = target(platform)
        folder = new_folder("crossdock-faults-")
        site = source.install(folder / "site", source.POINTS)
        self._launcher = Launcher.start((source.NAME, platform), (site,), folder)
        self.stages = Stages(self.target, self._launcher, folder, size)
        self.transitions: dict[str, list[str]] = {}
        """By hook, what `faults.process` has seen an undisturbed command change."""
        self.kept: dict[str, Any] = {}
        """What a group of trials finds out once, by its name."""
        self._answers: dict[str, Any] = {}
        self._logs: dict[str, list[Json]] = {}

    @contextmanager
    def scene(self, hook: str) -> Iterator[Scene]:
        """A copy of the stage that a hook's command begins at."""
        with self.at(BEFORE[hook]) as scene:
            yield scene

    @contextmanager
    def at(self, stage: str) -> Iterator[Scene]:
        """A copy of a stage, removed at the end."""
        scene = self.stages.scene(stage)
        try:
            yield scene
        finally:
            scene.close()
            shutil.rmtree(scene.folder, ignore_errors=True)

    def dump(self, hook: str) -> Dump:
        """What the destination holds, in its own shape, after an undisturbed command."""
        return self.stages.raw(AFTER[hook])

    def answer(self, hook: str) -> Any:
        """What an undisturbed command answers."""
        if hook in (PROVISION, LOAD, ROLLBACK):
            return self.stages.answer(AFTER[hook])
        if hook not in self._answers:
            with self.scene(hook) as scene:
                self._answers[hook] = scene.call(COMMAND[hook]).must(ENDS[hook]).json
                self._logs[hook] = scene.sandbox.log()
        return self._answers[hook]

    def log(self, hook: str) -> list[Json]:
        """The requests of an undisturbed command."""
        if hook in (PROVISION, LOAD, ROLLBACK):
            return self.stages.log(AFTER[hook])
        self.answer(hook)
        return self._logs[hook]

    def close(self) -> None:
        """End everything, and remove the files."""
        self._launcher.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()


def to_the_end(scene: Scene, hook: str, **more: Any) -> tuple[Done, int]:
    """Give a hook's command again as long as it stops (exit 3); how it ended, and how often it had stopped.

    `more`: see `launcher`. The last one that was given says itself whether it ended.
    """
    given = {"patch": AT_ONCE, **more}
    for stopped in range(RESTARTS):
        done = scene.call(COMMAND[hook], **given)
        if done.code != STOPPED:
            return done, stopped
    return done, RESTARTS
