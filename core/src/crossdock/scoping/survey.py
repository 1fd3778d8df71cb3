"""The survey: reads the sources to see what their records look like. Nothing is kept of what is read.

Of each object at most a given number of records is read. Of files only as many as it takes to know how
large they are: contents are counted as they come in and thrown away.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from crossdock.errors import (
    AccessLostError,
    AuthError,
    CrossdockError,
    StoppedError,
    StorageError,
    UnreachableError,
)
from crossdock.expressions import Condition
from crossdock.fieldpaths import head, used_fields
from crossdock.fieldtypes import FieldType
from crossdock.filestore import FileStore
from crossdock.mapping import ObjectMapping
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import ObjectSchema, Record
from crossdock.scoping.profiling import Profile, Wanted
from crossdock.values import StoredFile

RECORDS: Final = 100_000
"""How many records of an object are read at most unless told otherwise."""
_REQUESTS: Final = 1000  # an object that takes more is left out, unless everything is asked for
_FILES, _BYTES = 200, 50_000_000  # contents are read until one of these is reached

Profiles = Mapping[tuple[str, str], Profile]
"""By tenant and object name."""
Look = Callable[[str, str, Sequence[Record]], None]
"""Is shown tenant, object name and records as they are read."""


class _MeasuredError(StoppedError):
    """Enough files were measured."""


class _Scale(FileStore):
    """A file store that counts and keeps nothing."""

    def __init__(self, files: int, size: int) -> None:
        super().__init__(Path())
        self.files, self.bytes = 0, 0
        self._most_files, self._most_bytes = files, size

    def save(
        self,
        chunks: Iterable[bytes],
        *,
        name: str,
        media_type: str = "application/octet-stream",
        folder: str = "",
    ) -> StoredFile:
        """Count the bytes. Raises once enough were counted; a file that is too long counts as far as read."""
        if self.files >= self._most_files:
            raise _MeasuredError("enough files were measured.")
        digest, size = hashlib.sha256(), 0
        self.files += 1
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            self.bytes += len(chunk)
            if self.bytes >= self._most_bytes:
                raise _MeasuredError("enough bytes were measured.")
        return StoredFile(name, size, digest.hexdigest(), media_type, folder)


@dataclass(frozen=True, slots=True)
class FileVolume:
    """The files of one tenant. `links` counts the fields that point to a file, `measured` the contents read.

    `bytes` is the sum of what was measured if all was, else the average of it times `links`; None if nobody
    looked.
    """

    tenant: str
    links: int
    measured: int
    bytes: int | None
    whole: bool


@dataclass
class Survey:
    """What reading gave. `unread` says by (tenant, object) why it could not be read to the end."""

    limit: int
    profiles: dict[tuple[str, str], Profile] = field(default_factory=dict)
    files: list[FileVolume] = field(default_factory=list)
    unread: dict[tuple[str, str], str] = field(default_factory=dict)


def survey(
    migration: Migration,
    resolved: ResolvedMapping | None,
    limit: int = RECORDS,
    files: int = _FILES,
    look: Look = lambda _tenant, _object_name, _records: None,
) -> Survey:
    """Read at most `limit` records of each object (0: all) of each tenant, and up to `files` file contents.
    What is read is shown to `look` too.

    An object that the platform refuses to give is noted as unread; what ends a connection is raised.
    """
    found = Survey(limit)
    for tenant, catalog in migration.source_catalogs.items():
        holders = {schema.name for schema in catalog.objects if holds_files(schema)}
        scale = _Scale(files, _BYTES)
        whole = True
        for schema in sorted(catalog.objects, key=lambda s: s.name in holders):
            profile = Profile(schema, wanted_of(schema, resolved), holders)
            found.profiles[tenant, schema.name] = profile
            if limit and (schema.requests or 0) > _REQUESTS:
                found.unread[tenant, schema.name] = (
                    f"reading it takes {schema.requests} requests: it is left to the run, or to discover"
                    " --records 0"
                )
                profile.finish()
                continue
            try:
                _read(migration, tenant, profile, limit, scale, look)
            except _MeasuredError:
                whole = False
            except (AuthError, UnreachableError, AccessLostError, StorageError):
                raise
            except CrossdockError as error:
                found.unread[tenant, schema.name] = error.message
            finally:
                profile.finish()
        if holders:
            links = sum(p.file_links for (t, _), p in found.profiles.items() if t == tenant)
            found.files.append(_volume(tenant, scale, links, whole))
    return found


def holds_files(schema: ObjectSchema) -> bool:
    """Whether the records of this object are files or carry file contents."""
    return any(f.type is FieldType.FILE for f in schema.fields)


def wanted_of(schema: ObjectSchema, resolved: ResolvedMapping | None) -> Wanted:
    """What the platform requires, what the mapping requires, and that one match key is filled."""
    routes = [r for r in resolved.objects if r.source == schema.name] if resolved else []
    required = [(f.name,) for f in schema.fields if f.required and not f.read_only]
    rules: dict[tuple[str, ...], list[str]] = {group: [""] for group in required}  # "": of every record
    keys: list[str] = []
    for route in routes:
        read = dict(_sources(route, schema))
        for entry, names in read.items():
            if route.fields[entry].required:
                rules.setdefault(names, []).append(route.where or "")
        keys += [name for key in route.match for name in read.get(key[0], ())]
    rules.setdefault(tuple(dict.fromkeys(keys)), []).append("")
    some = {group: [Condition(rule) for rule in own] for group, own in rules.items() if all(own)}
    return Wanted(tuple(filter(None, rules)), some)


def _sources(route: ObjectMapping, schema: ObjectSchema) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(target field, source fields) of the entries that read nothing but fields of the record itself."""
    used = used_fields(route, schema)
    for name, entry in route.fields.items():
        read = tuple(head(path, schema) for path in entry.sources)
        if read and all(field in used and schema.field(field) is not None for field in read):
            yield name, read


def _read(
    migration: Migration, tenant: str, profile: Profile, limit: int, scale: FileStore, look: Look
) -> None:
    name = profile.schema.name
    with closing(migration.sources[tenant].extract(name, files=scale)) as batches:
        for batch in batches:
            for record in batch.records:
                profile.add(record)
            look(tenant, name, batch.records)
            profile.unreadable += len(batch.rejected)
            migration.progress(f"look at {name}", len(batch.records), batch.total)
            if limit and profile.records >= limit:
                return
    profile.whole = True


def _volume(tenant: str, scale: _Scale, links: int, whole: bool) -> FileVolume:
    if whole:
        return FileVolume(tenant, links, scale.files, scale.bytes, True)
    average = scale.bytes / scale.files if scale.files else None
    return FileVolume(tenant, links, scale.files, None if average is None else round(average * links), False)
