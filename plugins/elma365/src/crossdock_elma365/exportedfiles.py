"""What a company gave as files instead of by its Web API: tables of its lists, and a folder of documents."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from crossdock.errors import ConfigError
from crossdock.filestore import FileStore
from crossdock.layout import Elsewhere, LayoutReader
from crossdock.model import Batch, ObjectSchema, Observation
from crossdock_elma365.documents import DocumentFolder
from crossdock_elma365.fieldtypes import FILES
from crossdock_elma365.files import file_schema
from crossdock_elma365.settings import Elma365Settings
from crossdock_elma365.tables import OWN, ExportedTables


class ExportedFiles:
    """The objects that files hold, under the names that the Web API gives them."""

    def __init__(self, settings: Elma365Settings, elsewhere: Elsewhere | None = None) -> None:
        self._settings = settings
        self._elsewhere = elsewhere
        self._tables = ExportedTables(settings, elsewhere)

    @cached_property
    def objects(self) -> tuple[str, ...]:
        """The objects that can be read from files."""
        return (*self._tables.objects, *((FILES,) if self._settings.documents else ()))

    def schema(self, name: str, owners: Sequence[str] = ()) -> ObjectSchema:
        """An object with typed fields and the number of its records; `owners` may have documents too."""
        if name == FILES:
            owners = tuple(dict.fromkeys((*owners, *(n for n in self._tables.objects if n not in OWN))))
            return replace(file_schema(owners), count=self._documents.count(), snapshot=True)
        return self._tables.schema(name)

    def batches(self, name: str, cursor: str | None, store: FileStore) -> Iterator[Batch]:
        """All records of an object."""
        if name == FILES:
            return self._documents.batches(cursor, store)
        return self._reader.batches(name, cursor)

    def observations(self, name: str, keys: set[str] | None) -> Iterator[Observation]:
        """The records of an object, from a second reading."""
        return self._documents.observations(keys) if name == FILES else self._reader.observations(name, keys)

    def notes(self, names: Sequence[str]) -> Iterator[str]:
        """What a reader of the catalog should know of the objects that are read from files."""
        if set(names) - {FILES} or not self._tables.objects:
            yield from self._tables.notes()
        if FILES in names:
            yield from self._documents.notes()

    @property
    def _reader(self) -> LayoutReader:
        if self._tables.reader is None:
            raise ConfigError("there are no tables to read.", hint="Give `tables` with `layout` and `files`.")
        return self._tables.reader

    @cached_property
    def _documents(self) -> DocumentFolder:
        if self._settings.documents is None:
            raise ConfigError("there is no folder of documents.", hint="Give `documents`.")
        names: dict[str, str] = {}
        for name, app in self._tables.applications.items():
            names.setdefault(app.label, name)
        for name in (*self._tables.applications, *self._tables.objects):
            names[name] = name
        return DocumentFolder(self._settings.documents, names, self._settings.zone, self._people)

    def _people(self, object_name: str, column: str, text: str) -> Sequence[str]:
        """Users by one of their fields: from where they are read."""
        found = self._elsewhere(object_name, column, text) if self._elsewhere else None
        if found is not None or object_name not in self._tables.objects:
            return found or ()
        return self._reader.keys_named(object_name, column, text)
