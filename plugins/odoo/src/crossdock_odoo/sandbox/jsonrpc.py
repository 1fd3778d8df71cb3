"""`POST /jsonrpc`: the envelope. Every application error is HTTP 200 (measured)."""

from typing import Any

import orjson
from starlette.responses import Response

from crossdock_odoo.sandbox.environment import Database
from crossdock_odoo.sandbox.errors import PythonError, ServerError
from crossdock_odoo.sandbox.pages import bad_request
from crossdock_odoo.sandbox.services import dispatch

JSON = "application/json; charset=utf-8"
BODY_LIMIT = 128 * 1024 * 1024
_NEEDED = ("service", "method", "args")
_HTTP_ONLY = "Request inferred type is compatible with ['http'] but '{path}' is type='json'."


def answer(db: Database, path: str, content_type: str, body: bytes) -> Response:
    """The answer to one request."""
    if content_type.partition(";")[0].strip() not in ("application/json", "application/json-rpc"):
        return bad_request(_HTTP_ONLY.format(path=path))
    if len(body) > BODY_LIMIT:
        too_large = PythonError(
            "werkzeug.exceptions.RequestEntityTooLarge",
            "413 Request Entity Too Large: The data value transmitted exceeds the capacity limit.",
        )
        too_large.arguments = []
        return enveloped(None, error=too_large)
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Response("Invalid JSON data", 400, media_type="text/html")
    if not isinstance(request, dict):
        return Response("Invalid JSON data", 400, media_type="text/html")
    params, number = request.get("params") or {}, request.get("id")
    try:
        with db.store.lock:
            return enveloped(number, result=_dispatched(db, params))
    except ServerError as error:
        return enveloped(number, error=error)


def _dispatched(db: Database, params: dict[str, Any]) -> Any:
    missing = [name for name in _NEEDED if name not in params]
    if missing:
        listed = ", ".join(f"'{name}'" for name in missing[:-1])
        listed = f"{listed}, and '{missing[-1]}'" if len(missing) > 1 else f"'{missing[-1]}'"
        text = f"RPC.jsonrpc() missing {len(missing)} required positional arguments: {listed}"
        raise PythonError("TypeError", text)
    return dispatch(db, params["service"], params["method"], params["args"])


def enveloped(number: Any, *, result: Any = None, error: ServerError | None = None) -> Response:
    """A result or an error in its envelope."""
    body: dict[str, Any] = {"jsonrpc": "2.0", "id": number}
    if error is None:
        # Measured: nothing as a result leaves the key out.
        body |= {} if result is None else {"result": result}
    else:
        body["error"] = {"code": 200, "message": "Odoo Server Error", "data": described(error)}
    return Response(orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS), media_type=JSON)


def described(error: ServerError) -> dict[str, Any]:
    """An error as clients see it; the traceback is a stand-in."""
    short = error.name.removeprefix("builtins.")
    return {
        "name": error.name,
        "debug": f"Traceback (most recent call last):\n{short}: {error.message}\n",
        "message": error.message,
        "arguments": error.arguments,
        "context": error.context,
    }
