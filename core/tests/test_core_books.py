"""Both books under connectors that lie: a record that is lost or doubled never passes in silence.

What the conformance kit finds by itself is in `test_testing_kit`; here the run and the comparison find it.
"""

from typing import Any

import pytest
from core.tests import broken_connectors as broken
from core.tests.fake_destination import FakeDestination
from core.tests.fake_source import FakeSource
from core.tests.toy_platforms import Desk, world


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """A confirmed project with four firms and three people, all of which can be loaded."""
    world.mend()
    desk.prepare()
    return desk


def breaks(kind: type[FakeSource] | type[FakeDestination]) -> None:
    """From now on the platform goes through this connector."""
    platform: Any = world.source if issubclass(kind, FakeSource) else world.destination
    platform.__class__ = kind


def is_mended() -> None:
    """From now on both connectors are sound."""
    world.source.__class__, world.destination.__class__ = FakeSource, FakeDestination


def names(object_name: str) -> list[str]:
    """The names of the records there, each as often as it is there."""
    return sorted(row.values["name"] for row in world.destination.table(object_name).values())


def is_whole() -> bool:
    """Whether everything is there, once."""
    firms, people = [f"Firm {n}" for n in range(4)], [f"Person {n}" for n in range(3)]
    return (names("firm"), names("person")) == (firms, people)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (broken.GivesTwice, "twice"),
        (broken.AnswersForAllButTheLast, "receipt"),
        (broken.AnswersTwice, "receipt"),
    ],
)
def test_a_connector_that_breaks_a_book_stops_the_run_and_the_sound_one_goes_on(ready, kind, says):
    breaks(kind)
    stopped = ready("run")
    assert (stopped.code, says in stopped.err) == (3, True), stopped.err

    again = ready("run")
    assert again.code == 3
    is_mended()

    assert ready("run").code == 0
    assert is_whole()
    assert ready("reconcile").code == 0


@pytest.mark.parametrize(
    ("kind", "counted"),
    [(broken.ClaimsTheLast, "firm"), (broken.ForgetsAField, "differ")],
)
def test_a_receipt_for_what_is_not_there_closes_the_gate_and_the_next_phase_waits(ready, kind, counted):
    breaks(kind)
    refused = ready("run")
    assert (refused.code, counted in refused.err) == (4, True), refused.err
    assert names("person") == []


def test_a_refusal_that_is_swallowed_closes_the_gate(ready):
    world.destination.rejected.add("Firm 2")
    breaks(broken.SwallowsRefusals)
    refused = ready("run")
    assert refused.code == 4, refused.err
    assert names("person") == []


def test_what_a_source_never_gave_and_never_counted_is_found_by_the_comparison(ready):
    breaks(broken.DropsAndCountsNothing)
    assert ready("run").code == 0
    assert not is_whole()
    compared = ready("reconcile", json=True)
    found = {f["kind"] for f in compared.json["first_findings"]}
    assert (compared.code, found) == (1, {"changed at source since"})
    is_mended()

    assert ready("run").code == 0
    assert is_whole()


def test_a_source_that_drops_what_it_counts_stops_the_run_and_the_sound_one_brings_the_rest(ready):
    breaks(broken.DropsTheLast)
    for said in ("said 4 records and gave 2", "said 3 records and gave 1"):
        stopped = ready("run")
        assert (stopped.code, said in stopped.err) == (3, True), stopped.err
    is_mended()
    ready("run")
    assert ready("reconcile").code == 1

    assert ready("run", "--delta").code == 0
    assert is_whole()
    assert ready("reconcile").code == 0


def test_a_source_that_goes_on_too_late_is_read_from_its_start(ready):
    world.source.dies_after = 1
    assert ready("run").code != 0
    world.source.dies_after = None
    breaks(broken.GoesOnTooLate)
    assert ready("run").code == 0
    assert is_whole()


def test_what_a_destination_made_twice_is_found_by_the_comparison(ready):
    breaks(broken.MakesTwice)
    assert ready("run").code == 0
    compared = ready("reconcile", json=True)
    found = {f["kind"] for f in compared.json["first_findings"]}
    assert (compared.code, found) == (1, {"extra"})
