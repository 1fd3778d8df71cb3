"""P04, P05 and P19: what is tried before the whole is loaded: dry run, sample, rehearsal."""

# ruff: noqa: N802 - a test is named after its row

import csv
import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from acceptance.harness import FAST, Pair, Sandbox, Sandboxes, moved, prepared
from acceptance.slices import ANNA, COMPANIES, CONTACTS, Json, Slice, key

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
            {"__id": ODD, "__name": "Кривая", "_website": "нет адреса"},
            {
                "__id": KNOWN,
                "__name": "Ромашка-Юг новая",
                "_website": "https://romashka-yug.example",
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


def trial(sandboxes: Sandboxes, folder: Path, pair_name: str) -> Pair:
    """Both platforms and a project with the data of these rows; nothing is confirmed yet."""
    assert pair_name == "elma365-twenty", f"no acceptance data for the pair {pair_name} yet"
    return prepared(sandboxes, folder, [Slice("trial", SEED)])


def require(pair: Pair, *what: str) -> None:
    """Have the project wait for signatures."""
    document = pair.project.yaml("crossdock.yaml")
    document["options"]["require"] = list(what)
    document["project"]["id"] = "trial-1"  # a sample is drawn by it: the same one each time
    pair.project.save("crossdock.yaml", document)


def changes(log: list[Json]) -> list[Json]:
    """The requests that are no mere reading."""
    writing = ("mutation", "create", "update", "delete", "destroy", "restore", "upsert", "upload")
    return [
        entry
        for entry in log
        if not entry["path"].startswith("/_sandbox")
        and entry["method"] not in ("GET", "HEAD")
        and (
            entry["path"] not in ("/graphql", "/metadata")
            or (entry["operation"] or "").lower().startswith(writing)
        )
    ]


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


def field(report: Json, target: str, name: str) -> Json:
    """What a dry run says of one field."""
    found: list[Json] = [f for f in report["fields"] if (f["target"], f["field"]) == (target, name)]
    assert len(found) == 1, f"{target}.{name}: {len(found)} results"
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
    log = pair.destination.log(pair.answers["since"])
    assert log
    assert changes(log) == []
    assert ledger_of(pair) == ledger
    assert not list((made.folder / "queues").glob("*.csv"))
    assert (made.folder / "reports" / f"dry-run-{tried['id']}.txt").exists()
    companies = next(p for p in tried["phases"] if p["name"] == f"{COMPANIES}>company")
    assert companies["destination"] == {"created": FIRMS, "updated": 1}
    assert [(left["key"], left["outcome"]) for left in companies["not_loaded"]] == [(ODD, "rejected")]
    assert tried["phases"][-1]["destination"] == {"updated": 6}, "the cars that follow each other"
    name, site = field(tried, "company", "name"), field(tried, "company", "domainName")
    assert (name["filled"], name["empty"], name["updated"]) == (FIRMS + 1, 0, 1)
    assert name["examples"]["updated"][0]["target"] == "Ромашка-Юг новая"
    assert site["examples"]["rejected"][0]["source"] == "нет адреса"
    phones = field(tried, "company", "phones")
    assert (phones["filled"], phones["normalised"]) == (FIRMS, FIRMS)
    assert len(phones["examples"]["normalised"]) == 3
    done = made.must("run", codes=(1,))
    assert ends(done) == ends(tried)
    assert [c["key"] for c in done["changes"]] == [c["key"] for c in tried["changes"]]
    assert changes(pair.destination.log(log[-1]["n"])), "a run is no dry run"
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
    first = {name: there.ours(name, source) for name, source in OBJECTS.items()}
    assert 86 <= sample["chosen"] < RECORDS + 3
    assert 40 <= len(first["companies"]) <= FIRMS
    assert all(row["companyId"] in {f["id"] for f in first["companies"].values()} for row in people(first))
    diff = json.loads(Path(sample["files"]["json"]).read_text(encoding="utf-8"))
    check_difference(diff)
    with Path(sample["files"]["csv"]).open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == sample["fields"] + sample["not_loaded"]
    assert "Ромашка-Юг новая" in Path(sample["files"]["html"]).read_text(encoding="utf-8")
    before = records_of(there)
    again = made.must("run", "--sample", "86", codes=(1,))
    assert set(again["totals"]["destination"]) == {"unchanged"}
    assert records_of(there) == before, "the same sample again writes nothing"
    assert made.call("run").code == 4, "nobody has signed yet"
    signed = made.must("signoff", "--by", "Анна Петрова")
    content = Path(again["sample"]["files"]["json"]).read_bytes()
    assert signed["digest"] == hashlib.sha256(content).hexdigest()
    whole = made.must("run", codes=(1,))
    now = there.ours("companies", COMPANIES)
    assert len(now) == FIRMS + 1
    assert {k: row["id"] for k, row in first["companies"].items()}.items() <= {
        k: row["id"] for k, row in now.items()
    }.items()
    company = next(p for p in whole["phases"] if p["name"] == f"{COMPANIES}>company")
    assert company["destination"]["unchanged"] == len(first["companies"])
    change_mapping(pair)
    made.must("map", "confirm", "--by", "Acceptance")
    assert made.call("run").code == 4, "the signature was for another mapping"
    moved(record_property, sample["chosen"], 1)


def records_of(platform: Sandbox) -> Json:
    """All records but those of automations, which are paused while something is loaded."""
    records = platform.dump()["records"]
    return {name: rows for name, rows in records.items() if not name.startswith("workflow")}


OBJECTS = {"companies": COMPANIES, "people": CONTACTS}


def people(found: Json) -> list[Json]:
    """The people that were loaded; there has to be one."""
    assert found["people"]
    return list(found["people"].values())


def check_difference(diff: Json) -> None:
    """Every field of the sample's records stands side by side, as both platforms hold it."""
    assert [(r["source_id"], r["outcome"]) for r in diff["not_loaded"] if r["outcome"] == "rejected"] == [
        (ODD, "rejected")
    ]
    companies = {r["source_id"]: r for r in diff["records"] if r["object"] == "company"}
    ours = next(r for k, r in companies.items() if k != KNOWN)
    fields = {f["field"]: f for f in ours["fields"]}
    assert fields["name"]["source"] == fields["name"]["destination"] == ours["name"]
    assert fields["name"]["verdict"] == "equal"
    assert fields["phones"]["source"] == "8 (812) 555-01-23"
    assert fields["phones"]["destination"] == "+78125550123"
    assert fields["phones"]["verdict"] == "normalised"
    known = {f["field"]: f for f in companies[KNOWN]["fields"]}
    assert companies[KNOWN]["made"] is False
    assert (known["name"]["destination"], known["name"]["verdict"]) == ("Ромашка-Юг новая", "equal")
    assert diff["counts"]["differs"] == 0
    total = sum(diff["counts"][v] for v in ("equal", "normalised", "kept", "differs"))
    assert total == diff["counts"]["fields"] == sum(len(r["fields"]) for r in diff["records"])


def change_mapping(pair: Pair) -> None:
    """Take one field out of the mapping."""
    mapping = pair.project.yaml("mapping.yaml")
    route = next(r for r in mapping["objects"] if r["from"] == COMPANIES and r["to"] == "company")
    del route["fields"]["annualRevenue"]
    pair.project.save("mapping.yaml", mapping)


def rehearsed_at(pair: Pair, second: Sandbox) -> None:
    """Write a second destination into the project."""
    document = pair.project.yaml("crossdock.yaml")
    document["destinations"] = {
        "rehearsal": {
            "platform": second.platform,
            "url": second.url,
            "key": "env:SECOND_KEY",
            "calls_per_minute": FAST,
        }
    }
    pair.project.save("crossdock.yaml", document)
    pair.project.keys["SECOND_KEY"] = second.token


def test_P19_a_signed_rehearsal_opens_production(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = trial(sandboxes, tmp_path, pair_name)
    made, production = pair.project, pair.destination
    second = sandboxes.start("twenty", seed="demo")
    rehearsed_at(pair, second)
    require(pair, "rehearsal")
    made.must("map", "confirm", "--by", "Acceptance")
    assert made.call("run").code == 4
    assert made.call("run", "--to", "rehearsal").code == 4, "nobody confirmed for the rehearsal"
    made.must("map", "confirm", "--by", "Acceptance", "--to", "rehearsal")
    report = made.must("run", "--to", "rehearsal", codes=(1,))
    assert len(second.ours("companies", COMPANIES)) == FIRMS + 1
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
    assert set(production.ours("companies", COMPANIES)) == set(second.ours("companies", COMPANIES))
    made.must("rollback", "--to", "rehearsal")
    assert not second.ours("companies", COMPANIES)
    assert len(production.ours("companies", COMPANIES)) == FIRMS + 1
    change_mapping(pair)
    made.must("map", "confirm", "--by", "Acceptance")
    assert made.call("run").code == 4, "another mapping was rehearsed"
    moved(record_property, RECORDS, len(ends(report)[f"{COMPANIES}>company"][2]))


def spoil(platform: Sandbox, name: str = "Переписана") -> None:
    """Give one company another name, as one of the users there would."""
    row = platform.ours("companies", COMPANIES)[key("trial", 7)]
    platform.ask("PATCH", f"/rest/companies/{row['id']}", {"name": name})
