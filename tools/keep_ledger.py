"""Keeps ledgers as this version writes them, so that later versions are tried on them.

    python tools/keep_ledger.py [FOLDER]

Writes `version-N-PLATFORM.tar.xz` for each destination: the folder of a run that was killed in the middle
(`killed/`) and that of a finished one (`finished/`), each with the data of both sandboxes, and what the
destination held before the run (`before.json`). Call it before the tables of the
ledger change: see `crossdock.ledger.versions`.
"""

import shutil
import sqlite3
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.destinations import DESTINATIONS
from tests.harness import SOURCE, Launcher, Stages
from tests.there import BETWEEN, There

from crossdock.ledger import tables
from crossdock.testing.launcher import new_folder

KEPT = Path(__file__).resolve().parents[1] / "core" / "tests" / "ledgers"
_LEFT_OUT = ("reports", "import-files", "sandboxes")


def main(arguments: list[str]) -> int:
    """Keep one archive for each destination."""
    folder = Path(arguments[0]) if arguments else KEPT
    folder.mkdir(parents=True, exist_ok=True)
    version = getattr(tables, "VERSION", 1)
    for there in DESTINATIONS:
        path = folder / f"version-{version}-{there.platform}.tar.xz"
        keep(there, path)
        sys.stdout.write(f"{path}: {path.stat().st_size // 1024} KB\n")
    return 0


def keep(there: There, path: Path) -> None:
    """Run a migration to the middle and to the end, and keep both."""
    house = new_folder("crossdock-keep-")
    launcher = Launcher.start((SOURCE, there.platform), folder=house)
    try:
        stages = Stages(launcher, house / "stages", there)
        scenes = {"killed": stages.scene("provisioned"), "finished": stages.scene("loaded")}
        scenes["killed"].killed("run", **{**there.load[-1].fault, "kind": BETWEEN})
        with tarfile.open(path, "w:xz", preset=9) as archive:
            for name, scene in scenes.items():
                scene.close()
                _add(archive, name, scene.project.folder.parent)
            archive.add(stages._stage("confirmed") / "dump.json", "before.json")
    finally:
        launcher.close()
        shutil.rmtree(house, ignore_errors=True)


def _add(archive: tarfile.TarFile, name: str, folder: Path) -> None:
    for file in sorted(_files(folder)):
        if file.suffix == ".db":
            with closing(sqlite3.connect(file, isolation_level=None)) as db:
                db.execute("pragma journal_mode=delete")
                db.execute("vacuum")
        archive.add(file, f"{name}/{file.relative_to(folder)}", filter=_nameless)


def _nameless(file: tarfile.TarInfo) -> tarfile.TarInfo:
    file.uid = file.gid = 0
    file.uname = file.gname = ""
    return file


def _files(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        parts = file.relative_to(folder).parts
        wanted = parts[0] == "acme" and not set(parts) & set(_LEFT_OUT)
        wanted = wanted and file.suffix != ".log" and not file.name.endswith(("-shm", "-wal"))
        if file.is_file() and (wanted or (len(parts) == 1 and file.suffix == ".db")):
            yield file


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
