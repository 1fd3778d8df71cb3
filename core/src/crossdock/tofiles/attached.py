"""Contents of files, in folders: one folder a record that they belong to, and a list of all of them.

No importer takes a file with a row, so a person uploads them, or leaves them where they are.
"""

import csv
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from crossdock.errors import StorageError
from crossdock.fieldtypes import FieldType
from crossdock.filenames import file_name
from crossdock.filestore import FileStore
from crossdock.model import ObjectSchema, TargetRecord
from crossdock.names import shown_name
from crossdock.spreadsheet import plain_cell
from crossdock.values import StoredFile
from crossdock.wholefile import PRIVATE

FOLDER = "attachments"
INDEX = "index.csv"
_COLUMNS = ("file", "object", "record", "id", "source", "bytes", "sha256")


class Attached:
    """Copies the files of records into `attachments/OBJECT/RECORD/`; `name_of` gives what a record is
    called at the destination, `refused` why no record of an object can be imported."""

    def __init__(
        self,
        folder: Path,
        store: FileStore,
        name_of: Callable[[str, str], str],
        refused: Callable[[ObjectSchema], str],
    ) -> None:
        self._folder, self._store = folder / FOLDER, store
        self._name_of, self._refused = name_of, refused
        self._taken: Counter[Path] = Counter()
        self.count = 0
        self.bytes = 0

    def add(self, schema: ObjectSchema, record: TargetRecord) -> None:
        """Copy the files of a record, if it has some. Raises StorageError."""
        for file in _files(schema, record):
            owner = self._owner(schema, record)
            path = self._free(self._place(*owner) / file_name(file.name or "file"))
            self._copy(file, path)
            self._list(path, owner, record, file)
            self.count, self.bytes = self.count + 1, self.bytes + file.size

    def _owner(self, schema: ObjectSchema, record: TargetRecord) -> tuple[str, str, str]:
        """What the files belong to: object, id, name. Their own record, or the one that it refers to if it is
        nothing but a file."""
        for field in schema.fields if self._refused(schema) else ():
            value = record.values.get(field.name)
            if field.type is not FieldType.REFERENCE or not field.references or not isinstance(value, str):
                continue
            if name := self._name_of(field.references[0], value):
                return field.references[0], value, name
        return schema.name, record.target_id, shown_name(record.values)

    def _place(self, object_name: str, target_id: str, name: str) -> Path:
        return self._folder / file_name(object_name) / file_name(f"{name} {target_id[:8]}".strip())

    def _free(self, path: Path) -> Path:
        """The path, with a number before its ending if another file has it."""
        folded = path.with_name(path.name.casefold())
        self._taken[folded] += 1
        again = self._taken[folded]
        return path if again == 1 else self._free(path.with_name(f"{path.stem} ({again}){path.suffix}"))

    def _copy(self, file: StoredFile, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._store.open(file) as content, path.open("xb") as out:
                os.fchmod(out.fileno(), PRIVATE) if hasattr(os, "fchmod") else None
                shutil.copyfileobj(content, out)
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error.strerror}.") from error

    def _list(self, path: Path, owner: tuple[str, str, str], record: TargetRecord, file: StoredFile) -> None:
        index, (object_name, target_id, name) = self._folder / INDEX, owner
        new = not index.exists()
        if new:
            index.touch(mode=PRIVATE)
        row = (
            path.relative_to(self._folder).as_posix(),
            object_name,
            name,
            target_id,
            str(record.origin),
            str(file.size),
            file.sha256,
        )
        with index.open("a", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            if new:
                writer.writerow(_COLUMNS)
            writer.writerow([plain_cell(cell) for cell in row])


def _files(schema: ObjectSchema, record: TargetRecord) -> Iterator[StoredFile]:
    for field in schema.fields:
        if field.type is FieldType.FILE:
            value = record.values.get(field.name)
            several = value if isinstance(value, tuple | list) else (value,)
            yield from (each for each in several if isinstance(each, StoredFile))
