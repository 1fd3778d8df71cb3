"""A delta over two platforms in memory: what is read, what it becomes, and where the next one begins."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from core.tests.fake_destination import KilledError
from core.tests.toy_platforms import FIRM, Desk, world

from crossdock.delta.marks import mark_after
from crossdock.ledger import Mark
from crossdock.model import Action
from crossdock.staging import Extraction, SourceClock
from crossdock.values import Reference

LOADED = datetime(2024, 1, 1, 8, tzinfo=UTC)
LATER = LOADED + timedelta(days=30)
FIRMS = "crm.firm>firm"


@pytest.fixture
def loaded(desk: Desk) -> Desk:
    """Everything is loaded; both objects can be asked for what changed, and the source says the time."""
    world.mend()
    world.source.asks_for_changes, world.source.clock = True, LOADED
    for name, records in world.source.records.items():
        for key, record in list(records.items()):
            days = 9 if key in ("f0", "p0") else 20  # before the load; a delta reads the latest again
            world.source.put(name, key, LOADED - timedelta(days=days), **record.values)
    desk.prepare()
    assert desk("run").code == 0
    world.source.clock = LATER + timedelta(hours=1)
    return desk


def delta(desk: Desk) -> Any:
    """The report of a delta."""
    world.destination.loads.clear()
    done = desk("run", "--delta", json=True)
    assert done.code in (0, 1), done.err
    return done.json


def change(key: str, at: datetime = LATER, **values: Any) -> None:
    """Change a firm at the source."""
    known = world.source.records["crm.firm"][key]
    world.source.put("crm.firm", key, at, **{**known.values, **values})


def decide(desk: Desk, policy: str) -> None:
    """Decide what is done about deleted records."""
    desk.edit("destination: beta\n", f"destination: beta\ndecisions: {{deletions: {policy}}}\n")
    assert desk("map", "confirm", "--by", "Anna").code == 0


def book(report: Any, name: str = FIRMS) -> dict[str, int]:
    """The source book of a phase."""
    found: dict[str, int] = next((p["source"] for p in report["phases"] if p["name"] == name), {})
    return found


def there(name: str) -> Any:
    """The row of a firm there by its name, None if there is none."""
    return next((r for r in world.destination.table("firm").values() if r.values["name"] == name), None)


def kinds(report: Any) -> list[str]:
    """The kinds of what was found."""
    return [f["kind"] for f in report["first_findings"]]


def test_a_delta_before_any_run_is_refused(desk):
    desk.prepare()
    done = desk("run", "--delta")
    assert done.code == 2
    assert "none here" in done.err


def test_a_delta_while_a_run_is_unfinished_is_refused(desk):
    desk.prepare()
    world.source.dies_after = 0
    desk("run")
    done = desk("run", "--delta")
    assert done.code == 2
    assert "has not ended" in done.err


def test_only_what_changed_is_read_and_booked(loaded):
    change("f1", city="Omsk")
    report = delta(loaded)
    assert book(report) == {"unchanged": 1, "loaded": 1}
    assert world.destination.loads == [("firm", ("f1",))]
    assert there("Firm 1").values["city"] == "Omsk"


def test_a_delta_without_a_change_writes_nothing(loaded):
    before = world.destination.state()
    report = delta(loaded)
    assert world.destination.loads == []
    assert world.destination.state() == before
    assert report["totals"]["source"] == {"unchanged": 2}
    assert report["verdict"] == "Everything arrived."


def test_a_delta_reads_a_day_behind_the_earlier_of_the_two_times_of_the_source(loaded):
    delta(loaded)
    assert ("crm.firm", LOADED - timedelta(days=10)) in world.source.asked_since


def test_the_overlap_is_an_option(loaded):
    loaded.edit("options:", "options:\n  delta_overlap_hours: 2", "crossdock.yaml")
    delta(loaded)
    assert ("crm.firm", LOADED - timedelta(days=9, hours=2)) in world.source.asked_since


def test_the_marks_are_in_the_answer_and_in_status(loaded):
    change("f1", city="Omsk")
    report = delta(loaded)
    mark = next(m for m in report["run"]["marks"] if m["object"] == "crm.firm")
    assert mark == {
        "tenant": "main",
        "object": "crm.firm",
        "since": (LOADED - timedelta(days=10)).isoformat(),
        "until": LATER.isoformat(),
        "read": 2,
    }
    assert loaded("status", json=True).json[-1]["marks"] == report["run"]["marks"]
    assert LATER.isoformat() in loaded("status").out


def test_a_source_that_cannot_be_asked_is_read_as_a_whole_and_compared(loaded):
    world.source.asks_for_changes = False
    change("f1", city="Omsk")
    report = delta(loaded)
    assert ("crm.firm", None) in world.source.asked_since[-2:]
    assert book(report) == {"loaded": 1, "unchanged": 3}
    assert world.destination.loads == [("firm", ("f1",))]


def test_what_a_complete_reading_no_longer_gives_was_deleted(loaded):
    world.source.asks_for_changes = False
    world.source.drop("crm.firm", "f3")
    report = delta(loaded)
    assert kinds(report) == ["deleted at source"]
    assert book(report, f"{FIRMS} (deletions)") == {"skipped": 1}
    assert not there("Firm 3").trashed


def test_what_a_reading_of_changes_does_not_give_was_not_deleted(loaded):
    world.source.drop("crm.firm", "f3")
    report = delta(loaded)
    assert kinds(report) == []


def test_a_reading_that_gave_less_than_it_said_deletes_nothing(loaded):
    world.source.asks_for_changes = False
    decide(loaded, "trash")
    world.source.drop("crm.firm", "f3")
    world.source.says["crm.firm"] = 4
    assert loaded("run", "--delta").code == 3
    world.source.says.clear()
    report = delta(loaded)
    assert not there("Firm 3").trashed
    assert f"{FIRMS} (deletions)" not in {p["name"] for p in report["phases"]}
    assert kinds(delta(loaded)) == []
    assert there("Firm 3").trashed


def test_an_object_of_snapshots_is_read_as_a_whole(loaded):
    from dataclasses import replace

    world.source.schemas = tuple(replace(s, snapshot=s.name == "crm.firm") for s in world.source.schemas)
    world.source.asked_since.clear()
    delta(loaded)
    asked = dict(world.source.asked_since)
    assert asked["crm.firm"] is None
    assert asked["crm.person"] is not None


def test_what_was_held_is_tried_again_though_it_did_not_change(loaded):
    world.source.put("crm.firm", "f9", LATER, title="Twin", site="f1.example", city=None, motto=None)
    assert book(delta(loaded))["held"] == 1
    world.source.clock = LATER + timedelta(days=9)
    change("f1", at=LATER + timedelta(days=8), site="other.example")
    report = delta(loaded)
    assert book(report)["loaded"] >= 1
    path = loaded.folder / "queues" / "duplicates.csv"
    if path.exists():
        path.write_text(path.read_text().rstrip("\n").rstrip("\r") + "load\n")
        delta(loaded)
    assert there("Twin") is not None


@pytest.mark.parametrize(("policy", "gone"), [("trash", False), ("destroy", True)])
def test_what_was_deleted_at_the_source_goes_by_decision_and_comes_back_by_rollback(loaded, policy, gone):
    decide(loaded, policy)
    world.source.delete("crm.firm", "f3", LATER)
    before = world.destination.state()

    report = delta(loaded)

    row = there("Firm 3")
    assert row is None if gone else row.trashed
    assert kinds(report) == []
    assert book(report, f"{FIRMS} (deletions)") == {"skipped": 1}
    assert loaded("reconcile").code == 0
    assert loaded("rollback").code == 0
    assert world.destination.state() == before


def test_a_record_that_refers_to_what_lies_in_the_trash_keeps_its_reference(loaded):
    decide(loaded, "trash")
    target_id = next(i for i, r in world.destination.table("firm").items() if r.values["name"] == "Firm 0")
    world.source.delete("crm.firm", "f0", LATER)
    delta(loaded)
    assert there("Firm 0").trashed

    report = delta(loaded)

    assert world.destination.loads == []
    assert book(report, "crm.person>person") == {"unchanged": 1}
    [person] = [r for r in world.destination.table("person").values() if r.values["name"] == "Person 0"]
    assert person.values["firm"] == target_id
    assert loaded("reconcile").code == 0


def test_a_record_that_is_moved_to_what_lies_in_the_trash_is_found(loaded):
    decide(loaded, "trash")
    world.source.delete("crm.firm", "f3", LATER)
    delta(loaded)
    known = world.source.records["crm.person"]["p0"].values
    world.source.put("crm.person", "p0", LATER, **{**known, "firm": Reference("crm.firm", "f3")})

    report = delta(loaded)

    [found] = report["first_findings"]
    assert (found["kind"], found["field"]) == ("deleted at source", "firm")
    assert "crm.firm/f3 was deleted at the source" in found["note"]
    assert kinds(delta(loaded)) == []


def test_a_route_may_decide_otherwise(loaded):
    decide(loaded, "destroy")
    loaded.edit("    match: [domain]\n", "    match: [domain]\n    deleted: trash\n")
    assert loaded("map", "confirm", "--by", "Anna").code == 0
    world.source.delete("crm.firm", "f3", LATER)
    delta(loaded)
    assert there("Firm 3").trashed


def test_of_several_routes_between_two_objects_one_deals_with_what_was_deleted(loaded):
    decide(loaded, "trash")
    other = """\
  - from: crm.firm
    to: firm
    name: others
    where: "title == 'nobody'"
    fields: {name: title}
  - from: crm.person
"""
    loaded.edit("  - from: crm.person\n", other)
    loaded.edit("    match: [domain]\n", "    match: [domain]\n    where: \"title != 'nobody'\"\n")
    assert loaded("map", "confirm", "--by", "Anna").code == 0
    world.source.delete("crm.firm", "f3", LATER)

    report = delta(loaded)

    assert there("Firm 3").trashed
    assert book(report, f"{FIRMS} (deletions)") == {"skipped": 1}
    assert book(report, "others (deletions)") == {}


def test_a_destination_without_a_trash_cannot_be_asked_for_one(loaded):
    decide(loaded, "trash")
    world.destination.can = ()
    done = loaded("run", "--delta")
    assert done.code == 2
    assert "has none" in done.err


def test_a_record_that_was_there_before_is_never_taken_away(desk):
    world.mend()
    world.destination.add("firm", "old", name="Old", domain="f3.example", city="Tula")
    desk.prepare()
    decide(desk, "destroy")
    assert desk("run").code == 0
    world.source.drop("crm.firm", "f3")
    report = delta(desk)
    assert world.destination.table("firm")["old"].values["name"] == "Firm 3"
    assert kinds(report) == ["deleted at source"]


SOURCE = {
    "unchanged": lambda: None,
    "changed": lambda: change("f3", city="Omsk"),
    "deleted": lambda: world.source.delete("crm.firm", "f3", LATER),
}
THERE = {
    "unchanged": lambda row: None,
    "edited": lambda row: row.values.update(city="Perm"),
    "deleted": lambda row: setattr(row, "trashed", True),
}


@pytest.mark.parametrize(
    ("source", "destination", "city", "trashed", "held", "found"),
    [
        ("unchanged", "unchanged", "Tula", False, 0, []),
        ("unchanged", "edited", "Perm", False, 0, []),
        ("unchanged", "deleted", "Tula", True, 0, []),
        ("changed", "unchanged", "Omsk", False, 0, []),
        ("changed", "edited", "Perm", False, 1, []),
        ("changed", "deleted", "Tula", True, 0, ["deleted there"]),
        ("deleted", "unchanged", "Tula", True, 0, []),
        ("deleted", "edited", "Perm", False, 1, []),
        ("deleted", "deleted", "Tula", True, 0, []),
    ],
)
def test_each_of_the_nine_cells(loaded, source, destination, city, trashed, held, found):
    decide(loaded, "trash")
    row = there("Firm 3")
    SOURCE[source]()
    THERE[destination](row)
    report = delta(loaded)
    row = there("Firm 3")
    assert (row.values["city"], row.trashed) == (city, trashed)
    assert sum(p["source"].get("held", 0) for p in report["phases"]) == held
    assert kinds(report) == found


@pytest.mark.parametrize("action", [Action.TRASH, Action.DESTROY])
@pytest.mark.parametrize("fault", ["KILLED_BEFORE", "KILLED_AFTER", "LOST_BEFORE", "LOST_AFTER"])
def test_a_removal_in_doubt_is_looked_up(loaded, action, fault):
    from core.tests.fake_destination import Fault

    decide(loaded, action.value)
    world.source.delete("crm.firm", "f3", LATER)
    world.destination.faults.append(Fault[fault])
    if fault.startswith("KILLED"):
        with pytest.raises(KilledError):
            loaded("run", "--delta")
    report = delta(loaded)
    row = there("Firm 3")
    assert row is None if action is Action.DESTROY else row.trashed
    assert book(report, f"{FIRMS} (deletions)") == {"skipped": 1}
    assert loaded("rollback").code == 0
    assert not there("Firm 3").trashed


def test_a_run_that_was_rolled_back_leaves_its_changes_to_the_next_delta(loaded):
    change("f1", city="Omsk")
    delta(loaded)
    assert loaded("rollback").code == 0
    assert there("Firm 1").values["city"] == "Kazan"
    delta(loaded)
    assert there("Firm 1").values["city"] == "Omsk"


def extraction(seen: int = 5, total: int | None = 5) -> Extraction:
    """A complete pass that began, by this machine's clock, at LATER."""
    return Extraction(1, "main", FIRM.name, 2, None, None, True, seen, total, LATER.timestamp())


@pytest.mark.parametrize(
    ("read_at", "latest", "known", "until"),
    [
        (LOADED, LATER, None, LOADED),  # changed while it was read
        (LATER, LOADED, None, LOADED),  # the clock that stamps is behind, or nothing happened
        (None, LOADED, None, LOADED),
        (None, LATER + timedelta(days=400), None, LATER),  # a time in the future moves nothing on
        (LATER, None, LOADED, LOADED),  # nothing was changed since
        (LATER, None, None, None),  # no record says when it was changed
    ],
)
def test_the_mark_is_the_earlier_of_the_sources_own_times(read_at, latest, known, until):
    before = Mark("main", FIRM.name, 1, None, known, 5) if known else None
    assert mark_after(before, extraction(), SourceClock(read_at, latest)).until == until


def test_there_is_no_mark_after_a_reading_that_was_not_whole():
    assert mark_after(None, extraction(4, 5), SourceClock(LATER, LOADED)).until is None
