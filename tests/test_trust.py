"""What reconcile finds: records that nobody knows of, edits, deletions, and a product that is broken."""

from collections import Counter
from pathlib import Path

import pytest
from tests.dataset import COMPANIES, CONTACTS, key
from tests.harness import FOUND, OK, REFUSED, Done, Scene

PATCHES = Path(__file__).with_name("patches.py")
HARMLESS = "normalised"


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
    row = scene.row("person", key(CONTACTS, 3))
    made = scene.there.copy(scene.destination, "person", row)
    done = scene.call("reconcile").must(FOUND)
    assert findings(done) == {(scene.there.objects["person"], "extra"): 1}
    assert first(done, "extra")["target_id"] == made


def test_a_planted_link_is_extra(scene_at):
    scene = scene_at("loaded")
    made = scene.there.copy(scene.destination, "link", scene.rows("link")[0])
    done = scene.call("reconcile").must(FOUND)
    assert findings(done) == {(scene.there.objects["link"], "extra"): 1}
    assert first(done, "extra")["target_id"] == made


def test_an_edit_there_is_found(scene_at):
    scene = scene_at("loaded")
    row = scene.row("company", key(COMPANIES, 4))
    scene.patch("company", row, name="Переименована")
    done = scene.call("reconcile").must(FOUND)
    assert findings(done) == {(scene.there.objects["company"], "edited there since"): 1}
    assert (first(done, "edited there since")["field"]) == scene.there.name("company", "name")


def test_a_deletion_there_is_found(scene_at, trash):
    scene = scene_at("loaded")
    row = scene.row("person", key(CONTACTS, 15))
    target_id = scene.there.target_id(scene.destination, row)
    scene.remove("person", row, trash=trash)
    done = scene.call("reconcile").must(FOUND)
    assert findings(done) == {(scene.there.objects["person"], "deleted there"): 1}
    assert first(done, "deleted there")["target_id"] == target_id


def test_a_value_that_changes_before_the_gate_differs(scene_at):
    scene = scene_at("provisioned")
    allow_differences(scene)
    scene.killed("run", **scene.there.second_batch.fault)
    scene.patch("company", scene.row("company", key(COMPANIES, 2)), employees=777)
    differs = {(scene.there.objects["company"], "differs"): 1}
    done = scene.call("run").must(FOUND)
    assert findings(done) == differs
    assert findings(scene.call("reconcile").must(FOUND)) == differs


@pytest.mark.parametrize("side", ["encoder", "decoder"])
def test_a_broken_codec_is_found(scene_at, side, mutant):
    scene = scene_at("provisioned")
    allow_differences(scene)
    scene.call("run", patch=patch(scene, side, mutant)).must(FOUND)
    done = scene.call("reconcile").must(FOUND)
    shown = {f["field"] for f in done.json["first_findings"] if f["kind"] == "differs"}
    assert shown >= {scene.there.codec[mutant]}
    assert {kind for _, kind in findings(done)} == {"differs"}


def test_a_broken_encoder_stops_at_the_gate(scene_at):
    scene = scene_at("provisioned")
    done = scene.call("run", patch=patch(scene, "encoder", scene.there.grave)).must(REFUSED)
    assert f"_clients._companies>{scene.there.objects['company']}" in done.err
    assert "differ from what was sent" in done.err
    assert not [row for row in scene.rows("person") if scene.there.external_id(row)]


def patch(scene: Scene, side: str, mutant: str) -> str:
    """A small fault in one of the codecs; that of the destination is the platform's own."""
    return f"{PATCHES}:{f'{scene.there.platform} ' if side == 'encoder' else ''}{side}: {mutant}"


def allow_differences(scene: Scene) -> None:
    """Let a run go on whatever differs."""
    with scene.project.edited("crossdock.yaml") as document:
        document["options"]["gate_allowance"] = 1.0
