"""Serving one sandbox in this process."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from crossdock.errors import ConfigError
from crossdock.sandbox.control import ControlLayer
from crossdock.sandbox.interface import Sandbox, SandboxOptions
from crossdock.sandbox.misbehaviour import TRANSPORT
from crossdock.sandbox.process import ready_file

_KEEP_ALIVE = 600
"""Seconds an idle connection stays open: an unordered close would look like a fault."""


class _Protocol(H11Protocol):
    """HTTP/1.1 whose requests carry their connection in `scope["state"]`, for the faults."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, TRANSPORT: transport}
        super().connection_made(transport)


class _Server(uvicorn.Server):
    """A server that says on stdout, in one JSON line, that it accepts connections."""

    def __init__(self, config: uvicorn.Config, about: dict[str, Any]) -> None:
        super().__init__(config)
        self._about = about

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        line = orjson.dumps(self._about).decode()
        ready_file(Path(self._about["data"])).write_text(line)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def serve(
    sandbox_class: type[Sandbox],
    *,
    platform: str,
    port: int = 0,
    data: Path,
    seed: str = "demo",
    rate: str = "real",
) -> None:
    """Serve a sandbox on 127.0.0.1 until SIGTERM or SIGINT; port 0 takes a free one.

    Prints `{"platform", "url", "token", "pid", "data", "seed", "rate"}` on stdout when it accepts
    connections, and nothing else. Raises ConfigError when another sandbox serves the same data file
    or the port is taken.
    """
    data = data.resolve()
    data.parent.mkdir(parents=True, exist_ok=True)
    with closing(_lock(data)), closing(_bind(port)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        sandbox = sandbox_class(SandboxOptions(data=data, base_url=url, seed=seed, rate=rate))
        about = {"platform": platform, "url": url, "token": sandbox.token, "pid": os.getpid()}
        about |= {"data": str(data), "seed": seed, "rate": rate}
        try:
            _run(ControlLayer(sandbox, about), listener, about)
        finally:
            sandbox.close()
            ready_file(data).unlink(missing_ok=True)


def _run(app: ControlLayer, listener: socket.socket, about: dict[str, Any]) -> None:
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=1,
    )
    # uvicorn raises the signal again after its clean stop; ours must end with exit code 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    with suppress(KeyboardInterrupt):
        _Server(config, about).run(sockets=[listener])


def _bind(port: int) -> socket.socket:
    # With the protocol named, asyncio switches Nagle's algorithm off: else many answers take 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"port {port} cannot be used: {error.strerror}.", hint="Take another one, or 0 for a free one."
        ) from error
    return listener


def _lock(data: Path) -> sqlite3.Connection:
    """Hold the data file for this process; the lock ends with the process, however it ends.

    SQLite's own exclusive lock on a file beside the data is the portable way to have this.
    """
    lock = sqlite3.connect(data.with_name(data.name + ".lock"), timeout=0, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise ConfigError(
            f"another sandbox already serves {data}.", hint="Stop it first, or choose another data file."
        ) from error
    return lock
