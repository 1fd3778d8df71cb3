"""The sandbox: what its API answers, what it holds, and the one thing that nobody may ask of it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from crossdock.errors import ConfigError
from crossdock.sandbox import SandboxOptions, SandboxProcess, start
from crossdock_ascora.sandbox import AscoraSandbox

Json = dict[str, Any]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    made = start("ascora", data=tmp_path_factory.mktemp("ascora") / "a.db", seed="empty", rate="off")
    yield made
    made.stop()


def ask(process: SandboxProcess, path: str, body: Any = None, key: str = "") -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(process.url + path, data, {"Auth": key or process.token})
    with urlopen(request) as answer:
        return json.loads(answer.read())


@pytest.fixture
def sandbox(process: SandboxProcess) -> SandboxProcess:
    ask(process, "/_sandbox/reset", {"seed": "empty"})
    return process


def test_a_list_has_the_envelope_of_the_guide(sandbox: SandboxProcess) -> None:
    ask(sandbox, "/_seed", {"jobs": [{"jobNumber": f"J{n}"} for n in range(1, 6)]})

    answer = ask(sandbox, "/jobs/jobs?page=2&PageSize=2&jobStatus=ALL")

    assert {key: answer[key] for key in ("success", "totalPages", "totalRecords")} == {
        "success": True, "totalPages": 3, "totalRecords": 5,
    }  # fmt: skip
    assert [job["jobNumber"] for job in answer["results"]] == ["J3", "J2"]
    assert {"jobStatusText", "siteCustomer", "customFields", "state"} <= answer["results"][0].keys()


def test_an_empty_list_has_no_pages(sandbox: SandboxProcess) -> None:
    assert ask(sandbox, "/Jobs/Jobs?JobStatus=ALL")["totalPages"] == 0


def test_who_does_not_ask_for_all_jobs_gets_open_ones_without_sections(sandbox: SandboxProcess) -> None:
    jobs = [
        {"jobNumber": "J1", "jobStatusText": "Closed"},
        {"jobNumber": "J2", "topLevelJobNumber": "J2"},
        {"jobNumber": "J2-01", "topLevelJobNumber": "J2"},
    ]
    ask(sandbox, "/_seed", {"jobs": jobs})

    assert [j["jobNumber"] for j in ask(sandbox, "/Jobs/Jobs")["results"]] == ["J2"]
    assert len(ask(sandbox, "/Jobs/Jobs?JobStatus=ALL&IncludeChildJobs=true")["results"]) == 3


def test_a_list_of_quotes_leaves_out_the_status_in_words(sandbox: SandboxProcess) -> None:
    ask(sandbox, "/_seed", {"quotes": [{"quoteNumber": "Q1-01", "quoteStatusText": "LOST"}]})

    assert "quoteStatusText" not in ask(sandbox, "/Quotes/Quotes?QuoteStatus=ALL")["results"][0]
    assert ask(sandbox, "/Quotes/Quote/Q1-01")["quotation"]["quoteStatusText"] == "LOST"


def test_an_unknown_number_is_no_error_of_the_protocol(sandbox: SandboxProcess) -> None:
    assert ask(sandbox, "/Jobs/Job/X") == {"success": False, "message": "No Matching Job Found (X)"}


def test_invoices_are_given_until_somebody_marks_them_as_sent(sandbox: SandboxProcess) -> None:
    ask(sandbox, "/_seed", {"invoices": [{"id": "i1", "invoiceDate": "2024-01-01T09:00:00"}, {"id": "i2"}]})
    path = "/Accounting/GetInvoicesToSend?priorToDate=2024-06-01"

    assert {row["id"] for row in ask(sandbox, path)} == {"i1", "i2"}
    assert ask(sandbox, path.replace("2024-06-01", "2024-01-01")) == []
    ask(sandbox, "/Accounting/MarkInvoicesAsSent", ["i1"])
    assert {row["id"] for row in ask(sandbox, path)} == {"i2"}
    assert ask(sandbox, "/_sandbox/dump")["sent"] == ["invoices/i1"]


def test_a_wrong_key_is_refused(sandbox: SandboxProcess) -> None:
    with pytest.raises(Exception, match="401"):
        ask(sandbox, "/Jobs/Jobs", key="another")


def test_half_a_character_gets_through(sandbox: SandboxProcess) -> None:
    ask(sandbox, "/_seed", {"jobs": [{"jobNumber": "J1", "jobName": "a\0b\ud83d"}]})

    assert ask(sandbox, "/Jobs/Jobs?JobStatus=ALL")["results"][0]["jobName"] == "a\0b\ud83d"
    assert ask(sandbox, "/_sandbox/dump")["items"]["jobs"][0]["jobName"] == "a\0b\\ud83d"


def test_seeding_replaces_removes_and_refuses(sandbox: SandboxProcess) -> None:
    ask(sandbox, "/_seed", {"jobs": [{"jobId": "a", "jobNumber": "J1"}, {"jobId": "b", "jobNumber": "J2"}]})
    ask(sandbox, "/_seed", {"jobs": [{"jobId": "a", "jobNumber": "J1x"}], "remove": {"jobs": ["b"]}})

    assert [job["jobNumber"] for job in ask(sandbox, "/_sandbox/dump")["items"]["jobs"]] == ["J1x"]
    with pytest.raises(Exception, match="400"):
        ask(sandbox, "/_seed", {"enquiries": []})


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Json, Path]]:
    data = tmp_path_factory.mktemp("demo") / "ascora-demo.db"
    sandbox = AscoraSandbox(SandboxOptions(data, "http://127.0.0.1:1"))
    yield dict(sandbox.dump()["items"]), data.with_name("ascora-demo-files")
    sandbox.close()


def test_the_demo_is_a_business_of_some_size(demo: tuple[Json, Path]) -> None:
    items, _ = demo
    counts = {kind: len(found) for kind, found in items.items()}

    assert counts["customers"] >= 60
    assert (counts["jobs"], counts["quotes"]) == (96, 40)
    assert counts["invoices"] > 0


def test_every_link_of_the_demo_leads_somewhere_but_one(demo: tuple[Json, Path]) -> None:
    items, _ = demo
    there = {customer["customerId"] for customer in items["customers"]}
    named = [
        (j["jobNumber"], j[side]["id"]) for j in items["jobs"] for side in ("siteCustomer", "billingCustomer")
    ]

    assert [number for number, key in named if key not in there] == ["J1005"]


def test_the_demo_brings_its_exports_along(demo: tuple[Json, Path], tmp_path: Path) -> None:
    _, files = demo
    names = {path.relative_to(files).as_posix() for path in files.rglob("*") if path.is_file()}

    assert {"layout.yaml", "tables/Jobs.xlsx", "forms/Site safety form.docx", "attachments.csv"} <= names


def test_the_demo_is_the_same_every_time(demo: tuple[Json, Path], tmp_path: Path) -> None:
    again = AscoraSandbox(SandboxOptions(tmp_path / "ascora-demo.db", "http://127.0.0.1:1"))
    try:
        assert dict(again.dump()["items"]) == demo[0]
    finally:
        again.close()


def test_an_unknown_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown seed"):
        AscoraSandbox(SandboxOptions(tmp_path / "a.db", "http://127.0.0.1:1", seed="large"))
