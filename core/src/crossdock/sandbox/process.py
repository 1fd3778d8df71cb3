"""Sandboxes as child processes: start, find, ask, stop."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crossdock.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SandboxProcess:
    """A sandbox that runs in its own process: `url` without a trailing slash, `token`, `pid`, `data`."""

    platform: str
    url: str
    token: str
    pid: int
    data: Path
    _child: "subprocess.Popen[str] | None" = field(default=None, repr=False, compare=False)

    def stop(self, timeout: float = 10.0) -> None:
        """End it and wait until it is gone (state stays in `data`); killed after `timeout` seconds."""
        for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)
            if self._wait(timeout):
                return

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        self._wait(10.0)

    def _wait(self, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if not self._alive():
                return True
            time.sleep(0.02)
        return False

    def _alive(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        try:
            # A child of this process that nobody waited for would look alive for ever.
            if hasattr(os, "WNOHANG") and os.waitpid(self.pid, os.WNOHANG)[0] == self.pid:
                return False
        except ChildProcessError:
            pass
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True


def start(
    platform: str,
    *,
    data: Path,
    port: int = 0,
    seed: str = "demo",
    rate: str = "real",
    timeout: float = 60.0,
) -> SandboxProcess:
    """Start the sandbox of a platform in a child process that outlives this one.

    `data` is its SQLite file (made if missing); its log is beside it, `NAME.log`. Raises ConfigError
    when the extra is missing, the platform is unknown, another sandbox serves the same file, or the
    child is not ready within `timeout` seconds.
    """
    if find_spec("uvicorn") is None or find_spec("starlette") is None:
        raise missing_extra()
    data = data.resolve()
    data.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "crossdock.sandbox", platform, "--data", str(data)]
    command += ["--port", str(port), "--seed", seed, "--rate", rate]
    log = data.with_name(data.name + ".log")
    with log.open("a") as stderr:
        offset = stderr.tell()
        child = subprocess.Popen(  # noqa: S603 our own interpreter and arguments, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )
    line = _ready_line(child, timeout)
    if line:
        return _from_ready_line(json.loads(line), child)
    raise ConfigError(
        f"the sandbox of {platform} did not start: {_said(log, offset)}", hint=f"Its log: {log}"
    )


def ensure(platform: str, *, data: Path, seed: str = "demo", rate: str = "real") -> SandboxProcess:
    """Give the running sandbox of this data file, or start it. Raises ConfigError as `start` does."""
    return find(data) or start(platform, data=data, seed=seed, rate=rate)


def find(data: Path) -> SandboxProcess | None:
    """Give the running sandbox that serves this data file, None if there is none."""
    try:
        about = json.loads(ready_file(data.resolve()).read_text())
    except (OSError, ValueError):
        return None
    answer = health(about["url"])
    if answer is None or answer.get("data") != about["data"]:
        return None
    return _from_ready_line(answer, None)


def running(url: str) -> bool:
    """Say whether a sandbox answers at this address."""
    return health(url) is not None


def health(url: str) -> Mapping[str, Any] | None:
    """Give what the sandbox at this address says of itself (see `crossdock.sandbox.control`), or None."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
    try:
        connection.request("GET", "/_sandbox/")
        answer = connection.getresponse()
        about = json.loads(answer.read()) if answer.status == http.client.OK else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return about if isinstance(about, dict) else None


def missing_extra() -> ConfigError:
    """Give the error for a machine without the libraries of the extra `sandbox`."""
    return ConfigError(
        "sandboxes need two more libraries (starlette, uvicorn).",
        hint='Install them with: pip install "crossdock[sandbox]"',
    )


def ready_file(data: Path) -> Path:
    """Give the path of the file in which a running sandbox keeps its ready line, beside its data."""
    return data.with_name(data.name + ".ready.json")


def _from_ready_line(about: Mapping[str, Any], child: "subprocess.Popen[str] | None") -> SandboxProcess:
    return SandboxProcess(
        platform=about["platform"],
        url=about["url"],
        token=about["token"],
        pid=about["pid"],
        data=Path(about["data"]),
        _child=child,
    )


def _ready_line(child: "subprocess.Popen[str]", timeout: float) -> str:
    """Wait for the one line on stdout; empty when the child ended or had to be ended first."""
    guard = threading.Timer(timeout, child.kill)
    guard.start()
    try:
        assert child.stdout is not None  # noqa: S101 it was opened as a pipe
        with child.stdout:
            line = child.stdout.readline()
    finally:
        guard.cancel()
    if not line:
        child.wait()
    return line


def _said(log: Path, offset: int) -> str:
    """Give the last line that the child wrote to its log."""
    with log.open(errors="replace") as text:
        text.seek(offset)
        lines = text.read().strip().splitlines()
    return lines[-1] if lines else "it said nothing"
