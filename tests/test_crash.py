"""Killed at any instant, started again: no duplicate, no loss.

A command is killed at a request by its number, the same command is given again, and then the destination's
whole dump equals that of a run that nobody disturbed.
"""

import os
import signal
import time

import pytest
from tests.canonical import assert_same, canonical, undone
from tests.harness import FOUND, OK, STOPPED, Scene, Stages

BEFORE, BETWEEN = "kill_instead", "kill_after"
"""The platform never acts; the platform has acted, and the answer reaches nobody."""

OBJECT, FIELD, UPDATE = "createOneObject", "createOneField", "updateOneField"
PROVISION = [
    (BEFORE, OBJECT, 0),
    (BETWEEN, OBJECT, 0),
    (BEFORE, FIELD, 5),
    (BETWEEN, FIELD, 12),
    (BETWEEN, FIELD, 24),
    (BEFORE, UPDATE, 0),
    (BETWEEN, UPDATE, 1),
]
LOAD = [
    ("/rest/batch/companies", 0),
    ("/rest/batch/companies", 1),
    ("updateCompany", 0),
    ("/rest/batch/people", 1),
    ("/rest/batch/tasks", 1),
    ("/rest/batch/partses", 2),
]
FILES = [
    (BEFORE, "createFileUpload", "", 1),
    (BETWEEN, "createFileUpload", "", 0),
    (BEFORE, "", "/file-upload/", 2),
    (BETWEEN, "", "/file-upload/", 1),
    (BETWEEN, "completeFileUpload", "", 0),
    (BEFORE, "", "/rest/batch/attachments", 3),
    (BETWEEN, "", "/rest/batch/attachments", 2),
]
SECOND_PASS = [(BEFORE, 0), (BETWEEN, 0), (BEFORE, 9), (BETWEEN, 10), (BETWEEN, 17)]
ROLLBACK = [
    (BETWEEN, "destroyPartses", 0),
    (BEFORE, "destroyPeople", 0),
    (BETWEEN, "destroyTasks", 0),
    (BEFORE, "updateCompany", 0),
    (BETWEEN, "updateCompany", 0),
    (BETWEEN, "destroyCompanies", 0),
    (BEFORE, "deleteOneField", 3),
    (BETWEEN, "deleteOneField", 9),
    (BETWEEN, "deleteOneObject", 0),
]


def place(what: str) -> dict[str, str]:
    """A request by its path, or by an operation in its body."""
    return {"path": what} if what.startswith("/") else {"body": what}


def books(report):
    """The two books of each phase."""
    return [(p["name"], p["source"], p["destination"], p["in_doubt"]) for p in report["phases"]]


def assert_whole(scene: Scene, stages: Stages, command: str = "run") -> None:
    """The command, given again, leaves everything as an undisturbed run does."""
    done = scene.call(command).must(FOUND)
    assert_same(canonical(scene.destination.dump()), canonical(stages.dump("loaded")))
    assert books(done.json) == books(stages.answer("loaded"))
    assert not any(phase["in_doubt"] for phase in done.json["phases"])


@pytest.mark.parametrize(("kind", "body", "skip"), PROVISION)
def test_killed_in_provision(scene_at, stages, kind, body, skip):
    scene = scene_at("confirmed")
    scene.killed("provision", kind=kind, body=body, skip=skip)
    scene.call("provision").must(OK)
    assert_same(canonical(scene.destination.dump()), canonical(stages.dump("provisioned")))


def test_what_was_provisioned_before_a_kill_is_rolled_back_too(scene_at, stages):
    scene = scene_at("confirmed")
    scene.killed("run", kind=BETWEEN, body=FIELD, skip=8)
    assert_whole(scene, stages)
    scene.call("rollback").must(OK)
    assert_same(undone(scene.destination.dump()), undone(stages.dump("confirmed")))


@pytest.mark.parametrize(("what", "skip"), LOAD)
def test_killed_before_the_commit(scene_at, stages, what, skip):
    scene = scene_at("provisioned")
    scene.killed("run", kind=BEFORE, skip=skip, **place(what))
    assert_whole(scene, stages)


@pytest.mark.parametrize(("what", "skip"), LOAD)
def test_killed_between_commit_and_receipt(scene_at, stages, what, skip):
    scene = scene_at("provisioned")
    scene.killed("run", kind=BETWEEN, skip=skip, **place(what))
    assert_whole(scene, stages)


@pytest.mark.parametrize(("kind", "body", "path", "skip"), FILES)
def test_killed_while_files_are_moved(scene_at, stages, kind, body, path, skip):
    scene = scene_at("provisioned")
    scene.killed("run", kind=kind, body=body, path=path, skip=skip)
    assert_whole(scene, stages)


@pytest.mark.parametrize(("kind", "skip"), SECOND_PASS)
def test_killed_in_the_second_pass(scene_at, stages, kind, skip):
    scene = scene_at("provisioned")
    scene.killed("run", kind=kind, body="updateParts", skip=skip)
    assert_whole(scene, stages)


@pytest.mark.parametrize(("kind", "what", "skip"), ROLLBACK)
def test_killed_in_rollback(scene_at, stages, kind, what, skip):
    scene = scene_at("loaded")
    scene.killed("rollback", kind=kind, skip=skip, **place(what))
    scene.call("rollback").must(OK)
    assert_same(undone(scene.destination.dump()), undone(stages.dump("confirmed")))


def test_ended_by_a_signal_it_says_so_and_goes_on_later(scene_at, stages):
    scene = scene_at("provisioned")
    scene.destination.fault(kind="slow", seconds=1, method="POST", path="/rest/batch/people")
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
    scene.killed("run", kind=BETWEEN, body=FIELD, skip=2)
    scene.killed("run", kind=BETWEEN, path="/rest/batch/people")
    scene.killed("run", kind=BEFORE, path="/rest/batch/attachments", skip=1)
    assert_whole(scene, stages)
