"""The index of attachments: a table with a row for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.layout import ColumnLayout, Layout, LayoutReader, ObjectLayout
from crossdock.model import Record, Rejected

_OBJECT = "files"


def _column(*headers: str, **more: Any) -> ColumnLayout:
    return ColumnLayout(headers=headers, **more)


_INDEX = Layout(
    dates=("DD/MM/YYYY", "DD/MM/YYYY hh:mm", "DD/MM/YYYY hh:mm AM", "YYYY-MM-DD", "ISO"),
    yes=("yes", "y", "true", "1"),
    no=("no", "n", "false", "0"),
    encodings=("utf-8", "cp1252"),
    objects={
        _OBJECT: ObjectLayout(
            files=("*",),
            key="row",
            columns={
                "path": _column("path", "file", "file name", "filename"),
                "address": _column("url", "address", "link", "download"),
                "entity": _column("entity", "entity type", "attached to", "type", required=True),
                "number": _column("number", "key", "id", "record", required=True),
                "name": _column("name", "title"),
                "folder": _column("folder", "category"),
                "created_at": _column("created at", "date", "uploaded", type=FieldType.DATETIME),
                "author": _column("created by", "author", "uploaded by", "user"),
                "confidential": _column("confidential", type=FieldType.BOOLEAN),
                "in_portal": _column("viewable in portal", "portal", type=FieldType.BOOLEAN),
            },
        )
    },
)


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One row; `place` says where it stands."""

    place: str
    path: str
    address: str
    entity: str
    number: str
    name: str = ""
    folder: str = ""
    created_at: datetime | None = None
    author: str = ""
    confidential: bool | None = None
    in_portal: bool | None = None


def read_index(path: Path, zone: tzinfo) -> Iterator[IndexRow | Rejected]:
    """All rows of an index. Raises ConfigError for a table that is none."""
    for result in LayoutReader(_INDEX, [path], zone=zone).results(_OBJECT):
        yield result if isinstance(result, Rejected) else _row(result)


def _row(record: Record) -> IndexRow | Rejected:
    values = {name: value for name, value in record.values.items() if value is not None}
    words = {name: str(values.get(name, "")).strip() for name in ("path", "address", "entity", "number")}
    if not (words["path"] or words["address"]):
        return Rejected(_OBJECT, record.key, (f"{record.key}: it names neither a file nor an address",))
    return IndexRow(
        record.key,
        **words,
        name=str(values.get("name", "")).strip(),
        folder=str(values.get("folder", "")).strip(),
        created_at=values.get("created_at"),
        author=str(values.get("author", "")).strip(),
        confidential=values.get("confidential"),
        in_portal=values.get("in_portal"),
    )
