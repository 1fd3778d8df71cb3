"""`POST /json/2/<model>/<method>`: the JSON API from 19 on (documented, not measured).

The body holds named arguments, `ids` and `context`; the answer is the bare value, or a real error status
with `{name, message, arguments, context, debug}`. Which status stands for which error is assumed.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from crossdock_odoo.sandbox import calls
from crossdock_odoo.sandbox.environment import Database
from crossdock_odoo.sandbox.errors import (
    AccessDeniedError,
    AccessError,
    MissingError,
    PythonError,
    ServerError,
    UserError,
)
from crossdock_odoo.sandbox.jsonrpc import BODY_LIMIT, described
from crossdock_odoo.sandbox.keys import owner_of
from crossdock_odoo.sandbox.methods import METHODS
from crossdock_odoo.sandbox.pages import not_found
from crossdock_odoo.sandbox.registry import rules


def version(db: Database) -> dict[str, Any]:
    """What `GET /web/version` answers (assumed)."""
    return {"version_info": [db.version, 0, 0, "final", 0, ""], "version": f"{db.version}.0"}


def answer(db: Database, model: str, method: str, headers: Mapping[str, str], body: bytes) -> Response:
    """The answer to one request."""
    if db.version < 19:
        return not_found()
    try:
        with db.store.lock:
            return _value(_call(db, model, method, headers, body))
    except ServerError as error:
        return _error(error)


def _call(db: Database, model: str, method: str, headers: Mapping[str, str], body: bytes) -> Any:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not (uid := owner_of(db, key.strip())) or not db.api_access:
        raise _UnauthorizedError
    if headers.get("x-odoo-database", db.name) != db.name:
        raise PythonError("werkzeug.exceptions.NotFound", "Database not found.")
    if len(body) > BODY_LIMIT:
        raise PythonError("werkzeug.exceptions.RequestEntityTooLarge", "413 Request Entity Too Large")
    try:
        named = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise PythonError("werkzeug.exceptions.BadRequest", f"Invalid JSON data: {error}") from error
    ids = named.pop("ids", None)
    of_model = method in rules(model).model_methods or method in _MODEL_METHODS
    return calls.call(db, uid, model, method, () if of_model else (ids or [],), named)


_MODEL_METHODS = frozenset(
    name
    for name in METHODS
    if name in ("create", "search", "search_count", "search_read", "search_fetch", "fields_get", "load")
    or name
    in ("default_get", "name_search", "name_create", "read_group", "check_access_rights", "web_search_read")
)


class _UnauthorizedError(AccessDeniedError):
    """A missing or wrong key."""


def _value(content: Any) -> Response:
    return Response(orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS), media_type="application/json")


def _error(error: ServerError) -> Response:
    return Response(orjson.dumps(described(error)), _status(error), media_type="application/json")


def _status(error: ServerError) -> int:
    if isinstance(error, PythonError):
        return {"NotFound": 404, "BadRequest": 400, "RequestEntityTooLarge": 413}.get(
            error.name.rpartition(".")[2], 500
        )
    for kind, status in ((AccessDeniedError, 401), (AccessError, 403), (MissingError, 404), (UserError, 422)):
        if isinstance(error, kind):
            return status
    return 500
