"""G05 and P06: load order and references."""

# ruff: noqa: N802 - a test is named after its row

from typing import Any

import pytest
from acceptance.destinations.twenty import written
from acceptance.harness import Pair, moved
from acceptance.slices import (
    ANNA,
    ANNA_MAIL,
    COMPANIES,
    CONTACTS,
    IVAN,
    IVAN_MAIL,
    LEADS,
    ROMAN,
    Slice,
    key,
)

COMPANY_ITEMS: list[dict[str, Any]] = [
    {"__id": key("G05", "company", n), "__name": f"Опора {n}", "_website": f"https://opora-{n}.example"}
    for n in range(10)
] + [{"__id": key("G05", "company", "bad"), "__name": "Без опоры", "_website": "нет такого сайта"}]


def contact(name: object, company: str) -> dict:
    """A contact of a company."""
    return {
        "__id": key("G05", "contact", name),
        "_fullname": {"lastname": f"Опорин {name}", "firstname": "Ян", "middlename": ""},
        "_email": [{"email": f"{str(name).replace(' ', '-')}@opora.example"}],
        "_companies": [company],
    }


CONTACT_ITEMS: list[dict[str, Any]] = [contact(n, key("G05", "company", n % 10)) for n in range(50)] + [
    contact("of a refused company", key("G05", "company", "bad")),
    contact("of no company", key("G05", "company", "never was")),
]
LEAD_ITEMS: list[dict[str, Any]] = [
    {
        "__id": key("G05", "lead"),
        "__name": "Сделка уволенного",
        "company": [key("G05", "company", 1)],
        "responsible": [ROMAN],
    }
]
SEED: dict[str, Any] = {"items": {COMPANIES: COMPANY_ITEMS, CONTACTS: CONTACT_ITEMS, LEADS: LEAD_ITEMS}}

NODES, GROUPS = "depot.nodes", "depot.groups"
LAST = 56


def node(n: int) -> dict:
    """A place whose parent comes after it in the source."""
    return {
        "__id": key("P06", "node", n),
        "__index": n + 1,
        "__name": f"Узел {n}",
        "parent": [key("P06", "node", n + 1)] if n < LAST else [],
        "squad": [key("P06", "group", n % 4)],
        "company": [key("P06", "company")],
        "keeper": [ANNA if n % 2 else IVAN],
    }


DEPOT: dict[str, Any] = {
    "namespaces": {"depot": "Склад"},
    "apps": [
        {
            "namespace": "depot",
            "code": "nodes",
            "name": "Узлы",
            "fields": [
                {"code": "parent", "type": "SYS_COLLECTION", "link": NODES, "name": "Вышестоящий"},
                {"code": "squad", "type": "SYS_COLLECTION", "link": GROUPS, "name": "Бригада"},
                {"code": "company", "type": "SYS_COLLECTION", "link": COMPANIES, "name": "Хозяин"},
                {"code": "keeper", "type": "SYS_USER", "name": "Кладовщик"},
                {"code": "load", "type": "FLOAT", "name": "Нагрузка"},
            ],
        },
        {
            "namespace": "depot",
            "code": "groups",
            "name": "Бригады",
            "fields": [{"code": "head", "type": "SYS_COLLECTION", "link": NODES, "name": "Главный узел"}],
        },
    ],
    "items": {
        COMPANIES: [
            {"__id": key("P06", "company"), "__name": "Складская", "_website": "https://skladskaya.example"}
        ],
        NODES: [node(n) for n in range(LAST + 1)]
        + [{"__id": key("P06", "node", "odd"), "__name": "Кривой узел", "load": "много"}]
        + [
            {
                "__id": key("P06", "node", "orphan"),
                "__name": "Сирота",
                "parent": [key("P06", "node", "odd")],
            }
        ],
        GROUPS: [
            {"__id": key("P06", "group", n), "__name": f"Бригада {n}", "head": [key("P06", "node", n)]}
            for n in range(4)
        ],
    },
}
# What the pairs differ in: whether people refer to something themselves.
FIRST = {"twenty": "_system.users>workspaceMember", "odoo": "_system.groups>res.groups"}
SLICES = {"G05": [Slice("G05", SEED)], "P06": [Slice("P06", DEPOT)]}


@pytest.mark.destination("twenty")
def test_G05_references_point_to_what_was_loaded(pair: Pair, record_property):
    companies = pair.destination.ours("companies", COMPANIES)
    people = pair.destination.ours("people", CONTACTS)
    for n in range(50):
        row = people[key("G05", "contact", n)]
        assert row["companyId"] == companies[key("G05", "company", n % 10)]["id"]
    keys = [item["__id"] for item in CONTACT_ITEMS + COMPANY_ITEMS]
    refused = pair.refused(keys)
    moved(record_property, len(keys) + len(LEAD_ITEMS), len(refused))


@pytest.mark.destination("twenty")
def test_G05_no_reference_becomes_null_in_silence(pair: Pair):
    people = pair.destination.ours("people", CONTACTS)
    for name, company in (("of a refused company", "bad"), ("of no company", "never was")):
        own, wanted = key("G05", "contact", name), key("G05", "company", company)
        assert own not in people
        line = pair.outcome(own)
        assert (line["outcome"], wanted in line["reasons"]) == ("held", True)
    lead = pair.destination.ours("opportunities", LEADS)[key("G05", "lead")]
    assert lead["ownerId"] is None
    line = pair.outcome(key("G05", "lead"))
    assert "owner" in line["reasons"]
    assert ROMAN in line["reasons"]
    queue = (pair.project.folder / "queues" / "references.csv").read_text(encoding="utf-8")
    assert key("G05", "contact", "of a refused company") in queue


@pytest.mark.destination("twenty")
def test_G05_what_is_referred_to_is_loaded_first(pair: Pair):
    companies, people, leads = (
        [entry["n"] for entry in written(pair.answers["log"], plural)]
        for plural in ("companies", "people", "opportunities")
    )
    assert max(companies) < min(people) <= max(people) < min(leads)


def test_P06_parents_lookups_and_owners_stay_linked(pair: Pair, record_property):
    there = pair.destination
    nodes, groups = there.arrived_in("Узлы", NODES), there.arrived_in("Бригады", GROUPS)
    company = there.arrived("company", COMPANIES)[key("P06", "company")]["id"]
    for n in range(LAST + 1):
        row = nodes[key("P06", "node", n)]
        parent = nodes[key("P06", "node", n + 1)]["id"] if n < LAST else None
        assert row["Вышестоящий"] == parent, n
        assert row["Бригада"] == groups[key("P06", "group", n % 4)]["id"]
        assert row["Хозяин"] == company
        assert row["Кладовщик"] == (ANNA_MAIL if n % 2 else IVAN_MAIL)
    for n in range(4):
        assert groups[key("P06", "group", n)]["Главный узел"] == nodes[key("P06", "node", n)]["id"]
    keys = [item["__id"] for item in DEPOT["items"][NODES]]
    refused = pair.refused(keys)
    assert key("P06", "node", "odd") in refused
    moved(record_property, len(keys) + 5, len(refused))


def test_P06_a_lost_parent_is_named(pair: Pair):
    nodes = pair.destination.arrived_in("Узлы", NODES)
    orphan = key("P06", "node", "orphan")
    if orphan in nodes:
        assert nodes[orphan]["Вышестоящий"] is None
    lines = [line for line in pair.audit if line["source_id"] == orphan]
    assert any(key("P06", "node", "odd") in line["reasons"] for line in lines), lines


def test_P06_phases_come_after_those_they_refer_to(pair: Pair):
    names = [phase["name"] for phase in pair.answers["plan"]["phases"]]
    assert names[0] == FIRST[pair.destination.platform]
    for phase in pair.answers["plan"]["phases"]:
        for before in phase["after"]:
            assert names.index(before) < names.index(phase["name"])
