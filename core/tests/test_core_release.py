"""Records of two routes that refer to each other and were all deleted: they let go, and then they go."""

from dataclasses import replace
from typing import Any

import pytest
from core.tests.fake_destination import Fault, KilledError, reference
from core.tests.test_core_delta import LATER, LOADED, decide, delta
from core.tests.toy_platforms import FIRM, FIRM_THERE, PERSON, PERSON_THERE, Desk, world

from crossdock.model import FieldSchema
from crossdock.values import Reference

LET_GO = "crm.firm>firm (let go)"


def several(name: str, object_name: str) -> FieldSchema:
    """A field that points to several records."""
    return replace(reference(name, object_name), multiple=True)


@pytest.fixture
def circle(desk: Desk) -> Desk:
    """Person n works for firm n and knows it; chiefs of firm 0 are person 0, of firm 1 persons 1 and 2.
    Everything is loaded, the firms before the people."""
    world.source.schemas = (
        replace(FIRM, fields=(*FIRM.fields, several("chiefs", "crm.person"))),
        replace(PERSON, fields=(*PERSON.fields, reference("knows", "crm.firm"))),
    )
    schemas = world.destination.schemas
    schemas["firm"] = replace(FIRM_THERE, fields=(*FIRM_THERE.fields, several("chiefs", "person")))
    schemas["person"] = replace(PERSON_THERE, fields=(*PERSON_THERE.fields, reference("knows", "firm")))
    world.mend()
    world.source.asks_for_changes, world.source.clock = True, LOADED
    for n, chiefs in enumerate((("p0",), ("p1", "p2"), (), ())):
        refer("crm.firm", f"f{n}", chiefs=tuple(Reference("crm.person", key) for key in chiefs))
    for n in range(3):
        refer("crm.person", f"p{n}", knows=Reference("crm.firm", f"f{n}"))
    desk.initialise()
    desk.write_mapping()
    desk.edit("motto: motto}", "motto: motto, chiefs: {from: chiefs, reference: person}}")
    desk.edit("reference: firm}}", "reference: firm}, knows: {from: knows, reference: firm}}")
    decide(desk, "destroy")
    assert desk("run").code == 0
    return desk


def refer(object_name: str, key: str, **values: Any) -> None:
    """Give a record of the source what it refers to."""
    known = world.source.records[object_name][key].values
    world.source.put(object_name, key, LOADED, **{**known, **values})


def gone(*keys: str) -> None:
    """Delete these at the source."""
    for key in keys:
        world.source.delete("crm.firm" if key.startswith("f") else "crm.person", key, LATER)


def names(object_name: str) -> set[str]:
    """What is there."""
    return {row.values["name"] for row in world.destination.table(object_name).values()}


def values_of(object_name: str, name: str) -> dict[str, Any]:
    """What the record of that name holds."""
    (found,) = [r.values for r in world.destination.table(object_name).values() if r.values["name"] == name]
    return found


def waiting(report: Any) -> list[Any]:
    """What was not taken away."""
    return [line for phase in report["phases"] for line in phase["not_loaded"]]


def test_records_that_hold_each_other_go_and_come_back_as_they_were(circle):
    before = world.destination.state()
    gone("f0", "p0", "f1", "p1")

    report = delta(circle)

    assert waiting(report) == []
    assert names("firm") == {"Firm 2", "Firm 3"}
    assert names("person") == {"Person 2"}
    assert circle("rollback").code == 0
    assert world.destination.state() == before


def test_what_stays_is_not_let_go_of(circle):
    gone("f1", "p1")
    people = {row.values["name"]: i for i, row in world.destination.table("person").items()}
    held = values_of("firm", "Firm 1")
    world.destination.faults += [Fault.NONE, Fault.KILLED_BEFORE]

    with pytest.raises(KilledError):
        circle("run", "--delta")

    assert held["chiefs"] == (people["Person 2"],)


def test_a_record_that_people_edited_keeps_what_it_holds(circle):
    gone("f0", "p0")
    values_of("firm", "Firm 0")["city"] = "Perm"

    report = delta(circle)

    assert LET_GO not in {phase["name"] for phase in report["phases"]}
    assert "Firm 0" in names("firm")


def test_a_delta_in_which_nothing_holds_what_goes_has_no_such_phase(circle):
    gone("f3")
    report = delta(circle)
    assert LET_GO not in {phase["name"] for phase in report["phases"]}
    assert "Firm 3" not in names("firm")


@pytest.mark.parametrize(
    "fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.LOST_BEFORE, Fault.LOST_AFTER]
)
def test_letting_go_in_doubt_is_looked_up(circle, fault):
    before = world.destination.state()
    gone("f0", "p0", "f1", "p1")
    world.destination.faults.append(fault)
    if fault in (Fault.KILLED_BEFORE, Fault.KILLED_AFTER):
        with pytest.raises(KilledError):
            circle("run", "--delta")

    report = delta(circle)

    assert waiting(report) == []
    assert names("person") == {"Person 2"}
    assert circle("rollback").code == 0
    assert world.destination.state() == before
