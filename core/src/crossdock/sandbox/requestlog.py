"""The request log of a sandbox: what a client really sent, in order."""

import re
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

CAPACITY = 200_000
"""Requests kept; older ones are forgotten, so that a long benchmark does not eat the memory."""

_OPERATION_NAME = re.compile(rb'"operationName"\s*:\s*"(\w+)"')
_NAMED = re.compile(rb"\b(?:mutation|query|subscription)\s+(\w+)")
_FIRST_FIELD = re.compile(rb'"query"\s*:\s*"(?:\\[nrt]|[^{"])*\{(?:\\[nrt]|\s)*(\w+)')
_HEAD = 20_000


@dataclass(slots=True)
class LoggedRequest:
    """One request: running number, what was asked, and how it ended (None: no answer was sent)."""

    n: int
    method: str
    path: str
    query: str
    at: float
    status: int | None = None
    fault: str | None = None
    operation: str | None = None


@dataclass(slots=True)
class RequestLog:
    """The newest `CAPACITY` requests. Used from the event loop only, so it needs no lock."""

    entries: deque[LoggedRequest] = field(default_factory=lambda: deque(maxlen=CAPACITY))
    count: int = 0

    def add(self, method: str, path: str, query: str, body: bytes) -> LoggedRequest:
        """Log a request on arrival; the caller fills in status and fault when they are known."""
        self.count += 1
        operation = operation_name(body) if method == "POST" else None
        entry = LoggedRequest(self.count, method, path, query, time.time(), operation=operation)
        self.entries.append(entry)
        return entry

    def since(self, number: int) -> list[dict[str, Any]]:
        """Give the kept requests with a running number above `number`, oldest first."""
        first = self.count - len(self.entries) + 1
        return [asdict(entry) for entry in islice(self.entries, max(0, number + 1 - first), None)]

    def clear(self) -> None:
        """Forget the requests; the running number goes on."""
        self.entries.clear()


def operation_name(body: bytes) -> str | None:
    """Give the name of a GraphQL operation (else its first field), None for any other body.

    A platform with another kind of operation puts its name into `scope["crossdock.operation"]`.
    """
    head = body[:_HEAD]
    if b'"query"' not in head:
        return None
    for pattern in (_OPERATION_NAME, _NAMED, _FIRST_FIELD):
        if found := pattern.search(head):
            return found[1].decode()
    return None
