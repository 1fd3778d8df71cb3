"""Fixtures of the end-to-end tests: copies of a stage, ended with the test."""

from collections.abc import Callable, Iterator

import pytest
from tests.harness import Scene, Stages
from tests.launcher import Launcher


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """The stages of this test process."""
    launcher = Launcher.start()
    yield Stages(launcher, tmp_path_factory.mktemp("stages"))
    launcher.close()


@pytest.fixture
def scene_at(stages: Stages) -> Iterator[Callable[[str], Scene]]:
    """Gives a copy of a stage: `confirmed`, `provisioned` or `loaded`."""
    opened: list[Scene] = []

    def scene(stage: str) -> Scene:
        opened.append(stages.scene(stage))
        return opened[-1]

    yield scene
    for each in opened:
        each.close()
