"""A link taken out of a list at the source: its record there is found, and goes by what is decided."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from core.tests.company import TENANT, firm_route
from core.tests.fake_destination import KilledError, reference, text
from core.tests.toy_platforms import Desk, world
from tests.harness import FOUND, OK

from crossdock.model import FindingKind, ObjectSchema, Record
from crossdock.reconcile.routes import Reconciliation, Route
from crossdock.transform import transform
from crossdock.values import Reference

LOADED = datetime(2024, 1, 1, 8, tzinfo=UTC)
LATER = LOADED + timedelta(days=30)
PHASE = "crm.person>link"
ROUTE = """
  - from: crm.person
    to: link
    for_each: clients
    fields: {name: title, note: item.title, firm: {from: item, reference: firm}}
"""
FOUND_GONE = [("deleted at source", "f0"), ("deleted at source", "f1")]
"""Both links of person 0: the part of the origin is the client."""


@pytest.fixture
def linked(desk: Desk) -> Desk:
    """Everything is loaded: person 0 has two clients, person 1 has one."""
    world.mend()
    world.source.asks_for_changes, world.source.clock = True, LOADED
    clients = replace(reference("clients", "crm.firm"), multiple=True)
    firms, people = world.source.schemas
    world.source.schemas = (firms, replace(people, fields=(*people.fields, clients)))
    there = (text("name"), text("note"), text("remark"), reference("firm", "firm"))
    world.destination.schemas["link"] = ObjectSchema("link", there, "Link")
    for number, names in enumerate((("f0", "f1"), ("f2",), ())):
        known = world.source.records["crm.person"][f"p{number}"].values
        put(f"p{number}", LOADED - timedelta(days=20), names, known)
    desk.prepare()
    desk.edit(
        "    fields: {name: title, email: mail, firm: {from: firm, reference: firm}}\n",
        "    ignore: [clients]\n    fields: {name: title, email: mail, firm: {from: firm, reference: firm}}"
        + ROUTE,
    )
    assert desk("map", "confirm", "--by", "Anna").code == OK
    assert desk("run").code == OK
    world.source.clock = LATER + timedelta(hours=1)
    return desk


def put(key: str, at: datetime, clients: tuple[str, ...], values: Any) -> None:
    """Write a person into the source."""
    links = tuple(Reference("crm.firm", name) for name in clients)
    world.source.put("crm.person", key, at, **{**values, "clients": links})


def clients_of(key: str, *clients: str) -> None:
    """Change the clients of a person at the source."""
    put(key, LATER, clients, world.source.records["crm.person"][key].values)


def decide(desk: Desk, policy: str) -> None:
    """Decide what is done about what was deleted."""
    desk.edit("destination: beta\n", f"destination: beta\ndecisions: {{deletions: {policy}}}\n")
    assert desk("map", "confirm", "--by", "Anna").code == OK


def found(done: Any) -> list[tuple[str, str]]:
    """(kind, last part of the origin) of the findings."""
    return [(f["kind"], f["origin"].rpartition("/")[2]) for f in done.json["first_findings"]]


def books(done: Any) -> dict[str, Any]:
    """By phase what became of its records, on both sides, and how the phase ended."""
    return {p["name"]: (p["source"], p["destination"], p.get("state")) for p in done.json["phases"]}


def live_links() -> list[str]:
    """What the links are called that are there and not in the trash."""
    return sorted(r.values["name"] for r in world.destination.table("link").values() if not r.trashed)


@pytest.mark.parametrize("again", [("run", "--delta"), ("run",)])
@pytest.mark.parametrize("left", [(), ("f1",)])
def test_a_link_that_the_source_took_out_is_found_by_runs_and_reconcile(linked, again, left):
    clients_of("p0", *left)
    gone = FOUND_GONE[: 2 - len(left)]
    before = world.destination.state()["rows"]

    done = linked(*again, json=True)

    assert found(done) == gone
    assert world.destination.state()["rows"] == before
    assert found(linked("reconcile", json=True)) == gone
    assert linked("reconcile").code == FOUND


@pytest.mark.parametrize("again", [("run", "--delta"), ("run",)])
@pytest.mark.parametrize("policy", ["trash", "destroy"])
def test_a_link_that_nobody_edited_goes_by_decision_and_comes_back_by_rollback(linked, again, policy):
    decide(linked, policy)
    clients_of("p0", "f1")
    before = world.destination.state()

    done = linked(*again, json=True)

    assert live_links() == ["Person 0", "Person 1"]
    assert found(done) == []
    assert linked("reconcile").code == OK
    assert linked("rollback").code == OK
    assert world.destination.state() == before


def test_a_decision_made_later_is_about_links_that_were_found_before(linked):
    clients_of("p0")
    linked("run", "--delta")
    decide(linked, "trash")
    linked("run", "--delta")
    assert live_links() == ["Person 1"]


def test_a_link_that_people_edited_waits_for_a_person(linked):
    decide(linked, "trash")
    for row in world.destination.table("link").values():
        row.values["remark"] = "ours"
    clients_of("p0")

    linked("run", "--delta")

    assert live_links() == ["Person 0", "Person 0", "Person 1"]
    assert "edited there since: remark" in (linked.folder / "queues" / "conflicts.csv").read_text()
    assert found(linked("reconcile", json=True)) == FOUND_GONE


def test_what_a_killed_run_left_of_links_is_taken_away_by_the_next(linked):
    from core.tests.fake_destination import Fault

    decide(linked, "trash")
    clients_of("p0")
    world.destination.faults.append(Fault.KILLED_BEFORE)
    with pytest.raises(KilledError):
        linked("run", "--delta")
    done = linked("run", "--delta", json=True)
    phase = next(p for p in done.json["phases"] if p["name"] == f"{PHASE} (deletions)")
    assert (phase["source"], live_links()) == ({"skipped": 1}, ["Person 1"])


def test_a_delta_renames_the_links_of_a_record_that_was_renamed(linked):
    known = world.source.records["crm.firm"]["f0"].values
    world.source.put("crm.firm", "f0", LATER, **{**known, "title": "Renamed"})

    done = linked("run", "--delta", json=True)

    notes = sorted(row.values["note"] for row in world.destination.table("link").values())
    assert notes == ["Firm 1", "Firm 2", "Renamed"]
    assert next(p for p in done.json["phases"] if p["name"] == PHASE)["source"]["loaded"] == 1
    assert linked("reconcile").code == OK


def test_a_record_that_a_rule_leaves_out_by_now_is_found_and_stays(linked):
    decide(linked, "destroy")
    linked.edit("    match: [domain]\n", "    match: [domain]\n    where: city == 'Kazan'\n")
    assert linked("map", "confirm", "--by", "Anna").code == OK
    linked("run", "--delta")
    assert found(linked("reconcile", json=True)) == [("deleted at source", "f3")]
    assert len(world.destination.table("firm")) == 4


def test_what_another_route_of_the_pair_gives_is_not_missed(company):
    from core.tests.fake_source import FakeSource

    kazan = firm_route(where="city == 'Kazan'")
    rest = firm_route(where="city != 'Kazan'", name="rest")
    company.routes = (kazan, rest)
    source = FakeSource()
    for key, city in (("1", "Kazan"), ("2", "Ufa")):
        record = Record("src.firms", key, {"name": key, "city": city})
        source.records.setdefault("src.firms", {})[key] = record
    company.stage(*source.records["src.firms"].values())
    company.load()
    run, ids = company.ledger.runs.start("reconcile", "fake-1"), company.ids()
    check = Reconciliation(run, company.ledger, company.staging, company.destination, transform, project="p1")
    schema = company.destination.schemas["firm"]
    pair = company.routes

    results = [check.check(Route(TENANT, r, schema, source, ids, lambda _: None, pair)) for r in pair]

    assert [result.findings for result in results] == [{}, {}]
    alone = check.check(Route(TENANT, kazan, schema, source, ids, lambda _: None))
    assert alone.findings == {FindingKind.DELETED_AT_SOURCE: 1}


@pytest.mark.parametrize("policy", ["trash", "destroy"])
def test_a_dry_run_takes_a_link_away_as_the_run_that_follows_and_writes_nothing(linked, policy):
    decide(linked, policy)
    clients_of("p0", "f1")
    before = world.destination.state()

    tried = linked("run", "--dry-run", json=True)
    untouched = world.destination.state()
    done = linked("run", json=True)

    assert (tried.code, untouched) == (done.code, before)
    assert books(tried) == books(done)
    assert books(done)[f"{PHASE} (deletions)"][0] == {"skipped": 1}
