"""Starts commands and sandboxes as processes of their own, forked from one that has imported the product.

A process that is forked like this is as separate, and dies as wholly, as one that a shell starts; but it
need not import everything again, which is most of what a short command does. Run as a program, it reads one
order a line from stdin and answers one line each: {"program", "argv", "env", "out", "err", "pid_file",
"patch", "file_limit"} gives {"pid"}; {"wait", "seconds"} gives {"code"}, None if it still runs. When its
stdin ends, so do the processes that it started, and the folder that it was given is removed.

Needs `os.fork`: Linux and macOS.
"""

import gc
import importlib
import json
import os
import resource
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Self

Order = dict[str, Any]
_GROUPS = ("crossdock.sources", "crossdock.destinations", "crossdock.sandboxes")
# What most commands import when they are called. As text: the command line stands beside this package.
_PRELOADED = (
    "crossdock.cli",
    "crossdock.cli.output",
    "crossdock.cli.reporting",
    "crossdock.cli.trying",
    "crossdock.delta.run",
    "crossdock.mappingfile.check",
    "crossdock.reconcile.project",
    "crossdock.rollback.runs",
    "crossdock.run",
    "crossdock.transform",
    "crossdock.sandbox.__main__",
    "crossdock.sandbox.server",
    "crossdock.trial.signoff",
)


_ROOM = 512 << 20


def new_folder(prefix: str) -> Path:
    """A folder for what a launcher's processes leave: in memory, if there is room, as every command commits
    to disk hundreds of times."""
    memory = Path("/dev/shm")  # noqa: S108 the folder made there has a name of its own
    try:
        roomy = shutil.disk_usage(memory).free > _ROOM
    except OSError:
        roomy = False
    return Path(tempfile.mkdtemp(prefix=prefix, dir=memory if roomy else None))


@dataclass
class Launcher:
    """The client's side."""

    process: "subprocess.Popen[bytes]"

    @classmethod
    def start(
        cls,
        platforms: Sequence[str] = (),
        path: Sequence[Path] = (),
        folder: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Self:
        """Start the program. `platforms`: plugins and sandboxes to import at once; `path`: folders with
        more distributions, of which the processes know; `folder` is removed at the end; `env` comes on top
        of what the environment has."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
        own.update(env or {})
        more = [*map(str, path), own.get("PYTHONPATH", "")]
        own["PYTHONPATH"] = os.pathsep.join(filter(None, more))
        if folder is not None:
            own["XDG_CACHE_HOME"] = str(folder / "cache")  # what is installed here is nobody else's news
        command = [sys.executable, "-m", __package__, str(folder or ""), *platforms]
        return cls(
            subprocess.Popen(  # noqa: S603 our own interpreter, no shell
                command,
                env=own,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # what ends the test process must not end the one that cleans up
            )
        )

    def begin(self, program: str, argv: list[str], out: Path, err: Path, **more: Any) -> int:
        """Start a program (`crossdock` or `sandbox`); its process id."""
        order = {"program": program, "argv": argv, "out": str(out), "err": str(err), **more}
        return int(self._ask(order)["pid"])

    def wait(self, pid: int, seconds: float = 120) -> int | None:
        """Its exit code, negative the signal that ended it; None if it still runs after `seconds`."""
        code: int | None = self._ask({"wait": pid, "seconds": seconds})["code"]
        return code

    def close(self) -> None:
        """End the program, and what it started."""
        if self.process.stdin and self.process.stdout:
            self.process.stdin.close()
            self.process.wait(10)
            self.process.stdout.close()

    def _ask(self, order: Order) -> Order:
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("the launcher has no pipes")
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the launcher has died")
        answer: Order = json.loads(line)
        return answer


# --- the program; coverage is not measured in it -------------------------------------------------


@dataclass
class _Server:  # pragma: no cover
    """The other side: forks, and knows whom it has forked."""

    running: set[int] = field(default_factory=set)

    def serve(self) -> None:
        for line in sys.stdin.buffer:
            order = json.loads(line)
            if "wait" in order:
                answer: Order = {"code": self._wait(order["wait"], order["seconds"])}
            else:
                answer = {"pid": os.fork()}
                if not answer["pid"]:
                    _become(order)
                self.running.add(answer["pid"])
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()

    def end(self) -> None:
        for pid in self.running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _wait(self, pid: int, seconds: float) -> int | None:
        end = time.monotonic() + seconds
        while True:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                self.running.discard(pid)
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > end:
                return None
            time.sleep(0.005)


def _become(order: Order) -> None:  # pragma: no cover
    """Be the ordered program, to its end. Never returns."""
    code: Any = 1
    try:
        _arrange(order)
        code = _run(order)
    except SystemExit as done:
        code = done.code
    except BaseException:  # noqa: BLE001 as the interpreter does at the end of a program
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code if isinstance(code, int) else bool(code))


def _arrange(order: Order) -> None:  # pragma: no cover
    os.setsid()
    places = (os.devnull, order["out"], order["err"])
    for number, (place, mode) in enumerate(zip(places, ("r", "w", "a"), strict=True)):
        with Path(place).open(mode) as file:
            os.dup2(file.fileno(), number)
    os.environ.update(order.get("env", {}))
    if order.get("pid_file"):
        Path(order["pid_file"]).write_text(str(os.getpid()))
    if order.get("file_limit"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_limit"],) * 2)
    if order.get("patch"):
        path, _, name = order["patch"].partition(":")
        runpy.run_path(path)["PATCHES"][name]()


def _run(order: Order) -> int:  # pragma: no cover
    sys.argv = [order["program"], *order["argv"]]
    if order["program"] == "sandbox":
        return int(importlib.import_module("crossdock.sandbox.__main__").main(order["argv"]))
    command: Callable[[], object] = importlib.import_module("crossdock.cli").app
    command()
    return 0


def serve(folder: str, *platforms: str) -> None:  # pragma: no cover
    """The program: import what is needed, and obey until stdin ends."""
    for name in _PRELOADED:
        importlib.import_module(name)
    for point in (point for group in _GROUPS for point in entry_points(group=group)):
        if point.name in platforms:
            with suppress(Exception):  # what cannot be imported fails where it is used
                point.load()
    gc.freeze()  # else the first collection in each child copies all of it
    server = _Server()
    try:
        server.serve()
    finally:
        server.end()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
