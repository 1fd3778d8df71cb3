"""A source's list moves while it is read page by page: nothing that moved up is passed over."""

from typing import Any

from tests import dataset
from tests.harness import FOUND, STOPPED, Scene


def run_while(scene: Scene, page: str, act: Any) -> Any:
    """A run; somebody acts at the source before it answers the page of companies that is asked for so.

    It refuses that page until the act is done, so the order does not hang on how fast anything is.
    """
    with scene.project.edited("crossdock.yaml") as document:
        document["sources"][0]["page_size"] = 3
    path = f"{dataset.COMPANIES.rpartition('.')[2]}/list"
    scene.source.fault(
        kind="status", status=503, headers={"Retry-After": "2"}, times=None, path=path, body=page
    )
    running, asked_before = scene.project.begin("run"), None
    while (done := scene.project.within(running, 0.02)) is None:
        if asked_before is None and refusals(scene):
            act()
            asked_before = pages(scene, path)
            assert scene.source.hits() >= 1  # and with this the page is answered
    assert asked_before, "the run ended before it asked for the page"
    assert (asked_before[0]["fault"], asked_before[-1]["fault"]) == (None, "status")
    asked_after = [page for page in pages(scene, path) if page["n"] > asked_before[-1]["n"]]
    assert {"fault": None, "status": 200}.items() <= asked_after[-1].items()
    return done


def refusals(scene: Scene) -> int:
    """How often the source refused the page."""
    return sum(fault["hits"] for fault in scene.source.ask("GET", "/_sandbox/faults"))


def pages(scene: Scene, path: str) -> list[Any]:
    """The requests for pages of the list so far, in order."""
    return [request for request in scene.source.log() if request["path"].endswith(path)]


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
