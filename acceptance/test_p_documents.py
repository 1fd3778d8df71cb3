"""P01 and G10: the scope document, and the handoff of what the destination lacks."""

# ruff: noqa: N802 - a test is named after its row

import base64
import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from acceptance.harness import Pair, Sandboxes, migrated, moved, prepared
from acceptance.slices import ANNA, Data, Json, Slice, key, together
from acceptance.sources import Source
from acceptance.sources.base import Company, Paper

SIZES = (1000, 2500, 70_000)  # bytes
WITH_FILES = 58


class Client(NamedTuple):
    """One of the usual clients: nothing is missing, nothing is shared."""

    number: int
    name: str
    mail: str
    site: str
    tax: str
    note: str = ""
    readable: bool = True


def client(number: int, **more: Any) -> Client:
    """The client with this number."""
    usual = Client(
        number,
        f"Клиент {number}",
        f"client{number}@client-{number}.example",
        f"https://client-{number}.example",
        f"77{number:08d}",
    )
    return usual._replace(**more)


CLIENTS = [
    *(client(n) for n in range(50)),
    client(50, mail="Shared@p01.example"),
    client(51, mail="shared@P01.example "),
    client(52, mail="shared@p01.example"),
    client(53, tax="7701234567"),
    client(54, tax="77 0123 4567"),
    client(55, name="Latin only", mail=""),  # no Cyrillic letter anywhere
    client(56, name=""),  # a name is required
    client(57, name="", mail="", site=""),
    client(WITH_FILES),
    client(59, note="я" * 777),
    client(60, readable=False),  # a number of it is none: it cannot be read
]


class Scope(NamedTuple):
    """What a source holds, and what the scope has to say of it.

    `held`: how many clients the platform says that it has; `fields`: name, e-mail, site, tax number, note,
    and one that nobody ever fills, as the source calls them;
    `filled`: how many of the 60 that can be read have the last five; `missing`: what is missing how often;
    `links`: fields that point to a file; `route`: label of what they become, and whether that has to be made;
    `made`: labels and types of fields that are made, by destination; `words`: labels that the page shows;
    `examined`: a kind of thing besides data that was looked for, and what that says; `not_examined`: one that
    was not; `people`: users, how many have no account, and their names, by destination.
    """

    data: Data
    object: str
    label: str
    held: int
    fields: Sequence[str]
    filled: Sequence[int]
    missing: Sequence[tuple[str, int]]
    incomplete: int
    links: int
    route: tuple[str, bool]
    made: Mapping[str, Mapping[str, str]]
    words: Sequence[str]
    examined: tuple[str, str]
    not_examined: str
    people: Mapping[str, Sequence[tuple[int, int, list[str]]]]


# --- ELMA365: an application of its own --------------------------------------------------------------

ELMA_CLIENTS = "scope01.clients"
ELMA_APP: Json = {
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
}


def elma_client(told: Client) -> Json:
    """An element of the application."""
    scans = [key("P01", "file", n) for n in range(3)] if told.number == WITH_FILES else []
    values: Json = {
        "mail": [{"type": "work", "email": told.mail}] if told.mail else None,
        "site": told.site,
        "note": told.note,
        "weight": None if told.readable else "тонна",
        "scans": scans,
    }
    own = {"__id": key("P01", told.number), "__name": told.name, "inn": told.tax, "__createdBy": ANNA}
    return own | {name: value for name, value in values.items() if value}


ELMA_ITEMS = [elma_client(each) for each in CLIENTS]


def of_elma365(_source: Source) -> Scope:
    """Four users with the administrator that every company has. Roman has left: he has no account if no key
    makes one."""
    files = [
        {
            "__id": key("P01", "file", n),
            "__name": f"скан {n}.bin",
            "base64": base64.b64encode(b"\x07" * size).decode(),
        }
        for n, size in enumerate(SIZES)
    ]
    roman = "Белов Роман Фёдорович (roman.belov@romashka.example)"
    return Scope(
        Data(ELMA_APP | {"items": {ELMA_CLIENTS: ELMA_ITEMS}, "files": files}),
        ELMA_CLIENTS,
        "Клиенты охвата",
        61,
        ("__name", "mail", "site", "inn", "note", "never"),
        (58, 59, 60, 1, 0),
        [("__name", 2)],
        2,
        3,
        ("Клиенты охвата", True),
        {
            "twenty": {"Почта": "email", "Сайт": "link", "ИНН": "text", "Заметка": "text"},
            "odoo": {"Почта": "text", "Сайт": "text", "ИНН": "text", "Заметка": "text"},
        },
        ("Клиенты охвата", "Пустое поле"),
        ("workflow", "none found"),
        "robot",
        {"twenty": [(4, 1, [roman])], "odoo": []},
    )


def scanned(source: Source) -> Data:
    """The files of the one client that has some."""
    owner = Company(source.key("P01", WITH_FILES), f"Клиент {WITH_FILES}")
    return source.papers(*(Paper(f"скан {n}.bin", owner, b"\x07" * size) for n, size in enumerate(SIZES)))


# --- Cetec: customers, with columns of the tenant's own ----------------------------------------------


def of_cetec(source: Source) -> Scope:
    """A tax number and a remark are columns that the tenant added."""
    rows = [
        {
            "id": int(source.key("P01", told.number)),
            "custnum": f"C{source.key('P01', told.number)}",
            "name": told.name,
            "acctemail": told.mail,
            "domain": told.site.removeprefix("https://"),
            "tax_id": told.tax,
            "remark": told.note,
            "credit_limit": None if told.readable else "тонна",
        }
        for told in CLIENTS
    ]
    return Scope(
        together(Data({"customers": rows}), scanned(source)),
        "customer",
        "Customer",
        61,
        ("name", "acctemail", "domain", "tax_id", "remark", "fob"),
        (58, 59, 60, 1, 0),
        [("name", 2)],
        2,
        0,
        ("Company", False),
        {
            "twenty": {"Customer number": "text", "remark": "text", "tax_id": "text"},
            "odoo": {"remark": "text", "tax_id": "text"},
        },
        ("Customer", "FOB"),
        ("role", "2"),
        "quality_code",
        {"twenty": [(3, 1, ["Belov Roman (roman.belov@romashka.example)"])], "odoo": []},
    )


# --- Ascora: customers with custom fields -------------------------------------------------------------


def of_ascora(source: Source) -> Scope:
    """The site of a business is the host of its e-mail, unless others have the same: it is missing where the
    address is, or is shared."""
    rows = [
        {
            "customerId": source.key("P01", told.number),
            "customerNumber": f"C-{source.key('P01', told.number)[:8]}",
            "customerName": told.name,
            "companyName": f"B {told.number}",
            "emailAddress": told.mail,
            "streetLatitude": None if told.readable else "тонна",
            "customFields": [
                {"fieldName": "ABN", "fieldValue": told.tax},
                *([{"fieldName": "Remark", "fieldValue": told.note}] if told.note else []),
            ],
        }
        for told in CLIENTS
    ]
    return Scope(
        together(Data({"customers": rows}), scanned(source)),
        "customers",
        "Customer",
        60,  # of a row that cannot be read nobody knows whether it is a customer or a site
        ("name", "email", "domain", "ABN", "Remark", "postal_address"),
        (58, 55, 60, 1, 0),
        [("domain or email or contact_name", 2), ("name", 2)],
        3,
        0,
        ("Company", False),
        {
            "twenty": {"Migration remarks": "text", "Remark": "text", "ABN": "text"},
            "odoo": {"Remark": "text", "ABN": "text"},
        },
        ("Customer", "Postal address"),
        ("role", "2"),
        "enquiry",
        {"twenty": [(3, 1, ["Roman Belov (roman.belov@romashka.example)"])], "odoo": []},
    )


# What the destinations call a company, where they call it otherwise.
CALLED = {("odoo", "Company"): "Contact"}
OF = {"elma365": of_elma365, "cetec": of_cetec, "ascora": of_ascora}
SCOPED = Slice("P01", lambda source: OF[source.platform](source).data)


def keys_of(source: Source) -> dict[int, str]:
    """The keys of the clients."""
    return {told.number: source.key("P01", told.number) for told in CLIENTS}


@pytest.fixture(scope="module")
def scoped(pair_name: str, lasting_sandboxes: Sandboxes, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The migration of P01, from discover to reconcile."""
    return migrated(lasting_sandboxes, tmp_path_factory.mktemp("scope"), [SCOPED], pair_name)


# What the pairs differ in. A customer of Ascora has a number, by which Odoo knows it too: only the name can
# be missing there. Users of Ascora are made there, but for those without an address, and there are none.
OTHERWISE: Mapping[str, Mapping[str, Any]] = {
    "ascora-odoo": {"incomplete": 2, "missing": [("name", 2)], "people": {"odoo": [(0, 0, [])]}},
}


@pytest.fixture
def told(scoped: Pair, pair_name: str) -> Scope:
    """What the scope has to say."""
    return OF[scoped.source.platform](scoped.source)._replace(**OTHERWISE.get(pair_name, {}))


def clients_of(scope: dict[str, Any], told: Scope) -> dict[str, Any]:
    """What the scope says of the clients."""
    found: dict[str, Any] = next(o for o in scope["sources"][0]["objects"] if o["name"] == told.object)
    return found


def test_P01_the_scope_counts_incomplete_and_duplicate_records(scoped: Pair, told: Scope):
    clients = clients_of(scoped.answers["discover"], told)
    assert (clients["label"], clients["count"], clients["custom"]) == (told.label, told.held, False)
    seen = clients["profile"]
    assert (seen["records"], seen["whole"], seen["unreadable"]) == (60, True, 1)
    assert seen["incomplete"] == told.incomplete
    assert [(each["field"], each["records"]) for each in seen["missing"]] == told.missing
    labels = {each["field"]: each["label"] for each in seen["missing"]}
    assert labels[told.fields[0]] == "Name"
    shared = {r["kind"]: (r["groups"], r["records"]) for r in seen["repeated"]}
    assert shared == {"e-mail": (1, 3), "tax number": (1, 2)}
    assert seen["duplicates"] == 3
    filled = {f["field"]: f["records"] for f in seen["filled"]}
    assert [filled[name] for name in told.fields[1:]] == list(told.filled)


def test_P01_the_scope_tells_cyrillic_text_files_plan_and_time(scoped: Pair, told: Scope):
    scope, there = scoped.answers["discover"], scoped.destination.platform
    seen = clients_of(scope, told)["profile"]
    assert seen["cyrillic"] == 57  # all but "Latin only" and the two without a name
    assert seen["longest_text"] == {"characters": 777, "field": told.fields[4]}
    (files,) = scope["files"]
    measured = (files["links"], files["measured"], files["bytes"], files["whole"])
    assert measured == (told.links, 3, sum(SIZES), True)
    (plan,) = [entry for entry in scope["plan"] if entry["source"] == told.object]
    label, new = told.route
    wanted = (CALLED.get((there, label), label), new)
    routes = [route for route in plan["routes"] if (route["label"], route["new"]) == wanted]
    assert routes
    made = {f["label"]: f["type"] for route in routes for f in route["make"]}
    assert told.made[there].items() <= made.items()
    kinds = {r["kind"]: r["summary"] for r in scope["sources"][0]["artifacts"]}
    kind, said = told.examined
    assert kinds[kind].startswith(said)
    assert kinds[told.not_examined].startswith("not examined: ")
    assert not [summary for summary in kinds.values() if summary.startswith("0")]
    assert scope["estimate"]["requests"] > 0
    assert scope["estimate"]["minutes"] > 0
    figures = {f["name"]: f["value"] for part in scope["assessment"]["parts"] for f in part["figures"]}
    assert (figures["incomplete"], figures["duplicates"], figures["tenants"]) == (told.incomplete, 3, 1)
    people = [item for item in scope["people"] if item["object"] == scoped.source.object_of["user"]]
    found = [(person["people"], person["missing"], person["names"]) for person in people]
    assert found == told.people[there]


def test_P01_the_scope_is_a_page_that_a_customer_can_be_sent(scoped: Pair, told: Scope):
    folder = scoped.project.folder / "reports"
    page = (folder / "scope.html").read_text(encoding="utf-8")
    assert json.loads((folder / "scope.json").read_text(encoding="utf-8")) == scoped.answers["discover"]
    for words in (*told.words, "73.5 kB", "Risks", "Complexity"):
        assert words in page
    for foreign in ("<script", 'http-equiv="refresh"', "src=", scoped.source.token, scoped.destination.token):
        assert foreign not in page


def test_P01_the_counts_are_compared_again_after_the_load(scoped: Pair, told: Scope, record_property):
    there, keys = scoped.destination, keys_of(scoped.source)
    label, new = told.route
    found = there.arrived_in(label, told.object) if new else there.arrived("company", told.object)
    assert len(found) == 58  # one could not be read, two have no name
    (row,) = [r for r in scoped.answers["reconcile"].json["scope"] if r["object"] == told.object]
    assert (row["scope"], row["extracted"], row["loaded"], row["there"]) == (told.held, 61, 58, 58)
    refused = scoped.refused(list(keys.values()), told.object)
    assert set(refused) == {keys[n] for n in (56, 57, 60)}
    moved(record_property, len(CLIENTS), len(refused))


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
    where = {"namespace": ELMA_CLIENTS, "code": code, "__name": name, "__id": key("G10", code)}
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


@pytest.mark.source("elma365")
@pytest.mark.destination("twenty")
def test_G10_what_the_destination_lacks_is_in_the_handoff(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    seed = {**ELMA_APP, "items": {ELMA_CLIENTS: ELMA_ITEMS}, "processes": PROCESSES}
    pair = prepared(sandboxes, tmp_path, [Slice("G10", seed)], pair_name)
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
    record_property("records", len(CLIENTS))
