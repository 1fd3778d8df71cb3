"""What all checks of one target share in one test process: stages, and the scenes that are open."""

import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from crossdock.testing import source
from crossdock.testing.launcher import Launcher, new_folder
from crossdock.testing.registry import CHECKS, Check
from crossdock.testing.scene import Scene
from crossdock.testing.stages import Stages
from crossdock.testing.target import Target


@dataclass
class Kit:
    """One target under test. `path`: folders with distributions that the processes have to know.

    Nothing is started before the first check. What it leaves on disk goes with the test process.
    """

    target: Target
    path: tuple[Path, ...] = ()
    _ending: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def stages(self) -> Stages:
        """The stages, made at first use."""
        folder = new_folder("crossdock-kit-")
        site = source.install(folder / "site", source.POINTS)
        launcher = Launcher.start((source.NAME, self.target.platform), (site, *self.path), folder)
        return Stages(self.target, launcher, folder)

    def scene(self, stage: str) -> Scene:
        """A copy of a stage, for one check."""
        scene = self.stages.scene(stage)
        self._ending.callback(shutil.rmtree, scene.folder, ignore_errors=True)
        self._ending.callback(scene.close)
        return scene

    def run(self, check: Check, *values: object) -> None:
        """Run one check (one case of it). Raises AssertionError, and what a broken plugin raises."""
        with ExitStack() as stack:
            self._ending = stack
            check.function(self, *values)

    def close(self) -> None:
        """End everything, and remove the files."""
        if "stages" in vars(self):
            self.stages.launcher.close()
            del self.stages


def left_out(target: Target) -> dict[str, str]:
    """The checks that mean nothing for this target, each with the reason."""
    return {check.name: reason for check in CHECKS if (reason := check.reason(target))}
