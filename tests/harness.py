"""Sandboxes in processes of their own, a project folder, and the command line: one way to use them.

A test starts from a stage: both platforms and the project as they were after `confirm`, `provision` or
`run`. Stages are made once a test process and copied for each test, with the clocks of the destination
stopped, so that two runs of the same project write the same times. The tests are the same for every
destination (`there`).
"""

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import dataset
from tests.there import There

from crossdock.testing import commands, sandboxes
from crossdock.testing.commands import FOUND, KILLED, OK, REFUSED, STOPPED, WRONG, Done
from crossdock.testing.launcher import Launcher
from crossdock.testing.sandboxes import Json

__all__ = [
    "CROSSDOCK",
    "FOUND",
    "OK",
    "REFUSED",
    "STOPPED",
    "WRONG",
    "Done",
    "Launcher",
    "Project",
    "Sandbox",
    "Scene",
    "Stages",
]

CROSSDOCK = Path(sys.executable).with_name("crossdock")
SOURCE = "elma365"
_KEY = "ELMA_TOKEN"


class Sandbox(sandboxes.Sandbox):
    """One platform on loopback, in a process of its own."""

    def seed(self, body: Json) -> None:
        """Put data into the source."""
        self.ask("POST", "/_seed", body)


class Project(commands.Project):
    """A project folder and the commands on it. Keys reach a command through its environment only."""

    def connect(self, source: Sandbox, destination: Sandbox, there: There) -> None:
        """Write the addresses of the two platforms into the project file."""
        self.keys = {_KEY: source.token, there.key_name: destination.token}
        with self.edited("crossdock.yaml") as document:
            document["sources"][0].update(
                url=source.url,
                token=f"env:{_KEY}",
                calls_per_minute=100_000,
                page_size=1000,
                applications=list(there.applications),
            )
            document["destination"].update(url=destination.url, key=f"env:{there.key_name}", **there.settings)


@dataclass
class Scene:
    """Both platforms and the project of one test."""

    source: Sandbox
    destination: Sandbox
    project: Project
    there: There

    def call(self, *arguments: str, **more: Any) -> Done:
        """Run a command of the project."""
        return self.project.call(*arguments, **more)

    def killed(self, *arguments: str, **fault: Any) -> None:
        """Run a command that is killed before or after the platform acts on a request (`kind`, `skip`...)."""
        self.destination.fault(pid_file=str(self.project.pid_file), **fault)
        done = self.call(*arguments)
        assert self.destination.hits() == 1, f"no such request: exit {done.code}\n{done.err[-2000:]}"
        assert done.code == KILLED, f"not killed: exit {done.code}\n{done.err[-2000:]}"

    def source_item(self, collection: str, source_key: str) -> Json:
        """A record of the source, as the platform holds it."""
        found: list[Json] = [i for i in self.source.dump()["items"][collection] if i["__id"] == source_key]
        assert len(found) == 1
        return found[0]

    def change_source(self, collection: str, source_key: str, **values: Any) -> None:
        """Change a record of the source, as one of its users would."""
        item = self.source_item(collection, source_key) | {"__updatedAt": "2024-01-01T00:00:00.5Z"} | values
        self.source.seed({"items": {collection: [item]}})

    def rows(self, kind: str, *, trash: bool = False) -> list[Json]:
        """The records of a kind at the destination: its names, and the words of the tests (`there`)."""
        return self.there.rows(self.destination.dump(), kind, trash=trash)

    def came_from(self, kind: str, source_key: str, *, trash: bool = False) -> list[Json]:
        """The records of a kind that came from a source record."""
        rows = self.rows(kind, trash=trash)
        return [row for row in rows if f"/{source_key}" in self.there.external_id(row)]

    def row(self, kind: str, source_key: str) -> Json:
        """The live record that came from a source record."""
        found = self.came_from(kind, source_key)
        assert len(found) == 1, f"{len(found)} records of {kind} came from {source_key}"
        return found[0]

    def patch(self, kind: str, row: Json, **values: Any) -> None:
        """Change a record of the destination, as one of its users would."""
        named = {self.there.name(kind, word): value for word, value in values.items()}
        self.there.change(self.destination, kind, row, named)

    def remove(self, kind: str, row: Json, *, trash: bool = False) -> None:
        """Take a record of the destination away, as one of its users would."""
        self.there.remove(self.destination, kind, row, trash=trash)

    def writes(self) -> list[str]:
        """What was sent to the destination to change a record there; what switches automations is none."""
        return [
            f"{r['method']} {r['path']} {r['operation']}"
            for r in self.destination.log()
            if self.there.writes(r)
        ]

    def dump(self) -> Any:
        """Everything that the destination holds, without what it makes up anew each time."""
        return self.there.canonical(self.destination.dump())

    def undone(self) -> Any:
        """The same, to be compared with what was there before what was undone."""
        return self.there.undone(self.destination.dump())

    def close(self) -> None:
        """End both platforms."""
        for sandbox in (self.source, self.destination):
            sandbox.stop()


class Stages:
    """Makes stages of one destination and gives copies of them."""

    def __init__(self, launcher: Launcher, folder: Path, there: There) -> None:
        self._launcher, self._folder = launcher, folder
        self.there = there
        self._count = 0
        self._made: dict[str, Path] = {}

    def scene(self, stage: str) -> Scene:
        """A copy of a stage, both platforms running."""
        self._count += 1
        folder = self._folder / f"scene-{self._count}"
        shutil.copytree(self._stage(stage), folder)
        return self._opened(folder)

    def answer(self, stage: str) -> Json:
        """What the last command of a stage answered."""
        found: Json = json.loads((self._stage(stage) / "answer.json").read_text())
        return found

    def raw(self, stage: str) -> Json:
        """What the destination held at a stage."""
        found: Json = json.loads((self._stage(stage) / "dump.json").read_text())
        return found

    def dump(self, stage: str) -> Json:
        """The same, without what the destination makes up anew each time."""
        found: Json = self.there.canonical(self.raw(stage))
        return found

    def undone(self, stage: str) -> Json:
        """The same, to be compared with what is there after a rollback."""
        found: Json = self.there.undone(self.raw(stage))
        return found

    def _stage(self, stage: str) -> Path:
        if stage not in self._made:
            self._made[stage] = getattr(self, f"_{stage}")()
        return self._made[stage]

    def _confirmed(self) -> Path:
        folder, there = self._folder / "confirmed", self.there
        folder.mkdir(parents=True)
        source = Sandbox.start(self._launcher, SOURCE, folder / "source.db", seed="empty")
        destination = Sandbox.start(self._launcher, there.platform, folder / "destination.db")
        destination.freeze()
        source.seed(dataset.seed())
        there.prepare(destination)
        project = Project(self._launcher, folder / "acme")
        home = Project(self._launcher, folder)
        home.execute("init", "acme", "--source", SOURCE, "--destination", there.platform).must(OK)
        project.connect(source, destination, there)
        project.call("map", "propose", "--automations", "pause").must(OK)
        answer = project.call("map", "confirm", "--by", "Test").must(OK)
        return _closed(Scene(source, destination, project, there), answer)

    def _provisioned(self) -> Path:
        return self._after("confirmed", "provisioned", ["provision"], OK)

    def _loaded(self) -> Path:
        return self._after("provisioned", "loaded", ["run"], FOUND)

    def _after(self, before: str, name: str, command: Sequence[str], code: int) -> Path:
        scene = self.scene(before)
        answer = scene.call(*command).must(code)
        return _closed(scene, answer).rename(self._folder / name)

    def _opened(self, folder: Path) -> Scene:
        source = Sandbox.start(self._launcher, SOURCE, folder / "source.db")
        destination = Sandbox.start(self._launcher, self.there.platform, folder / "destination.db")
        destination.freeze()
        scene = Scene(source, destination, Project(self._launcher, folder / "acme"), self.there)
        scene.project.connect(source, destination, self.there)
        return scene


def _closed(scene: Scene, answer: Done) -> Path:
    folder = scene.project.folder.parent
    (folder / "answer.json").write_text(json.dumps(answer.json))
    (folder / "dump.json").write_text(json.dumps(scene.destination.dump()))
    scene.close()
    return folder
