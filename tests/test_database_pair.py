"""A whole migration with its state on PostgreSQL, and two commands at once on one project.

Ledgers of earlier versions: `test_kept_ledgers.py`.
"""

import os
import signal
import time

import pytest
from core.tests.postgres import server
from tests.harness import FOUND, OK, REFUSED, STOPPED, Scene

from crossdock.testing.commands import Project
from crossdock.testing.dumps import assert_same

_NAME = "CROSSDOCK_DATABASE"


def on_server(scene: Scene) -> str:
    """Give the project a database on the server."""
    url = server().new_database()
    scene.project.keys[_NAME] = url
    with scene.project.edited("crossdock.yaml") as document:
        document["database"] = f"env:{_NAME}"
    for file in (scene.project.folder / ".crossdock").glob("*.db*"):
        file.unlink()
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def provisioned(request, scene_at):
    """A scene whose state is in a database of this kind."""
    scene = scene_at("confirmed")
    if request.param == "postgresql":
        on_server(scene)
    scene.call("provision").must(OK)
    return scene


def held_up(scene: Scene, *arguments: str) -> int:
    """Begin a command that stands still at its first write to the destination; its process id."""
    scene.destination.fault(kind="slow", seconds=1, **scene.there.people)
    running = scene.project.begin(*arguments)
    while not scene.destination.ask("GET", "/_sandbox/faults")[0]["hits"]:
        time.sleep(0.02)
    os.kill(running, signal.SIGSTOP)
    return running


def beside(scene: Scene) -> Project:
    """The same project in another window."""
    folder = scene.project.folder
    window = folder.parent / "window"
    window.mkdir(exist_ok=True)
    link = window / folder.name
    if not link.exists():
        link.symlink_to(folder)
    return Project(scene.project.launcher, link, scene.project.keys)


def test_killed_resumed_reconciled_and_rolled_back_on_a_server(scene_at, stages):
    scene = scene_at("confirmed")
    name = on_server(scene)
    scene.call("provision").must(OK)
    scene.killed("run", **stages.there.load[0].fault)
    scene.call("run").must(FOUND)
    assert_same(scene.dump(), stages.dump("loaded"))
    scene.call("reconcile").must(OK, FOUND)
    scene.call("run", "--delta").must(OK, FOUND)
    assert_same(scene.dump(), stages.dump("loaded"))
    scene.call("rollback", "--with-later", "--run", run_ids(scene)[0]).must(OK)
    assert_same(scene.undone(), stages.undone("confirmed"))
    schemas = server().ask("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'entry'", name)
    assert schemas == [(scene.project.yaml("crossdock.yaml")["project"]["id"],)]
    assert not list((scene.project.folder / ".crossdock").glob("*.db"))


def run_ids(scene: Scene) -> list[str]:
    return [run["id"] for run in scene.call("status").must(OK).json if run["kind"] == "run"]


def test_a_server_that_is_restarted_stops_a_run_that_goes_on_later(scene_at, stages):
    scene = scene_at("confirmed")
    on_server(scene)
    running = held_up(scene, "run")
    server().restart()
    os.kill(running, signal.SIGCONT)
    done = scene.project.ended(running).must(STOPPED)
    assert "was lost" in done.err
    scene.call("run").must(FOUND)
    assert_same(scene.dump(), stages.dump("loaded"))


def test_the_second_of_two_runs_is_refused_and_writes_nothing(provisioned, stages):
    scene, other = provisioned, beside(provisioned)
    running = held_up(scene, "run")
    before = scene.writes()
    for arguments in (["run"], ["provision"], ["rollback"], ["reconcile"]):
        done = other.call(*arguments).must(REFUSED)
        assert f"process {running} on " in done.err
    assert other.call("status").must(OK).json[0]["state"] == "running"
    other.call("report").must(OK)
    on_its_way = 1  # the request of the first one
    assert len(scene.writes()) - len(before) <= on_its_way
    os.kill(running, signal.SIGCONT)
    scene.project.ended(running).must(FOUND)
    assert_same(scene.dump(), stages.dump("loaded"))


def test_a_run_is_free_to_go_on_when_the_one_before_it_was_killed(provisioned, stages):
    scene = provisioned
    running = held_up(scene, "run")
    os.kill(running, signal.SIGKILL)
    scene.project.ended(running)
    scene.call("run").must(FOUND)
    assert_same(scene.dump(), stages.dump("loaded"))


def test_a_rehearsal_on_a_server_has_a_ledger_of_its_own(scene_at, stages):
    scene = scene_at("confirmed")
    name = on_server(scene)
    with scene.project.edited("crossdock.yaml") as document:
        document["destinations"] = {"rehearsal": dict(document["destination"])}
    scene.call("map", "confirm", "--by", "Test", "--to", "rehearsal").must(OK)
    scene.call("run", "--to", "rehearsal").must(FOUND)
    assert scene.call("status").must(OK).json == []
    assert len(scene.call("status", "--to", "rehearsal").must(OK).json) == 1
    scene.call("rollback", "--to", "rehearsal").must(OK)
    assert_same(scene.undone(), stages.undone("confirmed"))
    project = scene.project.yaml("crossdock.yaml")["project"]["id"]
    schemas = server().ask("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'entry'", name)
    assert sorted(schemas) == [(project,), (f"{project}/rehearsal",)]
