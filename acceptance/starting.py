"""Commands and sandboxes, each in a process of its own, forked from one that has imported the product.

That is most of what a short command does when a shell starts it, and the list starts thousands. One process
gives birth to the commands and another to the sandboxes: a mutant breaks the commands only.
"""

import atexit
import os
import signal
import time
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

from acceptance.destinations import READERS
from acceptance.sources import SOURCES

from crossdock.testing.launcher import Launcher

MUTANTS = Path(__file__).resolve().parent / "mutants"
_SECONDS = 300.0
_numbers = count()


@dataclass
class Process:
    """A process that was started. `returncode` is None until somebody waited for its end."""

    arguments: list[str]
    pid: int
    out: Path
    err: Path
    launcher: Launcher = field(repr=False)
    returncode: int | None = None

    def communicate(self, timeout: float = _SECONDS) -> tuple[str, str]:
        """Wait for its end; what it wrote to stdout and stderr. One that does not end fails the test."""
        if self.returncode is None:
            self.returncode = self.launcher.wait(self.pid, timeout)
        assert self.returncode is not None, f"process {self.pid} does not end"
        return self.out.read_text(encoding="utf-8"), self.err.read_text(encoding="utf-8")

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        if self.returncode is None:
            self.returncode = self.launcher.wait(self.pid, 0)
        return self.returncode

    def first_line(self) -> str:
        """The first line that it writes; "" if it ends without one."""
        while "\n" not in (written := self.out.read_text(encoding="utf-8")):
            if self.poll() is not None:
                return ""
            time.sleep(0.005)
        return written.partition("\n")[0]

    def stop(self) -> None:
        """End it, by force if it does not want to."""
        for each in (signal.SIGTERM, signal.SIGKILL):
            if self.returncode is None:
                os.kill(self.pid, each)
                self.returncode = self.launcher.wait(self.pid, 10)


def command(arguments: list[str], keys: dict[str, str]) -> Process:
    """Start `crossdock` with these arguments, and these keys in its environment."""
    return _started("crossdock", arguments, keys, _launcher(os.environ.get("ACCEPTANCE_MUTANT", "")))


def sandbox(arguments: list[str]) -> Process:
    """Start a sandbox."""
    return _started("sandbox", arguments, {}, _launcher(""))


def _started(program: str, arguments: list[str], env: dict[str, str], launcher: Launcher) -> Process:
    name = f"{program}-{next(_numbers)}"
    out, err = (_folder() / f"{name}.{kind}" for kind in ("out", "err"))
    out.touch()
    return Process(arguments, launcher.begin(program, arguments, out, err, env=env), out, err, launcher)


@cache
def _folder() -> Path:
    """Where processes write; the launcher of the sandboxes removes it at its end."""
    return Path(mkdtemp(prefix="acceptance-"))


@cache
def _launcher(mutant: str) -> Launcher:
    """What gives birth to processes, of a product that this mutant has broken ("": a whole one)."""
    known = sorted({*SOURCES, *READERS})
    if mutant:
        launcher = Launcher.start(known, path=[MUTANTS], env={"ACCEPTANCE_MUTANT": mutant})
    else:
        launcher = Launcher.start(known, folder=_folder(), env={"ACCEPTANCE_MUTANT": ""})
    atexit.register(launcher.close)
    return launcher
