"""A whole migration into the Odoo sandbox by the command line, with the curated mapping: with the apps for
products and purchases, and without them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from plugins.cetec.tests.conftest import exports
from ruamel.yaml import YAML

from crossdock.mapping import MappingFile
from crossdock.sandbox import SandboxProcess, start
from crossdock_cetec import mappings

DECISIONS = [
    {"internal_customer": "keep", "leads_as": "contact", "notes_as": "activity", "missing_users": "auto"},
    {
        "internal_customer": "leave_out",
        "parts_as": "custom_model",
        "notes_as": "message",
        "shop_floor": "keep",
    },
    {"purchases_as": "custom_model", "invoices": "custom_model", "missing_users": "queue", "currency": "EUR"},
    {"history": "last_12_months", "history_since": "2024-04-01", "missing_users": "fallback"}
    | {"fallback_user": "admin", "parts_as": "custom_model", "deletions": "trash"},
]
APPS = {"sale_management": "installed", "purchase": "installed"}
ORDER = {
    "id": 5,
    "ordernum": "00042.10",
    "customer_name": "Alder, Inc.",
    "ordered_on": "2024-05-01",
    "total_resale": "333.33330",
    "closed": 1,
    "inside_sales": "anna",
    "internal_comments": "See <b>this</b>",
    "lines": [
        {"id": 51, "lineitem": 1, "prcpart": "PRTUNIT", "qty": 10, "build_qty": 6, "stock_qty": 4}
        | {"resale": "33.33333", "transcode": "SA", "due_date": "2024-06-01"}
    ],
}
STOCK = {"id": 6, "ordernum": "12346.1", "customer_name": "Own Co", "ordered_on": "2024-05-02", "lines": []}
SEED = {
    "customers": [
        {"id": 1, "name": "Own Co", "custnum": "OWN", "intercompany": 1},
        {"id": 2, "name": "Alder, Inc.", "custnum": "C2", "domain": "alder.example", "intercompany": 0},
        {"id": 3, "name": "Birch, Inc.", "custnum": "C3", "domain": "no address at all", "intercompany": 0},
    ],
    "contacts": [
        {"id": 9, "customer_id": 2, "first_name": "Ann", "last_name": "Lee", "email": "ann@alder.example"}
    ],
    "orders": [ORDER, STOCK],
    "files": {
        "users.csv": "Username,Name,Email,Permission Set\n"
        "anna,Anna Petrova,anna.petrova@romashka.example,Sales\n"
        "bo,Bo Dahl,bo@own.example,Purchasing\nfloor,Flo Or,flo@own.example,Shop Floor\n",
        "leads.csv": "ID,Name,Email,Status,Custnum\nL1,Cy Om,,New,C2\nL2,Di Ek,di@ek.example,Closed,\n",
        "vendors.csv": "Vendnum,Vendor,Website\nV1,Cedar Supply,cedar.example\n",
        "parts.csv": "Prcpart,Description,UOM,Default Cost,Quality Code\n"
        "PRTUNIT,Unit,EA,,Q1\nCMPCHIP,Chip,EA,0.12345,\nPRTX,X,EA,,Q9\n",
        "vendor_prices.csv": "Prcpart,Vendor,Price\nCMPCHIP,Cedar Supply,$0.12345\n",
        "boms.csv": "Parent,Component,Qty\nPRTUNIT,CMPCHIP,2.5\n",
        "routing.csv": "Prcpart,Location,Operation,Work Instructions\nPRTUNIT,TEST,Power on,Watch it\n",
        "quotes.csv": "Quote,Custnum,Status,Resolution,Total,Quoted On,Valid Until,Approval Threshold\n"
        "7001,C2,Open,,9000.00,2024-04-01,2024-06-30,5000\n"
        "7002,C2,Closed,No response,70.00,2024-04-02,2024-04-20,\n",
        "quote_lines.csv": "Quote,Line,Prcpart,Qty,Resale\n7001,1,PRTUNIT,3,3000\n",
        "po_list.csv": "PO,Vendnum,Buyer,Ordered On,Total,Order Type,Quality Code\n"
        "P1,V1,bo,2024-03-01,12.35,D,P1\n",
        "po_lines.csv": "PO,Line,Prcpart,Description,Qty,Cost\n"
        "P1,1,CMPCHIP,Chip,100,0.12345\nP1,2,,Freight,1,5\n",
        "receipts.csv": "PO,Line,Receipt Date,Qty\nP1,1,2024-03-09,60\n",
        "production_list.csv": "Order,Line,Prcpart,Qty,Est. Labor Min\n00042.10,1,PRTUNIT,6,12.5\n",
        "notes.csv": "ID,Subject,Note,Author,Assigned To,Created At,Object,Record,Done\n"
        "1,Call,Ring <b>Ann</b>,anna,anna,2024-05-01 09:30:00,Customer,C2,Yes\n"
        "2,Build,Check,anna,,2024-05-02 09:30:00,Work Order,MN00042.10-1,No\n"
        "3,Lost,What,anna,,2024-05-03 09:30:00,RMA,88,No\n",
        "documents.csv": "File,Title,Revision,Revised On,Author,Object,Record\n"
        "unit.pdf,Print,B,2024-02-01,anna,Part,PRTUNIT\npicnic.txt,Picnic,A,,anna,Calendar,May\n",
        "quality_codes.csv": "Code,Description,Applies To\nQ1,Lot,Part\nP1,Source,PO\nR1,Return,RMA\n",
        "documents/unit.pdf": "%PDF unit",
        "documents/picnic.txt": "sun",
    },
}


@dataclass
class Moved:
    """What ran: the project, both platforms, and what became of each phase."""

    folder: Path
    source: SandboxProcess
    destination: SandboxProcess
    outcomes: dict[str, Any]

    def call(self, *words: str, codes: tuple[int, ...] = (0,)) -> Any:
        command = [str(Path(sys.executable).with_name("crossdock")), "-C", str(self.folder), "--json", *words]
        keys = {"CETEC_TOKEN": self.source.token, "ODOO_KEY": self.destination.token}
        done = subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, **keys}, check=False
        )
        assert done.returncode in codes, f"{words}: {done.returncode} {done.stderr[-2000:]}"
        return json.loads(done.stdout)

    def rows(self, model: str) -> dict[str, Any]:
        """Everything of a model that came from the source, by the key there."""
        domain = [["x_crossdock_key", "!=", False]]
        found = odoo(self.destination, model, "search_read", domain, context={"active_test": False})
        return {row["x_crossdock_key"].partition("/")[2]: row for row in found}


def ask(sandbox: SandboxProcess, path: str, body: Any) -> Any:
    address = urlsplit(sandbox.url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=60)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    content = connection.getresponse().read()
    connection.close()
    return json.loads(content)


def odoo(sandbox: SandboxProcess, model: str, method: str, *args: Any, **named: Any) -> Any:
    sent: dict[str, Any] = {"service": "object", "method": "execute_kw"}
    sent |= {"args": ["odoo", 2, sandbox.token, model, method, list(args), named]}
    answer = ask(sandbox, "/jsonrpc", {"jsonrpc": "2.0", "id": 1, "method": "call", "params": sent})
    assert "error" not in answer, answer["error"]["data"]["message"]
    return answer["result"]


def settings(source: SandboxProcess) -> dict[str, Any]:
    return {
        "url": source.url,
        "token": "env:CETEC_TOKEN",
        "calls_per_minute": 100_000,
        "timezone": "America/Chicago",
        "customer_columns": ["domain", "intercompany"],
        "tables": {"files": [str(exports(source) / "*.csv")]},
        "documents": str(exports(source) / "documents"),
    }


def prepared(folder: Path, apps: dict[str, str]) -> Moved:
    """Both sandboxes and a project whose mapping is the curated one, fitted to them."""
    source = start("cetec", data=folder / "cetec.db", seed="empty", rate="off")
    destination = start("odoo", data=folder / "odoo.db", seed="fresh", rate="off")
    ask(source, "/_seed", SEED)
    ask(destination, "/_seed", {"modules": apps})
    moved = Moved(folder, source, destination, {})
    moved.call("init", "acme", "--source", "cetec", "--destination", "odoo")
    moved.folder = folder / "acme"
    yaml = YAML()
    document = yaml.load(moved.folder / "crossdock.yaml")
    document["sources"][0].update(settings(source))
    document["destination"].update({"url": destination.url, "key": "env:ODOO_KEY", "database": "odoo"})
    yaml.dump(document, moved.folder / "crossdock.yaml")
    moved.call("discover")
    moved.call("map", "propose", "--automations", "pause")
    return moved


@pytest.fixture(params=["apps", "bare"], scope="module")
def moved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    folder = tmp_path_factory.mktemp(request.param)
    found = prepared(folder, APPS if request.param == "apps" else {})
    yield found
    found.source.stop()
    found.destination.stop()


def test_the_curated_mapping_is_one() -> None:
    document = YAML(typ="safe").load(mappings.odoo().read_text(encoding="utf-8"))
    expected = json.loads(mappings.odoo_demo().read_text(encoding="utf-8"))

    mapping = MappingFile.model_validate(document)

    assert (mapping.source, mapping.destination) == ("cetec", "odoo")
    assert (expected["source"], expected["destination"]) == ("cetec", "odoo")


@pytest.mark.parametrize("decisions", DECISIONS)
def test_the_curated_mapping_fits_whatever_is_decided(moved: Moved, decisions: dict[str, Any]) -> None:
    path = moved.folder / "mapping.yaml"
    before = path.read_text(encoding="utf-8")
    mapping = YAML(typ="safe").load(before)
    needs = mapping["questions"]["purchases_as"]["alternatives"]
    wanted = {n: a for n, a in decisions.items() if n != "purchases_as" or a in needs}
    path.write_text(json.dumps({**mapping, "decisions": wanted}), encoding="utf-8")

    checked = moved.call("map", "check")

    path.write_text(before, encoding="utf-8")
    assert checked


def test_a_company_moves_is_read_back_and_taken_back(moved: Moved) -> None:
    models = ("res.partner", "res.users", "crm.lead", "crm.stage", "project.task", "ir.attachment")
    before = {model: odoo(moved.destination, model, "search_count", []) for model in models}
    moved.call("map", "confirm", "--by", "Test")
    report = moved.call("run", codes=(1,))
    moved.outcomes = {phase["name"]: phase["source"] for phase in report["phases"]}
    assert moved.call("reconcile", codes=(0, 1))["clean"] is True
    apps = "part>product.template" in moved.outcomes

    the_people(moved)
    the_sales(moved, "x_product" if apps else "x_part")
    the_parts(moved, "product.template" if apps else "x_part")
    (the_purchases if apps else the_purchases_without_the_app)(moved)
    the_rest(moved, "product.template" if apps else "x_part")

    moved.call("rollback")
    assert {model: odoo(moved.destination, model, "search_count", []) for model in models} == before
    if apps:
        assert odoo(moved.destination, "purchase.order", "search_count", []) == 0
        assert odoo(moved.destination, "product.product", "search_count", []) == 0


def the_people(moved: Moved) -> None:
    assert moved.outcomes["user>res.users"] == {"loaded": 2, "skipped": 1}
    users = moved.rows("res.users")
    groups = odoo(moved.destination, "res.groups", "read", users["user/bo"]["groups_id"], ["full_name"])
    assert "User types / Internal User" in [group["full_name"] for group in groups]
    assert not any("Administrator" in group["full_name"] for group in groups)
    assert moved.outcomes["customer>res.partner internal"] == {"held": 1, "skipped": 2}
    assert moved.outcomes["customer>res.partner"] == {"loaded": 1, "rejected": 1, "skipped": 1}
    partners = moved.rows("res.partner")
    company, person = partners["customer/2"], partners["contact/9"]
    assert (company["website"], company["ref"]) == ("https://alder.example", "C2")
    assert (person["name"], person["parent_id"][0]) == ("Ann Lee", company["id"])
    assert partners["vendor/V1"]["x_vendor_number"] == "V1"
    leads = moved.rows("crm.lead")
    assert (leads["lead/L1"]["type"], leads["lead/L1"]["active"]) == ("lead", True)
    assert leads["lead/L1"]["x_review"] == "no e-mail address: review"
    assert leads["lead/L1"]["x_company"][0] == company["id"]
    assert (leads["lead/L2"]["active"], leads["lead/L2"]["x_lead_status"]) == (False, "closed")
    assert "customer,1," in (moved.folder / "queues" / "unmatched.csv").read_text()


def the_sales(moved: Moved, part: str) -> None:
    deals = moved.rows("crm.lead")
    assert moved.outcomes["order>crm.lead"] == {"held": 1, "loaded": 1}
    done, asked, lost = deals["order/5"], deals["quote/7001"], deals["quote/7002"]
    assert (done["stage_id"][1], done["probability"]) == ("Won", 100)
    assert done["date_closed"] == "2024-05-01 00:00:00"
    assert (done["x_cetec_number"], done["x_exact_amount"]) == ("00042.10", 333.3333)
    assert done["expected_revenue"] == 333.33
    assert (asked["stage_id"][1], asked["active"], asked["date_deadline"]) == (
        "Proposition",
        True,
        "2024-06-30",
    )
    assert asked["x_approval_threshold"] == 5000
    assert (lost["active"], lost["probability"], lost["x_resolution"]) == (False, 0, "No response")
    assert lost["date_closed"] == "2024-04-20 00:00:00"
    lines = moved.rows("x_line_item")
    build, stock = lines["orderline/51/build"], lines["orderline/51/stock"]
    assert (build["x_quantity"], stock["x_quantity"]) == (6, 4)
    assert build["x_amount"] + stock["x_amount"] == pytest.approx(333.3333)
    assert (build["x_unit_price"], build["x_price_currency"]) == (33.33333, "USD")
    assert build["x_dual_fulfilment"] == stock["x_dual_fulfilment"]
    assert build["x_opportunity"][0] == done["id"]
    assert build[part]
    assert not {"x_product", "x_part"} - {part} & build.keys()


def the_parts(moved: Moved, model: str) -> None:
    parts = moved.rows(model)
    assert moved.outcomes[f"part>{model}"] == {"loaded": 2, "rejected": 1}
    unit, chip = parts["part/PRTUNIT"], parts["part/CMPCHIP"]
    assert unit["x_quality_code"] == "Q1"
    if model == "product.template":
        assert (unit["name"], unit["default_code"]) == ("Unit", "PRTUNIT")
    assert json.loads(unit["x_bom"]) == {
        "part": "PRTUNIT",
        "levels": 1,
        "components": [{"part": "CMPCHIP", "quantity": "2.5"}],
        "operations": [{"location": "TEST", "operation": "Power on", "instructions": "Watch it"}],
    }
    assert json.loads(chip["x_where_used"]) == [{"part": "PRTUNIT", "quantity": "2.5"}]
    assert json.loads(chip["x_vendor_prices"]) == [
        {"vendor": "Cedar Supply", "price": "0.12345", "currency": "USD"}
    ]
    assert chip["x_default_cost"] == 0.12345


def the_purchases(moved: Moved) -> None:
    order = moved.rows("purchase.order")["purchaseorder/P1"]
    assert (order["name"], order["state"], order["x_exact_total"]) == ("P1", "draft", 12.35)
    assert order["partner_id"][0] == moved.rows("res.partner")["vendor/V1"]["id"]
    assert order["user_id"][0] == moved.rows("res.users")["user/bo"]["id"]
    assert (order["x_drop_ship"], order["x_quality_code"]) == ("drop-ship (order type D)", "P1")
    assert json.loads(order["x_receipts"]) == [{"line": 1, "quantity": "60", "received_on": "2024-03-09"}]
    lines = moved.rows("purchase.order.line")
    chip, freight = lines["poline/P1/1"], lines["poline/P1/2"]
    assert chip["product_id"][1] == "[CMPCHIP] Chip"
    assert (chip["product_qty"], chip["price_unit"], chip["x_cost"]) == (100, 0.12, 0.12345)
    assert (chip["order_id"][0], chip["x_received"]) == (order["id"], 60)
    assert (freight["display_type"], freight["product_id"], freight["x_amount"]) == ("line_note", False, 5)


def the_purchases_without_the_app(moved: Moved) -> None:
    order = moved.rows("x_purchase_order")["purchaseorder/P1"]
    assert (order["x_total"], order["x_total_currency"]) == (12.35, "USD")
    assert order["x_vendor"][0] == moved.rows("res.partner")["vendor/V1"]["id"]
    assert (order["x_drop_ship"], order["x_quality_code"]) == ("drop-ship (order type D)", "P1")
    line = moved.rows("x_purchase_order_line")["poline/P1/1"]
    assert (line["x_purchase_order"][0], line["x_cost"], line["x_received"]) == (order["id"], 0.12345, 60)


def the_rest(moved: Moved, model: str) -> None:
    assert moved.outcomes["note>project.task"] == {"held": 1, "loaded": 2}
    tasks = moved.rows("project.task")
    call, build = tasks["note/1"], tasks["note/2"]
    assert (call["x_source_created_at"], call["x_source_author"]) == ("2024-05-01 14:30:00", "Anna Petrova")
    assert (call["state"], build["state"]) == ("1_done", "01_in_progress")
    assert call["project_id"][1] == build["project_id"][1] == "Notes of Cetec"
    assert call["user_ids"] == [moved.rows("res.users")["user/anna"]["id"]]
    queue = (moved.folder / "queues" / "references.csv").read_text()
    assert "note,3," in queue
    assert "RMA 88 does not migrate" in queue
    unit = moved.rows(model)["part/PRTUNIT"]["id"]
    files = moved.rows("ir.attachment")
    assert files["document/unit.pdf"]["x_revision"] == "B"
    assert (files["document/unit.pdf"]["res_model"], files["document/unit.pdf"]["res_id"]) == (model, unit)
    assert files["workorder_export/PRTUNIT"]["res_id"] == unit
    assert moved.outcomes["document>ir.attachment"] == {"loaded": 1, "rejected": 1}
