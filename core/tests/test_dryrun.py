"""A dry run: what a run would do, and nothing of it done."""

import json
import sqlite3

import pytest
from core.tests.answers import faults
from core.tests.fake_destination import reference
from core.tests.toy_platforms import FIRM, FIRM_THERE, PERSON, world

from crossdock.values import Reference


@pytest.fixture
def tried(desk):
    """Makes the project and tries it."""

    def go(*edits):
        desk.prepare(confirmed=False)
        for old, new in edits:
            desk.edit(old, new)
        return desk("run", "--dry-run", json=True)

    return go


def rows_of(path):
    """Everything in a database, as statements."""
    with sqlite3.connect(path) as db:
        return list(db.iterdump())


def outcomes(answer):
    """By phase: both books, and how each record that is not loaded ended."""
    return {
        phase["name"]: (
            phase["source"],
            phase["destination"],
            {(left["key"], left["outcome"], left["queue"]) for left in phase["not_loaded"]},
        )
        for phase in answer["phases"]
    }


def field(answer, target, name):
    """What would become of one target field."""
    found = [f for f in answer["fields"] if (f["target"], f["field"]) == (target, name)]
    assert len(found) == 1, f"{target}.{name}: {len(found)} results"
    return found[0]


def test_nothing_is_written_to_the_destination(tried):
    before = world.destination.state()
    answer = tried()
    assert answer.code == 1
    assert world.destination.state() == before
    assert world.destination.loads == []


def test_nothing_is_written_to_the_ledger_and_the_queues(desk):
    desk.prepare()
    before = rows_of(desk.folder / ".crossdock" / "ledger.db")
    world.person(7, firm=3)  # waits for a firm that is rejected

    answer = desk("run", "--dry-run", json=True)

    assert answer.json["queues"] == {"references": 1}
    assert rows_of(desk.folder / ".crossdock" / "ledger.db") == before
    assert not list((desk.folder / "queues").glob("*.csv"))
    assert not list((desk.folder / ".crossdock").glob("dry-run-*"))


def test_the_run_that_follows_has_the_same_outcomes(desk):
    desk.prepare()
    world.person(7, firm=3)
    world.source.put("crm.firm", "f4", title="Firm 4", site="f1.example", city=None, motto=None)
    world.destination.add("firm", "there", name="Firm 2", domain="f2.example", city="Omsk")

    tried, done = desk("run", "--dry-run", json=True), desk("run", json=True)

    assert outcomes(tried.json) == outcomes(done.json)
    assert tried.json["totals"] == done.json["totals"]
    assert [c["key"] for c in tried.json["changes"]] == [c["key"] for c in done.json["changes"]]


def test_after_a_run_nothing_is_left_to_do(desk):
    world.mend()
    desk.prepare()
    assert desk("run").code == 0
    answer = desk("run", "--dry-run", json=True)
    assert (answer.code, answer.json["totals"]["destination"]) == (0, {"unchanged": 7})


def test_a_second_pass_is_planned_too(desk):
    world.mend()
    world.source.schemas = (
        FIRM.__class__(FIRM.name, (*FIRM.fields, reference("parent", "crm.firm")), count=4),
        PERSON,
    )
    world.destination.schemas["firm"] = FIRM_THERE.__class__(
        "firm", (*FIRM_THERE.fields, reference("parent", "firm"))
    )
    for n in range(4):
        values = world.source.records["crm.firm"][f"f{n}"].values
        world.source.put("crm.firm", f"f{n}", **values, parent=Reference("crm.firm", f"f{(n + 1) % 4}"))
    desk.prepare(confirmed=False)
    desk.edit("motto: motto}", "motto: motto, parent: {from: parent, reference: firm}}")

    answer = desk("run", "--dry-run", json=True)

    assert answer.json["phases"][-1]["destination"] == {"updated": 4}
    assert field(answer.json, "firm", "parent")["filled"] == 4


def test_a_value_that_has_to_be_unique_is_given_once(tried, desk):
    world.mend()
    world.source.put("crm.firm", "f4", title="Firm 4", site="f1.example", city=None, motto=None)

    answer = tried(("    match: [domain]\n", ""))

    firms = answer.json["phases"][0]
    assert firms["source"] == {"loaded": 4, "rejected": 1}
    assert firms["not_loaded"][0]["key"] == "f4"
    assert "domain: has to be unique" in firms["not_loaded"][0]["reasons"][0]
    assert desk("map", "confirm", "--by", "Anna").code == 0
    assert outcomes(desk("run", json=True).json) == outcomes(answer.json)


def test_a_unique_value_that_is_there_already_is_refused(tried):
    world.mend()
    world.destination.add("firm", "there", name="Another", domain="f2.example", city="Omsk")
    answer = tried(("    match: [domain]\n", ""))
    assert [left["key"] for left in answer.json["phases"][0]["not_loaded"]] == ["f2"]


def test_a_field_that_nothing_fills_though_it_has_to_be_is_found(tried):
    world.mend()
    must = FIRM_THERE.fields[0].__class__("segment", FIRM_THERE.fields[0].type, required=True)
    world.destination.schemas["firm"] = FIRM_THERE.__class__("firm", (*FIRM_THERE.fields, must))
    answer = tried(("motto: motto}", "motto: motto, segment: motto}"))
    left = {row["key"]: row["reasons"] for row in answer.json["phases"][0]["not_loaded"]}
    assert left == {f"f{n}": ["segment: required, and nothing is given"] for n in range(3)}


def test_what_is_there_is_shown_before_and_after(tried):
    world.mend()
    world.destination.add("firm", "there", name="Firm 2", domain="f2.example", city="Omsk")

    answer = tried()

    city = field(answer.json, "firm", "city")
    assert (city["filled"], city["empty"], city["updated"]) == (4, 0, 1)
    assert city["examples"]["updated"] == [{"rule": "", "key": "f2", "source": "Omsk", "target": "Kazan"}]
    assert field(answer.json, "firm", "name")["updated"] == 0


def test_each_field_says_what_would_become_of_it(tried):
    answer = tried(("name: title, email", "name: {from: title, steps: [{truncate: 4}]}, email"))

    name, motto = field(answer.json, "firm", "name"), field(answer.json, "firm", "motto")
    assert (name["filled"], name["rejected"]) == (3, 1)
    assert name["rules"]["rejected"] == {"is required and empty": 1}
    assert (motto["filled"], motto["empty"]) == (0, 3)
    person, firm = field(answer.json, "person", "name"), field(answer.json, "person", "firm")
    assert person["converted"] == 3
    assert person["examples"]["converted"][0] == {
        "rule": "step truncate",
        "key": "p0",
        "source": "Person 0",
        "target": "Pers",
    }
    assert firm["rules"]["converted"] == {"reference to firm": 3}


def test_examples_are_few_however_many_records_there_are(tried):
    for n in range(10, 60):
        world.person(n, n % 3)
    answer = tried(("email: mail", "email: {template: '{mail}!'}"))
    mail = field(answer.json, "person", "email")
    assert mail["converted"] == 53
    assert len(mail["examples"]["converted"]) == 3


def test_it_needs_no_confirmation_and_says_that_there_is_none(desk):
    desk.prepare(confirmed=False)
    answer = desk("run", "--dry-run")
    assert answer.code == 1
    assert "not confirmed" in answer.out
    assert desk("run", "--dry-run", json=True).json["confirmed"] is False
    assert desk("map", "confirm", "--by", "Anna").code == 0
    assert desk("run", "--dry-run", json=True).json["confirmed"] is True


def test_a_mapping_that_does_not_fit_is_refused(desk):
    desk.prepare(confirmed=False)
    desk.edit("city: city", "size: city")
    assert desk("run", "--dry-run").code == 2


def test_automations_that_nobody_decided_about_are_named(tried):
    world.destination.automations = {"Welcome": True}
    answer = tried()
    assert answer.json["undecided"] == ["robot Welcome"]
    assert world.destination.automations == {"Welcome": True}


def test_a_run_that_was_stopped_is_tried_from_where_it_stopped(desk):
    from core.tests.fake_destination import Fault, KilledError

    world.mend()
    desk.prepare()
    world.destination.faults.extend([Fault.NONE, Fault.KILLED_AFTER])
    with pytest.raises(KilledError):
        desk("run")
    before = rows_of(desk.folder / ".crossdock" / "ledger.db")

    tried = desk("run", "--dry-run", json=True)

    assert rows_of(desk.folder / ".crossdock" / "ledger.db") == before
    assert outcomes(tried.json) == outcomes(desk("run", json=True).json)


def test_the_answer_and_the_report_are_the_same(tried, desk):
    answer = tried()
    assert faults("run-dry", answer.json) == []
    report = desk.folder / "reports" / f"dry-run-{answer.json['id']}.json"
    assert json.loads(report.read_text()) == {k: v for k, v in answer.json.items() if k != "report"}
    text = report.with_suffix(".txt").read_text()
    assert "nothing was written" in text
    assert "crm.firm > firm.name: 3 filled, 0 empty, 1 rejected" in text


def test_a_sample_of_a_dry_run_is_refused(desk):
    desk.prepare()
    assert desk("run", "--dry-run", "--sample", "5").code == 2
