"""Ledgers of earlier versions (`tools/keep_ledger.py`) are brought up to date, go on, and roll back."""

import json
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.harness import FOUND, OK, Scene, Stages

from crossdock.ledger import tables
from crossdock.testing.dumps import assert_same

KEPT = Path(__file__).resolve().parents[1] / "core" / "tests" / "ledgers"


@dataclass
class Kept:
    """An archive, unpacked."""

    folder: Path
    stages: Stages
    version: int

    def scene(self, name: str) -> Scene:
        """The migration that was killed or that was finished, both platforms running."""
        return self.stages._opened(self.folder / name)

    @property
    def before(self) -> Any:
        """What the destination held before the run."""
        return self.stages.there.undone(json.loads((self.folder / "before.json").read_text()))


@pytest.fixture
def kept(stages: Stages, tmp_path: Path) -> list[Kept]:
    """The ledgers of all earlier versions with this destination."""
    found = []
    for path in sorted(KEPT.glob(f"version-*-{stages.there.platform}.tar.xz")):
        version = int(path.name.split("-")[1])
        folder = tmp_path / str(version)
        with tarfile.open(path) as archive:
            archive.extractall(folder, filter="data")
        found.append(Kept(folder, stages, version))
    return found


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT version FROM book_schema_version").fetchone()[0])


def confirm(scene: Scene) -> None:
    """A newer crossdock wants a new look at the mapping; the decisions are in its files."""
    scene.call("map", "confirm", "--by", "Test").must(OK)


def test_every_earlier_version_is_kept(kept):
    assert [each.version for each in kept] == list(range(1, tables.VERSION))


def test_a_run_that_an_earlier_version_was_killed_in_goes_on_and_is_rolled_back(kept):
    for each in kept:
        finished = each.scene("finished")
        whole = finished.dump()
        finished.close()
        scene = each.scene("killed")
        state = scene.project.folder / ".crossdock"
        confirm(scene)
        scene.call("run").must(FOUND)
        assert_same(scene.dump(), whole)
        assert version_of(state / "ledger.db") == tables.VERSION
        assert version_of(state / f"ledger.version-{each.version}.db") == each.version
        scene.call("rollback").must(OK)
        assert_same(scene.undone(), each.before)
        scene.close()


def test_a_finished_run_of_an_earlier_version_is_gone_on_from_and_rolled_back(kept):
    for each in kept:
        scene = each.scene("finished")
        whole = scene.dump()
        confirm(scene)
        scene.call("run", "--delta").must(OK, FOUND)
        assert_same(scene.dump(), whole)
        runs = [run["id"] for run in scene.call("status").must(OK).json if run["kind"] == "run"]
        scene.call("rollback", "--with-later", "--run", runs[0]).must(OK)
        assert_same(scene.undone(), each.before)
        scene.close()
