"""P02, P03 and P12: nothing before a person confirms, schema before data, and a line for every record."""

# ruff: noqa: N802 - a test is named after its row

from typing import Any

from acceptance.destinations import Destination
from acceptance.harness import Pair, moved
from acceptance.slices import COMPANIES, UNREADABLE, Slice, key

FOLDERS = "archive.folders"
ITEMS: list[dict[str, Any]] = [
    {"__id": key("P03", n), "__name": f"Папка {n}", "shelf": n, "kind": [{"code": "paper", "name": "?"}]}
    for n in range(55)
] + [{"__id": key("P03", "odd"), "__name": "Без полки", "shelf": "высоко"}]
SEED: dict[str, Any] = {
    "namespaces": {"archive": "Архив"},
    "apps": [
        {
            "namespace": "archive",
            "code": "folders",
            "name": "Папки",
            "fields": [
                {"code": "shelf", "type": "FLOAT", "kind": "integer", "name": "Полка"},
                {"code": "kind", "type": "ENUM", "options": {"paper": "Бумага"}, "name": "Носитель"},
            ],
        }
    ],
    "items": {FOLDERS: ITEMS},
}

FIRMS: list[dict[str, Any]] = [
    {"__id": key("P12", n), "__name": f"Учтённая {n}", "_website": f"https://uchet-{n}.example"}
    for n in range(60)
] + [
    {"__id": key("P12", "odd"), **UNREADABLE},
    {"__id": key("P12", "twin 1"), "__name": "Двойник", "_website": "https://dvoynik.example"},
    {"__id": key("P12", "twin 2"), "__name": "Двойник", "_website": "https://dvoynik.example"},
    {"__id": key("P12", "deleted"), "__name": "Стёртая", "__deletedAt": "2023-01-01T00:00:00Z"},
    {
        "__id": key("P12", "known"),
        "__name": "Давняя",
        "_website": "https://davnyaya.example",
        "_inn": "7707083893",
    },
]
# What the pairs differ in.
TYPES = {
    "twenty": {"Полка": "NUMBER", "Носитель": "SELECT"},
    "odoo": {"Полка": "integer", "Носитель": "selection"},
}
PROVISIONED = {
    "twenty": {
        "object:folders",
        "field:folders.shelf",
        "field:folders.kind",
        "field:company.crossdockKey",
    },
    "odoo": {
        "object:x_folders",
        "field:x_folders.x_shelf",
        "field:x_folders.x_kind",
        "field:res.partner.x_crossdock_key",
    },
}
UNREAD = {"twenty": "web address", "odoo": "name"}  # any text may be a site there
MATCHED_BY = {"twenty": "domainName", "odoo": "website"}


def known_company(destination: Destination) -> None:
    """A company that people have there already."""
    destination.known["P12"] = destination.make("company", name="Давняя", website="https://davnyaya.example")


SLICES = {
    "P03": [Slice("P03", SEED)],
    "P12": [Slice("P12", {"items": {COMPANIES: FIRMS}}, known_company)],
}


def test_P03_the_schema_is_made_before_any_record(pair: Pair, record_property):
    log, there = pair.answers["log"], pair.destination
    made = [entry["n"] for entry in there.shaped(log)]
    records = [entry["n"] for entry in there.written(log)]
    assert made
    assert records
    assert max(made) < min(records)
    assert there.made("Папки").types("Полка", "Носитель") == TYPES[there.platform]
    found = there.arrived_in("Папки", FOLDERS)
    for n in range(55):
        row = found[key("P03", n)]
        assert (row["name"], row["Полка"], row["Носитель"]) == (f"Папка {n}", n, "Бумага")
    refused = pair.refused([item["__id"] for item in ITEMS])
    assert set(refused) == {key("P03", "odd")}
    moved(record_property, len(ITEMS), len(refused))


def test_P03_every_provisioned_thing_is_listed(pair: Pair):
    keys = {change["key"] for change in pair.answers["provision"]}
    assert PROVISIONED[pair.destination.platform] <= keys


def test_P12_every_source_record_is_in_the_audit_log(pair: Pair, record_property):
    there = pair.destination
    found, name = there.arrived("company", COMPANIES), there.object_name("company")
    for n in range(60):
        line = pair.outcome(key("P12", n))
        assert (line["outcome"], line["id"]) == ("created", found[key("P12", n)]["id"])
        assert (line["source_object"], line["object"], line["tenant"]) == (COMPANIES, name, "main")
    outcomes = {
        name: pair.outcome(key("P12", name)) for name in ("odd", "twin 1", "twin 2", "deleted", "known")
    }
    assert {name: line["outcome"] for name, line in outcomes.items()} == {
        "odd": "rejected",
        "twin 1": "held",
        "twin 2": "held",
        "deleted": "skipped",
        "known": "updated",
    }
    assert outcomes["known"]["id"] == there.known["P12"]
    assert UNREAD[there.platform] in outcomes["odd"]["reasons"]
    assert MATCHED_BY[there.platform] in outcomes["twin 1"]["reasons"]
    assert all(line["time"].startswith("20") for line in pair.audit)
    refused = pair.refused([item["__id"] for item in FIRMS])
    moved(record_property, len(FIRMS), len(refused))


def test_P12_the_audit_log_agrees_with_the_report(pair: Pair):
    route = pair.route(COMPANIES, "company")
    phase = pair.phase(route)
    lines = [line for line in pair.audit if line["phase"] == route]
    assert len({line["source_id"] for line in lines}) == phase["extracted"]
    for outcome in ("created", "updated"):
        assert len([x for x in lines if x["outcome"] == outcome]) == phase["destination"].get(outcome, 0)
