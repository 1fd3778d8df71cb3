"""P02, P03 and P12: nothing before a person confirms, schema before data, and a line for every record."""

# ruff: noqa: N802 - a test is named after its row

from typing import Any

from acceptance.harness import Pair, moved, written
from acceptance.slices import COMPANIES, Slice, key

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
    {"__id": key("P12", "odd"), "__name": "Неучтённая", "_website": "без адреса"},
    {"__id": key("P12", "twin 1"), "__name": "Двойник", "_website": "https://dvoynik.example"},
    {"__id": key("P12", "twin 2"), "__name": "Двойник", "_website": "https://dvoynik.example"},
    {"__id": key("P12", "deleted"), "__name": "Стёртая", "__deletedAt": "2023-01-01T00:00:00Z"},
    {
        "__id": key("P12", "known"),
        "__name": "Airbnb",
        "_website": "https://airbnb.com",
        "_inn": "7707083893",
    },
]
KNOWN = "c776ee49-f608-4a77-8cc8-6fe96ae1e43f"  # of every new workspace: Airbnb
SLICES = {
    "P03": [Slice("P03", SEED)],
    "P12": [Slice("P12", {"items": {COMPANIES: FIRMS}})],
}


def test_P03_the_schema_is_made_before_any_record(pair: Pair, record_property):
    log = pair.answers["log"]
    made = [e["n"] for e in log if e["operation"] in ("createOneObject", "createOneField", "updateOneField")]
    records = [entry["n"] for entry in written(log)]
    assert made
    assert records
    assert max(made) < min(records)
    objects = pair.destination.objects().values()
    folders = next(o for o in objects if o["labelSingular"] == "Папки")
    types = {field["label"]: field["type"] for field in folders["fields"].values()}
    assert (types["Полка"], types["Носитель"]) == ("NUMBER", "SELECT")
    found = pair.destination.ours(folders["namePlural"], FOLDERS)
    for n in range(55):
        row = found[key("P03", n)]
        assert (row["name"], row["shelf"], row["kind"]) == (f"Папка {n}", n, "PAPER")
    refused = pair.refused([item["__id"] for item in ITEMS])
    assert set(refused) == {key("P03", "odd")}
    moved(record_property, len(ITEMS), len(refused))


def test_P03_every_provisioned_thing_is_listed(pair: Pair):
    keys = {change["key"] for change in pair.answers["provision"]}
    assert {"object:folders", "field:folders.shelf", "field:folders.kind"} <= keys
    assert "field:company.crossdockKey" in keys


def test_P12_every_source_record_is_in_the_audit_log(pair: Pair, record_property):
    found = pair.destination.ours("companies", COMPANIES)
    for n in range(60):
        line = pair.outcome(key("P12", n))
        assert (line["outcome"], line["id"]) == ("created", found[key("P12", n)]["id"])
        assert (line["source_object"], line["object"], line["tenant"]) == (COMPANIES, "company", "main")
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
    assert outcomes["known"]["id"] == KNOWN
    assert "web address" in outcomes["odd"]["reasons"]
    assert "domainName" in outcomes["twin 1"]["reasons"]
    assert all(line["time"].startswith("20") for line in pair.audit)
    refused = pair.refused([item["__id"] for item in FIRMS])
    moved(record_property, len(FIRMS), len(refused))


def test_P12_the_audit_log_agrees_with_the_report(pair: Pair):
    phase = pair.phase(f"{COMPANIES}>company")
    lines = [line for line in pair.audit if line["phase"] == f"{COMPANIES}>company"]
    assert len({line["source_id"] for line in lines}) == phase["extracted"]
    for outcome in ("created", "updated"):
        assert len([x for x in lines if x["outcome"] == outcome]) == phase["destination"].get(outcome, 0)
