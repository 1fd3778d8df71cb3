"""Who may ask: a browser on this machine that was opened with the start address, from our own pages alone.

Another website can make a browser send requests to a server on loopback, or let its own name resolve to it
(DNS rebinding). So each request has to name this server as its host, has to hold the cookie that the start
address gave (SameSite=Strict: no other site's requests carry it), and if it changes something has to come
from a page of this server. A cookie does not know ports: its name has the port in it.
"""

from hmac import compare_digest
from secrets import token_urlsafe
from typing import Final

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

START: Final = "/start"
"""Path of the start address; its query holds the token."""

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    # With `no-referrer` a browser says `Origin: null` of our own forms (Fetch standard).
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
_SAFE: Final = ("GET", "HEAD")


class Guard:
    """Stands before the application; `port` is where it is served, `token` what the start address holds."""

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self._app = app
        self._token = token
        self._session = token_urlsafe(32)
        self._cookie = f"crossdock-{port}"
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse, or hand on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        answer = self._answer(scope)
        await (answer or self._app)(scope, receive, _with_headers(send, answer is not None))

    def _answer(self, scope: Scope) -> Response | None:
        """What is said instead of the page; None if the request may pass."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host not in self._hosts:
            return _no(421, "This server answers only to its own address.")
        if not self._from_here(scope, headers, host):
            return _no(403, "This request came from another site.")
        if scope["path"] == START and scope["method"] in _SAFE:
            return self._start(scope)
        cookies = cookie_parser(headers.get("cookie", ""))
        if not _same(cookies.get(self._cookie, ""), self._session):
            return _no(403, "Open the address that `crossdock ui` printed: this browser has no key yet.")
        return None

    def _from_here(self, scope: Scope, headers: Headers, host: str) -> bool:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if scope["method"] not in _SAFE:
            return origin == f"http://{host}" and site in (None, "same-origin")
        return origin in (None, f"http://{host}") and site in (None, "none", "same-origin")

    def _start(self, scope: Scope) -> Response:
        given = QueryParams(scope["query_string"]).get("token", "")
        if not _same(given, self._token):
            return _no(403, "This start address is not the one that `crossdock ui` printed.")
        # The token leaves the address: it is in no history and in no bookmark.
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self._cookie, self._session, httponly=True, samesite="strict", path="/")
        return answer


def _same(given: str, wanted: str) -> bool:
    return compare_digest(given.encode(), wanted.encode())


def _no(status: int, text: str) -> Response:
    return PlainTextResponse(f"crossdock: {text}\n", status)


def _with_headers(send: Send, ours: bool) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                if ours or name not in headers:
                    headers[name] = value
        await send(message)

    return answer
