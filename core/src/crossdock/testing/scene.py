"""One check's own copy of a stage: the source's file, a running sandbox, a project and its commands."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from crossdock.model import Action, Observation
from crossdock.testing import samples, source
from crossdock.testing.commands import KILLED, Done, Project
from crossdock.testing.company import Company
from crossdock.testing.dumps import Dump
from crossdock.testing.hand import Hand, connection_settings, secret_names
from crossdock.testing.plan import Plan
from crossdock.testing.sandboxes import NOW, Json, Sandbox
from crossdock.testing.target import Target

TOKEN, KEY = "KIT_TOKEN", "KIT_KEY"
"""The environment variables that hold the source's token and the destination's key."""

_DAY = 86_400


@dataclass
class Scene:
    """What a check works with. `plan`: what everything is called at the destination."""

    target: Target
    plan: Plan
    sandbox: Sandbox
    project: Project
    _closed: bool = field(default=False, repr=False)

    @property
    def folder(self) -> Path:
        """The folder that everything of this scene lies in."""
        return self.project.folder.parent

    # --- the project -------------------------------------------------------------------------

    def connect(self, sandbox: Sandbox | None = None) -> None:
        """Write the addresses of both platforms into the project file."""
        there = sandbox or self.sandbox
        names = secret_names(self.target.platform)
        self.project.keys = {TOKEN: source.TOKEN, KEY: there.token}
        with self.project.edited("crossdock.yaml") as document:
            given = {"data": str(self.folder / "company.json"), "token": f"env:{TOKEN}"}
            document["sources"][0].update(given)
            settings = connection_settings(self.target, there.url)
            document["destination"].update(settings, **dict.fromkeys(names, f"env:{KEY}"))

    def call(self, *arguments: str, **more: Any) -> Done:
        """Run a command of the project."""
        self._put_down_the_hand()
        return self.project.call(*arguments, **more)

    def killed(self, *arguments: str, **fault: Any) -> None:
        """Run a command that is killed at a request (`kind`, `skip`, ...). Raises AssertionError if not."""
        self.sandbox.fault(pid_file=str(self.project.pid_file), **fault)
        done = self.call(*arguments)
        hits = self.sandbox.hits()
        if hits != 1 or done.code != KILLED:
            raise AssertionError(f"not killed ({hits} hits): exit {done.code}\n{done.err[-2000:]}")

    def decided(self, **decisions: str) -> None:
        """Settle decisions in the mapping, and confirm it."""
        with self.project.edited("mapping.yaml") as document:
            document["decisions"] = {**(document.get("decisions") or {}), **decisions}
        self.call("map", "confirm", "--by", "Kit").must(0)

    # --- the source --------------------------------------------------------------------------

    @contextmanager
    def company(self) -> Iterator[Company]:
        """What the source holds, to be changed; written back at the end."""
        path = self.folder / "company.json"
        company = Company.load(path)
        yield company
        company.save(path)

    def changed(self, key: str, **values: Any) -> None:
        """Change a thing of the source."""
        with self.company() as company:
            company.change(samples.THING, key, **values)

    def deleted(self, key: str) -> None:
        """Delete a thing of the source."""
        with self.company() as company:
            company.delete(samples.THING, key)

    # --- the destination ---------------------------------------------------------------------

    @cached_property
    def hand(self) -> Hand:
        """Somebody who works at the destination."""
        return Hand(self.target, self.sandbox, self.folder)

    def there(self, key: str, kind: str = samples.THING) -> Observation | None:
        """What a source record became, in the trash too; None if it is gone."""
        name = self.plan.thing if kind == samples.THING else self.target.record.name
        mark = f"/{kind}/{key}"
        for observation in self.hand.owned(name, self.project_id):
            if observation.external_id.endswith(mark):
                return observation
        known = self._ids.get((kind, key))
        return self.hand.find(name, known) if known else None

    def found(self, key: str, kind: str = samples.THING) -> Observation:
        """The same; raises AssertionError if it is gone."""
        observation = self.there(key, kind)
        if observation is None:
            raise AssertionError(f"{kind} {key} is not there")
        self._ids[kind, key] = observation.id
        return observation

    def value(self, key: str, name: str, kind: str = samples.THING) -> Any:
        """One field of what a source record became, by the name of the source's field."""
        return self.found(key, kind).values.get(self.called(name, kind))

    def called(self, name: str, kind: str = samples.THING) -> str:
        """What a field of the source is called at the destination."""
        if kind == samples.THING:
            return self.plan.fields[name]
        record = self.target.record
        return {"title": record.title, "match": record.match, "note": self.plan.note}[name]

    def edit(self, key: str, **values: Any) -> None:
        """Change a thing at the destination, as one of its users would; named as at the source."""
        self.hand.change(self.found(key), **{self.called(name): v for name, v in values.items()})

    def remove(self, key: str, action: Action) -> None:
        """Take a thing at the destination away, as one of its users would."""
        self.hand.remove(self.found(key), action)

    @cached_property
    def project_id(self) -> str:
        """The project's id, part of every external id."""
        return str(self.project.yaml("crossdock.yaml")["project"]["id"])

    @cached_property
    def _ids(self) -> dict[tuple[str, str], str]:
        return {}

    def dump(self) -> Dump:
        """Everything that the destination holds, without what it makes up anew each time."""
        return self.target.canonical(self.sandbox.dump())

    def a_day_later(self) -> None:
        """Move the destination's clock on: whatever is written from now on bears another time."""
        self.sandbox.freeze(NOW + _DAY)

    def writes(self, log: list[Json] | None = None) -> list[str]:
        """The requests of the log that may have changed something, as `METHOD /path operation`."""
        lines = (request_line(r) for r in (self.sandbox.log() if log is None else log))
        return [line for line in lines if not re.search(self.target.reads, line)]

    # --- the end -----------------------------------------------------------------------------

    def close(self) -> None:
        """End what runs."""
        if not self._closed:
            self._closed = True
            self._put_down_the_hand()
            self.sandbox.stop()

    def _put_down_the_hand(self) -> None:
        """A plugin may remember the schema; a command may change it."""
        if "hand" in vars(self):
            self.hand.close()
            del self.hand


def request_line(request: Mapping[str, Any]) -> str:
    """A request of the log as `METHOD /path operation`."""
    return " ".join(filter(None, (request["method"], request["path"], request["operation"])))
