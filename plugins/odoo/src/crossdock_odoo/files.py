"""Contents of files: into the cells of a load, and back for observations and for undoing.

Odoo takes and gives contents in base64 inside one JSON text, so a file is in memory as a whole (twice for a
moment); the largest that goes through is just under 96 MiB. It answers with the SHA-1 of what it stored:
compared with our own that proves a file without reading it back (measured on 18.0).
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.errors import ContractError
from crossdock.values import StoredFile
from crossdock_odoo.client import OdooClient

_EMPTY = StoredFile("", 0, hashlib.sha256().hexdigest())
_REMEMBERED = 20_000  # files; some 10 MB
_CHUNK = 3 * 2**20  # a multiple of three: base64 of parts joins to that of the whole


@dataclass(frozen=True, slots=True)
class Content:
    """A file as a cell: its base64 text, and the SHA-1 in hex of the content ("" of an empty one)."""

    cell: str
    sha1: str


class Contents:
    """Contents of one database's files; remembers by SHA-1 what it saw last."""

    def __init__(self, client: OdooClient) -> None:
        self._client = client
        self._known: dict[str, StoredFile] = {}

    def encode(self, file: StoredFile) -> Content:
        """The content of a stored file as a cell. Raises StorageError if it is not in the store."""
        digest, parts = hashlib.sha1(usedforsecurity=False), []
        with self._client.files.open(file) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                parts.append(base64.b64encode(chunk))
        sha1 = digest.hexdigest() if file.size else ""
        if sha1:
            self._remember(sha1, file)
        return Content(b"".join(parts).decode(), sha1)

    def attachment(self, row: Mapping[str, Any]) -> StoredFile | None:
        """The content of an attachment with its `name`, `mimetype`, `checksum` and `file_size`.

        One whose SHA-1 was seen in this process is not read again.
        """
        name, media = str(row["name"] or ""), str(row["mimetype"] or "application/octet-stream")
        if not row["checksum"]:
            return _EMPTY if row.get("type") == "binary" else None
        known = self._known.get(str(row["checksum"]))
        if known is not None and known.size == row["file_size"]:
            return StoredFile(name, known.size, known.sha256, media)
        return self.read("ir.attachment", int(row["id"]), "datas", name=name, media_type=media)

    def read(
        self, model: str, record_id: int, column: str, *, name: str, media_type: str = ""
    ) -> StoredFile | None:
        """The content of a binary field, kept in the file store; None if it is empty or gone."""
        rows = self._client.read(model, [record_id], [column])
        if not rows or not rows[0][column]:
            return None
        text = rows[0][column]
        if not isinstance(text, str):
            raise ContractError(f"Odoo gave the content of {model}.{column} in an unknown form.")
        digest = hashlib.sha1(usedforsecurity=False)
        stored = self._client.files.save(
            _decoded(text, digest), name=name, media_type=media_type or "application/octet-stream"
        )
        self._remember(digest.hexdigest(), stored)
        return stored

    def _remember(self, sha1: str, file: StoredFile) -> None:
        """Keep what a content is; of too many the one that was seen longest ago is forgotten."""
        self._known.pop(sha1, None)
        self._known[sha1] = file
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]


def image_of(file: StoredFile | None) -> dict[str, Any] | None:
    """What a before-image keeps of a file; its content lies in the file store."""
    if file is None:
        return None
    return {"sha256": file.sha256, "size": file.size, "name": file.name, "media_type": file.media_type}


def of_image(image: Mapping[str, Any] | None) -> StoredFile | None:
    """The file that a before-image names."""
    if not image:
        return None
    return StoredFile(image["name"], image["size"], image["sha256"], image["media_type"])


def _decoded(text: str, digest: Any) -> Iterator[bytes]:
    plain = text.replace("\n", "")
    for start in range(0, len(plain), 4 * 2**20):
        chunk = base64.b64decode(plain[start : start + 4 * 2**20])
        digest.update(chunk)
        yield chunk
