"""A configuration export (`.e365`): a ZIP with `package.json` and one nested ZIP for each service.

Each service's ZIP holds `manifest.json` ({Service, number, entities: [{code, name, namespace, path, ...}]})
and the entities as JSON. The manifest is the authority: of the files on disk only those that it names count
(in a measured export 7 of 398 group files). The layout was read from an unpacked export of the vendor's own
HR solution; no packed file was at hand, so the outer ZIP is documented, not measured.

A package of a paid solution is encrypted: it opens, but holds one opaque entry instead of manifests.
`package.json` holds a token and entities may hold passwords: what stands under such a key is left out
of everything that this module hands on.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson

from crossdock.errors import ConfigError
from crossdock_elma365.secrecy import without_secrets

Json = Mapping[str, Any]

LARGEST = 1_000_000_000  # bytes unpacked, all entries of a package together
_MOST_ENTRIES = 200_000
_HIGHEST_RATIO = 2_000  # ZIP itself ends near 1030; a nested one on top means a bomb
_SMALL = 10_000_000  # below this a high ratio does no harm
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the manifest of a service lists. `entities` are its rows as they stand there."""

    service: str
    number: int
    entities: Sequence[Json]


class Package:
    """An opened configuration export. Raises ConfigError for a file that is none, or a dangerous one."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, about: Json, largest: int) -> None:
        self.path = path
        self.about = without_secrets(about)
        self._archive = archive
        self._left = largest
        self._services: dict[str, zipfile.ZipFile] = {}

    @classmethod
    def open(cls, path: Path, largest: int = LARGEST) -> Self:
        """Open an export; `largest` is how many bytes may be unpacked of it. Raises ConfigError."""
        try:
            archive = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise ConfigError(f"there is no file {path}.", hint="Correct `exports`.") from error
        except (zipfile.BadZipFile, OSError) as error:
            raise _bad(path, f"is no ZIP archive ({error})") from error
        try:
            _check_entries(path, archive)
            if "package.json" not in archive.namelist():
                raise _unreadable(path, archive)
            about = _json(path, "package.json", _unpacked(path, archive, "package.json", largest))
            if not isinstance(about, Mapping) or not isinstance(about.get("services"), Mapping):
                raise _bad(path, "its package.json names no services")
            return cls(path, archive, about, largest)
        except BaseException:
            archive.close()
            raise

    def close(self) -> None:
        """Close the file."""
        for nested in self._services.values():
            nested.close()
        self._archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def code(self) -> str:
        """The code of the solution, section or application that was exported."""
        return str(self.about.get("code") or self.path.stem)

    @property
    def title(self) -> str:
        """Its name for people."""
        return str(self.about.get("title") or self.code)

    def services(self) -> tuple[str, ...]:
        """The services that the package names: appViews, processor, pages, reporter and so on."""
        return tuple(self.about["services"])

    def manifest(self, service: str) -> Manifest:
        """The manifest of a service; one without entities when the package has no such service."""
        if service not in self.about["services"]:
            return Manifest(service, 0, ())
        archive = self._service(service)
        if "manifest.json" not in archive.namelist():
            raise _bad(self.path, f"{service} has no manifest.json")
        found = _json(self.path, f"{service}/manifest.json", self._bytes(archive, "manifest.json"))
        rows = found.get("entities") if isinstance(found, Mapping) else None
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise _bad(self.path, f"the manifest of {service} lists no entities")
        number = found.get("number")
        kept = [without_secrets(row) for row in rows]
        return Manifest(service, number if isinstance(number, int) else 0, kept)

    def entities(self, service: str) -> Iterator[tuple[Json, Json]]:
        """(row of the manifest, entity) of each entity that the manifest of a service names."""
        manifest = self.manifest(service)
        for row in manifest.entities:
            archive, name = self._service(service), str(row.get("path") or "")
            if name not in archive.namelist():
                raise _bad(self.path, f"{service} names {name!r}, which is not in it")
            entity = _json(self.path, f"{service}/{name}", self._bytes(archive, name))
            if not isinstance(entity, Mapping):
                raise _bad(self.path, f"{service}/{name} holds no object")
            yield row, without_secrets(entity)

    def _service(self, service: str) -> zipfile.ZipFile:
        if service not in self._services:
            about = self.about["services"][service]
            name = str((about or {}).get("path") or f"{service}.zip")
            if name not in self._archive.namelist():
                raise _bad(self.path, f"it names the service {service}, but {name!r} is not in it")
            try:
                nested = zipfile.ZipFile(io.BytesIO(self._bytes(self._archive, name)))
            except zipfile.BadZipFile as error:
                raise _bad(self.path, f"{name} in it is no ZIP archive ({error})") from error
            _check_entries(self.path, nested)
            self._services[service] = nested
        return self._services[service]

    def _bytes(self, archive: zipfile.ZipFile, name: str) -> bytes:
        content = _unpacked(self.path, archive, name, self._left)
        self._left -= len(content)
        return content


def _check_entries(path: Path, archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise _bad(path, f"it holds {len(entries)} entries, more than {_MOST_ENTRIES}")
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise _bad(path, f"{entry.filename!r} in it is encrypted")
        if entry.file_size > _SMALL and entry.file_size > _HIGHEST_RATIO * max(entry.compress_size, 1):
            raise _bad(
                path, f"{entry.filename!r} in it unpacks to {entry.file_size} bytes: refused as a bomb"
            )


def _unpacked(path: Path, archive: zipfile.ZipFile, name: str, left: int) -> bytes:
    """The bytes of an entry. The size in the directory is only a claim, so reading stops at `left`."""
    try:
        with archive.open(name) as entry:
            content = entry.read(left + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise _bad(path, f"{name!r} in it cannot be unpacked ({error})") from error
    if len(content) > left:
        raise _bad(path, f"it unpacks to more than the {LARGEST} bytes that are allowed: refused as a bomb")
    return content


def _json(path: Path, name: str, content: bytes) -> Any:
    try:
        return orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise _bad(path, f"{name} is no JSON") from error


def _unreadable(path: Path, archive: zipfile.ZipFile) -> ConfigError:
    names = archive.namelist()
    if [name for name in names if name.rsplit("/", 1)[-1] == "data"] and len(names) <= 2:
        return ConfigError(
            f"{path} is the export of a paid solution: its contents are encrypted.",
            hint="Leave it out of `exports`; its applications are read through the API.",
        )
    return _bad(path, "it has no package.json")


def _bad(path: Path, why: str) -> ConfigError:
    return ConfigError(
        f"{path} cannot be read as a configuration export: {why}.",
        hint="Export it again (Administration, Configuration export), or leave it out of `exports`.",
    )
