"""A whole migration of a tenant from tables alone into the Twenty sandbox, by the command line.

The curated mapping is put in place as a person would; expected values are written by hand.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import openpyxl
import pytest
from docx import Document
from plugins.ascora.tests.sheets import sheet
from ruamel.yaml import YAML

from crossdock.sandbox import SandboxProcess, start
from crossdock_ascora.layouts import tables_alone
from crossdock_ascora.mappings import twenty

Json = dict[str, Any]
CROSSDOCK = Path(sys.executable).with_name("crossdock")

TABLES: dict[str, dict[str, list[tuple[Any, ...]]]] = {
    "customers.xlsx": {
        "customers": sheet(
            {
                "CUSTOMER NUMBER": "C1",
                "CUSTOMER NAME": "Bay Strata Pty Ltd",
                "COMPANY NAME": "Bay Strata",
                "CONTACT FIRST NAME": "Pat",
                "CONTACT LAST NAME": "Keeper",
                "EMAIL": "office@bay.example",
                "PHONE": "02 5550 1000",
                "ADDRESS LINE 1": "1 Bay St",
                "SUBURB": "Manly",
                "STATE": "NSW",
                "Payment Terms": 14,
            },
            {
                "CUSTOMER NUMBER": "C2",
                "CUSTOMER NAME": "Ann Lee",
                "CONTACT FIRST NAME": "Ann",
                "CONTACT LAST NAME": "Lee",
                "EMAIL": "ann@gmail.com",
                "PHONE": "0491 570 156",
                "ADDRESS LINE 1": "2 Bay St",
                "SUBURB": "Manly",
                "STATE": "NSW",
            },
            {
                "CUSTOMER NUMBER": "S1",
                "CUSTOMER NAME": "Bay House",
                "BILLING CUSTOMER": "C1",
                "ADDRESS LINE 1": "3 Bay St",
                "SUBURB": "Manly",
                "STATE": "NSW",
            },
        ),
        "Contacts": sheet(
            {"CUSTOMER NAME": "C1", "FIRST NAME": "Mia", "LAST NAME": "Chen", "EMAIL": "mia@bay.example"}
        ),
        "Equipment": sheet({"CUSTOMER NAME": "Bay House", "NAME": "Pump", "SERIAL NUMBER": "SN1"}),
    },
    "jobs.xlsx": {
        "Jobs": sheet(
            {
                "JOB NUMBER": "J1",
                "JOB NAME": "Fix pump",
                "JOB STATUS": "Booked; Ready To Invoice",
                "DATE CREATED": "05/03/2024",
                "QUOTE NUMBER": "Q1",
                "SITE CUSTOMER": "S1",
                "BILLING CUSTOMER": "C1",
                "TOTAL AMOUNT EX TAX": "1,000.00",
                "TOTAL TAX": 100,
                "ASSIGNED TO": "Ada Admin",
                "EXPECTED DATE": "09/03/2024",
                "INVOICE NUMBER": "I1",
                "Roof Type": "Tile",
            },
            {
                "JOB NUMBER": "J2",
                "JOB NAME": "Wash",
                "JOB STATUS": "Cancelled",
                "DATE CREATED": "06/03/2024",
                "SITE CUSTOMER": "C2",
                "TOTAL AMOUNT EX TAX": 50.5,
                "TOTAL TAX": 5.05,
                "ASSIGNED TO": "Gone Guy",
                "Roof Type": "Metal",
            },
            {
                "JOB NUMBER": "J3",
                "JOB NAME": "Paint",
                "JOB STATUS": "Awaiting Parts",
                "DATE CREATED": "06/03/2024",
                "SITE CUSTOMER": "Boatshed",
                "BILLING CUSTOMER": "C2",
                "TOTAL AMOUNT EX TAX": 0,
                "TOTAL TAX": 0,
            },
        )
    },
    "quotes.xlsx": {
        "Quotes": sheet(
            {
                "QUOTE NUMBER": "Q1",
                "QUOTE NAME": "Pump",
                "QUOTE STATUS": "WON",
                "QUOTE DATE": "01/03/2024",
                "SITE CUSTOMER": "S1",
                "TOTAL AMOUNT EX TAX": 900,
            },
            {
                "QUOTE NUMBER": "Q2",
                "QUOTE NAME": "Roof",
                "QUOTE STATUS": "SENT-TO-CUSTOMER",
                "QUOTE DATE": "02/03/2024",
                "SITE CUSTOMER": "C2",
                "TOTAL AMOUNT EX TAX": 4000,
            },
        ),
        "Lines": sheet(
            {"QUOTE NUMBER": "Q1", "LINE": 1, "DESCRIPTION": "Pump", "QUANTITY": 2, "UNIT PRICE": 450}
        ),
    },
    "invoices.xlsx": {
        "Invoices": sheet(
            {
                "INVOICE NUMBER": "I1",
                "JOB NUMBER": "J1",
                "DATE": "10/03/2024",
                "STATUS": "Paid",
                "TOTAL AMOUNT EX TAX": 1000,
            }
        ),
        "Lines": sheet(
            {"INVOICE NUMBER": "I1", "LINE": 1, "DESCRIPTION": "Labour", "QUANTITY": 2, "UNIT PRICE": 500}
        ),
    },
    "users.xlsx": {
        "Users": sheet(
            {"EMAIL": "admin@example.com", "NAME": "Ada Admin"},
            {"EMAIL": "gone@trades.example", "NAME": "Gone Guy"},
        )
    },
    "notes.xlsx": {
        "Notes": sheet(
            {
                "ENTITY": "Job",
                "NUMBER": "J1",
                "DATE": "08/03/2024 09:15",
                "AUTHOR": "Ada Admin",
                "TYPE": "Phone call",
                "NOTE": "They will ring back",
            },
            {
                "ENTITY": "Customer",
                "NUMBER": "S1",
                "DATE": "08/03/2024 10:00",
                "AUTHOR": "Gone Guy",
                "TYPE": "Note",
                "NOTE": "Key in lock box",
            },
        )
    },
}


@dataclass
class Scene:
    """A project folder and the destination that it moves to."""

    folder: Path
    twenty: SandboxProcess
    keys: dict[str, str] = field(default_factory=dict)

    def call(self, *arguments: str, code: int = 0) -> Any:
        """Run a command; its JSON."""
        command = [str(CROSSDOCK), "-C", str(self.folder), "--json", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **self.keys})
        assert done.returncode == code, (
            f"{arguments}: exit {done.returncode}\n{done.stdout[-800:]}{done.stderr[-2500:]}"
        )
        return json.loads(done.stdout)

    def rows(self, plural: str) -> dict[str, Json]:
        """The records of the destination that came from here, by the key of their source."""
        found = self.get(f"/rest/{plural}?limit=200&depth=0")["data"][plural]
        own = [row for row in found if row.get("crossdockKey")]
        return {row["crossdockKey"].partition("main/")[2]: row for row in own}

    def get(self, path: str) -> Any:
        """One request to the destination."""
        request = Request(self.twenty.url + path, headers={"Authorization": f"Bearer {self.twenty.token}"})
        with urlopen(request) as answer:
            return json.loads(answer.read())


def decided(**decisions: Any) -> str:
    """The curated mapping as a person leaves it: without what the tenant has not got, decisions made."""
    document = YAML(typ="safe").load(twenty().read_text(encoding="utf-8"))
    document["objects"] = [route for route in document["objects"] if route["from"] != "job_lines"]
    document |= {"decisions": decisions, "automations": {"workflow": "pause"}}
    return json.dumps(document)


def fill(folder: Path) -> None:
    for name, sheets in TABLES.items():
        book = openpyxl.Workbook(write_only=True)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
        book.save(folder / name)
    form = Document()
    form.add_paragraph("Checked by {Safety Officer} on {JobNumber}")
    form.save(str(folder / "form.docx"))
    (folder / "files" / "Job" / "J1").mkdir(parents=True)
    (folder / "files" / "Job" / "J1" / "plan.txt").write_text("the plan")
    (folder / "layout.yaml").write_text(tables_alone().read_text(encoding="utf-8"), encoding="utf-8")


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Scene]]:
    started: list[SandboxProcess] = []

    def made(**decisions: Any) -> Scene:
        folder = tmp_path_factory.mktemp("migration")
        process = start("twenty", data=folder / "twenty.db", seed="fresh", rate="off")
        started.append(process)
        fill(folder)
        (folder / "acme").mkdir()
        project = {
            "project": {"id": "acme"},
            "sources": [
                {
                    "platform": "ascora",
                    "tenant": "main",
                    "timezone": "Australia/Sydney",
                    "currency": "AUD",
                    "tables": {"layout": "../layout.yaml", "files": ["../*.xlsx"]},
                    "forms": ["../form.docx"],
                    "attachments": {"folder": "../files"},
                }
            ],
            "destination": {
                "platform": "twenty",
                "url": process.url,
                "key": "env:TWENTY_KEY",
                "phone_region": "AU",
                "calls_per_minute": 1e6,
            },
        }
        (folder / "acme" / "crossdock.yaml").write_text(json.dumps(project))
        (folder / "acme" / "mapping.yaml").write_text(decided(fallback_user="admin@example.com", **decisions))
        return Scene(folder / "acme", process, {"TWENTY_KEY": process.token})

    yield made
    for process in started:
        process.stop()


@pytest.fixture(scope="module")
def loaded(make: Callable[..., Scene]) -> Scene:
    scene = make(deletions="trash")
    scene.call("map", "confirm", "--by", "Test")
    scene.call("run", code=1)
    return scene


def amount(value: Json) -> tuple[int, str]:
    return int(value["amountMicros"]) // 1_000_000, value["currencyCode"]


def test_customers_become_companies_and_people(loaded: Scene) -> None:
    companies, people = loaded.rows("companies"), loaded.rows("people")

    assert set(companies) == {"customers/C1"}
    bay = companies["customers/C1"]
    assert (bay["name"], bay["domainName"]["primaryLinkUrl"]) == ("Bay Strata Pty Ltd", "https://bay.example")
    assert bay["address"]["addressCity"] == "Manly"
    assert (bay["customerNumber"], bay["paymentTerms"]) == ("C1", 14)
    assert {key: row["name"]["firstName"] for key, row in people.items()} == {
        "customers/C1": "Pat",
        "customers/C2": "Ann",
        "contacts/customers.xlsx, sheet 'Contacts', row 2": "Mia",
    }
    ann = people["customers/C2"]
    assert ann["emails"]["primaryEmail"] == "ann@gmail.com"
    assert ann["phones"]["primaryPhoneCallingCode"] == "+61"
    assert ann["streetAddress"]["addressStreet1"] == "2 Bay St"
    assert people["customers/C1"]["companyId"] == bay["id"]


def test_sites_hang_on_whoever_is_billed(loaded: Scene) -> None:
    companies, people, sites = loaded.rows("companies"), loaded.rows("people"), loaded.rows("sites")

    assert set(sites) == {"sites/C1", "sites/C2", "sites/S1"}
    assert sites["sites/S1"]["companyId"] == companies["customers/C1"]["id"]
    assert sites["sites/S1"]["siteAddress"]["addressStreet1"] == "3 Bay St"
    assert sites["sites/C2"]["personId"] == people["customers/C2"]["id"]
    [pump] = loaded.rows("equipmentItems").values()
    assert (pump["serialNumber"], pump["siteId"]) == ("SN1", sites["sites/S1"]["id"])


def test_a_job_is_an_opportunity_with_all_its_statuses(loaded: Scene) -> None:
    jobs, sites = loaded.rows("opportunities"), loaded.rows("sites")
    pump, wash, paint = (jobs[f"jobs/J{n}"] for n in (1, 2, 3))

    assert (pump["name"], pump["stage"], amount(pump["amount"])) == ("J1 Fix pump", "CUSTOMER", (1000, "AUD"))
    assert pump["jobStatus"] == ["BOOKED", "READY_TO_INVOICE"]
    assert (pump["siteId"], pump["companyId"]) == (
        sites["sites/S1"]["id"],
        loaded.rows("companies")["customers/C1"]["id"],
    )
    assert pump["closeDate"] == "2024-03-08T13:00:00.000Z"
    assert pump["createdAt"] == "2024-03-04T13:00:00.000Z"
    assert pump["roofType"] == "Tile"
    assert (wash["stage"], wash["jobStatus"]) == ("LOST", ["CANCELLED"])
    assert wash["pointOfContactId"] == loaded.rows("people")["customers/C2"]["id"]
    assert (paint["stage"], paint["jobStatus"], paint["siteId"]) == ("NEW", ["AWAITING_PARTS"], None)
    assert "'Boatshed' names no customer" in paint["migrationRemarks"]
    assert "Awaiting Parts is no status of Ascora's own" in paint["migrationRemarks"]


def test_labels_of_statuses_are_kept_and_form_fields_were_there_before(loaded: Scene) -> None:
    objects = {o["nameSingular"]: o for o in loaded.get("/rest/metadata/objects?limit=100")["data"]}
    fields = {f["name"]: f for f in objects["opportunity"]["fields"]}

    assert fields["jobStatus"]["type"] == "MULTI_SELECT"
    assert {"Ready To Invoice", "Awaiting Parts"} <= {o["label"] for o in fields["jobStatus"]["options"]}
    assert (fields["safetyOfficer"]["type"], fields["safetyOfficer"]["label"]) == ("TEXT", "Safety Officer")


def test_quotes_and_invoices_stand_on_the_opportunity_with_their_lines(loaded: Scene) -> None:
    jobs = loaded.rows("opportunities")
    pump, roof = jobs["jobs/J1"], jobs["quotes/Q2"]
    lines = loaded.rows("lineItems")

    assert (pump["quoteNumber"], amount(pump["quoteAmount"]), pump["quoteStatus"]) == (
        "Q1",
        (900, "AUD"),
        "WON",
    )
    assert (pump["invoiceNumber"], amount(pump["invoiceAmount"]), pump["invoiceStatus"]) == (
        "I1",
        (1000, "AUD"),
        "Paid",
    )
    assert (roof["stage"], amount(roof["amount"]), roof["quoteNumber"]) == ("PROPOSAL", (4000, "AUD"), "Q2")
    assert {
        key: (row["kind"], row["documentNumber"], amount(row["amount"])) for key, row in lines.items()
    } == {
        "quote_lines/Q1/1": ("QUOTE", "Q1", (900, "AUD")),
        "invoice_lines/I1/1": ("INVOICE", "I1", (1000, "AUD")),
    }
    assert {row["opportunityId"] for row in lines.values()} == {pump["id"]}


def test_owners_are_members_or_the_one_who_stands_in(loaded: Scene) -> None:
    members = {
        m["userEmail"]: m["id"]
        for m in loaded.get("/rest/workspaceMembers?limit=60")["data"]["workspaceMembers"]
    }
    jobs = loaded.rows("opportunities")
    waiting = (loaded.folder / "queues" / "unmatched.csv").read_text()

    assert jobs["jobs/J1"]["ownerId"] == jobs["jobs/J2"]["ownerId"] == members["admin@example.com"]
    assert jobs["jobs/J2"]["assigned"] == "Gone Guy"
    assert "gone@trades.example" in waiting


def test_notes_and_files_move_with_their_record(loaded: Scene) -> None:
    notes, targets = loaded.rows("notes"), loaded.rows("noteTargets")
    call = notes["notes/notes.xlsx, sheet 'Notes', row 2"]
    jobs, sites = loaded.rows("opportunities"), loaded.rows("sites")
    [plan] = loaded.rows("attachments").values()

    assert (call["activityType"], call["createdAt"]) == ("Phone call", "2024-03-07T22:15:00.000Z")
    assert call["createdBy"]["name"] == "Ada Admin"
    assert {(row["targetOpportunityId"], row["targetSiteId"]) for row in targets.values()} == {
        (jobs["jobs/J1"]["id"], None),
        (None, sites["sites/S1"]["id"]),
    }
    assert (plan["name"], plan["targetOpportunityId"]) == ("plan.txt", jobs["jobs/J1"]["id"])


def test_what_came_equals_what_was_there(loaded: Scene) -> None:
    found = loaded.call("reconcile")

    assert {finding["kind"] for finding in found["findings"]} <= {"normalised"}


def test_a_delta_sees_what_changed_and_what_is_gone(loaded: Scene) -> None:
    scene = loaded
    path = scene.folder.parent / "jobs.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Jobs"]
    sheet["B2"] = "Fix both pumps"
    sheet.delete_rows(3)
    sheet.append(["J4", "New roof", "New", "09/03/2024", "", "C2"])
    book.save(path)

    scene.call("map", "confirm", "--by", "Test")
    scene.call("run", "--delta", code=1)
    jobs = scene.rows("opportunities")

    assert {key: row["name"] for key, row in jobs.items() if key.startswith("jobs/")} == {
        "jobs/J1": "J1 Fix both pumps",
        "jobs/J3": "J3 Paint",
        "jobs/J4": "J4 New roof",
    }


def test_without_sites_the_mapping_fits_as_well(make: Callable[..., Scene]) -> None:
    answer = make(sites_as="company_address").call("map", "check")

    assert [problem for problem in answer["problems"] if problem["fatal"]] == []
    assert answer["unmapped"] == {name: ["site"] for name in ("contacts", "equipment", "jobs", "quotes")}


def test_a_rollback_leaves_nothing_behind(loaded: Scene) -> None:
    for _ in ("the delta", "the run"):
        loaded.call("rollback")

    objects = {o["nameSingular"] for o in loaded.get("/rest/metadata/objects?limit=100")["data"]}
    assert not {"site", "lineItem", "equipmentItem"} & objects
    for plural in ("companies", "people", "opportunities", "notes"):
        found = loaded.get(f"/rest/{plural}?limit=200&depth=0")["data"][plural]
        assert not any("crossdockKey" in row and row["crossdockKey"] for row in found)
