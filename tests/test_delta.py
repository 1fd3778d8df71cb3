"""A delta: what was created, changed or deleted since, and what people did at the destination stays."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.dataset import COMPANIES, CONTACTS, company, contact, key
from tests.harness import FOUND, OK, REFUSED, WRONG, Scene, Stages

from crossdock.testing.dumps import assert_same

SceneAt = Callable[[str], Scene]
PERSON = key(CONTACTS, 7)
"""A contact that nothing refers to but a task, and no other contact."""


def phase(done: Any, name: str) -> Any:
    """A phase of a report."""
    return next(p for p in done.json["phases"] if p["name"] == name)


def company_phase(scene: Scene) -> str:
    """The name of the route of the companies."""
    return f"{COMPANIES}>{scene.there.objects['company']}"


def deletions(scene: Scene) -> str:
    """The name of the phase that deals with deleted contacts."""
    return f"{CONTACTS}>{scene.there.objects['person']} (deletions)"


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
    found = [*scene.came_from("person", source_key), *scene.came_from("person", source_key, trash=True)]
    return found[0] if found else None


def no_tasks(scene: Scene) -> None:
    """Take the tasks of the contact away, so that nothing refers to it."""
    scene.there.free(scene.destination, scene.destination.dump(), person_there(scene))


def test_a_delta_needs_a_finished_run(scene_at: SceneAt):
    scene = scene_at("provisioned")
    done = scene.call("run", "--delta").must(WRONG)
    assert "has not ended" in done.err or "none here" in done.err


def test_a_delta_without_a_change_writes_nothing(scene_at: SceneAt, stages: Stages):
    scene = scene_at("loaded")
    for _ in range(2):
        scene.destination.forget_log()
        done = scene.call("run", "--delta").must(FOUND)
        assert scene.writes() == []
        assert set(done.json["totals"]["source"]) <= {"unchanged", "held", "rejected", "skipped"}
    assert_same(scene.dump(), stages.dump("loaded"))


def test_only_what_changed_since_the_mark_is_asked_for(scene_at: SceneAt):
    scene = scene_at("loaded")
    scene.change_source(COMPANIES, key(COMPANIES, 4), __name="Новое имя")
    scene.call("run", "--delta").must(FOUND)
    scene.change_source(COMPANIES, key(COMPANIES, 5), __name="Ещё новее", __updatedAt="2024-01-05T00:00:00Z")

    done = scene.call("run", "--delta").must(FOUND)

    assert scene.row("company", key(COMPANIES, 5))["name"] == "Ещё новее"
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
    assert phase(done, company_phase(scene))["source"] == {
        "unchanged": 1,
        "loaded": 1,
        "held": 2,
        "rejected": 1,
    }


def test_a_new_record_and_what_waited_for_it_arrive(scene_at: SceneAt):
    scene = scene_at("loaded")
    new = company(20) | {"__updatedAt": "2024-01-01T00:00:00Z", "__createdAt": "2024-01-01T00:00:00Z"}
    person = contact(20, _companies=[new["__id"]]) | {"__updatedAt": "2024-01-01T00:00:00Z"}
    scene.source.seed({"items": {CONTACTS: [person]}})
    scene.call("run", "--delta").must(FOUND)
    assert person["__id"] in scene.project.queue("references")

    scene.source.seed({"items": {COMPANIES: [new]}})
    scene.call("run", "--delta").must(FOUND)

    there = scene.row("person", person["__id"])
    assert there["company"] == scene.row("company", new["__id"])["id"]
    assert person["__id"] not in scene.project.queue("references")


AT_SOURCE: dict[str, Callable[[Scene], None]] = {
    "unchanged": lambda scene: None,
    "changed": lambda scene: scene.change_source(CONTACTS, PERSON, position="Директор"),
    "deleted": lambda scene: deleted_at_source(scene, CONTACTS, PERSON),
}


THERE: dict[str, Callable[[Scene], None]] = {
    "unchanged": lambda scene: None,
    "edited": lambda scene: scene.patch("person", person_there(scene), title="Мастер"),
    "deleted": lambda scene: scene.remove("person", person_there(scene), trash=True),
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
    if there == "deleted" and not scene.there.bin:
        assert row is None
    else:
        assert (row["title"], row["trashed"]) == (title, trashed)
    assert (PERSON in scene.project.queue("conflicts")) is queued
    assert findings(done) == found
    scene.destination.forget_log()
    scene.call("run", "--delta").must(FOUND)
    assert scene.writes() == []


def test_a_record_deleted_at_the_source_is_only_reported_if_nothing_is_decided(scene_at: SceneAt):
    scene = scene_at("loaded")
    deleted_at_source(scene, CONTACTS, PERSON)
    scene.destination.forget_log()

    done = scene.call("run", "--delta").must(FOUND)

    assert scene.writes() == []
    assert findings(done) == {("deleted at source", PERSON)}
    assert phase(done, deletions(scene))["source"] == {"skipped": 1}
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
    assert row is None if policy == "destroy" else row["trashed"]
    assert phase(done, deletions(scene))["source"] == {"skipped": 1}
    assert phase(done, deletions(scene))["destination"] == {"updated": 1}
    assert PERSON not in {source_key for _, source_key in findings(scene.call("reconcile"))}
    scene.call("rollback").must(OK)
    after = person_there(scene)
    assert scene.there.kept(after) == scene.there.kept(before)


def test_a_record_that_others_refer_to_is_not_destroyed(scene_at: SceneAt):
    scene = scene_at("loaded")
    decide(scene, "destroy")
    deleted_at_source(scene, COMPANIES, key(COMPANIES, 3))

    done = scene.call("run", "--delta").must(FOUND)

    [line] = phase(done, f"{company_phase(scene)} (deletions)")["not_loaded"]
    assert (line["key"], line["outcome"]) == (key(COMPANIES, 3), "rejected")
    assert f"2 {scene.there.objects['person']}" in line["reasons"][0]
    assert scene.row("company", key(COMPANIES, 3))["name"] == "Компания 3"


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

    assert person_there(scene)["trashed"] is trashed
    assert PERSON not in scene.project.queue("conflicts")
    scene.destination.forget_log()
    scene.call("run", "--delta").must(FOUND)
    assert scene.writes() == []
    assert PERSON not in {source_key for _, source_key in findings(scene.call("reconcile"))}


def test_a_decision_about_one_conflict_does_not_answer_the_next(scene_at: SceneAt):
    scene = scene_at("loaded")
    AT_SOURCE["changed"](scene)
    THERE["edited"](scene)
    scene.call("run", "--delta").must(FOUND)
    scene.project.decide("conflicts", {PERSON: "destination"})
    scene.call("run", "--delta").must(FOUND)
    assert person_there(scene)["title"] == "Мастер"
    scene.change_source(CONTACTS, PERSON, position="Президент", __updatedAt="2024-03-01T00:00:00Z")

    scene.call("run", "--delta").must(FOUND)

    assert person_there(scene)["title"] == "Мастер"
    assert PERSON in scene.project.queue("conflicts")


@pytest.mark.parametrize("policy", ["trash", "destroy"])
def test_a_record_that_is_at_the_source_again_comes_back_by_decision_and_only_once(
    scene_at: SceneAt, policy: str
):
    scene = scene_at("loaded")
    no_tasks(scene)
    decide(scene, policy)
    was = scene.there.target_id(scene.destination, person_there(scene))
    AT_SOURCE["deleted"](scene)
    scene.call("run", "--delta").must(FOUND)
    back = {"__deletedAt": None, "__updatedAt": "2024-03-01T00:00:00Z", "position": "Снова"}
    scene.change_source(CONTACTS, PERSON, **back)
    scene.call("run", "--delta").must(FOUND)
    assert PERSON in scene.project.queue("trash")
    scene.project.decide("trash", {PERSON: "restore"})

    scene.call("run", "--delta").must(FOUND)

    row = scene.row("person", PERSON)
    assert (scene.there.target_id(scene.destination, row), row["title"]) == (was, "Снова")
    scene.call("rollback").must(OK)
    row = person_there(scene)
    assert row is None if policy == "destroy" else row["trashed"]


@pytest.mark.parametrize("policy", ["trash", "destroy"])
@pytest.mark.parametrize("kind", ["kill_before", "kill_after"])
def test_killed_while_it_takes_away_and_started_again(scene_at: SceneAt, policy: str, kind: str):
    whole, killed = scene_at("loaded"), scene_at("loaded")
    for scene in (whole, killed):
        no_tasks(scene)
        decide(scene, policy)
        AT_SOURCE["deleted"](scene)
    whole.call("run", "--delta").must(FOUND)

    killed.killed("run", "--delta", kind=kind, **killed.there.removal[policy])
    killed.call("run", "--delta").must(FOUND)

    assert_same(killed.dump(), whole.dump())


def test_a_delta_that_was_rolled_back_is_read_again(scene_at: SceneAt):
    scene = scene_at("loaded")
    scene.change_source(CONTACTS, PERSON, position="Директор", __updatedAt="2024-01-01T00:00:00Z")
    scene.call("run", "--delta").must(FOUND)
    scene.call("rollback").must(OK)
    assert person_there(scene)["title"] == "Закупщик"

    scene.call("run", "--delta").must(FOUND)

    assert person_there(scene)["title"] == "Директор"


def test_a_mapping_that_decides_otherwise_is_confirmed_first(scene_at: SceneAt):
    scene = scene_at("loaded")
    with scene.project.edited("mapping.yaml") as document:
        document["decisions"] = {"deletions": "destroy"}
    scene.call("run", "--delta").must(REFUSED)
