"""Sandboxes in their own processes, a project, and the command line.

Nothing of the product is imported but what starts it, and what it did is read over HTTP.
"""

import csv
import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

from acceptance import starting, tables
from acceptance.destinations import READERS, Destination
from acceptance.platforms import FAST, Row, Sandbox
from acceptance.slices import Data, Json, Slice, together
from acceptance.sources import SOURCES, Source
from ruamel.yaml import YAML


@dataclass
class Sandboxes:
    """All sandboxes of a test session."""

    folder: Path
    running: list[Sandbox] = field(default_factory=list)

    def source(self, platform: str, *, seed: str = "empty") -> Source:
        """Start a source."""
        found = self.start(platform, SOURCES[platform], seed=seed)
        assert isinstance(found, Source)
        return found

    def destination(self, platform: str, *, seed: str = "demo", rate: str = "off") -> Destination:
        """Start a destination."""
        found = self.start(platform, READERS[platform], seed=seed, rate=rate)
        assert isinstance(found, Destination)
        return found

    def start(self, platform: str, kind: type[Sandbox], *, seed: str, rate: str = "off") -> Sandbox:
        """Start one with a new data file."""
        data = self.folder / f"{platform}-{len(self.running)}.db"
        process = starting.sandbox([platform, "--data", str(data), "--seed", seed, "--rate", rate])
        line = process.first_line()
        assert line, f"the sandbox of {platform} did not start: {process.communicate()[1][-2000:]}"
        ready = json.loads(line)
        sandbox = kind(platform, ready["url"], ready["token"], process)
        self.running.append(sandbox)
        return sandbox

    def stop(self) -> None:
        """End all."""
        for sandbox in self.running:
            sandbox.stop()


@dataclass(frozen=True)
class Done:
    """How a command ended: exit code, the JSON it answered (None if it was none), its messages."""

    code: int
    json: Any
    stderr: str


@dataclass
class Project:
    """A project folder and the commands on it. Keys reach the command through the environment only."""

    folder: Path
    keys: dict[str, str]
    program: Path | None = None
    """The command of another environment, where a row is about one."""

    def call(self, *arguments: str) -> Done:
        """Run a command to its end."""
        if self.program is None:
            process = self.begin(*arguments)
            out, err = process.communicate()
            return _done(process.returncode, out, err)
        line = [str(self.program), *self._line(arguments)]
        env = dict(os.environ, **self.keys)
        done = subprocess.run(line, capture_output=True, text=True, env=env, timeout=300, check=False)
        return _done(done.returncode, done.stdout, done.stderr)

    def begin(self, *arguments: str) -> starting.Process:
        """Start a command of this environment."""
        return starting.command(self._line(arguments), self.keys)

    def _line(self, arguments: Sequence[str]) -> list[str]:
        return ["-C", str(self.folder), "--json", *arguments]

    def must(self, *arguments: str, codes: Sequence[int] = (0,)) -> Any:
        """Run a command that has to end with one of these codes; its JSON."""
        done = self.call(*arguments)
        assert done.code in codes, f"{' '.join(arguments)}: exit {done.code}\n{done.stderr[-3000:]}"
        return done.json

    def yaml(self, name: str) -> Any:
        """A YAML file of the project."""
        return YAML().load((self.folder / name).read_text(encoding="utf-8"))

    def save(self, name: str, document: Any) -> None:
        """Write a YAML file of the project, as an editor would."""
        with (self.folder / name).open("w", encoding="utf-8") as file:
            yaml = YAML()
            yaml.width = 1000
            yaml.dump(document, file)


def _done(code: int | None, out: str, err: str) -> Done:
    assert code is not None
    try:
        answer = json.loads(out)
    except ValueError:
        answer = None
    return Done(code, answer, err or out)


def about(phase: str, route: str) -> bool:
    """Whether a phase belongs to a route, or to one that has this in its name. One for the links of its
    records is asked for by its own name only."""
    own = phase.partition(" (")[0]
    if ">" in route:
        return own == route
    return route in phase and (not own.endswith("Link") or route.endswith("Link"))


There = TypeVar("There", bound=Destination)


@dataclass
class Pair(Generic[There]):
    """A migration that ran: both platforms, the project, and what each command answered."""

    source: Source
    destination: There
    project: Project
    answers: Json = field(default_factory=dict)

    def route(self, source_object: str, kind: str) -> str:
        """The name of the route, and of its phase, from a source object to a kind of record."""
        return f"{source_object}>{self.destination.object_name(kind)}"

    def route_of(self, kind: str) -> str:
        """The same from the source's object of a kind."""
        return self.route(self.source.object_of[kind], kind)

    def arrived(self, kind: str) -> dict[str, Row]:
        """The records of a kind that came from the source's object of it, by the key that they have there."""
        return self.destination.arrived(kind, self.source.object_of[kind])

    def things(self) -> dict[str, Row]:
        """The things that arrived, by the key that they have at the source; fields by label."""
        return self.destination.arrived_in(self.source.thing.label, self.source.object_of["thing"])

    def field(self, kind: str, name: str) -> str:
        """What the product calls a field of a kind that the source's records brought there."""
        own = self.source.fields_there.get(self.destination.platform, {})
        return own.get((kind, name)) or self.destination.field_name(kind, name)

    @property
    def report(self) -> Json:
        """The JSON report of the run."""
        found: Json = self.answers["run"]
        return found

    @cached_property
    def audit(self) -> list[dict[str, str]]:
        """The lines of the audit log of the run."""
        with Path(self.report["audit"]).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def outcome(self, source_key: str, route: str = "") -> dict[str, str]:
        """The line of one source record in the audit log (of one route, if it has several)."""
        lines = [x for x in self.audit if x["source_id"] == source_key and about(x["phase"], route)]
        assert len(lines) == 1, f"{source_key} has {len(lines)} lines in the audit log: {lines}"
        return lines[0]

    def refused(self, keys: Sequence[str], route: str = "") -> dict[str, str]:
        """The reason of each of these records that was rejected, held or failed."""
        wanted = set(keys)
        return {
            line["source_id"]: line["reasons"]
            for line in self.audit
            if line["source_id"] in wanted
            and about(line["phase"], route)
            and line["outcome"] in ("rejected", "held", "failed")
        }

    def phase(self, name: str) -> Json:
        """One phase of the report."""
        found: list[Json] = [p for p in self.report["phases"] if p["name"] == name]
        assert found, f"the report has no phase {name}"
        return found[0]


def project(folder: Path, source: Source, destination: Destination, **settings: Any) -> Project:
    """Make a project by the command line and write the two connections into its file."""
    made = Project(folder, {"SOURCE_KEY": source.token, "DESTINATION_KEY": destination.token})
    pace = settings.pop("calls_per_minute", FAST)
    origin = Project(folder.parent, made.keys)
    origin.must("init", folder.name, "--source", source.platform, "--destination", destination.platform)
    document = made.yaml("crossdock.yaml")
    own = json.dumps(source.settings("SOURCE_KEY") | settings).replace("{folder}", str(folder))
    document["sources"][0].update(json.loads(own))
    document["destination"].update(destination.settings("DESTINATION_KEY"))
    document["destination"].update(source.destination_settings.get(destination.platform, {}))
    if pace is not None:
        document["destination"]["calls_per_minute"] = pace
    made.save("crossdock.yaml", document)
    return made


def platforms(pair_name: str) -> tuple[str, str]:
    """Source and destination of a pair such as `elma365-twenty`. A pair that is unknown here fails."""
    source, _, destination = pair_name.partition("-")
    known = source in SOURCES and destination in READERS
    assert known, f"no acceptance data for the pair {pair_name} yet"
    return source, destination


def opened(
    sandboxes: Sandboxes, folder: Path, slices: Sequence[Slice], pair_name: str, **options: Any
) -> "Pair[Any]":
    """Both platforms with the data of the slices, and a project that nothing was done with yet."""
    ours, theirs = platforms(pair_name)
    own = own_slices(slices, pair_name)
    source = sandboxes.source(ours)
    destination = sandboxes.destination(theirs, rate=options.pop("rate", "off"))
    given = source.put(together(Data(source.staff), *(each.data(source) for each in own)))
    lying = together(given, *(Data({}, each.tables, each.files, each.settings) for each in own))
    made = project(folder / "acme", source, destination, **{**lying.settings, **options})
    for name, content in lying.files.items():
        (made.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (made.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    tables.write(made.folder, lying.tables)
    for each in own:
        if each.prepare:
            each.prepare(destination)
    pair = Pair(source, destination, made)
    pair.answers["before"] = destination.dump()
    pair.answers["since"] = destination.now()
    return pair


def own_slices(slices: Sequence[Slice], pair_name: str) -> list[Slice]:
    """Those with data of the pair's source. A pair without any fails its row."""
    source = platforms(pair_name)[0]
    own = [each for each in slices if each.is_of(source)]
    assert own, f"no acceptance data for the pair {pair_name} yet"
    office = SOURCES[source].office if any(callable(each.seed) for each in own) else ()
    return list({each.name: each for each in (*office, *own)}.values())


def discovered(sandboxes: Sandboxes, folder: Path, slices: Sequence[Slice], pair_name: str) -> "Pair[Any]":
    """A project after discover."""
    pair = opened(sandboxes, folder, slices, pair_name)
    pair.answers["discover"] = pair.project.must("discover")
    return pair


def propose(pair: "Pair[Any]", slices: Sequence[Slice]) -> None:
    """Propose a mapping, and edit it as a person would."""
    made = pair.project
    pair.answers["propose"] = made.must("map", "propose", "--automations", "pause")
    mapping = made.yaml("mapping.yaml")
    mapping["decisions"] = {**(mapping.get("decisions") or {}), **pair.destination.decisions}
    for each in slices:
        if each.edit:
            each.edit(mapping)
    made.save("mapping.yaml", mapping)


def prepared(
    sandboxes: Sandboxes, folder: Path, slices: Sequence[Slice], pair_name: str, **options: Any
) -> "Pair[Any]":
    """Both platforms with the data of the slices, and a project whose mapping is proposed and edited."""
    pair = opened(sandboxes, folder, slices, pair_name, **options)
    propose(pair, own_slices(slices, pair_name))
    return pair


def migrated(sandboxes: Sandboxes, folder: Path, slices: Sequence[Slice], pair_name: str) -> "Pair[Any]":
    """The whole way from discover to reconcile."""
    pair = discovered(sandboxes, folder, slices, pair_name)
    propose(pair, own_slices(slices, pair_name))
    made = pair.project
    pair.answers["check"] = made.must("map", "check")
    pair.answers["run unconfirmed"] = made.call("run")
    pair.answers["provision unconfirmed"] = made.call("provision")
    pair.answers["dump unconfirmed"] = pair.destination.dump()
    made.must("map", "confirm", "--by", "Acceptance")
    pair.answers["plan"] = made.must("plan")
    pair.answers["provision"] = made.must("provision")
    pair.answers["run"] = made.must("run", codes=(0, 1))
    pair.answers["status"] = made.must("status")
    pair.answers["log"] = pair.destination.log(pair.answers["since"])
    pair.answers["reconcile"] = made.call("reconcile")
    return pair


def waited_for(what: Iterator[bool], seconds: float = 60) -> None:
    """Ask again until it is so. Fails after `seconds`."""
    end = time.monotonic() + seconds
    while not next(what):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def moved(record_property: Any, records: int, refused: int) -> None:
    """Say how many records the row moved. A row needs at least 50, and one of them has to be refused."""
    assert records >= 50, f"{records} records are too few for a row"
    assert refused >= 1, "none of the row's records was refused"
    record_property("records", records)
