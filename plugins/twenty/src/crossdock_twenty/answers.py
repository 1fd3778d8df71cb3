"""What an answer of the server means: data, or one of crossdock's errors.

GraphQL answers 200 for nearly every error; REST uses 400 for most, and unknown faults default to 400
too (measured on 2.21.0). A duplicate names the record it collides with over GraphQL only.
"""

import re
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from crossdock.errors import (
    AuthError,
    BatchRefusedError,
    BatchTooLargeError,
    ContractError,
    CrossdockError,
    OutcomeUnknownError,
    RateLimitedError,
)

REFILL = 0.6  # seconds for one more call; the server sends no Retry-After (measured)
DUPLICATE = "A duplicate entry was detected"

_TOO_MANY = re.compile(
    r"Maximum number of records to upsert is (\d+)|Cannot \w+ more than (\d+) records", re.I
)
_NEW_KEY = (
    "Make a new API key in Twenty under Settings, APIs & Webhooks, and put it into the key's reference."
)
_MORE_RIGHTS = "Give the key's role this right in Twenty under Settings, Roles."


class Answer(Protocol):
    """The part of a response that is looked at."""

    status_code: int

    @property
    def content(self) -> bytes:
        """The whole body."""


class RefusalError(BatchRefusedError):
    """Twenty refused a write and kept nothing of it.

    `code` is its most precise code ("" if none), `conflicting_id` the record that a duplicate
    collides with, if it said so.
    """

    def __init__(self, message: str, *, code: str = "", conflicting_id: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.conflicting_id = conflicting_id


class GoneError(RefusalError):
    """The record that a write names does not exist (any more)."""


def classify(response: Answer) -> CrossdockError | None:
    """The error an answer stands for; None for data and for what depends on whether it was a write."""
    status = response.status_code
    if status == 429:
        return RateLimitedError("Twenty's rate limit is reached.", after=REFILL)
    if status == 413 or (status == 500 and b"request entity too large" in response.content[:200]):
        return BatchTooLargeError("Twenty takes 10 MB in one request.")
    body = _body(response)
    if not isinstance(body, dict):
        return None
    if body.get("errors") and "statusCode" not in body:
        return _graphql_error(body)
    return _rest_error(status, body) if status >= 400 else None


def read(response: Answer, *, safe: bool) -> Any:
    """The JSON of an answer that `classify` let pass. Raises ContractError, or OutcomeUnknownError
    when the request was a write."""
    body = _body(response)
    if response.status_code < 400 and isinstance(body, (dict, list)) and "errors" not in body:
        return body
    shown = _shown(body)
    message = f"Twenty answered {response.status_code} with {shown}."
    if not safe:
        raise OutcomeUnknownError(message)
    hint = "Run it again; if it stays so, check that the address is a Twenty server, version 2.21 or later."
    raise ContractError(message, hint=hint)


def _body(response: Answer) -> Any:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return None


def _shown(body: Any) -> str:
    if isinstance(body, dict) and body.get("errors"):
        return f"the message {body['errors'][0].get('message', '')!r}"
    if isinstance(body, dict) and body.get("messages"):
        return f"the message {body['messages'][0]!r}"
    return "something that is not JSON" if body is None else "JSON of an unknown shape"


def _graphql_error(body: Mapping[str, Any]) -> CrossdockError | None:
    first = body["errors"][0]
    message = str(first.get("message", ""))
    extensions = first.get("extensions") or {}
    code, sub_code = str(extensions.get("code", "")), str(extensions.get("subCode", ""))
    if sub_code == "LIMIT_REACHED" or message.startswith("Limit reached ("):
        return RateLimitedError("Twenty's rate limit is reached.", after=REFILL)
    if code == "UNAUTHENTICATED" or (code == "FORBIDDEN" and sub_code in ("", "FORBIDDEN_EXCEPTION")):
        return AuthError(f"Twenty does not accept the key: {message}", hint=_NEW_KEY)
    if sub_code == "PERMISSION_DENIED":
        return AuthError(f"Twenty refuses this to the key: {message}", hint=_MORE_RIGHTS)
    too_many = _too_many(message, sub_code)
    if too_many is not None:
        return too_many
    if code == "NOT_FOUND" and sub_code in ("", "RECORD_NOT_FOUND"):
        return GoneError(message, code=sub_code or code)
    if code == "METADATA_VALIDATION_FAILED":
        return RefusalError(_metadata_message(message, extensions), code=_metadata_code(extensions))
    if code == "INTERNAL_SERVER_ERROR" and not _known_internal(message):
        return None
    friendly = extensions.get("userFriendlyMessage")
    if message.startswith(DUPLICATE) and isinstance(friendly, str):
        message = f"{message}: {friendly}"
    return RefusalError(
        message, code=sub_code or code, conflicting_id=str(extensions.get("conflictingRecordId") or "")
    )


def _known_internal(message: str) -> bool:
    """Internal errors that surely left nothing behind: the migration or the transaction is undone."""
    return message.startswith(("Data validation error", "Migration action", "Invalid file size", "File "))


def _rest_error(status: int, body: Mapping[str, Any]) -> CrossdockError | None:
    messages = body.get("messages") or [body.get("message", "")]
    message = "; ".join(str(m) for m in messages)
    code = str(body.get("code", ""))
    if code == "PERMISSION_DENIED":
        return AuthError(f"Twenty refuses this to the key: {message}", hint=_MORE_RIGHTS)
    if status in (401, 403):
        return AuthError(f"Twenty does not accept the key: {message}", hint=_NEW_KEY)
    if status == 404:
        return GoneError(message, code="NOT_FOUND")
    too_many = _too_many(message, code)
    if too_many is not None:
        return too_many
    if status < 500 or _known_internal(message):
        return RefusalError(message, code=code)
    return None


def _too_many(message: str, code: str) -> BatchTooLargeError | None:
    found = _TOO_MANY.search(message)
    if found is None and not code.startswith("TOO_MANY_RECORDS"):
        return None
    limit = next((int(g) for g in found.groups() if g), None) if found else None
    return BatchTooLargeError(message, limit=limit)


def _metadata_errors(extensions: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries that say what is wrong; those of the other kinds only follow from them (measured)."""
    errors = extensions.get("errors") or {}
    for kind in ("objectMetadata", "fieldMetadata", "index"):
        found = [e for entry in errors.get(kind) or [] for e in entry.get("errors") or []]
        if found:
            return found
    return []


def _metadata_message(message: str, extensions: Mapping[str, Any]) -> str:
    found = [str(e.get("message", "")) for e in _metadata_errors(extensions)]
    return "; ".join(dict.fromkeys(found)) or message


def _metadata_code(extensions: Mapping[str, Any]) -> str:
    return next((str(e.get("code", "")) for e in _metadata_errors(extensions)), "METADATA_VALIDATION_FAILED")
