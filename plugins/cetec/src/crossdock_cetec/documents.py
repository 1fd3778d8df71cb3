"""Documents: an index (the table `document`) says what each file of a folder belongs to.

No way to download a document from Cetec is proven, so they come as a folder. Files keep their format and
their bytes; what revision a file is, when and by whom, only the index says. What belongs to nothing that
migrates is archived with the handoff.
"""

import hashlib
import mimetypes
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from crossdock.errors import ConfigError, StorageError
from crossdock.filestore import FileStore
from crossdock.model import Artifact, ArtifactReport, Record, Rejected
from crossdock.values import StoredFile
from crossdock_cetec.handofffiles import write_privately
from crossdock_cetec.objects import DOCUMENT
from crossdock_cetec.placement import Placement

Result = Record | Rejected

KIND = "orphan_document"
_CHUNK = 1 << 20
_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


class DocumentFolder:
    """The files of a folder under the records of their index."""

    def __init__(self, folder: Path, index: Callable[[bool], Iterable[Result]], placement: Placement) -> None:
        self._folder = folder
        self._index = index
        self._placement = placement

    def results(self, files: FileStore) -> Iterator[Result]:
        """A record for each document that has a place, its content kept."""
        for result in self._placed(second=False):
            if isinstance(result, Record):
                path = self._path(result.key)
                content = files.save(_chunks(path), name=path.name, media_type=_media_type(path.name))
                yield _with_content(result, content)
            else:
                yield result

    def again(self) -> Iterator[Result]:
        """The same by a second reading: contents are hashed anew and not kept."""
        for result in self._placed(second=True):
            if isinstance(result, Record):
                path, digest, size = self._path(result.key), hashlib.sha256(), 0
                for chunk in _chunks(path):
                    digest.update(chunk)
                    size += len(chunk)
                content = StoredFile(path.name, size, digest.hexdigest(), _media_type(path.name))
                yield _with_content(result, content)
            else:
                yield result

    def orphans(self, archive: Path | None) -> ArtifactReport:
        """Documents that belong to nothing that migrates, and files that the index does not name.

        They are copied into `archive`, if there is one.
        """
        found, named = [], set()
        for result in self._index(False):
            name = _relative(result.key)
            named.add(name)
            if isinstance(result, Record) and self._fault(name) is None:
                place = self._placement.of(result.values)
                if place.record is None:
                    told = {n: result.values.get(n) for n in ("title", "revision", "object", "record")}
                    found.append(self._archived(name, place.told, archive, told))
        for name in self._files():
            if name not in named:
                found.append(self._archived(name, "the index does not name it", archive, {}))
        return ArtifactReport(KIND, tuple(found))

    def _placed(self, *, second: bool) -> Iterator[Result]:
        for result in self._index(second):
            if isinstance(result, Rejected):
                yield result
                continue
            name = _relative(result.key)
            fault = self._fault(name)
            place = self._placement.of(result.values)
            if fault is None and place.record is None:
                fault = f"{place.told}: archived with the handoff"
            if fault is not None:
                yield Rejected(DOCUMENT, result.key, (f"{name}: {fault}",))
                continue
            folder = PurePosixPath(name).parent.as_posix()
            values = {
                **result.values,
                "owner": place.record,
                "placed": place.told or None,
                "folder": None if folder == "." else folder,
            }
            yield replace(result, values=values)

    def _fault(self, name: str) -> str | None:
        """Why a file cannot be had: an index leads to nothing outside of its folder."""
        path = self._path(name)
        try:
            if ".." in PurePosixPath(name).parts or not path.resolve().is_relative_to(self._root):
                return "it is not in the folder of documents"
            if path.is_symlink():
                return "it is a link, and links are not followed"
            return None if path.is_file() else "there is no such file"
        except (OSError, ValueError):
            return "no file can have this name"

    @property
    def _root(self) -> Path:
        if not self._folder.is_dir():
            raise ConfigError(f"there is no folder {self._folder}.", hint="Correct `documents`.")
        return self._folder.resolve()

    def _path(self, name: str) -> Path:
        return self._folder / _relative(name)

    def _files(self) -> Iterator[str]:
        for path in sorted(self._root.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.name.casefold() not in _LITTER:
                yield path.relative_to(self._root).as_posix()

    def _archived(self, name: str, why: str, archive: Path | None, told: Mapping[str, Any]) -> Artifact:
        details = {**{n: v for n, v in told.items() if v is not None}, "why": why}
        if archive is not None:
            target = archive / "orphan-documents" / name
            details["file"] = str(write_privately(target, _chunks(self._path(name))))
        return Artifact(KIND, name, name, details=details)


def _with_content(result: Record, content: StoredFile) -> Record:
    held = {"name": content.name, "content": content, "size": content.size}
    return replace(result, values={**result.values, **held})


def _relative(name: str) -> str:
    """A path as the index writes it, with slashes and not from the root."""
    return str(PurePosixPath(name.replace("\\", "/").lstrip("/")))


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise StorageError(f"{path.name} cannot be read: {error.strerror}.") from error


def _media_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
