"""A delta: what was created, changed or deleted since, and what people did at the destination stays."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.canonical import assert_same, canonical
from tests.dataset import COMPANIES, CONTACTS, company, contact, key
from tests.harness import FOUND, OK, REFUSED, WRONG, Scene
from tests.test_rerun import writes as all_writes

SceneAt = Callable[[str], Scene]
COMPANY_PHASE, PERSON_PHASE = f"{COMPANIES}>company", f"{CONTACTS}>person"
DELETIONS = f"{CONTACTS}>person (deletions)"
PERSON = key(CONTACTS, 7)
"""A contact that nothing refers to but a task, and no other contact."""


def writes(scene: Scene) -> list[str]:
    """What was sent to change a record; automations are switched off and on by every run."""
    return [w for w in all_writes(scene) if "workflow" not in w.lower()]


def phase(done: Any, name: str) -> Any:
    """A phase of a report."""
    return next(p for p in done.json["phases"] if p["name"] == name)


def findings(done: Any) -> set[tuple[str, str]]:
    """(kind, source key) of what was found, but for normalised values."""
    found = done.json["first_findings"]
    return {(f["kind"], f["origin"].rpartition("/")[2]) for f in found if f["kind"] != "normalised"}


def decide(scene: Scene, policy: str) -> None:
    """Settle what is done about deleted records, and confirm it."""
    with scene.project.edited("mapping.yaml") as document:
        document["decisions"] = {**(document.get("decisions") or {}), "deletions": policy}
    scene.call("map", "confirm", "--by", "Test").must(OK)


def deleted_at_source(scene: Scene, collection: str, source_key: str) -> None:
    """Delete a record of the source, as one of its users would."""
    scene.change_source(collection, source_key, __deletedAt="2024-01-01T00:00:00.5Z")


def person_there(scene: Scene, source_key: str = PERSON) -> Any:
    """The row of a contact at the destination, live or in the trash; None if it is gone."""
    people = scene.destination.dump()["records"]["person"]
    found = [r for part in people.values() for r in part if f"/{source_key}" in (r.get("crossdockKey") or "")]
    return found[0] if found else None


def no_tasks(scene: Scene) -> None:
    """Take the tasks of the contact away, so that nothing refers to it."""
    for link in scene.destination.rows("taskTarget"):
        if link.get("targetPersonId") == person_there(scene)["id"]:
            scene.destination.ask("DELETE", f"/rest/taskTargets/{link['id']}")


def test_a_delta_needs_a_finished_run(scene_at: SceneAt):
    scene = scene_at("provisioned")
    done = scene.call("run", "--delta").must(WRONG)
    assert "has not ended" in done.err or "none here" in done.err


def test_a_delta_without_a_change_writes_nothing(scene_at: SceneAt, stages: Any):
    scene = scene_at("loaded")
    for _ in range(2):
        scene.destination.forget_log()
        done = scene.call("run", "--delta").must(FOUND)
        assert writes(scene) == []
        assert set(done.json["totals"]["source"]) <= {"unchanged", "held", "rejected", "skipped"}
    assert_same(canonical(scene.destination.dump()), canonical(stages.dump("loaded")))


def test_only_what_changed_since_the_mark_is_asked_for(scene_at: SceneAt):
    scene = scene_at("loaded")
    scene.change_source(COMPANIES, key(COMPANIES, 4), __name="Новое имя")
    scene.call("run", "--delta").must(FOUND)
    scene.change_source(COMPANIES, key(COMPANIES, 5), __name="Ещё новее", __updatedAt="2024-01-05T00:00:00Z")

    done = scene.call("run", "--delta").must(FOUND)

    assert scene.destination.row("company", key(COMPANIES, 5))["name"] == "Ещё новее"
    # A day before the mark of the first delta begins after everything else was changed last. Three that
    # were held or rejected before are tried again; the fourth changed in the first delta's window.
    marks = {m["object"]: m for m in done.json["run"]["marks"]}
    assert marks[COMPANIES] == {
        "tenant": "main",
        "object": COMPANIES,
        "since": "2023-12-31T00:00:00.500000+00:00",
        "until": "2024-01-05T00:00:00+00:00",
        "read": 2,
    }
    assert phase(done, COMPANY_PHASE)["source"] == {"unchanged": 1, "loaded": 1, "held": 2, "rejected": 1}


def test_a_new_record_and_what_waited_for_it_arrive(scene_at: SceneAt):
    scene = scene_at("loaded")
    new = company(20) | {"__updatedAt": "2024-01-01T00:00:00Z", "__createdAt": "2024-01-01T00:00:00Z"}
    person = contact(20, _companies=[new["__id"]]) | {"__updatedAt": "2024-01-01T00:00:00Z"}
    scene.source.seed({"items": {CONTACTS: [person]}})
    scene.call("run", "--delta").must(FOUND)
    assert person["__id"] in scene.project.queue("references")

    scene.source.seed({"items": {COMPANIES: [new]}})
    scene.call("run", "--delta").must(FOUND)

    there = scene.destination.row("person", person["__id"])
    assert there["companyId"] == scene.destination.row("company", new["__id"])["id"]
    assert person["__id"] not in scene.project.queue("references")


AT_SOURCE: dict[str, Callable[[Scene], None]] = {
    "unchanged": lambda scene: None,
    "changed": lambda scene: scene.change_source(CONTACTS, PERSON, position="Директор"),
    "deleted": lambda scene: deleted_at_source(scene, CONTACTS, PERSON),
}


def _delete_there(scene: Scene) -> None:
    scene.destination.ask("DELETE", f"/rest/people/{person_there(scene)['id']}?soft_delete=true")


THERE: dict[str, Callable[[Scene], None]] = {
    "unchanged": lambda scene: None,
    "edited": lambda scene: scene.patch("people", person_there(scene)["id"], jobTitle="Мастер"),
    "deleted": _delete_there,
}


@pytest.mark.parametrize(
    ("source", "there", "title", "trashed", "queued", "found"),
    [
        ("unchanged", "unchanged", "Закупщик", False, False, set()),
        ("unchanged", "edited", "Мастер", False, False, set()),
        ("unchanged", "deleted", "Закупщик", True, False, set()),
        ("changed", "unchanged", "Директор", False, False, set()),
        ("changed", "edited", "Мастер", False, True, set()),
        ("changed", "deleted", "Закупщик", True, False, {("deleted there", PERSON)}),
        ("deleted", "unchanged", "Закупщик", True, False, set()),
        ("deleted", "edited", "Мастер", False, True, set()),
        ("deleted", "deleted", "Закупщик", True, False, set()),
    ],
)
def test_each_of_the_nine_cells(
    scene_at: SceneAt, source: str, there: str, title: str, trashed: bool, queued: bool, found: Any
):
    scene = scene_at("loaded")
    decide(scene, "trash")
    AT_SOURCE[source](scene)
    THERE[there](scene)

    done = scene.call("run", "--delta").must(FOUND)

    row = person_there(scene)
    assert (row["jobTitle"], bool(row.get("deletedAt"))) == (title, trashed)
    assert (PERSON in scene.project.queue("conflicts")) is queued
    assert findings(done) == found
    scene.destination.forget_log()
    scene.call("run", "--delta").must(FOUND)
    assert writes(scene) == []


def test_a_record_deleted_at_the_source_is_only_reported_if_nothing_is_decided(scene_at: SceneAt):
    scene = scene_at("loaded")
    deleted_at_source(scene, CONTACTS, PERSON)
    scene.destination.forget_log()

    done = scene.call("run", "--delta").must(FOUND)

    assert writes(scene) == []
    assert findings(done) == {("deleted at source", PERSON)}
    assert phase(done, DELETIONS)["source"] == {"skipped": 1}
    reconciled = scene.call("reconcile").must(FOUND)
    assert findings(reconciled) == {("deleted at source", PERSON)}


@pytest.mark.parametrize("policy", ["trash", "destroy"])
def test_what_was_taken_away_comes_back_by_rollback(scene_at: SceneAt, policy: str):
    scene = scene_at("loaded")
    no_tasks(scene)
    decide(scene, policy)
    before = person_there(scene)
    deleted_at_source(scene, CONTACTS, PERSON)

    done = scene.call("run", "--delta").must(FOUND)

    row = person_there(scene)
    assert row is None if policy == "destroy" else row.get("deletedAt")
    assert phase(done, DELETIONS)["source"] == {"skipped": 1}
    assert phase(done, DELETIONS)["destination"] == {"updated": 1}
    assert PERSON not in {source_key for _, source_key in findings(scene.call("reconcile"))}
    scene.call("rollback").must(OK)
    after = person_there(scene)
    lost = {"updatedAt", "updatedBy", "position", "searchVector"}
    assert {k: v for k, v in after.items() if k not in lost} == {
        k: v for k, v in before.items() if k not in lost
    }


def test_a_record_that_others_refer_to_is_not_destroyed(scene_at: SceneAt):
    scene = scene_at("loaded")
    decide(scene, "destroy")
    deleted_at_source(scene, COMPANIES, key(COMPANIES, 3))

    done = scene.call("run", "--delta").must(FOUND)

    [line] = phase(done, f"{COMPANY_PHASE} (deletions)")["not_loaded"]
    assert (line["key"], line["outcome"]) == (key(COMPANIES, 3), "rejected")
    assert "2 person" in line["reasons"][0]
    assert scene.destination.row("company", key(COMPANIES, 3))["name"] == "Компания 3"


@pytest.mark.parametrize(("decision", "trashed"), [("source", True), ("destination", False)])
def test_a_deletion_of_what_people_edited_is_decided_by_a_person(
    scene_at: SceneAt, decision: str, trashed: bool
):
    scene = scene_at("loaded")
    decide(scene, "trash")
    THERE["edited"](scene)
    AT_SOURCE["deleted"](scene)
    scene.call("run", "--delta").must(FOUND)
    scene.project.decide("conflicts", {PERSON: decision})

    scene.call("run", "--delta").must(FOUND)

    assert bool(person_there(scene).get("deletedAt")) is trashed
    assert PERSON not in scene.project.queue("conflicts")
    scene.destination.forget_log()
    scene.call("run", "--delta").must(FOUND)
    assert writes(scene) == []
    assert PERSON not in {source_key for _, source_key in findings(scene.call("reconcile"))}


def test_a_decision_about_one_conflict_does_not_answer_the_next(scene_at: SceneAt):
    scene = scene_at("loaded")
    AT_SOURCE["changed"](scene)
    THERE["edited"](scene)
    scene.call("run", "--delta").must(FOUND)
    scene.project.decide("conflicts", {PERSON: "destination"})
    scene.call("run", "--delta").must(FOUND)
    assert person_there(scene)["jobTitle"] == "Мастер"
    scene.change_source(CONTACTS, PERSON, position="Президент", __updatedAt="2024-03-01T00:00:00Z")

    scene.call("run", "--delta").must(FOUND)

    assert person_there(scene)["jobTitle"] == "Мастер"
    assert PERSON in scene.project.queue("conflicts")


@pytest.mark.parametrize("policy", ["trash", "destroy"])
def test_a_record_that_is_at_the_source_again_comes_back_by_decision_and_only_once(
    scene_at: SceneAt, policy: str
):
    scene = scene_at("loaded")
    no_tasks(scene)
    decide(scene, policy)
    was = person_there(scene)["id"]
    AT_SOURCE["deleted"](scene)
    scene.call("run", "--delta").must(FOUND)
    back = {"__deletedAt": None, "__updatedAt": "2024-03-01T00:00:00Z", "position": "Снова"}
    scene.change_source(CONTACTS, PERSON, **back)
    scene.call("run", "--delta").must(FOUND)
    assert PERSON in scene.project.queue("trash")
    scene.project.decide("trash", {PERSON: "restore"})

    scene.call("run", "--delta").must(FOUND)

    row = scene.destination.row("person", PERSON)
    assert (row["id"], row["jobTitle"]) == (was, "Снова")
    scene.call("rollback").must(OK)
    row = person_there(scene)
    assert row is None if policy == "destroy" else row.get("deletedAt")


@pytest.mark.parametrize("policy", ["trash", "destroy"])
@pytest.mark.parametrize("kind", ["kill_before", "kill_after"])
def test_killed_while_it_takes_away_and_started_again(scene_at: SceneAt, policy: str, kind: str):
    whole, killed = scene_at("loaded"), scene_at("loaded")
    verb = {"trash": "delete", "destroy": "destroy"}[policy]
    for scene in (whole, killed):
        no_tasks(scene)
        decide(scene, policy)
        AT_SOURCE["deleted"](scene)
    whole.call("run", "--delta").must(FOUND)

    killed.killed("run", "--delta", kind=kind, body=f"{verb}People")
    killed.call("run", "--delta").must(FOUND)

    assert_same(canonical(killed.destination.dump()), canonical(whole.destination.dump()))


def test_a_delta_that_was_rolled_back_is_read_again(scene_at: SceneAt):
    scene = scene_at("loaded")
    scene.change_source(CONTACTS, PERSON, position="Директор", __updatedAt="2024-01-01T00:00:00Z")
    scene.call("run", "--delta").must(FOUND)
    scene.call("rollback").must(OK)
    assert person_there(scene)["jobTitle"] == "Закупщик"

    scene.call("run", "--delta").must(FOUND)

    assert person_there(scene)["jobTitle"] == "Директор"


def test_a_mapping_that_decides_otherwise_is_confirmed_first(scene_at: SceneAt):
    scene = scene_at("loaded")
    with scene.project.edited("mapping.yaml") as document:
        document["decisions"] = {"deletions": "destroy"}
    scene.call("run", "--delta").must(REFUSED)
