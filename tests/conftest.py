"""Fixtures of the end-to-end tests: copies of a stage, ended with the test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.destinations import DESTINATIONS
from tests.harness import SOURCE, Launcher, Scene, Stages
from tests.uibrowser import acme, browser, serve
from tests.uiplain import plain

from crossdock.testing.launcher import new_folder

__all__ = ["acme", "browser", "plain", "serve"]  # fixtures of the pages: one browser for all their tests


@pytest.fixture(scope="session")
def house() -> Path:
    """The folder of the stages; goes with the launcher."""
    return new_folder("crossdock-house-")


@pytest.fixture(scope="session")
def launcher(house: Path) -> Iterator[Launcher]:
    """Starts the processes of this test process."""
    started = Launcher.start((SOURCE, *(there.platform for there in DESTINATIONS)), folder=house)
    yield started
    started.close()


KILLS = ("provision", "load", "files", "second_pass", "rollback")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of a pair runs against every destination. `provision_kill` and so on are the places at which
    a command is killed: they are the destination's own."""
    if "stages" not in metafunc.fixturenames:
        return
    wanted = [there for there in DESTINATIONS if metafunc.function.__name__ not in there.left_out]
    for word in KILLS:
        if (name := f"{word}_kill") in metafunc.fixturenames:
            pairs = [(there, kill) for there in wanted for kill in getattr(there, word)]
            ids = [f"{there.platform}-{kill}" for there, kill in pairs]
            metafunc.parametrize(("stages", name), pairs, indirect=["stages"], ids=ids, scope="session")
            return
    if "mutant" in metafunc.fixturenames:
        pairs = [(there, mutant) for there in wanted for mutant in there.codec]
        ids = [f"{there.platform}-{mutant}" for there, mutant in pairs]
        metafunc.parametrize(("stages", "mutant"), pairs, indirect=["stages"], ids=ids, scope="session")
        return
    if "trash" in metafunc.fixturenames:
        ways = [(there, trash) for there in wanted for trash in ((True, False) if there.bin else (False,))]
        ids = [f"{there.platform}-{'trashed' if trash else 'destroyed'}" for there, trash in ways]
        metafunc.parametrize(("stages", "trash"), ways, indirect=["stages"], ids=ids, scope="session")
        return
    names = [there.platform for there in wanted]
    metafunc.parametrize("stages", wanted, indirect=True, ids=names, scope="session")


@pytest.fixture(scope="session")
def all_stages() -> dict[str, Stages]:
    """The stages by destination: a fixture with parameters may be made again, they are not."""
    return {}


@pytest.fixture(scope="session")
def stages(request: Any, launcher: Launcher, house: Path, all_stages: dict[str, Stages]) -> Stages:
    """The stages of one destination in this test process."""
    there = request.param
    if there.platform not in all_stages:
        all_stages[there.platform] = Stages(launcher, house / there.platform, there)
    return all_stages[there.platform]


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
