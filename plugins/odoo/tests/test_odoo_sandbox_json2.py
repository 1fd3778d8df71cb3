"""The JSON API of the series 19 (documented, not measured) and what that series names otherwise."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from crossdock.sandbox.interface import SandboxOptions
from crossdock_odoo.sandbox import OdooSandbox


class Nineteen:
    """A sandbox of the series 19 and its JSON API."""

    def __init__(self, path: Path) -> None:
        self.sandbox = OdooSandbox(SandboxOptions(path, "http://odoo.example", "fresh"))
        self.client = TestClient(self.sandbox.app, base_url="http://odoo.example")
        self.client.post("/_seed", json={"version": 19}).raise_for_status()

    def answer(self, model: str, method: str, key: str = "", **named: Any) -> Any:
        headers = {"Authorization": f"bearer {key or self.sandbox.token}"}
        return self.client.post(f"/json/2/{model}/{method}", json=named, headers=headers)

    def call(self, model: str, method: str, **named: Any) -> Any:
        answer = self.answer(model, method, **named)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Nineteen]:
    made = Nineteen(tmp_path / "odoo.db")
    yield made
    made.sandbox.close()


def test_the_server_says_its_version(box: Nineteen) -> None:
    answer = box.client.get("/web/version").json()

    assert (answer["version_info"][0], answer["version"]) == (19, "19.0")


def test_values_come_bare_and_arguments_by_name(box: Nineteen) -> None:
    made = box.call("res.partner", "create", vals_list=[{"name": "A"}, {"name": "B"}])
    box.call("res.partner", "write", ids=made[:1], vals={"name": "C"}, context={"tracking_disable": True})

    rows = box.call("res.partner", "search_read", domain=[["id", "in", made]], fields=["name"], order="id")
    loaded = box.call("crm.tag", "load", fields=["id", "name"], data=[["t.1", "T"]])
    gone = box.call("res.partner", "unlink", ids=made)

    assert [row["name"] for row in rows] == ["C", "B"]
    assert (loaded["messages"], gone) == ([], True)
    assert box.call("res.users", "context_get")["uid"] == 2


@pytest.mark.parametrize(
    ("model", "method", "named", "status", "name"),
    [
        (
            "res.partner",
            "write",
            {"ids": [99999], "vals": {"name": "x"}},
            404,
            "odoo.exceptions.MissingError",
        ),
        ("res.partner", "create", {"vals_list": [{}]}, 422, "odoo.exceptions.ValidationError"),
        ("res.partner", "_private", {}, 403, "odoo.exceptions.AccessError"),
        ("res.partner", "search", {"domain": [["nope", "=", 1]]}, 500, "builtins.ValueError"),
    ],
)
def test_errors_have_a_status_and_the_names_of_rpc(
    box: Nineteen, model: str, method: str, named: dict[str, Any], status: int, name: str
) -> None:
    answer = box.answer(model, method, **named)

    assert (answer.status_code, answer.json()["name"]) == (status, name)


def test_a_wrong_key_is_refused(box: Nineteen) -> None:
    assert box.answer("res.partner", "search", key="wrong", domain=[]).status_code == 401


def test_a_server_of_18_has_no_such_path(box: Nineteen) -> None:
    box.client.post("/_seed", json={"version": 18}).raise_for_status()

    assert box.answer("res.partner", "search", domain=[]).status_code == 404
    assert box.client.get("/web/version").status_code == 404


def test_the_groups_of_a_user_have_another_name(box: Nineteen) -> None:
    user = {"name": "U", "login": "u@x.example", "group_ids": [[6, 0, [17]]]}
    key = box.call("res.users", "create", vals_list=[user], context={"no_reset_password": True})[0]

    names = box.call("res.users", "fields_get", attributes=["type"])
    row = box.call("res.users", "read", ids=[key], fields=["group_ids"])[0]
    found = box.call("res.users", "search", domain=[["group_ids", "in", [17]], ["id", "=", key]])
    users = box.call("res.groups", "read", ids=[17], fields=["user_ids"])[0]["user_ids"]
    old = box.answer("res.users", "read", ids=[key], fields=["groups_id"])

    assert ("group_ids" in names, "groups_id" in names) == (True, False)
    assert {1, 17} <= set(row["group_ids"])
    assert (found, key in users) == ([key], True)
    assert (old.status_code, old.json()["name"]) == (500, "builtins.ValueError")


def test_contacts_have_no_mobile_number(box: Nineteen) -> None:
    assert "mobile" not in box.call("res.partner", "fields_get", attributes=["type"])


def test_the_fields_whose_defaults_are_asked_for_have_one_name_in_all_models(box: Nineteen) -> None:
    found = box.call("mail.activity.type", "default_get", fields=["delay_unit", "name"])
    old = box.answer("mail.activity.type", "default_get", fields_list=["delay_unit"])

    assert found == {"delay_unit": "days"}
    assert (old.status_code, old.json()["name"]) == (500, "builtins.TypeError")


def test_a_user_without_groups_gets_those_of_the_template(box: Nineteen) -> None:
    found = box.call("res.users", "default_get", fields=["group_ids", "groups_id"])
    key = box.call("res.users", "create", vals_list=[{"name": "U", "login": "u"}])[0]
    given = set(found["group_ids"][0][2])

    assert given
    assert set(found) == {"group_ids"}
    assert given <= set(box.call("res.users", "read", ids=[key], fields=["group_ids"])[0]["group_ids"])
