"""What reconcile finds: records that nobody knows of, edits, deletions, and a product that is broken."""

from collections import Counter
from pathlib import Path

import pytest
from tests.dataset import COMPANIES, CONTACTS, key
from tests.harness import FOUND, OK, REFUSED, Done, Scene

PATCHES = Path(__file__).with_name("patches.py")
HARMLESS = "normalised"
MUTANTS = {
    "a digit": "weight",
    "day and month": "contractDate",
    "cut at 255": "about",
    "micros": "annualRevenue",
    "currency": "annualRevenue",
    "a neighbour's e-mail": "email",
}


def findings(done: Done) -> Counter:
    """How many findings of each kind on each object, but for those that a declared rule explains."""
    found = Counter({(f["object"], f["kind"]): f["count"] for f in done.json["findings"]})
    return Counter({place: count for place, count in found.items() if place[1] != HARMLESS})


def first(done: Done, kind: str) -> dict:
    """The one finding of a kind."""
    found = [f for f in done.json["first_findings"] if f["kind"] == kind]
    assert len(found) == 1, found
    return found[0]


def test_nothing_is_found_after_an_undisturbed_run(scene_at):
    done = scene_at("loaded").call("reconcile").must(OK)
    assert not findings(done)


def test_a_planted_copy_is_extra(scene_at):
    scene = scene_at("loaded")
    row = scene.destination.row("person", key(CONTACTS, 3))
    copy = {"name": row["name"], "crossdockKey": row["crossdockKey"], "companyId": row["companyId"]}
    made = scene.destination.ask("POST", "/rest/people", copy)["data"]["createPerson"]
    done = scene.call("reconcile").must(FOUND)
    assert findings(done) == {("person", "extra"): 1}
    assert first(done, "extra")["target_id"] == made["id"]


def test_a_planted_link_is_extra(scene_at):
    scene = scene_at("loaded")
    row = scene.destination.rows("taskTarget")[0]
    copy = {n: row[n] for n in row if n in ("crossdockKey", "taskId", "targetCompanyId", "targetPersonId")}
    made = scene.destination.ask("POST", "/rest/taskTargets", copy)["data"]["createTaskTarget"]
    done = scene.call("reconcile").must(FOUND)
    assert findings(done) == {("taskTarget", "extra"): 1}
    assert first(done, "extra")["target_id"] == made["id"]


def test_an_edit_there_is_found(scene_at):
    scene = scene_at("loaded")
    row = scene.destination.row("company", key(COMPANIES, 4))
    scene.patch("companies", row["id"], name="Переименована")
    done = scene.call("reconcile").must(FOUND)
    assert findings(done) == {("company", "edited there since"): 1}
    assert (first(done, "edited there since")["field"]) == "name"


@pytest.mark.parametrize("query", ["?soft_delete=true", ""])
def test_a_deletion_there_is_found(scene_at, query):
    scene = scene_at("loaded")
    row = scene.destination.row("person", key(CONTACTS, 15))
    scene.destination.ask("DELETE", f"/rest/people/{row['id']}{query}")
    done = scene.call("reconcile").must(FOUND)
    assert findings(done) == {("person", "deleted there"): 1}
    assert first(done, "deleted there")["target_id"] == row["id"]


def test_a_value_that_changes_before_the_gate_differs(scene_at):
    scene = scene_at("provisioned")
    allow_differences(scene)
    scene.killed("run", kind="kill_after", path="/rest/batch/companies", skip=1)
    row = scene.destination.row("company", key(COMPANIES, 2))
    scene.patch("companies", row["id"], employees=777)
    done = scene.call("run").must(FOUND)
    assert findings(done) == {("company", "differs"): 1}
    assert findings(scene.call("reconcile").must(FOUND)) == {("company", "differs"): 1}


@pytest.mark.parametrize("side", ["encoder", "decoder"])
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_codec_is_found(scene_at, side, mutant):
    scene = scene_at("provisioned")
    allow_differences(scene)
    scene.call("run", patch=f"{PATCHES}:{side}: {mutant}").must(FOUND)
    done = scene.call("reconcile").must(FOUND)
    assert {f["field"] for f in done.json["first_findings"] if f["kind"] == "differs"} >= {MUTANTS[mutant]}
    assert {kind for _, kind in findings(done)} == {"differs"}


def test_a_broken_encoder_stops_at_the_gate(scene_at):
    scene = scene_at("provisioned")
    done = scene.call("run", patch=f"{PATCHES}:encoder: currency").must(REFUSED)
    assert "_clients._companies>company" in done.err
    assert "differ from what was sent" in done.err
    assert not [r for r in scene.destination.rows("person") if r.get("crossdockKey")]


def allow_differences(scene: Scene) -> None:
    """Let a run go on whatever differs."""
    with scene.project.edited("crossdock.yaml") as document:
        document["options"]["gate_allowance"] = 1.0
