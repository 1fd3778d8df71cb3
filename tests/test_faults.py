"""The fault matrix in its short form: one cell of each fault on the wire. And what it is built on: that a
duplicate, a loss and any other difference are seen, and that a cell that was not hit does not count."""

import random
from collections.abc import Iterator

import pytest
from faults import run
from faults.cell import DISCOVER, HOOKS, LOAD, PLATFORMS, PROVISION, ROLLBACK, Cell, Result, Verdict
from faults.events import Person, overwritten
from faults.judge import compared, judge
from faults.meanwhile import written_meanwhile
from faults.scenes import Ground
from faults.wire import FAULTS, WRITES

from crossdock.model import Action
from crossdock.testing import samples
from crossdock.testing.commands import OK
from crossdock.testing.samples import Size
from crossdock.testing.scene import request_line

MINIMUM = 3
run.load()


@pytest.fixture(scope="module")
def grounds() -> Iterator[dict[str, Ground]]:
    made: dict[str, Ground] = {}
    yield made
    for ground in made.values():
        ground.close()


def ground_of(platform: str, grounds: dict[str, Ground]) -> Ground:
    """The stages of one platform, with fewer records than the whole matrix has."""
    if platform not in grounds:
        grounds[platform] = Ground(platform, Size(parties=6, things=11))
    return grounds[platform]


@pytest.fixture(params=PLATFORMS)
def ground(request: pytest.FixtureRequest, grounds: dict[str, Ground]) -> Ground:
    return ground_of(request.param, grounds)


@pytest.fixture
def twenty(grounds: dict[str, Ground]) -> Ground:
    return ground_of("twenty", grounds)


def test_every_fault_of_the_wire_leaves_what_an_undisturbed_run_leaves(ground):
    platform = ground.target.platform
    entries = [e for e in run.chosen(["wire: "], short=True) if e.cell.platform == platform]

    results = [run.tried(entry, ground, MINIMUM) for entry in entries]

    assert not list(run.problems(results))
    assert [str(r.cell) for r in results if not r.counts(MINIMUM)] == []


def test_the_short_form_has_every_fault_every_hook_and_both_platforms():
    cells = [entry.cell for entry in run.chosen(["wire: "], short=True)]

    assert {c.fault for c in cells} == {fault.name for fault in FAULTS}
    assert {(c.platform, c.hook) for c in cells} >= {(p, LOAD) for p in PLATFORMS}
    assert {c.hook for c in cells} == set(HOOKS)


def test_the_matrix_has_every_fault_at_every_hook_of_every_platform_that_has_it():
    cells = {entry.cell for entry in run.chosen(["wire: "])}

    for fault in FAULTS:
        for platform in fault.platforms:
            assert {c.hook for c in cells if (c.fault, c.platform) == (fault.name, platform)} == set(
                fault.hooks
            )


def test_a_fault_about_writing_hits_each_request_that_writes_and_no_other(ground):
    with ground.scene(ROLLBACK) as scene:
        scene.sandbox.fault(kind="slow", seconds=0, times=None, **WRITES[ground.target.platform])
        scene.call("rollback").must(OK)
        log = scene.sandbox.log()

    hit = [line for request in log if request["fault"] and (line := request_line(request))]
    assert hit == scene.writes(log)
    assert hit


def test_what_is_there_twice_is_seen(ground):
    with ground.at("loaded") as scene:
        there = scene.found(samples.BRANCH)
        title = scene.called("title")
        scene.hand.make(there.object_name, {title: there.values[title]}, there.external_id)
        verdict = compared(ground, LOAD, scene.sandbox.dump())

    assert any(samples.BRANCH in line and "2 times" in line for line in verdict.duplicates)
    assert not verdict.losses


def test_what_is_there_twice_without_a_mark_of_ours_is_seen_by_its_name(twenty):
    with twenty.at("loaded") as scene:
        title = scene.called("title")
        scene.hand.make(scene.plan.thing, {title: scene.value(samples.BRANCH, "title")})
        verdict = compared(twenty, LOAD, scene.sandbox.dump())

    assert len(verdict.duplicates) == 1
    assert f"{scene.plan.thing}.{title}" in verdict.duplicates[0]


def test_what_is_missing_is_seen_and_is_no_loss_where_the_report_names_it(ground):
    leaf = f"{samples.THING}/{samples.LEAF}"
    with ground.at("loaded") as scene:
        scene.remove(samples.LEAF, Action.DESTROY)
        dump = scene.sandbox.dump()

    verdict = compared(ground, LOAD, dump)
    assert (verdict.losses, verdict.duplicates) == ((leaf,), ())
    assert compared(ground, LOAD, dump, {leaf}).losses == ()


def test_any_other_difference_is_seen(twenty):
    with twenty.at("loaded") as scene:
        scene.edit(samples.BRANCH, integer=4321)
        verdict = compared(twenty, LOAD, scene.sandbox.dump())

    assert any("4321" in line for line in verdict.unexplained)
    assert not verdict.losses
    assert not verdict.duplicates


def test_what_somebody_wrote_is_seen_to_be_gone_unless_a_report_names_it(twenty):
    with twenty.at("loaded") as scene:
        person = Person(scene, random.Random(1), "edited")
        person.work()
        [(origin, text)] = person.touched.items()
        kept = list(overwritten(scene.sandbox.dump(), person, ()))
        person.touched[origin] = f"{text}, more"  # as if that had been written, and was overwritten
        dump = scene.sandbox.dump()

    assert kept == []
    assert list(overwritten(dump, person, ())) == [origin]
    assert list(overwritten(dump, person, {origin})) == []


def test_a_deed_counts_if_the_log_shows_it_while_the_command_waits(twenty):
    wait = {"fault": "slow", "status": None, "method": "GET", "path": "/rest/companies", "operation": None}
    deed = {"fault": None, "status": 200, "method": "PATCH", "path": "/rest/companies/1", "operation": None}
    with twenty.at("confirmed") as scene:
        assert written_meanwhile(scene, [deed, wait, deed]) == ["PATCH /rest/companies/1"]
        assert written_meanwhile(scene, [wait, {**deed, "status": 404}]) == []
        assert written_meanwhile(scene, [{**wait, "status": 200}, deed]) == []
        assert written_meanwhile(scene, [deed]) == []


def test_what_a_rollback_leaves_is_seen(twenty):
    assert compared(twenty, ROLLBACK, twenty.stages.raw("loaded")).unexplained


def test_a_book_that_says_otherwise_is_seen(twenty):
    answer = twenty.answer(LOAD)
    last = answer["phases"][-1]
    other = {**answer, "phases": [*answer["phases"][:-1], {**last, "source": {"loaded": 1}}]}
    with twenty.at("loaded") as scene:
        assert judge(twenty, scene, LOAD, answer) == Verdict()
        verdict = judge(twenty, scene, LOAD, other)

    assert [line for line in verdict.unexplained if line.startswith("books")]


def result(hits: int = 20, **verdict: tuple[str, ...]) -> Result:
    hook = HOOKS[len(verdict)]
    return Result(Cell("503", "twenty", hook), hits, Verdict(**verdict))


def test_the_last_line_has_the_sums_in_plain_digits():
    results = [result(), result(duplicates=("a", "b")), result(losses=("c",), unexplained=("d", "e", "f"))]

    assert run.last_line([result()] * 1234) == "faults: 1234 cells, 0 duplicates, 0 losses, 0 unexplained"
    assert run.last_line(results) == "faults: 3 cells, 2 duplicates, 1 losses, 3 unexplained"


def test_a_cell_below_the_minimum_is_marked_and_the_matrix_does_not_pass():
    few = result(19)

    assert run.shown(few, 20) == "19!"
    assert run.passed([result()], 20)
    assert not run.passed([result(), few], 20)
    assert not run.passed([result(losses=("x",))], 20)
    assert not run.passed([], 20)


def test_the_matrix_has_a_row_for_each_fault_and_a_column_for_each_hook():
    results = [
        Result(Cell("502", "twenty", DISCOVER), 21),
        Result(Cell("502", "odoo", PROVISION), 3, Verdict(losses=("x",))),
        Result(Cell("503", "odoo", PROVISION), 20),
    ]

    lines = [line.split() for line in run.matrix(results, 20)]

    assert lines == [["twenty", "odoo"], [DISCOVER, PROVISION], ["502", "21", "3!X"], ["503", "-", "20"]]
