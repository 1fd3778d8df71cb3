"""`files`: attachments from a folder or from addresses of an index. The API takes them but gives none.

An index (csv or xlsx) has a row for each attachment: a path in the folder or an address, the kind of record
and its number, and where known name, folder, date and author. Without one the paths say it by a rule like
`{object}/{key}/{folder}/{name}`: `Job/J1042/photos/meter.jpg`. Addresses are fetched without any key, and
only from hosts that the settings name. The key of a record is `{path or address}@{object}/{key}`.
"""

import hashlib
import mimetypes
from collections.abc import Iterator
from typing import Any

import orjson

from crossdock.connection import Connection
from crossdock.errors import ConfigError, RecordError
from crossdock.fieldtypes import FieldType as T
from crossdock.filestore import FileStore
from crossdock.model import Batch, ObjectSchema, Observation, Record, Rejected
from crossdock.values import Reference, StoredFile
from crossdock_ascora.attachmentcontents import Contents, UnreadableError
from crossdock_ascora.attachmentplaces import FILES, Placed, Places, is_address
from crossdock_ascora.checklist import Checklist
from crossdock_ascora.filesettings import AttachmentSettings
from crossdock_ascora.objects.kind import one
from crossdock_ascora.objects.owners import OWNERS, plain_owner
from crossdock_ascora.office import Office
from crossdock_ascora.rows import Named

_BATCH = 50


def files_schema(count: int | None) -> ObjectSchema:
    """The schema of `files`."""
    fields = (
        one("name", T.TEXT, "Name"),
        one("content", T.FILE, "Content"),
        one("size", T.INTEGER, "Size in bytes"),
        one("folder", T.TEXT, "Folder"),
        one("owner", T.REFERENCE, "Record that holds it", *OWNERS),
        one(
            "owner_customer", T.REFERENCE, "Record (sites as customers)", *(o for o in OWNERS if o != "sites")
        ),
        one("created_at", T.DATETIME, "Created at"),
        one("author", T.REFERENCE, "Author", "users"),
        one("confidential", T.BOOLEAN, "Confidential"),
        one("in_portal", T.BOOLEAN, "Viewable in portal"),
    )
    return ObjectSchema(FILES, fields, "Attachment", "Attachments", count=count, snapshot=True)


class Attachments:
    """The attachments of the settings. Files are opened when something is first asked for."""

    def __init__(self, settings: AttachmentSettings, connection: Connection, office: Office) -> None:
        self._settings = settings
        self._connection = connection
        self._office = office
        self._places = Places(settings, office)
        self._contents = Contents(settings, connection)

    def close(self) -> None:
        """Close the connections."""
        self._contents.close()

    def schema(self) -> ObjectSchema:
        """The object with the number of attachments that have a place."""
        placed = [each.key for each in self._places.all() if isinstance(each, Placed)]
        return files_schema(len(placed) - len({one.key for one in self.missing()} & set(placed)))

    def batches(self, cursor: str | None, store: FileStore) -> Iterator[Batch]:
        """All attachments; what cannot be had is rejected and goes to the checklist of the handoff."""
        start = orjson.loads(cursor)["from"] if cursor else 0
        whole = list(self._places.all())
        with Checklist(self._connection.handoff, fresh=start == 0) as checklist:
            for first in range(start, len(whole), _BATCH):
                results = [self._record(each, store) for each in whole[first : first + _BATCH]]
                checklist.add(r for r in results if isinstance(r, Rejected))
                yield Batch(
                    records=tuple(r for r in results if isinstance(r, Record)),
                    cursor=orjson.dumps({"from": first + len(results)}).decode(),
                    total=len(whole),
                    rejected=tuple(r for r in results if isinstance(r, Rejected)),
                )

    def observations(self, keys: set[str] | None) -> Iterator[Observation]:
        """The attachments again: contents are read and hashed anew and not kept."""
        for each in self._places.all():
            if isinstance(each, Rejected) or (keys is not None and each.key not in keys):
                continue
            digest, size = hashlib.sha256(), 0
            try:
                for chunk in self._contents.chunks(each.place, each.name):
                    digest.update(chunk)
                    size += len(chunk)
            except (RecordError, ConfigError, UnreadableError):
                continue  # not to be had: extract rejected it with the reason
            stored = StoredFile(each.name, size, digest.hexdigest(), media_type(each.name), each.folder)
            yield Observation(FILES, each.key, self._values(each, stored))

    def missing(self) -> Iterator[Rejected]:
        """What is known to be missing before anything is fetched."""
        for each in self._places.all():
            if isinstance(each, Rejected):
                yield each
            elif is_address(each.place):
                try:
                    self._contents.check(each.place)
                except ConfigError as error:
                    yield Rejected(FILES, each.key, (error.message,))

    def notes(self) -> Iterator[str]:
        """What is read, by which rule."""
        index, folder = self._settings.index, self._settings.folder
        how = f"by the index {index.name}" if index else f"by the rule {self._settings.rule}"
        yield f"Attachments come from {folder.name if folder else 'addresses'}, {how}."
        if litter := self._places.litter():
            yield f"{litter} files that a computer makes for itself (thumbs.db and the like) stay out."

    def _record(self, each: Placed | Rejected, store: FileStore) -> Record | Rejected:
        if isinstance(each, Rejected):
            return each
        try:
            stored = store.save(
                self._contents.chunks(each.place, each.name),
                name=each.name,
                media_type=media_type(each.name),
                folder=each.folder,
            )
        except RecordError as error:
            return Rejected(FILES, each.key, error.reasons)
        except (ConfigError, UnreadableError) as error:
            return Rejected(FILES, each.key, (str(error),))
        return Record(FILES, each.key, self._values(each, stored))

    def _values(self, each: Placed, stored: StoredFile) -> dict[str, Any]:
        author = self._office.users.find(Named("", each.created_by) if each.created_by else None)
        return {
            "name": each.name,
            "content": stored,
            "size": stored.size,
            "folder": each.folder or None,
            "owner": each.owner,
            "owner_customer": plain_owner(each.owner, self._office),
            "created_at": each.created_at,
            "author": Reference("users", author) if author else None,
            "confidential": each.confidential,
            "in_portal": each.in_portal,
        }


def media_type(name: str) -> str:
    """The media type that a name suggests."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
