"""P07 and P13: row counts and the gate of a phase, and the way back."""

# ruff: noqa: N802 - a test is named after its row

import time
from pathlib import Path
from typing import Any

from acceptance.destinations import Destination, differences
from acceptance.harness import Pair, Sandboxes, moved, prepared
from acceptance.slices import ANNA, Data, Slice, key, together
from acceptance.sources import Source
from acceptance.sources.base import Company, Note, Paper, Person, Thing
from acceptance.starting import Process

FIRMS, PEOPLE = 70, 10


def counted(source: Source) -> Data:
    """Companies, one of them refused, and people of some."""
    own = source.key
    firms = (Company(own("P07", n), f"Сверенная {n}", f"https://sverka-{n}.example") for n in range(FIRMS))
    people = (
        Person(own("P07", "person", n), "Ю", f"Сверкин{n}", f"yu{n}@sverka.example", own("P07", n))
        for n in range(PEOPLE)
    )
    return together(source.companies(*firms), source.broken(own("P07", "odd")), source.people(*people))


SLICES = {"P07": [Slice("P07", counted)]}

THINGS = 6


def known_firm(source: Source) -> Company:
    """The company that people have there already."""
    site = "https://romashka-yug-13.example"
    return Company(source.key("P13", "known"), "Ромашка-Юг новая", site, "ул. Новая, 2")


def traces(source: Source) -> Data:
    """Something of every kind: companies, people, things that refer to them, a file, a note."""
    own, known = source.key, known_firm(source)
    firms = (Company(own("P13", n), f"Обратимая {n}", f"https://obrat-{n}.example") for n in range(50))
    people = (
        Person(own("P13", "person", n), "Ян", f"Обратимов{n}", f"yan{n}@obrat.example", own("P13", n))
        for n in range(10)
    )
    things = (Thing(f"P13 {n}", n, known, f"P13 {(n + 1) % THINGS}") for n in range(THINGS))
    return together(
        source.companies(*firms, known),
        source.broken(own("P13", "odd")),
        source.people(*people),
        source.things(*things),
        source.papers(Paper("акт.txt", known, "Акт приёмки".encode())),
        source.notes(Note("P13", known, "Вернуть", source.account("anna"), "2021-03-04T05:06:07Z")),
        Data({"tasks": [task(known)]}) if source.platform == "elma365" else Data(),
    )


def task(firm: Company) -> dict[str, Any]:
    """A task about a company, which ELMA365 alone has."""
    return {
        "__id": key("P13", "task"),
        "__name": "Вернуть",
        "state": "closed",
        "author": ANNA,
        "__item": {"namespace": "_clients", "code": "_companies", "id": firm.key},
    }


def test_P07_the_reports_counts_are_those_of_the_platforms(pair: Pair, record_property):
    there = pair.destination
    found, own = pair.arrived("company"), pair.source.key
    assert len(set(found) & {own("P07", n) for n in range(FIRMS)}) == 70
    phase = pair.phase(pair.route_of("company"))
    before = there.count(pair.answers["before"], "company")
    created = [line for line in pair.audit if line["outcome"] == "created"]
    elsewhere = {line["id"] for line in created if line["phase"] != phase["name"]}
    others = [row for row in there.rows("company") if row["id"] in elsewhere]  # of data of other rows
    assert there.count(there.dump(), "company") - before - len(others) == phase["destination"]["created"]
    assert phase["extracted"] == sum(phase["source"].values())
    assert phase["state"] == "settled"
    for each in pair.report["phases"]:
        assert (each["in_doubt"], each["state"]) == (0, "settled"), each["name"]
    refused = pair.refused([own("P07", n) for n in (*range(FIRMS), "odd")])
    assert set(refused) == {own("P07", "odd")}
    moved(record_property, FIRMS + 1 + PEOPLE, len(refused))


def test_P07_a_phase_that_lost_records_stops_the_next_one(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    pair = prepared(sandboxes, tmp_path, [Slice("P07", counted)], pair_name)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.project.must("provision")
    # The reading back of the companies waits for three seconds, and meanwhile somebody destroys two.
    lost = lose_two_companies(pair)
    process = pair.project.begin("run")
    lost(process)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 4, errors
    assert "2 of 70" in errors
    assert "rollback" in errors
    assert not pair.arrived("person")
    pair.project.must("rollback")
    assert not pair.arrived("company")


def lose_two_companies(pair: Pair) -> Any:
    """Order the fault once the companies are written; give what waits for it and destroys two of them."""
    destination = pair.destination
    since = destination.now()

    def made() -> bool:
        return any(
            entry["status"] in (200, 201) for entry in destination.written(destination.log(since), "company")
        )

    # Before the write the companies are looked up by their match keys: the fault is for what comes after.
    destination.fault(kind="slow", seconds=3, **destination.fault_at("read companies back"))

    def lose(process: Process) -> None:
        end = time.monotonic() + 60
        while not made():
            assert process.poll() is None, f"no company was ever written: {process.communicate()}"
            assert time.monotonic() < end, "no company was ever written"
            time.sleep(0.05)
        for row in list(pair.arrived("company").values())[:2]:
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
    pair = prepared(sandboxes, tmp_path, [Slice("P13", traces, known_company)], pair_name)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))
    there = pair.destination
    changed = there.dump()
    assert there.count(changed, "company") == there.count(pair.answers["before"], "company") + 50
    (known,) = [row for row in there.rows("company") if row["id"] == there.known["P13"]]
    assert known["name"] == "Ромашка-Юг новая"
    assert len(pair.things()) == THINGS
    assert there.has(there.made(pair.source.thing.label).name)
    (file,) = pair.arrived("attachment").values()
    assert (there.content(file), file["on"]) == ("Акт приёмки".encode(), known["id"])
    refused = pair.refused([pair.source.key("P13", n) for n in (*range(50), "odd", "known")])
    pair.project.must("rollback", "--run", pair.answers["run"]["run"]["id"])
    before, after = there.settled(pair.answers["before"]), there.settled(there.dump())
    assert differences(before, after) == []
    assert after == before
    assert pair.project.must("status")[-1]["state"] == "rolled back"
    moved(record_property, 50 + 2 + 10 + THINGS + 2, len(refused))
