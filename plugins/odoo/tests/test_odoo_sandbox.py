"""The sandbox as a whole: seeds, restart, dump, clock, accounts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from crossdock.errors import ConfigError
from crossdock.sandbox.interface import SandboxOptions
from crossdock_odoo.sandbox import OdooSandbox
from crossdock_odoo.sandbox.seeds import LIMITED

BASE = "http://odoo.example"


class Box:
    """A sandbox and its RPC."""

    def __init__(self, path: Path, seed: str) -> None:
        self.sandbox = OdooSandbox(SandboxOptions(path, BASE, seed))
        self.client = TestClient(self.sandbox.app, base_url=BASE)

    def rpc(self, service: str, method: str, *args: Any) -> Any:
        params = {"service": service, "method": method, "args": args}
        answer = self.client.post("/jsonrpc", json={"jsonrpc": "2.0", "id": 1, "params": params}).json()
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer.get("result")

    def call(self, model: str, method: str, *args: Any, **named: Any) -> Any:
        return self.rpc("object", "execute_kw", "odoo", 2, self.sandbox.token, model, method, args, named)

    def seed(self, **what: Any) -> Any:
        answer = self.client.post("/_seed", json=what)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path / "odoo.db", "fresh")
    yield made
    made.sandbox.close()


def test_a_fresh_database_has_the_rows_of_a_new_server(box: Box) -> None:
    stages = box.call("crm.stage", "search_read", [], ["name"])
    stage = box.call("ir.model.data", "check_object_reference", "crm", "stage_lead4")
    counts = {m: box.call(m, "search_count", []) for m in ("res.partner", "crm.lead", "hr.employee")}

    assert [row["name"] for row in stages] == ["New", "Qualified", "Proposition", "Won"]
    assert stage == ["crm.stage", 4]
    assert counts == {"res.partner": 3, "crm.lead": 0, "hr.employee": 1}


def test_an_empty_database_keeps_the_stages_but_no_rows_that_a_company_works_with(tmp_path: Path) -> None:
    empty = Box(tmp_path / "odoo.db", "empty")

    counts = {m: empty.call(m, "search_count", []) for m in ("crm.team", "crm.lost.reason", "hr.employee")}
    empty.sandbox.close()

    assert counts == {"crm.team": 0, "crm.lost.reason": 0, "hr.employee": 0}


def test_the_demo_company_has_people_contacts_a_deal_and_active_rules(tmp_path: Path) -> None:
    demo = Box(tmp_path / "odoo.db", "demo")

    logins = {row["login"] for row in demo.call("res.users", "search_read", [], ["login"])}
    company = demo.call("res.company", "read", [1], ["name", "currency_id"])
    rules = demo.call("base.automation", "search_count", [["active", "=", True]])
    lead = demo.call("crm.lead", "search_read", [], ["partner_id"])
    airbnb = demo.call("res.partner", "search_read", [["website", "ilike", "airbnb.com"]], ["name"])
    mails = demo.sandbox.dump()["mails"]
    demo.sandbox.close()

    assert {"anna.petrova@romashka.example", "ivan.sidorov@romashka.example", "admin", LIMITED} == logins
    assert company[0]["currency_id"][1] == "RUB"
    assert (rules, len(lead), airbnb[0]["name"], mails) == (2, 1, "Airbnb", 0)


def test_an_unknown_seed_is_refused_and_nothing_is_forgotten(box: Box) -> None:
    box.call("crm.tag", "create", {"name": "kept"})

    with pytest.raises(ConfigError, match="there is no seed"):
        box.sandbox.reset("nope")

    assert box.call("crm.tag", "search_count", []) == 1


def test_the_state_survives_a_restart_custom_schema_and_settings_included(tmp_path: Path) -> None:
    first = Box(tmp_path / "odoo.db", "fresh")
    field = {"name": "x_key", "ttype": "char", "field_description": "Key", "model_id": 1}
    field["model_id"] = first.call("ir.model", "search", [["model", "=", "res.partner"]])[0]
    first.call("ir.model.fields", "create", field)
    key = first.call("res.partner", "create", {"name": "Kept", "x_key": "k1"})
    first.seed(version=19, rights={"crm.tag": {"create": False}})
    before, token = first.sandbox.dump(), first.sandbox.token
    first.sandbox.close()

    second = Box(tmp_path / "odoo.db", "demo")

    assert second.sandbox.token == token
    assert second.sandbox.dump() == before
    assert second.call("res.partner", "read", [key], ["x_key"]) == [{"id": key, "x_key": "k1"}]
    assert second.rpc("common", "version")["server_serie"] == "19.0"
    assert second.call("crm.tag", "check_access_rights", "create", False) is False
    second.sandbox.close()


def test_a_reset_forgets_everything_but_the_key(box: Box) -> None:
    token = box.sandbox.token
    box.call("res.partner", "create", {"name": "Gone"})
    box.seed(version=19)

    box.sandbox.reset("fresh")

    assert box.call("res.partner", "search_count", [["name", "=", "Gone"]]) == 0
    assert (box.sandbox.token, box.rpc("common", "version")["server_serie"]) == (token, "18.0")


def test_two_dumps_are_equal_when_what_was_made_is_removed_again(box: Box) -> None:
    before = box.sandbox.dump()
    key = box.call("res.partner", "create", {"name": "P", "email": "p@x.example"})
    lead = box.call("crm.lead", "create", {"name": "L", "partner_id": key})
    box.call(
        "ir.attachment", "create", {"name": "a", "datas": "aGk=", "res_model": "crm.lead", "res_id": lead}
    )
    between = box.sandbox.dump()

    box.call("crm.lead", "unlink", [lead])
    box.call("res.partner", "unlink", [key])

    assert between != before
    assert between["files"] != {}
    assert box.sandbox.dump() == before


def test_a_custom_model_leaves_no_trace_in_the_dump_once_it_is_removed(box: Box) -> None:
    before = box.sandbox.dump()
    access = {"name": "u", "group_id": 1, "perm_read": 1, "perm_write": 1, "perm_create": 1, "perm_unlink": 1}
    name = {"name": "x_name", "ttype": "char", "field_description": "Name"}
    model = {"name": "Thing", "model": "x_thing", "field_id": [[0, 0, name]], "access_ids": [[0, 0, access]]}
    key = box.call("ir.model", "create", model)
    box.call("x_thing", "create", {"x_name": "one"})
    schema = box.sandbox.dump()["schema"]

    box.call("ir.model", "unlink", [key])

    assert schema["x_thing"]["fields"]["x_name"]["type"] == "char"
    assert box.sandbox.dump() == before


def test_a_failed_call_changes_nothing_but_uses_up_ids(box: Box) -> None:
    before = box.sandbox.dump()
    rows = [["t.1", "good", ""], ["t.2", "bad", "nowhere"]]

    answer = box.call("res.partner", "load", ["id", "name", "country_id"], rows)

    assert answer["ids"] is False
    assert box.sandbox.dump() == before
    assert box.call("res.partner", "create", {"name": "next"}) > 8


def test_the_clock_can_be_stopped_and_answers_show_whole_seconds(box: Box) -> None:
    box.sandbox.set_clock(1_700_000_000.25)

    key = box.call("res.partner", "create", {"name": "Then"})
    row = box.call("res.partner", "read", [key], ["create_date"])[0]

    assert row["create_date"] == "2023-11-14 22:13:20"
    assert box.call("res.partner", "search_count", [["create_date", ">", "2023-11-14 22:13:20"]]) >= 1


def test_the_restricted_login_may_read_contacts_but_make_no_leads(box: Box) -> None:
    key = box.seed()["keys"][LIMITED]
    uid = box.rpc("common", "authenticate", "odoo", LIMITED, key, {})

    with_password = box.rpc("common", "authenticate", "odoo", LIMITED, "limited", {})
    rights = [
        box.rpc("object", "execute_kw", "odoo", uid, key, model, "check_access_rights", [mode, False])
        for model, mode in (("res.partner", "read"), ("crm.lead", "create"), ("ir.model", "read"))
    ]

    assert (uid, with_password, rights) == (6, 6, [True, False, False])
