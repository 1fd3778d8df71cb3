"""`_system.files`: one record for each file in each field of each record.

The key is `{file id}@{namespace.code}/{item id}/{field}`. Contents are streamed once a file id.
What `/disk/file/{id}` answers besides id, name, size and hash is assumed, and so is a directory's parent.
"""

import hashlib
import mimetypes
from collections.abc import Callable, Iterator, Mapping
from datetime import tzinfo
from typing import Any

from crossdock.errors import ConfigError, RecordError
from crossdock.fieldtypes import FieldType
from crossdock.filestore import FileStore
from crossdock.model import FieldSchema, ObjectSchema, Observation, Provenance, Record, Rejected
from crossdock.values import Reference, StoredFile
from crossdock_elma365.client import AnswerError, Elma365Client, Read
from crossdock_elma365.decoding import files_of, update_time
from crossdock_elma365.fieldtypes import FILES, NIL, USERS, ShapeError, file_key, moment
from crossdock_elma365.schema import Application
from crossdock_elma365.signatures import file_signature, signature_data
from crossdock_elma365.verification import read_time

Json = Mapping[str, Any]

_SHA256_DIGITS = 64
_DEEPEST = 64  # folders in folders; a chain of parents that is longer goes in circles


def file_schema(owners: tuple[str, ...]) -> ObjectSchema:
    """The schema of `_system.files`; `owners` are the objects that have file fields."""

    def one(name: str, kind: FieldType, label: str, *references: str) -> FieldSchema:
        return FieldSchema(
            name, kind, label, read_only=True, references=references, provenance=Provenance.ASSUMED
        )

    fields = (
        one("name", FieldType.TEXT, "Name"),
        one("content", FieldType.FILE, "Content"),
        one("size", FieldType.INTEGER, "Size in bytes"),
        one("folder", FieldType.TEXT, "Folder"),
        one("field", FieldType.TEXT, "Field that holds it"),
        one("signature", FieldType.TEXT, "Signature"),
        one("signed", FieldType.TEXT, "What its record says of a signature"),
        one("owner", FieldType.REFERENCE, "Record that holds it", *owners),
        one("created_at", FieldType.DATETIME, "Created at"),
        one("created_by", FieldType.REFERENCE, "Created by", USERS),
    )
    return ObjectSchema(FILES, fields, label="File", label_plural="Files")


class FileReader:
    """Reads files of one company; remembers what it has stored, so that nothing is fetched twice."""

    def __init__(self, client: Elma365Client, zone: tzinfo, names: Callable[[str], str] = str) -> None:
        """`names`: the name of a user by id."""
        self._client = client
        self._zone = zone
        self._names = names
        self._stored: dict[str, tuple[StoredFile, Json]] = {}
        self._directories: dict[str, Json] = {}

    def records(
        self, app: Application, item: Json, store: FileStore, belongs_to: Reference | None = None
    ) -> Iterator[Record | Rejected]:
        """The file records of one item. A file that cannot be had is Rejected with the reason.

        `belongs_to` is the record that the item is, where that is not one of its application.
        """
        owner = Reference(app.name, str(item["__id"]))
        deleted = item.get("__deletedAt") is not None
        try:
            found = list(files_of(app, item))
        except ShapeError as error:
            yield Rejected(FILES, file_key("?", owner, "?"), (f"file field: {error}",))
            return
        for field_name, identifier in found:
            key = file_key(identifier, owner, field_name)
            values: dict[str, Any] = {"owner": belongs_to or owner, "field": field_name}
            try:
                if not deleted:  # a deleted record's files are named, not fetched
                    values |= self._values(identifier, store)
                    values |= self._signature(app, item, values["name"], field_name)
            except (AnswerError, RecordError, ConfigError, ShapeError) as error:
                yield Rejected(FILES, key, (f"file {identifier}: {error}",))
                continue
            yield Record(FILES, key, values, deleted, update_time(item, self._zone))

    def _signature(self, app: Application, item: Json, name: str, field_name: str) -> dict[str, Any]:
        """What the file is to a signature, and what its record says of one."""
        signed = signature_data(app, item, self._names, self._zone)
        return {"signature": file_signature(name, field_name), "signed": signed}

    def _values(self, identifier: str, store: FileStore) -> dict[str, Any]:
        if identifier not in self._stored:
            about = self._client.one(Read.FILE, "file", id=identifier)
            self._stored[identifier] = self._fetch(identifier, about, store), about
        stored, about = self._stored[identifier]
        author, created = about.get("__createdBy"), about.get("__createdAt")
        return {
            "name": stored.name,
            "content": stored,
            "size": stored.size,
            "folder": stored.folder or None,
            "created_at": moment(created, self._zone) if created else None,
            "created_by": Reference(USERS, str(author)) if author and author != NIL else None,
        }

    def _fetch(self, identifier: str, about: Json, store: FileStore) -> StoredFile:
        name = _name(about)
        contents = self._client.file(identifier, about.get("size"))
        stored = store.save(contents, name=name, media_type=_media_type(name), folder=self._folder(about))
        size, digest = about.get("size"), about.get("hash")
        if isinstance(size, int) and size != stored.size:
            raise RecordError(identifier, [f"{size} bytes announced, {stored.size} received"])
        if _is_sha256(digest) and str(digest).lower() != stored.sha256:
            raise RecordError(identifier, ["its contents do not have the announced hash"])
        return stored

    def observations(
        self, app: Application, item: Json, keys: set[str] | None, belongs_to: Reference | None = None
    ) -> Iterator[Observation]:
        """Read the files of one item again (contents too, without keeping them); `keys` limits which."""
        owner = Reference(app.name, str(item["__id"]))
        trashed = item.get("__deletedAt") is not None
        for field_name, identifier in files_of(app, item):
            key = file_key(identifier, owner, field_name)
            if keys is not None and key not in keys:
                continue
            values: dict[str, Any] = {"owner": belongs_to or owner, "field": field_name}
            image: Json = {}
            if not trashed:
                try:
                    image = self._client.one(Read.FILE, "file", id=identifier)
                    values |= self._second_look(identifier, image)
                    values |= self._signature(app, item, values["name"], field_name)
                except (AnswerError, RecordError, ConfigError):
                    continue  # not to be had: extract rejected it with the reason
            yield Observation(
                FILES, key, values, trashed, image=image, updated_at=update_time(item, self._zone)
            )

    def _second_look(self, identifier: str, about: Json) -> dict[str, Any]:
        digest, size = hashlib.sha256(), 0
        for chunk in self._client.file(identifier, about.get("size")):
            digest.update(chunk)
            size += len(chunk)
        name, folder, author = _name(about), self._folder(about), about.get("__createdBy")
        created = about.get("__createdAt")
        return {
            "name": name,
            "content": StoredFile(name, size, digest.hexdigest(), _media_type(name), folder),
            "size": size,
            "folder": folder or None,
            "created_at": read_time(created, "datetime", self._zone) if created else None,
            "created_by": None if author in (None, "", NIL) else Reference(USERS, author),
        }

    def _folder(self, about: Json) -> str:
        """The path of the folder that holds a file, "" for the root."""
        parts: list[str] = []
        while (parent := _parent(about)) and len(parts) < _DEEPEST:
            if parent not in self._directories:
                self._directories[parent] = self._directory(parent)
            about = self._directories[parent]
            parts.insert(0, str(about.get("__name") or "").replace("/", "_"))
        return "/".join(filter(None, parts))

    def _directory(self, identifier: str) -> Json:
        try:
            return self._client.one(Read.DIRECTORY, "directory", id=identifier)
        except AnswerError:
            return {"__name": identifier}  # a folder that the token may not see keeps its id as its name


def _parent(about: Json) -> str:
    for key in ("directory", "parent", "__directory"):
        if isinstance(about.get(key), str) and about[key] not in ("", NIL):
            return str(about[key])
    return ""


def _name(about: Json) -> str:
    return str(about.get("originalName") or about.get("__name") or about.get("name") or "unnamed")


def _media_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _is_sha256(digest: Any) -> bool:
    return (
        isinstance(digest, str)
        and len(digest) == _SHA256_DIGITS
        and set(digest.lower()) <= set("0123456789abcdef")
    )
