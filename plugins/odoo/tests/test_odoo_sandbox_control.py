"""The sandbox's control path: situations put in over `/_seed`, and the faults of the control layer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crossdock.sandbox.process import SandboxProcess, start


class World:
    """A sandbox in a process of its own."""

    def __init__(self, server: SandboxProcess) -> None:
        self.url, self.token = server.url, server.token

    def post(self, path: str, body: Any) -> Any:
        return httpx2.post(f"{self.url}{path}", json=body, timeout=10)

    def answer(self, model: str, method: str, *args: Any, key: str = "", uid: int = 2, **named: Any) -> Any:
        rpc = ["odoo", uid, key or self.token, model, method, args, named]
        params = {"service": "object", "method": "execute_kw", "args": rpc}
        return self.post("/jsonrpc", {"jsonrpc": "2.0", "id": 1, "params": params}).json()

    def call(self, model: str, method: str, *args: Any, **named: Any) -> Any:
        answer = self.answer(model, method, *args, **named)
        assert "error" not in answer, answer["error"]["data"]
        return answer.get("result")

    def refusal(self, model: str, method: str, *args: Any) -> tuple[str, str]:
        data = self.answer(model, method, *args)["error"]["data"]
        return data["name"], data["message"]

    def seed(self, **what: Any) -> Any:
        answer = self.post("/_seed", what)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, **what: Any) -> None:
        self.post("/_sandbox/faults", what).raise_for_status()

    def count(self, name: str) -> int:
        return int(self.call("crm.tag", "search_count", [["name", "=", name]]))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    made = start("odoo", data=Path(tmp_path_factory.mktemp("odoo")) / "odoo.db", seed="fresh")
    yield made
    made.stop()


@pytest.fixture
def world(server: SandboxProcess) -> World:
    made = World(server)
    made.post("/_sandbox/reset", {"seed": "fresh"}).raise_for_status()
    httpx2.delete(f"{made.url}/_sandbox/faults").raise_for_status()
    return made


def test_a_key_that_nobody_knows_is_refused(world: World) -> None:
    answer = world.post("/_seed", {"modules": {}, "colour": "red"})

    assert (answer.status_code, answer.text) == (400, "unknown keys: colour")


def test_rights_of_the_key_can_be_taken_away(world: World) -> None:
    world.seed(rights={"res.partner": {"create": False}})

    name, message = world.refusal("res.partner", "create", {"name": "x"})

    assert name == "odoo.exceptions.AccessError"
    assert message.startswith("You are not allowed to create 'Contact' (res.partner) records.")
    assert world.call("res.partner", "check_access_rights", "write", False) is True


def test_a_module_brings_its_models_and_takes_them_along(world: World) -> None:
    world.seed(modules={"purchase": "installed", "hr": "uninstalled"})

    fields = world.call("purchase.order", "fields_get", ["partner_id"], ["relation"])
    states = world.call("ir.module.module", "search_read", [["name", "in", ["purchase", "hr"]]], ["state"])

    assert fields == {"partner_id": {"relation": "res.partner"}}
    assert {row["state"] for row in states} == {"installed", "uninstalled"}
    assert world.refusal("hr.employee", "search", []) == (
        "odoo.exceptions.UserError",
        "Object hr.employee doesn't exist",
    )


def test_an_enterprise_is_known_by_its_module(world: World) -> None:
    world.seed(edition="enterprise")

    found = world.call("ir.module.module", "search_read", [["name", "=", "web_enterprise"]], ["state"])

    assert [row["state"] for row in found] == ["installed"]


def test_a_plan_without_external_api_answers_as_to_a_wrong_key(world: World) -> None:
    world.seed(api_access=False)

    assert world.refusal("res.partner", "search", []) == ("odoo.exceptions.AccessDenied", "Access Denied")


def test_users_and_records_can_be_put_in(world: World) -> None:
    made = world.seed(
        company_currency="EUR",
        users=[{"login": "a@b.example", "groups": ["sales_team.group_sale_salesman"]}],
        records={"crm.tag": [{"name": "old"}]},
        rows={"res.partner": [{"id": 4711, "name": "as is", "active": True}]},
    )

    uid = world.call("res.users", "search", [["login", "=", "a@b.example"]])[0]
    key = made["keys"]["a@b.example"]
    leads = world.answer("crm.lead", "check_access_rights", "create", False, key=key, uid=uid)["result"]

    assert leads is True
    assert made["ids"] == {"crm.tag": world.call("crm.tag", "search", [])}
    assert world.call("res.partner", "read", [4711], ["name"]) == [{"id": 4711, "name": "as is"}]
    assert world.call("res.company", "read", [1], ["currency_id"])[0]["currency_id"][1] == "EUR"


def test_a_call_that_takes_too_long_is_cut_off_and_leaves_nothing(world: World) -> None:
    world.seed(limit_time=60, row_time=0.5)
    rows = [[f"t.{n}", f"tag {n}"] for n in range(200)]

    with pytest.raises(httpx2.RemoteProtocolError):
        world.call("crm.tag", "load", ["id", "name"], rows)

    assert world.call("crm.tag", "search_count", []) == 0
    assert len(world.call("crm.tag", "load", ["id", "name"], rows[:100])["ids"]) == 100


def test_another_client_can_have_been_faster(world: World) -> None:
    world.seed(conflicts={"crm.tag": 1})

    first = world.refusal("crm.tag", "create", {"name": "x"})

    assert first[0] == "psycopg2.errors.SerializationFailure"
    assert isinstance(world.call("crm.tag", "create", {"name": "x"}), int)


def test_half_a_batch_is_kept_and_answered_500_when_ordered(world: World) -> None:
    world.fault(kind="half_batch", body='"load"')
    rows = [[f"t.{n}", f"tag {n}"] for n in range(4)]
    args = ["odoo", 2, world.token, "crm.tag", "load", [["id", "name"], rows], {}]
    rpc = {"service": "object", "method": "execute_kw", "args": args}

    answer = world.post("/jsonrpc", {"jsonrpc": "2.0", "id": 1, "params": rpc})

    assert answer.status_code == 500
    assert [world.count(f"tag {n}") for n in range(4)] == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("kind", "left"),
    [("reset_before", 0), ("reset_after", 1), ("truncated", 1), ("not_json", 1), ("timeout_after", 1)],
)
def test_faults_of_the_network_leave_what_the_server_did(world: World, kind: str, left: int) -> None:
    world.fault(kind=kind, body='"create"', seconds=0.05)
    rpc = {"service": "object", "method": "execute_kw", "args": ["odoo", 2, world.token, "crm.tag"]}
    rpc["args"] += ["create", [{"name": kind}]]

    try:
        answer = world.post("/jsonrpc", {"jsonrpc": "2.0", "id": 1, "params": rpc})
        answer.json()
        whole = True
    except (httpx2.TransportError, ValueError):
        whole = False

    assert (whole, world.count(kind)) == (False, left)


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_server_in_front_can_refuse(world: World, status: int) -> None:
    world.fault(kind="status", status=status, headers={"retry-after": "1"}, body='"create"')
    rpc = ["odoo", 2, world.token, "crm.tag", "create", [{"name": "later"}]]
    params = {"service": "object", "method": "execute_kw", "args": rpc}

    answer = world.post("/jsonrpc", {"jsonrpc": "2.0", "id": 1, "params": params})

    assert (answer.status_code, world.count("later")) == (status, 0)


def test_the_request_log_names_model_and_method_but_no_key(world: World) -> None:
    httpx2.delete(f"{world.url}/_sandbox/log").raise_for_status()

    world.call("res.partner", "search_count", [])
    world.post("/jsonrpc", {"params": {"service": "common", "method": "version", "args": []}})
    log = httpx2.get(f"{world.url}/_sandbox/log")

    assert [row["operation"] for row in log.json()] == ["res.partner.search_count", "common.version"]
    assert world.token not in log.text
