"""P04, P05 and P19: what is tried before the whole is loaded: dry run, sample, rehearsal."""

# ruff: noqa: N802 - a test is named after its row

import csv
import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

from acceptance.destinations import Destination
from acceptance.harness import Pair, Sandboxes, moved, prepared
from acceptance.platforms import FAST
from acceptance.slices import ANNA, COMPANIES, CONTACTS, UNREADABLE, Json, Slice, key

CARS = "depot.cars"
FIRMS = 60
KNOWN, ODD, FILE = key("trial", "known"), key("trial", "odd"), key("trial", "file")
SEED: dict[str, Any] = {
    "namespaces": {"depot": "Депо"},
    "apps": [
        {
            "namespace": "depot",
            "code": "cars",
            "name": "Вагоны",
            "fields": [
                {"code": "firm", "type": "SYS_COLLECTION", "link": COMPANIES, "name": "Фирма"},
                {"code": "next", "type": "SYS_COLLECTION", "link": CARS, "name": "Следующий"},
            ],
        }
    ],
    "files": [{"__id": FILE, "__name": "акт.txt", "text": "Акт приёмки"}],
    "items": {
        COMPANIES: [
            {
                "__id": key("trial", n),
                "__name": f"Пробная {n}",
                "_website": f"https://proba-{n}.example",
                "_phone": [{"tel": "8 (812) 555-01-23", "type": "work"}],
            }
            for n in range(FIRMS)
        ]
        + [
            {"__id": ODD, **UNREADABLE},
            {
                "__id": KNOWN,
                "__name": "Ромашка-Юг новая",
                "_website": "https://romashka-yug-04.example",
                "contract_files": [FILE],
            },
        ],
        CONTACTS: [
            {
                "__id": key("trial", "person", n),
                "_fullname": {"lastname": f"Пробин{n}", "firstname": "Ян", "middlename": ""},
                "_email": [{"email": f"yan{n}@proba.example"}],
                "_companies": [key("trial", n)],
            }
            for n in range(20)
        ],
        CARS: [
            {
                "__id": key("trial", "car", n),
                "__name": f"Вагон {n}",
                "firm": [key("trial", n)],
                "next": [key("trial", "car", (n + 1) % 6)],
            }
            for n in range(6)
        ],
    },
    "tasks": [
        {
            "__id": key("trial", "task"),
            "__name": "Проверить",
            "state": "closed",
            "author": ANNA,
            "__item": {"namespace": "_clients", "code": "_companies", "id": key("trial", 1)},
        }
    ],
}
RECORDS = FIRMS + 2 + 20 + 6 + 1
# With the staff; and where users, files and words are records, with those.
WHOLE = {"twenty": RECORDS + 3, "odoo": RECORDS + 4 + 1 + 58}


def trial(sandboxes: Sandboxes, folder: Path, pair_name: str) -> Pair:
    """Both platforms and a project with the data of these rows; nothing is confirmed yet."""
    return prepared(sandboxes, folder, [Slice("trial", SEED, known_company)], pair_name)


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
    there = pair.destination
    wanted = (COMPANIES, there.object_name("company"), there.field_name("company", name))
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
    companies = next(p for p in tried["phases"] if p["name"] == pair.route(COMPANIES, "company"))
    assert companies["destination"] == {"created": FIRMS, "updated": 1}
    assert [(left["key"], left["outcome"]) for left in companies["not_loaded"]] == [(ODD, "rejected")]
    assert tried["phases"][-1]["destination"] == {"updated": 6}, "the cars that follow each other"
    name, site = company_field(pair, tried, "name"), company_field(pair, tried, "website")
    assert (name["filled"], name["empty"], name["updated"]) == (FIRMS + 1, 0, 1)
    assert name["examples"]["updated"][0]["target"] == "Ромашка-Юг новая"
    wrong = company_field(pair, tried, WRONG[there.platform].field)
    assert wrong["examples"]["rejected"][0]["source"] == WRONG[there.platform].source
    assert site["filled"] == FIRMS + 1
    phones = company_field(pair, tried, "phone")
    normalised = FIRMS if PHONE[there.platform].verdict == "normalised" else 0
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

    # 86 of the 89 records and of the three people of the staff: the one that is refused is among them.
    answer = made.must("run", "--sample", "86", codes=(1,))

    sample = answer["sample"]
    first = {kind: there.arrived(kind, source) for kind, source in KINDS.items()}
    assert 86 <= sample["chosen"] < WHOLE[there.platform]
    assert 40 <= len(first["company"]) <= FIRMS
    assert all(row["company"] in {f["id"] for f in first["company"].values()} for row in people(first))
    diff = json.loads(Path(sample["files"]["json"]).read_text(encoding="utf-8"))
    check_difference(pair, diff)
    with Path(sample["files"]["csv"]).open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == sample["fields"] + sample["not_loaded"]
    assert "Ромашка-Юг новая" in Path(sample["files"]["html"]).read_text(encoding="utf-8")
    before = there.records(there.dump())
    again = made.must("run", "--sample", "86", codes=(1,))
    assert set(again["totals"]["destination"]) == {"unchanged"}
    assert there.records(there.dump()) == before, "the same sample again writes nothing"
    assert made.call("run").code == 4, "nobody has signed yet"
    signed = made.must("signoff", "--by", "Анна Петрова")
    content = Path(again["sample"]["files"]["json"]).read_bytes()
    assert signed["digest"] == hashlib.sha256(content).hexdigest()
    whole = made.must("run", codes=(1,))
    now = there.arrived("company", COMPANIES)
    assert len(now) == FIRMS + 1
    assert {k: row["id"] for k, row in first["company"].items()}.items() <= {
        k: row["id"] for k, row in now.items()
    }.items()
    company = next(p for p in whole["phases"] if p["name"] == pair.route(COMPANIES, "company"))
    assert company["destination"]["unchanged"] == len(first["company"])
    change_mapping(pair)
    made.must("map", "confirm", "--by", "Acceptance")
    assert made.call("run").code == 4, "the signature was for another mapping"
    moved(record_property, sample["chosen"], 1)


KINDS = {"company": COMPANIES, "person": CONTACTS}


def people(found: Json) -> list[Json]:
    """The people that were loaded; there has to be one."""
    assert found["person"]
    return list(found["person"].values())


class Wrong(NamedTuple):
    """A field that one company is refused for, and what the source has there."""

    field: str
    source: str


# What the pairs differ in: any text may be the site of a company there, but none is without a name.
WRONG = {"twenty": Wrong("website", "нет адреса"), "odoo": Wrong("name", "")}


class Phone(NamedTuple):
    """How the phone of a company looks there, and what a comparison says of it."""

    there: str
    verdict: str


# What the pairs differ in: one writes phones in its own form, by a declared rule; the other as they are.
PHONE = {
    "twenty": Phone("+78125550123", "normalised"),
    "odoo": Phone("8 (812) 555-01-23", "equal"),
}


def check_difference(pair: Pair, diff: Json) -> None:
    """Every field of the sample's records stands side by side, as both platforms hold it."""
    assert [(r["source_id"], r["outcome"]) for r in diff["not_loaded"] if r["outcome"] == "rejected"] == [
        (ODD, "rejected")
    ]
    there = pair.destination
    own = {item["__id"] for item in SEED["items"][COMPANIES]}
    companies = {r["source_id"]: r for r in diff["records"] if r["source_id"] in own}
    assert {r["object"] for r in companies.values()} == {there.object_name("company")}
    ours = next(r for k, r in companies.items() if k != KNOWN)
    fields = {f["field"]: f for f in ours["fields"]}
    assert fields["name"]["source"] == fields["name"]["destination"] == ours["name"]
    assert fields["name"]["verdict"] == "equal"
    phone = fields[there.field_name("company", "phone")]
    assert phone["source"] == "8 (812) 555-01-23"
    assert (phone["destination"], phone["verdict"]) == PHONE[there.platform]
    known = {f["field"]: f for f in companies[KNOWN]["fields"]}
    assert companies[KNOWN]["made"] is False
    assert (known["name"]["destination"], known["name"]["verdict"]) == ("Ромашка-Юг новая", "equal")
    assert diff["counts"]["differs"] == 0
    total = sum(diff["counts"][v] for v in ("equal", "normalised", "kept", "differs"))
    assert total == diff["counts"]["fields"] == sum(len(r["fields"]) for r in diff["records"])


def change_mapping(pair: Pair) -> None:
    """Take one field out of the mapping."""
    mapping = pair.project.yaml("mapping.yaml")
    there = pair.destination
    wanted = (COMPANIES, there.object_name("company"))
    route = next(r for r in mapping["objects"] if (r["from"], r["to"]) == wanted)
    del route["fields"][there.field_name("company", "revenue")]
    pair.project.save("mapping.yaml", mapping)


def rehearsed_at(pair: Pair, second: Destination) -> None:
    """Write a second destination into the project."""
    document = pair.project.yaml("crossdock.yaml")
    lines = second.settings("SECOND_KEY")
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
    assert len(second.arrived("company", COMPANIES)) == FIRMS + 1
    assert production.dump() == pair.answers["before"], "production waits"
    assert made.must("status") == []
    assert [r["id"] for r in made.must("status", "--to", "rehearsal")] == [report["run"]["id"]]
    unreconciled = made.call("signoff", "--to", "rehearsal", "--by", "Анна")
    assert unreconciled.code == 4
    spoil(second)
    made.must("reconcile", "--to", "rehearsal", codes=(1,))
    found = made.call("signoff", "--to", "rehearsal", "--by", "Анна")
    assert (found.code, "1 findings" in found.stderr) == (4, True), found.stderr
    spoil(second, "Пробная 7")
    made.must("reconcile", "--to", "rehearsal")
    signed = made.must("signoff", "--to", "rehearsal", "--by", "Анна")
    assert (signed["kind"], signed["destination"], signed["findings"]) == ("rehearsal", "rehearsal", 0)

    whole = made.must("run", codes=(1,))

    assert ends(whole) == ends(report)
    assert set(production.arrived("company", COMPANIES)) == set(second.arrived("company", COMPANIES))
    made.must("rollback", "--to", "rehearsal")
    assert not second.arrived("company", COMPANIES)
    assert len(production.arrived("company", COMPANIES)) == FIRMS + 1
    change_mapping(pair)
    made.must("map", "confirm", "--by", "Acceptance")
    assert made.call("run").code == 4, "another mapping was rehearsed"
    moved(record_property, RECORDS, len(ends(report)[pair.route(COMPANIES, "company")][2]))


def spoil(there: Destination, name: str = "Переписана") -> None:
    """Give one company another name, as one of the users there would."""
    row = there.arrived("company", COMPANIES)[key("trial", 7)]
    there.edit("company", row["id"], name=name)
