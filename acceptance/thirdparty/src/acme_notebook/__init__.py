"""An address book in a JSON file: {"firms": [{"key", "name", "site"}]}. Somebody else's connector."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.resources import files as resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from crossdock import (
    Batch,
    Capabilities,
    Catalog,
    FieldSchema,
    FieldType,
    Limits,
    Link,
    ObjectSchema,
    Observation,
    Record,
    Selection,
    hookimpl,
)
from crossdock.connection import Connection
from crossdock.filestore import FileStore

FIRMS = "firms"


class NotebookSettings(BaseModel):
    """Where the file is."""

    file: Path


class NotebookSource:
    """Reads the whole file each time."""

    settings_type = NotebookSettings

    def __init__(self, settings: NotebookSettings, connection: Connection) -> None:
        self._file = settings.file

    @hookimpl
    def discover(self) -> Catalog:
        """One object."""
        fields = (FieldSchema("name", FieldType.TEXT, "Name"), FieldSchema("site", FieldType.LINK, "Site"))
        schema = ObjectSchema(FIRMS, fields, "Firms", count=len(self._records()))
        return Catalog(
            "notebook", f"notebook:{self._file.name}", (schema,), Capabilities(), Limits("notebook")
        )

    @hookimpl
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        """Everything in one batch."""
        if cursor is None:
            yield Batch(self._records(), cursor="all")

    @hookimpl
    def infer_schema(self, object_name: str, sample: Sequence[Record]) -> ObjectSchema:
        """What discover said."""
        return self.discover().objects[0]

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """The file once more."""
        for record in self._records():
            if selection.ids is None or record.key in selection.ids:
                yield Observation(object_name, record.key, record.values)

    def close(self) -> None:
        """Nothing is open."""

    def _records(self) -> tuple[Record, ...]:
        return tuple(map(_record, json.loads(self._file.read_text(encoding="utf-8"))["firms"]))


def _record(row: dict[str, Any]) -> Record:
    return Record(FIRMS, row["key"], {"name": row["name"], "site": Link(row["site"])})


def twenty() -> Traversable:
    """The curated mapping to Twenty CRM (YAML)."""
    return resources(__package__) / "twenty.yaml"
