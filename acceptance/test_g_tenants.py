"""G02 and G21: several tenants in one project, and what their records share."""

# ruff: noqa: N802 - a test is named after its row

import csv
from pathlib import Path
from typing import Any

import pytest
from acceptance.harness import FAST, Pair, Row, Sandbox, Sandboxes, moved, project, written
from acceptance.slices import COMPANIES, CONTACTS, ROMAN, STAFF, Json, key, merged

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


def company_of(sandboxes: Sandboxes, seeds: list[Any]) -> Sandbox:
    """A tenant's own platform with its data."""
    source = sandboxes.start("elma365", seed="empty")
    source.ask("POST", "/_seed", merged([STAFF, *seeds]), status=None)
    return source


def tenants(sandboxes: Sandboxes, folder: Path, seeds: dict[str, list[Any]]) -> Pair:
    """A project with two tenants, its mapping proposed and confirmed."""
    sources = {tenant: company_of(sandboxes, own) for tenant, own in seeds.items()}
    destination = sandboxes.start("twenty", seed="demo")
    made = project(folder / "acme", sources[NORTH], destination)
    made.keys["ELMA_SOUTH"] = sources[SOUTH].token
    document = made.yaml("crossdock.yaml")
    document["sources"][0]["tenant"] = NORTH
    second = {"platform": "elma365", "tenant": SOUTH, "url": sources[SOUTH].url, "token": "env:ELMA_SOUTH"}
    document["sources"].append(second | {"calls_per_minute": FAST, "page_size": 1000})
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


def of_tenant(destination: Sandbox, plural: str, tenant: str, source_object: str) -> dict[str, Row]:
    """The records of one tenant by the key they have there."""
    found = {}
    for row in destination.all(plural):
        origin = (row.get("crossdockKey") or "").partition(":")[2]
        if origin.startswith(f"{tenant}/{source_object}/"):
            found[origin.rsplit("/", 1)[1]] = row
    return found


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
def two_tenants(sandboxes: Sandboxes, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Both tenants moved into one workspace."""
    pair = tenants(sandboxes, tmp_path_factory.mktemp("tenants"), SEEDS)
    again(pair)
    pair.answers["reconcile"] = pair.project.call("reconcile")
    return pair


@pytest.fixture(scope="session")
def shared_emails(sandboxes: Sandboxes, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Both tenants moved as far as goes without a decision."""
    pair = tenants(sandboxes, tmp_path_factory.mktemp("emails"), G21_SEEDS)
    again(pair)
    return pair


@pytest.mark.destination("twenty")
def test_G02_the_same_key_in_two_tenants_makes_two_records(pair_name, two_tenants: Pair, record_property):
    for tenant, name in ((NORTH, "Северная"), (SOUTH, "Южная")):
        rows = of_tenant(two_tenants.destination, "companies", tenant, COMPANIES)
        assert rows[SAME]["name"] == name
        assert {rows[key("G02", n)]["name"] for n in range(30)} == {f"Фирма {n} {tenant}" for n in range(30)}
    refused = [x for x in two_tenants.audit if x["outcome"] in ("held", "rejected", "failed")]
    moved(record_property, 63 + 10 + 1, len({(x["tenant"], x["source_id"]) for x in refused}))


@pytest.mark.destination("twenty")
def test_G02_tenants_are_loaded_in_phases_of_their_own(pair_name, two_tenants: Pair):
    phases = [p for p in two_tenants.report["phases"] if p["name"] == f"{COMPANIES}>company"]
    assert [(p["tenant"], p["extracted"]) for p in phases] == [(NORTH, 31), (SOUTH, 32)]
    assert {line["tenant"] for line in two_tenants.audit} == {NORTH, SOUTH}


@pytest.mark.destination("twenty")
def test_G02_a_reference_into_another_tenant_is_reported_and_never_resolved(pair_name, two_tenants: Pair):
    lines = [x for x in two_tenants.audit if x["source_id"] == key("G02", "stray")]
    (line,) = [x for x in lines if x["phase"] == f"{CONTACTS}>person"]
    assert (line["tenant"], line["outcome"]) == (NORTH, "held")
    assert f"{COMPANIES}/{ONLY_SOUTH}" in line["reasons"]
    assert f"tenant '{SOUTH}'" in line["reasons"]
    assert "references never cross tenants" in line["reasons"]
    assert all(row["name"]["lastName"] != "Чужих" for row in two_tenants.destination.all("people"))
    waiting = [x for x in queue(two_tenants, "references") if x["key"] == key("G02", "stray")]
    assert [x["tenant"] for x in waiting] == [NORTH]


@pytest.mark.destination("twenty")
def test_G02_one_application_of_both_tenants_has_the_fields_and_options_of_both(pair_name, two_tenants: Pair):
    objects = two_tenants.destination.objects().values()
    plural = next(item["namePlural"] for item in objects if item["labelSingular"] == "Ящики")
    north = of_tenant(two_tenants.destination, plural, NORTH, CRATES)
    south = of_tenant(two_tenants.destination, plural, SOUTH, CRATES)
    assert {row["kind"] for row in north.values()} == {"WOOD"}
    assert {row["kind"] for row in south.values()} == {"STEEL"}
    assert {row["colour"] for row in south.values()} == {"синий"}
    firms = of_tenant(two_tenants.destination, "companies", NORTH, COMPANIES)
    for n in range(5):
        assert north[key("G02", "crate", n)]["firmId"] == firms[key("G02", n)]["id"]
    told = [p for p in two_tenants.answers["check"]["problems"] if p["path"] == f"{CRATES}.mark"]
    assert len(told) == 1
    assert f"text in tenant {NORTH}" in told[0]["message"]
    assert f"decimal in tenant {SOUTH}" in told[0]["message"]


@pytest.mark.destination("twenty")
def test_G02_both_tenants_reconcile(pair_name, two_tenants: Pair):
    found = two_tenants.answers["reconcile"].json
    assert [f for f in found["findings"] if f["kind"] != "normalised"] == []


@pytest.mark.destination("twenty")
def test_G21_a_shared_email_is_listed_with_its_tenants_and_not_merged(
    pair_name, shared_emails: Pair, record_property
):
    lines = {(x["tenant"], x["key"]): x for x in queue(shared_emails, "duplicates")}
    wanted = {(t, key("G21", t, n)) for t in (NORTH, SOUTH) for n in range(3)}
    assert set(lines) == wanted | {(t, key("G21", t, "inn")) for t in (NORTH, SOUTH)}
    for tenant, other in ((NORTH, SOUTH), (SOUTH, NORTH)):
        for n in range(3):
            reason = lines[(tenant, key("G21", tenant, n))]["reason"]
            assert f"emails obshchih{n}@example.org" in reason
            assert f"{other}/{CONTACTS}/{key('G21', other, n)}" in reason
    people = shared_emails.destination.all("people")
    assert not [row for row in people if "obshchih" in (row["emails"]["primaryEmail"] or "")]
    own = [row for row in people if (row["emails"]["primaryEmail"] or "").startswith("svoih")]
    assert len(own) == 50
    moved(record_property, 58, len(lines))


@pytest.mark.destination("twenty")
def test_G21_it_is_listed_before_the_first_record_is_written(pair_name, sandboxes: Sandboxes, tmp_path: Path):
    pair = tenants(sandboxes, tmp_path, G21_SEEDS)
    mapping = pair.project.yaml("mapping.yaml")
    mapping["decisions"] = {"missing_users": "wait"}  # stops the run before its first record
    pair.project.save("mapping.yaml", mapping)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    since = max((entry["n"] for entry in pair.destination.log()), default=0)
    assert pair.project.call("run").code == 4
    assert (
        written(pair.destination.log(since), "people") + written(pair.destination.log(since), "companies")
        == []
    )
    assert {x["tenant"] for x in queue(pair, "duplicates")} == {NORTH, SOUTH}


@pytest.mark.destination("twenty")
def test_G21_merged_kept_apart_or_left_out_as_decided(pair_name, shared_emails: Pair):
    decide(
        shared_emails,
        "duplicates",
        {(t, key("G21", t, 0)): "merge" for t in (NORTH, SOUTH)}
        | {(NORTH, key("G21", NORTH, 1)): "load", (SOUTH, key("G21", SOUTH, 1)): "skip"}
        | {(t, key("G21", t, "inn")): "load" for t in (NORTH, SOUTH)},
    )
    again(shared_emails)
    people = shared_emails.destination.all("people")
    (merged_one,) = [r for r in people if r["emails"]["primaryEmail"] == "obshchih0@example.org"]
    assert merged_one["crossdockKey"].endswith(f"{NORTH}/{CONTACTS}/{key('G21', NORTH, 0)}")
    assert merged_one["jobTitle"] == "Директор"
    assert merged_one["phones"]["primaryPhoneNumber"] == "4957000000"
    (loaded,) = [r for r in people if r["emails"]["primaryEmail"] == "obshchih1@example.org"]
    assert loaded["crossdockKey"].endswith(key("G21", NORTH, 1))
    assert not [r for r in people if r["emails"]["primaryEmail"] == "obshchih2@example.org"]
    firms = [
        row["name"] for row in shared_emails.destination.all("companies") if row.get("inn") == "7701000001"
    ]
    assert sorted(firms) == [f"Общая {NORTH}", f"Общая {SOUTH}"]
    waiting = [x for x in queue(shared_emails, "duplicates") if not x["decision"]]
    assert {(x["tenant"], x["key"]) for x in waiting} == {(t, key("G21", t, 2)) for t in (NORTH, SOUTH)}


@pytest.mark.destination("twenty")
def test_G21_a_merged_record_reconciles_and_is_not_written_again(pair_name, shared_emails: Pair):
    found = shared_emails.project.call("reconcile").json
    assert [f for f in found["findings"] if f["kind"] != "normalised"] == []
    before = shared_emails.destination.dump()["records"]
    shared_emails.project.must("run", codes=(0, 1))
    after = shared_emails.destination.dump()["records"]
    assert (after["person"], after["company"]) == (before["person"], before["company"])
