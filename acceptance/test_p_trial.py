"""P04, P05 and P19: what is tried before the whole is loaded: dry run, sample, rehearsal."""

# ruff: noqa: N802 - a test is named after its row

import csv
import hashlib
import json
import sqlite3
from pathlib import Path
from typing import NamedTuple

from acceptance.destinations import Destination
from acceptance.harness import Pair, Sandboxes, moved, prepared
from acceptance.platforms import FAST
from acceptance.slices import ANNA, Data, Json, Slice, key, together
from acceptance.sources import Source
from acceptance.sources.base import Company, Note, Paper, Person, Thing

FIRMS, PEOPLE, THINGS = 60, 20, 6
RECORDS = FIRMS + 2 + PEOPLE + THINGS + 2
# With the staff, and the places where things stand; and where users and words are records, with those.
WHOLE = {"twenty": RECORDS + 3 + THINGS, "odoo": RECORDS + 4 + THINGS + 58}


def firm(source: Source, n: int) -> Company:
    """Company number `n`."""
    phone = PHONE[source.platform].source
    return Company(source.key("trial", n), f"Пробная {n}", f"https://proba-{n}.example", phone=phone)


def known(source: Source) -> Company:
    """The company that people have there already."""
    return Company(source.key("trial", "known"), "Ромашка-Юг новая", "https://romashka-yug-04.example")


def held(source: Source) -> Data:
    """Something of every kind, connected."""
    own = source.key
    people = (
        Person(own("trial", "person", n), "Ян", f"Пробин{n}", f"yan{n}@proba.example", own("trial", n))
        for n in range(PEOPLE)
    )
    things = (Thing(f"trial {n}", n, firm(source, n), f"trial {(n + 1) % THINGS}") for n in range(THINGS))
    about = firm(source, 1)
    return together(
        source.companies(*(firm(source, n) for n in range(FIRMS)), known(source)),
        source.broken(own("trial", "odd")),
        source.people(*people),
        source.things(*things),
        source.papers(Paper("акт.txt", known(source), "Акт приёмки".encode())),
        Data({"tasks": [task(about)]})
        if source.platform == "elma365"
        else source.notes(Note("trial", about, "Проверить", source.account("anna"), "2021-03-04T05:06:07Z")),
    )


def task(about: Company) -> Json:
    """A task about a company, which ELMA365 alone has."""
    return {
        "__id": key("trial", "task"),
        "__name": "Проверить",
        "state": "closed",
        "author": ANNA,
        "__item": {"namespace": "_clients", "code": "_companies", "id": about.key},
    }


def trial(sandboxes: Sandboxes, folder: Path, pair_name: str) -> Pair:
    """Both platforms and a project with the data of these rows; nothing is confirmed yet."""
    return prepared(sandboxes, folder, [Slice("trial", held, known_company)], pair_name)


def known_company(destination: Destination) -> None:
    """A company that people have there already."""
    site = "https://romashka-yug-04.example"
    destination.known["trial"] = destination.make("company", name="Ромашка-Юг", website=site)


def require(pair: Pair, *what: str) -> None:
    """Have the project wait for signatures."""
    document = pair.project.yaml("crossdock.yaml")
    document["options"]["require"] = list(what)
    document["project"]["id"] = "trial-1"  # a sample is drawn by it: the same one each time
    pair.project.save("crossdock.yaml", document)


def ends(report: Json) -> Json:
    """By phase: both books, and what ended in another way than loaded."""
    return {
        phase["name"]: (
            phase["source"],
            phase["destination"],
            sorted((left["key"], left["outcome"], left["queue"]) for left in phase["not_loaded"]),
        )
        for phase in report["phases"]
    }


def company_field(pair: Pair, report: Json, name: str) -> Json:
    """What a dry run says of one field of the companies."""
    there, own = pair.destination, pair.source.object_of["company"]
    wanted = (own, there.object_name("company"), pair.field("company", name))
    found: list[Json] = [f for f in report["fields"] if (f["source"], f["target"], f["field"]) == wanted]
    assert len(found) == 1, f"{wanted}: {len(found)} results"
    return found[0]


def ledger_of(pair: Pair) -> list[str]:
    """Everything in the ledger."""
    with sqlite3.connect(pair.project.folder / ".crossdock" / "ledger.db") as db:
        return list(db.iterdump())


def test_P04_a_dry_run_writes_nothing_and_foresees_the_run(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = trial(sandboxes, tmp_path, pair_name)
    made = pair.project
    source_before = pair.source.dump()
    unconfirmed = made.must("run", "--dry-run", codes=(1,))
    assert unconfirmed["confirmed"] is False
    made.must("map", "confirm", "--by", "Acceptance")
    ledger = ledger_of(pair)

    tried = made.must("run", "--dry-run", codes=(1,))

    assert pair.destination.dump() == pair.answers["before"]
    assert pair.source.dump() == source_before
    there = pair.destination
    log = there.log(pair.answers["since"])
    assert log
    assert there.changing(log) == []
    assert ledger_of(pair) == ledger
    assert not list((made.folder / "queues").glob("*.csv"))
    assert (made.folder / "reports" / f"dry-run-{tried['id']}.txt").exists()
    odd, wrong = pair.source.key("trial", "odd"), pair.source.wrong[there.platform]
    companies = next(p for p in tried["phases"] if p["name"] == pair.route_of("company"))
    assert companies["destination"] == {"created": FIRMS, "updated": 1}
    assert [(left["key"], left["outcome"]) for left in companies["not_loaded"]] == [(odd, "rejected")]
    second = [p["destination"] for p in tried["phases"] if p["name"].endswith("(second pass)")]
    assert second == [{"updated": THINGS}] * pair.source.thing.follow, "things that follow each other"
    name, site = company_field(pair, tried, "name"), company_field(pair, tried, "website")
    assert (name["filled"], name["empty"], name["updated"]) == (FIRMS + 1, 0, 1)
    assert name["examples"]["updated"][0]["target"] == "Ромашка-Юг новая"
    refused = company_field(pair, tried, wrong.field)
    assert refused["examples"]["rejected"][0]["source"] == wrong.value
    assert site["filled"] == FIRMS + 1
    phones = company_field(pair, tried, "phone")
    normalised = FIRMS if phone_of(pair).verdict == "normalised" else 0
    assert (phones["filled"], phones["normalised"]) == (FIRMS, normalised)
    assert len(phones["examples"].get("normalised", ())) == min(normalised, 3)
    done = made.must("run", codes=(1,))
    assert ends(done) == ends(tried)
    assert [c["key"] for c in done["changes"]] == [c["key"] for c in tried["changes"]]
    assert there.changing(there.log(log[-1]["n"])), "a run is no dry run"
    moved(record_property, RECORDS, len(companies["not_loaded"]))


def test_P05_a_signed_sample_opens_the_full_run(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = trial(sandboxes, tmp_path, pair_name)
    made, there = pair.project, pair.destination
    require(pair, "sample")
    made.must("map", "confirm", "--by", "Acceptance")
    refused = made.call("run")
    assert refused.code == 4
    assert "nobody has signed" in refused.stderr
    assert there.dump() == pair.answers["before"]

    # Nearly all of the records, with the three people of the staff: the one that is refused is among them.
    size = SAMPLES.get(pair_name, SAMPLE)
    answer = made.must("run", "--sample", size, codes=(1,))

    sample = answer["sample"]
    first = {kind: pair.arrived(kind) for kind in ("company", "person")}
    assert int(size) <= sample["chosen"] < WHOLE[there.platform]
    assert 40 <= len(first["company"]) <= FIRMS
    assert all(row["company"] in {f["id"] for f in first["company"].values()} for row in people(first))
    diff = json.loads(Path(sample["files"]["json"]).read_text(encoding="utf-8"))
    check_difference(pair, diff)
    with Path(sample["files"]["csv"]).open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == sample["fields"] + sample["not_loaded"]
    assert "Ромашка-Юг новая" in Path(sample["files"]["html"]).read_text(encoding="utf-8")
    before = there.records(there.dump())
    again = made.must("run", "--sample", size, codes=(1,))
    assert set(again["totals"]["destination"]) == {"unchanged"}
    assert there.records(there.dump()) == before, "the same sample again writes nothing"
    assert made.call("run").code == 4, "nobody has signed yet"
    signed = made.must("signoff", "--by", "Анна Петрова")
    content = Path(again["sample"]["files"]["json"]).read_bytes()
    assert signed["digest"] == hashlib.sha256(content).hexdigest()
    whole = made.must("run", codes=(1,))
    now = pair.arrived("company")
    assert len(now) == FIRMS + 1
    assert {k: row["id"] for k, row in first["company"].items()}.items() <= {
        k: row["id"] for k, row in now.items()
    }.items()
    company = next(p for p in whole["phases"] if p["name"] == pair.route_of("company"))
    assert company["destination"]["unchanged"] == len(first["company"])
    change_mapping(pair)
    made.must("map", "confirm", "--by", "Acceptance")
    assert made.call("run").code == 4, "the signature was for another mapping"
    moved(record_property, sample["chosen"], 1)


SAMPLE = "86"
SAMPLES = {"ascora-odoo": "104"}  # words are records there, and a part of what is drawn
# Work at a customer's own address has no site there: the address is that of the customer.
LEFT_EMPTY = {"ascora-odoo": {("x_equipment_item", "x_site_res_partner")}}


def people(found: Json) -> list[Json]:
    """The people that were loaded; there has to be one."""
    assert found["person"]
    return list(found["person"].values())


class Phone(NamedTuple):
    """The phone of a company at the source, how it looks there, and what a comparison says of it."""

    source: str
    there: str
    verdict: str


# What the sources differ in: phones are those of their countries. And what the pairs do: one destination
# writes phones in its own form, by a declared rule; the other as they are.
PHONE = {
    "elma365": Phone("8 (812) 555-01-23", "+78125550123", "normalised"),
    "cetec": Phone("8 (812) 555-01-23", "+78125550123", "normalised"),
    "ascora": Phone("(02) 9555 0123", "+61295550123", "normalised"),
}


def phone_of(pair: Pair) -> Phone:
    """The phone of every company."""
    told = PHONE[pair.source.platform]
    as_it_is = Phone(told.source, told.source, "equal")
    return as_it_is if pair.destination.platform == "odoo" else told


def check_difference(pair: Pair, diff: Json) -> None:
    """Every field of the sample's records stands side by side, as both platforms hold it."""
    assert [(r["source_id"], r["outcome"]) for r in diff["not_loaded"] if r["outcome"] == "rejected"] == [
        (pair.source.key("trial", "odd"), "rejected")
    ]
    there = pair.destination
    here = known(pair.source).key
    own = {here, *(firm(pair.source, n).key for n in range(FIRMS))}
    route = pair.route_of("company")
    companies = {r["source_id"]: r for r in diff["records"] if r["source_id"] in own and r["route"] == route}
    assert {r["object"] for r in companies.values()} == {there.object_name("company")}
    ours = next(r for k, r in companies.items() if k != here)
    fields = {f["field"]: f for f in ours["fields"]}
    assert fields["name"]["source"] == fields["name"]["destination"] == ours["name"]
    assert fields["name"]["verdict"] == "equal"
    phone = fields[pair.field("company", "phone")]
    assert (phone["source"], phone["destination"], phone["verdict"]) == phone_of(pair)
    same = {f["field"]: f for f in companies[here]["fields"]}
    assert companies[here]["made"] is False
    assert (same["name"]["destination"], same["name"]["verdict"]) == ("Ромашка-Юг новая", "equal")
    assert diff["counts"]["differs"] == 0
    left = {
        (r["object"], f["field"])
        for r in diff["records"]
        for f in r["fields"]
        if f["verdict"] == "left empty"
    }
    assert left == LEFT_EMPTY.get(f"{pair.source.platform}-{there.platform}", set())
    total = sum(diff["counts"][v] for v in ("equal", "normalised", "kept", "left_empty", "differs"))
    assert total == diff["counts"]["fields"] == sum(len(r["fields"]) for r in diff["records"])


def change_mapping(pair: Pair) -> None:
    """Take one field out of the mapping: one that has a line of its own in it, whatever it keeps besides."""
    mapping = pair.project.yaml("mapping.yaml")
    wanted = (pair.source.object_of["company"], pair.destination.object_name("company"))
    owner = pair.field("company", "owner")
    routes = [r for r in mapping["objects"] if (r["from"], r["to"]) == wanted and owner in r["fields"]]
    del routes[0]["fields"][owner]
    pair.project.save("mapping.yaml", mapping)


def rehearsed_at(pair: Pair, second: Destination) -> None:
    """Write a second destination into the project."""
    document = pair.project.yaml("crossdock.yaml")
    lines = second.settings("SECOND_KEY") | dict(pair.source.destination_settings.get(second.platform, {}))
    document["destinations"] = {"rehearsal": {"platform": second.platform, "calls_per_minute": FAST} | lines}
    pair.project.save("crossdock.yaml", document)
    pair.project.keys["SECOND_KEY"] = second.token


def test_P19_a_signed_rehearsal_opens_production(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = trial(sandboxes, tmp_path, pair_name)
    made, production = pair.project, pair.destination
    second = sandboxes.destination(production.platform)
    known_company(second)
    rehearsed_at(pair, second)
    require(pair, "rehearsal")
    made.must("map", "confirm", "--by", "Acceptance")
    assert made.call("run").code == 4
    assert made.call("run", "--to", "rehearsal").code == 4, "nobody confirmed for the rehearsal"
    made.must("map", "confirm", "--by", "Acceptance", "--to", "rehearsal")
    report = made.must("run", "--to", "rehearsal", codes=(1,))
    assert len(companies_at(pair, second)) == FIRMS + 1
    assert production.dump() == pair.answers["before"], "production waits"
    assert made.must("status") == []
    assert [r["id"] for r in made.must("status", "--to", "rehearsal")] == [report["run"]["id"]]
    unreconciled = made.call("signoff", "--to", "rehearsal", "--by", "Анна")
    assert unreconciled.code == 4
    spoil(pair, second)
    made.must("reconcile", "--to", "rehearsal", codes=(1,))
    found = made.call("signoff", "--to", "rehearsal", "--by", "Анна")
    assert (found.code, "1 findings" in found.stderr) == (4, True), found.stderr
    spoil(pair, second, "Пробная 7")
    made.must("reconcile", "--to", "rehearsal")
    signed = made.must("signoff", "--to", "rehearsal", "--by", "Анна")
    assert (signed["kind"], signed["destination"], signed["findings"]) == ("rehearsal", "rehearsal", 0)

    whole = made.must("run", codes=(1,))

    assert ends(whole) == ends(report)
    assert set(companies_at(pair, production)) == set(companies_at(pair, second))
    made.must("rollback", "--to", "rehearsal")
    assert not companies_at(pair, second)
    assert len(companies_at(pair, production)) == FIRMS + 1
    change_mapping(pair)
    made.must("map", "confirm", "--by", "Acceptance")
    assert made.call("run").code == 4, "another mapping was rehearsed"
    moved(record_property, RECORDS, len(ends(report)[pair.route_of("company")][2]))


def companies_at(pair: Pair, there: Destination) -> dict[str, Json]:
    """The companies that arrived at one of the destinations."""
    return there.arrived("company", pair.source.object_of["company"])


def spoil(pair: Pair, there: Destination, name: str = "Переписана") -> None:
    """Give one company another name, as one of the users there would."""
    row = companies_at(pair, there)[pair.source.key("trial", 7)]
    there.edit("company", row["id"], name=name)
