"""Where attachments are and what they belong to: by an index, else by the paths of a folder."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from crossdock.errors import ConfigError
from crossdock.model import Rejected
from crossdock.values import Reference
from crossdock_ascora.attachmentindex import IndexRow, read_index
from crossdock_ascora.filesettings import AttachmentSettings
from crossdock_ascora.objects.owners import owner_of
from crossdock_ascora.office import Office
from crossdock_ascora.rows import Named

FILES = "files"
_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_PARTS = {"object": r"(?P<object>[^/]+)", "key": r"(?P<key>[^/]+)", "name": r"(?P<name>[^/]+)"}


@dataclass(frozen=True, slots=True)
class Placed:
    """One attachment before it is read. `place`: its path in the folder, or its address."""

    place: str
    owner: Reference
    name: str
    folder: str = ""
    created_at: datetime | None = None
    created_by: str = ""
    confidential: bool | None = None
    in_portal: bool | None = None

    @property
    def key(self) -> str:
        """The key of its record."""
        return f"{hidden(self.place)}@{self.owner.object_name}/{self.owner.key}"


class Places:
    """Looks through index and folder. Raises ConfigError for a folder that is not there."""

    def __init__(self, settings: AttachmentSettings, office: Office) -> None:
        self._settings = settings
        self._office = office
        self._rule = _compiled(settings.rule)

    @cached_property
    def _found(self) -> tuple[str, ...]:
        """The paths of all files of the folder, with "/"; what links point to is not read."""
        root, index = self._settings.folder, self._settings.index
        if root is None:
            return ()
        if not root.is_dir():
            raise ConfigError(f"there is no folder {root}.", hint="Correct `attachments`.")
        files = (p for p in root.rglob("*") if p.is_symlink() or p.is_file())
        return tuple(sorted(p.relative_to(root).as_posix() for p in files if index is None or p != index))

    def all(self) -> Iterator[Placed | Rejected]:
        """Every attachment: those of the index first, then what else lies in the folder."""
        seen: set[str] = set()
        listed: set[str] = set()
        for place, each in self._indexed():
            listed.add(place)
            if isinstance(each, Placed):
                if each.key in seen:
                    continue  # the same file of the same record twice
                seen.add(each.key)
            yield each
        for path in self._found:
            if path not in listed and path.rpartition("/")[2].casefold() not in _LITTER:
                yield self._by_rule(path)

    def _indexed(self) -> Iterator[tuple[str, Placed | Rejected]]:
        """What the index says, each with its place ("" where a row cannot be read)."""
        if self._settings.index is None:
            return
        there = set(self._found)
        for row in read_index(self._settings.index, self._office.settings.zone):
            if isinstance(row, Rejected):
                yield "", row
            else:
                place = row.address or str(PurePosixPath(row.path.replace("\\", "/")))
                yield place, self._of_index(row, place, there)

    def _of_index(self, row: IndexRow, place: str, there: set[str]) -> Placed | Rejected:
        key = f"{hidden(place) or row.place}@{row.entity} {row.number}".strip()
        owner = owner_of(row.entity, Named("", row.number) if row.number else None, self._office)
        if isinstance(owner, str):
            return Rejected(FILES, key, (f"{row.place}: {owner}",))
        if not row.address and place not in there:
            return Rejected(FILES, key, (f"{row.place}: there is no file {place!r}",))
        return Placed(
            place,
            owner,
            row.name or _name_of(place),
            row.folder.strip("/"),
            row.created_at,
            row.author,
            row.confidential,
            row.in_portal,
        )

    def _by_rule(self, path: str) -> Placed | Rejected:
        if self._settings.folder is not None and (self._settings.folder / path).is_symlink():
            return Rejected(FILES, path, (f"{path}: it is a link, and links are not followed",))
        match = self._rule.fullmatch(path)
        if match is None:
            return Rejected(FILES, path, (f"{path}: does not fit the rule {self._settings.rule}",))
        parts = match.groupdict()
        owner = owner_of(parts["object"], Named("", parts["key"]), self._office)
        if isinstance(owner, str):
            return Rejected(FILES, path, (f"{path}: {owner}",))
        return Placed(path, owner, parts["name"], (parts.get("folder") or "").strip("/"))

    def litter(self) -> int:
        """How many files a computer made for itself."""
        return sum(1 for path in self._found if path.rpartition("/")[2].casefold() in _LITTER)


def hidden(place: str) -> str:
    """A path, or an address without what may be a secret in it: its query and its user."""
    if not is_address(place):
        return place
    parts = urlsplit(place)
    digest = hashlib.sha256(place.encode()).hexdigest()[:8] if parts.query else ""
    tail = f"?{digest}" if digest else ""
    return (
        f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}{tail}"
    )


def is_address(place: str) -> bool:
    """Whether a place is an address, and no path."""
    return "://" in place


def _name_of(place: str) -> str:
    path = unquote(urlsplit(place).path) if is_address(place) else place
    return path.rpartition("/")[2] or "unnamed"


def _compiled(rule: str) -> re.Pattern[str]:
    """The rule as a regular expression; the settings have checked it."""
    pattern = re.escape(rule).replace(r"\{", "{").replace(r"\}", "}")
    pattern = pattern.replace("{folder}/", r"(?P<folder>(?:[^/]+/)*)")
    for name, part in _PARTS.items():
        pattern = pattern.replace("{" + name + "}", part)
    return re.compile(pattern)
