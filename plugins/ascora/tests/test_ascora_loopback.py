"""The source against the sandbox over real HTTP: the demo tenant arrives whole, the same twice, only read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from crossdock.capabilities import Capability
from crossdock.connection import Connection
from crossdock.errors import AuthError
from crossdock.filestore import FileStore
from crossdock.model import ArtifactReport, Catalog, Record, Rejected, Selection
from crossdock.sandbox import SandboxProcess, start
from crossdock.values import Reference
from crossdock_ascora.sandbox.platform import files_of
from crossdock_ascora.settings import AscoraSettings
from crossdock_ascora.source import AscoraSource

BASE = {"timezone": "Australia/Sydney", "currency": "AUD"}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    made = start("ascora", data=tmp_path_factory.mktemp("ascora") / "ascora-demo.db", rate="off")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    made = start("ascora", data=tmp_path_factory.mktemp("bare") / "bare.db", seed="empty", rate="off")
    yield made
    made.stop()


def with_files(process: SandboxProcess) -> dict[str, Any]:
    """The settings of the demo."""
    files = files_of(process.data)
    return {
        **BASE,
        "url": process.url,
        "key": process.token,
        "tables": {"layout": files / "layout.yaml", "files": [files / "tables" / "*"]},
        "forms": [files / "forms" / "*.docx"],
        "custom_fields": files / "custom_fields.yaml",
        "attachments": {"folder": files / "attachments", "index": files / "attachments.csv"},
        "accounting": {"system": "xero"},
    }


def open_one(settings: dict[str, Any], folder: Path) -> AscoraSource:
    connection = Connection("ascora", "p", "main", FileStore(folder / "store"), handoff=folder / "handoff")
    return AscoraSource(AscoraSettings.model_validate(settings), connection)


@pytest.fixture(scope="module")
def demo(process: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AscoraSource]:
    source = open_one(with_files(process), tmp_path_factory.mktemp("source"))
    yield source
    source.close()


@pytest.fixture(scope="module")
def catalog(demo: AscoraSource) -> Catalog:
    return demo.discover()


def reading(source: AscoraSource, name: str, store: FileStore) -> tuple[dict[str, Record], list[Rejected]]:
    batches = list(source.extract(name, None, None, store))
    return {r.key: r for b in batches for r in b.records}, [r for b in batches for r in b.rejected]


def report(catalog: Catalog, kind: str) -> ArtifactReport:
    return next(r for r in catalog.artifacts if r.kind == kind)


def ask(process: SandboxProcess, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(process.url + path, data)) as answer:
        return json.loads(answer.read())


def test_the_demo_tenant_is_read_whole_and_the_same_twice(
    demo: AscoraSource, catalog: Catalog, tmp_path: Path
) -> None:
    store = FileStore(tmp_path)
    for described in catalog.objects:
        records, _ = reading(demo, described.name, store)
        again = {seen.id: seen.values for seen in demo.reconcile(described.name, Selection(owned=""))}

        assert {key: record.values for key, record in records.items()} == again, described.name
        assert described.count == len(records), described.name


def test_only_get_was_ever_asked(demo: AscoraSource, catalog: Catalog, process: SandboxProcess) -> None:
    assert catalog
    log = ask(process, "/_sandbox/log")

    assert {row["method"] for row in log if not row["path"].startswith("/_")} == {"GET"}
    assert ask(process, "/_sandbox/dump")["sent"] == []


def test_what_cannot_be_asked_is_declared_so(catalog: Catalog) -> None:
    assert not catalog.capabilities.can(Capability.CHANGED_SINCE)
    assert not catalog.capabilities.can(Capability.DELETED_VISIBLE)
    assert all(described.snapshot for described in catalog.objects)


def test_users_are_people_who_need_an_account(catalog: Catalog) -> None:
    """So a run can wait for those who have none, even where a key could make them one."""
    assert [found.name for found in catalog.objects if found.match_only] == ["users"]


def test_an_export_adds_to_the_jobs_of_the_api(demo: AscoraSource, tmp_path: Path) -> None:
    jobs, _ = reading(demo, "jobs", FileStore(tmp_path))
    by_number = {record.values["job_number"]: record.values for record in jobs.values()}

    assert by_number["J1005"]["job_status"] == ("Ready To Invoice", "Booked")
    assert by_number["J1003"]["owner"] == Reference("users", "U4")
    assert (by_number["J1005"]["quote_number"], by_number["J1005"]["quote_status"]) == ("Q2002", "WON")
    assert by_number["J1007"]["description"] == "Text from a phone with half a character \ufffd in it."
    assert "1 U+0000 taken out" in by_number["J1007"]["remarks"]
    assert by_number["J1005"]["remarks"].startswith("site: 'Boatshed (sold)' is no customer that was read")
    assert by_number["J1010-01"]["parent"].object_name == "jobs"


def test_sections_of_a_quote_are_told_and_not_counted(demo: AscoraSource, tmp_path: Path) -> None:
    quotes, _ = reading(demo, "quotes", FileStore(tmp_path))
    staged = next(r.values for r in quotes.values() if r.values["quote_number"] == "Q2003")

    assert staged["sections"] == "Q2003-01, Stage 1, 200\nQ2003-02, Stage 2, 233.6"
    assert (staged["quote_status"], str(staged["amount"].amount)) == ("IN-PROGRESS", "433.6")
    assert len(quotes) == 40


def test_custom_fields_of_jobs_are_typed(catalog: Catalog, demo: AscoraSource, tmp_path: Path) -> None:
    [schema] = [o for o in catalog.objects if o.name == "jobs"]
    kinds = {f.name: (f.type.value, f.provenance.value) for f in schema.fields if f.custom}
    jobs, _ = reading(demo, "jobs", FileStore(tmp_path))
    first = next(record.values for record in jobs.values() if record.values["job_number"] == "J1003")

    assert kinds["Roof_Type"] == ("select", "declared")
    assert kinds["Access_Code"] == ("text", "declared")
    assert kinds["Inspection_Date"] == ("date", "profiled")
    assert kinds["pcon"] == ("select", "assumed")
    assert kinds["MeterReading"] == ("integer", "profiled")
    assert kinds["HazardLevel"] == ("select", "assumed")
    assert first["pcon"] == ("Warning signs", "Barricades", "Spotter")
    assert first["MeterReading"] == 1293


def test_every_template_tells_what_it_asks_for(catalog: Catalog) -> None:
    found = {artifact.name: artifact.details["fields"] for artifact in report(catalog, "word_template").found}
    form = {field["code"]: field for field in found["Site safety form.docx"]}

    assert form["pcon"]["options"] == "Warning signs, Barricades, Spotter"
    assert form["pcon"]["becomes"] == "pcon"
    assert form["Project Sign Off By"]["evidence"].startswith("all 30 values fit text")
    assert "becomes" not in form["SiteCustomerName"]


def test_the_accounting_link_is_documented_for_each_customer_and_invoice(catalog: Catalog) -> None:
    [link] = report(catalog, "accounting_link").found
    rows = Path(str(link.details["file"])).read_text(encoding="utf-8").splitlines()

    assert "The link works both ways" in link.details["risk"]
    assert len(rows) - 1 == link.details["count"] == 143
    assert any(row.startswith("customer,C001,") and "xero-contact-001" in row for row in rows)
    assert any(row.startswith("invoice,INV-5001,") and "xero-invoice-001" in row for row in rows)
    assert any("leads nowhere: 'C999' names no customer" in row for row in rows)


def test_customers_show_why_they_are_what_they_are(catalog: Catalog) -> None:
    [kinds] = report(catalog, "customer_kind").found
    rows = Path(str(kinds.details["everybody"])).read_text(encoding="utf-8").splitlines()

    assert sum(kinds.details["evidence"].values()) == len(rows) - 1 == 42
    assert "business: customer type 'Commercial'" in kinds.details["evidence"]


def test_by_the_api_alone_invoices_are_said_to_be_unsent_only(
    process: SandboxProcess, tmp_path: Path
) -> None:
    source = open_one({**BASE, "url": process.url, "key": process.token}, tmp_path)
    try:
        catalog = source.discover()
        invoices, _ = reading(source, "invoices", FileStore(tmp_path))
        lines, _ = reading(source, "invoice_lines", FileStore(tmp_path))
    finally:
        source.close()

    assert any(note.startswith("invoices are unsent only") for note in catalog.notes)
    assert {r.values["origin"] for r in invoices.values()} == {
        "unsent only: the API gives an invoice until the accounting package has it"
    }
    assert len(lines) == 2 * len(invoices)
    assert report(catalog, "accounting_link").not_examined
    assert catalog.notes[0].startswith(
        "Whether the tenant is linked to Xero, QuickBooks or MYOB is not known"
    )
    assert report(catalog, "role").not_examined
    assert not any(o.name in ("notes", "files") for o in catalog.objects)


def test_labour_comes_when_it_is_asked_for(process: SandboxProcess, tmp_path: Path) -> None:
    source = open_one({**BASE, "url": process.url, "key": process.token, "job_labour": True}, tmp_path)
    try:
        lines, _ = reading(source, "job_lines", FileStore(tmp_path))
    finally:
        source.close()

    assert [(r.values["description"], str(r.values["quantity"])) for r in lines.values()] == [
        ("Plumber", "2.5")
    ] * 3


def test_a_reading_goes_on_behind_the_last_key(bare: SandboxProcess, tmp_path: Path) -> None:
    ask(bare, "/_sandbox/reset", {"seed": "empty"})
    ask(bare, "/_seed", {"jobs": [{"jobId": f"j{n:03d}", "jobNumber": f"J{n}"} for n in range(450)]})
    store, settings = FileStore(tmp_path), {**BASE, "url": bare.url, "key": bare.token}
    source, later = open_one(settings, tmp_path), open_one(settings, tmp_path)
    try:
        first = next(iter(source.extract("jobs", None, None, store)))
        ask(bare, "/_seed", {"remove": {"jobs": ["j003"]}, "jobs": [{"jobId": "j001a", "jobNumber": "J1a"}]})
        rest = [r.key for batch in later.extract("jobs", first.cursor, None, store) for r in batch.records]
    finally:
        source.close()
        later.close()

    assert [r.key for r in first.records] == [f"j{n:03d}" for n in range(200)]
    assert rest == [f"j{n:03d}" for n in range(200, 450)]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"jobId": "", "jobNumber": "J2"}, "it has no id"),
        ({"jobId": "j2", "jobNumber": "J2", "totalExTax": {}}, "totalExTax: expected a number"),
    ],
)
def test_what_cannot_be_read_is_rejected_and_the_rest_goes_on(
    bare: SandboxProcess, tmp_path: Path, item: dict[str, Any], said: str
) -> None:
    ask(bare, "/_sandbox/reset", {"seed": "empty"})
    ask(bare, "/_seed", {"jobs": [{"jobId": "j1", "jobNumber": "J1"}, item]})
    source = open_one({**BASE, "url": bare.url, "key": bare.token}, tmp_path)
    try:
        jobs, rejected = reading(source, "jobs", FileStore(tmp_path))
    finally:
        source.close()

    assert set(jobs) == {"j1"}
    assert said in rejected[0].reasons[0]


def test_what_the_api_gives_and_nothing_reads_is_counted(bare: SandboxProcess, tmp_path: Path) -> None:
    ask(bare, "/_sandbox/reset", {"seed": "empty"})
    ask(
        bare,
        "/_seed",
        {"jobs": [{"jobNumber": "J1", "priority": "High"}, {"jobNumber": "J2", "priority": ""}]},
    )
    source = open_one({**BASE, "url": bare.url, "key": bare.token}, tmp_path)
    try:
        notes = source.discover().notes
    finally:
        source.close()

    assert "jobs: the API gives 'priority', which is not read (1 values)." in notes


def test_a_status_without_its_word_stays_a_number(bare: SandboxProcess, tmp_path: Path) -> None:
    ask(bare, "/_sandbox/reset", {"seed": "empty"})
    ask(bare, "/_seed", {"jobs": [{"jobId": "j1", "jobNumber": "J1", "jobStatus": 8, "jobStatusText": None}]})
    source = open_one({**BASE, "url": bare.url, "key": bare.token}, tmp_path)
    try:
        jobs, _ = reading(source, "jobs", FileStore(tmp_path))
    finally:
        source.close()

    values = jobs["j1"].values
    assert (values["job_status"], values["stage_status"], values["status_code"]) == (None, None, 8)
    assert values["remarks"] == "status: only the number 8 is given, which stands for no word"


def test_a_section_whose_job_was_not_read_says_so(bare: SandboxProcess, tmp_path: Path) -> None:
    ask(bare, "/_sandbox/reset", {"seed": "empty"})
    below = {"jobId": "j2", "jobNumber": "J1-01", "topLevelJobNumber": "J1"}
    ask(bare, "/_seed", {"jobs": [{"jobId": "j1", "jobNumber": "J1", "totalExTax": {}}, below]})
    source = open_one({**BASE, "url": bare.url, "key": bare.token}, tmp_path)
    try:
        jobs, _ = reading(source, "jobs", FileStore(tmp_path))
    finally:
        source.close()

    assert jobs["j2"].values["parent"] is None
    assert jobs["j2"].values["remarks"] == "part of job: 'J1' is no job that was read"


def test_a_wrong_key_is_refused_and_not_shown(bare: SandboxProcess, tmp_path: Path) -> None:
    key = "wrong-key-8c1f2d7e9b"
    source = open_one({**BASE, "url": bare.url, "key": key}, tmp_path)

    with pytest.raises(AuthError) as caught:
        source.discover()

    assert key not in f"{caught.value!r} {caught.value}"
    source.close()


def test_faults_of_the_network_change_nothing(bare: SandboxProcess, tmp_path: Path) -> None:
    ask(bare, "/_sandbox/reset", {"seed": "empty"})
    ask(bare, "/_seed", {"jobs": [{"jobId": f"j{n}", "jobNumber": f"J{n}"} for n in range(5)]})
    ask(
        bare,
        "/_sandbox/faults",
        [
            {"kind": "status", "status": 503, "path": "/Jobs/Jobs"},
            {"kind": "truncated", "path": "/Jobs/Jobs", "skip": 1},
        ],
    )
    source = open_one({**BASE, "url": bare.url, "key": bare.token, "page_size": 2}, tmp_path)
    try:
        jobs, _ = reading(source, "jobs", FileStore(tmp_path))
    finally:
        source.close()
        ask_delete(bare, "/_sandbox/faults")

    assert len(jobs) == 5


def ask_delete(process: SandboxProcess, path: str) -> None:
    with urlopen(Request(process.url + path, method="DELETE")):
        pass
