"""The client: GET alone, its key in no text, every envelope by its name, a page for people as a refusal."""

import logging
from decimal import Decimal
from typing import Any
from urllib.parse import quote, quote_plus

import httpx2
import pytest
from plugins.cetec.tests.conftest import TOKEN, FakeTenant

from crossdock.errors import AccessLostError, AuthError, CrossdockError, UnreachableError
from crossdock.http import RetryPolicy
from crossdock_cetec import client as module
from crossdock_cetec.client import AnswerError, CetecClient, Read

ROWS = [{"id": 1}, {"id": 2}]
PAGE = httpx2.Response(200, html="<html><form action='/auth/login'></form></html>")


@pytest.fixture(autouse=True)
def at_once(client: CetecClient) -> None:
    client._http._policy = RetryPolicy(attempts=3, sleep=lambda _: None)


@pytest.mark.parametrize(
    "answer",
    [
        ROWS,
        {"data": ROWS},
        {"rows": ROWS},
        {"entries": ROWS},
        {"customers": ROWS},
        {"data": {"rows": ROWS}},
        {"success": 1, "message": "", "data": ROWS},
    ],
)
def test_rows_come_in_any_known_envelope(client: CetecClient, fake: FakeTenant, answer: Any) -> None:
    fake.answers["/api/customer"] = answer

    assert client.rows(Read.CUSTOMERS) == ROWS


@pytest.mark.parametrize("answer", [{}, {"result": ROWS}, {"data": None}, [1, 2], "text", 7, {"rows": {}}])
def test_an_unknown_envelope_is_an_error_and_never_an_empty_list(
    client: CetecClient, fake: FakeTenant, answer: Any
) -> None:
    fake.answers["/api/customer"] = answer

    with pytest.raises(AnswerError, match="unknown envelope"):
        client.rows(Read.CUSTOMERS)


@pytest.mark.parametrize("answer", [{"id": 3}, {"data": {"id": 3}}, {"order": {"id": 3}}, [{"id": 3}]])
def test_one_object_comes_in_any_known_envelope(client: CetecClient, fake: FakeTenant, answer: Any) -> None:
    fake.answers["/api/order/3"] = answer

    assert client.one(Read.ORDER, "3") == {"id": 3}


def test_a_number_keeps_every_digit(client: CetecClient, fake: FakeTenant) -> None:
    fake.answers["/api/customer"] = b'[{"id": 1, "limit": 12345678901234567.89}]'

    assert client.rows(Read.CUSTOMERS)[0]["limit"] == Decimal("12345678901234567.89")


def test_a_part_number_is_quoted_whatever_it_holds(client: CetecClient, fake: FakeTenant) -> None:
    number = "PRT A/B#1?x=ü"
    fake.answers[f"/api/part/{number}"] = {"prcpart": number}

    client.one(Read.PART, number)

    assert f"/api/part/{quote(number, safe='')}?" in str(fake.requests[-1].url)


def test_the_key_travels_in_the_query_and_every_request_is_a_get(
    client: CetecClient, fake: FakeTenant
) -> None:
    fake.answers["/api/customer"] = ROWS

    client.rows(Read.CUSTOMERS, columns="id,name")

    (request,) = fake.requests
    assert request.method == "GET"
    assert request.url.params["preshared_token"] == TOKEN
    assert request.url.params["columns"] == "id,name"


@pytest.mark.parametrize(
    "answer",
    [
        PAGE,
        httpx2.Response(200, content=b"  <!DOCTYPE html><p>please log in"),
        httpx2.Response(302, headers={"Location": "/auth/login"}),
        httpx2.Response(401),
        httpx2.Response(403, json={"message": "no"}),
    ],
)
def test_a_login_page_means_that_the_key_is_not_accepted(
    client: CetecClient, fake: FakeTenant, answer: Any
) -> None:
    fake.answers["/api/customer"] = answer

    with pytest.raises(AuthError, match="does not accept the key"):
        client.rows(Read.CUSTOMERS)


def test_a_key_that_worked_before_was_lost(client: CetecClient, fake: FakeTenant) -> None:
    fake.answers["/api/customer"] = ROWS
    client.rows(Read.CUSTOMERS)
    fake.answers["/api/customer"] = PAGE

    with pytest.raises(AccessLostError):
        client.rows(Read.CUSTOMERS)


@pytest.mark.parametrize("failure", [httpx2.Response(500), httpx2.Response(503), b"[{", b""])
def test_what_fails_at_random_is_asked_again(client: CetecClient, fake: FakeTenant, failure: Any) -> None:
    answers = iter([failure, ROWS])
    fake.answers["/api/customer"] = lambda _request: (
        found
        if isinstance(found := next(answers), httpx2.Response | bytes)
        else httpx2.Response(200, json=found)
    )
    if isinstance(failure, bytes):
        fake.answers["/api/customer"] = lambda _request: httpx2.Response(
            200, content=found if isinstance(found := next(answers), bytes) else b'[{"id": 1}, {"id": 2}]'
        )

    assert client.rows(Read.CUSTOMERS) == ROWS
    assert len(fake.requests) == 2


def test_what_always_fails_is_unreachable(client: CetecClient, fake: FakeTenant) -> None:
    fake.answers["/api/customer"] = lambda _request: httpx2.Response(500)

    with pytest.raises(UnreachableError):
        client.rows(Read.CUSTOMERS)


def test_a_refusal_is_told(client: CetecClient, fake: FakeTenant) -> None:
    fake.answers["/api/customer"] = {"success": 0, "message": "no such column"}

    with pytest.raises(AnswerError, match="no such column"):
        client.rows(Read.CUSTOMERS)


@pytest.mark.parametrize(
    "answer",
    [
        PAGE,
        httpx2.Response(400, text=f"bad request: preshared_token={TOKEN}"),
        httpx2.Response(404, text=f"nothing at /api/customer?preshared_token={quote(TOKEN, safe='')}"),
        lambda _request: httpx2.Response(500, text=TOKEN),
        {"success": 0, "message": f"unknown key {TOKEN} and {quote_plus(TOKEN)}"},
        {"result": TOKEN},
        lambda request: (_ for _ in ()).throw(httpx2.ConnectError(f"cannot reach {request.url}")),
        b"not json " + TOKEN.encode(),
    ],
)
def test_the_key_is_in_no_message_and_in_no_log(
    client: CetecClient, fake: FakeTenant, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    fake.answers["/api/customer"] = answer
    caplog.set_level(logging.DEBUG)

    with pytest.raises(CrossdockError) as caught:
        client.rows(Read.CUSTOMERS)

    error: BaseException | None = caught.value
    told = caplog.text
    while error is not None:
        told += f"{error} {error!r}" if isinstance(error, CrossdockError) else ""
        error = error.__cause__
    for form in (TOKEN, quote(TOKEN, safe=""), quote_plus(TOKEN), quote(TOKEN)):
        assert form not in told


def test_nothing_but_reads_can_be_built() -> None:
    assert {read.value[0].split("/")[1] for read in Read} == {"api", "goapis"}
    assert not any(word in module.__dict__ for word in ("post", "put", "patch", "delete"))
