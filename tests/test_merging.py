"""Two source records that a person merges: what gives way is told, an undone merge leaves nothing."""

from collections.abc import Callable

import pytest
from tests.dataset import COMPANIES, key
from tests.harness import FOUND, OK, Done, Scene

from crossdock.testing.dumps import assert_same

SceneAt = Callable[[str], Scene]
FIRST, SECOND = key(COMPANIES, 11), key(COMPANIES, 12)
LOST = "gave way to the value of the record that it was merged into"


def decided(scene: Scene, first: str, second: str) -> Done:
    """A run after these decisions about two companies with one website; that is unique at the destination."""
    scene.project.decide("duplicates", {FIRST: first, SECOND: second})
    return scene.call("run").must(FOUND)


def lost_names(done: Done) -> list[tuple[str, str]]:
    """Both names of each company whose name gave way."""
    found = [f for f in done.json["first_findings"] if f["note"] == LOST and f["field"] == "name"]
    return [(f["expected"], f["actual"]) for f in found]


def names(scene: Scene) -> list[str]:
    """The names of both companies at the source, the second one first."""
    return [scene.source_item(COMPANIES, n)["__name"] for n in (SECOND, FIRST)]


@pytest.fixture
def loaded(scene_at: SceneAt) -> Scene:
    return scene_at("loaded")


def test_a_merge_is_told_by_run_and_reconcile_and_undone_without_a_trace(loaded: Scene):
    before = loaded.undone()
    run = decided(loaded, "merge", "merge")
    reconciled = loaded.call("reconcile").must(OK)
    loaded.call("rollback").must(OK)
    assert lost_names(run) == lost_names(reconciled) == [tuple(names(loaded))]
    assert_same(loaded.undone(), before)


def test_a_merged_record_is_not_called_equal_in_the_spot_check(loaded: Scene):
    company = loaded.there.objects["company"]
    decided(loaded, "merge", "merge")
    spot = loaded.call("reconcile", "--spot", "500").must(OK).json["spot"]
    (merged,) = [r for r in spot["records"] if r["source_id"] == SECOND and r["object"] == company]
    shown = {f["field"]: (f["expected"], f["actual"], f["verdict"]) for f in merged["fields"]}
    assert merged["verdict"] == LOST
    assert shown[loaded.there.name("company", "name")] == (*names(loaded), LOST)


def test_a_duplicate_of_a_unique_value_is_told_what_to_decide_and_ends_clean(loaded: Scene):
    refused = decided(loaded, "load", "load")
    assert any("decide merge or skip for them" in step for step in refused.json["next"])
    decided(loaded, "merge", "merge")
    loaded.call("reconcile").must(OK)
