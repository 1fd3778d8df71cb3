"""Versions of mapping.yaml: a dated copy with who and why, each time it is proposed, edited or confirmed.

They lie in `.crossdock/maps/`, one file a version: `0007.yaml` is a line of comment that says who, when and
why, and below it mapping.yaml as it was, byte by byte. What a person changed with an editor is kept as a
version of its own the next time that crossdock is about to write the file.
"""

import getpass
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from crossdock.config import Project
from crossdock.errors import ConfigError, StorageError
from crossdock.mapping import MappingFile
from crossdock.mappingfile.document import load, parse
from crossdock.wholefile import PRIVATE, SHARED, write_whole

NOW: Final = "now"
"""In place of a number: mapping.yaml as it is."""
_MARK: Final = "# crossdock map version: "


class Why(StrEnum):
    """What a version was kept for."""

    PROPOSED = "proposed"
    EDITED = "edited"
    BY_HAND = "edited by hand"
    CONFIRMED = "confirmed"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class MapVersion:
    """One version. `at`: ISO 8601, UTC; `by`: a person's name, the user of this machine if nobody gave one;
    `note`: what was edited, or which destination it was confirmed for."""

    number: int
    at: str
    by: str
    why: Why
    note: str = ""


def versions_of(project: Project) -> list[MapVersion]:
    """Every version that was kept, oldest first; a file that is none of ours is passed over."""
    return [version for path in _paths(project) if (version := _head(path)) is not None]


def keep_version(project: Project, why: Why, by: str = "", note: str = "") -> MapVersion | None:
    """Keep mapping.yaml as it is now; None if it is as the newest version has it, unless it is confirmed.

    Raises StorageError if it cannot be written.
    """
    content = _content(project)
    if content is None or (why is not Why.CONFIRMED and _newest(project) == content):
        return None
    at = datetime.now(UTC).replace(microsecond=0).isoformat()
    try:
        folder(project).mkdir(parents=True, exist_ok=True, mode=0o700)
        while True:
            number = max((int(path.stem) for path in _paths(project)), default=0) + 1
            version = MapVersion(number, at, by.strip() or user(), why, note)
            if _written(_path(project, number), version, content):
                return version
    except OSError as error:
        raise StorageError(f"cannot keep a version of the mapping: {error.strerror}.") from error


def notice_edits(project: Project) -> MapVersion | None:
    """Keep what a person changed in mapping.yaml with an editor; None if nothing was. Raises StorageError."""
    return keep_version(project, Why.BY_HAND)


@contextmanager
def keeping(project: Project, why: Why, by: str = "", note: str = "") -> Iterator[None]:
    """Around whatever writes mapping.yaml: keeps what was in it, then what was made of it, unless it fails.

    Raises StorageError.
    """
    notice_edits(project)
    yield
    keep_version(project, why, by, note)


def version_of(project: Project, number: int) -> MapVersion:
    """The version of that number. Raises ConfigError if there is none."""
    found = _head(_path(project, number))
    if found is None:
        kept = versions_of(project)
        known = f"{kept[0].number} to {kept[-1].number}" if kept else "none was kept yet"
        raise ConfigError(f"the mapping has no version {number}.", hint=f"Versions: {known}.")
    return found


def content_of(project: Project, number: int) -> bytes:
    """mapping.yaml as it was in a version. Raises ConfigError if there is none of that number."""
    version_of(project, number)
    return _path(project, number).read_bytes().partition(b"\n")[2]


def mapping_of(project: Project, number: int | None) -> MappingFile:
    """The mapping of a version, None: as it is now. Raises ConfigError, MappingError."""
    if number is None:
        return load(project.mapping)
    return parse(content_of(project, number).decode(errors="replace"), f"version {number}")


def restore(project: Project, number: int, by: str = "") -> MapVersion:
    """Make mapping.yaml what it was in a version; what it is now is kept. Gives that version.

    Raises ConfigError if there is none of that number, StorageError.
    """
    version, content = version_of(project, number), content_of(project, number)
    with keeping(project, Why.RESTORED, by, f"version {number}"):
        write_whole(project.mapping, content, SHARED, make_folder=False)
    return version


def is_kept(project: Project) -> bool:
    """Whether mapping.yaml is as the newest version has it; also if there is no mapping.yaml."""
    content = _content(project)
    return content is None or content == _newest(project)


def folder(project: Project) -> Path:
    """Where the versions lie."""
    return project.state / "maps"


def user() -> str:
    """The user of this machine, "" if it has none."""
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return ""


def _content(project: Project) -> bytes | None:
    with suppress(OSError):  # who reads it as a mapping says so
        return project.mapping.read_bytes()
    return None


def _newest(project: Project) -> bytes | None:
    kept = versions_of(project)
    return content_of(project, kept[-1].number) if kept else None


def _path(project: Project, number: int) -> Path:
    return folder(project) / f"{number:04}.yaml"


def _paths(project: Project) -> list[Path]:
    return sorted(path for path in folder(project).glob("*.yaml") if path.stem.isdecimal())


def _written(path: Path, version: MapVersion, content: bytes) -> bool:
    """Write a version whole; False if another process took its number."""
    head = {"at": version.at, "by": version.by, "why": version.why.value, "note": version.note}
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.touch(mode=PRIVATE)
    try:
        partial.write_bytes(f"{_MARK}{json.dumps(head, ensure_ascii=False)}\n".encode() + content)
        path.open("x").close()
        partial.replace(path)
    except FileExistsError:
        return False
    finally:
        partial.unlink(missing_ok=True)
    return True


def _head(path: Path) -> MapVersion | None:
    try:
        with path.open(encoding="utf-8") as file:
            line = file.readline()
        said = json.loads(line.removeprefix(_MARK))
        return MapVersion(int(path.stem), said["at"], said["by"], Why(said["why"]), said["note"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
