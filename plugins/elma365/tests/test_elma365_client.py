"""The client reads, and does nothing else; it takes every envelope and every kind of error."""

import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from crossdock.connection import Connection
from crossdock.errors import AuthError, ConfigError, ContractError, RateLimitedError
from crossdock.model import Limits
from crossdock_elma365.client import AnswerError, Elma365Client, Read, classify
from crossdock_elma365.settings import Elma365Settings

LIMITS = Limits(scope="test", calls_per_minute=1e6)


@pytest.fixture
def client(connection: Connection) -> Elma365Client:
    settings = Elma365Settings(url="http://elma.example/pub/v1/", token=SecretStr("secret-token"))
    return Elma365Client(settings, connection, LIMITS)


def response(status: int, body: str = "", headers: dict[str, str] | None = None) -> httpx2.Response:
    request = httpx2.Request("POST", "http://elma.example/pub/v1/app/a/b/list")
    return httpx2.Response(status, text=body, headers=headers, request=request)


def test_only_reads_exist() -> None:
    paths = {read.value for read in Read}

    assert {method for method, path in paths if not path.endswith("list")} == {"GET"}
    assert {path for method, path in paths if method == "POST"} == {
        "/app/{namespace}/{code}/list",
        "/user/list",
        "/tasks/list",
        "/bpm/instance/bytemplate/{namespace}/{code}/list",
        "/reports/{namespace}/{code}/list",
        "/scheme/groups/list",
        "/feed/{namespace}/{code}/{target}/message/list",
        "/feed/{namespace}/{code}/{target}/message/{message}/comment/list",
    }
    writing = (
        "create",
        "update",
        "set-status",
        "import",
        "upload",
        "run",
        "move",
        "submit",
        "batch",
        "context",
    )
    assert not [path for _, path in paths for word in writing if word in path]


@given(part=st.text().filter(lambda text: not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)?", text)))
def test_no_part_of_a_path_can_lead_elsewhere(part: str) -> None:
    with pytest.raises(ContractError, match="cannot stand"):
        Read.ITEMS.path(namespace="a", code=part)


@pytest.mark.parametrize(
    "answer",
    [
        [{"code": "a"}],
        {"result": [{"code": "a"}]},
        {"success": True, "error": "", "result": {"result": [{"code": "a"}], "total": 1}},
    ],
)
def test_a_list_is_read_from_every_envelope(client: Elma365Client, company: Any, answer: Any) -> None:
    company.change = lambda _path, _answer: answer

    assert client.items(Read.NAMESPACES) == [{"code": "a"}]


def test_success_false_is_an_error_although_the_status_is_200(client: Elma365Client, company: Any) -> None:
    company.change = lambda _path, _answer: {"success": False, "error": "no such section"}

    with pytest.raises(AnswerError, match="no such section"):
        client.items(Read.NAMESPACES)


def test_a_body_that_was_cut_off_is_asked_for_again(client: Elma365Client, company: Any) -> None:
    answers = iter([httpx2.Response(200, text='{"result": [{"co'), [{"code": "a"}]])
    company.change = lambda _path, _answer: next(answers)

    assert client.items(Read.NAMESPACES) == [{"code": "a"}]


def test_a_body_that_is_never_json_is_a_broken_contract(client: Elma365Client, company: Any) -> None:
    company.change = lambda _path, _answer: httpx2.Response(200, text="<html>maintenance</html>")

    with pytest.raises(ContractError, match="not JSON"):
        client.items(Read.NAMESPACES)


@pytest.mark.parametrize(
    ("status", "body"), [(429, ""), (429, "too many requests"), (400, "Too many requests")]
)
def test_too_many_requests_is_a_rate_limit(status: int, body: str) -> None:
    assert isinstance(classify(response(status, body)), RateLimitedError)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_an_authentication_error(status: int) -> None:
    assert isinstance(classify(response(status)), AuthError)


def test_a_plain_text_error_is_quoted() -> None:
    error = classify(response(400, "unknown field"))

    assert isinstance(error, AnswerError)
    assert "unknown field" in str(error)


def test_an_application_without_statuses_has_none(client: Elma365Client, company: Any) -> None:
    company.add("shop.orders", [])
    company.change = lambda _path, _answer: httpx2.Response(404, text="no statuses")

    assert client.statuses("shop", "orders") == []


def test_file_contents_come_without_the_token(client: Elma365Client, company: Any) -> None:
    company.add_file("f1", "a.txt", b"hello")

    assert b"".join(client.file("f1")) == b"hello"


@pytest.mark.parametrize(
    "host",
    [
        "http://169.254.169.254",
        "https://elsewhere.example",
        "http://127.0.0.1:8000",
        "ftp://elma.example",
        "http://u:p@elma.example",
        "http://",
    ],
)
def test_a_link_to_another_host_is_refused(client: Elma365Client, company: Any, host: str) -> None:
    company.add_file("f1", "a.txt", b"hello")
    company.link_host = host

    with pytest.raises(ConfigError, match="not fetched: host"):
        client.file("f1")


def test_a_redirect_to_another_host_is_refused(client: Elma365Client, company: Any) -> None:
    company.add_file("f1", "a.txt", b"hello")
    company.moved_to = "http://169.254.169.254/secrets"

    with pytest.raises(ConfigError, match="not fetched: host"):
        list(client.file("f1"))
    assert company.requests[-1][1] == "/storage/f1"


def test_a_named_storage_host_is_allowed(connection: Connection, company: Any) -> None:
    settings = Elma365Settings(
        url="http://elma.example", token=SecretStr("secret-token"), file_hosts=("S3.example",)
    )
    company.add_file("f1", "a.txt", b"hello")
    company.link_host = "https://s3.example"

    assert b"".join(Elma365Client(settings, connection, LIMITS).file("f1")) == b"hello"


def test_the_token_is_in_no_message(make_source: Callable[..., Any], company: Any) -> None:
    company.change = lambda _path, _answer: httpx2.Response(400, text="bad token secret-token")

    with pytest.raises(AnswerError) as refusal:
        make_source().discover()

    assert "secret-token" not in str(refusal.value)
