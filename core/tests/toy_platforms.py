"""Two platforms in memory, installed like plugins, and a project between them.

`alpha` is a source, `beta` a destination, both behind entry points of a distribution that is made up for
one test. What they hold is in `world`, so that it outlives a command. A sandbox of theirs is a real process
that answers nothing: the platforms themselves stay in memory.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from core.tests.fake_destination import FakeDestination, reference, text
from core.tests.fake_source import FakeSource
from pydantic import BaseModel, SecretStr
from typer.testing import CliRunner

from crossdock.cli import app
from crossdock.config import init_project
from crossdock.connection import Connection
from crossdock.hookspecs import hookimpl
from crossdock.model import (
    Artifact,
    ArtifactReport,
    Batch,
    Catalog,
    Change,
    LedgerEntry,
    LoadPolicy,
    ObjectSchema,
    Observation,
    Receipt,
    Selection,
    TargetRecord,
)

TOKEN = "toy-token-8d1f0c"
FIRM = ObjectSchema("crm.firm", (text("title"), text("site"), text("city"), text("motto")), "Firms", count=4)
PERSON = ObjectSchema(
    "crm.person", (text("title"), text("mail"), reference("firm", "crm.firm")), "People", count=3
)
FIRM_THERE = ObjectSchema("firm", (text("name"), text("domain", unique=True), text("city")), "Firm")
PERSON_THERE = ObjectSchema("person", (text("name"), text("email"), reference("firm", "firm")), "Person")
MAPPING = """\
source: alpha
destination: beta
objects:
  - from: crm.firm
    to: firm
    match: [domain]
    extend:
      motto: {type: text, label: Motto}
    fields: {name: {from: title, required: true}, domain: site, city: city, motto: motto}
  - from: crm.person
    to: person
    fields: {name: title, email: mail, firm: {from: firm, reference: firm}}
"""


@dataclass
class World:
    """What both platforms hold. `on_discover` is called when the source is asked for its schema; `lacks`
    names what the source of a tenant does not have; `seen` is what the plugins were made with."""

    source: FakeSource = field(default_factory=FakeSource)
    destination: FakeDestination = field(
        default_factory=lambda: FakeDestination({"firm": FIRM_THERE, "person": PERSON_THERE})
    )
    per_minute: float | None = 60.0
    on_discover: Callable[[], None] = lambda: None
    lacks: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[Any, Connection]] = field(default_factory=list)

    def refill(self) -> None:
        """Forget everything; three firms that arrive, one without a name, and three people."""
        self.__init__()  # type: ignore[misc]
        self.source.schemas = (FIRM, PERSON)
        for n in range(3):
            self.source.put(
                "crm.firm", f"f{n}", title=f"Firm {n}", site=f"f{n}.example", city="Kazan", motto=None
            )
            self.person(n, n)
        self.source.put("crm.firm", "f3", title=None, site="f3.example", city="Tula", motto="=1+1")

    def person(self, n: int, firm: int) -> None:
        """Person number `n`, who works for a firm."""
        from crossdock.values import Reference

        values: dict[str, Any] = {"title": f"Person {n}", "mail": f"p{n}@f.example"}
        self.source.put("crm.person", f"p{n}", firm=Reference("crm.firm", f"f{firm}"), **values)

    def mend(self) -> None:
        """Give the firm without a name one."""
        self.source.put("crm.firm", "f3", title="Firm 3", site="f3.example", city="Tula", motto="=1+1")


world = World()


class ToySettings(BaseModel):
    """An address and a key."""

    url: str
    token: SecretStr | None = None


class _Toy:
    settings_type = ToySettings

    def __init__(self, settings: ToySettings, connection: Connection) -> None:
        self._tenant = connection.tenant
        world.seen.append((settings, connection))

    def close(self) -> None:
        """Nothing is open."""


class ToySource(_Toy):
    """`alpha`."""

    @hookimpl
    def discover(self) -> Catalog:
        """Two objects, and a robot that cannot move."""
        world.on_discover()
        robots = ArtifactReport("robot", (Artifact("robot", "Mail the boss", active=True),))
        objects = tuple(o for o in world.source.schemas if o.name != world.lacks.get(self._tenant))
        return replace(
            world.source.discover(),
            platform="alpha",
            objects=objects,
            artifacts=(robots,),
            notes=("Calls are not listed.",),
        )

    @hookimpl
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: Any
    ) -> Iterator[Batch]:
        """Everything after the cursor, or what changed since."""
        return world.source.extract(object_name, cursor, since, files)

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """A second time."""
        return world.source.reconcile(object_name, selection)


class ToyDestination(_Toy):
    """`beta`."""

    @hookimpl
    def discover(self) -> Catalog:
        """What is there."""
        catalog = world.destination.discover()
        return replace(
            catalog, platform="beta", limits=replace(catalog.limits, calls_per_minute=world.per_minute)
        )

    @hookimpl
    def provision(
        self, wanted: Sequence[ObjectSchema], dry_run: bool, pauses: Sequence[Artifact]
    ) -> Iterator[Change]:
        """What is missing, and automations switched off."""
        if pauses:
            return world.destination.provision(wanted, dry_run, pauses)
        return world.destination.provision(wanted, dry_run)

    @hookimpl
    def load(
        self, object_name: str, records: Sequence[TargetRecord], policy: LoadPolicy
    ) -> Iterator[Receipt]:
        """One batch."""
        return world.destination.load(object_name, records, policy)

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read back."""
        return world.destination.reconcile(object_name, selection)

    @hookimpl
    def rollback(self, entries: Sequence[LedgerEntry], dry_run: bool) -> Iterator[Receipt]:
        """Undo."""
        return world.destination.rollback(entries, dry_run)


POINTS = {
    "crossdock.sources": {"alpha": f"{__name__}:ToySource"},
    "crossdock.destinations": {"beta": f"{__name__}:ToyDestination"},
    "crossdock.sandboxes": {"alpha": "toy_sandbox:Silent", "beta": "toy_sandbox:Silent"},
}
_SANDBOX = """
from starlette.applications import Starlette

class Silent:
    token = "toy-token-8d1f0c"

    def __init__(self, options): self.app = Starlette()
    def dump(self): return {}
    def reset(self, seed): pass
    def set_clock(self, now): pass
    def close(self): pass
"""


@dataclass
class Installed:
    """The folder that the made-up distribution is installed in."""

    folder: Path
    points: dict[str, dict[str, str]] = field(default_factory=lambda: {k: dict(v) for k, v in POINTS.items()})

    def write(self) -> None:
        """Write the distribution."""
        info = self.folder / "toy_platforms-1.0.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-platforms\nVersion: 1.0\n")
        groups = [
            f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in names.items())
            for group, names in self.points.items()
        ]
        (info / "entry_points.txt").write_text("\n".join(groups))
        (self.folder / "toy_sandbox.py").write_text(_SANDBOX)

    def mapping(self, name: str, content: str) -> None:
        """Install a resource in the group of mappings: a curated mapping, or what a demo has to find."""
        module = "toy_mapping_" + "".join(c if c.isalnum() else "_" for c in name)
        (self.folder / f"{name}.txt").write_text(content)
        (self.folder / f"{module}.py").write_text(
            "from pathlib import Path\n\ndef resource():\n"
            f"    return Path(__file__).with_name({name + '.txt'!r})\n"
        )
        self.points.setdefault("crossdock.mappings", {})[name] = f"{module}:resource"
        self.write()

    def forget(self) -> None:
        """Let the modules of the distribution be imported afresh."""
        for name in [name for name in sys.modules if name.startswith(("toy_mapping_", "toy_sandbox"))]:
            del sys.modules[name]


@dataclass(frozen=True)
class Answer:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its answer as data."""
        return json.loads(self.out)


@dataclass
class Desk:
    """The command line over a project folder, in this process."""

    folder: Path
    installed: Installed
    env: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, json: bool = False) -> Answer:
        """Run a command on the project."""
        return self.bare("-C", str(self.folder), *(["--json"] if json else []), *arguments)

    def bare(self, *arguments: str) -> Answer:
        """Run a command."""
        result = CliRunner().invoke(app, list(arguments), env=dict(self.env))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    def prepare(self, *, confirmed: bool = True) -> None:
        """Make the project with the hand-written mapping, and have it confirmed."""
        self.initialise()
        self.write_mapping()
        if confirmed:
            assert self("map", "confirm", "--by", "Anna").code == 0

    def write_mapping(self) -> None:
        """Write the mapping by hand."""
        (self.folder / "mapping.yaml").write_text(MAPPING)

    def initialise(self) -> None:
        """Make the project folder, with addresses."""
        settings = {"url": "http://toy.example"}
        (self.folder / "crossdock.yaml").unlink(missing_ok=True)
        init_project(self.folder, "alpha", "beta", source_settings=settings, destination_settings=settings)

    def edit(self, old: str, new: str, name: str = "mapping.yaml") -> None:
        """Replace text in a file of the project."""
        path = self.folder / name
        content = path.read_text()
        assert old in content
        path.write_text(content.replace(old, new))


def install(folder: Path, patch: pytest.MonkeyPatch) -> Installed:
    """Install the distribution for one test, in this process and in those it starts."""
    from stevedore.extension import ExtensionManager

    installed = Installed(folder)
    installed.write()
    patch.setattr(ExtensionManager, "ENTRY_POINT_CACHE", {})
    patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    patch.setenv("PYTHONPATH", str(folder))
    patch.syspath_prepend(str(folder))
    return installed
