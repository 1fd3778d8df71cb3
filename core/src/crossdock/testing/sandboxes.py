"""One platform on loopback, in a process of its own, and what a test asks of it."""

import http.client
import json
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from crossdock.testing.launcher import Launcher

Json = dict[str, Any]
NOW = 1_780_000_000
"""The time at a platform whose clock was stopped, in seconds since the epoch."""


@dataclass
class Sandbox:
    """A sandbox that a launcher started."""

    platform: str
    url: str
    token: str
    data: Path
    pid: int
    launcher: Launcher

    @classmethod
    def start(cls, launcher: Launcher, platform: str, data: Path, *, seed: str = "demo") -> Self:
        """Start it, with the state of its data file if there is one. Raises AssertionError."""
        out, err = data.with_suffix(".out"), data.with_suffix(".log")
        out.unlink(missing_ok=True)
        argv = [platform, "--port", "0", "--data", str(data), "--seed", seed, "--rate", "off"]
        pid = launcher.begin("sandbox", argv, out, err)
        while not (out.exists() and out.read_text().endswith("\n")):
            if launcher.wait(pid, 0.01) is not None:
                raise AssertionError(f"the sandbox of {platform} did not start: {err.read_text()[-2000:]}")
        ready = json.loads(out.read_text())
        return cls(platform, ready["url"], ready["token"], data, pid, launcher)

    def request(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """One request with the key as a bearer token, or with other headers: status and JSON."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, content, sent | dict(headers or {}))
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(text) if text[:1] in (b"{", b"[") else text

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request that has to succeed; its JSON. Raises AssertionError."""
        status, answer = self.request(method, path, body)
        if status not in (200, 201, 204):
            raise AssertionError(f"{method} {path}: {status} {answer!r}")
        return answer

    def dump(self) -> Any:
        """Everything that it holds."""
        return self.ask("GET", "/_sandbox/dump")

    def log(self) -> list[Json]:
        """The requests since the log was last cleared."""
        found: list[Json] = self.ask("GET", "/_sandbox/log?since=0")
        return found

    def forget_log(self) -> None:
        """Clear the request log."""
        self.ask("DELETE", "/_sandbox/log")

    def fault(self, **fault: Any) -> None:
        """Order a fault (`crossdock.sandbox.faults`)."""
        self.ask("POST", "/_sandbox/faults", fault)

    def hits(self) -> int:
        """How often ordered faults have happened; they are forgotten."""
        hits = sum(fault["hits"] for fault in self.ask("GET", "/_sandbox/faults"))
        self.ask("DELETE", "/_sandbox/faults")
        return int(hits)

    def freeze(self, now: float = NOW) -> None:
        """Stop its clock at a time, so that two runs of the same project write the same times."""
        self.ask("POST", "/_sandbox/clock", {"now": now})

    def stop(self) -> None:
        """End it; its state stays in its data file. Raises AssertionError if it does not end."""
        os.kill(self.pid, signal.SIGTERM)
        if self.launcher.wait(self.pid, 20) is None:
            raise AssertionError(f"the sandbox of {self.platform} does not end")
