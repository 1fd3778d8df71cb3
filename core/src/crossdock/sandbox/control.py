"""The control layer around a platform's app: paths under `/_sandbox/`, faults and the request log.

    GET    /_sandbox/            health: platform, url, token, pid, data, seed, rate, requests
    GET    /_sandbox/dump        everything the platform holds, canonical
    GET    /_sandbox/log?since=n requests after number n: n, method, path, query, status, fault, operation, at
    DELETE /_sandbox/log         forget them
    POST   /_sandbox/reset       {"seed": "demo"}
    POST   /_sandbox/clock       {"now": seconds since the epoch, or null to let it run}
    POST   /_sandbox/faults      one fault or a list (`crossdock.sandbox.faults`); GET shows, DELETE forgets

Requests to these paths are neither logged nor faulted and need no token: the server listens on
loopback only.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.errors import CrossdockError
from crossdock.sandbox.faults import FaultList
from crossdock.sandbox.interface import Sandbox
from crossdock.sandbox.misbehaviour import misbehave
from crossdock.sandbox.requestlog import LoggedRequest, RequestLog

PREFIX = "/_sandbox"


class JsonResponse(Response):
    """A JSON answer written by orjson."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Give the bytes of the answer; keys that are not text are allowed."""
        return orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS)


class ControlLayer:
    """An ASGI app: serves the control paths itself and passes the rest on, logged and faulted.

    `about` is the ready line, which the health answer repeats.
    """

    def __init__(self, sandbox: Sandbox, about: Mapping[str, Any]) -> None:
        self.sandbox = sandbox
        self.about = about
        self.faults = FaultList()
        self.log = RequestLog()
        self.control: ASGIApp = Starlette(routes=self._routes())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.sandbox.app(scope, receive, send)
        elif scope["path"] == PREFIX or scope["path"].startswith(f"{PREFIX}/"):
            scope["path"] = scope["path"].removeprefix(PREFIX).rstrip("/") or "/"
            await self.control(scope, receive, send)
        else:
            await self._platform(scope, receive, send)

    async def _platform(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read_body(receive)
        method, path = scope["method"], scope["path"]
        query = scope["query_string"].decode("latin-1")
        entry = self.log.add(method, path, query, body)
        fault = self.faults.pick(method, path, query, body)
        replayed, noted = _replay(body, receive), _note_status(entry, send)
        if fault is None:
            await self.sandbox.app(scope, replayed, noted)
        else:
            entry.fault = fault.kind
            await misbehave(fault, self.sandbox.app, scope, replayed, noted)
        entry.operation = scope.get("crossdock.operation", entry.operation)

    def _routes(self) -> list[Route]:
        return [
            Route("/", self._health),
            Route("/dump", self._dump),
            Route("/log", self._show_log, methods=["GET"]),
            Route("/log", self._clear_log, methods=["DELETE"]),
            Route("/reset", self._reset, methods=["POST"]),
            Route("/clock", self._clock, methods=["POST"]),
            Route("/faults", self._show_faults, methods=["GET"]),
            Route("/faults", self._order_faults, methods=["POST"]),
            Route("/faults", self._clear_faults, methods=["DELETE"]),
        ]

    async def _health(self, _request: Request) -> Response:
        return JsonResponse({**self.about, "requests": self.log.count})

    async def _dump(self, _request: Request) -> Response:
        return JsonResponse(await run_in_threadpool(self.sandbox.dump))

    async def _show_log(self, request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not since.isdecimal():
            return PlainTextResponse("since must be a whole number", 400)
        return JsonResponse(self.log.since(int(since)))

    async def _clear_log(self, _request: Request) -> Response:
        self.log.clear()
        return JsonResponse({})

    async def _reset(self, request: Request) -> Response:
        seed = (await _json_object(request)).get("seed")
        if not isinstance(seed, str):
            return PlainTextResponse('the body must be {"seed": "..."}', 400)
        try:
            await run_in_threadpool(self.sandbox.reset, seed)
        except CrossdockError as error:
            return PlainTextResponse(str(error), 400)
        return JsonResponse({"seed": seed})

    async def _clock(self, request: Request) -> Response:
        body = await _json_object(request)
        now = body.get("now", "missing")
        if not (now is None or isinstance(now, int | float)):
            return PlainTextResponse('the body must be {"now": seconds or null}', 400)
        await run_in_threadpool(self.sandbox.set_clock, now)
        return JsonResponse({"now": now})

    async def _show_faults(self, _request: Request) -> Response:
        return JsonResponse(self.faults.describe())

    async def _order_faults(self, request: Request) -> Response:
        try:
            self.faults.order(await request.body())
        except ValidationError as error:
            return PlainTextResponse(str(error), 400)
        return JsonResponse(self.faults.describe())

    async def _clear_faults(self, _request: Request) -> Response:
        self.faults.clear()
        return JsonResponse([])


async def _json_object(request: Request) -> Mapping[str, Any]:
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


async def _read_body(receive: Receive) -> bytes:
    """Read the whole request: a fault may look into it, and must not act on half of it."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give a `receive` that delivers the body that was read, then whatever the connection says."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return first.pop() if first else await receive()

    return replayed


def _note_status(entry: LoggedRequest, send: Send) -> Send:
    async def noted(message: Message) -> None:
        if message["type"] == "http.response.start":
            entry.status = message["status"]
        await send(message)

    return noted
