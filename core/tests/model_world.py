"""The world that the model-based test runs in: two platforms in memory, real databases, and a fuse.

A source and a destination live through all processes; a process is a `Migration` over a project folder with
real SQLite files. The fuse ends a process at the n-th thing that can be half done: before or after a commit
that wrote something, before or after the destination acted, before a batch of the source. After that nothing
of the dead process reaches a database or a platform, as with a process that was killed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from core.tests.fake_destination import FakeDestination, KilledError, reference, text
from core.tests.fake_source import FakeSource
from sqlalchemy import Connection, Engine

from crossdock.capabilities import Capability
from crossdock.config import Project, init_project
from crossdock.filestore import FileStore
from crossdock.hookspecs import hookimpl
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import (
    Artifact,
    Batch,
    Catalog,
    Change,
    LedgerEntry,
    LoadPolicy,
    ObjectSchema,
    Receipt,
    TargetRecord,
)
from crossdock.plugins import Destination, Source

FIRMS, PEOPLE = "src.firms", "src.people"
TARGETS = {FIRMS: "firm", PEOPLE: "person"}
SOURCE_SCHEMAS = (
    ObjectSchema(
        FIRMS,
        (text("title"), text("site"), text("city"), reference("parent", FIRMS), reference("head", PEOPLE)),
    ),
    ObjectSchema(PEOPLE, (text("title"), text("mail"), reference("firm", FIRMS))),
)
TARGET_SCHEMAS = {
    "firm": ObjectSchema(
        "firm",
        (
            *(text("name"), text("domain", unique=True), text("city"), text("note")),
            *(reference("parent", "firm"), reference("head", "person")),
        ),
    ),
    "person": ObjectSchema("person", (text("name"), text("email"), text("note"), reference("firm", "firm"))),
}
MAPPED = {"firm": ("name", "domain", "city", "motto", "parent", "head"), "person": ("name", "email", "firm")}
MAPPING = """\
source: alpha
destination: beta
decisions: {{deletions: {deletions}}}
objects:
  - from: src.firms
    to: firm
    match: [domain]
    extend:
      motto: {{type: text, label: Motto}}
    fields:
      name: {{from: title, required: true}}
      domain: site
      city: city
      motto: city
      parent: {{from: parent, reference: firm, missing: null_with_finding}}
      head: {{from: head, reference: person, missing: null_with_finding}}
  - from: src.people
    to: person
    fields:
      name: {{from: title, required: true}}
      email: mail
      firm: {{from: firm, reference: firm}}
"""
START = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass
class Fuse:
    """Ends the process at the tick after `left` further ones; None: it lives. `dead`: it has ended."""

    left: int | None = None
    dead: bool = False

    def tick(self) -> None:
        """Something that can be half done. Raises KilledError."""
        if self.left is not None:
            self.dead = self.dead or self.left <= 0
            self.left -= 1
        self.alive()

    def alive(self) -> None:
        """Raises KilledError in a dead process."""
        if self.dead:
            raise KilledError


class Alpha:
    """The source as a plugin."""

    def __init__(self, source: FakeSource, fuse: Fuse) -> None:
        self._source, self._fuse = source, fuse
        self.reconcile = source.reconcile

    @hookimpl
    def discover(self) -> Catalog:
        """What it holds."""
        return self._source.discover()

    @hookimpl
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        """Batches; the process may end before each."""
        for batch in self._source.extract(object_name, cursor, since, files):
            self._fuse.tick()
            yield batch


@dataclass
class Beta(FakeDestination):
    """The destination as a plugin: the process may end before and after everything that it does."""

    fuse: Fuse = field(default_factory=Fuse)

    @hookimpl
    def provision(
        self, wanted: Sequence[ObjectSchema], dry_run: bool, pauses: Sequence[Artifact] = ()
    ) -> Iterator[Change]:
        """As every destination; each change may be the last."""
        for change in super().provision(wanted, dry_run, pauses):
            self.fuse.tick()
            yield change

    @hookimpl
    def load(
        self, object_name: str, records: Sequence[TargetRecord], policy: LoadPolicy
    ) -> Iterator[Receipt]:
        """A batch."""
        self.fuse.tick()
        receipts = list(super().load(object_name, records, policy))
        self.fuse.tick()
        yield from receipts

    @hookimpl
    def rollback(self, entries: Sequence[LedgerEntry], dry_run: bool) -> Iterator[Receipt]:
        """Entry by entry."""
        for entry in entries:
            self.fuse.tick()
            yield from super().rollback([entry], dry_run)


class Process(Migration):
    """One process at work on the project: it knows both platforms without looking for plugins."""

    world: "World"

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The one source."""
        return {"main": Source(Alpha(self.world.source, self.world.fuse), name="alpha")}

    @cached_property
    def destination(self) -> Destination:
        """The one destination."""
        return Destination(self.world.destination, name="beta")


class World:
    """Both platforms, the project folder, and the fuse. `asks`: the source can be asked for what changed."""

    def __init__(self, folder: Path, *, asks: bool, deletions: str) -> None:
        self.fuse, self.days = Fuse(), 0
        self.source = FakeSource(SOURCE_SCHEMAS, asks_for_changes=asks, batch_size=3)
        self.destination = Beta(dict(TARGET_SCHEMAS), fuse=self.fuse, rejected={"refused"})
        self.destination.can = (Capability.TRASH,)
        settings = {"url": "http://toy.example"}
        project = init_project(
            folder, "alpha", "beta", source_settings=settings, destination_settings=settings
        )
        self.project: Project = replace(project, id="p1")  # so that the same story has the same ids
        self.decide(deletions)
        self.pass_time()

    def decide(self, deletions: str) -> None:
        """What is done there about what is deleted at the source: report, trash or destroy."""
        self.project.mapping.write_text(MAPPING.format(deletions=deletions))

    def pass_time(self) -> datetime:
        """Two thirds of a day later; the time at the source."""
        self.days += 1
        now = START + timedelta(hours=16 * self.days)
        self.source.clock = now + timedelta(minutes=1)
        return now

    @contextmanager
    def process(self, ends_at: int | None = None) -> Iterator[tuple[Process, ResolvedMapping]]:
        """A process, killed at the `ends_at`-th tick if it gets so far. Raises KilledError then."""
        self.fuse.left, self.fuse.dead = None, False
        process = Process(self.project)
        process.world = self
        try:
            resolved = process.resolved()
            self.fuse.left = ends_at
            yield process, resolved
            self.fuse.left = None
            process.__exit__(None, None, None)
        finally:
            self._bury(process)

    def _bury(self, process: Process) -> None:
        """Close what a dead process held open, as the operating system does."""
        with suppress(KilledError):
            process.__exit__(None, None, None)
        self.fuse.left, self.fuse.dead = None, False


def light_the_fuse(patch: pytest.MonkeyPatch, worlds: list[World]) -> None:
    """Let every transaction of any database pass the fuse of the newest world."""
    whole = Engine.begin

    @contextmanager
    def begin(engine: Engine) -> Iterator[Connection]:
        fuse = worlds[-1].fuse
        fuse.alive()
        with whole(engine) as connection:
            raw: Any = connection.connection.driver_connection
            before = raw.total_changes
            yield connection
            wrote = raw.total_changes != before
            if wrote:
                fuse.tick()
        if wrote:
            fuse.tick()

    patch.setattr(Engine, "begin", begin)


def write_lightly(raw: Any, record: Any, _proxy: object) -> None:
    """Called for each connection that a pool hands out: nothing here has to outlive a power cut."""
    if not record.info.setdefault("written lightly", False):
        record.info["written lightly"] = True
        raw.execute("pragma synchronous=off")
