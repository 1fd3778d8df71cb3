"""HTTP as every plugin uses it: paced, retried where that is safe, redacted. The only module with httpx2.

What is repeated:

    failure                              safe=True                safe=False
    connect error, TLS hand-shake        repeated                 repeated (nothing was sent)
    429, RateLimitedError of classify    repeated                 repeated (nothing was done)
    UnavailableError of classify         repeated                 repeated (the plugin vouches for it)
    502, 503, 504                        repeated                 OutcomeUnknownError
    time-out, reset, broken answer       repeated                 OutcomeUnknownError
    any other answer                     returned                 returned

When the attempts or the time are used up: UnreachableError. A certificate that does not verify is a
ConfigError at once. Redirects are not followed, but by `download`: each address is checked first
(`crossdock.filehosts`), and another server gets none of the headers. An answer is read up to a limit.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NoReturn

import httpx2
import orjson
import tenacity

from crossdock.bodies import LARGEST_ANSWER, LARGEST_FILE, bounded, read_whole, rest_of
from crossdock.certificates import Verify, sendable, trusted
from crossdock.connection import Connection
from crossdock.errors import (
    ConfigError,
    ContractError,
    CrossdockError,
    OutcomeUnknownError,
    RateLimitedError,
    RecordError,
    RetryableError,
    UnavailableError,
    UnreachableError,
)
from crossdock.filehosts import FileHostError, FileHosts, Watch, loopback_hosts
from crossdock.model import Limits
from crossdock.ratelimit import BUDGETS, RateBudget
from crossdock.redaction import credentials_in, quote, redact, register_secrets
from crossdock.retry import Backoff, RetryPolicy, retry_after

__all__ = ["Classify", "Content", "FileHostError", "FileHosts", "HttpClient", "RetryPolicy"]

Content = bytes | str | Iterable[bytes]
Classify = Callable[[httpx2.Response], CrossdockError | None]

# These happen before a request's first byte is on the wire.
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
_CONNECT_SECONDS = 15.0
_MOST_REDIRECTS = 10

# The client logs each address at INFO, query and all; some platforms take their key in the query.
logging.getLogger("httpx2").setLevel(logging.WARNING)


@dataclass(slots=True)
class _Call:
    """One request and how it may be treated."""

    client: httpx2.Client
    method: str
    url: httpx2.URL
    safe: bool
    content: Content | None = None
    params: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: bool = False
    budget: RateBudget | None = None
    classify: Classify | None = None
    watch: Watch | None = None
    largest: int = LARGEST_ANSWER
    consumed: bool = False

    def build(self) -> httpx2.Request:
        content = self.content
        if content is not None and not isinstance(content, bytes | str):
            content = self._watched(content)
        return self.client.build_request(
            self.method,
            self.url,
            params=self.params,
            content=content,
            headers=dict(self.headers),
            extensions={"trace": self.watch} if self.watch else None,
        )

    def _watched(self, content: Iterable[bytes]) -> Iterator[bytes]:
        chunks = iter(content)
        self.consumed = chunks is content  # an iterator gives its content once
        yield from chunks

    def __str__(self) -> str:
        return redact(f"{self.method} {self.url.copy_with(query=None, fragment=None, userinfo=b'')}")


class HttpClient:
    """One connection's HTTP client: HTTP/1.1, kept alive, may be shared by threads.

    `headers` go with every `send` (credentials belong there) and with no `download` or `upload`.
    `secrets` are kept out of every message; credential headers are, without being listed.
    `verify`: an SSL context, or the path of a file or folder of CA certificates to trust instead of
    the system's. `timeout` in seconds, for each read and write. `file_hosts`: where `download` and
    `upload` may go; None: to the server itself alone. Raises ConfigError for a bad address.
    """

    def __init__(
        self,
        base_url: str,
        *,
        connection: Connection,
        headers: Mapping[str, str] | None = None,
        secrets: Iterable[str] = (),
        limits: Limits | None = None,
        timeout: float = 60.0,
        classify: Classify | None = None,
        retry: RetryPolicy | None = None,
        verify: Verify = None,
        file_hosts: FileHosts | None = None,
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        register_secrets(*secrets, *credentials_in(headers or {}))
        self._base = _address(base_url)
        if self._base.userinfo or self._base.query:
            raise ConfigError(
                f"the address of {self._base.host} holds more than a server and a path.",
                hint="Secrets have settings of their own; take out what stands before @ and after ?.",
            )
        self._file_hosts = file_hosts or FileHosts(base_url)
        self._largest = largest_answer
        self._classify = classify
        self._policy = retry or RetryPolicy()
        self._options = _client_options(self._base, connection, timeout, verify)
        self._client = httpx2.Client(follow_redirects=False, **self._options)
        self._client.headers.update({"User-Agent": _user_agent(), **sendable(headers or {})})
        self._bare: httpx2.Client | None = None
        self._bare_lock = threading.Lock()
        self.budget = BUDGETS.get(
            _server(self._base), limits if connection.paced else None, connection.rate_share
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        safe: bool,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        content: Content | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Send one request and return its answer, read to the end; see the module for what is repeated.

        `path` is joined to the base address, or is an absolute address on the same server. `json` is
        sent with orjson. Raises OutcomeUnknownError, UnreachableError and what `classify` gives.
        """
        given = dict(headers or {})
        if json is not None:
            content = orjson.dumps(json)
            given = {"Content-Type": "application/json", **given}
        call = _Call(self._client, method, self._resolve(path), safe, content, params, given)
        call.budget, call.classify, call.largest = self.budget, self._classify, self._largest
        return self._perform(call)

    def download(
        self, url: str, *, headers: Mapping[str, str] | None = None, largest: int = LARGEST_FILE
    ) -> Iterator[bytes]:
        """Stream a file from a signed or public address, without the client's headers; follows redirects.

        A transfer that breaks off is taken up again. Raises ConfigError, before anything is asked, for an
        address that is not allowed, RecordError if it gives no file or more than `largest` bytes,
        ContractError if the file changed during a repetition, UnreachableError.
        """
        self._file_hosts.check(url)
        return bounded(self._chunks(url, dict(headers or {})), largest, url.partition("?")[0])

    def _chunks(self, url: str, headers: Mapping[str, str]) -> Iterator[bytes]:
        given, tag, attempt = 0, None, 0
        while True:
            attempt += 1
            call, response = self._followed(url, headers)
            _check_file(call, response, tag)
            tag = response.headers.get("etag")
            try:
                for chunk in rest_of(response, given):
                    given += len(chunk)
                    yield chunk
                return
            except httpx2.RequestError as error:
                if attempt >= self._policy.attempts:
                    raise UnreachableError(
                        f"{call} broke off {attempt} times ({quote(str(error))}).",
                        hint="Run the same command again.",
                    ) from error
                self._policy.sleep(min(self._policy.first_wait * 2**attempt, self._policy.longest_wait))

    def _followed(self, url: str, headers: Mapping[str, str]) -> tuple[_Call, httpx2.Response]:
        """The answer at the end of the redirects."""
        target = _address(url)
        for _ in range(_MOST_REDIRECTS):
            self._file_hosts.check(str(target))
            call = _Call(self._unauthenticated(), "GET", target, True, headers=headers, stream=True)
            call.watch = self._file_hosts.watch(str(target))
            response = self._perform(call)
            if not response.has_redirect_location:
                return call, response
            response.close()
            target = _address(str(target.join(response.headers["location"])))
            if _server(target) != _server(call.url):
                headers = {}  # what was meant for one server is nothing for another
        raise RecordError(str(call), [f"its address leads on more than {_MOST_REDIRECTS} times"])

    def upload(
        self,
        url: str,
        content: Iterable[bytes],
        *,
        headers: Mapping[str, str] | None = None,
        method: str = "PUT",
        safe: bool = True,
    ) -> httpx2.Response:
        """Stream a file to a signed address, without the client's headers.

        A PUT of a whole file may be repeated; give safe=False for a POST. Content that is an iterator
        can be read once: what would have been repeated is then raised as the RetryableError it is.
        """
        target = _address(url)
        self._file_hosts.check(str(target))
        call = _Call(self._unauthenticated(), method, target, safe, content, headers=headers or {})
        call.watch, call.largest = self._file_hosts.watch(str(target)), self._largest
        return self._perform(call)

    def close(self) -> None:
        """Close the connections. The client cannot be used afterwards."""
        self._client.close()
        if self._bare is not None:
            self._bare.close()

    def _unauthenticated(self) -> httpx2.Client:
        with self._bare_lock:
            if self._bare is None:
                self._bare = httpx2.Client(follow_redirects=False, **self._options)
                self._bare.headers["User-Agent"] = _user_agent()
            return self._bare

    def _resolve(self, path: str) -> httpx2.URL:
        if "://" not in path.split("?", 1)[0]:
            return _address(f"{str(self._base).rstrip('/')}/{path.lstrip('/')}") if path else self._base
        url = _address(path)
        if _server(url) != _server(self._base):
            raise ContractError(
                f"a request meant for {self._base.host} names the server {url.host}.",
                hint="Credentials are sent to the configured server only; check the address.",
            )
        return url

    def _perform(self, call: _Call) -> httpx2.Response:
        policy = self._policy
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(policy.attempts) | tenacity.stop_before_delay(policy.total),
            wait=Backoff(policy),
            retry=tenacity.retry_if_exception(
                lambda error: isinstance(error, RetryableError) and not call.consumed
            ),
            sleep=policy.sleep,
            retry_error_callback=lambda state: _give_up(call, state),
        )
        response: httpx2.Response = retrying(_attempt, call)
        return response


def _attempt(call: _Call) -> httpx2.Response:
    if call.budget is not None:
        call.budget.acquire()
    try:
        response = call.client.send(call.build(), stream=True)
        if not call.stream:
            response = read_whole(response, call.largest, str(call))
    except httpx2.RequestError as error:
        raise _failure(call, error) from error
    problem = _problem(call, response)
    if problem is None:
        if call.budget is not None:
            call.budget.accepted()
        return response
    response.close()
    if call.budget is not None and isinstance(problem, RateLimitedError):
        call.budget.refused(problem.after)
    raise _scrubbed(problem)


def _failure(call: _Call, error: httpx2.RequestError) -> CrossdockError:
    """The error for a request that got no answer."""
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError):
        return ConfigError(f"{call} cannot be sent: {quote(str(error))}.", hint="Check the address.")
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return ConfigError(
            f"the certificate of {call.url.host} does not verify: {quote(str(error))}.",
            hint="Give its CA certificates as `ca_file` of the connection, or correct the address.",
        )
    why = quote(f"{type(error).__name__}: {error}")
    if call.safe or isinstance(error, _NOT_SENT):
        return UnavailableError(f"{call} got no answer ({why}).")
    return OutcomeUnknownError(f"{call} was sent, but no whole answer came ({why}).")


def _problem(call: _Call, response: httpx2.Response) -> CrossdockError | None:
    """The error that an answer stands for, by the plugin's word first; None: an answer to return."""
    error = call.classify(response) if call.classify else None
    if error is None:
        error = _default_problem(call, response)
    if not isinstance(error, RetryableError):
        return error
    if error.after is None:
        error.after = retry_after(response.headers)
    if call.safe or isinstance(error, RateLimitedError | UnavailableError):
        return error
    return OutcomeUnknownError(f"{call} was sent and answered {response.status_code}: {error.message}")


def _default_problem(call: _Call, response: httpx2.Response) -> CrossdockError | None:
    status = response.status_code
    if status == httpx2.codes.TOO_MANY_REQUESTS:
        return RateLimitedError(f"{call} was refused for now (429).", after=retry_after(response.headers))
    if status not in (502, 503, 504):
        return None
    if call.safe:
        return UnavailableError(f"{call} was answered {status}.", after=retry_after(response.headers))
    return OutcomeUnknownError(f"{call} was sent and answered {status}: it may have been carried out.")


def _give_up(call: _Call, state: tenacity.RetryCallState) -> NoReturn:
    last = state.outcome.exception() if state.outcome else None
    times = "once" if state.attempt_number == 1 else f"{state.attempt_number} times"
    wait = getattr(last, "after", None)
    asked = f" It asks to wait {wait:.0f} s." if wait else ""
    raise UnreachableError(
        f"{call.url.host} did not serve a request that was sent {times}; at last: {last}{asked}",
        hint="Check address and network, or wait; then run the same command again.",
    ) from last


def _scrubbed(error: CrossdockError) -> CrossdockError:
    """The same error with its texts redacted: a plugin may have quoted a body."""
    error.message, error.hint = redact(error.message), redact(error.hint)
    error.args = tuple(redact(a) if isinstance(a, str) else a for a in error.args)
    return error


def _check_file(call: _Call, response: httpx2.Response, tag: str | None) -> None:
    problem: CrossdockError | None = None
    if not response.is_success:
        problem = RecordError(str(call), [f"the file's address answered {response.status_code}"])
    elif tag is not None and response.headers.get("etag") != tag:
        problem = ContractError(f"the file at {call} changed while it was read.", hint="Run it again.")
    if problem is not None:
        response.close()
        raise problem


def _client_options(
    base: httpx2.URL, connection: Connection, timeout: float, verify: Verify
) -> dict[str, Any]:
    local = {f"all://{host}": None for host in loopback_hosts(base.host)}
    return {
        "timeout": httpx2.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS), pool=None),
        "verify": trusted(verify),
        "transport": connection.transport,
        "mounts": local,  # no proxy for these, whatever the environment says
    }


def _address(text: str) -> httpx2.URL:
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        raise ConfigError(f"no address: {quote(text)}.", hint="It looks like https://host/path.") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigError(f"not a web address: {quote(text)}.", hint="It begins with https:// or http://.")
    return url


def _server(url: httpx2.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode()}"


def _user_agent() -> str:
    try:
        return f"crossdock/{version('crossdock')}"
    except PackageNotFoundError:
        return "crossdock/0"
