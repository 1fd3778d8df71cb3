"""The cutover of a whole company, from the freeze to the signature, over HTTP."""

import json

from tests.dataset import COMPANIES, key
from tests.harness import FOUND, OK

CHANGED = key(COMPANIES, 3)


def states(done):
    """How each step stands, by its name."""
    return {step["name"]: step["state"] for step in done.json["steps"]}


def test_the_last_changes_arrive_and_the_checklist_is_signed_step_by_step(scene_at):
    scene = scene_at("loaded")

    first = scene.call("cutover").must(FOUND)
    assert states(first) | {"loaded": "passed", "freeze": "waits for a person"} == states(first)

    scene.change_source(COMPANIES, CHANGED, __name="Переименована перед переездом")
    frozen = scene.call("cutover", "--frozen-by", "Anna").must(FOUND)
    names = {row["name"] for row in scene.rows("company")}
    assert "Переименована перед переездом" in names
    assert states(frozen)["delta"] == "failed"  # some records wait in queues, and one is rejected
    assert "--accept" in frozen.json["next"]

    accepted = scene.call("cutover", "--accept", "Olga").must(FOUND)
    assert states(accepted) | {"delta": "passed", "reconcile": "passed"} == states(accepted)
    assert states(accepted)["spot"] == "waits for a person"

    done = scene.call("cutover", "--checked-by", "Ivan").must(OK)
    assert done.json["done"] is True
    assert [(s["name"], s["by"]) for s in done.json["steps"] if s["by"]] == [
        ("freeze", "Anna"),
        ("delta", "Olga"),
        ("spot", "Ivan"),
    ]
    filed = scene.project.folder / "reports" / "cutover.json"
    assert json.loads(filed.read_text(encoding="utf-8"))["done"] is True
    sheet = (scene.project.folder / "reports").glob("spot-*.html")
    assert [page.stat().st_size > 0 for page in sheet] == [True]


def test_a_delta_that_is_accepted_is_read_once_more_before(scene_at):
    scene = scene_at("loaded")
    scene.call("cutover", "--frozen-by", "Anna").must(FOUND)  # the delta waits to be accepted
    scene.change_source(COMPANIES, CHANGED, __name="Кто-то ещё работает")

    done = scene.call("cutover", "--accept", "Olga").must(FOUND)

    names = {row["name"] for row in scene.rows("company")}
    assert "Кто-то ещё работает" in names
    assert states(done)["delta"] == "passed"
