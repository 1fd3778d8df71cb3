"""The sandbox: it answers as the API is known to, cuts off where it does, and takes nothing."""

import base64
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from plugins.cetec.tests.conftest import exports

from crossdock.layout import LayoutReader, load_layout
from crossdock.sandbox import SandboxProcess, start

ORDER = {
    "id": 3,
    "ordernum": "00042.10",
    "customer_name": "Acme",
    "lines": [
        {"id": n, "lineitem": n, "prcpart": "PRT A/B", "qty": 1, "transcode": "SA", "due_date": "2024-05-01"}
        for n in range(1, 71)
    ],
}
SEED = {
    "customers": [
        {"id": 7, "name": "Acme", "custnum": "ACM", "ok_to_bill": 1, "acctemail": "ap@acme.example"},
        {"id": 8, "name": "Own", "intercompany": 1},
    ],
    "contacts": [
        {"id": 1, "customer_id": 7, "email": "a@acme.example"},
        {"id": 2, "email": "b@acme.example"},
    ],
    "orders": [
        ORDER,
        {
            "id": 4,
            "ordernum": "5.1",
            "customer_name": "Own",
            "lines": [{"id": 99, "lineitem": 1, "transcode": "SN", "ship_date": "2024-06-01"}],
        },
    ],
    "invoices": [
        {"invoicenum": "1", "invoicedate": "2023-05-01"},
        {"invoicenum": "2", "invoicedate": "2022-05-01"},
    ],
    "parts": [{"prcpart": "PRT A/B", "description": "Board"}],
    "locations": [{"id": 2, "description": "SMT"}],
    "location_maps": [{"ordline_id": 99, "locations": [{"name": "SMT"}]}],
    "files": {
        "notes.csv": "a,b\n",
        "documents/a.bin": {"base64": base64.b64encode(b"\x00\x01").decode()},
        "firms.xlsx": {"rows": [["ID", "Since"], ["1", {"day": "2024-05-01"}]]},
    },
}


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = start("cetec", data=tmp_path_factory.mktemp("tenant") / "cetec.db", seed="fresh", rate="off")
    assert send(process, "POST", "/_seed", SEED)[0] == 200
    yield process
    process.stop()


def send(
    sandbox: SandboxProcess, method: str, path: str, body: Any = None, **query: str
) -> tuple[int, bytes]:
    address = urlsplit(sandbox.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    whole = f"{path}?{urlencode(query)}" if query else path
    connection.request(method, whole, json.dumps(body) if body is not None else None)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def get(sandbox: SandboxProcess, path: str, **query: str) -> Any:
    status, content = send(sandbox, "GET", path, preshared_token=sandbox.token, **query)
    assert status == 200, content
    return json.loads(content)


def test_own_columns_come_only_when_they_are_asked_for(tenant: SandboxProcess) -> None:
    assert "ok_to_bill" not in get(tenant, "/api/customer")[0]
    assert get(tenant, "/api/customer", columns="name,ok_to_bill")[0] == {
        "id": 7,
        "name": "Acme",
        "ok_to_bill": 1,
    }


@pytest.mark.parametrize("query", [{"ok_to_bill": "1"}, {"name": "Acme"}, {"acct_email": "ap@acme.example"}])
def test_any_column_can_be_a_filter(tenant: SandboxProcess, query: dict[str, str]) -> None:
    assert [row["id"] for row in get(tenant, "/api/customer", id="", **query)] == [7]


def test_lists_and_single_objects_are_given(tenant: SandboxProcess) -> None:
    assert [c["id"] for c in get(tenant, "/api/contact", email="b@acme.example")] == [2]
    assert "lines" not in get(tenant, "/api/order/")[0]
    assert len(get(tenant, "/api/order/3")["lines"]) == 70
    assert [i["invoicenum"] for i in get(tenant, "/api/invoice", invoicedate_from="2023:01:01")] == ["1"]
    assert get(tenant, f"/api/part/{quote('PRT A/B', safe='')}")["description"] == "Board"
    assert get(tenant, f"/goapis/api/v1/part/{quote('PRT A/B', safe='')}")["data"]["description"] == "Board"
    assert get(tenant, "/goapis/api/v1/ordlinestatus/list", rows="1000")["rows"][0]["description"] == "SMT"
    assert get(tenant, "/goapis/api/v1/ordline/99/location_maps")["entries"] == [{"name": "SMT"}]
    assert get(tenant, "/goapis/api/v1/user/me")["data"]["username"] == "api"
    assert get(tenant, "/api/customer/7")["name"] == "Acme"
    assert len(get(tenant, "/goapis/api/v1/customer/lite_list")["data"]) == 2


def test_order_lines_are_cut_off_and_nothing_says_so(tenant: SandboxProcess) -> None:
    day = {"from_date": "2024-05-01", "to_date": "2024-05-01"}
    assert len(get(tenant, "/goapis/api/v1/ordlines/list", **day)) == 50
    assert get(tenant, "/goapis/api/v1/ordlines/list", **day, transcode="SN") == []
    assert get(tenant, "/goapis/api/v1/ordlines/list", from_date="2024-06-01", to_date="2024-06-02") == []
    own = get(
        tenant,
        "/goapis/api/v1/ordlines/list",
        from_date="2024-06-01",
        to_date="2024-06-02",
        intercompany="true",
    )
    assert [(line["ordline_id"], line["ordernum"]) for line in own] == [(99, "5.1")]


def test_what_is_not_there_is_404(tenant: SandboxProcess) -> None:
    assert send(tenant, "GET", "/api/order/77", preshared_token=tenant.token)[0] == 404


def test_whoever_has_not_the_key_is_shown_the_login_page(tenant: SandboxProcess) -> None:
    status, content = send(tenant, "GET", "/api/customer", preshared_token="wrong")
    assert status == 200
    assert b"<form" in content


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_changed(tenant: SandboxProcess, method: str) -> None:
    assert send(tenant, method, "/api/customer/7", {}, preshared_token=tenant.token)[0] == 405


def test_a_seed_puts_files_into_the_folder_of_exports(tenant: SandboxProcess, tmp_path: Path) -> None:
    folder = exports(tenant)
    assert (folder / "notes.csv").read_bytes() == b"a,b\n"
    assert (folder / "documents" / "a.bin").read_bytes() == b"\x00\x01"
    (tmp_path / "l.yaml").write_text(
        "objects: {firm: {files: '*', key: [id], columns: {id: ID, since: {headers: Since, type: date}}}}\n"
    )
    reader = LayoutReader(load_layout(tmp_path / "l.yaml"), [folder / "firms.xlsx"])
    (found,) = reader.results("firm")
    assert str(found.values["since"]) == "2024-05-01"


def test_a_seed_with_an_unknown_key_is_refused(tenant: SandboxProcess) -> None:
    assert send(tenant, "POST", "/_seed", {"quotes": []})[0] == 400
    assert send(tenant, "POST", "/_seed", {"customers": [{"name": "no id"}]})[0] == 400


def test_a_reset_forgets_everything(tmp_path: Path) -> None:
    process = start("cetec", data=tmp_path / "cetec.db", seed="empty", rate="off")
    try:
        before = send(process, "GET", "/_sandbox/dump")[1]
        send(process, "POST", "/_seed", {"customers": [{"id": 1}], "files": {"a.csv": "x"}})
        assert send(process, "POST", "/_seed", {"remove": {"customers": [1]}})[0] == 200
        assert get(process, "/api/customer") == []
        assert send(process, "POST", "/_sandbox/reset", {"seed": "nonsense"})[0] == 400
        assert exports(process).exists()
        assert send(process, "POST", "/_sandbox/reset", {"seed": "empty"})[0] == 200
        assert send(process, "GET", "/_sandbox/dump")[1] == before
        assert not exports(process).exists()
    finally:
        process.stop()


def test_the_demo_is_a_believable_company(demo: SandboxProcess) -> None:
    held = json.loads(send(demo, "GET", "/_sandbox/dump")[1])

    assert len(held["customers"]) > 60
    assert len(held["orders"]) == 90
    assert sum(len(order["lines"]) for order in held["orders"].values()) > 200
    assert "00042.10" in {order["ordernum"] for order in held["orders"].values()}
    assert len([name for name in held["files"] if name.endswith(".xlsx")]) == 19
