"""P07 and P13: row counts and the gate of a phase, and the way back."""

# ruff: noqa: N802 - a test is named after its row

import time
from pathlib import Path
from typing import Any

from acceptance.destinations import Destination, differences
from acceptance.harness import Pair, Sandboxes, moved, prepared
from acceptance.slices import ANNA, COMPANIES, CONTACTS, UNREADABLE, Slice, key

FIRMS: list[dict[str, Any]] = [
    {"__id": key("P07", n), "__name": f"Сверенная {n}", "_website": f"https://sverka-{n}.example"}
    for n in range(70)
] + [{"__id": key("P07", "odd"), **UNREADABLE}]
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
            {"__id": key("P13", "odd"), **UNREADABLE},
            {
                "__id": key("P13", "known"),
                "__name": "Ромашка-Юг новая",
                "_website": "https://romashka-yug-13.example",
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
    there = pair.destination
    found = there.arrived("company", COMPANIES)
    assert len(set(found) & {item["__id"] for item in FIRMS}) == 70
    phase = pair.phase(pair.route(COMPANIES, "company"))
    before = there.count(pair.answers["before"], "company")
    assert there.count(there.dump(), "company") - before == phase["destination"]["created"]
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
    pair = prepared(sandboxes, tmp_path, [Slice("P07", SEED)], pair_name)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.project.must("provision")
    # The reading back of the companies waits for three seconds, and meanwhile somebody destroys two.
    lost = lose_two_companies(pair.destination)
    process = pair.project.begin("run")
    lost()
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 4, errors
    assert "2 of 70" in errors
    assert "rollback" in errors
    assert not pair.destination.arrived("person", CONTACTS)
    pair.project.must("rollback")
    assert not pair.destination.arrived("company", COMPANIES)


def lose_two_companies(destination: Destination) -> Any:
    """Order the fault once the companies are written; give what waits for it and destroys two of them."""
    since = destination.now()

    def made() -> bool:
        return any(
            entry["status"] in (200, 201) for entry in destination.written(destination.log(since), "company")
        )

    # Before the write the companies are looked up by their match keys: the fault is for what comes after.
    destination.fault(kind="slow", seconds=3, **destination.fault_at("read companies back"))

    def lose() -> None:
        end = time.monotonic() + 60
        while not made():
            assert time.monotonic() < end, "no company was ever written"
            time.sleep(0.05)
        for row in list(destination.arrived("company", COMPANIES).values())[:2]:
            destination.destroy("company", row["id"])

    return lose


def known_company(destination: Destination) -> None:
    """A company that people have there already: the run overwrites its name and completes its address."""
    destination.known["P13"] = destination.make(
        "company", name="Ромашка-Юг", website="https://romashka-yug-13.example", street="ул. Старая, 1"
    )


def test_P13_a_rollback_leaves_the_destination_as_it_was(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = prepared(sandboxes, tmp_path, [Slice("P13", WAGONS, known_company)], pair_name)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))
    there = pair.destination
    changed = there.dump()
    assert there.count(changed, "company") == there.count(pair.answers["before"], "company") + 50
    (known,) = [row for row in there.rows("company") if row["id"] == there.known["P13"]]
    assert known["name"] == "Ромашка-Юг новая"
    assert len(there.arrived_in("Вагоны", BACK)) == 6
    assert there.has(there.made("Вагоны").name)
    (file,) = there.arrived("attachment", "_system.files").values()
    assert (there.content(file), file["on"]) == ("Акт приёмки".encode(), known["id"])
    keys = [row["__id"] for rows in WAGONS["items"].values() for row in rows]
    refused = pair.refused(keys)
    pair.project.must("rollback", "--run", pair.answers["run"]["run"]["id"])
    before, after = there.settled(pair.answers["before"]), there.settled(there.dump())
    assert differences(before, after) == []
    assert after == before
    assert pair.project.must("status")[-1]["state"] == "rolled back"
    moved(record_property, len(keys) + 2, len(refused))
