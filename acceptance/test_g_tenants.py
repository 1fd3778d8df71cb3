"""G02 and G21: several tenants in one project, and what their records share."""

# ruff: noqa: N802 - a test is named after its row

import csv
from pathlib import Path
from typing import Any

import pytest
from acceptance.harness import Pair, Sandboxes, moved, platforms, project
from acceptance.slices import COMPANIES, CONTACTS, ROMAN, Json, key, merged
from acceptance.sources import Source

pytestmark = pytest.mark.source("elma365")

NORTH, SOUTH = "north", "south"
SAME = key("G02", "same key")
ONLY_SOUTH = key("G02", "only in the south")
CRATES = "yard.crates"


def crates(*fields: Json) -> Json:
    """The application `crates` of one tenant with these fields and its statuses."""
    return {"namespaces": {"yard": "Двор"}, "apps": [{"namespace": "yard", "code": "crates", **fields[0]}]}


NORTH_APP = crates(
    {
        "name": "Ящики",
        "fields": [
            {"code": "size", "type": "FLOAT", "name": "Размер"},
            {"code": "kind", "type": "ENUM", "options": {"wood": "Дерево"}, "name": "Вид"},
            {"code": "mark", "type": "STRING", "name": "Метка"},
            {"code": "firm", "type": "SYS_COLLECTION", "link": COMPANIES, "name": "Фирма"},
        ],
    }
)
SOUTH_APP = crates(
    {
        "name": "Ящики",
        "fields": [
            {"code": "size", "type": "FLOAT", "name": "Размер"},
            {"code": "kind", "type": "ENUM", "options": {"steel": "Сталь"}, "name": "Вид"},
            {"code": "mark", "type": "FLOAT", "name": "Метка"},
            {"code": "colour", "type": "STRING", "name": "Цвет"},
        ],
    }
)


def firm(tenant: str, number: int) -> Json:
    """One of the usual companies of a tenant; both tenants use the same ids."""
    return {
        "__id": key("G02", number),
        "__name": f"Фирма {number} {tenant}",
        "_website": f"https://{tenant}-{number}.example",
    }


SEEDS: dict[str, list[Any]] = {
    NORTH: [
        NORTH_APP,
        {
            "items": {
                COMPANIES: [
                    *(firm(NORTH, n) for n in range(30)),
                    {"__id": SAME, "__name": "Северная", "_website": "https://severnaya.example"},
                ],
                CRATES: [
                    {
                        "__id": key("G02", "crate", n),
                        "__name": f"Ящик {n}",
                        "kind": [{"code": "wood"}],
                        "firm": [key("G02", n)],
                    }
                    for n in range(5)
                ],
                CONTACTS: [
                    {
                        "__id": key("G02", "stray"),
                        "_fullname": {"lastname": "Чужих", "firstname": "Лев", "middlename": ""},
                        "_email": [{"email": "lev@chuzhih.example"}],
                        "_companies": [ONLY_SOUTH],
                    }
                ],
            }
        },
    ],
    SOUTH: [
        SOUTH_APP,
        {
            "items": {
                COMPANIES: [
                    *(firm(SOUTH, n) for n in range(30)),
                    {"__id": SAME, "__name": "Южная", "_website": "https://yuzhnaya.example"},
                    {"__id": ONLY_SOUTH, "__name": "Только юг", "_website": "https://yug.example"},
                ],
                CRATES: [
                    {
                        "__id": key("G02", "steel", n),
                        "__name": f"Стальной {n}",
                        "kind": [{"code": "steel"}],
                        "colour": "синий",
                    }
                    for n in range(5)
                ],
            }
        },
    ],
}


def shared_person(tenant: str, number: int) -> Json:
    """Somebody whose e-mail both tenants have."""
    phone = [{"type": "work", "tel": f"+7 495 700-00-{number:02d}"}] if tenant == SOUTH else []
    return {
        "__id": key("G21", tenant, number),
        "_fullname": {"lastname": f"Общих{number}", "firstname": "Анна", "middlename": ""},
        "_email": [
            {"email": f"Obshchih{number}@example.org" if tenant == SOUTH else f"obshchih{number}@example.org"}
        ],
        "_phone": phone,
        "position": "Директор" if tenant == NORTH else "Главный",
    }


def own_person(tenant: str, number: int) -> Json:
    """Somebody whom only one tenant has."""
    return {
        "__id": key("G21", "own", tenant, number),
        "_fullname": {"lastname": f"Своих{number}", "firstname": tenant.title(), "middlename": ""},
        "_email": [{"email": f"svoih{number}@{tenant}.example"}],
    }


def same_inn(tenant: str) -> Json:
    """One company in both tenants, told by its tax number alone."""
    return {
        "__id": key("G21", tenant, "inn"),
        "__name": f"Общая {tenant}",
        "_inn": "7701000001",
        "responsible": [ROMAN],
    }


G21_SEEDS: dict[str, list[Any]] = {
    tenant: [
        {
            "items": {
                CONTACTS: [
                    *(shared_person(tenant, n) for n in range(3)),
                    *(own_person(tenant, n) for n in range(25)),
                ],
                COMPANIES: [same_inn(tenant)],
            }
        }
    ]
    for tenant in (NORTH, SOUTH)
}


# What the pairs differ in: by which field people are told apart there, and how a phone looks.
SHARED_BY = {"twenty": "emails", "odoo": "email"}
PHONE = {"twenty": "4957000000", "odoo": "+7 495 700-00-00"}


def company_of(sandboxes: Sandboxes, platform: str, seeds: list[Any]) -> Source:
    """A tenant's own platform with its data."""
    source = sandboxes.source(platform)
    source.seed(merged([source.staff, *seeds]))
    return source


def tenants(sandboxes: Sandboxes, folder: Path, pair_name: str, seeds: dict[str, list[Any]]) -> Pair:
    """A project with two tenants, its mapping proposed and confirmed."""
    ours, theirs = platforms(pair_name)
    assert ours == "elma365", f"no acceptance data for the pair {pair_name} yet"
    sources = {tenant: company_of(sandboxes, ours, own) for tenant, own in seeds.items()}
    destination = sandboxes.destination(theirs)
    made = project(folder / "acme", sources[NORTH], destination)
    made.keys["SOUTH_KEY"] = sources[SOUTH].token
    document = made.yaml("crossdock.yaml")
    document["sources"][0]["tenant"] = NORTH
    second = {"platform": ours, "tenant": SOUTH} | sources[SOUTH].settings("SOUTH_KEY")
    document["sources"].append(second)
    made.save("crossdock.yaml", document)
    pair = Pair(sources[NORTH], destination, made)
    made.must("map", "propose", "--automations", "pause")
    pair.answers["check"] = made.must("map", "check")
    made.must("map", "confirm", "--by", "Acceptance")
    return pair


def again(pair: Pair) -> None:
    """Run once more, and read the audit log of that run."""
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))
    vars(pair).pop("audit", None)


def queue(pair: Pair, name: str) -> list[dict[str, str]]:
    """The lines of a queue file; none if there is no file."""
    path = pair.project.folder / "queues" / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def decide(pair: Pair, name: str, decisions: dict[tuple[str, str], str]) -> None:
    """Fill in the decision column, as a person would; by tenant and key."""
    lines = queue(pair, name)
    for line in lines:
        line["decision"] = decisions.get((line["tenant"], line["key"]), line["decision"])
    path = pair.project.folder / "queues" / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


@pytest.fixture(scope="session")
def two_tenants(
    pair_name: str, lasting_sandboxes: Sandboxes, tmp_path_factory: pytest.TempPathFactory
) -> Pair:
    """Both tenants moved into one destination."""
    pair = tenants(lasting_sandboxes, tmp_path_factory.mktemp("tenants"), pair_name, SEEDS)
    again(pair)
    pair.answers["reconcile"] = pair.project.call("reconcile")
    return pair


@pytest.fixture(scope="session")
def shared_emails(
    pair_name: str, lasting_sandboxes: Sandboxes, tmp_path_factory: pytest.TempPathFactory
) -> Pair:
    """Both tenants moved as far as goes without a decision."""
    pair = tenants(lasting_sandboxes, tmp_path_factory.mktemp("emails"), pair_name, G21_SEEDS)
    again(pair)
    return pair


def test_G02_the_same_key_in_two_tenants_makes_two_records(two_tenants: Pair, record_property):
    for tenant, name in ((NORTH, "Северная"), (SOUTH, "Южная")):
        rows = two_tenants.destination.arrived("company", COMPANIES, tenant)
        assert rows[SAME]["name"] == name
        assert {rows[key("G02", n)]["name"] for n in range(30)} == {f"Фирма {n} {tenant}" for n in range(30)}
    refused = [x for x in two_tenants.audit if x["outcome"] in ("held", "rejected", "failed")]
    moved(record_property, 63 + 10 + 1, len({(x["tenant"], x["source_id"]) for x in refused}))


def test_G02_tenants_are_loaded_in_phases_of_their_own(two_tenants: Pair):
    route = two_tenants.route(COMPANIES, "company")
    phases = [p for p in two_tenants.report["phases"] if p["name"] == route]
    assert [(p["tenant"], p["extracted"]) for p in phases] == [(NORTH, 31), (SOUTH, 32)]
    assert {line["tenant"] for line in two_tenants.audit} == {NORTH, SOUTH}


def test_G02_a_reference_into_another_tenant_is_reported_and_never_resolved(two_tenants: Pair):
    lines = [x for x in two_tenants.audit if x["source_id"] == key("G02", "stray")]
    (line,) = [x for x in lines if x["phase"] == two_tenants.route(CONTACTS, "person")]
    assert (line["tenant"], line["outcome"]) == (NORTH, "held")
    assert f"{COMPANIES}/{ONLY_SOUTH}" in line["reasons"]
    assert f"tenant '{SOUTH}'" in line["reasons"]
    assert "references never cross tenants" in line["reasons"]
    people = two_tenants.destination.rows("person")
    assert people
    assert not [row for row in people if row["email"] == "lev@chuzhih.example"]
    waiting = [x for x in queue(two_tenants, "references") if x["key"] == key("G02", "stray")]
    assert [x["tenant"] for x in waiting] == [NORTH]


def test_G02_one_application_of_both_tenants_has_the_fields_and_options_of_both(two_tenants: Pair):
    there = two_tenants.destination
    north = there.arrived_in("Ящики", CRATES, NORTH)
    south = there.arrived_in("Ящики", CRATES, SOUTH)
    assert {row["Вид"] for row in north.values()} == {"Дерево"}
    assert {row["Вид"] for row in south.values()} == {"Сталь"}
    assert {row["Цвет"] for row in south.values()} == {"синий"}
    firms = there.arrived("company", COMPANIES, NORTH)
    for n in range(5):
        assert north[key("G02", "crate", n)]["Фирма"] == firms[key("G02", n)]["id"]
    told = [p for p in two_tenants.answers["check"]["problems"] if p["path"] == f"{CRATES}.mark"]
    assert len(told) == 1
    assert f"text in tenant {NORTH}" in told[0]["message"]
    assert f"decimal in tenant {SOUTH}" in told[0]["message"]


def test_G02_both_tenants_reconcile(two_tenants: Pair):
    found = two_tenants.answers["reconcile"].json
    assert [f for f in found["findings"] if f["kind"] != "normalised"] == []


def test_G21_a_shared_email_is_listed_with_its_tenants_and_not_merged(shared_emails: Pair, record_property):
    lines = {(x["tenant"], x["key"]): x for x in queue(shared_emails, "duplicates")}
    wanted = {(t, key("G21", t, n)) for t in (NORTH, SOUTH) for n in range(3)}
    assert set(lines) == wanted | {(t, key("G21", t, "inn")) for t in (NORTH, SOUTH)}
    for tenant, other in ((NORTH, SOUTH), (SOUTH, NORTH)):
        for n in range(3):
            reason = lines[(tenant, key("G21", tenant, n))]["reason"]
            assert f"{SHARED_BY[shared_emails.destination.platform]} obshchih{n}@example.org" in reason
            assert f"{other}/{CONTACTS}/{key('G21', other, n)}" in reason
    people = shared_emails.destination.rows("person")
    assert not [row for row in people if "obshchih" in row["email"]]
    own = [row for row in people if row["email"].startswith("svoih")]
    assert len(own) == 50
    moved(record_property, 58, len(lines))


def test_G21_it_is_listed_before_the_first_record_is_written(pair_name, sandboxes: Sandboxes, tmp_path: Path):
    pair = tenants(sandboxes, tmp_path, pair_name, G21_SEEDS)
    mapping = pair.project.yaml("mapping.yaml")
    mapping["decisions"] = {"missing_users": "wait"}  # stops the run before its first record
    pair.project.save("mapping.yaml", mapping)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    there = pair.destination
    since = there.now()
    assert pair.project.call("run").code == 4
    log = there.log(since)
    assert there.written(log, "person") + there.written(log, "company") == []
    assert {x["tenant"] for x in queue(pair, "duplicates")} == {NORTH, SOUTH}


def test_G21_merged_kept_apart_or_left_out_as_decided(shared_emails: Pair):
    decide(
        shared_emails,
        "duplicates",
        {(t, key("G21", t, 0)): "merge" for t in (NORTH, SOUTH)}
        | {(NORTH, key("G21", NORTH, 1)): "load", (SOUTH, key("G21", SOUTH, 1)): "skip"}
        | {(t, key("G21", t, "inn")): "load" for t in (NORTH, SOUTH)},
    )
    again(shared_emails)
    there = shared_emails.destination
    people = there.rows("person")
    (merged_one,) = [r for r in people if r["email"] == "obshchih0@example.org"]
    assert merged_one["crossdock"].endswith(f"{NORTH}/{CONTACTS}/{key('G21', NORTH, 0)}")
    assert merged_one["position"] == "Директор"
    assert merged_one["phone"] == PHONE[there.platform]
    (loaded,) = [r for r in people if r["email"] == "obshchih1@example.org"]
    assert loaded["crossdock"].endswith(key("G21", NORTH, 1))
    assert not [r for r in people if r["email"] == "obshchih2@example.org"]
    firms = [row["name"] for row in there.rows("company") if row["inn"] == "7701000001"]
    assert sorted(firms) == [f"Общая {NORTH}", f"Общая {SOUTH}"]
    waiting = [x for x in queue(shared_emails, "duplicates") if not x["decision"]]
    assert {(x["tenant"], x["key"]) for x in waiting} == {(t, key("G21", t, 2)) for t in (NORTH, SOUTH)}


def test_G21_a_merged_record_reconciles_and_is_not_written_again(shared_emails: Pair):
    found = shared_emails.project.call("reconcile").json
    assert [f for f in found["findings"] if f["kind"] != "normalised"] == []
    there = shared_emails.destination
    before = there.records(there.dump())
    shared_emails.project.must("run", codes=(0, 1))
    after = there.records(there.dump())
    for name in map(there.object_name, ("person", "company")):
        assert after[name] == before[name]
