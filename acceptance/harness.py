"""Two sandboxes in their own processes, a project, the command line, and a plain reader of the destination.

Nothing of the product is imported: it is started, and what it did is read over HTTP.
"""

import csv
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from acceptance.slices import STAFF, Json, Slice, merged
from ruamel.yaml import YAML

MUTANTS = Path(__file__).resolve().parent / "mutants"
FAST = 100_000  # calls a minute: nothing is paced

Row = dict[str, Any]


@dataclass
class Sandbox:
    """One platform on loopback, in a process of its own."""

    platform: str
    url: str
    token: str
    process: "subprocess.Popen[str]"

    def ask(self, method: str, path: str, body: Any = None, *, status: int | None = 200) -> Any:
        """One request with the key; the JSON of the answer."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        wanted = (200, 201) if status == 200 else (status,)
        assert status is None or answer.status in wanted, (
            f"{method} {path}: {answer.status} {content[:300]!r}"
        )
        return json.loads(content) if content else None

    def fetch(self, url: str) -> bytes:
        """The bytes behind an address that this platform gave out, without the key."""
        address = urlsplit(url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        connection.request("GET", f"{address.path}?{address.query}")
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status == 200, f"{url}: {answer.status}"
        return content

    def all(self, plural: str, *, where: str = "") -> list[Row]:
        """Every live record of an object, page by page."""
        rows: list[Row] = []
        after = ""
        while True:
            path = f"/rest/{plural}?limit=200&depth=0"
            path += f"&filter={quote(where)}" if where else ""
            path += f"&starting_after={quote(after)}" if after else ""
            answer = self.ask("GET", path)
            rows += answer["data"][plural]
            page = answer["pageInfo"]
            if not page["hasNextPage"]:
                return rows
            after = page["endCursor"]

    def ours(self, plural: str, source_object: str) -> dict[str, Row]:
        """The records that came from a source object, by the key they have there (and the part)."""
        found: dict[str, Row] = {}
        for row in self.all(plural):
            origin = (row.get("crossdockKey") or "").partition(":")[2].partition("/")[2]
            owner, _, source_key = origin.partition("/")
            if owner == source_object:
                found[source_key] = row
        return found

    def graphql(self, path: str, query: str) -> Any:
        """The data of a GraphQL query."""
        answer = self.ask("POST", path, {"query": query})
        assert not answer.get("errors"), answer["errors"]
        return answer["data"]

    def objects(self) -> dict[str, Row]:
        """The schema: objects by singular name, `fields` by name."""
        found: dict[str, Row] = {}
        after = ""
        while True:
            path = "/rest/metadata/objects?limit=100" + (f"&starting_after={quote(after)}" if after else "")
            answer = self.ask("GET", path)
            for item in answer["data"]:
                found[item["nameSingular"]] = item | {"fields": {f["name"]: f for f in item["fields"]}}
            if not answer["pageInfo"]["hasNextPage"]:
                return found
            after = answer["pageInfo"]["endCursor"]

    def log(self, since: int = 0) -> list[Row]:
        """The requests it got after number `since`."""
        found: list[Row] = self.ask("GET", f"/_sandbox/log?since={since}")
        return found

    def dump(self) -> Any:
        """Everything it holds."""
        return self.ask("GET", "/_sandbox/dump")

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


@dataclass
class Sandboxes:
    """All sandboxes of a test session."""

    folder: Path
    running: list[Sandbox] = field(default_factory=list)

    def start(self, platform: str, *, seed: str, rate: str = "off") -> Sandbox:
        """Start one with a new data file."""
        data = self.folder / f"{platform}-{len(self.running)}.db"
        command = [sys.executable, "-m", "crossdock.sandbox", platform, "--port", "0", "--data", str(data)]
        command += ["--seed", seed, "--rate", rate]
        env = {name: value for name, value in os.environ.items() if name != "ACCEPTANCE_MUTANT"}
        with data.with_suffix(".log").open("w") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, env=env
            )
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (
            f"the sandbox of {platform} did not start: {data.with_suffix('.log').read_text()[-2000:]}"
        )
        ready = json.loads(line)
        sandbox = Sandbox(platform, ready["url"], ready["token"], process)
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

    def call(self, *arguments: str) -> Done:
        """Run a command to its end."""
        process = self.begin(*arguments)
        out, err = process.communicate(timeout=300)
        try:
            answer = json.loads(out)
        except ValueError:
            answer = None
        return Done(process.returncode, answer, err or out)

    def begin(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command."""
        command = [
            str(Path(sys.executable).with_name("crossdock")),
            "-C",
            str(self.folder),
            "--json",
            *arguments,
        ]
        env = dict(os.environ, **self.keys)
        if os.environ.get("ACCEPTANCE_MUTANT"):
            env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(MUTANTS), os.environ.get("PYTHONPATH")]))
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
        )

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


def about(phase: str, route: str) -> bool:
    """Whether a phase belongs to a route (or a part of its name). One for the links of its records is asked
    for by its own name only."""
    links = phase.partition(" (")[0].endswith("Link")
    return route in phase and (not links or route.endswith("Link"))


@dataclass
class Pair:
    """A migration that ran: both platforms, the project, and what each command answered."""

    source: Sandbox
    destination: Sandbox
    project: Project
    answers: Json = field(default_factory=dict)

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


def project(folder: Path, source: Sandbox, destination: Sandbox, **settings: Any) -> Project:
    """Make a project by the command line and write the two connections into its file."""
    made = Project(folder, {"ELMA_TOKEN": source.token, "TWENTY_KEY": destination.token})
    pace = settings.pop("calls_per_minute", FAST)
    origin = Project(folder.parent, made.keys)
    origin.must("init", folder.name, "--source", source.platform, "--destination", destination.platform)
    document = made.yaml("crossdock.yaml")
    document["sources"][0].update(
        {"url": source.url, "token": "env:ELMA_TOKEN", "calls_per_minute": FAST, "page_size": 1000} | settings
    )
    document["destination"].update({"url": destination.url, "key": "env:TWENTY_KEY"})
    if pace is not None:
        document["destination"]["calls_per_minute"] = pace
    made.save("crossdock.yaml", document)
    return made


def prepared(sandboxes: Sandboxes, folder: Path, slices: Sequence[Slice], **options: Any) -> Pair:
    """Both platforms with the data of the slices, and a project whose mapping is proposed and edited."""
    source = sandboxes.start("elma365", seed="empty")
    destination = sandboxes.start("twenty", seed="demo", rate=options.pop("rate", "off"))
    source.ask("POST", "/_seed", merged([STAFF, *(s.seed for s in slices)]), status=None)
    own = json.dumps({name: value for s in slices for name, value in s.settings.items()})
    settings = json.loads(own.replace("{folder}", str(folder / "acme"))) | options
    made = project(folder / "acme", source, destination, **settings)
    for each in slices:
        for name, text in each.files.items():
            (made.folder / name).write_text(text, encoding="utf-8")
        if each.prepare:
            each.prepare(destination)
    pair = Pair(source, destination, made)
    pair.answers["before"] = destination.dump()
    pair.answers["since"] = max((entry["n"] for entry in destination.log()), default=0)
    pair.answers["discover"] = made.must("discover")
    pair.answers["propose"] = made.must("map", "propose", "--automations", "pause")
    mapping = made.yaml("mapping.yaml")
    for each in slices:
        if each.edit:
            each.edit(mapping)
    made.save("mapping.yaml", mapping)
    pair.answers["check"] = made.must("map", "check")
    return pair


def migrated(sandboxes: Sandboxes, folder: Path, slices: Sequence[Slice]) -> Pair:
    """The whole way from discover to reconcile."""
    pair = prepared(sandboxes, folder, slices)
    made = pair.project
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


def written(log: Sequence[Row], plural: str = "") -> list[Row]:
    """The requests of a log that write records (of one object), in order.

    Changes of the schema are none, nor is what switches workflows off and on.
    """
    found = []
    for entry in log:
        if entry["path"].startswith("/rest/metadata") or entry["method"] not in (
            "POST",
            "PATCH",
            "PUT",
            "DELETE",
        ):
            continue
        operation = (entry["operation"] or "").lower()
        if entry["path"] == "/graphql" and operation.startswith(
            ("create", "update", "delete", "destroy", "restore")
        ):
            if "automatedtrigger" in operation:
                continue
            name = operation.removeprefix("create").removeprefix("update")
        elif entry["path"].startswith("/rest/"):
            name = entry["path"].removeprefix("/rest/").removeprefix("batch/").partition("/")[0].lower()
        else:
            continue
        if not plural or name == plural.lower():
            found.append(entry)
    return found


def moved(record_property: Any, records: int, refused: int) -> None:
    """Say how many records the row moved. A row needs at least 50, and one of them has to be refused."""
    assert records >= 50, f"{records} records are too few for a row"
    assert refused >= 1, "none of the row's records was refused"
    record_property("records", records)
