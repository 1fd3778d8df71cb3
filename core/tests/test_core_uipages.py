"""The pages on runs, findings, queues, versions and undoing, over two toy platforms, without a browser."""

import re
import subprocess
import sys
import time

import pytest
from core.tests.asking import Pages
from core.tests.postgres import server

from crossdock.config import load_project
from crossdock.database import place_of
from crossdock.errors import StorageError
from crossdock.ledger import Ledger
from crossdock.mapversions import versions_of
from crossdock.model import Finding, FindingKind, Origin
from crossdock.ui import findings
from crossdock.ui.reading import Paging


@pytest.fixture
def loaded(desk):
    """A project whose run is done: one firm was rejected, one person differs, one line waits."""
    desk.prepare()
    assert desk("run").code == 1
    ledger = Ledger(f"sqlite:///{desk.folder}/.crossdock/ledger.db")
    compared = ledger.runs.start("reconcile", "beta")
    origin = Origin("main", "crm.person", "p0", "")
    said = ("email", "p0@f.example", "other@f.example", "")
    ledger.findings.add(compared, [Finding(FindingKind.DIFFERS, "person", "t0", origin, *said)])
    ledger.runs.end(compared)
    ledger.close()
    (desk.folder / "queues").mkdir(exist_ok=True)
    (desk.folder / "queues" / "duplicates.csv").write_text(
        "tenant,object,key,reason,decision\nmain,crm.firm,f1,<b>twice</b>,\nbroken\n"
    )
    return desk


def run_ids(pages):
    return re.findall(r'href="/runs/([\w-]+)"', pages.get("/runs").text)


def ended(pages, reply):
    """The page of a job that was started, once it has ended."""
    address = reply.headers["location"]
    for _ in range(600):
        page = pages.get(address)
        if "Ended:" in page.text:
            return page
        time.sleep(0.05)
    raise AssertionError(page.text)


@pytest.mark.parametrize("path", ["/runs", "/begin", "/now", "/findings", "/queues", "/versions", "/undo"])
def test_every_page_is_there_before_anything_was_done(desk, path):
    desk.initialise()
    assert Pages(desk.folder).get(path).status == 200


def test_a_run_says_what_its_report_says(loaded):
    pages = Pages(loaded.folder)
    compared, loading = run_ids(pages)

    page = pages.get(f"/runs/{loading}").text

    assert "1 rejected" in page
    assert "name: is required and empty" in page or "required" in page
    assert f'href="/undo?run={loading}"' in page
    assert f"/findings?run={compared}" in pages.get(f"/runs/{compared}").text
    assert "/undo?run=" not in pages.get(f"/runs/{compared}").text


def test_a_filed_report_is_shown_as_it_is_and_only_what_is_one(loaded):
    loaded("report")
    pages = Pages(loaded.folder)
    compared = run_ids(pages)[0]

    text, page = (pages.get(f"/runs/{compared}/report.{kind}") for kind in ("txt", "html"))

    assert (text.status, page.status) == (200, 200)
    assert "sandbox" in page.headers["content-security-policy"]
    assert pages.get(f"/runs/{compared}/report.yaml").status == 400
    assert pages.get("/runs/nowhere/report.txt").status == 400


def test_what_differs_stands_beside_what_should_be(loaded):
    pages = Pages(loaded.folder)

    page = pages.get("/findings?q=other%40f").text

    assert "p0@f.example" in page
    assert "other@f.example" in page
    assert "crm.person/p0" in page
    assert "No findings." in pages.get("/findings?q=nothing+like+it").text
    assert pages.get("/findings?kind=wrong").status == 400
    assert pages.get("/findings?kind=").status == 200


def test_a_line_is_decided_and_values_are_no_markup(loaded):
    pages = Pages(loaded.folder)
    assert "&lt;b&gt;twice" in pages.get("/queues").text
    assert "correct queues/duplicates.csv line 3" in pages.get("/queues").text

    seen = '["main","crm.firm","f1",""]'
    answer = pages.post("/queues", queue="duplicates", **{"line-0": seen, "now-0": "skip"})

    assert "1 decision written" in pages.follow(answer).text
    assert "f1,<b>twice</b>,skip" in (loaded.folder / "queues" / "duplicates.csv").read_text()


@pytest.mark.parametrize(
    ("sides", "seen"),
    [
        (('{"$money": ["12.50", "RUB"]}', '{"$money": ["12.5", "USD"]}'), ("12.50 RUB", "12.5 USD")),
        (('["a", "b"]', "[]"), ("a; b", "")),
        (('{"$phone": ["+7 1', "{no value}"), ('{"$phone": ["+7 1', "{no value}")),
        (('{"$decimal": "1"}', "1"), ('{"$decimal": "1"}', "1")),
    ],
)
def test_values_are_shown_as_people_read_them_unless_that_hides_what_differs(sides, seen):
    assert findings._sides(*sides) == seen


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"queue": "nowhere"}, 400),
        ({"queue": "duplicates", "line-0": "no json", "now-0": "skip"}, 400),
        ({"queue": "duplicates", "line-0": '["main","crm.firm","f1",""]', "now-0": "perhaps"}, 400),
        ({"queue": "duplicates", "back": "//evil.example"}, 303),
    ],
)
def test_a_form_that_is_none_of_ours_writes_nothing(loaded, form, status):
    before = (loaded.folder / "queues" / "duplicates.csv").read_bytes()
    answer = Pages(loaded.folder).post("/queues", **form)
    assert answer.status == status
    assert answer.headers.get("location", "/queues") == "/queues"
    assert (loaded.folder / "queues" / "duplicates.csv").read_bytes() == before


def test_a_queue_that_is_none_is_named(loaded):
    assert Pages(loaded.folder).get("/queues?queue=nowhere").status == 400
    assert "Nothing waits here" in Pages(loaded.folder).get("/queues?queue=trash&state=open").text


def test_somebody_unmatched_gets_a_name_and_a_reference_needs_no_decision(loaded):
    head = "tenant,object,key,reason,decision\n"
    for queue in ("unmatched", "references"):
        (loaded.folder / "queues" / f"{queue}.csv").write_text(f"{head}main,users,u1,why,\n")
    pages = Pages(loaded.folder)

    answer = pages.post(
        "/queues", queue="unmatched", **{"line-0": '["main","users","u1",""]', "now-0": " anna@new.example "}
    )

    assert "1 decision written" in pages.follow(answer).text
    assert "u1,why,anna@new.example" in (loaded.folder / "queues" / "unmatched.csv").read_text()
    assert 'name="now-0" value="anna@new.example"' in pages.get("/queues?queue=unmatched").text
    assert "Write the decisions" not in pages.get("/queues?queue=references").text


def test_versions_are_compared_and_restored(loaded):
    loaded.edit("city: city, ", "")
    pages = Pages(loaded.folder)

    told = pages.get("/versions/difference?a=1&b=now").text
    answer = pages.post("/versions", number="1", by="Ivan")

    assert "field dropped" in told
    assert "crm.firm&gt;firm" in told
    assert "version 1 of" in pages.follow(answer).text
    assert versions_of(load_project(loaded.folder))[-1].by == "Ivan"
    assert "The two say the same." in pages.get("/versions/difference?a=1&b=now").text
    assert pages.get("/versions/difference?a=x").status == 400
    assert pages.post("/versions", number="now").status == 400


def test_nothing_that_writes_starts_without_the_projects_name(loaded):
    pages = Pages(loaded.folder)
    answer = pages.post("/begin", what="run", project="other")
    assert answer.status == 400
    assert "Nothing was started" in answer.text
    assert pages.post("/begin", what="anything").status == 400


def test_a_job_is_watched_to_its_end_and_named_with_its_destination(loaded):
    loaded.edit(
        "options:",
        "destinations:\n  trial: {platform: beta, url: 'http://toy.example'}\noptions:",
        "crossdock.yaml",
    )
    pages = Pages(loaded.folder, "trial")

    page = ended(pages, pages.post("/begin", what="reconcile"))

    assert "crossdock reconcile --to trial" in page.text
    assert 'role="alert"' in page.text
    assert "crossdock: " in page.text  # the mapping is not confirmed for it: in the words of the command
    assert "Started from these pages" in pages.get("/now").text
    assert pages.get("/jobs/none").status == 400


def test_an_undo_is_previewed_and_needs_the_name(loaded):
    pages = Pages(loaded.folder)
    loading = run_ids(pages)[1]

    answer = pages.post("/undo/preview", run=loading, with_later="yes", object="crm.firm\n", record="")
    page = ended(pages, answer)

    assert f"crossdock rollback --dry-run --run {loading} --with-later --object=crm.firm" in page.text
    job = answer.headers["location"].rpartition("/")[2]
    refused = pages.post("/undo/start", preview=job, project="other", force="yes")
    assert "Nothing was started" in pages.follow(refused).text
    started = pages.post("/undo/start", preview=job, project="acme", force="yes")
    assert f"crossdock rollback --run {loading} --with-later" in ended(pages, started).text


def test_one_job_at_a_time_and_it_can_be_stopped(loaded, monkeypatch):
    slow, popen = [sys.executable, "-c", "import time; time.sleep(60)"], subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _argv, **more: popen(slow, **more))
    pages = Pages(loaded.folder)

    first = pages.post("/begin", what="dry-run")
    second = pages.post("/begin", what="dry-run")

    address = first.headers["location"]
    assert "working" in pages.get(address, part=True).text.lower()
    assert "crossdock run --dry-run</code> is getting ready" in pages.get("/now", part=True).text
    assert second.status == 409
    assert "still working" in second.text
    pages.post(f"{address}/stop")
    assert "Ended: stopped" in ended(pages, first).text
    assert pages.get(address, part=True).headers["hx-refresh"] == "true"


def test_a_ledger_that_cannot_be_read_now_is_said_so(loaded, monkeypatch):
    def broken(*_details):
        raise StorageError("the database is locked.")

    monkeypatch.setattr("crossdock.migration.Ledger", broken)
    page = Pages(loaded.folder).get("/now", part=True)
    assert page.status == 200
    assert "cannot be read at this moment: the database is locked." in page.text


def test_a_run_of_another_machine_is_seen_in_the_ledger(loaded):
    ledger = Ledger(f"sqlite:///{loaded.folder}/.crossdock/ledger.db")
    run = ledger.runs.start("run", "there")
    ledger.runs.phase(run, "main", "crm.firm>firm", 1, "crm.firm", "firm")
    ledger.close()

    page = Pages(loaded.folder).get("/now").text

    assert "has not ended" in page
    assert "4 records read" in page


def test_a_project_on_postgresql_is_read_while_another_process_writes_to_it(desk, monkeypatch):
    url = server().new_database()
    monkeypatch.setenv("CROSSDOCK_DATABASE", url)
    desk.initialise()
    desk.edit("options:", "database: env:CROSSDOCK_DATABASE\noptions:", "crossdock.yaml")
    desk.write_mapping()
    desk("map", "confirm", "--by", "Anna")
    desk("run")
    pages = Pages(desk.folder)
    ledger = Ledger(*place_of(url, load_project(desk.folder).id))
    ledger.hold()  # as a run of another process does
    run = ledger.runs.start("run", "beta")
    try:
        seen = [pages.get(path).text for path in ("/now", "/runs", f"/runs/{run.id}", "/findings", "/undo")]
        refused = pages.post("/versions", number="1")
    finally:
        ledger.close()

    assert f"{run.id}</a> has not ended" in seen[0]
    assert all(run.id in text for text in seen)
    assert refused.status == 409
    assert "another process is writing" in refused.text


def test_pages_of_a_list_keep_to_its_bounds():
    many = Paging(2, 101, "/runs", {"q": "a b", "page": "2"})
    assert (many.last, many.offset, many.of(range(101))[0]) == (3, 50, 50)
    assert many.address(3) == "/runs?q=a+b&page=3"
    assert Paging(1, 0, "/runs", {}).last == 1
