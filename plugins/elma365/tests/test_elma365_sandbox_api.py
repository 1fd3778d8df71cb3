"""The Web API of the ELMA365 sandbox, over real HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from crossdock.sandbox import SandboxProcess, start

COMPANIES = "/app/_clients/_companies"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    data = tmp_path_factory.mktemp("elma365") / "elma365.db"
    process = start("elma365", data=data, seed="empty", rate="off")
    yield process
    process.stop()


@pytest.fixture
def api(sandbox: SandboxProcess) -> Iterator[httpx2.Client]:
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    with httpx2.Client(base_url=f"{sandbox.url}/pub/v1", headers=headers) as client:
        httpx2.post(f"{sandbox.url}/_sandbox/reset", json={"seed": "empty"}).raise_for_status()
        httpx2.post(f"{sandbox.url}/_sandbox/clock", json={"now": None}).raise_for_status()
        yield client


def seed(sandbox: SandboxProcess, **data: Any) -> None:
    httpx2.post(f"{sandbox.url}/_seed", json=data).raise_for_status()


def seed_companies(sandbox: SandboxProcess, *items: Json) -> None:
    seed(sandbox, items={"_clients._companies": list(items)})


def listed(api: httpx2.Client, path: str = COMPANIES, **body: Any) -> Json:
    answer = api.post(f"{path}/list", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["success"] is True
    result: Json = answer.json()["result"]
    return result


def ids(result: Json) -> list[str]:
    return [item["__id"] for item in result["result"]]


def test_a_list_gives_ten_items_and_the_total_unless_asked_otherwise(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    seed_companies(sandbox, *({"__id": f"c{n}", "__name": f"C{n}"} for n in range(12)))

    result = listed(api)

    assert (len(result["result"]), result["total"]) == (10, 12)


def test_pages_sorted_by_index_follow_each_other(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    seed_companies(sandbox, *({"__id": f"c{n}"} for n in range(5)))
    order = [{"field": "__index", "ascending": True}]

    bodies: list[Json] = [{"size": 2, "sortExpressions": order, "from": start} for start in (0, 2, 4)]
    pages = [ids(listed(api, **body)) for body in bodies]

    assert pages == [["c0", "c1"], ["c2", "c3"], ["c4"]]


def test_size_0_only_counts(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    seed_companies(sandbox, {"__id": "c1"})

    assert listed(api, size=0) == {"result": [], "total": 1}


def test_deleted_items_are_listed_unless_active_is_true(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    seed_companies(sandbox, {"__id": "here"}, {"__id": "gone", "__deletedAt": "2024-01-01T00:00:00Z"})

    assert set(ids(listed(api))) == {"here", "gone"}
    assert ids(listed(api, active=True)) == ["here"]


def test_the_list_can_be_asked_for_by_get(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    seed_companies(sandbox, {"__id": "a"}, {"__id": "b"})

    answer = api.get(f"{COMPANIES}/list", params={"query": '{"ids":["b"]}'})

    assert ids(answer.json()["result"]) == ["b"]


def test_fields_keeps_only_what_is_named(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    seed_companies(sandbox, {"__id": "a", "__name": "Альфа", "_inn": "1"})

    assert listed(api, fields={"_inn": True})["result"] == [{"__id": "a", "_inn": "1"}]
    assert listed(api, fields={"*": True})["result"][0]["__name"] == "Альфа"


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"tf": {"__updatedAt": {"min": "2024-01-01T00:00:00.000000002Z", "max": None}}}, {"b", "c"}),
        ({"tf": {"__updatedAt": {"min": None, "max": "2024-01-01T00:00:00.000000001Z"}}}, {"a"}),
        ({"tf": {"__name": "рома"}}, {"a"}),
        ({"tf": {"_email": "INFO@"}}, {"b"}),
        ({"tf": {"employees": {"min": 10, "max": 10}}}, {"b"}),
        ({"tf": {"_contacts": ["p1"]}}, {"a", "c"}),
        ({"eq": [{"field": "_inn"}, None]}, {"b", "c"}),
        ({"neq": [{"field": "_inn"}, {"const": "77"}]}, {"b", "c"}),
        ({"in": [{"field": "_contacts"}, {"list": ["p2", "p3"]}]}, {"c"}),
        ({"in": [{"const": "a"}, {"field": "__id"}]}, {"a"}),
        ({"like": [{"field": "__name"}, {"const": "%бета%"}]}, {"b"}),
        ({"gt": [{"field": "employees"}, {"const": 5}]}, {"b"}),
        ({"and": [{"tf": {"employees": {"min": 1}}}, {"not": {"tf": {"__name": "Бета"}}}]}, {"a"}),
        (
            {"or": [{"tf": {"__name": "Ромашка"}}, {"link": [{"field": "_contacts"}, {"list": ["p2"]}]}]},
            {"a", "c"},
        ),
    ],
)
def test_a_filter_finds_what_the_guide_says(
    sandbox: SandboxProcess, api: httpx2.Client, condition: Json, found: set[str]
) -> None:
    time = "2024-01-01T00:00:00.00000000{}Z"
    seed_companies(
        sandbox,
        {
            "__id": "a",
            "__name": "Ромашка",
            "_inn": "77",
            "employees": 5,
            "_contacts": ["p1"],
            "__updatedAt": time.format(1),
        },
        {"__id": "b", "__name": "Бета", "employees": 10, "__updatedAt": time.format(2)}
        | {"_email": [{"type": "work", "email": "info@b.example"}]},
        {"__id": "c", "__name": "Гамма", "_contacts": ["p1", "p2"], "__updatedAt": time.format(3)},
    )

    assert set(ids(listed(api, filter=condition))) == found


def test_status_codes_select_items_that_carry_status_numbers(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    seed(sandbox, items={"_clients._leads": [{"__id": "n"}, {"__id": "w", "status": "won"}]})

    result = listed(api, "/app/_clients/_leads", statusCode=["won"])

    assert ids(result) == ["w"]
    assert result["result"][0]["__status"]["status"] == 4


@pytest.mark.parametrize(
    "body",
    [
        {"size": 10001},
        {"size": "many"},
        {"filter": {"eql": {"query": "x"}}},
        {"sortExpressions": ["__index"]},
    ],
)
def test_a_bad_list_request_is_answered_with_400_and_plain_text(api: httpx2.Client, body: Json) -> None:
    answer = api.post(f"{COMPANIES}/list", json=body)

    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "path",
    ["/app/_clients/_deals/list", "/app/_clients/_companies/nobody/get", "/tasks/nothing/get", "/nowhere"],
)
def test_what_does_not_exist_is_404(api: httpx2.Client, path: str) -> None:
    assert api.post(path, json={}).status_code == 404


def test_a_wrong_token_is_403(sandbox: SandboxProcess) -> None:
    headers = {"Authorization": "Bearer wrong"}

    assert httpx2.post(f"{sandbox.url}/pub/v1/help", headers=headers).status_code == 403


def test_create_update_and_set_status_act_and_move_the_time_of_change(api: httpx2.Client) -> None:
    leads = "/app/_clients/_leads"
    made = api.post(f"{leads}/create", json={"context": {"__name": "Лид"}}).json()["item"]

    api.post(f"{leads}/{made['__id']}/update", json={"context": {"probability": 50}})
    api.post(f"{leads}/{made['__id']}/set-status", json={"status": {"code": "won"}})

    item = api.get(f"{leads}/{made['__id']}/get").json()["item"]
    assert (item["__name"], item["probability"], item["__status"]["status"]) == ("Лид", 50, 4)
    assert item["__updatedAt"] > made["__updatedAt"]


def test_an_unknown_status_is_a_logical_error_with_200(api: httpx2.Client) -> None:
    leads = "/app/_clients/_leads"
    made = api.post(f"{leads}/create", json={"context": {}}).json()["item"]

    answer = api.post(f"{leads}/{made['__id']}/set-status", json={"status": {"code": "nowhere"}})

    assert (answer.status_code, answer.json()["success"]) == (200, False)


def test_the_schema_holds_fields_and_leaves_statuses_to_their_own_request(api: httpx2.Client) -> None:
    app = api.get("/scheme/namespaces/logistics/apps/shipments").json()["application"]
    statuses = api.get("/app/logistics/shipments/settings/status").json()["statusItems"]

    types = {field["type"] for field in app["fields"]}
    assert {"TABLE", "MONEY", "REF_ITEM", "DURATION", "FULL_NAME", "STATUS", "IMAGE"} <= types
    assert "settings" not in app
    assert [status["code"] for status in statuses] == ["draft", "loading", "on_way", "delivered"]


def test_a_file_link_works_without_the_token_only(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    seed(sandbox, files=[{"__id": "f1", "__name": "Письмо.txt", "text": "привет"}])
    link = api.get("/disk/file/f1/get-link").json()["Link"]

    assert httpx2.get(link).text == "привет"
    assert api.get(link).status_code == 403
    assert httpx2.get(link.partition("?")[0]).status_code == 403


def test_a_file_link_expires_after_a_day(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    seed(sandbox, files=[{"__id": "f1", "__name": "a.txt", "text": "a"}])
    httpx2.post(f"{sandbox.url}/_sandbox/clock", json={"now": 1_700_000_000})
    link = api.get("/disk/file/f1/get-link").json()["Link"]

    httpx2.post(f"{sandbox.url}/_sandbox/clock", json={"now": 1_700_000_000 + 86_401})

    assert httpx2.get(link).status_code == 403


def test_instances_of_a_process_ignore_a_range_of_creation(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    instance = {"__id": "i1", "__templateCode": "demo.things:go", "__templateId": "t1"}
    seed(sandbox, instances=[instance, {"__id": "i2", "__templateCode": "other:go"}])
    body = {"filter": {"tf": {"__createdAt": {"min": "2999-01-01T00:00:00Z"}}}}

    answer = api.post("/bpm/instance/bytemplate/demo.things/go/list", json=body)

    assert ids(answer.json()["result"]) == ["i1"]


def test_an_empty_company_has_one_active_administrator(api: httpx2.Client) -> None:
    [user] = api.post("/user/list", json={}).json()["result"]["result"]

    assert user["__status"]["status"] == 2


def test_the_request_log_shows_a_write(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    httpx2.delete(f"{sandbox.url}/_sandbox/log")
    api.post(f"{COMPANIES}/create", json={"context": {}})

    [entry] = httpx2.get(f"{sandbox.url}/_sandbox/log").json()

    assert (entry["method"], entry["path"]) == ("POST", "/pub/v1/app/_clients/_companies/create")
