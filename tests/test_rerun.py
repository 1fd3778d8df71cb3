"""A second run: what did not change is left alone, and what people did at the destination is respected."""

import pytest
from tests.dataset import COMPANIES, CONTACTS, ROMAN, key
from tests.harness import FOUND, OK, Done, Scene

from crossdock.testing.dumps import assert_same


def outcomes(scene: Scene, done: Done, source: str, kind: str) -> dict[str, int]:
    """The source book of a route."""
    phase = f"{source}>{scene.there.objects[kind]}"
    found: dict[str, int] = next(p["source"] for p in done.json["phases"] if p["name"] == phase)
    return found


def test_nothing_changed_nothing_is_written(scene_at, stages):
    scene = scene_at("loaded")
    scene.destination.forget_log()
    done = scene.call("run").must(FOUND)
    assert scene.writes() == []
    assert_same(scene.dump(), stages.dump("loaded"))
    total = done.json["totals"]["source"]
    assert set(total) <= {"unchanged", "held", "rejected", "skipped"}
    assert total["unchanged"] == stages.there.unchanged
    assert total["skipped"] == stages.there.skipped


def test_a_record_changed_at_the_source_is_updated(scene_at):
    scene = scene_at("loaded")
    scene.change_source(COMPANIES, key(COMPANIES, 4), __name="Новое имя")
    scene.destination.forget_log()
    done = scene.call("run").must(FOUND)
    assert scene.row("company", key(COMPANIES, 4))["name"] == "Новое имя"
    assert len(scene.writes()) == 1
    assert outcomes(scene, done, COMPANIES, "company")["loaded"] == 1
    scene.call("reconcile").must(OK)


def test_an_edit_there_of_another_field_stays(scene_at):
    scene = scene_at("loaded")
    row = scene.row("company", key(COMPANIES, 4))
    scene.patch("company", row, employees=4321)
    scene.change_source(COMPANIES, key(COMPANIES, 4), __name="Новое имя")
    scene.call("run").must(FOUND)
    row = scene.row("company", key(COMPANIES, 4))
    assert (row["name"], row["employees"]) == ("Новое имя", 4321)


def conflicting(scene: Scene) -> str:
    """A company whose name was changed on both sides, after a run that put it into the queue."""
    source_key = key(COMPANIES, 4)
    row = scene.row("company", source_key)
    scene.patch("company", row, name="Имя там")
    scene.change_source(COMPANIES, source_key, __name="Имя здесь")
    scene.destination.forget_log()
    scene.call("run").must(FOUND)
    assert scene.writes() == []
    return source_key


@pytest.mark.parametrize(
    ("decision", "name"), [("", "Имя там"), ("source", "Имя здесь"), ("destination", "Имя там")]
)
def test_changed_on_both_sides_is_a_conflict_that_a_person_decides(scene_at, decision, name):
    scene = scene_at("loaded")
    source_key = conflicting(scene)
    assert source_key in scene.project.queue("conflicts")
    assert "changed on both sides: name" in scene.project.queue("conflicts")
    scene.project.decide("conflicts", {source_key: decision})
    done = scene.call("run").must(FOUND)
    assert scene.row("company", source_key)["name"] == name
    assert outcomes(scene, done, COMPANIES, "company")["held"] == (3 if not decision else 2)


def test_what_was_deleted_there_is_never_made_again(scene_at, trash):
    scene = scene_at("loaded")
    source_key = key(CONTACTS, 5)
    row = scene.row("person", source_key)
    scene.remove("person", row, trash=trash)
    scene.change_source(CONTACTS, source_key, position="Директор")
    scene.destination.forget_log()
    scene.call("run").must(FOUND)
    scene.call("run").must(FOUND)
    assert scene.came_from("person", source_key) == []
    assert [w for w in scene.writes() if scene.there.about(w, "person")] == []
    assert (scene.there.objects["person"], "deleted there") in {
        (f["object"], f["kind"]) for f in scene.call("reconcile").must(FOUND).json["findings"]
    }


def test_duplicates_are_loaded_or_left_out_as_decided(scene_at):
    scene = scene_at("loaded")
    wanted, unwanted = key(COMPANIES, 11), key(COMPANIES, 12)
    scene.project.decide("duplicates", {wanted: "load", unwanted: "skip"})
    done = scene.call("run").must(FOUND)
    assert scene.row("company", wanted)
    assert scene.came_from("company", unwanted) == []
    assert "held" not in outcomes(scene, done, COMPANIES, "company")
    assert outcomes(scene, done, COMPANIES, "company")["skipped"] == 1


def test_a_person_without_an_account_is_stood_for_as_decided(scene_at):
    scene = scene_at("loaded")
    scene.change_source(COMPANIES, key(COMPANIES, 4), responsible=[ROMAN])
    scene.project.decide("unmatched", {ROMAN: "anna.petrova@romashka.example"})
    scene.call("run").must(FOUND)
    anna = next(m for m in scene.rows("member") if m["mail"].startswith("anna."))
    assert scene.row("company", key(COMPANIES, 4))["owner"] == anna["id"]


@pytest.mark.parametrize("decision", ["restore", "skip"])
def test_a_match_in_the_trash_is_taken_out_or_left_as_decided(scene_at, decision):
    scene = scene_at("loaded")
    source_key = key(CONTACTS, 19)
    scene.project.decide("trash", {source_key: decision})
    done = scene.call("run").must(FOUND)
    assert len(scene.came_from("person", source_key)) == (decision == "restore")
    assert "held" not in outcomes(scene, done, CONTACTS, "person")
    assert "trash" not in done.json["queues"]


def test_a_restored_record_goes_back_into_the_trash_with_rollback(scene_at, stages):
    scene = scene_at("loaded")
    before = scene.rows("person", trash=True)
    scene.project.decide("trash", {key(CONTACTS, 19): "restore"})
    scene.call("run").must(FOUND)
    scene.call("rollback").must(OK)
    after = scene.rows("person", trash=True)
    for row in (*before, *after):
        for name in stages.there.restored:
            row.pop(name)
    assert after == before
