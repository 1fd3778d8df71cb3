"""The kit's own source: a plugin over one JSON file, so that a destination is tested on its own.

It is installed for the processes of a test only, by a distribution that is made up in a folder
(`install`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, SecretStr

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.connection import Connection
from crossdock.filestore import FileStore
from crossdock.hookspecs import hookimpl
from crossdock.model import Batch, Catalog, Limits, Observation, Record, Selection
from crossdock.testing.company import Company
from crossdock.values import StoredFile

NAME = "kit"
"""The platform's name in a project file."""

TOKEN = "kit-token-5f2c9ae1b7d04c63"  # noqa: S105 made up, to be looked for in what is written
_BATCH = 5


class KitSettings(BaseModel):
    """`data` is the file; `token` opens nothing, and must not be seen anywhere."""

    model_config = ConfigDict(extra="forbid")

    data: Path
    token: SecretStr


class KitSource:
    """The source. The cursor is the number of the records given so far."""

    settings_type: ClassVar[type[KitSettings]] = KitSettings

    def __init__(self, settings: KitSettings, connection: Connection) -> None:  # noqa: ARG002 as all are
        self._path = settings.data

    @hookimpl
    def discover(self) -> Catalog:
        """The objects of the file, with their counts."""
        company = Company.load(self._path)
        objects = tuple(
            replace(schema, count=sum(not r.deleted for r in company.of(schema.name)))
            for schema in company.schemas
        )
        can = (
            Capability.CHANGED_SINCE,
            Capability.DELETED_VISIBLE,
            Capability.STABLE_ORDER,
            Capability.FILES,
        )
        supported = Capabilities(dict.fromkeys(can, Support.YES))
        return Catalog(NAME, f"{NAME}:company", objects, supported, Limits(NAME))

    @hookimpl
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        """Batches after the cursor; with `since` what was changed or deleted from then on."""
        company = Company.load(self._path)
        records = [r for r in company.of(object_name) if _is_asked_for(r, since)]
        start = int(cursor or 0)
        while start < len(records) or start == 0:
            chunk = tuple(_with_files(r, company, files) for r in records[start : start + _BATCH])
            start += max(1, len(chunk))
            yield Batch(chunk, str(start), len(records), read_at=company.now)

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Records a second time."""
        for record in Company.load(self._path).of(object_name):
            if selection.ids is None or record.key in selection.ids:
                yield Observation(
                    object_name, record.key, record.values, record.deleted, updated_at=record.updated_at
                )

    def close(self) -> None:
        """Nothing is open."""


def _is_asked_for(record: Record, since: datetime | None) -> bool:
    if since is None:
        return not record.deleted
    return record.updated_at is not None and record.updated_at >= since


def _with_files(record: Record, company: Company, files: FileStore) -> Record:
    """The record, the contents of its files in the store."""
    for value in record.values.values():
        for file in value if isinstance(value, tuple) else (value,):
            if isinstance(file, StoredFile):
                content = company.files[file.sha256].encode()
                files.save([content], name=file.name, media_type=file.media_type, folder=file.folder)
    return record


POINTS: Mapping[str, Mapping[str, str]] = {"crossdock.sources": {NAME: f"{__name__}:{KitSource.__name__}"}}
"""The entry points of this source."""


def install(folder: Path, points: Mapping[str, Mapping[str, str]], name: str = "crossdock-kit") -> Path:
    """Make up a distribution with these entry points (by group, then name) in a folder.

    Gives the folder, which has to stand on the module path of the processes.
    """
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [
        f"[{group}]\n" + "".join(f"{title} = {value}\n" for title, value in titles.items())
        for group, titles in points.items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    return folder
