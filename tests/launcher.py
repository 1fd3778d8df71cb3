"""Starts commands and sandboxes as processes of their own, forked from one that has imported the product.

A process that is forked like this is as separate, and dies as wholly, as one that a shell starts; but it
need not import everything again, which is most of what a short command does. Run as a program, it reads one
order a line from stdin and answers one line each: {"program", "argv", "env", "out", "err", "pid_file",
"patch", "file_limit"} gives {"pid"}; {"wait", "seconds"} gives {"code"}, None if it still runs.
"""

import json
import os
import resource
import runpy
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

Order = dict[str, Any]
ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Launcher:
    """The client's side."""

    process: "subprocess.Popen[bytes]"

    @classmethod
    def start(cls) -> Self:
        """Start the program."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
        command = [sys.executable, str(Path(__file__).resolve())]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        return cls(subprocess.Popen(command, cwd=ROOT, env=env, **pipes))  # type: ignore[call-overload]

    def begin(self, program: str, argv: list[str], out: Path, err: Path, **more: Any) -> int:
        """Start a program (`crossdock` or `sandbox`); its process id."""
        order = {"program": program, "argv": argv, "out": str(out), "err": str(err), **more}
        return int(self._ask(order)["pid"])

    def wait(self, pid: int, seconds: float = 120) -> int | None:
        """Its exit code, negative the signal that ended it; None if it still runs after `seconds`."""
        code: int | None = self._ask({"wait": pid, "seconds": seconds})["code"]
        return code

    def close(self) -> None:
        """End the program."""
        if self.process.stdin and self.process.stdout:
            self.process.stdin.close()
            self.process.wait(10)
            self.process.stdout.close()

    def _ask(self, order: Order) -> Order:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        answer: Order = json.loads(self.process.stdout.readline())
        return answer


def _serve() -> None:
    _import_all()
    for line in sys.stdin.buffer:
        order = json.loads(line)
        if "wait" in order:
            answer: Order = {"code": _wait(order["wait"], order["seconds"])}
        else:
            answer = {"pid": os.fork()}
            if not answer["pid"]:
                _become(order)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _import_all() -> None:
    import crossdock_twenty.destination
    import crossdock_twenty.sandbox  # noqa: F401


def _wait(pid: int, seconds: float) -> int | None:
    end = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end:
            return None
        time.sleep(0.005)


def _become(order: Order) -> None:
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


def _arrange(order: Order) -> None:
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


def _run(order: Order) -> int:
    sys.argv = [order["program"], *order["argv"]]
    if order["program"] == "sandbox":
        from crossdock.sandbox.__main__ import main

        return main(order["argv"])
    from crossdock.cli import app

    app()
    return 0


if __name__ == "__main__":
    _serve()
