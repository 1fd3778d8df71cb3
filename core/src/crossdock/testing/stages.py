"""Stages of a migration, made once a test process and copied for each check.

    confirmed     both platforms filled, the project made and its mapping confirmed
    provisioned   after `provision`
    loaded        after `run`
    undone        after `rollback`

The clock of the destination is stopped, so that two runs of the same project write the same times.
"""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crossdock.testing import samples, source
from crossdock.testing.commands import FOUND, OK, Done, Project
from crossdock.testing.dumps import Dump
from crossdock.testing.hand import Hand
from crossdock.testing.launcher import Launcher
from crossdock.testing.plan import Plan, mapping_document, planned
from crossdock.testing.sandboxes import Json, Sandbox
from crossdock.testing.scene import Scene
from crossdock.testing.target import Target

CONFIRMED, PROVISIONED, LOADED, UNDONE = "confirmed", "provisioned", "loaded", "undone"
_STEPS = {
    PROVISIONED: (CONFIRMED, "provision", OK),
    LOADED: (PROVISIONED, "run", FOUND),
    UNDONE: (LOADED, "rollback", OK),
}


@dataclass
class Stages:
    """Makes stages of one target and gives copies of them. One that cannot be made is not tried twice.

    `size`: how much the source holds.
    """

    target: Target
    launcher: Launcher
    folder: Path
    size: samples.Size = field(default_factory=samples.Size)
    _made: dict[str, Path] = field(default_factory=dict)
    _failed: dict[str, str] = field(default_factory=dict)
    _dumps: dict[str, Dump] = field(default_factory=dict)
    _count: int = 0
    _plan: Plan | None = None

    def scene(self, stage: str) -> Scene:
        """A copy of a stage, its sandbox running."""
        made = self._stage(stage)
        self._count += 1
        folder = self.folder / f"scene-{self._count}"
        shutil.copytree(made, folder)
        return self._opened(folder)

    @property
    def plan(self) -> Plan:
        """What everything is called at the destination."""
        if self._plan is None:
            self._stage(CONFIRMED)
        if self._plan is None:
            raise RuntimeError("no stage was made")
        return self._plan

    def answer(self, stage: str) -> Any:
        """What the last command of a stage answered."""
        return self._kept(stage, "answer")

    def dump(self, stage: str) -> Dump:
        """What the destination held at a stage, without what it makes up anew each time."""
        if stage not in self._dumps:
            self._dumps[stage] = self.target.canonical(self._kept(stage, "dump"))
        return self._dumps[stage]

    def raw(self, stage: str) -> Dump:
        """What the destination held at a stage."""
        return self._kept(stage, "dump")

    def log(self, stage: str) -> list[Json]:
        """The requests of the last command of a stage."""
        found: list[Json] = self._kept(stage, "log")
        return found

    def _kept(self, stage: str, name: str) -> Any:
        return json.loads((self._stage(stage) / f"{name}.json").read_text())

    def _stage(self, stage: str) -> Path:
        if stage in self._failed:
            raise AssertionError(f"the stage {stage!r} cannot be made: {self._failed[stage]}")
        if stage not in self._made:
            try:
                self._made[stage] = self._confirmed() if stage == CONFIRMED else self._after(stage)
            except Exception as error:
                self._failed[stage] = str(error)
                raise
        return self._made[stage]

    def _confirmed(self) -> Path:
        folder = self.folder / CONFIRMED
        folder.mkdir()
        project = Project(self.launcher, folder / "acme")
        pair = ("--source", source.NAME, "--destination", self.target.platform)
        project.call("init", ".", *pair).must(OK)
        sandbox = Sandbox.start(
            self.launcher, self.target.platform, folder / "destination.db", seed=self.target.seed
        )
        sandbox.freeze()
        with Hand(self.target, sandbox, folder) as hand:
            self._plan = self._filled(hand, project)
        scene = Scene(self.target, self._plan, sandbox, project)
        scene.connect()
        return self._closed(scene, scene.call("map", "confirm", "--by", "Kit").must(OK))

    def _filled(self, hand: Hand, project: Project) -> Plan:
        """Fill the source, make the record that is there before if none is, write the mapping."""
        target, catalog = self.target, hand.catalog
        record = catalog.object(target.record.name)
        match = record.field(target.record.match) if record else None
        if match is None:
            raise AssertionError(f"the catalog has no {target.record.name}.{target.record.match}")
        company = samples.made_for(target, catalog.provisionable, match.type, self.size)
        company.save(project.folder.parent / "company.json")
        if not target.record.known:
            n = int(samples.THERE_BEFORE[1:])
            value = samples.match_value(match.type, n, target)
            there = {target.record.title: "Была раньше", match.name: (value,) if match.multiple else value}
            hand.make(target.record.name, there)
        plan = planned(target, company, catalog, getattr(hand.destination.plugin, "naming", None))
        project.save("mapping.yaml", mapping_document(target, plan, company, catalog))
        return plan

    def _after(self, stage: str) -> Path:
        before, command, code = _STEPS[stage]
        scene = self.scene(before)
        scene.sandbox.forget_log()
        answer = scene.call(command).must(code)
        return self._closed(scene, answer).rename(self.folder / stage)

    def _opened(self, folder: Path) -> Scene:
        sandbox = Sandbox.start(self.launcher, self.target.platform, folder / "destination.db")
        sandbox.freeze()
        scene = Scene(self.target, self.plan, sandbox, Project(self.launcher, folder / "acme"))
        scene.connect()
        return scene

    def _closed(self, scene: Scene, answer: Done) -> Path:
        kept = {"answer": answer.json, "log": scene.sandbox.log(), "dump": scene.sandbox.dump()}
        for name, content in kept.items():
            (scene.folder / f"{name}.json").write_text(json.dumps(content))
        scene.close()
        return scene.folder
