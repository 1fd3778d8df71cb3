"""The API of Cetec ERP, reading only. The only module that speaks HTTP.

Every request is one of `Read` and a GET, so nothing that changes the tenant can be built: the key is its
one configuration value "JSON API Token" and may do everything. It travels in the query of each address
(seen in vendor code and in all clients), so no address is quoted with its query.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from crossdock.connection import Connection
from crossdock.errors import (
    AccessLostError,
    AuthError,
    ConfigError,
    ContractError,
    CrossdockError,
    RateLimitedError,
    UnavailableError,
)
from crossdock.http import HttpClient
from crossdock.model import Limits
from crossdock_cetec.settings import CetecSettings

if TYPE_CHECKING:
    from httpx2 import Response

Json = Mapping[str, Any]

_BODY_ATTEMPTS = 3
_ENVELOPES = ("data", "rows", "entries")


class Read(Enum):
    """All requests that exist here: the path, and what the rows are called when an object wraps them."""

    CUSTOMERS = ("/api/customer", "customers")
    CONTACTS = ("/api/contact", "contacts")
    ORDERS = ("/api/order/", "orders")
    ORDER = ("/api/order/{id}", "order")
    INVOICES = ("/api/invoice", "invoices")
    PART = ("/api/part/{id}", "part")
    ORDER_LINES = ("/goapis/api/v1/ordlines/list", "ordlines")
    LOCATIONS = ("/goapis/api/v1/ordlinestatus/list", "ordlinestatus")
    LOCATION_MAPS = ("/goapis/api/v1/ordline/{id}/location_maps", "location_maps")

    def path(self, identifier: str = "") -> str:
        """The path with the id in its place, whatever signs it has (a part number may hold a slash)."""
        path: str = self.value[0]
        return path.replace("{id}", quote(identifier, safe=""))


class AnswerError(ContractError):
    """Cetec refused one request, or answered it in a shape nobody knows; `status` is the HTTP status."""

    def __init__(self, message: str, *, status: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class CetecClient:
    """Reads one tenant.

    Raises AuthError (AccessLostError once the key has worked), AnswerError, UnreachableError.
    """

    def __init__(self, settings: CetecSettings, connection: Connection, limits: Limits) -> None:
        if settings.token is None:
            raise ConfigError(
                f"connection {connection.name} has no key of Cetec ERP.", hint="Give `url` and `token`."
            )
        self._token = settings.token.get_secret_value()
        self._accepted = False  # the key has worked at least once
        self.answered_at: datetime | None = None  # by the tenant's clock, from the last answer
        self._http = HttpClient(
            settings.url,
            connection=connection,
            headers={"Accept": "application/json"},
            secrets=(self._token,),
            limits=limits,
            timeout=settings.timeout,
            classify=classify,
            verify=settings.ca_file,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def rows(self, read: Read, identifier: str = "", **query: str) -> list[Json]:
        """All rows of a list."""
        return unwrapped(self._read(read, identifier, query), read)

    def one(self, read: Read, identifier: str) -> Json:
        """One object, whatever envelope it comes in."""
        answer = self._read(read, identifier, {})
        if isinstance(answer, list) and len(answer) == 1:
            answer = answer[0]
        for name in (*_ENVELOPES, read.value[1]):
            if isinstance(answer, Mapping) and isinstance(answer.get(name), Mapping):
                answer = answer[name]
        if not isinstance(answer, Mapping) or not answer:
            raise _unknown(answer, read)
        return answer

    def _read(self, read: Read, identifier: str, query: Mapping[str, str]) -> Any:
        path = read.path(identifier)
        for _ in range(_BODY_ATTEMPTS):
            response = self._send(path, query)
            try:
                # Numbers keep every digit: a float would not.
                answer = json.loads(response.content, parse_float=Decimal)
            except ValueError:
                continue  # a body that was cut off
            if isinstance(answer, Mapping) and answer.get("success") in (0, False, "0"):
                said = answer.get("message") or answer.get("error") or "no reason given"
                told = self._without_key(f"Cetec refused GET {path}: {said}")
                raise AnswerError(told, status=response.status_code)
            return answer
        raise AnswerError(f"Cetec answered GET {path} with something that is not JSON.", status=200)

    def _without_key(self, text: str) -> str:
        """An answer may quote the address that it was asked by, and the key with it."""
        for form in (self._token, quote(self._token, safe=""), quote_plus(self._token), quote(self._token)):
            text = text.replace(form, "[secret]")
        return text

    def _send(self, path: str, query: Mapping[str, str]) -> "Response":
        params = {**query, "preshared_token": self._token}
        try:
            response = self._http.send("GET", path, safe=True, params=params)
        except AuthError as error:
            if not self._accepted:
                raise
            raise AccessLostError(error.message, hint=error.hint) from error
        self._accepted = True
        self.answered_at = _date(response.headers.get("date")) or self.answered_at
        return response


def unwrapped(answer: Any, read: Read) -> list[Json]:
    """The rows of an answer: a bare list, or the list under one of the envelopes' names.

    Anything else is an error: taken for no rows it would lose a whole list. Raises AnswerError.
    """
    found = answer if isinstance(answer, list) else next(_lists(answer, read), None)
    if found is None or not all(isinstance(row, Mapping) for row in found):
        raise _unknown(answer, read)
    return list(found)


def _lists(answer: Any, read: Read) -> Iterator[Sequence[Any]]:
    for name in (*_ENVELOPES, read.value[1]):
        inner = answer.get(name) if isinstance(answer, Mapping) else None
        if isinstance(inner, list):
            yield inner
        elif isinstance(inner, Mapping):
            yield from _lists(inner, read)


def _unknown(answer: Any, read: Read) -> AnswerError:
    keys = ", ".join(sorted(map(str, answer))[:10]) if isinstance(answer, Mapping) else type(answer).__name__
    return AnswerError(
        f"Cetec answered {read.value[0]} in an unknown envelope ({keys}).",
        status=200,
        hint="It is not read as an empty list; report the names to the authors of this connector.",
    )


def classify(response: "Response") -> CrossdockError | None:
    """The error an answer stands for.

    Assumed: whoever is not known is shown the login page, with status 200 or by a redirect. Seen in a client:
    the server fails at random, so a failure of its own is worth another try.
    """
    status = response.status_code
    where = f"GET {response.request.url.path}"
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) or _is_page(response):
        return AuthError(
            f"Cetec does not accept the key for {where} ({status}).",
            hint='Compare it with the configuration "JSON API Token", and the address with the tenant\'s.',
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimitedError(f"Cetec refused {where} for now: too many requests.")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UnavailableError(f"Cetec failed at {where} ({status}).")
    if status >= HTTPStatus.BAD_REQUEST:
        said = response.text[:300] or "no reason given"
        return AnswerError(f"Cetec refused {where} ({status}): {said}", status=status)
    return None


def _is_page(response: "Response") -> bool:
    """Whether a page for people came where data was asked for, or leads to one."""
    if response.is_redirect:
        return True
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        return False
    kind = response.headers.get("content-type", "")
    return "html" in kind.lower() or response.content.lstrip()[:1] == b"<"


def _date(text: str | None) -> datetime | None:
    """The time in a Date header, None if there is none to be read."""
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo else None
