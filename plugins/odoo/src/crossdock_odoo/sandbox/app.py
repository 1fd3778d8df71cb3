"""The HTTP side: which path leads where. One request at a time, as one worker would."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from crossdock_odoo.sandbox import halves, json2, jsonrpc, services, webcontent, xmlrpc
from crossdock_odoo.sandbox.calls import CutError
from crossdock_odoo.sandbox.environment import Database
from crossdock_odoo.sandbox.pages import internal_error, not_allowed, not_found
from crossdock_odoo.sandbox.seeding import seed

_OPERATION = "crossdock.operation"
_TRANSPORT = "crossdock.transport"


def build(db: Database) -> ASGIApp:
    """The app of one database."""
    return Starlette(
        routes=[
            Route("/jsonrpc", _jsonrpc(db), methods=["GET", "POST"]),
            Route("/xmlrpc/{service}", _xmlrpc(db, 1), methods=["POST"]),
            Route("/xmlrpc/2/{service}", _xmlrpc(db, 2), methods=["POST"]),
            Route("/json/2/{model}/{method}", _json2(db), methods=["POST"]),
            Route("/web/version", _version(db), methods=["GET"]),
            Route("/web/webclient/version_info", _version_info(db), methods=["POST"]),
            Route("/web/health", _health, methods=["GET"]),
            Route("/web/content/{key:int}", _content(db), methods=["GET"]),
            Route("/_seed", _seed(db), methods=["POST"]),
        ],
        exception_handlers={404: _missing, 405: _forbidden},
    )


async def _missing(_request: Request, _error: Exception) -> Response:
    return not_found()


async def _forbidden(_request: Request, _error: Exception) -> Response:
    return not_allowed()


async def _health(_request: Request) -> Response:
    return _json({"status": "pass"})


def _json(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


def _jsonrpc(db: Database) -> Callable[[Request], Any]:
    async def serve(request: Request) -> Response:
        body = await request.body()
        request.scope[_OPERATION] = _operation(body)
        kind, half = request.headers.get("content-type", ""), halves.is_ordered(request.scope)
        if half:
            body = halves.first_half(body)
        try:
            answer = await run_in_threadpool(jsonrpc.answer, db, request.url.path, kind, body)
        except CutError:
            return await _hang_up(request)
        return internal_error() if half else answer

    return serve


async def _hang_up(request: Request) -> Response:
    """Close the connection without an answer; the server left it in the scope."""
    transport = request.scope.get("state", {}).get(_TRANSPORT)
    if transport is None:
        raise ConnectionAbortedError
    transport.close()
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response()


def _operation(body: bytes) -> str | None:
    """The call in the words of the request log: `res.partner.load`, or service and method."""
    try:
        params: Mapping[str, Any] = orjson.loads(body)["params"]
        args = params["args"]
        if params["service"] == "object":
            return f"{args[3]}.{args[4]}"
        return f"{params['service']}.{params['method']}"
    except (orjson.JSONDecodeError, KeyError, TypeError, IndexError):
        return None


def _xmlrpc(db: Database, version: int) -> Callable[[Request], Any]:
    async def serve(request: Request) -> Response:
        body = await request.body()
        service = request.path_params["service"]
        return await run_in_threadpool(xmlrpc.answer, db, service, body, version)

    return serve


def _json2(db: Database) -> Callable[[Request], Any]:
    async def serve(request: Request) -> Response:
        model, method = request.path_params["model"], request.path_params["method"]
        request.scope[_OPERATION] = f"{model}.{method}"
        body = await request.body()
        try:
            return await run_in_threadpool(json2.answer, db, model, method, request.headers, body)
        except CutError:
            return await _hang_up(request)

    return serve


def _version(db: Database) -> Callable[[Request], Any]:
    async def serve(_request: Request) -> Response:
        return _json(json2.version(db)) if db.version >= 19 else not_found()

    return serve


def _version_info(db: Database) -> Callable[[Request], Any]:
    async def serve(_request: Request) -> Response:
        return jsonrpc.enveloped(None, result=services.version(db))

    return serve


def _content(db: Database) -> Callable[[Request], Any]:
    async def serve(request: Request) -> Response:
        return await run_in_threadpool(webcontent.answer, db, request)

    return serve


def _seed(db: Database) -> Callable[[Request], Any]:
    async def serve(request: Request) -> Response:
        await asyncio.sleep(0)
        body = await request.body()
        return await run_in_threadpool(seed, db, body)

    return serve
