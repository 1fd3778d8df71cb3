"""The desk: one project between two requests, and what one person at one browser was told last."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Final

from starlette.requests import Request

from crossdock.config import Project, load_project
from crossdock.ledger import RunState
from crossdock.mapediting import digest_of, read_text
from crossdock.mapreview import read_reviews
from crossdock.mapview import MapView
from crossdock.mapviewing import view_of
from crossdock.migration import Migration
from crossdock.model import Catalog

_TEXTS: Final = 50  # versions of the mapping that pages may have been made from


class SeenMigration(Migration):
    """A migration that goes by what the platforms were seen to hold, if that was looked at before."""

    sources_seen: Mapping[str, Catalog] | None = None

    @property
    def source_catalogs(self) -> Mapping[str, Catalog]:
        """What the sources hold, by tenant."""
        if self.sources_seen is None:
            self.sources_seen = super().source_catalogs
        return self.sources_seen


class Desk:
    """The project folder `directory`, opened anew for each request; catalogs are read once.

    One request at a time works on the project: `migration` and `changing` wait for each other.
    """

    def __init__(self, directory: Path, destination: str | None = None) -> None:
        self.directory = directory
        self.destination = destination
        self.person = ""
        """Who said that something was looked at: the name that forms begin with."""
        self._lock = RLock()
        self._sources: Mapping[str, Catalog] | None = None
        self._catalog: Catalog | None = None
        self._runs: list[tuple[str, RunState]] = []
        self._view: tuple[object, MapView] | None = None
        self._said: list[str] = []
        self._texts: OrderedDict[str, str] = OrderedDict()

    def project(self) -> Project:
        """The project as its file is now. Raises ConfigError."""
        return load_project(self.directory)

    @contextmanager
    def migration(self) -> Iterator[Migration]:
        """The project opened to read. Raises ConfigError; platforms are connected at first use."""
        with self._lock, SeenMigration(self.project(), self.destination) as migration:
            runs = [(run.id, run.state) for run in migration.ledger.runs.all()]
            if runs != self._runs:  # one that began or ended since may have changed what is there
                self.forget()
            self._runs = runs
            migration.sources_seen = self._sources
            if self._catalog is not None:
                migration.take_catalog(self._catalog)
            yield migration
            self._sources, self._catalog = migration.sources_seen, migration._destination_catalog

    @contextmanager
    def changing(self) -> Iterator[Migration]:
        """The project opened to change it. Raises RefusedError while another process writes to it."""
        with self.migration() as migration:
            migration.hold()
            yield migration

    def forget(self) -> None:
        """Look at both platforms anew the next time."""
        self._sources = self._catalog = None

    @property
    def looked(self) -> bool:
        """Whether both platforms were looked at, so that a page about the map comes at once."""
        return self._sources is not None and self._catalog is not None

    def say(self, text: str) -> None:
        """Have a sentence stand above the next page."""
        self._said.append(text)

    def said(self) -> list[str]:
        """What is to stand above this page; it is said once."""
        said, self._said = self._said, []
        return said

    def mapping_text(self) -> tuple[str, str]:
        """The mapping file as it is now, and its digest for forms. Raises MappingError if there is none."""
        text = read_text(self.project().mapping)
        seen = digest_of(text)
        self._texts[seen] = text
        self._texts.move_to_end(seen)
        while len(self._texts) > _TEXTS:
            self._texts.popitem(last=False)
        return text, seen

    def view(self, migration: Migration) -> tuple[MapView, str]:
        """The map of an open project, and the digest of its file; worked out anew only if something changed.

        Raises MappingError.
        """
        text, seen = self.mapping_text()
        made_of = (seen, id(migration.source_catalogs), id(migration.destination_catalog))
        if self._view is None or self._view[0] != made_of:
            self._view = (made_of, view_of(migration, text))
        view = self._view[1]
        view.reviews = read_reviews(migration.project)
        return view, seen

    def text_seen(self, digest: str) -> str | None:
        """The mapping file that a page was made from, if it is remembered."""
        return self._texts.get(digest)


def desk_of(request: Request) -> Desk:
    """The desk that a request works at."""
    desk: Desk = request.app.state.desk
    return desk
