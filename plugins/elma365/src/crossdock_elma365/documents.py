"""`_system.files` from a folder: which record a document belongs to says its path, or an index.

The rule of the paths is like `{object}/{key}/{folder}/{name}`: `{object}` is an object's name or label,
`{key}` the record's id, `{folder}` any depth (also none), `{name}` the file's name; `{field}` may name the
field. An index (csv or xlsx) has a row for each document and stands over the rule. The key of a record is
`{path}@{object}/{key}/{field}`. When a file was made and by whom only an index can say.
"""

import hashlib
import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType
from crossdock.filestore import FileStore
from crossdock.layout import ColumnLayout, Elsewhere, Layout, LayoutReader, ObjectLayout
from crossdock.model import Batch, Observation, Record, Rejected
from crossdock.values import Reference, StoredFile
from crossdock_elma365.fieldtypes import FILES, USERS, file_key
from crossdock_elma365.filesettings import DocumentSettings

_BATCH = 100
_CHUNK = 1 << 20
_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_PARTS = {
    "object": r"(?P<object>[^/]+)",
    "key": r"(?P<key>[^/]+)",
    "field": r"(?P<field>[^/]+)",
    "name": r"(?P<name>[^/]+)",
}

_INDEX = Layout(
    dates=(
        "DD.MM.YYYY",
        "DD.MM.YYYY hh:mm",
        "DD.MM.YYYY hh:mm:ss",
        "YYYY-MM-DD",
        "YYYY-MM-DD hh:mm:ss",
        "ISO",
    ),
    encodings=("utf-8", "cp1251"),
    objects={
        FILES: ObjectLayout(
            files=("*",),
            key=("path",),
            columns={
                "path": ColumnLayout(headers=("path", "file", "путь", "файл"), required=True, filled=True),
                "object": ColumnLayout(headers=("object", "объект"), required=True, filled=True),
                "owner": ColumnLayout(headers=("key", "id", "ключ", "запись"), required=True, filled=True),
                "field": ColumnLayout(headers=("field", "поле")),
                "name": ColumnLayout(headers=("name", "название", "имя")),
                "folder": ColumnLayout(headers=("folder", "папка")),
                "created_at": ColumnLayout(
                    headers=("created at", "created", "создан", "дата создания"), type=FieldType.DATETIME
                ),
                "created_by": ColumnLayout(
                    headers=("created by", "author", "автор", "кем создан"),
                    type=FieldType.REFERENCE,
                    to=(USERS,),
                    by=("__id", "email", "__name"),
                ),
            },
        )
    },
)


@dataclass(frozen=True, slots=True)
class Placed:
    """One document and what is known of it before it is read. `path` is relative to the folder."""

    path: str
    owner: Reference
    name: str
    folder: str = ""
    field: str = ""
    created_at: datetime | None = None
    created_by: Reference | None = None

    @property
    def key(self) -> str:
        """The key of its record."""
        return file_key(self.path, self.owner, self.field)


class DocumentFolder:
    """Reads a folder of documents. `names`: what objects are called there -> their names; `people` finds
    users by id, e-mail address or name."""

    def __init__(
        self, settings: DocumentSettings, names: Mapping[str, str], zone: tzinfo, people: Elsewhere
    ) -> None:
        self._settings = settings
        self._names = {word.casefold(): name for word, name in names.items()}
        self._zone = zone
        self._people = people
        self._rule = _compiled(settings.rule)

    def batches(self, cursor: str | None, store: FileStore) -> Iterator[Batch]:
        """All documents in the order of their paths. The cursor is JSON: {"from": how many came before}."""
        start = orjson.loads(cursor)["from"] if cursor else 0
        whole = list(self._placed())
        for first in range(start, len(whole), _BATCH):
            results = [self._record(each, store) for each in whole[first : first + _BATCH]]
            yield Batch(
                records=tuple(r for r in results if isinstance(r, Record)),
                cursor=orjson.dumps({"from": first + len(results)}).decode(),
                total=len(whole),
                rejected=tuple(r for r in results if isinstance(r, Rejected)),
            )

    def count(self) -> int:
        """How many documents belong to a record."""
        return sum(1 for each in self._placed() if isinstance(each, Placed))

    def observations(self, keys: set[str] | None) -> Iterator[Observation]:
        """The documents again: contents are hashed anew and not kept."""
        for each in self._placed():
            if isinstance(each, Placed) and (keys is None or each.key in keys):
                digest, size = hashlib.sha256(), 0
                for chunk in _chunks(self._settings.folder / each.path):
                    digest.update(chunk)
                    size += len(chunk)
                stored = StoredFile(each.name, size, digest.hexdigest(), _media_type(each.name), each.folder)
                yield Observation(FILES, each.key, _values(each, stored))

    def notes(self) -> Iterator[str]:
        """What is read by which rule, and what counts as litter."""
        how = f"by the index {self._settings.index.name}, else " if self._settings.index else ""
        yield f"Documents come from {self._settings.folder.name}, {how}by the rule {self._settings.rule}."
        litter = sum(1 for path in self._found if path.rpartition("/")[2].casefold() in _LITTER)
        if litter:
            yield f"{litter} files that a computer makes for itself stay out ({', '.join(sorted(_LITTER))})."

    def _record(self, each: Placed | Rejected, store: FileStore) -> Record | Rejected:
        if isinstance(each, Rejected):
            return each
        try:
            stored = store.save(
                _chunks(self._settings.folder / each.path),
                name=each.name,
                media_type=_media_type(each.name),
                folder=each.folder,
            )
        except _UnreadableError as error:
            return Rejected(FILES, each.key, (str(error),))
        return Record(FILES, each.key, _values(each, stored))

    @cached_property
    def _found(self) -> tuple[str, ...]:
        """The paths of all files, relative, with "/"; links are in it, what they point to is not read."""
        root = self._settings.folder
        if not root.is_dir():
            raise ConfigError(f"there is no folder {root}.", hint="Correct `documents`.")
        index = self._settings.index
        files = (p for p in root.rglob("*") if p.is_symlink() or p.is_file())
        return tuple(sorted(p.relative_to(root).as_posix() for p in files if index is None or p != index))

    def _placed(self) -> Iterator[Placed | Rejected]:
        indexed = self._indexed
        yield from (each for path, each in indexed.items() if path not in set(self._found))
        for path in self._found:
            if path.rpartition("/")[2].casefold() in _LITTER:
                continue
            if (self._settings.folder / path).is_symlink():
                yield Rejected(FILES, path, (f"{path}: it is a link, and links are not followed",))
            else:
                yield indexed.get(path) or self._by_rule(path)

    def _by_rule(self, path: str) -> Placed | Rejected:
        match = self._rule.fullmatch(path)
        if match is None:
            return Rejected(FILES, path, (f"{path}: does not fit the rule {self._settings.rule}",))
        parts = match.groupdict()
        owner = self._names.get(parts["object"].casefold())
        if owner is None:
            known = ", ".join(sorted(set(self._names.values())))
            return Rejected(FILES, path, (f"{path}: {parts['object']!r} is no object; there are {known}",))
        return Placed(
            path,
            Reference(owner, parts["key"]),
            parts["name"],
            (parts.get("folder") or "").strip("/"),
            parts.get("field") or "",
        )

    @cached_property
    def _indexed(self) -> dict[str, Placed | Rejected]:
        """What the index says, by path."""
        if self._settings.index is None:
            return {}
        there = set(self._found)
        reader = LayoutReader(_INDEX, [self._settings.index], zone=self._zone, elsewhere=self._people)
        found: dict[str, Placed | Rejected] = {}
        for result in reader.results(FILES):
            path = str(PurePosixPath(result.key.replace("\\", "/")))
            if isinstance(result, Record) and path in there:
                found[path] = self._of_index(path, result.values)
            else:
                reasons = result.reasons if isinstance(result, Rejected) else (f"{path}: no such file",)
                found[result.key] = Rejected(FILES, result.key, reasons)
        return found

    def _of_index(self, path: str, row: Mapping[str, Any]) -> Placed | Rejected:
        owner = self._names.get(row["object"].strip().casefold())
        if owner is None:
            return Rejected(FILES, path, (f"{path}: the index names {row['object']!r}, which is no object",))
        return Placed(
            path,
            Reference(owner, row["owner"]),
            row["name"] or path.rpartition("/")[2],
            (row["folder"] or "").strip("/"),
            row["field"] or "",
            row["created_at"],
            row["created_by"],
        )


class _UnreadableError(Exception):
    """A document cannot be read; the text says which and why."""


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise _UnreadableError(f"{path.name} cannot be read: {error.strerror}") from error


def _compiled(rule: str) -> re.Pattern[str]:
    """The rule as a regular expression; the settings have checked it."""
    pattern = re.escape(rule).replace(r"\{", "{").replace(r"\}", "}")
    pattern = pattern.replace("{folder}/", r"(?P<folder>(?:[^/]+/)*)")
    for name, part in _PARTS.items():
        pattern = pattern.replace("{" + name + "}", part)
    return re.compile(pattern)


def _values(each: Placed, stored: StoredFile) -> dict[str, Any]:
    return {
        "owner": each.owner,
        "field": each.field or None,
        "name": each.name,
        "content": stored,
        "size": stored.size,
        "folder": each.folder or None,
        "created_at": each.created_at,
        "created_by": each.created_by,
    }


def _media_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
