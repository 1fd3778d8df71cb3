"""Jobs: commands that a page starts, each in a process of its own that outlives the pages.

A job is `crossdock --json -C FOLDER ...`, just as somebody would type it: it takes the hold of the project,
is refused while another process has it, and can be stopped and gone on with. What it says is kept in
`.crossdock/ui/` until other jobs are started from pages that were opened later.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import Any, Final

from starlette.requests import Request

from crossdock.errors import ConfigError, RefusedError
from crossdock.ui.desk import Desk, desk_of

_KEPT: Final = 20  # jobs that have ended
_TAIL: Final = 4_000  # characters of what a job said on stderr
_FOUND: Final = 1  # exit codes up to this one: done
_making = Lock()


@dataclass
class Job:
    """One command. `started`: seconds since the epoch; `words`: the command without folder and options."""

    id: str
    words: tuple[str, ...]
    started: float
    out: Path
    err: Path
    process: "subprocess.Popen[bytes]"
    stopped: bool = False

    @property
    def command(self) -> str:
        """As people would type it."""
        return " ".join(["crossdock", *self.words])

    @property
    def code(self) -> int | None:
        """The exit code, None while it works."""
        return self.process.poll()

    @property
    def state(self) -> str:
        """In words."""
        code = self.code
        if code is None:
            return "being stopped" if self.stopped else "working"
        done = {0: "done", 1: "done, with something to look at", 2: "wrong use, nothing was written"}
        return done.get(code, "refused" if code == 4 else "stopped")

    @property
    def succeeded(self) -> bool:
        """Whether it did what it was asked for."""
        code = self.code
        return code is not None and 0 <= code <= _FOUND

    def answer(self) -> Any:
        """What it answered; None if it has not ended or said nothing that can be read."""
        with suppress(OSError, ValueError):
            return json.loads(self.out.read_bytes())
        return None

    def complaint(self) -> str:
        """What it said on stderr, its end."""
        with suppress(OSError):
            return self.err.read_text(encoding="utf-8", errors="replace")[-_TAIL:].strip()
        return ""

    def stop(self) -> None:
        """As ctrl-C: what it did is in the ledger, and the same command goes on from there."""
        self.stopped = True
        if self.code is None:
            self.process.terminate()


@dataclass
class Jobs:
    """The jobs that were started from these pages, oldest first."""

    folder: Path
    _jobs: dict[str, Job] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def start(self, desk: Desk, words: Sequence[str]) -> Job:
        """Start a command on the project. Raises RefusedError while another job works."""
        with self._lock:
            if (other := self.working()) is not None:
                raise RefusedError(
                    f"{other.command} is still working, since these pages started it.",
                    hint="See the page Now: wait for it or stop it.",
                )
            self._clear()
            job = _started(self.folder, desk.directory, words)
            self._jobs[job.id] = job
            return job

    def working(self) -> Job | None:
        """The job that has not ended."""
        return next((job for job in self._jobs.values() if job.code is None), None)

    def find(self, job_id: str) -> Job:
        """Raises ConfigError if there is none of that id."""
        if job_id not in self._jobs:
            raise ConfigError("there is no such job any more.", hint="The page Runs has what came of it.")
        return self._jobs[job_id]

    def newest(self) -> list[Job]:
        """All that are known, newest first."""
        return list(reversed(self._jobs.values()))

    def _clear(self) -> None:
        for job in list(self._jobs.values())[:-_KEPT]:
            del self._jobs[job.id]
        known = {path for job in self._jobs.values() for path in (job.out, job.err)}
        for path in self.folder.glob("job-*"):
            if path not in known:
                path.unlink(missing_ok=True)


def jobs_of(request: Request) -> Jobs:
    """The jobs of the pages that a request belongs to."""
    state = request.app.state
    with _making:
        if not hasattr(state, "jobs"):
            state.jobs = Jobs(desk_of(request).project().state / "ui")
    jobs: Jobs = state.jobs
    return jobs


def with_destination(desk: Desk, words: Sequence[str]) -> list[str]:
    """A command for the destination that these pages are about."""
    return [*words, "--to", desk.destination] if desk.destination else list(words)


def _started(folder: Path, directory: Path, words: Sequence[str]) -> Job:
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"{time.strftime('%H%M%S')}-{token_hex(3)}"
    out, err = folder / f"job-{name}.json", folder / f"job-{name}.log"
    argv = [sys.executable, "-m", "crossdock", "--json", "-C", str(directory), *words]
    private = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    files = [os.open(path, private, 0o600) for path in (out, err)]
    try:
        process = subprocess.Popen(  # noqa: S603 our own command, its words chosen by us
            argv,
            stdin=subprocess.DEVNULL,
            stdout=files[0],
            stderr=files[1],
            start_new_session=True,  # it goes on when the pages end
        )
    finally:
        for number in files:
            os.close(number)
    return Job(name, tuple(words), time.time(), out, err, process)
