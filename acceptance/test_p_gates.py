"""P07 and P13: row counts and the gate of a phase, and the way back."""

# ruff: noqa: N802 - a test is named after its row

import time
from pathlib import Path
from typing import Any

from acceptance.harness import Pair, Sandboxes, moved, prepared, written
from acceptance.slices import ANNA, COMPANIES, CONTACTS, Json, Slice, key

FIRMS: list[dict[str, Any]] = [
    {"__id": key("P07", n), "__name": f"Сверенная {n}", "_website": f"https://sverka-{n}.example"}
    for n in range(70)
] + [{"__id": key("P07", "odd"), "__name": "Кривая", "_website": "нет адреса"}]
PEOPLE: list[dict[str, Any]] = [
    {
        "__id": key("P07", "person", n),
        "_fullname": {"lastname": f"Сверкин{n}", "firstname": "Ю", "middlename": ""},
        "_email": [{"email": f"yu{n}@sverka.example"}],
        "_companies": [key("P07", n)],
    }
    for n in range(10)
]
SEED: dict[str, Any] = {"items": {COMPANIES: FIRMS, CONTACTS: PEOPLE}}
SLICES = {"P07": [Slice("P07", SEED)]}

BACK = "wagons.cars"
WAGONS: dict[str, Any] = {
    "namespaces": {"wagons": "Вагоны"},
    "apps": [
        {
            "namespace": "wagons",
            "code": "cars",
            "name": "Вагоны",
            "fields": [
                {"code": "firm", "type": "SYS_COLLECTION", "link": COMPANIES, "name": "Фирма"},
                {"code": "next", "type": "SYS_COLLECTION", "link": BACK, "name": "Следующий"},
            ],
        }
    ],
    "files": [{"__id": key("P13", "file"), "__name": "акт.txt", "text": "Акт приёмки"}],
    "items": {
        COMPANIES: [
            {"__id": key("P13", n), "__name": f"Обратимая {n}", "_website": f"https://obrat-{n}.example"}
            for n in range(50)
        ]
        + [
            {"__id": key("P13", "odd"), "__name": "Кривая", "_website": "нет адреса"},
            {
                "__id": key("P13", "known"),
                "__name": "Ромашка-Юг новая",
                "_website": "https://romashka-yug.example",
                "_address": "ул. Новая, 2",
                "contract_files": [key("P13", "file")],
            },
        ],
        CONTACTS: [
            {
                "__id": key("P13", "person", n),
                "_fullname": {"lastname": f"Обратимов{n}", "firstname": "Ян", "middlename": ""},
                "_email": [{"email": f"yan{n}@obrat.example"}],
                "_companies": [key("P13", n)],
            }
            for n in range(10)
        ],
        BACK: [
            {
                "__id": key("P13", "car", n),
                "__name": f"Вагон {n}",
                "firm": [key("P13", "known")],
                "next": [key("P13", "car", (n + 1) % 6)],
            }
            for n in range(6)
        ],
    },
    "tasks": [
        {
            "__id": key("P13", "task"),
            "__name": "Вернуть",
            "state": "closed",
            "author": ANNA,
            "__item": {"namespace": "_clients", "code": "_companies", "id": key("P13", "known")},
        }
    ],
}


def test_P07_the_reports_counts_are_those_of_the_platforms(pair: Pair, record_property):
    found = pair.destination.ours("companies", COMPANIES)
    assert len(set(found) & {item["__id"] for item in FIRMS}) == 70
    phase = pair.phase(f"{COMPANIES}>company")
    before = len(pair.answers["before"]["records"]["company"]["live"])
    live = pair.destination.dump()["records"]["company"]["live"]
    assert len(live) - before == phase["destination"]["created"]
    assert phase["extracted"] == sum(phase["source"].values())
    assert phase["state"] == "settled"
    for each in pair.report["phases"]:
        assert (each["in_doubt"], each["state"]) == (0, "settled"), each["name"]
    refused = pair.refused([item["__id"] for item in FIRMS])
    assert set(refused) == {key("P07", "odd")}
    moved(record_property, len(FIRMS) + len(PEOPLE), len(refused))


def test_P07_a_phase_that_lost_records_stops_the_next_one(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    assert pair_name == "elma365-twenty", f"no acceptance data for the pair {pair_name} yet"
    pair = prepared(sandboxes, tmp_path, [Slice("P07", SEED)])
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.project.must("provision")
    # The reading back of the companies waits for three seconds, and meanwhile somebody destroys two.
    fault = {"kind": "slow", "method": "POST", "path": "/graphql", "body": "companies\\(", "seconds": 3}
    lost = lose_two_companies(pair, fault)
    process = pair.project.begin("run")
    lost()
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 4, errors
    assert "2 of 70" in errors
    assert "rollback" in errors
    assert not pair.destination.ours("people", CONTACTS)
    pair.project.must("rollback")
    assert not pair.destination.ours("companies", COMPANIES)


def lose_two_companies(pair: Pair, fault: Json) -> Any:
    """Order the fault once the companies are written; give what waits for it and destroys two of them."""
    destination = pair.destination
    since = destination.log()[-1]["n"]

    def made() -> bool:
        return any(entry["status"] == 201 for entry in written(destination.log(since), "companies"))

    # Before the write the companies are looked up by their match keys: the fault is for what comes after.
    destination.ask(
        "POST", "/_sandbox/faults", fault | {"body": '"id"[^}]*"in".*companies|companies.*"id"[^}]*"in"'}
    )

    def lose() -> None:
        end = time.monotonic() + 60
        while not made():
            assert time.monotonic() < end, "no company was ever written"
            time.sleep(0.05)
        for row in list(destination.ours("companies", COMPANIES).values())[:2]:
            destination.ask("DELETE", f"/rest/companies/{row['id']}")

    return lose


def settled(dump: Any) -> Any:
    """A dump without what the platform itself keeps writing: the closed list of the rollback promise.

    Timeline rows of records that were there before, the counters of side effects, and who changed a restored
    record when.
    """
    kept = {name: value for name, value in dump.items() if name != "effects"}
    kept["records"] = {n: rows for n, rows in dump["records"].items() if n != "timelineActivity"}
    for rows in kept["records"].values():
        for row in [*rows["live"], *rows["trash"]]:
            row.pop("updatedAt", None)
            row.pop("updatedBy", None)
    return kept


def differences(before: Any, after: Any, path: str = "") -> list[str]:
    """Where two dumps differ, for the reader of a failure."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = [*before, *(name for name in after if name not in before)]
        return [d for n in names for d in differences(before.get(n), after.get(n), f"{path}/{n}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = zip(before, after, strict=True)
        return [d for n, (one, two) in enumerate(pairs) for d in differences(one, two, f"{path}/{n}")]
    return [] if before == after else [f"{path}: {before!r:.200} -> {after!r:.200}"]


def test_P13_a_rollback_leaves_the_destination_as_it_was(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    assert pair_name == "elma365-twenty", f"no acceptance data for the pair {pair_name} yet"
    pair = prepared(sandboxes, tmp_path, [Slice("P13", WAGONS)])
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))
    changed = pair.destination.dump()
    assert (
        len(changed["records"]["company"]["live"])
        == len(pair.answers["before"]["records"]["company"]["live"]) + 50
    )
    known = next(r for r in changed["records"]["company"]["live"] if "romashka-yug" in str(r["domainName"]))
    assert known["name"] == "Ромашка-Юг новая"
    assert "cars" in changed["records"]
    assert changed["files"]
    keys = [row["__id"] for rows in WAGONS["items"].values() for row in rows]
    refused = pair.refused(keys)
    pair.project.must("rollback", "--run", pair.answers["run"]["run"]["id"])
    before, after = settled(pair.answers["before"]), settled(pair.destination.dump())
    assert differences(before, after) == []
    assert after == before
    assert pair.project.must("status")[-1]["state"] == "rolled back"
    moved(record_property, len(keys) + 2, len(refused))
