"""Sandboxes as processes: ready line, restart, exclusive data file, health."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from crossdock.errors import ConfigError
from crossdock.sandbox import SandboxProcess, ensure, find, health, running, start

TOY = """
import sqlite3, threading
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

class Toy:
    token = "toy-token"

    def __init__(self, options):
        self.db = sqlite3.connect(options.data, check_same_thread=False, isolation_level=None)
        self.lock = threading.Lock()
        self.now = None
        self.db.execute("CREATE TABLE IF NOT EXISTS note (text)")
        self.app = Starlette(routes=[Route("/notes", self.add, methods=["POST"])])

    def add(self, request):
        with self.lock:
            self.db.execute("INSERT INTO note VALUES ('note')")
        return JSONResponse({"added": True})

    def dump(self):
        with self.lock:
            return {"notes": self.db.execute("SELECT count(*) FROM note").fetchone()[0], "now": self.now}

    def reset(self, seed):
        with self.lock:
            self.db.execute("DELETE FROM note")

    def set_clock(self, now):
        self.now = now

    def close(self):
        self.db.close()
"""

Starter = Callable[[], SandboxProcess]


@pytest.fixture
def toy_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    (site / "toy-1.0.dist-info").mkdir(parents=True)
    (site / "toy.py").write_text(TOY)
    (site / "toy-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n")
    (site / "toy-1.0.dist-info" / "entry_points.txt").write_text("[crossdock.sandboxes]\ntoy = toy:Toy\n")
    monkeypatch.setenv("PYTHONPATH", str(site))


@pytest.fixture
def start_toy(toy_plugin: None, tmp_path: Path) -> Iterator[Starter]:
    started: list[SandboxProcess] = []

    def starter() -> SandboxProcess:
        started.append(start("toy", data=tmp_path / "toy.db"))
        return started[-1]

    yield starter
    for process in started:
        process.stop()


def test_a_started_sandbox_answers_on_loopback(start_toy: Starter, tmp_path: Path) -> None:
    process = start_toy()

    about = health(process.url)

    assert process.url.startswith("http://127.0.0.1:")
    assert about is not None
    assert about["token"] == process.token == "toy-token"
    assert (about["pid"], about["data"]) == (process.pid, str(tmp_path / "toy.db"))


def test_stdout_holds_exactly_the_ready_line_and_sigterm_ends_with_exit_code_0(
    toy_plugin: None, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "crossdock.sandbox", "toy", "--data", str(tmp_path / "toy.db")]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    ready = json.loads(child.stdout.readline())
    httpx2.post(f"{ready['url']}/notes")

    child.send_signal(signal.SIGTERM)
    rest, _ = child.communicate(timeout=20)

    assert {"platform", "url", "token", "pid", "data"} <= ready.keys()
    assert rest == ""
    assert child.returncode == 0


def test_what_was_written_survives_a_restart(start_toy: Starter) -> None:
    first = start_toy()
    httpx2.post(f"{first.url}/notes")
    first.kill()

    second = start_toy()

    assert httpx2.get(f"{second.url}/_sandbox/dump").json()["notes"] == 1


def test_a_second_sandbox_of_the_same_data_file_is_refused(start_toy: Starter) -> None:
    start_toy()

    with pytest.raises(ConfigError, match="another sandbox already serves"):
        start_toy()


def test_a_running_sandbox_is_found_by_its_data_file(start_toy: Starter, tmp_path: Path) -> None:
    process = start_toy()

    assert find(tmp_path / "toy.db") == process
    assert ensure("toy", data=tmp_path / "toy.db") == process


def test_a_stopped_sandbox_is_neither_running_nor_found(start_toy: Starter, tmp_path: Path) -> None:
    process = start_toy()

    process.stop()

    assert not running(process.url)
    assert find(tmp_path / "toy.db") is None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_an_unknown_platform_names_the_installed_ones(toy_plugin: None, tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"no installed plugin has a sandbox named 'nobody'; installed: .*toy"
    ):
        start("nobody", data=tmp_path / "x.db")


def test_without_the_extra_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossdock.sandbox.process.find_spec", lambda name: None)

    with pytest.raises(ConfigError, match=r'pip install "crossdock\[sandbox\]"'):
        start("toy", data=tmp_path / "toy.db")


def test_a_taken_port_is_named(start_toy: Starter, tmp_path: Path) -> None:
    port = int(start_toy().url.rpartition(":")[2])

    with pytest.raises(ConfigError, match=f"port {port} cannot be used"):
        start("toy", data=tmp_path / "other.db", port=port)
