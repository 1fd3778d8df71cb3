"""P10: the delta until the cutover, as often as anybody likes."""

# ruff: noqa: N802 - a test is named after its row

import csv
from pathlib import Path
from typing import Any

from acceptance.harness import Pair, Sandboxes, moved, prepared
from acceptance.platforms import Row
from acceptance.slices import COMPANIES, CONTACTS, UNREADABLE, Slice, key

MADE, LAST = "2024-01-01T08:00:00Z", "2024-02-01T08:00:00Z"
FIRMS, PEOPLE = 60, 12
ODD = key("P10", "odd")


def firm(n: int, **more: Any) -> Row:
    """Company number `n`."""
    plain = {
        "__name": f"Дельта {n}",
        "_website": f"https://delta-{n}.example",
        "_address": f"ул. Первая, {n}",
    }
    own = {"__id": key("P10", n), "__createdAt": MADE, "__updatedAt": LAST if n == 5 else MADE}
    return own | plain | more


def person(n: int, **more: Any) -> Row:
    """A contact, who works for the company of the same number."""
    plain = {
        "_fullname": {"lastname": f"Дельтов{n}", "firstname": "Ян", "middlename": ""},
        "_email": [{"email": f"yan{n}@delta.example"}],
        "_companies": [key("P10", n)],
    }
    own = {"__id": key("P10", "person", n), "__createdAt": MADE, "__updatedAt": MADE}
    return own | plain | more


SEED: dict[str, Any] = {
    "items": {
        COMPANIES: [
            *(firm(n) for n in range(FIRMS)),
            {"__id": ODD, **UNREADABLE, "__updatedAt": MADE},
        ],
        CONTACTS: [person(n) for n in range(PEOPLE)],
    }
}

# What people do at the source, weeks after the load.
LATER = "2024-03-10T09:00:00Z"
NEWS: dict[str, Any] = {
    "items": {
        COMPANIES: [
            firm(100, __updatedAt=LATER),
            firm(1, _address="ул. Вторая, 1", __updatedAt=LATER),
            firm(2, _address="ул. Вторая, 2", __updatedAt=LATER),  # its address is edited there too
            firm(3, _address="ул. Вторая, 3", __updatedAt=LATER),  # its name is edited there
            firm(4, _address="ул. Вторая, 4", __updatedAt=LATER),  # deleted there
            firm(50, __deletedAt=LATER, __updatedAt=LATER),
            firm(51, __deletedAt=LATER, __updatedAt=LATER),  # its name is edited there
            {"__id": ODD, "__name": "Кривая", "_website": "https://pryamaya.example", "__updatedAt": LATER},
            firm(101, **UNREADABLE, __updatedAt=LATER),
        ],
        CONTACTS: [person(100, __updatedAt=LATER)],  # works for a company that is new too
    }
}
EXPECTED = {key("P10", n): (f"Дельта {n}", f"ул. Первая, {n}") for n in (*range(FIRMS), 100)} | {
    key("P10", 1): ("Дельта 1", "ул. Вторая, 1"),
    key("P10", 2): ("Дельта 2", "ул. Людей, 2"),
    key("P10", 3): ("Людская 3", "ул. Вторая, 3"),
    key("P10", 51): ("Людская 51", "ул. Первая, 51"),
    ODD: ("Кривая", ""),  # refused before, corrected since
}
for gone in (4, 50):
    del EXPECTED[key("P10", gone)]
"""Name and street of companies there after the first delta, by source key; 4 and 50 are gone."""
# What the pairs differ in: where people delete a company, it lies in a trash or is gone.
ONE_UPDATE = {
    "twenty": ["updateCompany"],
    "odoo": ["res.partner.load", "res.partner.load"],  # what the server changes with it is written once more
}
TRASH = {"twenty": ["Дельта 4", "Дельта 50"], "odoo": ["Дельта 50"]}


def decided(mapping: Any) -> None:
    """What was deleted at the source is put into the trash; automations are left alone."""
    mapping["decisions"] = {**(mapping.get("decisions") or {}), "deletions": "trash"}
    mapping["automations"] = dict.fromkeys(mapping.get("automations") or {}, "keep")


def loaded(sandboxes: Sandboxes, folder: Path, pair_name: str) -> Pair:
    """Both sides after the full run, and what people did on both since."""
    pair = prepared(sandboxes, folder, [Slice("P10", SEED, edit=decided)], pair_name)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))
    there = pair.destination.arrived("company", COMPANIES)
    for n, change in {
        2: {"street": "ул. Людей, 2"},
        3: {"name": "Людская 3"},
        51: {"name": "Людская 51"},
    }.items():
        pair.destination.edit("company", there[key("P10", n)]["id"], **change)
    pair.destination.remove("company", there[key("P10", 4)]["id"])
    pair.source.seed(NEWS)
    return pair


def streets(pair: Pair) -> dict[str, tuple[str, str]]:
    """Name and street of the companies there, by source key."""
    rows = pair.destination.arrived("company", COMPANIES)
    return {found: (row["name"], row["street"]) for found, row in rows.items()}


def delta(pair: Pair) -> tuple[Any, list[Row]]:
    """Run a delta: its report, and the requests that wrote records."""
    since = pair.destination.now()
    report = pair.project.must("run", "--delta", codes=(0, 1))
    return report, pair.destination.written(pair.destination.log(since))


def decide(pair: Pair, decisions: dict[str, str]) -> None:
    """Fill in the queue of conflicts, as a person would."""
    path = pair.project.folder / "queues" / "conflicts.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["key"] for row in rows} == set(decisions)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"decision": decisions[row["key"]]} for row in rows)


def book(report: Any, name: str) -> dict[str, int]:
    """The source book of a phase."""
    found: dict[str, int] = next(p["source"] for p in report["phases"] if p["name"] == name)
    return found


def test_P10_changes_arrive_and_what_people_did_stays(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = loaded(sandboxes, tmp_path, pair_name)

    report, _ = delta(pair)

    there = streets(pair)
    assert there == EXPECTED
    assert len(there) == FIRMS + 2 - 2  # new: 100 and the corrected one; in the trash: 4 and 50
    people = pair.destination.arrived("person", CONTACTS)
    employer = pair.destination.arrived("company", COMPANIES)[key("P10", 100)]["id"]
    assert people[key("P10", "person", 100)]["company"] == employer
    route = pair.route(COMPANIES, "company")
    assert book(report, route) == {
        "unchanged": 1,  # 5: a delta reads a day more than it has to
        "loaded": 4,  # 100, 1, 3 and the corrected one
        "held": 1,  # 2: changed on both sides
        "rejected": 1,  # 101
        "skipped": 3,  # 4: deleted there; 50 and 51: deleted at the source
    }
    assert book(report, f"{route} (deletions)") == {"skipped": 1, "held": 1}
    found = {(f["kind"], f["origin"].rpartition("/")[2]) for f in report["first_findings"]}
    assert ("deleted there", key("P10", 4)) in found

    again, writes = delta(pair)
    assert writes == []
    assert streets(pair) == there

    decide(pair, {key("P10", 2): "source", key("P10", 51): "destination"})
    third, writes = delta(pair)
    assert [entry["operation"] for entry in writes] == ONE_UPDATE[pair.destination.platform]
    assert streets(pair) == there | {key("P10", 2): ("Дельта 2", "ул. Вторая, 2")}
    assert not (pair.project.folder / "queues" / "conflicts.csv").exists()
    assert delta(pair)[1] == []
    mark = next(m for m in third["run"]["marks"] if m["object"] == COMPANIES)
    assert (mark["since"], mark["until"]) == ("2024-03-09T09:00:00+00:00", "2024-03-10T09:00:00+00:00")
    assert again["totals"]["source"]["rejected"] >= 1
    moved(record_property, FIRMS + 1 + PEOPLE + 10, 1)


def test_P10_a_delta_that_was_killed_goes_on_to_the_same_end(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    killed = loaded(sandboxes, tmp_path, pair_name)
    for where in ("update company", "trash company"):
        pid_file, there = tmp_path / f"pid {where}", killed.destination
        there.fault(kind="kill_after", pid_file=str(pid_file), **there.fault_at(where))
        process = killed.project.begin("run", "--delta")
        pid_file.write_text(str(process.pid))
        process.communicate(timeout=120)
        assert process.returncode == -9, where
        there.ask("DELETE", "/_sandbox/faults", status=None)

    report, writes = delta(killed)

    there = killed.destination
    assert not there.trashing(writes)
    assert streets(killed) == EXPECTED
    assert sorted(row["name"] for row in there.trash("company")) == TRASH[there.platform]
    names = [row["name"] for row in there.rows("company")]
    assert len(names) == len(set(names))
    deletions = f"{killed.route(COMPANIES, 'company')} (deletions)"
    assert book(report, deletions) == {"skipped": 1, "held": 1}


def test_P10_a_delta_without_a_full_run_is_refused(pair_name: str, sandboxes: Sandboxes, tmp_path: Path):
    pair = prepared(sandboxes, tmp_path, [Slice("P10", SEED, edit=decided)], pair_name)
    pair.project.must("map", "confirm", "--by", "Acceptance")

    done = pair.project.call("run", "--delta")

    assert done.code == 2
    assert "crossdock run" in done.stderr
    assert not pair.destination.arrived("company", COMPANIES)
