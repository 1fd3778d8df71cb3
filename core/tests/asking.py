"""The pages without a browser: requests straight to the application, as the guard wants them."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from crossdock.ui.app import application
from crossdock.ui.desk import Desk

PORT, TOKEN = 4711, "the-token"
HOST = f"127.0.0.1:{PORT}"


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str


class Pages:
    """The pages of one project folder, asked one after another."""

    def __init__(self, folder: Any, destination: str | None = None) -> None:
        self.app = application(Desk(folder, destination), PORT, TOKEN)
        self._cookie = ""
        self._cookie = self.get(f"/start?token={TOKEN}").headers["set-cookie"].partition(";")[0]

    def get(self, path: str, *, part: bool = False) -> Reply:
        """A page; `part`: asked by htmx for a piece."""
        return asyncio.run(self._ask("GET", path, b"", {"hx-request": "true"} if part else {}))

    def post(self, path: str, **form: str) -> Reply:
        """A form of one of these pages."""
        headers = {"origin": f"http://{HOST}", "content-type": "application/x-www-form-urlencoded"}
        return asyncio.run(self._ask("POST", path, urlencode(form).encode(), headers))

    def follow(self, reply: Reply) -> Reply:
        """Where a redirect leads."""
        assert reply.status == 303, reply.text
        return self.get(reply.headers["location"])

    async def _ask(self, method: str, address: str, body: bytes, more: dict[str, str]) -> Reply:
        path, _, query = address.partition("?")
        headers = {"host": HOST, "cookie": self._cookie, **more}
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "scheme": "http",
            "server": ("127.0.0.1", PORT),
            "client": ("127.0.0.1", 9),
            "root_path": "",
        }
        sent: list[Any] = []
        given = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            return given.pop() if given else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start = next(each for each in sent if each["type"] == "http.response.start")
        text = b"".join(each.get("body", b"") for each in sent if each["type"] == "http.response.body")
        said = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Reply(start["status"], said, text.decode(errors="replace"))
