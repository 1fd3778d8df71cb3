"""Files: announced, put, completed, attached once (measured on 2.21.0, unless said otherwise)."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from uuid import uuid4

from crossdock_twenty.sandbox.catalog import Field, Object
from crossdock_twenty.sandbox.clock import stamp
from crossdock_twenty.sandbox.errors import RefusalError
from crossdock_twenty.sandbox.inspection import bad_input, shown
from crossdock_twenty.sandbox.signing import file_url, upload_url
from crossdock_twenty.sandbox.values import is_uuid
from crossdock_twenty.sandbox.workspace import Workspace

MAX_SIZE = 1024**3
UPLOAD_TTL = 15 * 60
_SCRIPT = re.compile(rb"<script\b.*?</script\s*>|<script\b[^>]*/>", re.IGNORECASE | re.DOTALL)
_MAGIC = {
    ".png": b"\x89PNG",
    ".pdf": b"%PDF",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".gif": b"GIF8",
}


def _refused(message: str, friendly: str) -> RefusalError:
    extensions = {"code": "INTERNAL_SERVER_ERROR", "userFriendlyMessage": friendly}
    return RefusalError(message, extensions=extensions)


def announce(ws: Workspace, name: str, size: float, field_id: str | None, universal: str | None) -> Any:
    """createFileUpload: the address to put the bytes to."""
    if not field_id and not universal:
        message = "fieldMetadataId or fieldMetadataUniversalIdentifier must be provided"
        raise _refused(message, message)
    if not 0 < size <= MAX_SIZE:
        raise _refused(
            f"Invalid file size {int(size)} (max {MAX_SIZE} bytes)",
            "The file is empty or exceeds the maximum allowed size.",
        )
    item = files_field(ws, field_id, universal)
    file_id = _add(ws, item, name, int(size))
    expires = int(ws.clock.now()) + UPLOAD_TTL
    return {
        "fileId": file_id,
        "uploadUrl": upload_url(ws, file_id, expires),
        "contentType": "application/octet-stream",
        "expiresAt": stamp(datetime.fromtimestamp(expires, UTC)),
    }


def files_field(ws: Workspace, field_id: str | None, universal: str | None) -> Field:
    """The FILES field an upload is for (assumed message for an unknown one)."""
    for item in ws.catalog.fields.values():
        if item.id == field_id or (universal and item.universal_id == universal):
            return item
    raise _refused("Files field not found", "Files field not found")


def _add(ws: Workspace, item: Field, name: str, size: int) -> str:
    file_id = str(uuid4())
    path = f"files-field/{item.universal_id}/{file_id}{PurePosixPath(name).suffix}"
    ws.store.run(
        "INSERT INTO file (id, field, name, path, declared, size, status, created)"
        " VALUES (?, ?, ?, ?, ?, 0, 'PENDING', ?)",
        (file_id, item.id, name, path, size, ws.clock.stamp()),
    )
    return file_id


def put(ws: Workspace, file_id: str, content: bytes) -> None:
    """Take the bytes. Too few: 400, may be put again; too many: 413 (assumed bodies)."""
    declared = ws.store.value("SELECT declared FROM file WHERE id = ?", (file_id,))
    if declared is None:
        raise RefusalError("File not found", status=404, error="NotFoundException")
    if len(content) > declared:
        message = f"File {file_id} exceeds the declared size of {declared} bytes"
        raise RefusalError(message, status=413, error="PayloadTooLargeException")
    digest = hashlib.sha256(content).hexdigest()
    ws.store.run(
        "UPDATE file SET content = ?, size = ?, sha256 = ? WHERE id = ?",
        (content, len(content), digest, file_id),
    )
    if len(content) < declared:
        message = f"File {file_id} has {len(content)} bytes in storage but {declared} were declared"
        raise RefusalError(message, code="FILE_SIZE_MISMATCH")


def complete(ws: Workspace, file_id: str) -> dict[str, Any]:
    """completeFileUpload: checks size and content; may be repeated."""
    sql = "SELECT name, path, declared, size, created, status, content FROM file WHERE id = ?"
    rows = ws.store.rows(sql, (file_id,))
    if not rows:
        raise _refused(f"File not found: {file_id}", "File not found.")
    name, path, declared, size, created, status, content = rows[0]
    if status == "PENDING":
        if size != declared:
            raise _refused(
                f"File {file_id} has {size} bytes in storage but {declared} were declared",
                "The uploaded file does not match the declared size. Please retry the upload.",
            )
        size = _finish(ws, file_id, name, content or b"")
    return {"id": file_id, "path": path, "size": size, "url": file_url(ws, file_id), "createdAt": created}


def _finish(ws: Workspace, file_id: str, name: str, content: bytes) -> int:
    """Check the content against the extension (measured: png, pdf; assumed: jpg, gif) and clean SVG."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _MAGIC and not content.startswith(_MAGIC[suffix]):
        raise _refused(
            "File content does not match its extension", "File content does not match its extension"
        )
    if suffix == ".svg":
        content = _SCRIPT.sub(b"", content)
    ws.store.run(
        "UPDATE file SET status = 'COMPLETE', content = ?, size = ?, sha256 = ? WHERE id = ?",
        (content, len(content), hashlib.sha256(content).hexdigest(), file_id),
    )
    return len(content)


def upload_whole(ws: Workspace, name: str, content: bytes, field_id: str) -> dict[str, Any]:
    """uploadFilesFieldFile: the older way, all in one multipart request."""
    item = files_field(ws, field_id, None)
    with ws.store.transaction():
        file_id = _add(ws, item, name, len(content))
        put(ws, file_id, content)
        return complete(ws, file_id)


def content_of(ws: Workspace, file_id: str) -> tuple[str, bytes] | None:
    """Name and bytes of a completed file."""
    sql = "SELECT name, content FROM file WHERE id = ? AND status = 'COMPLETE'"
    rows = ws.store.rows(sql, (file_id,))
    return (str(rows[0][0]), bytes(rows[0][1] or b"")) if rows else None


def file_entries(item: Field, value: Any, path: str) -> list[dict[str, str]]:  # noqa: ARG001
    """A FILES value as sent: a list of `{fileId, label}`."""

    def refuse(what: str) -> RefusalError:
        return bad_input(f'Invalid value "{shown(value)}" for FILES field "{path}" - {what}')

    if not isinstance(value, list):
        kind = "object" if isinstance(value, dict) else type(value).__name__
        raise refuse(f": Invalid input: expected array, received {kind}")
    for at, entry in enumerate(value):
        for name in ("fileId", "label"):
            part = entry.get(name) if isinstance(entry, dict) else None
            if not isinstance(part, str):
                raise refuse(f"{at}.{name}: Invalid input: expected string, received undefined")
    return [{"fileId": entry["fileId"].lower(), "label": entry["label"]} for entry in value]


def claim(ws: Workspace, obj: Object, data: Mapping[str, Any]) -> None:
    """Bind the record's files to it. A file belongs to one field and can be used once."""
    for name, item in obj.columns.items():
        if item.type != "FILES":
            continue
        for entry in data.get(name) or ():
            _claim_one(ws, item, entry, str(data["id"]))


def _claim_one(ws: Workspace, item: Field, entry: dict[str, str], record: str) -> None:
    file_id = entry["fileId"]
    rows = ws.store.rows("SELECT field, status, owner, name FROM file WHERE id = ?", (file_id,))
    if not rows or not is_uuid(file_id):
        raise bad_input(f"File not found: {file_id}")
    field_id, status, owner, name = rows[0]
    if status != "COMPLETE":
        raise bad_input(f"File {file_id} upload has not been completed")
    if field_id != item.id:
        raise bad_input(f"File {file_id} was not uploaded for this field")
    if owner is not None and owner != record:
        raise bad_input(f"File {file_id} is already associated with a permanent files field")
    entry["extension"] = PurePosixPath(name).suffix
    if owner is None:
        ws.store.run("UPDATE file SET owner = ? WHERE id = ?", (record, file_id))
