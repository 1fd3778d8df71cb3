"""A second run: what did not change is left alone, and what people did at the destination is respected."""

from collections.abc import Mapping
from typing import Any

import pytest
from tests.canonical import assert_same, canonical
from tests.dataset import COMPANIES, CONTACTS, ROMAN, key
from tests.harness import FOUND, OK, Scene


def writes(scene: Scene) -> list[str]:
    """What was sent to the destination to change a record there; workflows switched off and on are none."""
    return [
        f"{r['method']} {r['path']} {r['operation']}"
        for r in scene.destination.log()
        if "AutomatedTrigger" not in (r["operation"] or "") and _changes(r)
    ]


def _changes(r: Mapping[str, Any]) -> bool:
    return (
        r["method"] in ("PATCH", "PUT", "DELETE")
        or (r["method"] == "POST" and r["path"].startswith("/rest"))
        or (r["operation"] or "").startswith(("create", "update", "delete", "destroy", "restore", "complete"))
    )


def outcomes(done, phase: str) -> dict[str, int]:
    """The source book of a phase."""
    found: dict[str, int] = next(p["source"] for p in done.json["phases"] if p["name"] == phase)
    return found


COMPANY_PHASE, PERSON_PHASE = f"{COMPANIES}>company", f"{CONTACTS}>person"


def test_nothing_changed_nothing_is_written(scene_at, stages):
    scene = scene_at("loaded")
    scene.destination.forget_log()
    done = scene.call("run").must(FOUND)
    assert writes(scene) == []
    assert_same(canonical(scene.destination.dump()), canonical(stages.dump("loaded")))
    total = done.json["totals"]["source"]
    assert set(total) <= {"unchanged", "held", "rejected", "skipped"}
    assert total["unchanged"] == 82
    assert total["skipped"] == 20 + 12  # contacts without a second company, tasks without a second performer


def test_a_record_changed_at_the_source_is_updated(scene_at):
    scene = scene_at("loaded")
    scene.change_source(COMPANIES, key(COMPANIES, 4), __name="Новое имя")
    scene.destination.forget_log()
    done = scene.call("run").must(FOUND)
    assert scene.destination.row("company", key(COMPANIES, 4))["name"] == "Новое имя"
    assert len(writes(scene)) == 1
    assert outcomes(done, COMPANY_PHASE)["loaded"] == 1
    scene.call("reconcile").must(OK)


def test_an_edit_there_of_another_field_stays(scene_at):
    scene = scene_at("loaded")
    row = scene.destination.row("company", key(COMPANIES, 4))
    scene.patch("companies", row["id"], employees=4321)
    scene.change_source(COMPANIES, key(COMPANIES, 4), __name="Новое имя")
    scene.call("run").must(FOUND)
    row = scene.destination.row("company", key(COMPANIES, 4))
    assert (row["name"], row["employees"]) == ("Новое имя", 4321)


def conflicting(scene: Scene) -> str:
    """A company whose name was changed on both sides, after a run that put it into the queue."""
    source_key = key(COMPANIES, 4)
    row = scene.destination.row("company", source_key)
    scene.patch("companies", row["id"], name="Имя там")
    scene.change_source(COMPANIES, source_key, __name="Имя здесь")
    scene.destination.forget_log()
    scene.call("run").must(FOUND)
    assert writes(scene) == []
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
    assert scene.destination.row("company", source_key)["name"] == name
    assert outcomes(done, COMPANY_PHASE)["held"] == (3 if not decision else 2)


@pytest.mark.parametrize("query", ["?soft_delete=true", ""])
def test_what_was_deleted_there_is_never_made_again(scene_at, query):
    scene = scene_at("loaded")
    source_key = key(CONTACTS, 5)
    row = scene.destination.row("person", source_key)
    scene.destination.ask("DELETE", f"/rest/people/{row['id']}{query}")
    scene.change_source(CONTACTS, source_key, position="Директор")
    scene.destination.forget_log()
    scene.call("run").must(FOUND)
    scene.call("run").must(FOUND)
    assert not [r for r in scene.destination.rows("person") if source_key in (r.get("crossdockKey") or "")]
    assert not [w for w in writes(scene) if "people" in w or "Person" in w]
    assert ("person", "deleted there") in {
        (f["object"], f["kind"]) for f in scene.call("reconcile").must(FOUND).json["findings"]
    }


def test_duplicates_are_loaded_or_left_out_as_decided(scene_at):
    scene = scene_at("loaded")
    wanted, unwanted = key(COMPANIES, 11), key(COMPANIES, 12)
    scene.project.decide("duplicates", {wanted: "load", unwanted: "skip"})
    done = scene.call("run").must(FOUND)
    assert scene.destination.row("company", wanted)
    assert not [r for r in scene.destination.rows("company") if unwanted in (r.get("crossdockKey") or "")]
    assert "held" not in outcomes(done, COMPANY_PHASE)
    assert outcomes(done, COMPANY_PHASE)["skipped"] == 1


def test_a_person_without_an_account_is_stood_for_as_decided(scene_at):
    scene = scene_at("loaded")
    scene.change_source(COMPANIES, key(COMPANIES, 4), responsible=[ROMAN])
    scene.project.decide("unmatched", {ROMAN: "anna.petrova@romashka.example"})
    scene.call("run").must(FOUND)
    anna = next(m for m in scene.destination.rows("workspaceMember") if m["userEmail"].startswith("anna."))
    assert scene.destination.row("company", key(COMPANIES, 4))["accountOwnerId"] == anna["id"]


@pytest.mark.parametrize("decision", ["restore", "skip"])
def test_a_match_in_the_trash_is_taken_out_or_left_as_decided(scene_at, decision):
    scene = scene_at("loaded")
    source_key = key(CONTACTS, 19)
    scene.project.decide("trash", {source_key: decision})
    done = scene.call("run").must(FOUND)
    found = [r for r in scene.destination.rows("person") if source_key in (r.get("crossdockKey") or "")]
    assert len(found) == (decision == "restore")
    assert "held" not in outcomes(done, PERSON_PHASE)
    assert "trash" not in done.json["queues"]


def test_a_restored_record_goes_back_into_the_trash_with_rollback(scene_at, stages):
    scene = scene_at("loaded")
    before = scene.destination.dump()["records"]["person"]["trash"]
    scene.project.decide("trash", {key(CONTACTS, 19): "restore"})
    scene.call("run").must(FOUND)
    scene.call("rollback").must(OK)
    after = scene.destination.dump()["records"]["person"]["trash"]
    for row in (*before, *after):
        for name in ("updatedAt", "updatedBy"):
            row.pop(name)
    assert after == before
