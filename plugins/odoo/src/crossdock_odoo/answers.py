"""What an answer of the server means: data, or one of crossdock's errors.

JSON-RPC answers 200 for every error of the application (measured on 18.0), JSON-2 a status of its own
(documented for 19). Both name the Python class of the exception: that name decides, never the text. An
error of the application ended its transaction: nothing of the call was kept.
"""

import re
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from crossdock.errors import (
    AuthError,
    BatchRefusedError,
    BatchTooLargeError,
    ConfigError,
    ContractError,
    CrossdockError,
    OutcomeUnknownError,
    RetryableError,
    UnavailableError,
)

ON_A_PLAN = "A database on odoo.com has the external interface with the Custom plan only."
"""Documented for 18. What such a server answers without the plan is not known: taken for a refused key."""

_NEW_KEY = (
    "Make an API key in Odoo under preferences, account security, for the user named in `login`, and put it"
    f" into the key's reference. {ON_A_PLAN}"
)
_CONFLICTS = ("SerializationFailure", "DeadlockDetected", "LockNotAvailable")
_TOO_LARGE = "werkzeug.exceptions.RequestEntityTooLarge"
_NO_DATABASE = re.compile(r'database "[^"]*" does not exist')
_CONNECTIONS = ("psycopg2.OperationalError", "psycopg2.InterfaceError", "psycopg2.pool.PoolError")


class Answer(Protocol):
    """The part of a response that is looked at."""

    status_code: int

    @property
    def content(self) -> bytes:
        """The whole body."""


class RefusalError(BatchRefusedError):
    """Odoo refused a call and kept nothing of it. `name` is the class of its exception."""

    def __init__(self, message: str, *, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class GoneError(RefusalError):
    """A record that a call names does not exist (any more)."""


class RightsError(RefusalError):
    """The key's user may not do this with these records, or with this model at all."""


def classify(response: Answer) -> CrossdockError | None:
    """The error an answer stands for; None for data and for what depends on whether it was a write."""
    status = response.status_code
    if status == 413:
        return BatchTooLargeError("Odoo does not take a request of that size.")
    body = _body(response)
    if status >= 400:
        return _by_status(status, body)
    error = body.get("error") if isinstance(body, dict) and "jsonrpc" in body else None
    if not isinstance(error, dict):
        return None
    return exception(error.get("data") or {"message": error.get("message", "")})


def exception(data: Mapping[str, Any]) -> CrossdockError:
    """The error for an exception as Odoo tells it: `name`, `message`; its traceback is never shown."""
    name, message = str(data.get("name") or ""), _line(data.get("message"))
    short = name.rpartition(".")[2]
    if short in ("AccessDenied", "Unauthorized"):
        return AuthError("Odoo does not accept the key.", hint=_NEW_KEY)
    if short in ("AccessError", "Forbidden"):
        return RightsError(message, name=name)
    if short == "MissingError":
        return GoneError(message, name=name)
    if name == _TOO_LARGE:
        return BatchTooLargeError("Odoo does not take a request of that size.")
    if short in _CONFLICTS:
        # The server itself tried five times; it wrote nothing (measured).
        return UnavailableError("Odoo could not write: the records were locked by somebody else.")
    if name in _CONNECTIONS:
        return _connection(message)
    return RefusalError(message or name or "Odoo refused the call without a word.", name=name)


def read(response: Answer, *, safe: bool) -> Any:
    """The value in an answer that `classify` let pass. Raises ContractError, or OutcomeUnknownError
    when the call was a write."""
    body = _body(response)
    if response.status_code < 400:
        if isinstance(body, dict) and "jsonrpc" in body:
            return body.get("result")
        if body is not _NOT_JSON and not _is_html(response):
            return body
    message = f"Odoo answered {response.status_code} with something that is no answer to a call."
    if not safe:
        raise OutcomeUnknownError(message)
    hint = "Run it again; if it stays so, check that the address is an Odoo server, version 16 or later."
    raise ContractError(message, hint=hint)


def _by_status(status: int, body: Any) -> CrossdockError | None:
    """The error for an HTTP status of 400 and more; None where a proxy may have answered."""
    if isinstance(body, dict) and isinstance(body.get("name"), str) and "message" in body:
        if status == 401:
            return AuthError("Odoo does not accept the key.", hint=_NEW_KEY)
        return exception(body)
    if status in (401, 403):
        return AuthError(f"Odoo does not accept the key ({status}).", hint=_NEW_KEY)
    if status in (400, 404, 405):
        return ConfigError(
            f"the address answers {status} where Odoo's interface should be.",
            hint="Check url, database and protocol of the connection; JSON-2 exists from version 19 on.",
        )
    return None


def _connection(message: str) -> CrossdockError:
    """The message names host and port of the server's own database, and is not shown."""
    if _NO_DATABASE.search(message):
        return ConfigError("Odoo has no database of that name.", hint="Correct `database` of the connection.")
    return RetryableError("Odoo lost the connection to its own database.")


_NOT_JSON = object()


def _body(response: Answer) -> Any:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return _NOT_JSON


def _is_html(response: Answer) -> bool:
    return response.content[:1] == b"<"


def _line(message: Any) -> str:
    return " ".join(str(message or "").split())
