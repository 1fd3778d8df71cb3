"""Ascora's API, reading only. The only module that speaks HTTP.

Every request is a GET of `Read`, so nothing that changes the source can be built: in particular not
MarkInvoicesAsSent and MarkPaymentsAsSent, which would hide records from the tenant's accounting link.
Paths, parameters and envelopes are those that several clients agree on (documented at second hand); that
a logical error may come with status 200 was seen in a client.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

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
from crossdock.http import FileHosts, HttpClient
from crossdock.model import Limits
from crossdock_ascora.filesettings import AttachmentSettings
from crossdock_ascora.settings import AscoraSettings
from crossdock_ascora.textrepair import repair_object

if TYPE_CHECKING:
    from httpx2 import Response

Json = Mapping[str, Any]

_BODY_ATTEMPTS = 3
_NOBODY = "https://nobody.invalid"  # attachments have no server of their own
_NUMBER = re.compile(r"[^/?#\\\x00-\x1f]{1,200}")
_NOT_ALLOWED = re.compile(r"api\s*key|unauthori|not authori|authenticat|access denied|invalid key", re.I)


class Read(Enum):
    """All requests that exist here, by their path."""

    CUSTOMERS = "/Customers/Customers"
    CONTACTS = "/Customers/Contacts"
    JOBS = "/Jobs/Jobs"
    JOB_LABOUR = "/Jobs/JobLabour/{number}"
    QUOTES = "/Quotes/Quotes"
    QUOTE = "/Quotes/Quote/{number}"
    SUPPLIES = "/Inventory/Supplies"
    KITS = "/Inventory/Kits"
    SUPPLIERS = "/Suppliers/Suppliers"
    SUPPLIER_INVOICES = "/SupplierInvoices/SupplierInvoices"
    INVOICES = "/Accounting/GetInvoicesToSend"

    def path(self, number: str = "") -> str:
        """The path with the number of a record filled in; the dots of a section become dashes (documented).

        Raises ContractError for a number that cannot stand in an address.
        """
        if "{number}" not in self.value:
            return str(self.value)
        if not _NUMBER.fullmatch(number) or number in (".", ".."):
            raise ContractError(f"the number {number!r} cannot stand in an address of Ascora.")
        return str(self.value).format(number=number.replace(".", "-"))


class AnswerError(ConfigError):
    """Ascora answered that it will not do what was asked."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `pages` and `total` are None where the answer does not say."""

    rows: Sequence[Json]
    pages: int | None
    total: int | None


class AscoraClient:
    """Reads one tenant, one request at a time.

    Raises AuthError (AccessLostError once the key has worked), AnswerError, ContractError, UnreachableError.
    """

    def __init__(self, settings: AscoraSettings, connection: Connection, limits: Limits) -> None:
        if settings.key is None:
            raise ConfigError(
                f"connection {connection.name} has no key of Ascora.",
                hint="Give `url` and `key`, or `tables`.",
            )
        key = settings.key.get_secret_value()
        self._accepted = False  # the key has worked at least once
        self.answered_at: datetime | None = None  # by the platform's clock, from the last answer
        self._http = HttpClient(
            settings.url,
            connection=connection,
            # The header has no scheme word. Clients send the type of the body with a GET too.
            headers={"Auth": key, "Content-Type": "application/json", "Accept": "application/json"},
            secrets=(key,),
            limits=limits,
            timeout=settings.timeout,
            classify=classify,
            verify=settings.ca_file,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def page(self, read: Read, number: int, size: int, **parameters: str) -> Page:
        """Page `number` (from 1) of a list. A bare array counts as all there is."""
        answer = self._answer(read.path(), {"Page": number, "PageSize": size, **parameters})
        if isinstance(answer, list):
            return Page(_objects(read, answer), 1, len(answer))
        rows = answer.get("results")
        if rows is None and _count(answer.get("totalRecords")) == 0:
            rows = []
        if not isinstance(rows, list):
            raise ContractError(f"Ascora answered {read.path()} without a list of results.")
        return Page(
            _objects(read, rows), _count(answer.get("totalPages")), _count(answer.get("totalRecords"))
        )

    def whole(self, read: Read, **parameters: str) -> Sequence[Json]:
        """All of a list that comes as a bare array (or, assumed, as results)."""
        answer = self._answer(read.path(), parameters)
        rows = answer if isinstance(answer, list) else answer.get("results")
        if not isinstance(rows, list):
            raise ContractError(f"Ascora answered {read.path()} with no list.")
        return _objects(read, rows)

    def one(self, read: Read, number: str) -> Json | list[Any]:
        """The whole answer about one record, by its number."""
        return self._answer(read.path(number), {})

    def _answer(self, path: str, parameters: Mapping[str, Any]) -> Json | list[Any]:
        for _ in range(_BODY_ATTEMPTS):
            response = self._send(path, parameters)
            try:
                # Halves of surrogate pairs occur, which a stricter parser refuses; numbers keep their digits.
                answer = json.loads(response.content.decode("utf-8", "surrogateescape"), parse_float=str)
            except ValueError:
                continue  # a body that was cut off
            if not isinstance(answer, dict | list):
                break
            self._check(answer, f"GET {path}")
            return answer
        raise ContractError(f"Ascora answered GET {path} with something that is not JSON.")

    def _send(self, path: str, parameters: Mapping[str, Any]) -> "Response":
        try:
            response = self._http.send("GET", path, safe=True, params=parameters or None)
        except AuthError as error:
            raise self._lost(error) from error
        self.answered_at = _date(response.headers.get("date")) or self.answered_at
        return response

    def _check(self, answer: Json | list[Any], where: str) -> None:
        """Look at `success`: an answer that does not say it has to hold what was asked for."""
        if isinstance(answer, Mapping) and answer.get("success", True) is not True:
            message = str(answer.get("message") or "no reason given")
            if _NOT_ALLOWED.search(message):
                raise self._lost(_no_access(f"{where}: {message}"))
            raise AnswerError(f"Ascora refused {where}: {message}")
        self._accepted = True

    def _lost(self, error: AuthError) -> CrossdockError:
        return AccessLostError(error.message, hint=error.hint) if self._accepted else error


class Downloads:
    """Fetches files from public addresses, without any key."""

    def __init__(self, settings: AttachmentSettings, connection: Connection) -> None:
        self._hosts = FileHosts(_NOBODY, settings.hosts, setting="attachments.hosts")
        self._largest = settings.max_bytes
        self._http = HttpClient(_NOBODY, connection=connection, file_hosts=self._hosts)

    def check(self, address: str) -> None:
        """Raise ConfigError for an address that an index may not lead to."""
        self._hosts.check(address)

    def chunks(self, address: str) -> Iterator[bytes]:
        """The contents. Raises ConfigError for a host that is not allowed, RecordError for no file."""
        return self._http.download(address, largest=self._largest)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def classify(response: "Response") -> CrossdockError | None:
    """The error an answer stands for; `success: false` is looked at whatever the status."""
    status = response.status_code
    if status < HTTPStatus.BAD_REQUEST:
        return None
    where = f"GET {response.request.url.path}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimitedError(f"Ascora refused {where} for now: too many requests.")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return _no_access(f"{where} ({status})")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UnavailableError(f"Ascora could not answer {where} ({status}).")
    return AnswerError(f"Ascora refused {where} ({status}): {response.text[:300] or 'no reason given'}")


def _no_access(where: str) -> AuthError:
    return AuthError(
        f"Ascora does not accept the key for {where}.",
        hint="Check it under Administration, API Settings.",
    )


def _objects(read: Read, rows: Sequence[Any]) -> list[Json]:
    if not all(isinstance(row, Mapping) for row in rows):
        raise ContractError(f"Ascora answered {read.path()} with a list of something that are no objects.")
    return [repair_object(row) for row in rows]


def _count(value: Any) -> int | None:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _date(text: str | None) -> datetime | None:
    """The time in a Date header (RFC 9110), None if there is none to be read."""
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo else None
