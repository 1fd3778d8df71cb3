"""A project folder and the commands on it, each in a process of its own."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from ruamel.yaml import YAML

from crossdock.testing.launcher import Launcher

OK, FOUND, WRONG, STOPPED, REFUSED = 0, 1, 2, 3, 4
"""The exit codes of the command line."""

KILLED = -9
"""The exit code of a process that was killed."""


@dataclass(frozen=True)
class Done:
    """How a command ended: exit code, the JSON it answered (None if it was none), both outputs."""

    code: int
    json: Any
    out: str
    err: str

    def must(self, *codes: int) -> Self:
        """The same, if it ended with one of these codes. Raises AssertionError."""
        if self.code not in codes:
            raise AssertionError(
                f"exit {self.code} instead of {codes}\n{self.out[-1500:]}\n{self.err[-3000:]}"
            )
        return self


@dataclass
class Project:
    """A project folder and the commands on it. Keys reach a command through its environment only."""

    launcher: Launcher
    folder: Path
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def pid_file(self) -> Path:
        """Where a command leaves its process id before it starts."""
        return self.folder.with_name("pid")

    def begin(self, *arguments: str, **more: Any) -> int:
        """Start a command; its process id, which is in `pid_file` too. `more`: see `launcher`."""
        env = self.keys | more.pop("env", {})
        argv = ["-C", str(self.folder), "--json", *arguments]
        out, err = self._outputs
        err.unlink(missing_ok=True)
        return self.launcher.begin("crossdock", argv, out, err, env=env, pid_file=str(self.pid_file), **more)

    def ended(self, pid: int) -> Done:
        """Wait for a command. Raises AssertionError if it does not end."""
        done = self.within(pid, 120)
        if done is None:
            raise AssertionError("the command does not end")
        return done

    def within(self, pid: int, seconds: float) -> Done | None:
        """How a command ended, None if it still runs after that time."""
        code = self.launcher.wait(pid, seconds)
        if code is None:
            return None
        return _done(code, *(path.read_text(encoding="utf-8") for path in self._outputs))

    def call(self, *arguments: str, **more: Any) -> Done:
        """Run a command to its end."""
        return self.ended(self.begin(*arguments, **more))

    def execute(self, *arguments: str) -> Done:
        """Run a command as a shell does, from its executable file."""
        command = [str(Path(sys.executable).with_name("crossdock")), "-C", str(self.folder), "--json"]
        done = subprocess.run(  # noqa: S603 our own command, no shell
            [*command, *arguments],
            capture_output=True,
            text=True,
            env={**os.environ, **self.keys},
            check=False,
        )
        return _done(done.returncode, done.stdout, done.stderr)

    @property
    def _outputs(self) -> tuple[Path, Path]:
        return self.folder.with_name("stdout"), self.folder.with_name("stderr")

    def yaml(self, name: str) -> Any:
        """A YAML file of the project."""
        return YAML().load((self.folder / name).read_text(encoding="utf-8"))

    def save(self, name: str, document: Any) -> None:
        """Write a YAML file of the project, as an editor would."""
        yaml = YAML()
        yaml.width = 1000
        with (self.folder / name).open("w", encoding="utf-8") as file:
            yaml.dump(document, file)

    @contextmanager
    def edited(self, name: str) -> Iterator[Any]:
        """A YAML file of the project, written back at the end."""
        document = self.yaml(name)
        yield document
        self.save(name, document)

    def queue(self, name: str) -> str:
        """The text of a queue file, "" if there is none."""
        path = self.folder / "queues" / f"{name}.csv"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def decide(self, name: str, decisions: Mapping[str, str]) -> None:
        """Write decisions, by the key of the record, into a queue file."""
        path = self.folder / "queues" / f"{name}.csv"
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            row["decision"] = decisions.get(row["key"], row["decision"])
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def written(self) -> Iterator[bytes]:
        """The content of every file in the folder, and what the last command said."""
        for path in self.folder.rglob("*"):
            if path.is_file():
                yield path.read_bytes()
        yield from (path.read_bytes() for path in self._outputs)


def _done(code: int, out: str, err: str) -> Done:
    try:
        answer = json.loads(out)
    except ValueError:
        answer = None
    return Done(code, answer, out, err)
