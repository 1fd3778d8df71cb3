"""What a process definition tells a person, and what of it may be written down."""

import json
from typing import Any

import pytest

from crossdock_elma365.definitions import details, nodes
from crossdock_elma365.secrecy import plain, publishable

NIL = "00000000-0000-0000-0000-000000000000"


def node(key: str, kind: str, name: str | None = "", **more: Any) -> dict[str, Any]:
    return {"id": key, "type": kind, "name": name, "lane": "l1", **more}


def arrow(key: str, source: str, target: str, kind: str = "plain", **more: Any) -> dict[str, Any]:
    return {"id": key, "name": "", "type": kind, "source": source, "target": target, **more}


def definition(items: list[dict[str, Any]], arrows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    lane = {"id": "l1", "name": "Директор", "settings": {"type": "dynamic", "variable": "director"}}
    process = {
        "items": {i["id"]: i for i in items},
        "transitions": {a["id"]: a for a in arrows},
        "lanes": {"l1": lane},
    }
    return {"process": process, **more}


def test_steps_come_in_the_order_of_the_arrows() -> None:
    whole = definition(
        [
            node("b", "user", "Sign"),
            node("a", "user", "Check"),
            node(NIL, "start"),
            node("z", "todo", "Lost"),
        ],
        [arrow("1", NIL, "a"), arrow("2", "a", "b"), arrow("3", "b", "a")],
    )

    assert [n["id"] for n in nodes(whole)] == [NIL, "a", "b", "z"]


def test_a_step_tells_kind_people_and_the_condition_to_get_there() -> None:
    rule = {"a": {"kind": "context", "value": "sum"}, "operation": ">", "b": {"value": 5}}
    whole = definition(
        [node(NIL, "start"), node("a", "user", None), node("e", "end")],
        [arrow("1", NIL, "a", settings={"conditions": [rule, {"a": "paid", "operation": "is", "b": None}]})],
    )

    assert details(whole)["steps"] == [
        {
            "name": "user",
            "kind": "user",
            "people": "Директор (field director)",
            "condition": "sum > 5 and paid is",
        }
    ]


@pytest.mark.parametrize(
    ("more", "subscriptions", "said"),
    [
        ({"manualRun": True}, [], "started by a person"),
        ({"applicationLink": True}, [], "started from a record of its application"),
        ({}, [{"event": "item_create", "name": "Вход"}], "event item_create (Вход)"),
        ({}, [], "timer Каждый день"),
    ],
    ids=["by hand", "from a record", "event", "timer"],
)
def test_the_trigger_is_told(more: dict[str, Any], subscriptions: list[dict[str, Any]], said: str) -> None:
    items = [node(NIL, "start")] if more or subscriptions else [node("t", "timer", "Каждый день")]

    assert details(definition(items, [], **more), subscriptions)["trigger"] == said


def test_a_definition_in_another_form_tells_what_it_can() -> None:
    assert details({"process": "?", "version": 4, "scripts": "a\n\nb"}) == {
        "version": 4,
        "script_lines": 2,
        "script_steps": 0,
    }


def test_scripts_and_secrets_are_left_out_of_what_is_written() -> None:
    whole = {
        "scripts": "const t = 'abc'\nsend(t)",
        "password": "hunter2",
        "settings": [{"name": "X-Token", "value": "plain-value"}, {"name": "Accept", "value": "json"}],
        "note": "use Bearer abcdef0123456789 here",
        "url": "https://user:pw12345@host.example/x?api_key=k123&a=1",
    }

    text = json.dumps(publishable(whole))

    for secret in ("const t", "hunter2", "plain-value", "abcdef0123456789", "pw12345", "k123"):
        assert secret not in text
    assert '"json"' in text
    assert "[script of 2 lines left out]" in text


def test_ordinary_text_stays_as_it_is() -> None:
    text = "Согласовать: сумма > 1000, token ring, пароль выдаёт админ"

    assert plain(text) == text


@pytest.mark.parametrize(
    "name",
    [
        "smtpPassword",
        "dbPassword",
        "accessKey",
        "X-Api-Key",
        "API_KEY",
        "clientsecret",
        "refresh_tokens",
        "awsSecretAccessKey",
        "Authorization",
        "proxyCredentials",
        "PrivateKeyPem",
        "Пароль",
        "Set-Cookie",
    ],
)
def test_a_name_with_a_secret_word_in_it_hides_its_value(name: str) -> None:
    assert publishable({name: "v", "headers": [{"name": name, "value": "v"}]}) == {
        "headers": [{"name": name, "value": "[secret]"}]
    }


@pytest.mark.parametrize(
    "name", ["key", "code", "keyboard", "__name", "secretary", "tokenizer", "monkey", "author"]
)
def test_a_harmless_name_keeps_its_value(name: str) -> None:
    value = {name: "v", "settings": [{"name": name, "value": "v"}]}

    assert publishable(value) == value


def test_a_secret_named_within_a_text_is_masked() -> None:
    assert "hunter2" not in plain("smtpPassword=hunter2 access_key: hunter2")
