"""ET06 and P18: employees, their accounts at the destination, and what waits for them."""

# ruff: noqa: N802 - a test is named after its row

import csv
from pathlib import Path
from typing import Any

import pytest
from acceptance.harness import Pair, Sandboxes, moved, prepared
from acceptance.slices import (
    ANNA,
    ANNA_MAIL,
    ANNA_MEMBER,
    COMPANIES,
    IVAN,
    IVAN_MAIL,
    IVAN_MEMBER,
    Data,
    Json,
    Slice,
    key,
    together,
)
from acceptance.sources import Source
from acceptance.sources.base import Account, Company

USERS = "_system.users"
IVAN_EMAIL = IVAN_MAIL
OLGA_EMAIL, PETR_EMAIL = "olga.zimina@romashka.example", "petr.krylov@romashka.example"
BUYERS = key("ET06", "buyers")


def user(identifier: str, last: str, email: str, **more: Any) -> Json:
    """An active employee."""
    name = {"lastname": last, "firstname": "Ю", "middlename": ""}
    status = {"__status": {"order": 0, "status": 2}}
    return {"__id": identifier, "__name": f"{last} Ю", "email": email, "fullname": name} | status | more


EMPLOYEES: list[dict[str, Any]] = [
    user(
        key("ET06", n),
        f"Новых{n}",
        f"novyh{n}@romashka.example",
        displayedPosition=f"Закупщик {n}",
        groupIds=[BUYERS] if n < 3 else [],
    )
    for n in range(50)
]
GROUPS = [
    {"__id": BUYERS, "namespace": "system", "code": "buyers", "__name": "Закупщики", "isRole": True},
    {
        "__id": "d6000da0-c9aa-55eb-9882-f118b432730b",
        "namespace": "system",
        "code": "administrators",
        "__name": "Администраторы",
        "isRole": False,
    },
]
OWNED = [
    {
        "__id": key("ET06", "firm", n),
        "__name": f"Подведомственная {n}",
        "_website": f"https://podved-{n}.example",
        "responsible": [key("ET06", n % 10)],
    }
    for n in range(50)
]
SEED: dict[str, Any] = {"users": EMPLOYEES, "groups": GROUPS, "items": {COMPANIES: OWNED}}
SLICES = {"ET06": [Slice("ET06", SEED)]}

# Three employees who have no account there; nothing refers to the last one.
OLGA, PETR, IDLE = "olga", "petr", "idle"
FIRMS = 54


def employee(source: Source, name: str) -> Account:
    """One of the three."""
    mails = {OLGA: OLGA_EMAIL, PETR: PETR_EMAIL, IDLE: "idle@romashka.example"}
    names = {OLGA: "Зимина Ю", PETR: "Крылов Ю", IDLE: "Свободных Ю"}
    identifier = key("P18", name) if source.platform == "elma365" else name
    return Account(identifier, mails[name], names[name])


def owned(source: Source) -> Data:
    """Companies of Anna, Olga and Petr by turns, and one that is refused."""
    people = [employee(source, name) for name in (OLGA, PETR, IDLE)]
    owners = (source.account("anna"), *people)
    firms = (
        Company(source.key("P18", n), f"Чья-то {n}", f"https://chya-{n}.example", owner=owners[n % 3])
        for n in range(FIRMS)
    )
    odd = source.broken(source.key("P18", "odd"))
    return together(source.employees(*people), source.companies(*firms), odd)


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def decide(path: Path, decisions: dict[str, str]) -> None:
    """Fill in the decision column of a queue, as a person would; by key."""
    lines = [line | {"decision": decisions.get(line["key"], line["decision"])} for line in table(path)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


def owners(pair: Pair) -> dict[str, Any]:
    """The owner of each company, by the key that it has at the source."""
    rows = pair.arrived("company")
    return {source_key: row["owner"] for source_key, row in rows.items()}


def company_with(sandboxes: Sandboxes, folder: Path, pair_name: str, decisions: Json) -> Pair:
    """A company of which three employees have no account, its mapping confirmed with these decisions."""
    pair = prepared(sandboxes, folder, [Slice("P18", owned)], pair_name)
    confirm(pair, decisions)
    return pair


def confirm(pair: Pair, decisions: Json) -> None:
    """Put decisions into the mapping and confirm it."""
    mapping = pair.project.yaml("mapping.yaml")
    mapping["decisions"] = {**(mapping.get("decisions") or {}), **decisions}
    pair.project.save("mapping.yaml", mapping)
    pair.project.must("map", "confirm", "--by", "Acceptance")


def of(pair: Pair, number: int) -> set[str]:
    """Keys of the companies whose owner is the person of that number."""
    return {pair.source.key("P18", n) for n in range(FIRMS) if n % 3 == number}


def test_ET06_employees_are_found_by_email_and_the_others_wait_in_the_queue(shared: Pair, record_property):
    found = {line["source_id"]: line for line in shared.audit if line["source_object"] == USERS}
    assert (found[ANNA]["id"], found[IVAN]["id"]) == (ANNA_MEMBER, IVAN_MEMBER)
    waiting = {line["key"]: line["reason"] for line in table(shared.project.folder / "queues/unmatched.csv")}
    assert {row["__id"] for row in EMPLOYEES} <= set(waiting)
    assert "novyh7@romashka.example" in waiting[key("ET06", 7)]
    members = {row["userEmail"] for row in shared.destination.all("workspaceMembers")}
    assert not any(row["email"] in members for row in EMPLOYEES)
    refused = shared.refused([row["__id"] for row in EMPLOYEES], USERS)
    moved(record_property, len(EMPLOYEES) + len(OWNED), len(refused))


def test_ET06_those_whom_records_refer_to_are_on_the_list_of_invitations(shared: Pair):
    folder = shared.project.folder / "reports"
    rows = {row["email"]: row for row in table(folder / "invitations.csv")}
    own = {row["email"] for row in EMPLOYEES}
    assert own & set(rows) == {f"novyh{n}@romashka.example" for n in range(10)}
    for n in range(10):
        row = rows[f"novyh{n}@romashka.example"]
        assert (row["name"], row["position"]) == (f"Новых{n} Ю", f"Закупщик {n}")
        assert (row["tenant"], row["records"], row["waiting"]) == ("main", "5", f"{COMPANIES}: 5")
    addresses = (folder / "invitations.txt").read_text(encoding="utf-8").strip().split(", ")
    assert set(addresses) == set(rows)
    found = shared.destination.ours("companies", COMPANIES)
    assert {found[item["__id"]]["accountOwnerId"] for item in OWNED} == {None}
    told = [x for x in shared.report["normalised"] if key("ET06", 3) in x["rule"]]
    assert [(x["object"], x["field"], x["count"]) for x in told] == [("company", "accountOwner", 5)]


def test_ET06_how_roles_correspond_is_written_down(shared: Pair):
    shared.project.must("handoff")
    rows = {row["role"]: row for row in table(shared.project.folder / "reports/roles.csv")}
    buyers = rows["Закупщики"]
    assert (buyers["kind"], buyers["people"], buyers["applied"]) == ("role", "3", "no")
    assert "Новых1 Ю <novyh1@romashka.example>" in buyers["members"]
    assert (buyers["suggested"], rows["Администраторы"]["suggested"]) == ("", "Admin")


def test_P18_the_run_waits_for_missing_users_before_its_first_record(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = company_with(sandboxes, tmp_path, pair_name, {"missing_users": "wait"})
    there = pair.destination
    since = there.now()
    refused = pair.project.call("run")
    assert refused.code == 4
    assert "2 people" in refused.stderr
    rows = {row["email"]: row for row in table(pair.project.folder / "reports/invitations.csv")}
    waiting = f"{pair.source.object_of['company']}: 18"
    assert {email: row["waiting"] for email, row in rows.items()} == {
        OLGA_EMAIL: waiting,
        PETR_EMAIL: waiting,
    }
    assert rows[OLGA_EMAIL]["position"] == pair.source.position
    assert there.written(there.log(since), "company") == []
    there.invite(OLGA_EMAIL)
    assert "2 people" in pair.project.call("run").stderr  # invited is not there yet
    there.account(OLGA_EMAIL)
    decide(pair.project.folder / "queues/unmatched.csv", {employee(pair.source, PETR).key: IVAN_EMAIL})
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))
    wanted = dict.fromkeys(of(pair, 0), ANNA_MAIL) | dict.fromkeys(of(pair, 1), OLGA_EMAIL)
    assert owners(pair) == wanted | dict.fromkeys(of(pair, 2), IVAN_EMAIL)
    assert not (pair.project.folder / "reports/invitations.csv").exists()
    odd = pair.refused([pair.source.key("P18", "odd")])
    moved(record_property, FIRMS + 1, len(odd))


def test_P18_a_fallback_stands_in_until_the_account_exists(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    decisions = {"missing_users": "fallback", "fallback_user": IVAN_EMAIL}
    pair = company_with(sandboxes, tmp_path, pair_name, decisions)
    there = pair.destination
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))
    assert {owners(pair)[k] for k in of(pair, 1) | of(pair, 2)} == {IVAN_EMAIL}
    name = there.object_name("company")
    olga = employee(pair.source, OLGA).key
    told = [x for x in pair.report["normalised"] if olga in x["rule"] and x["object"] == name]
    assert [(x["field"], x["count"]) for x in told] == [(pair.field("company", "owner"), 18)]
    assert f"{IVAN_EMAIL} took its place" in told[0]["rule"]
    edited = pair.source.key("P18", 1)
    by_hand = pair.arrived("company")[edited]["id"]
    there.edit("company", by_hand, owner=ANNA_MAIL)
    there.invite(OLGA_EMAIL)
    there.account(OLGA_EMAIL)
    pair.project.must("run", codes=(0, 1))
    found = owners(pair)
    assert {found[k] for k in of(pair, 1) - {edited}} == {OLGA_EMAIL}
    assert found[edited] == ANNA_MAIL
    assert {found[k] for k in of(pair, 2)} == {IVAN_EMAIL}


@pytest.mark.destination("odoo")
def test_P18_missing_users_are_made_before_what_they_own(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    pair = company_with(sandboxes, tmp_path, pair_name, {})
    there = pair.destination
    since = there.now()
    pair.answers["run"] = pair.project.must("run", codes=(1,))
    wanted = dict.fromkeys(of(pair, 0), ANNA_MAIL) | dict.fromkeys(of(pair, 1), OLGA_EMAIL)
    assert owners(pair) == wanted | dict.fromkeys(of(pair, 2), PETR_EMAIL)
    log = there.log(since)
    users, firms = ([e["n"] for e in there.written(log, kind)] for kind in ("user", "company"))
    assert max(users) < min(firms)
    assert there.mails() == {}, "somebody was invited"
