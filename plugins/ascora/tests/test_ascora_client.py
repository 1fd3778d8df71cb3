"""The client: what is asked, what an answer is taken for, and that nothing can be written."""

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crossdock import redaction
from crossdock.errors import AccessLostError, AuthError, ContractError
from crossdock_ascora import client as module
from crossdock_ascora.client import AnswerError, AscoraClient, Read
from crossdock_ascora.textrepair import REPAIRS

KEY = "ascora-key-2f9c1b7e"
EMPTY = {"success": True, "results": [], "totalPages": 0, "totalRecords": 0}


def test_the_key_goes_in_the_header_auth_without_a_scheme(client: AscoraClient, tenant: Any) -> None:
    tenant.answers["/Jobs/Jobs"] = EMPTY

    client.page(Read.JOBS, 1, 100, JobStatus="ALL")

    [request] = tenant.requests
    assert request.headers["auth"] == KEY
    assert "authorization" not in request.headers
    assert dict(request.url.params) == {"Page": "1", "PageSize": "100", "JobStatus": "ALL"}


def test_nothing_but_get_can_be_sent() -> None:
    source = Path(module.__file__).read_text(encoding="utf-8")

    assert re.findall(r'\.send\(\s*"(\w+)"', source) == ["GET"]
    assert "upload(" not in source
    assert not any("Mark" in read.value for read in Read)


@pytest.mark.parametrize("status", [200, 400, 404])
def test_success_false_is_a_refusal_whatever_the_status(
    client: AscoraClient, tenant: Any, status: int
) -> None:
    said = {"success": False, "message": "No Matching Quotation Found (Q9)"}
    tenant.answers["/Quotes/Quote/Q9"] = httpx2.Response(status, json=said)

    with pytest.raises(AnswerError, match="No Matching Quotation Found"):
        client.one(Read.QUOTE, "Q9")


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(401, text="no"),
        httpx2.Response(403, text="no"),
        httpx2.Response(200, json={"success": False, "message": "Invalid API Key"}),
    ],
)
def test_a_key_that_never_worked_is_a_wrong_key(
    client: AscoraClient, tenant: Any, answer: httpx2.Response
) -> None:
    tenant.answers["/Jobs/Jobs"] = answer

    with pytest.raises(AuthError) as caught:
        client.page(Read.JOBS, 1, 10)

    assert KEY not in str(caught.value)


def test_a_key_that_worked_before_was_lost(client: AscoraClient, tenant: Any) -> None:
    tenant.answers["/Customers/Customers"] = EMPTY
    tenant.answers["/Jobs/Jobs"] = httpx2.Response(401)
    client.page(Read.CUSTOMERS, 1, 10)

    with pytest.raises(AccessLostError):
        client.page(Read.JOBS, 1, 10)


def test_a_page_that_is_no_json_is_no_answer(client: AscoraClient, tenant: Any) -> None:
    tenant.answers["/Jobs/Jobs"] = b"<html><title>Login</title></html>"

    with pytest.raises(ContractError, match="not JSON"):
        client.page(Read.JOBS, 1, 10)


def test_a_body_that_was_cut_off_is_asked_for_again(client: AscoraClient, tenant: Any) -> None:
    bodies = iter([b'{"success":true,"results":[{"jobId', b'{"success":true,"results":[],"totalPages":0}'])
    tenant.answers["/Jobs/Jobs"] = lambda _query: next(bodies)

    assert client.page(Read.JOBS, 1, 10).rows == []
    assert len(tenant.requests) == 2


def test_an_envelope_without_results_is_unknown(client: AscoraClient, tenant: Any) -> None:
    tenant.answers["/Jobs/Jobs"] = {"success": True, "items": []}

    with pytest.raises(ContractError, match="without a list of results"):
        client.page(Read.JOBS, 1, 10)


def test_bare_arrays_are_taken_where_they_come(client: AscoraClient, tenant: Any) -> None:
    tenant.answers["/Accounting/GetInvoicesToSend"] = [{"id": "i1"}]

    assert client.whole(Read.INVOICES, priorToDate="2025-01-01") == [{"id": "i1"}]


def test_text_is_mended_and_said_so_numbers_keep_their_digits(client: AscoraClient, tenant: Any) -> None:
    tenant.answers["/Jobs/Jobs"] = (
        b'{"success":true,"totalPages":1,"results":[{"jobId":"j","jobName":"a\\u0000b \\ud83d!",'
        b'"jobDescription":"\\ud83d\\ude00","totalExTax":1.10}]}'
    )

    [row] = client.page(Read.JOBS, 1, 10).rows

    assert row["jobName"] == "ab \ufffd!"
    assert row["jobDescription"] == "\U0001f600"
    assert row["totalExTax"] == "1.10"
    assert row[REPAIRS] == {"jobName": "1 U+0000 taken out and 1 half characters replaced"}


def test_sections_have_dashes_in_addresses(client: AscoraClient, tenant: Any) -> None:
    tenant.answers["/Quotes/Quote/Q12-01"] = {"success": True, "quotation": {}}

    client.one(Read.QUOTE, "Q12.01")

    assert tenant.requests[0].url.path == "/Quotes/Quote/Q12-01"


def test_a_number_cannot_lead_elsewhere(client: AscoraClient) -> None:
    with pytest.raises(ContractError):
        client.one(Read.QUOTE, "../../Accounting/MarkInvoicesAsSent?x=")


def test_the_key_is_known_to_the_redactor(client: AscoraClient) -> None:
    assert client
    assert KEY not in redaction.redact(f"an answer that says {KEY} again")
