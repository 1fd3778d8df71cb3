"""Calls, meetings, e-mails, messages and comments as records, read twice with the same result."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from crossdock.filestore import FileStore
from crossdock.model import Batch, Record, Selection
from crossdock.values import Reference
from crossdock_elma365.source import Elma365Source

Field = Callable[..., dict[str, Any]]
Make = Callable[..., Elma365Source]

ANNA = "a0000000-0000-4000-8000-000000000001"
EVENTS, EMAILS, MESSAGES, FILES = "_activity.events", "_activity.emails", "_feed.messages", "_system.files"


def read(source: Elma365Source, name: str, store: FileStore, **how: Any) -> list[Batch]:
    return list(source.extract(name, how.get("cursor"), how.get("since"), store))


def records(batches: list[Batch]) -> list[Record]:
    return [record for batch in batches for record in batch.records]


def calls(company: Any, field: Field, /, **item: Any) -> None:
    company.users = [{"__id": ANNA, "__name": "Петрова Анна"}]
    fields = [
        field("description", "STRING", "text"),
        field("start", "DATETIME", "datetime"),
        field("duration", "DURATION"),
        field("direction", "ENUM", data={"enumItems": [{"code": "in", "name": "Входящий"}]}),
        field("company", "SYS_COLLECTION", data={"namespace": "_clients", "code": "_companies"}),
        field("reason", "REF_ITEM"),
        field("users", "SYS_USER", single=False),
        field("mood", "STRING", "string"),
        field("record", "FILE"),
    ]
    statuses = [{"id": 1, "code": "new", "name": "Новый"}, {"id": 2, "code": "done", "name": "Завершён"}]
    company.add("_clients._calls", fields, [{"__name": "Звонок", **item}], statuses, kind="EVENT")


def test_a_call_has_its_own_fields_and_the_rest_in_words(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    given = {"start": "2021-02-03T04:05:06Z", "duration": 61, "users": [ANNA], "mood": "<рад> & бодр"}
    calls(company, field, direction=[{"code": "in", "name": "?"}], description="Да < нет\nи точка", **given)

    (record,) = records(read(make_source(), EVENTS, store))

    assert record.key == "id-1@_clients._calls"
    assert record.values["kind"] == "call"
    assert record.values["start"] == datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert record.values["direction"] == "Входящий"
    assert record.values["body"] == "<p>Да &lt; нет</p><p>и точка</p>"
    assert "<li>Label of users: Петрова Анна</li>" in record.values["details"]
    assert "<li>Label of mood: &lt;рад&gt; &amp; бодр</li>" in record.values["details"]
    assert record.values["__createdAt"] == datetime(2024, 1, 1, 10, tzinfo=UTC)


def test_an_activity_is_about_everything_that_it_is_linked_to(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    reason = {"namespace": "shop", "code": "orders", "id": "o1"}
    calls(company, field, company=["c1"], reason=reason)

    (record,) = records(read(make_source(), EVENTS, store))

    assert record.values["about"] == (Reference("_clients._companies", "c1"), Reference("shop.orders", "o1"))


@pytest.mark.parametrize(
    ("item", "state"),
    [
        ({"__status": {"order": 0, "status": 2}, "start": "2999-01-01T00:00:00Z"}, "done"),
        ({"__status": {"order": 0, "status": 1}, "start": "2001-01-01T00:00:00Z"}, "planned"),
        ({"start": "2001-01-01T00:00:00Z"}, "done"),
        ({"start": "2999-01-01T00:00:00Z"}, "planned"),
        ({"start": "2001-01-02T00:00:00Z", "__updatedAt": "2001-01-01T00:00:00Z"}, "planned"),
        ({"start": "2001-01-02T00:00:00Z", "__updatedAt": "2001-01-02T00:00:00Z"}, "done"),
        (
            {"start": "2001-01-02T00:00:00Z", "__updatedAt": None, "__createdAt": "2001-01-01T00:00:00Z"},
            "planned",
        ),
        ({"start": "2999-01-01T00:00:00Z", "__updatedAt": "2999-01-02T00:00:00Z"}, "done"),
        ({"start": "2999-01-01T00:00:00Z", "__updatedAt": None, "__createdAt": None}, "done"),
        ({}, "done"),
    ],
)
def test_the_status_says_whether_it_is_over_and_without_one_its_last_change_whatever_the_day(
    item: dict[str, Any], state: str, make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    calls(company, field, **item)

    (record,) = records(read(make_source(), EVENTS, store))

    assert record.values["state"] == state


def test_an_activity_of_unknown_shape_is_rejected_under_its_own_key(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    calls(company, field, start="вчера")

    (batch,) = read(make_source(), EVENTS, store)

    assert [(r.object_name, r.key) for r in batch.rejected] == [(EVENTS, "id-1@_clients._calls")]
    assert "'start'" in batch.rejected[0].reasons[0]


def test_an_event_application_is_no_object_of_its_own(make_source: Make, company: Any, field: Field) -> None:
    calls(company, field)
    company.add("_clients._letters", [], [], kind="EVENT")
    company.add("shop.orders", [])

    names = [schema.name for schema in make_source().discover().objects]

    assert {EVENTS, EMAILS, "shop.orders"} <= set(names)
    assert not {"_clients._calls", "_clients._letters"} & set(names)


def test_event_applications_can_stay_applications(make_source: Make, company: Any, field: Field) -> None:
    calls(company, field)

    names = [schema.name for schema in make_source(activities="none").discover().objects]

    assert "_clients._calls" in names
    assert EVENTS not in names


def test_the_files_of_a_call_belong_to_the_activity(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    calls(company, field, record=["f1"])
    company.add_file("f1", "talk.mp3", b"sound")

    (record,) = records(read(make_source(), FILES, store))

    assert record.values["owner"] == Reference(EVENTS, "id-1@_clients._calls")


def feed(company: Any) -> None:
    company.users = [{"__id": ANNA, "__name": "Петрова Анна"}]
    company.add("shop.orders", [], [{"__name": "Заказ"}, {"__name": "Тихий"}])
    stamp = {"__createdAt": "2020-02-02T02:02:02Z", "__updatedAt": "2020-02-02T02:02:02Z"}
    message = {"__id": "m1", "author": ANNA, "body": "<p>Отгрузили <b>всё</b></p><p>Ура</p>", **stamp}
    company.feeds = {
        "id-1": [message | {"recipients": [ANNA], "files": ["f1"], "likes": 3}],
        "m1": [{"__id": "c1", "author": ANNA, "body": "Ок", **stamp}],
    }
    company.add_file("f1", "act.pdf", b"act")


def test_a_call_refers_to_its_files(make_source: Make, company: Any, store: FileStore, field: Field) -> None:
    calls(company, field, record=["f1"])
    company.add_file("f1", "a.mp3", b"1")
    source = make_source()

    (record,) = records(read(source, EVENTS, store))
    (file,) = records(read(source, FILES, store))

    assert record.values["files"] == (Reference(FILES, file.key),)


def test_the_oldest_call_comes_first(make_source: Make, company: Any, store: FileStore, field: Field) -> None:
    calls(company, field)
    read(make_source(), EVENTS, store)
    sorted_by = [
        body["sortExpressions"] for _, path, body in company.requests if path.endswith("_calls/list")
    ]
    assert [e["field"] for e in sorted_by[-1]] == ["start", "__index"]


def test_activities_of_several_applications_come_together_the_oldest_first(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    for name, days in (("_clients._calls", (1, 3, 5)), ("_clients._meetings", (2, 4))):
        items = [{"__id": f"{name}{d}", "start": f"2021-02-0{d}T10:00:00Z"} for d in days]
        company.add(name, [field("start", "DATETIME", "datetime")], items, kind="EVENT")
    source = make_source(page_size=2)

    batches = read(source, EVENTS, store)
    rest = read(source, EVENTS, store, cursor=batches[0].cursor)

    assert [r.values["start"].day for r in records(batches)] == [1, 2, 3, 4, 5]
    assert records(rest) == records(batches[1:])


def test_a_feed_is_read_in_the_order_in_which_things_were_said(
    make_source: Make, company: Any, store: FileStore
) -> None:
    company.add("shop.orders", [], [{}])
    company.feeds["id-1"] = [
        {"__id": "m1", "body": "first", "__createdAt": "2024-01-01T10:00:00Z", "commentsCount": 1},
        {"__id": "m2", "body": "second", "__createdAt": "2024-01-01T11:00:00Z", "commentsCount": 0},
        {"__id": "m3", "body": "when?", "commentsCount": 0},
    ]
    company.feeds["m1"] = [{"__id": "c1", "body": "answer", "__createdAt": "2024-01-01T12:00:00.5Z"}]

    found = records(read(make_source(feed="all"), MESSAGES, store))

    assert [r.key.partition("@")[0] for r in found] == ["m1", "m2", "m1.c1", "m3"]


def test_messages_and_comments_of_an_item_are_records_about_it(
    make_source: Make, company: Any, store: FileStore
) -> None:
    feed(company)

    message, comment = records(read(make_source(feed="all"), MESSAGES, store))

    assert message.key == "m1@shop.orders:id-1"
    assert message.values["subject"] == "Отгрузили всё"
    assert message.values["author"] == Reference("_system.users", ANNA)
    assert message.values["about"] == (Reference("shop.orders", "id-1"),)
    assert message.values["details"] == "<ul><li>To: Петрова Анна</li><li>likes: 3</li></ul>"
    assert comment.key == "m1.c1@shop.orders:id-1"
    assert comment.values["parent"] == message.key
    assert comment.values["about"] == message.values["about"]
    assert comment.values["details"] == "<ul><li>In reply to: Отгрузили всё</li></ul>"


def test_files_of_messages_belong_to_the_message(make_source: Make, company: Any, store: FileStore) -> None:
    feed(company)

    (record,) = records(read(make_source(feed="all"), FILES, store))

    assert record.key == f"f1@{MESSAGES}/m1@shop.orders:id-1/files"
    assert record.values["owner"] == Reference(MESSAGES, "m1@shop.orders:id-1")


def test_a_message_about_a_call_is_about_what_the_call_is_about(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    calls(company, field, company=["c1"])
    company.feeds = {"id-1": [{"__id": "m1", "body": "Перезвонить"}]}

    (message,) = records(read(make_source(feed="all"), MESSAGES, store))

    assert message.values["about"] == (Reference("_clients._companies", "c1"),)
    assert "About: Звонок" in message.values["details"]


def test_only_chosen_feeds_are_read(make_source: Make, company: Any, store: FileStore) -> None:
    feed(company)
    company.add("shop.bills", [], [{"__id": "bill"}])

    list(read(make_source(feed=["shop.bills"]), MESSAGES, store))

    asked = {path for _, path, _ in company.requests if "/feed/" in path}
    assert asked == {"/pub/v1/feed/shop/bills/bill/message/list"}


def test_an_empty_feed_is_asked_for_once(make_source: Make, company: Any, store: FileStore) -> None:
    feed(company)
    source = make_source(feed="all")

    read(source, MESSAGES, store)
    read(source, FILES, store)

    paths = [path for _, path, _ in company.requests]
    assert paths.count("/pub/v1/feed/shop/orders/id-2/message/list") == 1


def test_a_feed_without_files_is_asked_for_once(make_source: Make, company: Any, store: FileStore) -> None:
    feed(company)
    company.feeds["id-2"] = [{"__id": "m2", "body": "Второе", "commentsCount": 0}]
    source = make_source(feed="all")

    read(source, MESSAGES, store)
    files = records(read(source, FILES, store))

    paths = [path for _, path, _ in company.requests]
    assert paths.count("/pub/v1/feed/shop/orders/id-2/message/list") == 1
    assert [record.key.partition("@")[0] for record in files] == ["f1"]


def test_a_file_of_a_comment_is_found_after_the_messages_were_read(
    make_source: Make, company: Any, store: FileStore
) -> None:
    feed(company)
    company.feeds["id-1"][0]["files"] = []
    company.feeds["m1"][0]["files"] = ["f1"]
    source = make_source(feed="all")

    read(source, MESSAGES, store)

    assert len(records(read(source, FILES, store))) == 1


def test_a_feed_that_cannot_be_read_is_one_reject(make_source: Make, company: Any, store: FileStore) -> None:
    feed(company)

    def refuse(path: str, answer: Any) -> Any:
        return httpx2.Response(404, text="no feed") if "/id-1/message" in path else answer

    company.change = refuse

    (batch,) = read(make_source(feed="all"), MESSAGES, store)

    assert [r.key for r in batch.rejected] == ["?@shop.orders:id-1"]
    assert "the feed cannot be read" in batch.rejected[0].reasons[0]


def test_reading_goes_on_after_a_cursor(make_source: Make, company: Any, store: FileStore) -> None:
    feed(company)
    company.feeds["id-2"] = [{"__id": "m2", "body": "Второе"}]
    source = make_source(feed="all", page_size=1)
    first, *_ = read(source, MESSAGES, store)

    rest = records(read(source, MESSAGES, store, cursor=first.cursor))

    assert [record.key for record in rest] == ["m2@shop.orders:id-2"]


@pytest.mark.parametrize("name", [EVENTS, MESSAGES, FILES])
def test_the_second_reading_agrees_with_the_first(
    name: str, make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    feed(company)
    given = {"start": "2021-02-03T04:05:06.5Z", "users": [ANNA], "company": ["c1"], "record": ["f1"]}
    calls(company, field, **given)
    source = make_source(feed="all")
    first = {record.key: record.values for record in records(read(source, name, store))}

    second = {seen.id: seen.values for seen in source.reconcile(name, Selection(owned=""))}
    chosen = {seen.id for seen in source.reconcile(name, Selection(ids=tuple(first)[:1]))}

    assert second == first
    assert chosen == set(tuple(first)[:1])


def test_discover_says_what_reading_the_feeds_costs(make_source: Make, company: Any) -> None:
    feed(company)

    notes = make_source(feed="all", calls_per_minute=60).discover().notes

    assert any(note.startswith("Messages and comments: 2 requests") for note in notes)


@pytest.mark.parametrize(("feed_delta", "keys"), [("changed", []), ("all", ["m1", "m1.c1"])])
def test_a_delta_reads_the_feeds_of_changed_items_or_of_all(
    feed_delta: str, keys: list[str], make_source: Make, company: Any, store: FileStore
) -> None:
    feed(company)
    source = make_source(feed="all", feed_delta=feed_delta)

    found = records(read(source, MESSAGES, store, since=datetime(2024, 6, 1, tzinfo=UTC)))

    assert [record.key.partition("@")[0] for record in found] == keys
    assert source.infer_schema(MESSAGES, []).snapshot is (feed_delta == "all")
