"""Serving the pages of one project on 127.0.0.1 until ctrl-C."""

import socket
import webbrowser
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

import uvicorn

from crossdock.errors import ConfigError
from crossdock.ui.app import application
from crossdock.ui.desk import Desk
from crossdock.ui.guard import START

_SECONDS: Final = 3  # for answers on their way when it ends


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def serve(
    directory: Path,
    *,
    port: int = 0,
    destination: str | None = None,
    browser: bool = True,
    told: Callable[[str], None],
) -> None:
    """Serve the project until SIGINT or SIGTERM; port 0 takes a free one. `told` gets the start address.

    Raises ConfigError if the folder holds no project or the port is taken.
    """
    desk = Desk(directory, destination)
    desk.project().destination_named(destination)
    with closing(bind(port)) as listener:

        def ready() -> None:
            told(address)
            if browser:
                webbrowser.open(address)

        server, address = pages_of(desk, listener, ready)
        with suppress(KeyboardInterrupt):  # uvicorn raises the signal again after its clean stop
            server.run(sockets=[listener])


def pages_of(desk: Desk, listener: socket.socket, ready: Callable[[], None]) -> tuple[uvicorn.Server, str]:
    """The server of a project's pages, to be run with that socket, and the start address.

    `ready` is called once it accepts connections.
    """
    port, token = listener.getsockname()[1], token_urlsafe(32)
    config = uvicorn.Config(
        application(desk, port, token),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_SECONDS,
    )
    return _Server(config, ready), f"http://127.0.0.1:{port}{START}?token={token}"


def bind(port: int) -> socket.socket:
    """A socket on 127.0.0.1; port 0 takes a free one. Raises ConfigError if it is taken."""
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
