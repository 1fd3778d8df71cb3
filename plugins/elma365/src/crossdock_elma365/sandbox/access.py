"""Who may ask, and how often.

Documented: 403 for a wrong token; on SaaS Standard 90 requests a minute a company, before licences add to
it. Seen in vendor scripts: 429 in plain text with "too many". No Retry-After is sent (not established).
"""

import time
from collections import deque

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock_elma365.sandbox.company import TOKEN

PER_MINUTE = 90


class Access:
    """Lets a request through to the Web API if it carries the token and the minute has room for it.

    Refused requests do not count (assumed); the minute slides (assumed).
    """

    def __init__(self, app: ASGIApp, *, limited: bool) -> None:
        self._app = app
        self._limited = limited
        self._times: deque[float] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 or 429, or pass the request on."""
        headers = Request(scope).headers
        given = headers.get("x-token") or headers.get("authorization", "").removeprefix("Bearer ")
        if given != TOKEN:
            await PlainTextResponse("forbidden", 403)(scope, receive, send)
        elif self._limited and not self._has_room():
            await PlainTextResponse("too many requests", 429)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _has_room(self) -> bool:
        now = time.monotonic()
        while self._times and self._times[0] <= now - 60:
            self._times.popleft()
        if len(self._times) >= PER_MINUTE:
            return False
        self._times.append(now)
        return True
