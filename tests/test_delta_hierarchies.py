"""A delta over records of one object that refer to each other, in batches of eight."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.dataset import PARTS, key
from tests.harness import FOUND, OK, Scene
from tests.test_delta import decide, deleted_at_source, phase

SceneAt = Callable[[str], Scene]
PART_PHASE = f"{PARTS}>"


def deletions(done: Any) -> Any:
    """The phase that dealt with deleted parts."""
    names = [p["name"] for p in done.json["phases"]]
    return phase(done, next(n for n in names if n.startswith(PART_PHASE) and n.endswith("(deletions)")))


def parts(scene: Scene) -> dict[str, Any]:
    """The rows of the parts by their names; records stand there by what crossdock calls them."""
    return {row["name"]: row for row in scene.there.rows(scene.dump(), "part")}


def parents(scene: Scene) -> dict[str, Any]:
    """The parent of each part, by their names."""
    return {name: row["parent"] for name, row in parts(scene).items()}


def test_what_stays_keeps_its_references(scene_at: SceneAt):
    scene = scene_at("loaded")
    decide(scene, "destroy")
    before = parents(scene)
    for n in range(9):
        deleted_at_source(scene, PARTS, key(PARTS, n))

    scene.call("run", "--delta").must(FOUND)

    left = parents(scene)
    assert left == {name: before[name] for name in left}


@pytest.fixture
def all_gone(scene_at: SceneAt) -> tuple[Scene, dict[str, Any]]:
    """All eighteen parts were destroyed by a delta; with their parents of before."""
    scene = scene_at("loaded")
    decide(scene, "destroy")
    before = parts(scene)
    for n in range(18):
        deleted_at_source(scene, PARTS, key(PARTS, n))
    done = scene.call("run", "--delta").must(FOUND)
    assert deletions(done)["not_loaded"] == []
    return scene, before


def test_a_hierarchy_that_was_deleted_goes_whole_and_comes_back_whole(
    all_gone: tuple[Scene, dict[str, Any]],
):
    scene, before = all_gone
    assert scene.rows("part") == scene.rows("part", trash=True) == []

    scene.call("rollback").must(OK)

    assert {n: scene.there.kept(row, "drawings") for n, row in parts(scene).items()} == {
        n: scene.there.kept(row, "drawings") for n, row in before.items()
    }
