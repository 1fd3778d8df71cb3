"""Refusals and stops: the promised exit code, one clear message, and nothing written where it says so."""

import json
import socket
from pathlib import Path

import pytest
from tests import dataset
from tests.harness import FOUND, OK, REFUSED, STOPPED, WRONG, Done, Scene

from crossdock.testing.dumps import assert_same

PATCHES = Path(__file__).with_name("patches.py")
FORGED = "0" * 40


def assert_message(done: Done, *words: str) -> None:
    """One message of at most two lines and a hint, with these words, and no traceback."""
    assert "Traceback" not in done.err
    messages = [line for line in done.err.splitlines() if line.startswith("crossdock: ")]
    assert len(messages) == 1, done.err
    missing = [word for word in words if word not in done.err]
    assert not missing, f"{missing} not in {done.err!r}"


def assert_nothing_written(scene: Scene, stages, stage: str = "confirmed") -> None:
    assert_same(scene.dump(), stages.dump(stage))


def changed_mapping(scene: Scene) -> None:
    with scene.project.edited("mapping.yaml") as mapping:
        route = next(r for r in mapping["objects"] if r["from"] == dataset.CONTACTS)
        del route["fields"][scene.there.name("person", "title")]
        route["ignore"].append("position")


def changed_decision(scene: Scene) -> None:
    with scene.project.edited("mapping.yaml") as mapping:
        mapping["decisions"] = {"fallback_user": "anna.petrova@romashka.example"}


def changed_source(scene: Scene) -> None:
    app = json.loads(json.dumps(dataset.PARTS_APP))
    app["fields"].append({"code": "later", "type": "STRING", "name": "Позже"})
    scene.source.seed({"apps": [app]})


def changed_destination(scene: Scene) -> None:
    scene.there.extend(scene.destination)


def unconfirmed(scene: Scene) -> None:
    (scene.project.folder / ".crossdock" / "confirmation.json").unlink()


CHANGES = {
    unconfirmed: "nobody has confirmed the mapping",
    changed_mapping: "the mapping",
    changed_decision: "a decision",
    changed_source: "the source's schema",
    changed_destination: "the destination's schema",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_after_the_confirmation_is_refused(scene_at, change):
    scene = scene_at("confirmed")
    change(scene)
    before = scene.destination.dump()
    for command in ("provision", "run"):
        assert_message(scene.call(command).must(REFUSED), CHANGES[change], "map confirm --by NAME")
    assert scene.destination.dump() == before


def test_another_plugin_version_is_refused(scene_at, stages):
    scene = scene_at("confirmed")
    for command in ("provision", "run"):
        done = scene.call(command, patch=f"{PATCHES}:another plugin version").must(REFUSED)
        assert_message(done, "this changed: a plugin's version.")
    assert_nothing_written(scene, stages)


def test_another_destination_is_refused(scene_at, tmp_path):
    scene = scene_at("confirmed")
    other = type(scene.destination).start(scene.project.launcher, scene.there.platform, tmp_path / "other.db")
    before = other.dump()
    scene.project.connect(scene.source, other, scene.there)
    for command in ("provision", "run"):
        done = scene.call(command).must(REFUSED)
        assert_message(done, "this changed: the destination.")
    assert other.dump() == before
    other.stop()


def test_a_forced_rollback_needs_the_confirmation(scene_at, stages):
    scene = scene_at("loaded")
    unconfirmed(scene)
    assert_message(scene.call("rollback", "--force").must(REFUSED), "nobody has confirmed")
    assert_nothing_written(scene, stages, "loaded")


def test_a_wrong_key_of_the_destination_writes_nothing(scene_at, stages):
    scene = scene_at("confirmed")
    scene.project.keys[scene.there.key_name] = scene.there.wrong_key(scene.destination.token)
    for command in ("discover", "provision", "run"):
        assert_message(scene.call(command).must(WRONG), "key")
    assert_nothing_written(scene, stages)


def test_a_wrong_token_of_the_source_writes_nothing(scene_at, stages):
    scene = scene_at("confirmed")
    scene.project.keys["ELMA_TOKEN"] = FORGED
    for command in ("discover", "run"):
        assert_message(scene.call(command).must(WRONG), "token")
    assert_nothing_written(scene, stages)


def test_a_secret_that_is_not_set_is_named(scene_at):
    scene = scene_at("confirmed")
    del scene.project.keys[scene.there.key_name]
    assert_message(scene.call("run").must(WRONG), scene.there.key_name, "is not set")


@pytest.mark.parametrize("side", ["sources", "destination"])
def test_an_unreachable_host_stops(scene_at, side):
    scene = scene_at("confirmed")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with scene.project.edited("crossdock.yaml") as document:
        connection = document["sources"][0] if side == "sources" else document["destination"]
        connection["url"] = address
    done = scene.call("discover", env={"CROSSDOCK_TEST_HURRY": "1"}, patch=f"{PATCHES}:no waiting")
    assert_message(done.must(STOPPED), address)


def test_an_unknown_mapping_key_names_the_nearest(scene_at, stages):
    scene = scene_at("confirmed")
    with scene.project.edited("mapping.yaml") as mapping:
        mapping["objects"][1]["feilds"] = mapping["objects"][1].pop("fields")
    for command in ("run", "provision"):
        assert_message(scene.call(command).must(WRONG), "feilds", "fields")
    assert scene.call("map", "check").code == WRONG
    assert_nothing_written(scene, stages)


@pytest.mark.parametrize(("target", "source"), [("name", "__nome"), ("nome", "__name")])
def test_a_missing_field_is_named_with_its_place(scene_at, stages, target, source):
    scene = scene_at("confirmed")
    with scene.project.edited("mapping.yaml") as mapping:
        route = next(r for r in mapping["objects"] if r["from"] == dataset.COMPANIES)
        route["fields"][target] = source
    for command in ("run", "provision"):
        done = scene.call(command).must(WRONG)
        assert_message(done, dataset.COMPANIES, target if target == "nome" else source)
    assert_nothing_written(scene, stages)


def test_a_full_disk_stops_the_run_and_it_goes_on_later(scene_at, stages):
    scene = scene_at("provisioned")
    staging = scene.project.folder / ".crossdock"
    largest = max(path.stat().st_size for path in staging.rglob("*") if path.is_file())
    done = scene.call("run", file_limit=max(largest, 1) + 4096).must(STOPPED)
    assert_message(done)
    assert_nothing_written(scene, stages, "provisioned")
    scene.call("run").must(FOUND)
    assert_nothing_written(scene, stages, "loaded")


def test_a_key_that_is_revoked_midway_stops_the_run_and_it_goes_on_later(scene_at, stages):
    scene = scene_at("provisioned")
    scene.destination.fault(**stages.there.revoked)
    assert_message(scene.call("run").must(STOPPED), "key")
    scene.destination.hits()
    scene.call("run").must(FOUND)
    assert_nothing_written(scene, stages, "loaded")


def test_no_secret_is_in_any_file_or_output(scene_at):
    scene = scene_at("loaded")
    done = [scene.call("discover"), scene.call("--log-level", "debug", "reconcile").must(OK)]
    scene.destination.fault(kind="status", status=500, text=scene.destination.token, times=None)
    done.append(scene.call("run", patch=f"{PATCHES}:no waiting"))
    assert done[-1].code == STOPPED
    written = [path.read_bytes() for path in scene.project.folder.rglob("*") if path.is_file()]
    written += [text.encode() for each in done for text in (each.out, each.err)]
    for secret in (scene.source.token, scene.destination.token):
        assert not [text[:200] for text in written if secret.encode() in text]
