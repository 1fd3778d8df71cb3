"""Sandboxes in processes of their own, a project folder, and the command line: one way to use them.

A test starts from a stage: both platforms and the project as they were after `confirm`, `provision` or
`run`. Stages are made once a test process and copied for each test, with the clocks of the destination
stopped, so that two runs of the same project write the same times.
"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlsplit

from ruamel.yaml import YAML
from tests import dataset
from tests.launcher import Launcher

Json = dict[str, Any]
NOW = 1_780_000_000
"""The time at the destination, in seconds since the epoch."""

CROSSDOCK = Path(sys.executable).with_name("crossdock")
OK, FOUND, WRONG, STOPPED, REFUSED = 0, 1, 2, 3, 4


@dataclass
class Sandbox:
    """One platform on loopback, in a process of its own."""

    platform: str
    url: str
    token: str
    data: Path
    pid: int
    launcher: Launcher

    @classmethod
    def start(cls, launcher: Launcher, platform: str, data: Path, *, seed: str = "demo") -> Self:
        """Start it, with the state of its data file if there is one."""
        out, err = data.with_suffix(".out"), data.with_suffix(".log")
        out.unlink(missing_ok=True)
        argv = [platform, "--port", "0", "--data", str(data), "--seed", seed, "--rate", "off"]
        pid = launcher.begin("sandbox", argv, out, err)
        while not (out.exists() and out.read_text().endswith("\n")):
            code = launcher.wait(pid, 0.02)
            assert code is None, f"the sandbox of {platform} did not start: {err.read_text()[-2000:]}"
        ready = json.loads(out.read_text())
        return cls(platform, ready["url"], ready["token"], data, pid, launcher)

    def request(self, method: str, path: str, body: Any = None, *, key: str = "") -> tuple[int, Any]:
        """One request with the key (or another one): status and JSON."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        headers = {"Authorization": f"Bearer {key or self.token}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(content) if content[:1] in (b"{", b"[") else content

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request that has to succeed; its JSON."""
        status, answer = self.request(method, path, body)
        assert status in (200, 201, 204), f"{method} {path}: {status} {answer!r}"
        return answer

    def seed(self, body: Mapping[str, Any]) -> None:
        """Put data into the source."""
        self.ask("POST", "/_seed", dict(body))

    def dump(self) -> Any:
        """Everything that it holds."""
        return self.ask("GET", "/_sandbox/dump")

    def log(self) -> list[Json]:
        """The requests since the log was last cleared."""
        found: list[Json] = self.ask("GET", "/_sandbox/log?since=0")
        return found

    def forget_log(self) -> None:
        """Clear the request log."""
        self.ask("DELETE", "/_sandbox/log")

    def fault(self, **fault: Any) -> None:
        """Order a fault."""
        self.ask("POST", "/_sandbox/faults", fault)

    def hits(self) -> int:
        """How often ordered faults have happened; they are forgotten."""
        hits = sum(fault["hits"] for fault in self.ask("GET", "/_sandbox/faults"))
        self.ask("DELETE", "/_sandbox/faults")
        return hits

    def freeze(self) -> None:
        """Stop its clock."""
        self.ask("POST", "/_sandbox/clock", {"now": NOW})

    def rows(self, name: str) -> list[Json]:
        """The live records of a destination's object, as they are stored."""
        found: list[Json] = self.dump()["records"][name]["live"]
        return found

    def row(self, name: str, source_key: str) -> Json:
        """The live record that came from a source record."""
        found = [r for r in self.rows(name) if f"/{source_key}" in (r.get("crossdockKey") or "")]
        assert len(found) == 1, f"{len(found)} records of {name} came from {source_key}"
        return found[0]

    def stop(self) -> None:
        """End it; its state stays in its data file."""
        os.kill(self.pid, signal.SIGTERM)
        assert self.launcher.wait(self.pid, 20) is not None


@dataclass(frozen=True)
class Done:
    """How a command ended: exit code, the JSON it answered (None if it was none), both outputs."""

    code: int
    json: Any
    out: str
    err: str

    def must(self, *codes: int) -> Self:
        """The same, if it ended with one of these codes."""
        assert self.code in codes, (
            f"exit {self.code} instead of {codes}\n{self.out[-1500:]}\n{self.err[-3000:]}"
        )
        return self


@dataclass
class Project:
    """A project folder and the commands on it. Keys reach a command through its environment only."""

    launcher: Launcher
    folder: Path
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def pid_file(self) -> Path:
        """Where a command leaves its process id before it starts."""
        return self.folder.with_name("pid")

    def begin(self, *arguments: str, **more: Any) -> int:
        """Start a command; its process id, which is in `pid_file` too. `more`: see `launcher`."""
        env = self.keys | more.pop("env", {})
        argv = ["-C", str(self.folder), "--json", *arguments]
        out, err = self._outputs
        err.unlink(missing_ok=True)
        return self.launcher.begin("crossdock", argv, out, err, env=env, pid_file=str(self.pid_file), **more)

    def ended(self, pid: int) -> Done:
        """Wait for a command."""
        code = self.launcher.wait(pid)
        assert code is not None, "it does not end"
        return _done(code, *(path.read_text(encoding="utf-8") for path in self._outputs))

    def call(self, *arguments: str, **more: Any) -> Done:
        """Run a command to its end."""
        return self.ended(self.begin(*arguments, **more))

    def execute(self, *arguments: str) -> Done:
        """Run a command as a shell does, from its executable file."""
        command = [str(CROSSDOCK), "-C", str(self.folder), "--json", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **self.keys})
        return _done(done.returncode, done.stdout, done.stderr)

    @property
    def _outputs(self) -> tuple[Path, Path]:
        return self.folder.with_name("stdout"), self.folder.with_name("stderr")

    def yaml(self, name: str) -> Any:
        """A YAML file of the project."""
        return YAML().load((self.folder / name).read_text(encoding="utf-8"))

    def save(self, name: str, document: Any) -> None:
        """Write a YAML file of the project, as an editor would."""
        yaml = YAML()
        yaml.width = 1000
        with (self.folder / name).open("w", encoding="utf-8") as file:
            yaml.dump(document, file)

    @contextmanager
    def edited(self, name: str) -> Iterator[Any]:
        """A YAML file of the project, written back at the end."""
        document = self.yaml(name)
        yield document
        self.save(name, document)

    def connect(self, source: Sandbox, destination: Sandbox) -> None:
        """Write the addresses of the two platforms into the project file."""
        self.keys = {"ELMA_TOKEN": source.token, "TWENTY_KEY": destination.token}
        with self.edited("crossdock.yaml") as document:
            document["sources"][0].update(
                url=source.url,
                token="env:ELMA_TOKEN",
                calls_per_minute=100_000,
                page_size=1000,
                applications=list(dataset.APPLICATIONS),
            )
            document["destination"].update(
                url=destination.url, key="env:TWENTY_KEY", calls_per_minute=100_000, batch_size=8
            )

    def queue(self, name: str) -> str:
        """The text of a queue file, "" if there is none."""
        path = self.folder / "queues" / f"{name}.csv"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def decide(self, name: str, decisions: Mapping[str, str]) -> None:
        """Write decisions, by the key of the record, into a queue file."""
        import csv

        path = self.folder / "queues" / f"{name}.csv"
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            row["decision"] = decisions.get(row["key"], row["decision"])
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


@dataclass
class Scene:
    """Both platforms and the project of one test."""

    source: Sandbox
    destination: Sandbox
    project: Project

    def call(self, *arguments: str, **more: Any) -> Done:
        """Run a command of the project."""
        return self.project.call(*arguments, **more)

    def killed(self, *arguments: str, **fault: Any) -> None:
        """Run a command that is killed before or after the platform acts on a request (`kind`, `skip`...)."""
        self.destination.fault(pid_file=str(self.project.pid_file), **fault)
        done = self.call(*arguments)
        assert self.destination.hits() == 1, f"no such request: exit {done.code}\n{done.err[-2000:]}"
        assert done.code == -9, f"not killed: exit {done.code}\n{done.err[-2000:]}"

    def source_item(self, collection: str, source_key: str) -> Json:
        """A record of the source, as the platform holds it."""
        found: list[Json] = [i for i in self.source.dump()["items"][collection] if i["__id"] == source_key]
        assert len(found) == 1
        return found[0]

    def change_source(self, collection: str, source_key: str, **values: Any) -> None:
        """Change a record of the source, as one of its users would."""
        item = self.source_item(collection, source_key) | {"__updatedAt": "2024-01-01T00:00:00.5Z"} | values
        self.source.seed({"items": {collection: [item]}})

    def patch(self, plural: str, target_id: str, **values: Any) -> None:
        """Change a record of the destination, as one of its users would."""
        self.destination.ask("PATCH", f"/rest/{plural}/{quote(target_id)}", values)

    def close(self) -> None:
        """End both platforms."""
        for sandbox in (self.source, self.destination):
            sandbox.stop()


class Stages:
    """Makes stages and gives copies of them."""

    def __init__(self, launcher: Launcher, folder: Path) -> None:
        self._launcher, self._folder = launcher, folder
        self._count = 0
        self._made: dict[str, Path] = {}

    def scene(self, stage: str) -> Scene:
        """A copy of a stage, both platforms running."""
        self._count += 1
        folder = self._folder / f"scene-{self._count}"
        shutil.copytree(self._stage(stage), folder)
        return _opened(self._launcher, folder)

    def answer(self, stage: str) -> Json:
        """What the last command of a stage answered."""
        found: Json = json.loads((self._stage(stage) / "answer.json").read_text())
        return found

    def dump(self, stage: str) -> Json:
        """What the destination held at a stage."""
        found: Json = json.loads((self._stage(stage) / "dump.json").read_text())
        return found

    def _stage(self, stage: str) -> Path:
        if stage not in self._made:
            self._made[stage] = getattr(self, f"_{stage}")()
        return self._made[stage]

    def _confirmed(self) -> Path:
        folder = self._folder / "confirmed"
        folder.mkdir()
        source = Sandbox.start(self._launcher, "elma365", folder / "source.db", seed="empty")
        destination = Sandbox.start(self._launcher, "twenty", folder / "destination.db")
        destination.freeze()
        source.seed(dataset.seed())
        project = Project(self._launcher, folder / "acme")
        home = Project(self._launcher, folder)
        home.execute("init", "acme", "--source", "elma365", "--destination", "twenty").must(OK)
        project.connect(source, destination)
        project.call("map", "propose", "--automations", "pause").must(OK)
        answer = project.call("map", "confirm", "--by", "Test").must(OK)
        return _closed(Scene(source, destination, project), answer)

    def _provisioned(self) -> Path:
        return self._after("confirmed", "provisioned", ["provision"], OK)

    def _loaded(self) -> Path:
        return self._after("provisioned", "loaded", ["run"], FOUND)

    def _after(self, before: str, name: str, command: Sequence[str], code: int) -> Path:
        scene = self.scene(before)
        answer = scene.call(*command).must(code)
        return _closed(scene, answer).rename(self._folder / name)


def _done(code: int, out: str, err: str) -> Done:
    try:
        answer = json.loads(out)
    except ValueError:
        answer = None
    return Done(code, answer, out, err)


def _opened(launcher: Launcher, folder: Path) -> Scene:
    source = Sandbox.start(launcher, "elma365", folder / "source.db")
    destination = Sandbox.start(launcher, "twenty", folder / "destination.db")
    destination.freeze()
    scene = Scene(source, destination, Project(launcher, folder / "acme"))
    scene.project.connect(source, destination)
    return scene


def _closed(scene: Scene, answer: Done) -> Path:
    folder = scene.project.folder.parent
    (folder / "answer.json").write_text(json.dumps(answer.json))
    (folder / "dump.json").write_text(json.dumps(scene.destination.dump()))
    scene.close()
    return folder
