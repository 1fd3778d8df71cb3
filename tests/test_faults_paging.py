"""A source's list moves while it is read page by page: nothing that moved up is passed over."""

from typing import Any

from tests import dataset
from tests.harness import FOUND, STOPPED, Scene


def run_while(scene: Scene, page: str, act: Any) -> Any:
    """A run; somebody acts at the source while it waits for the page of companies that is asked for so."""
    with scene.project.edited("crossdock.yaml") as document:
        document["sources"][0]["page_size"] = 3
    place = {"path": f"{dataset.COMPANIES.rpartition('.')[2]}/list", "body": page}
    scene.source.fault(kind="slow", seconds=2, **place)
    running, acted = scene.project.begin("run"), False
    while (done := scene.project.within(running, 0.02)) is None:
        if not acted and any(fault["hits"] for fault in scene.source.ask("GET", "/_sandbox/faults")):
            acted = True
            act()
    assert scene.source.hits() == 1
    return done


def arrived(scene: Scene) -> list[int]:
    """The numbers of the companies that are there."""
    keys = {n: dataset.key(dataset.COMPANIES, n) for n in range(10)}
    found = {n: scene.came_from("company", key) for n, key in keys.items()}
    assert not [n for n, rows in found.items() if len(rows) > 1]
    return [n for n, rows in found.items() if rows]


def test_a_record_that_goes_between_two_pages_costs_no_other_one(scene_at):
    scene = scene_at("confirmed")
    gone = dataset.key(dataset.COMPANIES, 0)
    before = set(arrived(scene_at("loaded")))

    done = run_while(
        scene,
        '"from": ?3',
        lambda: scene.change_source(dataset.COMPANIES, gone, __deletedAt="2024-01-01T00:00:00.5Z"),
    )

    done.must(FOUND)
    assert before - set(arrived(scene)) <= {0}


def test_a_record_that_comes_between_two_pages_is_there_once_and_costs_no_other_one(scene_at):
    scene = scene_at("confirmed")
    before = set(arrived(scene_at("loaded")))
    new = dataset.company(0, _website="https://late.example", _inn="7799999999") | {
        "__id": "00000000-0000-4000-8000-000000000001",
        "__createdAt": "2000-01-01T00:00:00Z",
    }

    done = run_while(scene, '"from": ?3', lambda: scene.source.seed({"items": {dataset.COMPANIES: [new]}}))

    if done.code == STOPPED:
        assert "but its list ended after" in done.err
        done = scene.call("run")
    done.must(FOUND)
    assert set(arrived(scene)) == before
    assert len(scene.came_from("company", new["__id"])) <= 1
