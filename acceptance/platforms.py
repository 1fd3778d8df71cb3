"""A sandbox in a process of its own, and plain HTTP to it. Nothing of the product is imported."""

import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from acceptance.starting import Process

FAST = 100_000  # calls a minute: nothing is paced

Row = dict[str, Any]


@dataclass
class Sandbox:
    """One platform on loopback, in a process of its own."""

    platform: str
    url: str
    token: str
    process: "Process"

    def ask(self, method: str, path: str, body: Any = None, *, status: int | None = 200) -> Any:
        """One request with the key; the JSON of the answer."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        wanted = (200, 201) if status == 200 else (status,)
        assert status is None or answer.status in wanted, (
            f"{method} {path}: {answer.status} {content[:300]!r}"
        )
        return json.loads(content) if content else None

    def fetch(self, url: str) -> bytes:
        """The bytes behind an address that this platform gave out, without the key."""
        address = urlsplit(url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        connection.request("GET", f"{address.path}?{address.query}")
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status == 200, f"{url}: {answer.status}"
        return content

    def seed(self, body: Any) -> Any:
        """Put data into the platform behind its API's back."""
        return self.ask("POST", "/_seed", body, status=None)

    def fault(self, **fault: Any) -> None:
        """Order a fault."""
        self.ask("POST", "/_sandbox/faults", fault)

    def log(self, since: int = 0) -> list[Row]:
        """The requests it got after number `since`."""
        found: list[Row] = self.ask("GET", f"/_sandbox/log?since={since}")
        return found

    def now(self) -> int:
        """The number of the last request that it got."""
        return max((int(entry["n"]) for entry in self.log()), default=0)

    def dump(self) -> Any:
        """Everything it holds."""
        return self.ask("GET", "/_sandbox/dump")

    def stop(self) -> None:
        """End it."""
        self.process.stop()
