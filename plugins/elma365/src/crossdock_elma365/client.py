"""The Web API of ELMA365, reading only. The only module that speaks HTTP.

Every request is one of READS, so nothing that changes the source can be built. List, status and file
operations are documented; the POST form of a list is a read too.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson

from crossdock.connection import Connection
from crossdock.errors import (
    AccessLostError,
    AuthError,
    ConfigError,
    ContractError,
    CrossdockError,
    RateLimitedError,
)
from crossdock.http import FileHosts, HttpClient
from crossdock.model import Limits
from crossdock_elma365.settings import Elma365Settings

if TYPE_CHECKING:
    from httpx2 import Response

Json = Mapping[str, Any]

# One plain word, or two with a dot: the namespace of a process is "section.application".
_PART = re.compile(r"[A-Za-z0-9_-]{1,200}(\.[A-Za-z0-9_-]{1,200})?")
_BODY_ATTEMPTS = 3


class Read(Enum):
    """All requests that exist here: method and path (after /pub/v1)."""

    NAMESPACES = ("GET", "/scheme/namespaces")
    APPLICATIONS = ("GET", "/scheme/namespaces/{namespace}/apps")
    APPLICATION = ("GET", "/scheme/namespaces/{namespace}/apps/{code}")
    PROCESSES = ("GET", "/scheme/namespaces/{namespace}/apps/{code}/processes")
    SECTION_PROCESSES = ("GET", "/scheme/namespaces/{namespace}/processes")
    PROCESS = ("GET", "/scheme/namespaces/{namespace}/processes/{code}")
    INSTANCES = ("POST", "/bpm/instance/bytemplate/{namespace}/{code}/list")
    REPORTS = ("GET", "/scheme/namespaces/{namespace}/reports")
    REPORT_DATA = ("POST", "/reports/{namespace}/{code}/list")
    PAGES = ("GET", "/scheme/namespaces/{namespace}/pages")
    STATUSES = ("GET", "/app/{namespace}/{code}/settings/status")
    ITEMS = ("POST", "/app/{namespace}/{code}/list")
    USERS = ("POST", "/user/list")
    GROUPS = ("POST", "/scheme/groups/list")
    GROUP_USERS = ("GET", "/scheme/groups/{id}/users")
    TASKS = ("POST", "/tasks/list")
    DIRECTORY = ("GET", "/disk/directory/{id}")
    FILE = ("GET", "/disk/file/{id}")
    FEED = ("POST", "/feed/{namespace}/{code}/{target}/message/list")
    FEED_COMMENTS = ("POST", "/feed/{namespace}/{code}/{target}/message/{message}/comment/list")
    FILE_LINK = ("GET", "/disk/file/{id}/get-link")

    def path(self, **parts: str) -> str:
        """The path with its parts filled in. Raises ContractError for a part that is not one plain word."""
        for name, part in parts.items():
            if not _PART.fullmatch(part):
                raise ContractError(f"{name} {part!r} cannot stand in an address of ELMA365.")
        filled: str = self.value[1].format(**parts)
        return "/pub/v1" + filled


class AnswerError(ContractError):
    """The platform refused one request (400, 404, or `success: false`); `status` is the HTTP status."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class Elma365Client:
    """Reads one company.

    Raises AuthError (AccessLostError once the token has worked), AnswerError, ContractError,
    UnreachableError.
    """

    def __init__(self, settings: Elma365Settings, connection: Connection, limits: Limits) -> None:
        if settings.token is None:
            raise ConfigError(
                f"connection {connection.name} has no ELMA365 token.",
                hint="Give `url` and `token`; with `mspdi` alone only msproject.* objects exist.",
            )
        token = settings.token.get_secret_value()
        self._largest_file = settings.file_max_bytes
        self._accepted = False  # the token has worked at least once
        self.answered_at: datetime | None = None  # by the platform's clock, from the last answer
        self._http = HttpClient(
            settings.url,
            connection=connection,
            headers={"Authorization": f"Bearer {token}"},
            secrets=(token,),
            limits=limits,
            classify=classify,
            verify=settings.ca_file,
            file_hosts=FileHosts(settings.url, settings.file_hosts),
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def items(self, read: Read, **parts: str) -> list[Json]:
        """All of a short list that has no pages: namespaces, applications, processes, reports."""
        return _rows(self._read(read, None, **parts))[0]

    def page(self, read: Read, body: Json, **parts: str) -> tuple[list[Json], int]:
        """One page of a list and the platform's count for the whole list."""
        rows, total = _rows(self._read(read, body, **parts))
        if total is None:
            raise ContractError(f"ELMA365 gave no total for {read.path(**parts)}.")
        return rows, total

    def whole(self, read: Read, **parts: str) -> Json:
        """The whole answer, for one whose envelope is not known."""
        return self._read(read, None, **parts)

    def one(self, read: Read, key: str, **parts: str) -> Json:
        """The object under `key` of the answer; a list of one counts as the object."""
        found = self._read(read, None, **parts).get(key)
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        if not isinstance(found, Mapping):
            raise ContractError(f"ELMA365 answered {read.path(**parts)} without {key!r}.")
        return found

    def statuses(self, namespace: str, code: str) -> list[Json]:
        """The statuses of an application ({id, code, name, groupId}); none if it has no statuses.

        An application without statuses is answered 404 or `success: false` (assumed). A record that has a
        status all the same is rejected later, so that a wrong guess here cannot lose one.
        """
        try:
            answer = self._read(Read.STATUSES, None, namespace=namespace, code=code)
        except AnswerError:
            return []
        return list(answer.get("statusItems") or [])

    def file(self, identifier: str, announced: object = None) -> Iterator[bytes]:
        """The contents of a file, through a fresh link and without the token; `announced`: its size in bytes.

        Raises ConfigError if the link points to a host that is not allowed, AnswerError if there is none,
        RecordError if the link gives no file, or more than was announced or the settings allow.
        """
        answer = self._read(Read.FILE_LINK, None, id=identifier)
        link = answer.get("Link") or answer.get("link")
        if not isinstance(link, str):
            raise AnswerError(f"ELMA365 gave no link for file {identifier}.", status=200)
        known = announced if isinstance(announced, int) and announced >= 0 else self._largest_file
        return self._http.download(link, largest=min(known, self._largest_file))

    def _read(self, read: Read, body: Json | None, **parts: str) -> Json:
        method, path = read.value[0], read.path(**parts)
        for _ in range(_BODY_ATTEMPTS):
            response = self._send(method, path, body)
            try:
                answer = orjson.loads(response.content)
            except orjson.JSONDecodeError:
                continue  # a body that was cut off
            if isinstance(answer, list):
                return {"result": answer}
            if not isinstance(answer, dict):
                break
            if answer.get("success") is False:
                text = answer.get("error") or "no reason given"
                raise AnswerError(f"ELMA365 refused {method} {path}: {text}", status=200)
            return answer
        raise ContractError(f"ELMA365 answered {method} {path} with something that is not JSON.")

    def _send(self, method: str, path: str, body: Json | None) -> "Response":
        try:
            response = self._http.send(method, path, safe=True, json=body)
        except AuthError as error:
            if not self._accepted:
                raise
            raise AccessLostError(error.message, hint=error.hint) from error
        self._accepted = True
        self.answered_at = _date(response.headers.get("date")) or self.answered_at
        return response


def _date(text: str | None) -> datetime | None:
    """The time in a Date header (RFC 9110), None if there is none to be read."""
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo else None


def classify(response: "Response") -> CrossdockError | None:
    """The error an answer stands for. Bodies of errors may be plain text (seen for 429)."""
    status = response.status_code
    if status < HTTPStatus.BAD_REQUEST:
        return None
    body = response.text[:300]
    where = f"{response.request.method} {response.request.url.path}"
    if status == HTTPStatus.TOO_MANY_REQUESTS or "too many" in body.lower():
        return RateLimitedError(f"ELMA365 refused {where} for now: too many requests.")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return AuthError(
            f"ELMA365 does not accept the token for {where} ({status}).",
            hint="Check the token and the rights of its user (Administration, Tokens).",
        )
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return AnswerError(f"ELMA365 refused {where} ({status}): {body or 'no reason given'}", status=status)
    return None


def _rows(answer: Json) -> tuple[list[Json], int | None]:
    """Rows and total of any list envelope: {result:{result,total}}, {result:[...]} or a bare list."""
    result = answer.get("result")
    total = answer.get("total")
    if isinstance(result, Mapping):
        total = result.get("total", total)
        result = result.get("result")
    if result is None and total == 0:
        result = []
    if not isinstance(result, list) or not all(isinstance(row, Mapping) for row in result):
        raise ContractError("ELMA365 answered a list in an unknown envelope.")
    return result, total if isinstance(total, int) else None
