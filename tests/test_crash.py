"""Killed at any instant, started again: no duplicate, no loss.

A command is killed at a request by its number, the same command is given again, and then the destination's
whole dump equals that of a run that nobody disturbed.
"""

import os
import signal
import time

import pytest
from tests.harness import FOUND, OK, STOPPED, Scene, Stages
from tests.there import BEFORE, BETWEEN

from crossdock.testing.dumps import assert_same


def books(report):
    """The two books of each phase."""
    return [(p["name"], p["source"], p["destination"], p["in_doubt"]) for p in report["phases"]]


def assert_whole(scene: Scene, stages: Stages, command: str = "run") -> None:
    """The command, given again, leaves everything as an undisturbed run does."""
    done = scene.call(command).must(FOUND)
    assert_same(scene.dump(), stages.dump("loaded"))
    assert books(done.json) == books(stages.answer("loaded"))
    assert not any(phase["in_doubt"] for phase in done.json["phases"])


def test_killed_in_provision(scene_at, stages, provision_kill):
    scene = scene_at("confirmed")
    scene.killed("provision", **provision_kill.fault)
    scene.call("provision").must(OK)
    assert_same(scene.dump(), stages.dump("provisioned"))


def test_what_was_provisioned_before_a_kill_is_rolled_back_too(scene_at, stages):
    scene = scene_at("confirmed")
    scene.killed("run", **stages.there.midway.fault)
    assert_whole(scene, stages)
    scene.call("rollback").must(OK)
    assert_same(scene.undone(), stages.undone("confirmed"))


@pytest.mark.parametrize("kind", [BEFORE, BETWEEN])
def test_killed_before_the_commit_and_between_commit_and_receipt(scene_at, stages, load_kill, kind):
    scene = scene_at("provisioned")
    scene.killed("run", **{**load_kill.fault, "kind": kind})
    assert_whole(scene, stages)


def test_killed_while_files_are_moved(scene_at, stages, files_kill):
    scene = scene_at("provisioned")
    scene.killed("run", **files_kill.fault)
    assert_whole(scene, stages)


def test_killed_in_the_second_pass(scene_at, stages, second_pass_kill):
    scene = scene_at("provisioned")
    scene.killed("run", **second_pass_kill.fault)
    assert_whole(scene, stages)


def test_killed_in_rollback(scene_at, stages, rollback_kill):
    scene = scene_at("loaded")
    scene.killed("rollback", **rollback_kill.fault)
    scene.call("rollback").must(OK)
    assert_same(scene.undone(), stages.undone("confirmed"))


def test_ended_by_a_signal_it_says_so_and_goes_on_later(scene_at, stages):
    scene = scene_at("provisioned")
    scene.destination.fault(kind="slow", seconds=1, **stages.there.people)
    running = scene.project.begin("run")
    while not scene.destination.ask("GET", "/_sandbox/faults")[0]["hits"]:
        time.sleep(0.02)
    os.kill(running, signal.SIGTERM)
    done = scene.project.ended(running).must(STOPPED)
    assert done.err.startswith("crossdock: stopped.")
    assert "same command again" in done.err
    assert_whole(scene, stages)


def test_killed_three_times_in_one_run(scene_at, stages):
    scene = scene_at("confirmed")
    for kill in stages.there.three:
        scene.killed("run", **kill.fault)
    assert_whole(scene, stages)
