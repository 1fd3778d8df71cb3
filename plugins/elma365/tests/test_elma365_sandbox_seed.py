"""`POST /_seed` and the rate limit of the ELMA365 sandbox, over real HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from crossdock.sandbox import SandboxProcess, start

Json = dict[str, Any]

THINGS: Json = {
    "namespace": "demo",
    "code": "things",
    "name": "Вещи",
    "fields": [
        {"code": "size", "type": "FLOAT", "kind": "integer", "name": "Размер"},
        {"code": "colour", "type": "ENUM", "options": {"red": "Красный"}},
        {"code": "owners", "type": "SYS_COLLECTION", "link": "_clients._companies", "many": True},
        {"code": "lines", "type": "TABLE", "columns": [{"code": "sum", "type": "MONEY"}]},
        {"code": "old", "type": "STRING", "deleted": True},
    ],
    "statuses": [["new", "Новая"], ["done", "Готово"]],
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    data = tmp_path_factory.mktemp("elma365") / "elma365.db"
    process = start("elma365", data=data, seed="empty", rate="real")
    yield process
    process.stop()


@pytest.fixture
def client(sandbox: SandboxProcess) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=sandbox.url) as client:
        client.post("/_sandbox/reset", json={"seed": "empty"}).raise_for_status()
        yield client


def seed(client: httpx2.Client, **data: Any) -> None:
    answer = client.post("/_seed", json=data)
    assert answer.status_code == 200, answer.text


def stored(client: httpx2.Client) -> Json:
    items: Json = client.get("/_sandbox/dump").json()["items"]
    return items


def test_a_short_application_becomes_a_whole_schema(client: httpx2.Client) -> None:
    seed(client, namespaces={"demo": "Пример"}, apps=[THINGS])

    dump = client.get("/_sandbox/dump").json()

    [app] = [app for app in dump["apps"] if app["code"] == "things"]
    fields = {field["code"]: field for field in app["fields"]}
    assert {"__id", "__index", "__createdAt", "__status"} <= fields.keys()
    assert fields["size"]["view"]["data"] == {"additionalType": "integer"}
    assert fields["size"]["view"]["name"] == "Размер"
    assert fields["colour"]["data"]["enumItems"][0] == {"code": "red", "name": "Красный", "checked": False}
    assert (fields["owners"]["array"], fields["owners"]["single"]) == (True, False)
    assert fields["owners"]["data"] == {"namespace": "_clients", "code": "_companies"}
    assert fields["lines"]["data"]["fields"][0]["type"] == "MONEY"
    assert fields["old"]["deleted"] is True
    assert [(status["id"], status["code"]) for status in app["settings"]["statusItems"]] == [
        (1, "new"),
        (2, "done"),
    ]


def test_an_item_keeps_what_it_brings_and_gets_the_system_fields_it_lacks(client: httpx2.Client) -> None:
    seed(client, apps=[THINGS])
    seed(client, items={"demo.things": [{"__id": "t1", "size": None, "__createdAt": "2020-01-01T00:00:00Z"}]})

    [item] = stored(client)["demo.things"]

    assert (item["__createdAt"], item["__updatedAt"]) == ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z")
    assert item["size"] is None
    assert "colour" not in item
    assert (item["__index"], item["__status"]) == (1, {"order": 0, "status": 1})


def test_the_same_id_replaces_and_keeps_its_running_number(client: httpx2.Client) -> None:
    seed(client, apps=[THINGS], items={"demo.things": [{"__id": "t1", "size": 1}, {"__id": "t2"}]})

    seed(client, items={"demo.things": [{"__id": "t1", "size": 2, "status": "done"}, {"__id": "t3"}]})

    found = {item["__id"]: item for item in stored(client)["demo.things"]}
    assert [found[key]["__index"] for key in ("t1", "t2", "t3")] == [1, 2, 3]
    assert (found["t1"]["size"], found["t1"]["__status"]["status"]) == (2, 2)


def test_removed_items_leave_no_trace(client: httpx2.Client) -> None:
    seed(client, apps=[THINGS], items={"demo.things": [{"__id": "t1"}, {"__id": "t2"}]})

    seed(client, remove={"demo.things": ["t1"]})

    assert [item["__id"] for item in stored(client)["demo.things"]] == ["t2"]


def test_a_nul_character_survives(client: httpx2.Client) -> None:
    seed(client, items={"_clients._companies": [{"__id": "c1", "__name": "до\x00после"}]})

    assert stored(client)["_clients._companies"][0]["__name"] == "до\x00после"


@pytest.mark.parametrize(
    "data",
    [
        {"item": {}},
        {"items": {"nobody.nothing": [{"__id": "x"}]}},
        {"apps": [{"namespace": "a", "code": "b", "fields": [{"code": "c", "type": "ENUM", "values": {}}]}]},
    ],
)
def test_a_mistake_in_the_data_is_refused(client: httpx2.Client, data: Json) -> None:
    assert client.post("/_seed", json=data).status_code == 400


def test_more_than_90_requests_in_a_minute_are_refused_in_plain_text(
    sandbox: SandboxProcess, client: httpx2.Client
) -> None:
    headers = {"Authorization": f"Bearer {sandbox.token}"}

    answers = [client.post("/pub/v1/help", headers=headers) for _ in range(92)]

    assert [answer.status_code for answer in answers].count(200) == 90
    assert answers[-1].status_code == 429
    assert "too many" in answers[-1].text
    assert answers[-1].headers["content-type"].startswith("text/plain")
