"""P01 and G10: the scope document, and the handoff of what the destination lacks."""

# ruff: noqa: N802 - a test is named after its row

import base64
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from acceptance.harness import Pair, Sandboxes, migrated, moved, prepared
from acceptance.slices import ANNA, Slice, key

CLIENTS = "scope01.clients"
SIZES = (1000, 2500, 70_000)  # bytes


def client(number: int, **more: Any) -> dict[str, Any]:
    """One of the usual clients: nothing is missing, nothing is shared."""
    return {
        "__id": key("P01", number),
        "__name": f"Клиент {number}",
        "mail": [{"type": "work", "email": f"client{number}@p01.example"}],
        "site": f"https://client-{number}.example",
        "inn": f"77{number:08d}",
        "__createdBy": ANNA,
    } | more


ITEMS: list[dict[str, Any]] = [
    *(client(n) for n in range(50)),
    client(50, mail=[{"type": "work", "email": "Shared@p01.example"}]),
    client(51, mail=[{"type": "home", "email": "shared@P01.example "}]),
    client(52, mail=[{"type": "work", "email": "shared@p01.example"}]),
    client(53, inn="7701234567"),
    client(54, inn="77 0123 4567"),
    client(55, __name="Latin only", mail=None),  # no Cyrillic letter anywhere
    client(56, __name=""),  # a name is required
    client(57, __name="", mail=None, site=None),
    client(58, scans=[key("P01", "file", n) for n in range(3)]),
    client(59, note="я" * 777),
    client(60, weight="тонна"),  # no number: it cannot be read
]
SEED: dict[str, Any] = {
    "namespaces": {"scope01": "Охват"},
    "apps": [
        {
            "namespace": "scope01",
            "code": "clients",
            "name": "Клиенты охвата",
            "fields": [
                {"code": "mail", "type": "EMAIL", "many": True, "name": "Почта"},
                {"code": "site", "type": "LINK", "name": "Сайт"},
                {"code": "inn", "type": "STRING", "name": "ИНН"},
                {"code": "weight", "type": "FLOAT", "name": "Вес"},
                {"code": "note", "type": "STRING", "kind": "text", "name": "Заметка"},
                {"code": "scans", "type": "FILE", "many": True, "name": "Сканы"},
                {"code": "never", "type": "STRING", "name": "Пустое поле"},
            ],
        }
    ],
    "items": {CLIENTS: ITEMS},
    "files": [
        {
            "__id": key("P01", "file", n),
            "__name": f"скан {n}.bin",
            "base64": base64.b64encode(b"\x07" * size).decode(),
        }
        for n, size in enumerate(SIZES)
    ],
}


# What the pairs differ in: the types of fields that can be made there.
MADE = {
    "twenty": {"Почта": "email", "Сайт": "link", "ИНН": "text", "Заметка": "text"},
    "odoo": {"Почта": "text", "Сайт": "text", "ИНН": "text", "Заметка": "text"},
}


# Four with the administrator that every company has. Roman has left: he has no account if no key makes one.
WITHOUT_ACCOUNT = {
    "twenty": [(4, 1, ["Белов Роман Фёдорович (roman.belov@romashka.example)"])],
    "odoo": [],
}


@pytest.fixture(scope="module")
def scoped(pair_name: str, lasting_sandboxes: Sandboxes, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The migration of P01, from discover to reconcile."""
    return migrated(lasting_sandboxes, tmp_path_factory.mktemp("scope"), [Slice("P01", SEED)], pair_name)


def clients_of(scope: dict[str, Any]) -> dict[str, Any]:
    """What the scope says of the clients."""
    found: dict[str, Any] = next(o for o in scope["sources"][0]["objects"] if o["name"] == CLIENTS)
    return found


def test_P01_the_scope_counts_incomplete_and_duplicate_records(scoped: Pair):
    clients = clients_of(scoped.answers["discover"])
    assert (clients["label"], clients["count"], clients["custom"]) == ("Клиенты охвата", 61, False)
    seen = clients["profile"]
    assert (seen["records"], seen["whole"], seen["unreadable"]) == (60, True, 1)
    assert seen["incomplete"] == 2
    assert seen["missing"] == [{"field": "__name", "label": "Name", "records": 2}]
    shared = {r["kind"]: (r["groups"], r["records"]) for r in seen["repeated"]}
    assert shared == {"e-mail": (1, 3), "tax number": (1, 2)}
    assert seen["duplicates"] == 3
    filled = {f["field"]: f["records"] for f in seen["filled"]}
    assert {name: filled[name] for name in ("mail", "site", "inn", "note", "never")} == {
        "mail": 58,
        "site": 59,
        "inn": 60,
        "note": 1,
        "never": 0,
    }


def test_P01_the_scope_tells_cyrillic_text_files_plan_and_time(scoped: Pair):
    scope = scoped.answers["discover"]
    seen = clients_of(scope)["profile"]
    assert seen["cyrillic"] == 57  # all but "Latin only" and the two without a name
    assert seen["longest_text"] == {"characters": 777, "field": "note"}
    (files,) = scope["files"]
    assert (files["links"], files["measured"], files["bytes"], files["whole"]) == (3, 3, sum(SIZES), True)
    (plan,) = [entry for entry in scope["plan"] if entry["source"] == CLIENTS]
    (route,) = plan["routes"]
    assert (route["label"], route["new"]) == ("Клиенты охвата", True)
    made = {f["label"]: f["type"] for f in route["make"]}
    assert MADE[scoped.destination.platform].items() <= made.items()
    kinds = {r["kind"]: r["summary"] for r in scope["sources"][0]["artifacts"]}
    assert kinds["workflow"] == "none found"
    assert kinds["robot"].startswith("not examined: ")
    assert not [summary for summary in kinds.values() if summary.startswith("0")]
    assert scope["estimate"]["requests"] > 0
    assert scope["estimate"]["minutes"] > 0
    figures = {f["name"]: f["value"] for f in scope["assessment"]["figures"]}
    assert (figures["incomplete"], figures["duplicates"], figures["tenants"]) == (2, 3, 1)
    people = [item for item in scope["people"] if item["object"] == "_system.users"]
    found = [(person["people"], person["missing"], person["names"]) for person in people]
    assert found == WITHOUT_ACCOUNT[scoped.destination.platform]


def test_P01_the_scope_is_a_page_that_a_customer_can_be_sent(scoped: Pair):
    folder = scoped.project.folder / "reports"
    page = (folder / "scope.html").read_text(encoding="utf-8")
    assert json.loads((folder / "scope.json").read_text(encoding="utf-8")) == scoped.answers["discover"]
    for words in ("Клиенты охвата", "Пустое поле", "73.5 kB", "Risks", "Complexity"):
        assert words in page
    for foreign in ("<script", 'http-equiv="refresh"', "src=", scoped.source.token, scoped.destination.token):
        assert foreign not in page


def test_P01_the_counts_are_compared_again_after_the_load(scoped: Pair, record_property):
    there = scoped.destination.arrived_in("Клиенты охвата", CLIENTS)
    assert len(there) == 58  # one could not be read, two have no name
    (row,) = [r for r in scoped.answers["reconcile"].json["scope"] if r["object"] == CLIENTS]
    assert (row["scope"], row["extracted"], row["loaded"], row["there"]) == (61, 61, 58, 58)
    refused = scoped.refused([item["__id"] for item in ITEMS], CLIENTS)
    assert set(refused) == {key("P01", n) for n in (56, 57, 60)}
    moved(record_property, len(ITEMS), len(refused))


LANE = key("G10", "lane")


def process(code: str, name: str, *nodes: tuple[str, str]) -> dict[str, Any]:
    """A process whose nodes (type, name) follow each other."""
    keys = [key("G10", code, n) for n in range(len(nodes))]
    items = {
        k: {"id": k, "type": kind, "name": title, "lane": LANE, "settings": {}}
        for k, (kind, title) in zip(keys, nodes, strict=True)
    }
    arrows = {
        key("G10", code, "arrow", n): {
            "id": key("G10", code, "arrow", n),
            "name": "",
            "type": "plain",
            "source": source,
            "target": target,
            "settings": {"conditions": []},
        }
        for n, (source, target) in enumerate(pairwise(keys))
    }
    lanes = {LANE: {"id": LANE, "name": "Юрист", "multiInstance": False, "settings": {"type": "static"}}}
    definition = {
        "type": "bpmn",
        "manualRun": True,
        "applicationLink": False,
        "context": [],
        "scripts": "const key = 'Bearer g10-secret-0123456789'\n",
        "process": {"items": items, "transitions": arrows, "lanes": lanes},
    }
    where = {"namespace": CLIENTS, "code": code, "__name": name, "__id": key("G10", code)}
    return {**where, "definition": definition}


PROCESSES = [
    process(
        "contract",
        "Согласование договора",
        ("start", "Начало"),
        ("approval_list_process", "Согласовать у юриста"),
        ("user", "Подписать"),
    ),
    process(
        "drip",
        "Серия писем новичку",
        ("start", "Начало"),
        ("send_mail", "Письмо 1"),
        ("send_mail", "Письмо 2"),
    ),
    process("count", "Пересчёт", ("start", "Начало"), ("script", "Посчитать")),
]


@pytest.mark.destination("twenty")
def test_G10_what_the_destination_lacks_is_in_the_handoff(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = prepared(sandboxes, tmp_path, [Slice("G10", SEED | {"processes": PROCESSES})], pair_name)
    handoff = pair.project.must("handoff")
    needs = {need["capability"]: need for need in handoff["lacking"]}
    assert {name: need["support"] for name, need in needs.items()} == {"approvals": "no", "sequences": "no"}
    assert needs["approvals"]["needed_by"] == [
        {"kind": "workflow", "name": "Согласование договора", "steps": ["Согласовать у юриста"]}
    ]
    assert needs["sequences"]["needed_by"] == [
        {"kind": "workflow", "name": "Серия писем новичку", "steps": ["Письмо 1", "Письмо 2"]}
    ]
    folder = pair.project.folder / "reports"
    page = (folder / "handoff.html").read_text(encoding="utf-8")
    for words in ("no approval engine", "no e-mail sequences", "Согласование договора", "Письмо 2", "Юрист"):
        assert words in page
    assert "g10-secret" not in page + (folder / "handoff.json").read_text(encoding="utf-8")
    record_property("records", len(ITEMS))
