"""Acting out one fault on one request.

Closing a connection without an answer needs the connection itself; `crossdock.sandbox.server` puts
it into the scope of every request (`scope["state"]`, see `TRANSPORT`).
"""

import asyncio
import os
import signal
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.sandbox.faults import Fault

TRANSPORT = "crossdock.transport"
"""Key in `scope["state"]` under which the server leaves the connection's asyncio transport."""

_HTML = "<!doctype html><html><body><h1>Please wait</h1></body></html>"
_NO_LINGER = struct.pack("ii", 1, 0)

Act = Callable[[], Awaitable[list[Message]]]


async def misbehave(fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer, or do not answer, the request as the fault says."""

    async def act() -> list[Message]:
        """Let the platform do its work to the end and keep what it answers."""
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await app(scope, receive, keep)
        return kept

    match fault.kind:
        case "status" | "status_after":
            if fault.kind == "status_after":
                await act()
            await Response(fault.text, fault.status, fault.headers, "text/plain")(scope, receive, send)
        case "not_json":
            await act()
            await Response(_HTML, 200, media_type="text/html")(scope, receive, send)
        case "half_batch":
            scope["crossdock.fault"] = fault.model_dump(mode="json")
            await app(scope, receive, send)
        case "slow":
            await asyncio.sleep(fault.seconds)
            await app(scope, receive, send)
        case "kill_before" | "kill_after":
            await _kill_around(fault, act, send)
        case "kill_instead":
            _kill(fault.pid_file)
            await _reset(scope, receive)
        case "truncated":
            await _send_half(await act(), scope, receive, send)
        case _:
            await _do_not_answer(fault, act, scope, receive)


async def _kill_around(fault: Fault, act: Act, send: Send) -> None:
    """Kill the client right before or right after the platform has acted, then answer (to nobody)."""
    if fault.kind == "kill_before":
        _kill(fault.pid_file)
    answer = await act()
    if fault.kind == "kill_after":
        _kill(fault.pid_file)
    for message in answer:
        await send(message)


def _kill(pid_file: str) -> None:
    """End the process at once, as a power cut would; one that is gone already is fine."""
    pid = int(Path(pid_file).read_text().strip())
    with suppress(ProcessLookupError):
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


async def _send_half(answer: list[Message], scope: Scope, receive: Receive, send: Send) -> None:
    start, body = answer[0], b"".join(message.get("body", b"") for message in answer[1:])
    await send(start)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await _close(scope, receive)


async def _do_not_answer(fault: Fault, act: Act, scope: Scope, receive: Receive) -> None:
    if fault.kind.endswith("_after"):
        await act()
    if fault.kind.startswith("timeout"):
        with suppress(TimeoutError):
            async with asyncio.timeout(fault.seconds):
                await _disconnected(receive)
        await _close(scope, receive)
    else:
        await _reset(scope, receive)


async def _close(scope: Scope, receive: Receive) -> None:
    """Close the connection in the ordinary way (what was written is still sent)."""
    _transport(scope).close()
    await _disconnected(receive)


async def _reset(scope: Scope, receive: Receive) -> None:
    """Tear the connection down, so that the client sees a reset."""
    transport = _transport(scope)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
    await _disconnected(receive)


def _transport(scope: Scope) -> asyncio.Transport:
    transport = scope["state"][TRANSPORT]
    assert isinstance(transport, asyncio.Transport)  # noqa: S101 the server of this package put it there
    return transport


async def _disconnected(receive: Receive) -> None:
    """Wait until the server has noticed that the connection is gone.

    Only then may the app return without an answer: before, the server would send a 500.
    """
    while (await receive())["type"] != "http.disconnect":
        pass
