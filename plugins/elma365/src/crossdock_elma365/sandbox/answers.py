"""Answers in the platform's envelopes, and its ways to refuse.

Documented: `success`, `error`; 400 with an error text; 403; 404. Seen in clients: `success: false` with
status 200, plain text with 429. Assumed: the texts.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from crossdock_elma365.sandbox.filters import FilterError
from crossdock_elma365.sandbox.listing import ListError, list_items
from crossdock_elma365.sandbox.store import Store

Body = dict[str, Any]
Handler = Callable[[Request, Body], Response]


class NotFoundError(Exception):
    """Answered with 404."""


class BadRequestError(Exception):
    """Answered with 400 and its text."""


class LogicalError(Exception):
    """Answered with 200 and `success: false`."""


def ok(**content: Any) -> Response:
    """Give a successful answer with these keys beside `success` and `error`."""
    return _json({"success": True, "error": "", **content})


def page(rows: Sequence[bytes], total: int) -> Response:
    """Give a list answer from the JSON of its items."""
    parts = (b'{"success":true,"error":"","result":{"result":[', b",".join(rows), b'],"total":%d}}' % total)
    return Response(b"".join(parts), media_type="application/json")


def listed(store: Store, collection: str, body: Mapping[str, Any]) -> Response:
    """Give the page of a collection that a list request asks for."""
    return page(*list_items(store, collection, body))


def rows(items: Sequence[Mapping[str, Any]]) -> Response:
    """Give a whole short list in the list envelope."""
    return page([orjson.dumps(item) for item in items], len(items))


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Make a route of a plain function that gets the request and its JSON body.

    The body of a GET stands in its `query` parameter. The function runs in a worker thread.
    """

    async def answer(request: Request) -> Response:
        raw = request.query_params.get("query", "") if request.method == "GET" else await request.body()
        try:
            body = orjson.loads(raw) if raw else {}
        except orjson.JSONDecodeError as error:
            return PlainTextResponse(f"invalid JSON: {error}", 400)
        if not isinstance(body, dict):
            return PlainTextResponse("the body must be an object", 400)
        return await run_in_threadpool(_guarded, handler, request, body)

    return answer


def _guarded(handler: Handler, request: Request, body: Body) -> Response:
    try:
        return handler(request, body)
    except NotFoundError as error:
        return _json({"success": False, "error": str(error)}, 404)
    except (BadRequestError, ListError, FilterError) as error:
        return PlainTextResponse(str(error), 400)
    except LogicalError as error:
        return _json({"success": False, "error": str(error)})


def _json(content: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
