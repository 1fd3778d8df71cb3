"""AT09 to AT12: notes, attachments, people, and the links to the accounting package."""

# ruff: noqa: N802 - a test is named after its row

import csv
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from acceptance.destinations import Twenty
from acceptance.harness import Pair, Sandboxes, migrated, moved
from acceptance.platforms import Row
from acceptance.slices import ANNA_MEMBER, IVAN_MEMBER, ROMAN_MAIL, Json, Slice, key
from acceptance.sources.ascora import (
    ADMIN_MAIL,
    ANNA_NAME,
    IVAN_NAME,
    OFFICE,
    ROMAN_NAME,
    artifacts,
    company,
    customer,
    job,
    job_number,
    private,
    to_customer,
    utc,
    whole_list,
)

PAIR = "ascora-twenty"

# --- AT09 ---------------------------------------------------------------------------------------------

KINDS = ("Phone call", "Note", "E-mail", "Status change")
ABOUT = ("Job", "Customer", "Site", "Quote")
WHO = (ANNA_NAME, IVAN_NAME, "Casual Hand")


def note(number: int, **values: object) -> Json:
    """A row of the activity log: of a job, a company, a site or a quote in turn."""
    about = (job_number("AT09", number % 5), "AT09-firm", "AT09-site", "Q9000")[number % 4]
    return {
        "ID": f"AT09-{number}",
        "ENTITY": "Customer" if ABOUT[number % 4] == "Site" else ABOUT[number % 4],
        "NUMBER": about,
        "DATE": f"{number % 28 + 1:02d}/02/2024 {8 + number % 9:02d}:15",
        "AUTHOR": WHO[number % 3],
        "TYPE": KINDS[number % 4],
        "NOTE": f"Said about {number}.\nThey ring back *soon*.",
    } | values


NOTES = [
    *(note(n) for n in range(56)),
    note(56, ENTITY="Enquiry", NUMBER="E7"),
    note(57, ENTITY="Job", NUMBER="J9999"),
]
NOTE_SEED: Json = {
    "customers": [
        company("AT09", "firm", emailAddress="office@chatty.example"),
        customer("AT09", "site", billingCustomer=to_customer("AT09", "firm")),
    ],
    "jobs": [job("AT09", n, billingCustomer=to_customer("AT09", "firm")) for n in range(5)],
    "quotes": [
        {
            "quoteId": key("AT09", "quote"),
            "quoteNumber": "Q9000",
            "quoteName": "Chatty",
            "quoteStatusText": "IN-PROGRESS",
        }
    ],
}


def linked(shared: Pair) -> dict[str, list[Row]]:
    """The links of each note, by its id."""
    found: dict[str, list[Row]] = {}
    for row in shared.destination.all("noteTargets"):
        found.setdefault(row["noteId"], []).append(row)
    return found


def test_AT09_notes_keep_their_time_author_and_kind(shared: Pair, record_property):
    found = shared.destination.ours("notes", "notes")
    for n in range(56):
        row = found[f"AT09-{n}"]
        assert row["title"] == f"Said about {n}."
        assert "They ring back" in row["bodyV2"]["markdown"]
        assert row["activityType"] == KINDS[n % 4]
        assert row["createdAt"] == utc(f"2024-02-{n % 28 + 1:02d}T{8 + n % 9:02d}:15")
        by = row["createdBy"]
        assert by["name"] == WHO[n % 3]
        if n % 3 < 2:
            assert by["workspaceMemberId"] == (ANNA_MEMBER, IVAN_MEMBER)[n % 3]
    keys = [row["ID"] for row in NOTES]
    refused = shared.refused(keys, "notes>note")
    assert set(refused) == {"AT09-56", "AT09-57"}
    assert "enquiries" in refused["AT09-56"]
    assert "J9999" in refused["AT09-57"]
    moved(record_property, len(NOTES), len(refused))


def test_AT09_notes_stand_beside_what_they_are_about(shared: Pair):
    there, links = shared.destination, linked(shared)
    found = there.ours("notes", "notes")
    jobs = there.ours("opportunities", "jobs")
    ends = {
        1: ("targetCompanyId", there.ours("companies", "customers")[key("AT09", "customer", "firm")]["id"]),
        2: ("targetSiteId", there.ours("sites", "sites")[key("AT09", "customer", "site")]["id"]),
        3: ("targetOpportunityId", there.ours("opportunities", "quotes")[key("AT09", "quote")]["id"]),
    }
    for n in range(56):
        end, identifier = ends.get(n % 4) or ("targetOpportunityId", jobs[key("AT09", "job", n % 5)]["id"])
        (link,) = links[found[f"AT09-{n}"]["id"]]
        assert link[end] == identifier


# --- AT10 ---------------------------------------------------------------------------------------------


def content(number: int) -> bytes:
    """The bytes of an attachment."""
    return f"Report № {number}\n".encode() + bytes(range(256)) * (number % 5 + 1)


def indexed(number: int, **values: str) -> Row:
    """A row of the index of attachments: of a job or a customer in turn."""
    number_of = "AT10-firm" if number % 2 else job_number("AT10", number % 6)
    return {
        "PATH": f"AT10/report {number}.txt",
        "URL": "",
        "ENTITY": "Customer" if number % 2 else "Job",
        "NUMBER": number_of,
        "FOLDER": "Reports/2024" if number % 3 else "Reports",
        "DATE": f"{number % 28 + 1:02d}/02/2024",
        "AUTHOR": ANNA_NAME,
    } | values


INDEX = [
    *(indexed(n) for n in range(54)),
    indexed(54, PATH="AT10/lost.jpg"),
    indexed(55, PATH="", URL="https://files.elsewhere.example/a1b2.pdf?token=secret-4711"),
    indexed(56, NUMBER="AT10-nobody", ENTITY="Customer"),
]
FILE_SEED: Json = {
    "customers": [company("AT10", "firm", emailAddress="office@papers.example")],
    "jobs": [job("AT10", n, billingCustomer=to_customer("AT10", "firm")) for n in range(6)],
}
ATTACHMENTS = {"folder": "{folder}/attachments", "index": "{folder}/attachments.csv"}


def by_path(shared: Pair) -> dict[str, Row]:
    """Attachments by their path or address at the source."""
    found = shared.destination.ours("attachments", "files")
    return {source.partition("@")[0]: row for source, row in found.items()}


def checklist(pair: Pair) -> dict[str, str]:
    """What the checklist of uploads says, by attachment."""
    (path,) = pair.project.folder.glob("reports/handoff/*/attachments/checklist.csv")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert "uploaded by hand (date, name)" in rows[0]
    return {row["attachment"].partition("@")[0]: row["why it could not be had"] for row in rows}


def test_AT10_attachments_are_uploaded_again_and_linked(shared: Pair, record_property):
    there, found = shared.destination, by_path(shared)
    firm = there.ours("companies", "customers")[key("AT10", "customer", "firm")]["id"]
    jobs = there.ours("opportunities", "jobs")
    for n in range(54):
        row = found[f"AT10/report {n}.txt"]
        assert row["name"] == f"report {n}.txt"
        assert there.content(row) == content(n)
        if n % 2:
            assert row["targetCompanyId"] == firm
        else:
            assert row["targetOpportunityId"] == jobs[key("AT10", "job", n % 6)]["id"]
        assert row["folder"] == ("Reports/2024" if n % 3 else "Reports")
        assert row["createdAt"] == utc(f"2024-02-{n % 28 + 1:02d}T00:00")
        assert row["createdBy"]["workspaceMemberId"] == ANNA_MEMBER
    lost = [x["source_id"] for x in shared.audit if x["source_object"] == "files"]
    # Rows share the migration: the files of others begin otherwise.
    refused = shared.refused([name for name in lost if name.startswith(("AT10/", "https://files."))])
    assert len(refused) == 3
    moved(record_property, len(INDEX), len(refused))


def test_AT10_a_checklist_names_what_could_not_be_had(shared: Pair):
    listed = checklist(shared)
    address = next(name for name in listed if name.startswith("https://files.elsewhere.example/a1b2.pdf"))
    assert "there is no file" in listed["AT10/lost.jpg"]
    assert "files.elsewhere.example" in listed[address]
    assert "AT10-nobody" in listed["AT10/report 56.txt"]
    assert not [name for name in listed if "secret-4711" in name]
    (artifact,) = artifacts(shared, "attachment_to_upload")  # already before the load
    before = {row["attachment"].partition("@")[0] for row in whole_list(shared, artifact)}
    assert before == {"AT10/lost.jpg", address, "AT10/report 56.txt"}


@contextmanager
def file_host() -> Iterator[tuple[str, list[Row]]]:
    """A host of attachments on loopback: its address, and the headers that it got."""
    asked: list[Row] = []

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(dict(self.headers))
            body = content(int(self.path.rpartition("/")[2].partition(".")[0]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Host)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_AT10_addresses_of_the_index_are_fetched_without_any_key(sandboxes: Sandboxes, tmp_path: Path):
    with file_host() as (host, asked):
        rows = [indexed(n, PATH="", URL=f"{host}/{n}.txt") for n in range(4)]
        files = Slice(
            "AT10 addresses",
            FILE_SEED,
            tables={"attachments.csv": {"": rows}},
            settings={"attachments": {"index": "{folder}/attachments.csv", "hosts": ["127.0.0.1"]}},
            source="ascora",
        )
        pair = migrated(sandboxes, tmp_path, [OFFICE, files], PAIR)
    found = by_path(pair)
    for n in range(4):
        assert pair.destination.content(found[f"{host}/{n}.txt"]) == content(n)
    assert asked
    assert not [name for headers in asked for name in headers if name.lower() in ("auth", "authorization")]


# --- AT11 ---------------------------------------------------------------------------------------------

INVITED_NAME, INVITED_MAIL = "Olga Zimina", "olga.zimina@romashka.example"
HANDS = (ANNA_NAME, IVAN_NAME, ROMAN_NAME, INVITED_NAME, "Casual Hand")
OWNED_JOBS = [job("AT11", n) for n in range(55)]
OWNED_TABLE = [{"JOB NUMBER": job_number("AT11", n), "ASSIGNED TO": HANDS[n % 5]} for n in range(55)]


def invite(destination: Twenty) -> None:
    """Somebody was asked to join, and has not answered."""
    destination.invite(INVITED_MAIL)


def queue(pair: Pair, name: str) -> list[dict[str, str]]:
    """The lines of a queue."""
    with (pair.project.folder / "queues" / f"{name}.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_AT11_owners_are_members_by_their_email(shared: Pair, record_property):
    found = shared.destination.ours("opportunities", "jobs")
    members = {row["userEmail"]: row["id"] for row in shared.destination.all("workspaceMembers")}
    owner = (ANNA_MEMBER, IVAN_MEMBER, *(3 * [members[ADMIN_MAIL]]))
    for n in range(55):
        row = found[key("AT11", "job", n)]
        assert (row["ownerId"], row["assigned"]) == (owner[n % 5], HANDS[n % 5])
    assert INVITED_MAIL not in members
    assert ROMAN_MAIL not in members
    nobody = ("U3", "AT11-olga", "casual hand")
    refused = shared.refused([*nobody, "U1", "U2"], "users>workspaceMember")
    assert set(refused) == set(nobody)
    moved(record_property, len(OWNED_JOBS) + len(HANDS), len(refused))


def test_AT11_who_has_no_account_or_only_an_invitation_is_flagged(shared: Pair):
    waiting = {line["key"]: json.dumps(line, ensure_ascii=False) for line in queue(shared, "unmatched")}
    assert ROMAN_MAIL in waiting["U3"]
    assert INVITED_MAIL in waiting["AT11-olga"]
    assert "Casual Hand" in waiting["casual hand"]
    assert not {"U1", "U2"} & set(waiting)
    told = (shared.project.folder / "reports" / "invitations.csv").read_text(encoding="utf-8")
    assert ROMAN_MAIL in told
    assert INVITED_MAIL in told


# --- AT12 ---------------------------------------------------------------------------------------------

BILLED = 30
LINK_SEED: Json = {
    "customers": [
        *(company("AT12", n, emailAddress=f"office@billed-{n}.example") for n in range(BILLED)),
        private("AT12", "bad", emailAddress="no address at all"),
    ],
    "jobs": [job("AT12", n, billingCustomer=to_customer("AT12", n)) for n in range(BILLED)],
}
LINK_INVOICES = [
    {
        "INVOICE NUMBER": f"INV-12{n:02d}",
        "JOB NUMBER": job_number("AT12", n),
        "DATE": "05/05/2024",
        "STATUS": "Paid",
        "TOTAL AMOUNT EX TAX": 100,
    }
    for n in range(25)
]


def xero(entity: str, number: str, external: str) -> Row:
    """A row of a table of links."""
    own = {"TYPE": entity, "NUMBER": number, "SYSTEM": "Xero", "EXTERNAL ID": f"xero-{external}"}
    return own | {"LAST SYNC": "01/06/2024"}


LINKS = [
    *(xero("Customer", f"AT12-{n}", f"contact-{n}") for n in range(20)),
    *(xero("Invoice", f"INV-12{n:02d}", f"invoice-{n}") for n in range(15)),
    xero("Customer", "AT12-gone", "contact-gone"),
]
BILLED_LINES = [{"INVOICE NUMBER": "INV-1200", "LINE": 1, "DESCRIPTION": "Tap", "AMOUNT EX TAX": 100}]


def test_AT12_links_are_documented_for_each_customer_and_invoice(shared: Pair, record_property):
    (artifact,) = artifacts(shared, "accounting_link")
    listed = {(row["what"], row["number"]): row for row in whole_list(shared, artifact)}
    for n in range(BILLED):
        row = listed["customer", f"AT12-{n}"]
        if n < 20:
            told = (row["system"], row["state"], row["external id"], row["last synced"][:10])
            assert told == ("Xero", "linked", f"xero-contact-{n}", "2024-06-01")
        elif n < 25:
            assert row["state"].startswith("expected there")
        else:
            assert row["state"].startswith("not expected there")
    for n in range(25):
        row = listed["invoice", f"INV-12{n:02d}"]
        if n < 15:
            assert (row["state"], row["external id"]) == ("linked", f"xero-invoice-{n}")
        else:
            assert row["state"] == "its id there is not known"
    assert listed["customer", "AT12-gone"]["state"].startswith("leads nowhere")
    there = shared.destination
    companies, jobs = there.ours("companies", "customers"), there.ours("opportunities", "jobs")
    for n in range(25):
        assert key("AT12", "customer", n) in companies
        assert jobs[key("AT12", "job", n)]["invoiceNumber"] == f"INV-12{n:02d}"
    refused = shared.refused([row["customerId"] for row in LINK_SEED["customers"]])
    assert set(refused) == {key("AT12", "customer", "bad")}
    moved(record_property, len(LINK_SEED["customers"]) + len(LINK_INVOICES), len(refused))


def test_AT12_the_handoff_has_the_links_and_the_risk(sandboxes: Sandboxes, tmp_path: Path):
    pair = migrated(sandboxes, tmp_path, SLICES["AT12"], PAIR)
    pair.project.must("handoff", codes=(0, 1))
    reports = pair.project.folder / "reports"
    document = json.loads((reports / "handoff.json").read_text(encoding="utf-8"))
    kinds = {each["kind"]: each for each in document["artifacts"][0]["kinds"]}
    (artifact,) = kinds["accounting_link"]["found"]
    details = artifact["details"]
    assert (details["system"], details["two_way"]) == ("Xero", True)
    assert "works both ways" in details["risk"]
    assert details["count"] == BILLED + 1 + 25 + 1
    assert (reports / details["file"]).is_file()


SLICES = {
    "AT09": [
        OFFICE,
        Slice("AT09", NOTE_SEED, tables={"tables/notes.csv": {"": NOTES}}, source="ascora"),
    ],
    "AT10": [
        OFFICE,
        Slice(
            "AT10",
            FILE_SEED,
            files={f"attachments/AT10/report {n}.txt": content(n) for n in (*range(54), 56)},
            tables={"attachments.csv": {"": INDEX}},
            settings={"attachments": ATTACHMENTS},
            source="ascora",
        ),
    ],
    "AT11": [
        OFFICE,
        Slice(
            "AT11",
            {"jobs": OWNED_JOBS},
            invite,
            tables={
                "tables/Jobs.xlsx": {"Jobs": OWNED_TABLE},
                "tables/Users.xlsx": {
                    "Users": [{"NUMBER": "AT11-olga", "NAME": INVITED_NAME, "EMAIL": INVITED_MAIL}]
                },
            },
            source="ascora",
        ),
    ],
    "AT12": [
        OFFICE,
        Slice(
            "AT12",
            LINK_SEED,
            tables={
                "tables/Invoices.xlsx": {"Invoices": LINK_INVOICES, "Lines": BILLED_LINES},
                "tables/accounting.csv": {"": LINKS},
            },
            settings={"accounting": {"system": "xero"}},
            source="ascora",
        ),
    ],
}
