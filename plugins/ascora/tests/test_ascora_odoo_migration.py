"""A whole migration of a tenant from tables alone into the Odoo sandbox, by the command line.

`map propose` fits the curated mapping to both sides; decisions are made as a person would.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import openpyxl
import pytest
from plugins.ascora.tests.test_ascora_migration import fill
from ruamel.yaml import YAML

from crossdock.mapping import MappingFile
from crossdock.sandbox import SandboxProcess, start
from crossdock_ascora import mappings

Json = dict[str, Any]
CROSSDOCK = Path(sys.executable).with_name("crossdock")
NOTES = "notes/notes.xlsx, sheet 'Notes', row "


@dataclass
class Scene:
    """A project folder and the destination that it moves to."""

    folder: Path
    odoo: SandboxProcess

    def call(self, *arguments: str, code: int = 0) -> Any:
        """Run a command; its JSON."""
        command = [str(CROSSDOCK), "-C", str(self.folder), "--json", *arguments]
        environment = {**os.environ, "ODOO_KEY": self.odoo.token}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert done.returncode == code, (
            f"{arguments}: exit {done.returncode}\n{done.stdout[-800:]}{done.stderr[-2500:]}"
        )
        return json.loads(done.stdout)

    def ask(self, model: str, method: str, *args: Any, **named: Any) -> Any:
        """One call of a method of the destination."""
        sent: Json = {"service": "object", "method": "execute_kw"}
        sent |= {"args": ["odoo", 2, self.odoo.token, model, method, list(args), named]}
        body = {"jsonrpc": "2.0", "id": 1, "method": "call", "params": sent}
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(f"{self.odoo.url}/jsonrpc", json.dumps(body).encode(), headers)) as answer:
            found = json.loads(answer.read())
        assert "error" not in found, found["error"]["data"]["message"]
        return found["result"]

    def rows(self, model: str) -> dict[str, Json]:
        """The records of a model that came from here, archived ones too, by the key of their source."""
        domain = [["x_crossdock_key", "!=", False]]
        found = self.ask(model, "search_read", domain, context={"active_test": False})
        return {row["x_crossdock_key"].partition("main/")[2]: row for row in found}

    def decide(self, **decisions: Any) -> None:
        """Answer questions of the mapping."""
        path = self.folder / "mapping.yaml"
        mapping = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**mapping, "decisions": decisions}))


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Scene]]:
    started: list[SandboxProcess] = []

    def made(**decisions: Any) -> Scene:
        folder = tmp_path_factory.mktemp("migration")
        process = start("odoo", data=folder / "odoo.db", seed="fresh", rate="off")
        started.append(process)
        body = json.dumps({"company_currency": "AUD"}).encode()
        urlopen(Request(f"{process.url}/_seed", body, {"Content-Type": "application/json"})).read()
        fill(folder)
        (folder / "acme").mkdir()
        (folder / "acme" / "crossdock.yaml").write_text(json.dumps(project(process)))
        scene = Scene(folder / "acme", process)
        scene.call("discover")
        scene.call("map", "propose", "--automations", "pause")
        scene.decide(**decisions)
        return scene

    yield made
    for process in started:
        process.stop()


def project(process: SandboxProcess) -> Json:
    source: Json = {"platform": "ascora", "tenant": "main", "timezone": "Australia/Sydney", "currency": "AUD"}
    source |= {"tables": {"layout": "../layout.yaml", "files": ["../*.xlsx"]}}
    source |= {"forms": ["../form.docx"], "attachments": {"folder": "../files"}}
    destination = {"platform": "odoo", "url": process.url, "key": "env:ODOO_KEY", "database": "odoo"}
    return {"project": {"id": "acme"}, "sources": [source], "destination": destination}


@pytest.fixture(scope="module")
def loaded(make: Callable[..., Scene]) -> Scene:
    scene = make(deletions="trash", currency="AUD")
    scene.call("map", "confirm", "--by", "Test")
    scene.call("run")
    return scene


def test_the_curated_mapping_is_one() -> None:
    document = YAML(typ="safe").load(mappings.odoo().read_text(encoding="utf-8"))
    expected = json.loads(mappings.odoo_demo().read_text(encoding="utf-8"))

    mapping = MappingFile.model_validate(document)

    assert (mapping.source, mapping.destination) == ("ascora", "odoo")
    assert (expected["source"], expected["destination"]) == ("ascora", "odoo")


def test_customers_become_companies_and_people(loaded: Scene) -> None:
    partners = loaded.rows("res.partner")
    bay, ann = partners["customers/C1"], partners["customers/C2"]
    pat = partners["customers/C1#0"]

    assert (bay["name"], bay["is_company"], bay["website"]) == (
        "Bay Strata Pty Ltd",
        True,
        "https://bay.example",
    )
    assert (bay["ref"], bay["street"], bay["city"], bay["x_payment_terms"]) == ("C1", "1 Bay St", "Manly", 14)
    assert (ann["name"], ann["is_company"], ann["phone"]) == ("Ann Lee", False, "0491 570 156")
    assert (pat["name"], pat["parent_id"][0]) == ("Pat Keeper", bay["id"])
    [mia] = [row for key, row in partners.items() if key.startswith("contacts/")]
    assert (mia["name"], mia["email"], mia["parent_id"][0]) == ("Mia Chen", "mia@bay.example", bay["id"])


def test_sites_are_addresses_of_whoever_is_billed(loaded: Scene) -> None:
    partners = loaded.rows("res.partner")
    site = partners["sites/S1"]
    [pump] = loaded.rows("x_equipment_item").values()

    assert [key for key in partners if key.startswith("sites/")] == ["sites/S1"]
    assert (site["type"], site["street"], site["parent_id"][0]) == (
        "other",
        "3 Bay St",
        partners["customers/C1"]["id"],
    )
    assert (pump["x_serial_number"], pump["x_site_res_partner"][0]) == ("SN1", site["id"])


def test_a_job_is_an_opportunity_with_all_its_statuses(loaded: Scene) -> None:
    jobs, partners = loaded.rows("crm.lead"), loaded.rows("res.partner")
    tags = {row["id"]: row["name"] for row in loaded.ask("crm.tag", "search_read", [], ["name"])}
    pump, wash, paint = (jobs[f"jobs/J{n}"] for n in (1, 2, 3))

    assert (pump["name"], pump["stage_id"][1], pump["probability"]) == ("J1 Fix pump", "Won", 100)
    assert (pump["expected_revenue"], pump["date_deadline"]) == (1000, "2024-03-09")
    assert pump["date_closed"] == "2024-03-08 13:00:00"
    assert sorted(tags[tag] for tag in pump["tag_ids"]) == ["Booked", "Ready To Invoice"]
    assert pump["partner_id"][0] == partners["customers/C1"]["id"]
    assert pump["x_site_res_partner"][0] == partners["sites/S1"]["id"]
    assert (pump["x_roof_type"], pump["x_source_created_at"]) == ("Tile", "2024-03-04 13:00:00")
    assert (wash["active"], wash["probability"], wash["partner_id"][0]) == (
        False,
        0,
        partners["customers/C2"]["id"],
    )
    assert [tags[tag] for tag in wash["tag_ids"]] == ["Cancelled"]
    assert (paint["stage_id"][1], [tags[tag] for tag in paint["tag_ids"]]) == ("New", ["Awaiting Parts"])
    assert "'Boatshed' names no customer" in paint["x_migration_remarks"]


def test_quotes_and_invoices_stand_on_the_opportunity_with_their_lines(loaded: Scene) -> None:
    jobs, lines = loaded.rows("crm.lead"), loaded.rows("x_line_item")
    pump, roof = jobs["jobs/J1"], jobs["quotes/Q2"]

    assert (pump["x_quote_number"], pump["x_quote_amount"], pump["x_quote_status"]) == ("Q1", 900, "WON")
    assert (pump["x_invoice_number"], pump["x_invoice_amount"]) == ("I1", 1000)
    assert (roof["stage_id"][1], roof["expected_revenue"]) == ("Proposition", 4000)
    assert {
        key: (row["x_kind"], row["x_document_number"], row["x_amount"]) for key, row in lines.items()
    } == {
        "quote_lines/Q1/1": ("QUOTE", "Q1", 900),
        "invoice_lines/I1/1": ("INVOICE", "I1", 1000),
    }
    assert {row["x_opportunity"][0] for row in lines.values()} == {pump["id"]}


def test_people_become_users_who_may_no_more_than_others(loaded: Scene) -> None:
    users = loaded.rows("res.users")
    gone = users["users/gone@trades.example"]
    groups = loaded.ask("res.groups", "read", gone["groups_id"], ["full_name"])

    assert gone["login"] == "gone@trades.example"
    assert not any("Administrator" in group["full_name"] for group in groups)
    assert loaded.rows("crm.lead")["jobs/J2"]["user_id"][0] == gone["id"]


def test_notes_and_files_lie_with_their_record(loaded: Scene) -> None:
    notes, jobs = loaded.rows("mail.message"), loaded.rows("crm.lead")
    call, key = notes[f"{NOTES}2"], notes[f"{NOTES}3"]
    [plan] = loaded.rows("ir.attachment").values()

    assert (call["date"], call["x_activity_type"]) == ("2024-03-07 22:15:00", "Phone call")
    assert (call["model"], call["res_id"]) == ("crm.lead", jobs["jobs/J1"]["id"])
    assert call["author_id"][1] == "Administrator"  # who is there with that address
    assert (key["model"], key["res_id"]) == ("res.partner", loaded.rows("res.partner")["sites/S1"]["id"])
    assert (plan["name"], plan["res_id"]) == ("plan.txt", jobs["jobs/J1"]["id"])


def test_what_came_equals_what_was_there(loaded: Scene) -> None:
    found = loaded.call("reconcile")

    assert {finding["kind"] for finding in found["findings"]} <= {"normalised"}


def test_a_delta_takes_a_job_to_the_stage_of_its_new_status(loaded: Scene) -> None:
    path = loaded.folder.parent / "jobs.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Jobs"]
    status = next(cell.column for cell in sheet[1] if cell.value == "JOB STATUS")
    sheet.cell(4, status).value = "Completed; Awaiting Parts; Snagging"
    book.save(path)

    loaded.call("map", "confirm", "--by", "Test")
    loaded.call("run", "--delta")
    paint = loaded.rows("crm.lead")["jobs/J3"]
    tags = loaded.ask("crm.tag", "read", paint["tag_ids"], ["name"])

    assert (paint["stage_id"][1], paint["probability"]) == ("Won", 100)
    assert sorted(tag["name"] for tag in tags) == ["Awaiting Parts", "Completed", "Snagging"]


def test_a_rollback_leaves_nothing_behind(loaded: Scene) -> None:
    for _ in ("the delta", "the run"):
        loaded.call("rollback")

    own = loaded.ask("ir.model", "search_read", [["model", "=like", "x\\_%"]], ["model"])
    assert own == []
    assert loaded.ask("crm.tag", "search_count", []) == 0
    assert loaded.ask("crm.lead", "search_count", [], context={"active_test": False}) == 0


def test_jobs_are_tasks_and_sites_a_model_by_decision(make: Callable[..., Scene]) -> None:
    scene = make(jobs_as="task", sites_as="custom_model", currency="AUD")
    scene.call("map", "confirm", "--by", "Test")
    scene.call("run")
    tasks, sites, lines = scene.rows("project.task"), scene.rows("x_site"), scene.rows("x_line_item")
    pump, wash = tasks["jobs/J1"], tasks["jobs/J2"]

    assert {task["project_id"][1] for task in tasks.values()} == {"Jobs of Ascora"}
    assert (pump["stage_id"][1], pump["state"], len(pump["tag_ids"])) == ("Ready To Invoice", "1_done", 2)
    assert (wash["stage_id"][1], wash["state"], wash["x_amount"]) == ("Cancelled", "1_canceled", 50.5)
    assert set(sites) == {"sites/C1", "sites/C2", "sites/S1"}
    assert pump["x_site_x_site"][0] == sites["sites/S1"]["id"]
    assert {line["x_task"][0] for line in lines.values()} == {pump["id"]}
    assert scene.rows("mail.message")[f"{NOTES}3"]["model"] == "x_site"
    assert {finding["kind"] for finding in scene.call("reconcile")["findings"]} <= {"normalised"}
    scene.call("rollback")
    assert scene.ask("project.task", "search_count", []) == 0


def test_without_sites_the_notes_of_a_site_lie_with_its_customer(make: Callable[..., Scene]) -> None:
    scene = make(sites_as="company_address", currency="AUD", missing_users="queue", loose_quotes="none")
    scene.call("map", "confirm", "--by", "Test")
    scene.call("run", code=1)
    bay = scene.rows("res.partner")["customers/C1"]

    assert "3 Bay St" in bay["x_sites"]
    assert scene.rows("mail.message")[f"{NOTES}3"]["res_id"] == bay["id"]
    assert not [key for key in scene.rows("crm.lead") if key.startswith("quotes/")]
    assert "gone@trades.example" in (scene.folder / "queues" / "unmatched.csv").read_text()
    assert {finding["kind"] for finding in scene.call("reconcile")["findings"]} <= {"normalised"}
