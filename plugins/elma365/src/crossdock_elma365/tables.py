"""Objects from exported tables: a declared layout, typed by a configuration export if there is one.

How ELMA365 lays out its own export of a list is not known, so nothing about it is built in: the layout
names the headers. The field names are those of the Web API, so that one mapping fits both ways.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from glob import glob
from pathlib import Path

from crossdock.errors import ConfigError
from crossdock.layout import Elsewhere, LayoutReader, load_layout
from crossdock.model import ObjectSchema
from crossdock_elma365.directories import tasks, users
from crossdock_elma365.exportschema import exported_applications
from crossdock_elma365.schema import Application, application, object_schema
from crossdock_elma365.settings import Elma365Settings

OWN = ("_system.users", "_system.tasks")
"""The platform's own directories; they hold no documents."""


class ExportedTables:
    """The tables of the settings. Files are opened when something is first asked for; raises ConfigError."""

    def __init__(self, settings: Elma365Settings, elsewhere: Elsewhere | None = None) -> None:
        self._settings = settings
        self._elsewhere = elsewhere

    @cached_property
    def applications(self) -> Mapping[str, Application]:
        """Those of the configuration exports, and the platform's own directories."""
        own = {app.name: app for app in (users(), tasks())}
        return {**exported_applications(self._settings.exports), **own}

    @cached_property
    def reader(self) -> LayoutReader | None:
        """The reader of the tables, None without tables."""
        tables = self._settings.tables
        if tables is None:
            return None
        layout = load_layout(tables.layout)
        for name in layout.objects:
            if name.count(".") != 1:
                raise ConfigError(
                    f"{tables.layout}: {name!r} is no object of ELMA365.", hint="Write namespace.code."
                )
        return LayoutReader(
            layout,
            _matched(tables.files),
            zone=self._settings.zone,
            schemas={name: object_schema(self._application(name)) for name in layout.objects},
            elsewhere=self._elsewhere,
        )

    @property
    def objects(self) -> tuple[str, ...]:
        """The objects that a table is there for."""
        return self.reader.objects if self.reader else ()

    def schema(self, name: str) -> ObjectSchema:
        """An object with the number of its records. Tables say nothing of what changed or was deleted."""
        assert self.reader is not None  # noqa: S101 - an object of `objects`
        return replace(self.reader.schema(name), snapshot=True)

    def notes(self) -> Iterator[str]:
        """What was read, and what was left out."""
        if self.reader is None:
            return
        yield from self.reader.notes()
        for name in self.objects:
            if name not in self.applications:
                yield f"{name}: no configuration export describes it; its types are those of the layout."

    def _application(self, name: str) -> Application:
        """What is known of an application: without an export the fields that all of them have."""
        namespace, _, code = name.partition(".")
        known = self.applications.get(name)
        return known or application({"namespace": namespace, "code": code, "fields": []})


def _matched(patterns: Sequence[Path]) -> list[Path]:
    """The files that the patterns name. Raises ConfigError for a pattern that names none."""
    found: list[Path] = []
    for pattern in patterns:
        files = [Path(name) for name in sorted(glob(str(pattern))) if Path(name).is_file()]  # noqa: PTH207
        if not files:
            raise ConfigError(f"there is no file {pattern}.", hint="Correct `tables.files`.")
        found += files
    return found
