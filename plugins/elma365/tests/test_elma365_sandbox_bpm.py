"""Processes and reports of the ELMA365 sandbox, over real HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from crossdock.sandbox import SandboxProcess, start

GO = {"__id": "p1", "namespace": "demo.things", "code": "go", "__name": "Go"}
DEFINITION = {"manualRun": True, "process": {"items": {}, "transitions": {}, "lanes": {}}}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = start("elma365", data=tmp_path_factory.mktemp("bpm") / "elma365.db", seed="empty", rate="off")
    body = {
        "apps": [{"namespace": "demo", "code": "things", "fields": []}],
        "processes": [GO | {"definition": DEFINITION}],
        "reports": [{"namespace": "demo", "code": "sales", "rows": [{"n": n} for n in range(12)]}],
        "instances": [
            {"__id": "i1", "__template": {"id": "p1", "namespace": "demo.things", "code": "go"}},
            {"__id": "i2", "__template": {"id": "p2", "namespace": "demo.things", "code": "other"}},
        ],
    }
    httpx2.post(f"{process.url}/_seed", json=body).raise_for_status()
    yield process
    process.stop()


@pytest.fixture
def api(sandbox: SandboxProcess) -> Iterator[httpx2.Client]:
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    with httpx2.Client(base_url=f"{sandbox.url}/pub/v1", headers=headers) as client:
        yield client


def rows(answer: httpx2.Response) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.json()["result"]["result"]
    return found


def test_a_list_of_processes_names_them_without_their_definitions(api: httpx2.Client) -> None:
    (listed,) = rows(api.get("/scheme/namespaces/demo/processes"))

    assert (listed["namespace"], listed["code"], "definition" in listed) == ("demo.things", "go", False)


def test_one_process_is_answered_with_its_definition(api: httpx2.Client) -> None:
    process = api.get("/scheme/namespaces/demo.things/processes/go").json()["process"]

    assert (process["__name"], process["process"]) == ("Go", DEFINITION["process"])


def test_a_process_that_is_not_there_is_not_found(api: httpx2.Client) -> None:
    assert api.get("/scheme/namespaces/demo.things/processes/stop").status_code == 404


@pytest.mark.parametrize("path", ["bytemplate/demo.things/go", "bytemplateid/p1"])
def test_instances_are_listed_by_their_process(api: httpx2.Client, path: str) -> None:
    found = rows(api.post(f"/bpm/instance/{path}/list", json={}))

    assert [row["__id"] for row in found] == ["i1"]


def test_the_data_of_a_report_comes_in_pages(api: httpx2.Client) -> None:
    answer = api.post("/reports/demo/sales/list", json={"from": 10, "size": 5})

    assert rows(answer) == [{"n": 10}, {"n": 11}]
    assert answer.json()["result"]["total"] == 12
