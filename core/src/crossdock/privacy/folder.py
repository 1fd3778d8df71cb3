"""What a purge does with each file of a project folder. `docs/privacy.md` has the same as a table.

In the three folders that crossdock keeps for itself everything goes that is not known to hold no values.
What a person put into the project folder is left alone, and named.
"""

import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from crossdock.config import FILE_NAME, Project
from crossdock.database import is_copy
from crossdock.errors import StorageError

# Below .crossdock: catalogs and layouts without values, who confirmed, signed and checked, earlier versions
# of the map (which stays too), the proof's key.
_STATE_STAYS: Final = (
    *(".gitignore", "*.lock", "catalog*.json", "confirmation*.json", "confirmation*.yaml"),
    *("signoffs.json", "cutover*.json", "filed-*.json", "maps", "proof.key"),
    *("staging.db", "staging.db-wal", "staging.db-shm", "ledger*.db", "ledger*.db-wal", "ledger*.db-shm"),
    *("*-lock", "*-lock-journal", "*-holder"),
)
_SANDBOXES: Final = "sandboxes"  # a made-up platform with data of its own
_LOG: Final = "crossdock.log"  # this process writes to it: emptied, not removed
_REPORTS_STAY: Final = (".gitignore", "cutover*.html", "cutover*.json", "scope.json")
_QUEUES_STAY: Final = (".gitignore",)
_OURS: Final = (FILE_NAME, "mapping.yaml", ".crossdock", "queues", "reports")


@dataclass(frozen=True, slots=True)
class Doomed:
    """Files and folders that go: how many files, and how many bytes they hold."""

    paths: tuple[Path, ...]
    count: int
    size: int


def doomed(project: Project, exported: Collection[Path] = (), copies: Collection[Path] = ()) -> Doomed:
    """What goes as a whole. `exported`: folders that `run --to-files` wrote, wherever they are; `copies` of
    databases of older versions that lie elsewhere."""
    paths = [
        *_not_among(project.state, (*_STATE_STAYS, _SANDBOXES, _LOG)),
        *_not_among(project.queues, _QUEUES_STAY),
        *_not_among(project.reports, _REPORTS_STAY),
        *copies,
        *(path for path in _beside(exported) if _inside(project, path) and path.exists()),
        *(path for name in _OURS if (path := project.directory / f"{name}.partial").exists()),
    ]
    log = project.state / _LOG
    if log.exists() and log.stat().st_size:
        paths.append(log)
    files = [path for each in dict.fromkeys(paths) for path in _files(each)]
    return Doomed(tuple(dict.fromkeys(paths)), len(files), sum(path.lstat().st_size for path in files))


def stored_files(project: Project) -> int:
    """How many file contents lie in the file store."""
    return sum(1 for _ in _files(project.files)) if project.files.is_dir() else 0


def left_alone(project: Project, exported: Collection[Path] = (), copies: Collection[Path] = ()) -> list[str]:
    """What a purge does not touch and a person has to look at: files in the folder that are not crossdock's,
    and what was exported to another place. `copies` of databases go, wherever they are."""
    own = {project.directory / name for name in _OURS}
    goes = {*_beside(exported), *copies}
    found = sorted(path for path in project.directory.iterdir() if path not in own and path not in goes)
    outside = [path for path in exported if not _inside(project, path) and path.exists()]
    return [path.name for path in found if not path.name.endswith(".partial")] + list(map(str, outside))


def remove(doomed_paths: Collection[Path]) -> None:
    """Take files and folders away; what is gone already is no fault. Raises StorageError."""
    for path in doomed_paths:
        try:
            if path.name == _LOG:
                path.open("wb").close()
            elif path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StorageError(
                f"cannot remove {error.filename or path}: {error.strerror}.",
                hint="Mend that and run the same command again.",
            ) from error


def _not_among(folder: Path, patterns: Collection[str]) -> Iterator[Path]:
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if is_copy(path.name) or not any(fnmatch(path.name, pattern) for pattern in patterns):
                yield path


def _beside(exported: Collection[Path]) -> Iterator[Path]:
    """Exported folders, and what a killed run left of one."""
    for path in exported:
        yield from (path, path.with_name(f"{path.name}.partial"))


def _inside(project: Project, path: Path) -> bool:
    return path.resolve().is_relative_to(project.directory.resolve()) and path != project.directory


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir() and not path.is_symlink():
        yield from (each for each in path.rglob("*") if not each.is_dir())
    else:
        yield path
