"""G07: records in the trash of the destination."""

# ruff: noqa: N802 - a test is named after its row

import csv
from typing import Any

import pytest
from acceptance.harness import Pair, moved
from acceptance.slices import CONTACTS, Slice, key

pytestmark = pytest.mark.source("elma365")

TRASHED = "c0ffee00-2222-4222-8333-000000000001"  # of the destination's seed: trash@example.ru
ITEMS: list[dict[str, Any]] = [
    {
        "__id": key("G07", n),
        "_fullname": {"lastname": f"Живой{n}", "firstname": "Олег", "middlename": ""},
        "_email": [{"email": f"oleg{n}@zhivoy.example"}],
    }
    for n in range(52)
] + [
    {
        "__id": key("G07", "trashed"),
        "_fullname": {"lastname": "Удалённый", "firstname": "Пётр", "middlename": ""},
        "_email": [{"email": "trash@example.ru"}],
        "position": "Вернувшийся",
    }
]
SLICES = {"G07": [Slice("G07", {"items": {CONTACTS: ITEMS}})]}


@pytest.mark.destination("twenty")
def test_G07_a_match_in_the_trash_waits_for_a_decision(pair: Pair, record_property):
    people = pair.destination.dump()["records"]["person"]
    assert TRASHED in {row["id"] for row in people["trash"]}
    assert not [
        row for row in people["live"] if (row.get("emails") or {}).get("primaryEmail") == "trash@example.ru"
    ]
    line = pair.outcome(key("G07", "trashed"))
    assert (line["outcome"], TRASHED in line["reasons"]) == ("held", True)
    assert set(pair.refused([item["__id"] for item in ITEMS])) == {key("G07", "trashed")}
    assert len(set(pair.destination.ours("people", CONTACTS)) & {i["__id"] for i in ITEMS}) == 52
    moved(record_property, len(ITEMS), 1)


@pytest.mark.destination("twenty")
def test_G07_a_decided_match_comes_back_from_the_trash(pair: Pair):
    queue = pair.project.folder / "queues" / "trash.csv"
    with queue.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    for line in lines:
        if line["key"] == key("G07", "trashed"):
            line["decision"] = "restore"
    with queue.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, lines[0].keys())
        writer.writeheader()
        writer.writerows(lines)
    again = pair.project.must("run", codes=(0, 1))
    assert again["totals"]["destination"].get("created", 0) == 0
    row = next(r for r in pair.destination.all("people") if r["emails"]["primaryEmail"] == "trash@example.ru")
    assert (row["id"], row["jobTitle"]) == (TRASHED, "Вернувшийся")
