"""A whole migration into the Twenty sandbox by the command line, with the curated mapping."""

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

DECISIONS = {"fallback_user": "admin@romashka.example"}
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
STOCK = {
    "id": 6,
    "ordernum": "12346.1",
    "customer_name": "Own Co",
    "ordered_on": "2024-05-02",
    "total_resale": "5",
    "lines": [{"id": 61, "lineitem": 1, "prcpart": "PRTUNIT", "qty": 1, "resale": "5", "transcode": "SA"}],
}
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
        "anna,Anna Petrova,anna.petrova@romashka.example,Sales\nfloor,Flo Or,flo@own.example,Shop Floor\n",
        "leads.csv": "ID,Name,Email,Status,Custnum\nL1,Cy Om,,New,C2\n",
        "vendors.csv": "Vendnum,Vendor,Website\nV1,Cedar Supply,cedar.example\n",
        "parts.csv": "Prcpart,Description,UOM,Quality Code\n"
        "PRTUNIT,Unit,EA,Q1\nCMPCHIP,Chip,EA,\nPRTX,X,EA,Q9\n",
        "vendor_prices.csv": "Prcpart,Vendor,Price\nCMPCHIP,Cedar Supply,$0.12345\n",
        "boms.csv": "Parent,Component,Qty\nPRTUNIT,CMPCHIP,2.5\n",
        "routing.csv": "Prcpart,Location,Operation,Work Instructions\nPRTUNIT,TEST,Power on,Watch it\n",
        "quotes.csv": "Quote,Custnum,Status,Total,Quoted On,Approval Threshold\n"
        "7001,C2,Open,9000.00,2024-04-01,5000\n",
        "quote_lines.csv": "Quote,Line,Prcpart,Qty,Resale\n7001,1,PRTUNIT,3,3000\n",
        "po_list.csv": "PO,Vendnum,Ordered On,Total,Order Type,Quality Code\nP1,V1,2024-03-01,12.35,D,P1\n",
        "po_lines.csv": "PO,Line,Prcpart,Qty,Cost\nP1,1,CMPCHIP,100,0.12345\n",
        "receipts.csv": "PO,Line,Receipt Date,Qty\nP1,1,2024-03-09,60\n",
        "production_list.csv": "Order,Line,Prcpart,Qty,Est. Labor Min\n00042.10,1,PRTUNIT,6,12.5\n",
        "notes.csv": "ID,Subject,Note,Author,Assigned To,Created At,Object,Record\n"
        "1,Call,Ring <b>Ann</b>,anna,anna,2024-05-01 09:30:00,Customer,C2\n"
        "2,Build,Check,anna,,2024-05-02 09:30:00,Work Order,MN00042.10-1\n"
        "3,Lost,What,anna,,2024-05-03 09:30:00,RMA,88\n",
        "documents.csv": "File,Title,Revision,Revised On,Author,Object,Record\n"
        "unit.pdf,Print,B,2024-02-01,anna,Part,PRTUNIT\npicnic.txt,Picnic,A,,anna,Calendar,May\n",
        "quality_codes.csv": "Code,Description,Applies To\nQ1,Lot,Part\nP1,Source,PO\nR1,Return,RMA\n",
        "documents/unit.pdf": "%PDF unit",
        "documents/picnic.txt": "sun",
    },
}


@dataclass
class Moved:
    """What ran: the project, and both platforms."""

    folder: Path
    source: SandboxProcess
    destination: SandboxProcess

    def call(self, *words: str, codes: tuple[int, ...] = (0,)) -> Any:
        command = [str(Path(sys.executable).with_name("crossdock")), "-C", str(self.folder), "--json", *words]
        keys = {"CETEC_TOKEN": self.source.token, "TWENTY_KEY": self.destination.token}
        done = subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, **keys}, check=False
        )
        assert done.returncode in codes, f"{words}: {done.returncode} {done.stderr[-2000:]}"
        assert self.source.token not in done.stdout + done.stderr
        return json.loads(done.stdout)

    def rows(self, plural: str) -> dict[str, Any]:
        found = ask(self.destination, "GET", f"/rest/{plural}?limit=200&depth=0")["data"][plural]
        return {r["crossdockKey"].partition("/")[2]: r for r in found if r.get("crossdockKey")}


def ask(sandbox: SandboxProcess, method: str, path: str, body: Any = None) -> Any:
    address = urlsplit(sandbox.url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=60)
    connection.request(
        method, path, json.dumps(body) if body else None, {"Authorization": f"Bearer {sandbox.token}"}
    )
    content = connection.getresponse().read()
    connection.close()
    return json.loads(content)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    folder = tmp_path_factory.mktemp("moved")
    source = start("cetec", data=folder / "cetec.db", seed="empty", rate="off")
    destination = start("twenty", data=folder / "twenty.db", seed="demo", rate="off")
    ask(source, "POST", "/_seed", SEED)
    found = Moved(folder / "acme", source, destination)
    Moved(folder, source, destination).call("init", "acme", "--source", "cetec", "--destination", "twenty")
    yaml = YAML()
    document = yaml.load(found.folder / "crossdock.yaml")
    document["sources"][0].update(
        {
            "url": source.url,
            "token": "env:CETEC_TOKEN",
            "calls_per_minute": 100_000,
            "timezone": "America/Chicago",
            "customer_columns": ["domain", "intercompany"],
            "tables": {"files": [str(exports(source) / "*.csv")]},
            "documents": str(exports(source) / "documents"),
        }
    )
    document["destination"].update(
        {"url": destination.url, "key": "env:TWENTY_KEY", "calls_per_minute": 100_000}
    )
    yaml.dump(document, found.folder / "crossdock.yaml")
    mapping = yaml.load(mappings.twenty().read_text(encoding="utf-8"))
    mapping |= {"decisions": DECISIONS, "automations": {"workflow": "pause", "webhook": "pause"}}
    yaml.dump(mapping, found.folder / "mapping.yaml")
    yield found
    source.stop()
    destination.stop()


def test_the_curated_mapping_is_one(moved: Moved) -> None:
    document = YAML(typ="safe").load(mappings.twenty().read_text(encoding="utf-8"))
    expected = json.loads(mappings.twenty_demo().read_text(encoding="utf-8"))

    mapping = MappingFile.model_validate(document)

    assert (mapping.source, mapping.destination) == ("cetec", "twenty")
    assert (expected["source"], expected["destination"]) == ("cetec", "twenty")
    assert moved.folder.is_dir()


def test_a_company_moves_is_read_back_and_taken_back(moved: Moved) -> None:
    before = ask(moved.destination, "GET", "/_sandbox/dump")
    moved.call("map", "confirm", "--by", "Test")
    report = moved.call("run", codes=(1,))
    outcomes = {phase["name"]: phase["source"] for phase in report["phases"]}
    assert moved.call("reconcile", codes=(0, 1))["clean"] is True

    the_people(outcomes, moved)
    the_sales(outcomes, moved)
    the_parts(outcomes, moved)
    the_rest(outcomes, moved)

    moved.call("rollback")
    after = ask(moved.destination, "GET", "/_sandbox/dump")
    assert after["records"].keys() == before["records"].keys()
    for name in ("company", "person", "opportunity", "task", "taskTarget", "attachment"):
        assert after["records"][name] == before["records"][name], name


@pytest.mark.parametrize(
    ("since", "quotes", "orders"),
    [("2024-03-15", {"loaded": 1}, {"skipped": 1}), ("2024-02-15", {"loaded": 1}, {"loaded": 1})],
)
def test_history_may_begin_at_a_date(
    moved: Moved, since: str, quotes: dict[str, int], orders: dict[str, int]
) -> None:
    """What is older stays behind, and is counted."""
    yaml, path = YAML(), moved.folder / "mapping.yaml"
    kept = path.read_bytes()
    mapping = yaml.load(kept)
    mapping["decisions"] = {**DECISIONS, "history": "last_12_months", "history_since": since}
    yaml.dump(mapping, path)

    moved.call("map", "confirm", "--by", "Test")
    phases = moved.call("run", "--dry-run", codes=(0, 1))["phases"]
    path.write_bytes(kept)

    outcomes = {phase["name"]: phase["source"] for phase in phases}
    assert outcomes["quote>opportunity"] == quotes
    assert outcomes["purchaseorder>purchaseOrder"] == orders


def the_people(outcomes: dict[str, Any], moved: Moved) -> None:
    assert outcomes["user>workspaceMember"] == {"merged": 1, "skipped": 1}
    assert outcomes["customer>company internal"] == {"held": 1, "skipped": 2}
    assert outcomes["customer>company"] == {"loaded": 1, "rejected": 1, "skipped": 1}
    company = moved.rows("companies")["customer/2"]
    assert company["domainName"]["primaryLinkUrl"] == "https://alder.example"
    lead = moved.rows("people")["lead/L1"]
    assert (lead["leadStatus"], lead["review"], lead["companyId"]) == (
        "NEW",
        "no e-mail address: review",
        company["id"],
    )
    assert moved.rows("people")["contact/9"]["companyId"] == company["id"]
    assert "customer,1," in (moved.folder / "queues" / "unmatched.csv").read_text()


def the_sales(outcomes: dict[str, Any], moved: Moved) -> None:
    deals = moved.rows("opportunities")
    assert outcomes["order>opportunity"] == {"held": 1, "loaded": 1}
    assert (deals["order/5"]["stage"], deals["order/5"]["closeDate"][:10]) == ("CUSTOMER", "2024-05-01")
    assert deals["order/5"]["cetecNumber"] == "00042.10"
    assert deals["quote/7001"]["stage"] == "PROPOSAL"
    assert deals["quote/7001"]["approvalThreshold"]["amountMicros"] == 5_000_000_000
    lines = moved.rows("lineItems")
    build, stock = lines["orderline/51/build"], lines["orderline/51/stock"]
    assert (build["quantity"], stock["quantity"]) == (6, 4)
    assert build["amount"]["amountMicros"] + stock["amount"]["amountMicros"] == 333_333_300
    assert build["dualFulfilment"] == stock["dualFulfilment"]
    assert build["opportunityId"] == deals["order/5"]["id"]


def the_parts(outcomes: dict[str, Any], moved: Moved) -> None:
    parts = moved.rows("parts")
    assert outcomes["part>part"] == {"loaded": 2, "rejected": 1}
    assert parts["part/PRTUNIT"]["qualityCode"] == "Q1"
    assert parts["part/PRTUNIT"]["bom"] == {
        "part": "PRTUNIT",
        "levels": 1,
        "components": [{"part": "CMPCHIP", "quantity": "2.5"}],
        "operations": [{"location": "TEST", "operation": "Power on", "instructions": "Watch it"}],
    }
    assert parts["part/CMPCHIP"]["whereUsed"] == [{"part": "PRTUNIT", "quantity": "2.5"}]
    assert parts["part/CMPCHIP"]["vendorPrices"] == [
        {"vendor": "Cedar Supply", "price": "0.12345", "currency": "USD"}
    ]
    files = moved.rows("attachments")
    assert files["document/unit.pdf"]["revision"] == "B"
    assert files["document/unit.pdf"]["targetPartId"] == parts["part/PRTUNIT"]["id"]
    assert files["workorder_export/PRTUNIT"]["targetPartId"] == parts["part/PRTUNIT"]["id"]
    assert outcomes["document>attachment"] == {"loaded": 1, "rejected": 1}


def the_rest(outcomes: dict[str, Any], moved: Moved) -> None:
    order = moved.rows("purchaseOrders")["purchaseorder/P1"]
    assert order["dropShip"] == "drop-ship (order type D)"
    assert order["receipts"] == [{"line": 1, "received_on": "2024-03-09", "quantity": "60"}]
    assert order["vendorId"] == moved.rows("companies")["vendor/V1"]["id"]
    assert moved.rows("purchaseOrderLines")["poline/P1/1"]["received"] == 60
    assert outcomes["note>task"] == {"held": 1, "loaded": 2}
    task = moved.rows("tasks")["note/1"]
    assert task["createdAt"] == "2024-05-01T14:30:00.000Z"
    assert task["createdBy"]["name"] == "Anna Petrova"
    queue = (moved.folder / "queues" / "references.csv").read_text()
    assert "note,3," in queue
    assert "RMA 88 does not migrate" in queue
