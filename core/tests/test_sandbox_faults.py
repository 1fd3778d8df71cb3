"""Faults and control paths over real HTTP, with a toy platform served in a child process."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crossdock.sandbox import SandboxProcess, start

TOY = """
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

class Toy:
    token = "toy-token"

    def __init__(self, options):
        self.notes, self.now, self.seed = 0, None, options.seed
        self.app = Starlette(routes=[Route("/notes", self.add, methods=["GET", "POST"])])

    async def add(self, request):
        self.notes += 1
        fault = request.scope.get("crossdock.fault")
        return JSONResponse({"notes": self.notes, "fault": fault and fault["kind"], "padding": "x" * 200})

    def dump(self):
        return {"notes": self.notes, "now": self.now, "seed": self.seed}

    def reset(self, seed):
        self.notes, self.seed = 0, seed

    def set_clock(self, now):
        self.now = now

    def close(self):
        pass
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    folder = tmp_path_factory.mktemp("toy")
    info = folder / "site" / "toy-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "site" / "toy.py").write_text(TOY)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[crossdock.sandboxes]\ntoy = toy:Toy\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder / "site"))
        process = start("toy", data=folder / "toy.db")
    yield process
    process.stop()


@pytest.fixture
def client(toy: SandboxProcess) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=toy.url) as client:
        client.delete("/_sandbox/faults")
        client.delete("/_sandbox/log")
        client.post("/_sandbox/reset", json={"seed": "demo"})
        yield client


def order(client: httpx2.Client, *faults: dict[str, Any]) -> None:
    client.post("/_sandbox/faults", json=list(faults)).raise_for_status()


def notes(client: httpx2.Client) -> int:
    return int(client.get("/_sandbox/dump").json()["notes"])


def test_status_answers_as_ordered_without_acting(client: httpx2.Client) -> None:
    order(client, {"kind": "status", "status": 429, "headers": {"Retry-After": "7"}, "text": "too many"})

    answer = client.post("/notes")

    assert (answer.status_code, answer.headers["retry-after"], answer.text) == (429, "7", "too many")
    assert notes(client) == 0


def test_slow_acts_and_answers(client: httpx2.Client) -> None:
    order(client, {"kind": "slow", "seconds": 0.05})

    assert client.post("/notes").json()["notes"] == 1


@pytest.mark.parametrize(
    ("kind", "acted"),
    [("timeout_before", 0), ("timeout_after", 1), ("reset_before", 0), ("reset_after", 1), ("truncated", 1)],
)
def test_a_dropped_connection_is_seen_as_one_and_acts_only_after(
    client: httpx2.Client, kind: str, acted: int
) -> None:
    order(client, {"kind": kind, "seconds": 0.05})

    with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
        client.post("/notes")

    assert notes(client) == acted


@pytest.mark.parametrize(("kind", "acted"), [("timeout_before", 0), ("timeout_after", 1)])
def test_a_held_connection_makes_an_impatient_client_time_out(
    client: httpx2.Client, kind: str, acted: int
) -> None:
    order(client, {"kind": kind, "seconds": 30})

    with pytest.raises(httpx2.ReadTimeout):
        client.post("/notes", timeout=0.3)

    assert notes(client) == acted


def test_the_server_goes_on_after_a_dropped_connection(client: httpx2.Client) -> None:
    order(client, {"kind": "reset_after"})
    with suppress(httpx2.TransportError):
        client.post("/notes")

    assert client.post("/notes").json()["notes"] == 2


def test_not_json_acts_and_answers_200_with_html(client: httpx2.Client) -> None:
    order(client, {"kind": "not_json"})

    answer = client.post("/notes")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert notes(client) == 1


def test_status_after_acts_and_answers_as_a_proxy_would(client: httpx2.Client) -> None:
    order(client, {"kind": "status_after", "status": 504, "text": "gateway"})

    answer = client.post("/notes")

    assert (answer.status_code, answer.text) == (504, "gateway")
    assert notes(client) == 1


def test_with_a_chance_some_are_hit_and_with_the_same_seed_the_same_ones(client: httpx2.Client) -> None:
    def hit(seed: int) -> list[bool]:
        client.delete("/_sandbox/faults")
        order(client, {"kind": "status", "chance": 0.4, "times": 10, "seed": seed})
        return [client.get("/notes").status_code == 503 for _ in range(40)]

    first = hit(1)

    assert sum(first) == 10
    assert hit(1) == first
    assert hit(2) != first


def test_half_batch_is_handed_to_the_platform(client: httpx2.Client) -> None:
    order(client, {"kind": "half_batch"})

    assert client.post("/notes").json()["fault"] == "half_batch"


@pytest.mark.parametrize("kind", ["kill_before", "kill_after"])
def test_kill_ends_the_named_process_and_acts(client: httpx2.Client, tmp_path: Path, kind: str) -> None:
    victim = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    (tmp_path / "pid").write_text(f"{victim.pid}\n")
    order(client, {"kind": kind, "pid_file": str(tmp_path / "pid")})

    client.post("/notes")

    assert victim.wait(timeout=10) == -9
    assert notes(client) == 1


def test_a_fault_hits_only_what_it_matches(client: httpx2.Client) -> None:
    order(client, {"kind": "status", "method": "^POST$", "path": r"/notes\?page=2", "body": "Анна"})

    statuses = [
        client.get("/notes?page=2").status_code,
        client.post("/notes?page=1", json={"name": "Анна"}).status_code,
        client.post("/notes?page=2", json={"name": "Иван"}).status_code,
        client.post("/notes?page=2", content='{"name": "Анна"}'.encode()).status_code,
    ]

    assert statuses == [200, 200, 200, 503]


def test_a_fault_lets_skip_requests_pass_and_hits_times(client: httpx2.Client) -> None:
    order(client, {"kind": "status", "skip": 1, "times": 2})

    assert [client.post("/notes").status_code for _ in range(5)] == [200, 503, 503, 200, 200]


def test_faults_show_their_hits_and_can_be_forgotten(client: httpx2.Client) -> None:
    order(client, {"kind": "status", "times": 3})
    client.post("/notes")

    [shown] = client.get("/_sandbox/faults").json()
    client.delete("/_sandbox/faults")

    assert (shown["kind"], shown["hits"]) == ("status", 1)
    assert client.get("/_sandbox/faults").json() == []


def test_an_unknown_fault_is_refused(client: httpx2.Client) -> None:
    assert client.post("/_sandbox/faults", json={"kind": "earthquake"}).status_code == 400


def test_the_log_holds_every_request_with_status_and_fault(client: httpx2.Client) -> None:
    order(client, {"kind": "reset_before", "method": "GET"})
    client.post("/notes?page=2", json={"query": "mutation CreateNote { createNote { id } }"})
    with suppress(httpx2.TransportError):
        client.get("/notes")

    first, second = client.get("/_sandbox/log").json()

    assert (first["method"], first["path"], first["query"]) == ("POST", "/notes", "page=2")
    assert (first["status"], first["fault"], first["operation"]) == (200, None, "CreateNote")
    assert (second["status"], second["fault"]) == (None, "reset_before")


def test_the_log_can_be_read_from_a_number_on(client: httpx2.Client) -> None:
    for _ in range(3):
        client.post("/notes")
    numbers = [entry["n"] for entry in client.get("/_sandbox/log").json()]

    rest = client.get("/_sandbox/log", params={"since": numbers[0]}).json()

    assert [entry["n"] for entry in rest] == numbers[1:]


def test_reset_and_clock_reach_the_platform(client: httpx2.Client) -> None:
    client.post("/notes")

    client.post("/_sandbox/reset", json={"seed": "empty"}).raise_for_status()
    client.post("/_sandbox/clock", json={"now": 1700000000}).raise_for_status()

    assert client.get("/_sandbox/dump").json() == {"notes": 0, "now": 1700000000, "seed": "empty"}


@pytest.mark.parametrize("path", ["/_sandbox/reset", "/_sandbox/clock"])
def test_a_control_request_without_its_value_is_refused(client: httpx2.Client, path: str) -> None:
    assert client.post(path, json={}).status_code == 400
