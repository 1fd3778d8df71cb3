"""HttpClient against a scripted transport: what is repeated, what is raised, what is sent."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crossdock.connection import Connection
from crossdock.errors import (
    ConfigError,
    ContractError,
    OutcomeUnknownError,
    RateLimitedError,
    RecordError,
    RetryableError,
    UnavailableError,
    UnreachableError,
)
from crossdock.filestore import FileStore
from crossdock.http import FileHosts, HttpClient, RetryPolicy
from crossdock.model import Limits
from crossdock.ratelimit import BUDGETS

URL = "https://acme.example/api"
Step = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]


class Script(httpx2.BaseTransport):
    """Answers with its steps in turn; the last one stays."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.requests: list[httpx2.Request] = []
        self.bodies: list[bytes] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        self.requests.append(request)
        if isinstance(step, httpx2.ConnectError):
            raise step
        self.bodies.append(request.read())
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, httpx2.Response) else step(request)


@pytest.fixture(autouse=True)
def _fresh_budgets() -> Iterator[None]:
    BUDGETS.clear()
    yield
    BUDGETS.clear()


def client(script: Script, **options: Any) -> tuple[HttpClient, list[float]]:
    waits: list[float] = []
    files = FileStore(Path("unused"))
    connection = Connection("acme", "p", "main", files, options.pop("share", 1.0), script)
    policy = options.pop("retry", RetryPolicy(attempts=3, sleep=waits.append))
    hosts = FileHosts(URL, ("store.example", "s.example", "cdn.example"))
    http = HttpClient(URL, connection=connection, retry=policy, file_hosts=hosts, **options)
    pauses: list[float] = []  # the budget's own clock: it runs only while the budget waits
    http.budget._sleep, http.budget._clock = pauses.append, lambda: 1e9 + sum(pauses)
    return http, waits


def answer(status: int = 200, **options: Any) -> httpx2.Response:
    return httpx2.Response(status, **options)


BROKEN = [
    httpx2.ReadTimeout("slow"),
    httpx2.ReadError("reset"),
    httpx2.WriteError("reset"),
    httpx2.RemoteProtocolError("peer closed connection without sending complete message body"),
    httpx2.DecodingError("bad gzip"),
]


def test_a_request_carries_headers_json_and_user_agent() -> None:
    script = Script(answer(json={"ok": True}))
    http, _ = client(script, headers={"Authorization": "Bearer abcdefghij"})

    got = http.send("POST", "/things", safe=False, json={"name": "Ж"}, params={"a": "1"}).json()

    request = script.requests[0]
    assert got == {"ok": True}
    assert str(request.url) == f"{URL}/things?a=1"
    assert script.bodies == ['{"name":"Ж"}'.encode()]
    assert request.headers["authorization"] == "Bearer abcdefghij"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("crossdock/0.")


def test_a_user_agent_is_sent_even_when_the_version_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import PackageNotFoundError

    def unknown(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("crossdock.http.version", unknown)
    script = Script(answer())
    client(script)[0].send("GET", "/", safe=True)

    assert script.requests[0].headers["user-agent"] == "crossdock/0"


@pytest.mark.parametrize("error", BROKEN, ids=lambda e: type(e).__name__)
def test_a_safe_request_is_repeated_after_a_broken_answer(error: Exception) -> None:
    script = Script(error, answer(json=1))

    assert client(script)[0].send("GET", "/x", safe=True).json() == 1
    assert len(script.requests) == 2


@pytest.mark.parametrize("error", BROKEN, ids=lambda e: type(e).__name__)
def test_an_unsafe_request_is_sent_once_and_its_outcome_is_unknown(error: Exception) -> None:
    script = Script(error, answer())

    with pytest.raises(OutcomeUnknownError, match=r"POST https://acme.example/api/x was sent"):
        client(script)[0].send("POST", "/x", safe=False)
    assert len(script.requests) == 1


@pytest.mark.parametrize("safe", [True, False])
def test_a_request_that_never_left_is_repeated(safe: bool) -> None:
    script = Script(httpx2.ConnectError("refused"), answer(json=1))

    assert client(script)[0].send("POST", "/x", safe=safe).json() == 1


@pytest.mark.parametrize("safe", [True, False])
def test_a_429_is_repeated_after_the_time_it_asks_for(safe: bool) -> None:
    script = Script(answer(429, headers={"Retry-After": "7"}), answer(json=1))
    http, waits = client(script)

    assert http.send("POST", "/x", safe=safe).json() == 1
    assert 7 <= waits[0] <= 7.5


@pytest.mark.parametrize("status", [502, 503, 504])
def test_an_unsafe_request_answered_by_a_gateway_has_an_unknown_outcome(status: int) -> None:
    with pytest.raises(OutcomeUnknownError, match=str(status)):
        client(Script(answer(status)))[0].send("POST", "/x", safe=False)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_safe_request_answered_by_a_gateway_is_repeated(status: int) -> None:
    assert client(Script(answer(status), answer(json=1)))[0].send("GET", "/x", safe=True).json() == 1


@pytest.mark.parametrize("status", [200, 302, 400, 404, 409, 500])
def test_other_answers_are_the_callers_and_no_redirect_is_followed(status: int) -> None:
    script = Script(answer(status, headers={"Location": "https://evil.example/"}))

    assert client(script)[0].send("GET", "/x", safe=True).status_code == status
    assert [r.url.host for r in script.requests] == ["acme.example"]


def test_giving_up_names_the_host_and_the_last_failure_but_no_secret() -> None:
    http, waits = client(Script(httpx2.ConnectError("no route for s3cr3t-value")), secrets=["s3cr3t-value"])

    with pytest.raises(UnreachableError) as caught:
        http.send("GET", "/x?key=abc", safe=True)

    assert "acme.example did not serve a request that was sent 3 times" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    assert "abc" not in str(caught.value)
    assert len(waits) == 2


def test_waits_grow_from_one_attempt_to_the_next() -> None:
    waits: list[float] = []
    policy = RetryPolicy(attempts=5, first_wait=0.1, sleep=waits.append)
    http, _ = client(Script(httpx2.ConnectError("refused")), retry=policy)

    with pytest.raises(UnreachableError):
        http.send("GET", "/x", safe=True)

    assert waits == sorted(waits)
    assert waits[-1] >= 8 * 0.1


def test_a_wait_beyond_the_total_time_is_not_begun() -> None:
    http, waits = client(Script(answer(503, headers={"Retry-After": "600"})))

    with pytest.raises(UnreachableError, match=r"sent once.*asks to wait 600 s"):
        http.send("GET", "/x", safe=True)
    assert waits == []


def test_the_plugin_may_turn_an_answer_into_an_error() -> None:
    http, _ = client(Script(answer(404)), classify=lambda r: ContractError("gone token=abcdefgh"))

    with pytest.raises(ContractError) as caught:
        http.send("GET", "/x", safe=True)
    assert str(caught.value) == "gone token=[secret]"
    assert caught.value.args == ("gone token=[secret]",)


@pytest.mark.parametrize("error", [RateLimitedError("limit", after=0), UnavailableError("down", after=0)])
def test_an_unsafe_request_that_the_plugin_vouches_for_is_repeated(error: RetryableError) -> None:
    script = Script(answer(), answer(json=1))
    http, _ = client(script, classify=lambda r: error if len(script.requests) == 1 else None)

    assert http.send("POST", "/x", safe=False).json() == 1


def test_an_unsafe_request_is_not_repeated_for_any_other_retryable_error() -> None:
    script = Script(answer(500))
    http, _ = client(script, classify=lambda r: RetryableError("hiccup"))

    with pytest.raises(OutcomeUnknownError, match="answered 500: hiccup"):
        http.send("POST", "/x", safe=False)
    assert len(script.requests) == 1


def test_retry_after_counts_for_the_plugins_own_errors_too() -> None:
    script = Script(answer(418, headers={"Retry-After": "3"}), answer())
    http, waits = client(script, classify=lambda r: UnavailableError("tea") if r.status_code == 418 else None)

    http.send("GET", "/x", safe=True)
    assert waits[0] >= 3


def test_a_refusal_reaches_the_budget() -> None:
    http, _ = client(Script(answer(429, headers={"Retry-After": "0"}), answer()), limits=Limits("acme", 6000))

    http.send("GET", "/x", safe=True)

    counts = http.budget.counts
    assert (counts.calls, counts.refused) == (2, 1)
    assert http.budget.per_minute is not None
    assert http.budget.per_minute < 6000


def test_two_clients_of_a_scope_share_a_budget_and_its_rate_share() -> None:
    limits = Limits("workspace", 100)
    one, _ = client(Script(answer()), limits=limits, share=0.5)
    two, _ = client(Script(answer()), limits=limits, share=0.5)

    assert one.budget is two.budget
    assert one.budget.per_minute == 50


def test_an_absolute_address_on_the_same_server_is_taken() -> None:
    script = Script(answer())
    client(script)[0].send("GET", "https://acme.example/other?page=2", safe=True)

    assert str(script.requests[0].url) == "https://acme.example/other?page=2"


def test_an_address_in_the_query_does_not_make_a_path_absolute() -> None:
    script = Script(answer())
    client(script)[0].send("GET", "/x?next=http://evil.example", safe=True)

    assert script.requests[0].url.host == "acme.example"


@pytest.mark.parametrize(
    "url", ["https://evil.example/x", "http://acme.example/x", "https://acme.example:8/x"]
)
def test_credentials_go_to_no_other_server(url: str) -> None:
    script = Script(answer())
    with pytest.raises(ContractError, match="names the server"):
        client(script)[0].send("GET", url, safe=True)
    assert script.requests == []


@pytest.mark.parametrize(
    "url", ["acme.example", "ftp://acme.example", "https://", "https://:x", "http://a b:x/"]
)
def test_a_wrong_base_address_is_a_configuration_error(url: str) -> None:
    connection = Connection("acme", "p", "main", FileStore(Path("unused")))
    with pytest.raises(ConfigError, match="address"):
        HttpClient(url, connection=connection)


def test_a_certificate_that_does_not_verify_is_said_at_once() -> None:
    script = Script(httpx2.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"))
    with pytest.raises(ConfigError, match=r"certificate of acme\.example"):
        client(script)[0].send("GET", "https://acme.example/x", safe=True)
    assert len(script.requests) == 1


def test_a_request_that_cannot_be_written_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="cannot be sent"):
        client(Script(httpx2.LocalProtocolError("Illegal header value")))[0].send("GET", "/x", safe=True)


def test_a_certificate_file_that_is_missing_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="CA certificates"):
        client(Script(answer()), verify=tmp_path / "none.pem")


@pytest.mark.parametrize("kind", ["folder", "context"])
def test_trust_may_be_given_as_a_folder_or_a_context(tmp_path: Path, kind: str) -> None:
    verify = tmp_path if kind == "folder" else ssl.create_default_context()
    assert client(Script(answer(json=1)), verify=verify)[0].send("GET", "/x", safe=True).json() == 1


def test_content_that_can_be_read_again_is_repeated_whole() -> None:
    script = Script(answer(503), answer())
    client(script)[0].send("PUT", "/x", safe=True, content=[b"ab", b"cd"])

    assert script.bodies == [b"abcd", b"abcd"]


def test_content_that_can_be_read_once_is_not_repeated() -> None:
    script = Script(answer(503), answer())
    with pytest.raises(UnavailableError):
        client(script)[0].upload("https://store.example/f", iter([b"ab"]))
    assert script.bodies == [b"ab"]


def test_content_that_was_not_begun_is_repeated() -> None:
    script = Script(httpx2.ConnectError("refused"), answer())
    client(script)[0].upload("https://store.example/f", iter([b"ab"]))

    assert script.bodies == [b"ab"]


def test_uploads_and_downloads_carry_no_credentials() -> None:
    script = Script(lambda r: answer(content=b"x"))
    http, _ = client(script, headers={"Authorization": "Bearer abcdefghij"})

    list(http.download("https://store.example/f?sig=1"))
    http.upload("https://store.example/f?sig=1", [b"x"], headers={"Content-Length": "1"})

    assert all("authorization" not in r.headers for r in script.requests)
    assert script.requests[1].headers["content-length"] == "1"
    assert "transfer-encoding" not in script.requests[1].headers


def test_a_download_follows_redirects() -> None:
    moved = answer(302, headers={"Location": "https://cdn.example/f"})
    assert b"".join(client(Script(moved, answer(content=b"x")))[0].download("https://s.example/f")) == b"x"


def test_a_download_is_not_redirected_to_a_host_that_nobody_named() -> None:
    moved = answer(302, headers={"Location": "https://inside.example/f"})
    script = Script(moved, answer(content=b"x"))

    with pytest.raises(ConfigError, match=r"not fetched: host inside\.example is not allowed"):
        list(client(script)[0].download("https://s.example/f"))
    assert [str(r.url) for r in script.requests] == ["https://s.example/f"]


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_file_that_is_not_there_is_the_records_fault(status: int) -> None:
    with pytest.raises(RecordError, match=str(status)) as caught:
        list(client(Script(answer(status)))[0].download("https://s.example/f?sig=verysecret"))
    assert "verysecret" not in str(caught.value)


class _BreaksOff(httpx2.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield b"abc"
        raise httpx2.ReadError("reset")


def test_a_download_that_breaks_off_is_taken_up_where_it_was() -> None:
    script = Script(answer(stream=_BreaksOff()), answer(content=b"abcdef"))

    assert b"".join(client(script)[0].download("https://s.example/f")) == b"abcdef"


def test_a_download_that_keeps_breaking_off_ends_unreachable() -> None:
    script = Script(lambda r: answer(stream=_BreaksOff()))
    http, waits = client(script)

    with pytest.raises(UnreachableError, match="broke off 3 times"):
        list(http.download("https://s.example/f"))
    assert len(waits) == 2


def test_a_file_that_changed_between_two_attempts_is_not_mixed() -> None:
    first = answer(stream=_BreaksOff(), headers={"ETag": "1"})
    second = answer(content=b"xyz", headers={"ETag": "2"})

    with pytest.raises(ContractError, match="changed while it was read"):
        list(client(Script(first, second))[0].download("https://s.example/f"))


def test_a_download_that_is_left_early_closes_its_connection() -> None:
    response = answer(content=[b"a", b"b"])
    chunks = client(Script(response))[0].download("https://s.example/f")

    next(iter(chunks))
    chunks.close()  # type: ignore[attr-defined]
    assert response.is_closed


def test_a_closed_client_sends_nothing_more() -> None:
    http, _ = client(Script(answer(content=b"")))
    list(http.download("https://s.example/f"))
    http.close()

    with pytest.raises(RuntimeError):
        http.send("GET", "/x", safe=True)
