"""P10: the delta until the cutover, as often as anybody likes."""

# ruff: noqa: N802 - a test is named after its row

import csv
from pathlib import Path
from typing import Any

from acceptance.harness import Pair, Sandboxes, moved, prepared
from acceptance.platforms import Row
from acceptance.slices import Data, Slice, together
from acceptance.sources import Source
from acceptance.sources.base import Company, Person

FIRMS, PEOPLE = 60, 12
LAST = "2024-02-01T08:00:00Z"  # the last change before the load
LATER = "2024-03-10T09:00:00Z"  # weeks after it


def firm(source: Source, n: int, street: str = "", changed: str = "") -> Company:
    """Company number `n`."""
    site, street = f"https://delta-{n}.example", street or f"ул. Первая, {n}"
    return Company(source.key("P10", n), f"Дельта {n}", site, street, changed=changed)


def person(source: Source, n: int, changed: str = "") -> Person:
    """Somebody who works for the company of the same number."""
    mail = f"yan{n}@delta.example"
    return Person(source.key("P10", "person", n), "Ян", f"Дельтов{n}", mail, source.key("P10", n), changed)


def held(source: Source) -> Data:
    """What the source holds at first."""
    return together(
        source.companies(*(firm(source, n, changed=LAST if n == 5 else "") for n in range(FIRMS))),
        source.broken(source.key("P10", "odd")),
        source.people(*(person(source, n) for n in range(PEOPLE))),
    )


def news(source: Source) -> Data:
    """What people do at the source, weeks after the load."""
    return together(
        source.companies(
            firm(source, 100, changed=LATER),
            firm(source, 1, "ул. Вторая, 1", LATER),
            firm(source, 2, "ул. Вторая, 2", LATER),  # its address is edited there too
            firm(source, 3, "ул. Вторая, 3", LATER),  # its name is edited there
            firm(source, 4, "ул. Вторая, 4", LATER),  # deleted there
            Company(source.key("P10", "odd"), "Кривая", "https://pryamaya.example", changed=LATER),
        ),
        source.gone(source.key("P10", 50), source.key("P10", 51), changed=LATER),  # 51: renamed there
        source.broken(source.key("P10", 101), changed=LATER),
        source.people(person(source, 100, LATER)),  # works for a company that is new too
    )


def expected(source: Source) -> dict[str, tuple[str, str]]:
    """Name and street of companies there after the first delta, by source key; 4 and 50 are gone."""
    left = [n for n in (*range(FIRMS), 100) if n not in (4, 50)]
    found = {n: (f"Дельта {n}", f"ул. Первая, {n}") for n in left}
    found |= {1: ("Дельта 1", "ул. Вторая, 1"), 2: ("Дельта 2", "ул. Людей, 2")}
    found |= {3: ("Людская 3", "ул. Вторая, 3"), 51: ("Людская 51", "ул. Первая, 51")}
    corrected = {source.key("P10", "odd"): ("Кривая", "")}
    return {source.key("P10", n): row for n, row in found.items()} | corrected


# What the pairs differ in: where people delete a company, it lies in a trash or is gone.
ONE_UPDATE = {
    "twenty": ["updateCompany"],
    "odoo": ["res.partner.load", "res.partner.load"],  # what the server changes with it is written once more
}
TRASH = {"twenty": ["Дельта 4", "Дельта 50"], "odoo": ["Дельта 50"]}


def read_again(source: Source) -> dict[str, int]:
    """What a delta read of companies besides those that it wrote. A platform that says what changed gives a
    day more than it has to, and what was deleted (50 and 51); of another one everything is read."""
    if source.snapshot:
        return {"unchanged": FIRMS - 6, "skipped": 1}  # skipped: 4, deleted there
    return {"unchanged": 1, "skipped": 3}


def decided(mapping: Any) -> None:
    """What was deleted at the source is put into the trash; automations are left alone."""
    mapping["decisions"] = {**(mapping.get("decisions") or {}), "deletions": "trash"}
    mapping["automations"] = dict.fromkeys(mapping.get("automations") or {}, "keep")


def loaded(sandboxes: Sandboxes, folder: Path, pair_name: str) -> Pair:
    """Both sides after the full run, and what people did on both since."""
    pair = prepared(sandboxes, folder, [Slice("P10", held, edit=decided)], pair_name)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))
    there, key = pair.arrived("company"), pair.source.key
    for n, change in {
        2: {"street": "ул. Людей, 2"},
        3: {"name": "Людская 3"},
        51: {"name": "Людская 51"},
    }.items():
        pair.destination.edit("company", there[key("P10", n)]["id"], **change)
    pair.destination.remove("company", there[key("P10", 4)]["id"])
    pair.source.put(news(pair.source))
    return pair


def streets(pair: Pair) -> dict[str, tuple[str, str]]:
    """Name and street of the companies there, by source key."""
    rows = pair.arrived("company")
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
    key = pair.source.key

    report, _ = delta(pair)

    there = streets(pair)
    assert there == expected(pair.source)
    assert len(there) == FIRMS + 2 - 2  # new: 100 and the corrected one; in the trash: 4 and 50
    employer = pair.arrived("company")[key("P10", 100)]["id"]
    assert pair.arrived("person")[key("P10", "person", 100)]["company"] == employer
    route = pair.route_of("company")
    assert book(report, route) == {
        **read_again(pair.source),
        "loaded": 4,  # 100, 1, 3 and the corrected one
        "held": 1,  # 2: changed on both sides
        "rejected": 1,  # 101
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
    check_mark(third, pair.source)
    assert again["totals"]["source"]["rejected"] >= 1
    moved(record_property, FIRMS + 1 + PEOPLE + 10, 1)


def check_mark(report: Any, source: Source) -> None:
    """The next delta asks for what changed since the source's own last time, a day more."""
    marks = {mark["object"]: mark for mark in report["run"]["marks"]}
    mark = marks[source.object_of["company"]]
    if not source.snapshot:
        assert (mark["since"], mark["until"]) == ("2024-03-09T09:00:00+00:00", "2024-03-10T09:00:00+00:00")


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
    assert streets(killed) == expected(killed.source)
    assert sorted(row["name"] for row in there.trash("company")) == TRASH[there.platform]
    names = [row["name"] for row in there.rows("company")]
    assert len(names) == len(set(names))
    deletions = f"{killed.route_of('company')} (deletions)"
    assert book(report, deletions) == {"skipped": 1, "held": 1}


def test_P10_a_delta_without_a_full_run_is_refused(pair_name: str, sandboxes: Sandboxes, tmp_path: Path):
    pair = prepared(sandboxes, tmp_path, [Slice("P10", held, edit=decided)], pair_name)
    pair.project.must("map", "confirm", "--by", "Acceptance")

    done = pair.project.call("run", "--delta")

    assert done.code == 2
    assert "crossdock run" in done.stderr
    assert not pair.arrived("company")
