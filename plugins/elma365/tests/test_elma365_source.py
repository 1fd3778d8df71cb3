"""The hooks over a whole company: nothing is missed, doubled or dropped, and nothing is written."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crossdock.connection import Connection
from crossdock.errors import AccessLostError, ConfigError, ContractError
from crossdock.filestore import FileStore
from crossdock.model import Batch, Record, Selection
from crossdock.values import Reference
from crossdock_elma365.source import Elma365Source

Field = Callable[..., dict[str, Any]]
Make = Callable[..., Elma365Source]


def records(batches: list[Batch]) -> list[Record]:
    return [record for batch in batches for record in batch.records]


def all_batches(source: Elma365Source, name: str, store: FileStore, cursor: str | None = None) -> list[Batch]:
    return list(source.extract(name, cursor, None, store))


def numbered(count: int) -> list[dict[str, Any]]:
    return [{"__name": f"Order {n}"} for n in range(1, count + 1)]


def test_every_record_comes_once_over_pages(make_source: Make, company: Any, store: FileStore) -> None:
    company.add("shop.orders", [], numbered(7))

    batches = all_batches(make_source(page_size=3), "shop.orders", store)

    assert [r.key for r in records(batches)] == [f"id-{n}" for n in range(1, 8)]
    assert [b.cursor for b in batches] == ['{"from":3}', '{"from":6}', '{"from":7}']
    assert {b.total for b in batches} == {7}


def test_a_server_that_gives_less_than_asked_is_read_to_the_end(
    make_source: Make, company: Any, store: FileStore
) -> None:
    company.add("shop.orders", [], numbered(7))
    company.page_cap = 2

    assert len(records(all_batches(make_source(page_size=100), "shop.orders", store))) == 7


def test_extraction_goes_on_after_a_cursor(make_source: Make, company: Any, store: FileStore) -> None:
    company.add("shop.orders", [], numbered(7))
    source = make_source(page_size=3)
    whole = all_batches(source, "shop.orders", store)

    rest = all_batches(source, "shop.orders", store, cursor=whole[0].cursor)

    assert records(rest) == records(whole[1:])


def test_a_list_that_ends_before_its_total_stops_the_run(
    make_source: Make, company: Any, store: FileStore
) -> None:
    def shorten(path: str, answer: Any) -> Any:
        if path.endswith("/orders/list"):
            answer["result"]["total"] = 9
        return answer

    company.add("shop.orders", [], numbered(7))
    company.change = shorten

    with pytest.raises(ContractError, match=r"shop\.orders: ELMA365 counts 9 records.*after 7"):
        all_batches(make_source(page_size=3), "shop.orders", store)


def test_a_server_that_repeats_a_page_stops_the_run(
    make_source: Make, company: Any, store: FileStore
) -> None:
    first_page: list[Any] = []

    def repeat(path: str, answer: Any) -> Any:
        if path.endswith("/orders/list"):
            first_page[:] = first_page or answer["result"]["result"]
            answer["result"]["result"] = list(first_page)
        return answer

    company.add("shop.orders", [], numbered(6))
    company.change = repeat

    with pytest.raises(ContractError, match="ended after 3"):
        all_batches(make_source(page_size=3), "shop.orders", store)


def test_a_record_that_vanishes_between_pages_hides_no_other(
    make_source: Make, company: Any, store: FileStore
) -> None:
    company.add("shop.orders", [], numbered(6))
    batches = make_source(page_size=3).extract("shop.orders", None, None, store)
    first = next(batches)

    del company.apps["shop.orders"]["items"][0]

    assert sorted(r.key for r in records([first, *batches])) == [f"id-{n}" for n in range(1, 7)]


def test_a_record_that_appears_between_pages_is_read(
    make_source: Make, company: Any, store: FileStore
) -> None:
    company.add("shop.orders", [], numbered(6))
    late = numbered(1)[0] | {"__id": "id-late", "__index": 7}
    batches = make_source(page_size=3).extract("shop.orders", None, None, store)
    first = next(batches)

    company.apps["shop.orders"]["items"].append(late)

    assert [r.key for r in records([first, *batches])][-1] == "id-late"


def test_deleted_records_come_marked(make_source: Make, company: Any, store: FileStore) -> None:
    company.add("shop.orders", [], [{"__deletedAt": "2024-02-01T00:00:00Z"}, {}])

    found = records(all_batches(make_source(), "shop.orders", store))

    assert [r.deleted for r in found] == [True, False]


def test_only_changed_records_come_when_a_time_is_given(
    make_source: Make, company: Any, store: FileStore
) -> None:
    company.add("shop.orders", [], [{}, {"__updatedAt": "2024-05-01T00:00:00Z"}])

    batches = make_source().extract("shop.orders", None, datetime(2024, 4, 1, tzinfo=UTC), store)

    assert [r.key for r in records(list(batches))] == ["id-2"]
    assert company.requests[-1][2]["filter"] == {
        "tf": {"__updatedAt": {"min": "2024-04-01T00:00:00Z", "max": None}}
    }


def test_a_missing_key_is_nothing(make_source: Make, company: Any, store: FileStore, field: Field) -> None:
    company.add("shop.orders", [field("colour", "STRING")], [{}])

    assert records(all_batches(make_source(), "shop.orders", store))[0].values["colour"] is None


def test_a_record_of_unknown_shape_is_rejected_with_every_reason(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    company.add(
        "shop.orders",
        [field("sum", "MONEY"), field("colour", "STRING")],
        [{"sum": "12", "colour": 5}, {"colour": "red"}],
    )

    (batch,) = all_batches(make_source(), "shop.orders", store)

    (rejected,) = batch.rejected
    assert [r.key for r in batch.records] == ["id-2"]
    assert rejected.key == "id-1"
    assert [reason.split(":")[0] for reason in rejected.reasons] == [
        "field 'sum' (MONEY)",
        "field 'colour' (STRING)",
    ]


def test_a_value_of_a_field_that_the_scheme_lacks_is_not_dropped(
    make_source: Make, company: Any, store: FileStore
) -> None:
    company.add("shop.orders", [], [{"surprise": 1}, {"surprise": None}])

    (batch,) = all_batches(make_source(), "shop.orders", store)

    assert [r.reasons for r in batch.rejected] == [
        ("field 'surprise': not in the scheme of shop.orders; run discover again",)
    ]


def test_a_status_number_becomes_its_code(make_source: Make, company: Any, store: FileStore) -> None:
    statuses = [{"id": 4, "code": "won", "name": "Won"}]
    company.add("shop.orders", [], [{"__status": {"order": 1, "status": 4}}], statuses)

    assert records(all_batches(make_source(), "shop.orders", store))[0].values["__status"] == "won"


def test_users_keep_their_names_and_status(make_source: Make, company: Any, store: FileStore) -> None:
    company.users = [
        {
            "__id": "u1",
            "__name": "Анна",
            "email": "a@b.example",
            "__status": {"order": 0, "status": 3},
            "osIds": ["x"],
        }
    ]

    (user,) = records(all_batches(make_source(), "_system.users", store))

    assert (user.values["email"], user.values["status"]) == ("a@b.example", "blocked")


def test_tasks_point_to_people_and_records(make_source: Make, company: Any, store: FileStore) -> None:
    item = {"namespace": "shop", "code": "orders", "id": "id-1"}
    company.tasks = [
        {"__id": "t1", "__name": "Call", "state": "closed", "performers": ["u1"], "__item": item}
    ]

    (task,) = records(all_batches(make_source(), "_system.tasks", store))

    assert task.values["item"] == Reference("shop.orders", "id-1")
    assert task.values["performers"] == (Reference("_system.users", "u1"),)
    assert task.values["state"] == "closed"


def test_a_file_is_one_record_for_each_place_and_is_fetched_and_stored_once(
    make_source: Make, company: Any, store: FileStore, field: Field, tmp_path: Path
) -> None:
    table = field("rows", "TABLE", data={"fields": [field("scan", "FILE")]})
    company.add_file("f1", "Договор.txt", "текст".encode())
    company.add(
        "shop.orders",
        [field("docs", "FILE", single=False), table],
        [{"docs": ["f1"]}, {"docs": ["f1"], "rows": {"rows": [{"scan": ["f1"]}], "result": {}}}],
    )

    found = records(all_batches(make_source(), "_system.files", store))

    assert [r.key for r in found] == [
        "f1@shop.orders/id-1/docs",
        "f1@shop.orders/id-2/docs",
        "f1@shop.orders/id-2/rows.scan",
    ]
    owners = [record.values["owner"].key for record in found]
    assert owners == ["id-1", "id-2", "id-2"]
    contents = [record.values["content"] for record in found]
    assert contents == [contents[0]] * 3
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 1
    assert store.path(found[0].values["content"]).read_bytes() == "текст".encode()
    assert len([path for _, path, _ in company.requests if path.startswith("/storage/")]) == 1


def test_a_record_points_to_its_files_by_their_keys(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    company.add_file("f1", "a.txt", b"a")
    company.add("shop.orders", [field("doc", "FILE")], [{"doc": ["f1"]}])
    source = make_source()

    (order,) = records(all_batches(source, "shop.orders", store))
    (file,) = records(all_batches(source, "_system.files", store))

    assert order.values["doc"] == Reference("_system.files", file.key)


@pytest.mark.parametrize(
    ("about", "reason"),
    [({"size": 999}, "999 bytes announced"), ({"hash": "0" * 64}, "announced hash"), (None, "404")],
)
def test_a_file_that_cannot_be_had_is_rejected_with_the_reason(
    make_source: Make, company: Any, store: FileStore, field: Field, about: dict[str, Any] | None, reason: str
) -> None:
    if about is not None:
        company.add_file("f1", "a.txt", b"a", **about)
    company.add("shop.orders", [field("doc", "FILE")], [{"doc": ["f1"]}])

    (batch,) = all_batches(make_source(), "_system.files", store)

    assert not batch.records
    assert reason in batch.rejected[0].reasons[0]


def test_the_second_reading_agrees_with_the_first(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    company.add_file("f1", "a.txt", b"a", __createdAt="2024-01-01T00:00:00Z", __createdBy="u1")
    company.add(
        "shop.orders",
        [
            field("sum", "MONEY"),
            field("doc", "FILE"),
            field("due", "DATETIME", "date"),
            field("phone", "PHONE"),
        ],
        [{"sum": {"cents": 5, "currency": "RUB"}, "doc": ["f1"], "due": "2024-03-01T00:00:00Z"}, {}],
    )
    source = make_source()

    for name in ("shop.orders", "_system.files"):
        expected = {r.key: r.values for r in records(all_batches(source, name, store))}
        seen = {o.id: o.values for o in source.reconcile(name, Selection(owned=""))}
        assert seen == expected


def test_single_records_are_read_again_by_their_keys(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    company.add_file("f1", "a.txt", b"a")
    company.add("shop.orders", [field("doc", "FILE")], [{"doc": ["f1"]} for _ in range(5)])
    source = make_source(page_size=2)
    keys = ("id-2", "id-4", "id-5", "gone")

    orders = {o.id for o in source.reconcile("shop.orders", Selection(ids=keys))}
    files = [o.id for o in source.reconcile("_system.files", Selection(ids=("f1@shop.orders/id-3/doc",)))]

    assert orders == {"id-2", "id-4", "id-5"}
    assert files == ["f1@shop.orders/id-3/doc"]


def test_the_catalog_counts_live_records_and_names_what_cannot_move(make_source: Make, company: Any) -> None:
    company.add("shop.orders", [], [{}, {"__deletedAt": "2024-02-01T00:00:00Z"}])
    company.add("_system_catalogs._profiles", [], [{}])

    catalog = make_source().discover()

    orders = catalog.object("shop.orders")
    assert orders is not None
    assert orders.count == 1
    assert catalog.object("_system_catalogs._profiles") is None
    assert "Not read: _system_catalogs._profiles (the platform's own)." in catalog.notes
    said = {report.kind: report.summary().split(":")[0] for report in catalog.artifacts}
    assert said["workflow"] == "1 found"
    assert said["page"] == "none found"
    assert said["report"] == said["robot"] == "not examined"


def test_only_chosen_applications_are_read(make_source: Make, company: Any) -> None:
    company.add("shop.orders", [])
    company.add("shop.refunds", [])

    catalog = make_source(applications=["shop.refunds"]).discover()

    assert [o.name for o in catalog.objects] == [
        "shop.refunds",
        "_system.users",
        "_system.groups",
        "_system.tasks",
        "_work.people",
        "_work.companies",
        "_system.files",
        "_process.instances",
        "_process.steps",
        "_system.choices",
    ]


def test_an_unknown_application_is_a_configuration_error(make_source: Make, company: Any) -> None:
    with pytest.raises(ConfigError, match=r"no application shop\.nothing"):
        make_source(applications=["shop.nothing"]).discover()


def test_the_schema_is_the_platforms_own(make_source: Make, company: Any, field: Field) -> None:
    company.add("shop.orders", [field("colour", "STRING")])

    assert make_source().infer_schema("shop.orders", []).field("colour") is not None


def test_nothing_but_reads_is_sent(make_source: Make, company: Any, store: FileStore, field: Field) -> None:
    company.add_file("f1", "a.txt", b"a")
    company.add("shop.orders", [field("doc", "FILE")], [{"doc": ["f1"]}])
    source = make_source()

    for described in source.discover().objects:
        all_batches(source, described.name, store)
        list(source.reconcile(described.name, Selection(owned="")))

    assert {path.rsplit("/", 1)[-1] for method, path, _ in company.requests if method != "GET"} == {"list"}


def test_nothing_is_sent_before_something_is_asked(make_source: Make, company: Any) -> None:
    make_source().close()

    assert company.requests == []


def test_a_revoked_token_stops_extraction(make_source: Make, company: Any, store: FileStore) -> None:
    company.add("shop.orders", [], numbered(2))
    source = make_source()
    source.infer_schema("shop.orders", [])
    company.change = lambda _path, _answer: httpx2.Response(403)

    with pytest.raises(AccessLostError, match="does not accept the token"):
        all_batches(source, "shop.orders", store)


def test_a_company_cannot_be_read_without_an_address(connection: Connection, store: FileStore) -> None:
    settings = Elma365Source.settings_type(mspdi=(Path("plan.xml"),))

    with pytest.raises(ConfigError, match="reads files only"):
        all_batches(Elma365Source(settings, connection), "shop.orders", store)
