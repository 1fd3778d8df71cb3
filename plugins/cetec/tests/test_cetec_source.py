"""The source against its sandbox over real HTTP: all arrives, the same twice, from wherever it goes on."""

import json
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from plugins.cetec.tests.conftest import COLUMNS, FakeTenant, exports

from crossdock.capabilities import Capability
from crossdock.connection import Connection
from crossdock.errors import AuthError, ConfigError
from crossdock.fieldtypes import FieldType
from crossdock.filestore import FileStore
from crossdock.model import Batch, Record, Selection
from crossdock.sandbox import SandboxProcess, start
from crossdock.values import Money, Reference
from crossdock_cetec.client import AnswerError
from crossdock_cetec.lines import DUAL
from crossdock_cetec.sandbox import demo_parts, demo_sales
from crossdock_cetec.settings import CetecSettings
from crossdock_cetec.source import CetecSource

Make = Callable[..., CetecSource]


@pytest.fixture
def whole(demo: SandboxProcess, make_source: Make) -> CetecSource:
    folder = exports(demo)
    tables = {"files": [str(folder / "*.xlsx")]}
    return make_source(demo, customer_columns=COLUMNS, tables=tables, documents=str(folder / "documents"))


def read(source: CetecSource, name: str, store: FileStore, cursor: str | None = None) -> list[Batch]:
    return list(source.extract(name, cursor, None, store))


def records(batches: list[Batch]) -> dict[str, Any]:
    return {record.key: record.values for batch in batches for record in batch.records}


def asked(sandbox: SandboxProcess, method: str, path: str, body: Any = None) -> Any:
    address = urlsplit(sandbox.url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
    connection.request(method, path, None if body is None else json.dumps(body))
    content = connection.getresponse().read()
    connection.close()
    return json.loads(content)


def test_the_demo_is_read_whole_and_the_same_twice(
    demo: SandboxProcess, whole: CetecSource, store: FileStore
) -> None:
    since = asked(demo, "GET", "/_sandbox/")["requests"]
    catalog = whole.discover()
    refused: dict[str, list[str]] = {}

    for described in catalog.objects:
        batches = read(whole, described.name, store)
        first = records(batches)
        second = {o.id: o.values for o in whole.reconcile(described.name, Selection(owned=""))}
        refused[described.name] = [r.key for batch in batches for r in batch.rejected]
        known = {field.name for field in described.fields}

        assert first == second, described.name
        assert first, described.name
        assert described.snapshot, described.name
        assert {name for values in first.values() for name in values} <= known, described.name
        if described.count is not None:
            assert described.count == len(first), described.name

    assert {name: keys for name, keys in refused.items() if keys} == {
        "lead": ["L-007"],
        "part": ["CMP1005"],
        "document": ["misc/picnic.png", "prints/missing.pdf"],
    }
    assert {entry["method"] for entry in asked(demo, "GET", f"/_sandbox/log?since={since}")} == {"GET"}
    assert catalog.capabilities[Capability.CHANGED_SINCE].value == "no"
    assert catalog.capabilities[Capability.DELETED_VISIBLE].value == "no"


def test_users_are_people_who_need_an_account(whole: CetecSource) -> None:
    """So a run can wait for those who have none, even where a key could make them one."""
    assert [found.name for found in whole.discover().objects if found.match_only] == ["user"]


@pytest.mark.parametrize("name", ["customer", "orderline", "part", "quote", "workorder_export", "document"])
def test_a_reading_goes_on_behind_any_cursor(
    whole: CetecSource, store: FileStore, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossdock_cetec.source._BATCH", 11)
    monkeypatch.setattr("crossdock_cetec.source._BATCH_OF_REQUESTS", 6)
    batches = read(whole, name, store)
    assert len(batches) > 1

    for number in (0, len(batches) // 2, len(batches) - 1):
        batch = batches[number]
        rest = [r.key for b in batches[number + 1 :] for r in b.records]
        assert [r.key for b in read(whole, name, store, batch.cursor) for r in b.records] == rest


def test_the_internal_customer_is_found_and_locked(whole: CetecSource, store: FileStore) -> None:
    found = records(read(whole, "customer", store))

    internal = [key for key, values in found.items() if values["internal"]]
    assert internal == ["1"]
    assert found["1"]["locked"] == "internal customer that an order uses: Cetec locks it"
    assert found["2"]["locked"] is None


def test_orders_keep_their_numbers_and_find_their_customers(whole: CetecSource, store: FileStore) -> None:
    found = records(read(whole, "order", store))

    assert found["42"]["ordernum"] == "00042.10"
    assert found["42"]["customer"] == Reference("customer", "44")
    assert found[str(demo_sales.STRANGER)]["customer"] == Reference("customer", "Nobody We Know, LLC")
    assert found["9"]["stock_note"] == "sold to the internal customer: built to stock"
    assert (found["1"]["stage"], found["50"]["stage"], found["46"]["stage"]) == (
        "completed",
        "shipping",
        "open",
    )
    assert found["1"]["owner"] == Reference("user", "ivan")


def test_what_is_built_to_stock_and_to_ship_is_two_flagged_lines(
    whole: CetecSource, store: FileStore
) -> None:
    found = records(read(whole, "orderline", store))
    flagged = {key: v for key, v in found.items() if v["dual_fulfilment"] == DUAL}

    assert sorted(flagged) == ["501", "599", "601/build", "601/stock"]
    assert (
        flagged["601/build"]["amount"].amount + flagged["601/stock"]["amount"].amount
        == 10 * flagged["601/build"]["resale"].amount
    )


def test_the_sum_of_all_lines_is_that_of_all_orders(whole: CetecSource, store: FileStore) -> None:
    orders = records(read(whole, "order", store)).values()
    lines = records(read(whole, "orderline", store)).values()

    assert sum(o["total"].amount for o in orders) == sum(line["amount"].amount for line in lines)


def test_a_part_that_the_list_lacks_comes_from_the_api(whole: CetecSource, store: FileStore) -> None:
    found = records(read(whole, "part", store))

    part = found[demo_parts.UNLISTED]
    assert part["default_cost"] == Money(part["default_cost"].amount, "USD")
    assert part["extra"] == {"shelf_life": 90}
    assert found["PRTSYS/1"]["bom"]["levels"] == 3
    assert found["SUBLOOP-A"]["bom_problems"] == "it is in itself: SUBLOOP-A > SUBLOOP-B > SUBLOOP-A"
    assert found["SUBBRD-001"]["where_used"][0]["part"] == "PRTUNIT-001"
    assert found["PRTUNIT-001"]["work_order_codes"]


def test_notes_find_their_place_or_wait(whole: CetecSource, store: FileStore) -> None:
    found = records(read(whole, "note", store))
    placed = {v["object"]: (v["about"], v["placed"]) for v in found.values()}

    assert placed["Customer"] == (Reference("customer", "15"), None)
    assert placed["Invoice"] == (
        Reference("customer", "3"),
        "at the customer: Invoice 30001 does not migrate",
    )
    assert placed["NCR"][0] == Reference("part", "PRTUNIT-001")
    assert placed["Work Order"][0].object_name == "part"
    assert placed["RMA"] == (Reference("part", "RMA 88 does not migrate"), "RMA 88 does not migrate")


def test_choices_come_from_the_table_of_quality_codes(whole: CetecSource) -> None:
    catalog = whole.discover()
    described = {o.name: o for o in catalog.objects}

    for name, field, codes in (
        ("part", "quality_code", {"Q10", "Q20", "Q30"}),
        ("part", "work_order_codes", {"W1", "W2"}),
        ("purchaseorder", "quality_code", {"Q30", "P10", "P20"}),
    ):
        found = described[name].field(field)
        assert found is not None
        assert found.type is FieldType.SELECT
        assert {option.value for option in found.options} == codes
    assert described["customer"].field("priority_support") is not None
    assert described["invoice"].field("invoice__bc") is not None


def test_what_does_not_move_is_in_the_inventory_with_its_files(whole: CetecSource, tmp_path: Path) -> None:
    reports = {report.kind: report for report in whole.discover().artifacts}

    assert {kind: report.summary() for kind, report in reports.items() if not report.not_examined} == {
        "internal_customer": "1 found",
        "quality_code": "8 found",
        "approval_threshold": "3 found",
        "bill_of_materials": "26 found",
        "work_order": "15 found",
        "role": "4 found",
        "user_tier": "2 found",
        "orphan_document": "2 found",
        "control_total": reports["control_total"].summary(),
    }
    assert all(reports[kind].not_examined for kind in ("workflow", "report", "page", "permission", "robot"))
    handoff = tmp_path / "handoff"
    assert json.loads((handoff / "boms" / "PRTSYS_1.json").read_bytes())["levels"] == 3
    assert (handoff / "work-orders.csv").read_bytes().startswith(b"\xef\xbb\xbfrecord,work_order")
    assert (handoff / "orphan-documents" / "misc" / "picnic.png").is_file()
    totals = (handoff / "control-totals.csv").read_text(encoding="utf-8-sig")
    assert "quote,total,60,367989.81719," in totals
    cycles = next(a for a in reports["bill_of_materials"].found if a.name == "SUBLOOP-A").details["cycles"]
    assert cycles == ["SUBLOOP-A > SUBLOOP-B > SUBLOOP-A"]


def test_single_records_are_read_again_by_key_and_by_value(whole: CetecSource) -> None:
    by_key = whole.reconcile("order", Selection(ids=("3", "42", "gone")))
    by_value = whole.reconcile("order", Selection(match=("ordernum", ("00042.10",))))

    assert [o.id for o in by_key] == ["3", "42"]
    assert [o.id for o in by_value] == ["42"]


def test_a_wrong_key_is_refused(demo: SandboxProcess, make_source: Make) -> None:
    with pytest.raises(AuthError):
        make_source(demo, token="wrong").discover()


def test_nothing_is_asked_before_something_is_wanted(demo: SandboxProcess, make_source: Make) -> None:
    before = asked(demo, "GET", "/_sandbox/")["requests"]
    make_source(demo).close()
    assert asked(demo, "GET", "/_sandbox/")["requests"] == before


def test_a_column_that_never_comes_is_not_taken_for_an_empty_one(fake: FakeTenant, store: FileStore) -> None:
    fake.answers["/api/customer"] = [{"id": 1, "name": "A"}]
    settings = CetecSettings.model_validate(
        {"url": "http://cetec.example", "token": "t0ken", "customer_columns": ["colour"], "api": ["customer"]}
    )
    transport = httpx2.MockTransport(fake.answer)
    source = CetecSource(settings, Connection("erp", "p", "t", store, transport=transport))

    with pytest.raises(AnswerError, match="gave no column colour"):
        source.discover()


LINES = [
    {
        "id": n,
        "lineitem": n,
        "prcpart": "PRTA",
        "qty": 1,
        "resale": "2.00",
        "transcode": "SA",
        "due_date": day,
    }
    for n, day in enumerate(["2024-05-01", "2024-05-02", "2024-05-03"] * 40, start=1)
]
TENANT = {
    "customers": [{"id": 10, "name": "Beta"}, {"id": 9, "name": "Alpha"}, {"id": 11, "name": "Beta"}],
    "contacts": [{"id": 1, "customer_id": 9, "name": "Ann Lee"}, {"id": 2, "name": 7}],
    "orders": [
        {"id": 1, "ordernum": "1.1", "customer_name": "alpha", "total_resale": "240.00", "lines": LINES},
        {"id": 2, "ordernum": "2.1", "customer_name": "Beta", "total_resale": "x", "lines": []},
    ],
    "parts": [{"prcpart": "PRTA", "description": "A"}],
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = start("cetec", data=tmp_path_factory.mktemp("small") / "cetec.db", seed="empty", rate="off")
    address = urlsplit(process.url)
    connection = HTTPConnection(address.hostname or "", address.port)
    connection.request("POST", "/_seed", json.dumps(TENANT))
    connection.getresponse().read()
    connection.close()
    yield process
    process.stop()


def test_the_api_alone_gives_orders_lines_parts_and_work_orders(
    small: SandboxProcess, make_source: Make, store: FileStore
) -> None:
    source = make_source(small)
    described = {o.name: o.count for o in source.discover().objects}

    assert described == {
        "customer": 3,
        "contact": 2,
        "part": None,
        "order": 2,
        "orderline": None,
        "invoice": 0,
        "workorder_export": None,
        "choice": 3,
    }
    assert len(records(read(source, "orderline", store))) == 120
    assert list(records(read(source, "part", store))) == ["PRTA"]
    (export,) = records(read(source, "workorder_export", store)).values()
    assert export["work_orders"] == 120
    assert list(records(read(source, "customer", store))) == ["9", "10", "11"]


def test_a_note_on_a_work_order_that_the_production_list_lacks_goes_to_the_part_of_its_line(
    small: SandboxProcess, make_source: Make, store: FileStore, table: Callable[..., Path]
) -> None:
    made = table("production_list.csv", ["Order", "Line", "Prcpart"], ["9.1", 1, "PRTZ"])
    header = ["ID", "Note", "Created At", "Object", "Record"]
    table("notes.csv", header, ["1", "Look", "2024-05-01 09:00", "Work Order", "MN1.1-7"])

    source = make_source(small, tables={"files": [str(made.parent / "*.csv")]})

    (note,) = records(read(source, "note", store)).values()
    assert note["about"] == Reference("part", "PRTA")
    assert note["placed"] == "at the part: Work Order MN1.1-7 does not migrate"


def test_a_row_that_cannot_be_read_is_rejected_with_every_reason(
    small: SandboxProcess, make_source: Make, store: FileStore
) -> None:
    source = make_source(small)
    (contacts,), (orders,) = read(source, "contact", store), read(source, "order", store)

    assert [r.key for r in contacts.records] == ["1", "2"]
    assert contacts.records[1].values["name"].last == "7"
    (bad,) = orders.rejected
    assert [reason.partition(":")[0] for reason in bad.reasons] == ["field 'customer'", "field 'total'"]
    assert "customer_name names 2: 10, 11" in bad.reasons[0]


def test_a_column_that_appears_after_discover_is_not_dropped(
    small: SandboxProcess, make_source: Make, store: FileStore
) -> None:
    source = make_source(small, api=["contact"])
    source.discover()
    late = {"contacts": [{"id": 3, "name": "Cy Om", "fax": "1"}], "remove": {}}
    address = urlsplit(small.url)
    connection = HTTPConnection(address.hostname or "", address.port)
    connection.request("POST", "/_seed", json.dumps(late))
    connection.getresponse().read()
    try:
        (batch,) = read(source, "contact", store)
        assert [r.reasons for r in batch.rejected] == [("column 'fax' is new; run discover again",)]
    finally:
        connection.request("POST", "/_seed", json.dumps({"remove": {"contacts": [3]}}))
        connection.getresponse().read()
        connection.close()


def test_files_that_nobody_gave_cannot_be_read(
    small: SandboxProcess, make_source: Make, store: FileStore
) -> None:
    with pytest.raises(ConfigError, match="nothing gives document"):
        read(make_source(small), "document", store)


def test_the_records_of_a_table_are_records(whole: CetecSource, store: FileStore) -> None:
    (batch,) = read(whole, "vendor", store)
    assert all(isinstance(record, Record) for record in batch.records)
    assert json.loads(batch.cursor or "")["from"] == 14
