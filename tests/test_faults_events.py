"""What happens behind the back of a command, in short: a cell of each kind, fewer records, three hits."""

from collections.abc import Iterator

import pytest
from faults import events, fields, inside, machine, moving, process, retrying, run, soak, soaksource
from faults.cell import DISCOVER, GROUPS, HOOKS, LOAD, PLATFORMS, PROVISION, RECONCILE, ROLLBACK, Cell, Entry
from faults.scenes import Ground

from crossdock.testing.samples import Size

MINIMUM = 3
SHORT = {
    "twenty": (
        ("SIGTERM at a change", PROVISION),
        ("disk full", LOAD),
        ("fields changed in the middle", LOAD),
        ("database locked for a while", LOAD),
        ("database locked for long", ROLLBACK),
        ("records edited by somebody", RECONCILE),
        ("source changes between pages", LOAD),
        ("clock set back", RECONCILE),
    ),
    "odoo": (
        ("kill -9 after a change is kept", ROLLBACK),
        ("key revoked", PROVISION),
        ("retry disturbed", LOAD),
    ),
}
run.load()


@pytest.fixture(scope="module")
def grounds() -> Iterator[dict[str, Ground]]:
    made: dict[str, Ground] = {}
    yield made
    for ground in made.values():
        ground.close()


def entry_of(cell: Cell) -> Entry:
    [found] = [entry for group in GROUPS.values() for entry in group if entry.cell == cell]
    return found


@pytest.mark.parametrize(
    "cell", [Cell(fault, platform, hook) for platform, some in SHORT.items() for fault, hook in some], ids=str
)
def test_the_end_is_that_of_an_undisturbed_run_or_each_difference_is_named(cell, grounds):
    if cell.platform not in grounds:
        grounds[cell.platform] = Ground(cell.platform, Size(parties=6, things=14))
    result = run.tried(entry_of(cell), grounds[cell.platform], MINIMUM)
    assert list(run.problems([result])) == []
    assert result.counts(MINIMUM)


def test_every_fault_that_is_not_on_the_wire_is_tried_against_both_platforms():
    cells = {entry.cell for name, group in GROUPS.items() if name != "wire" for entry in group}
    faults = {*events.FAULTS, *fields.FAULTS, *machine.FAULTS, *process.DEATHS_BY_NAME}
    faults |= {moving.FAULT, retrying.FAULT}
    assert {cell.fault for cell in cells} == faults
    there = {fault: {c.platform for c in cells if c.fault == fault} for fault in faults}
    assert {fault for fault, found in there.items() if found != set(PLATFORMS)} == {*events.NOT_ODOO}


def test_kills_are_spread_over_every_kind_of_change():
    names = ["a", "b", "b", "b", "c", *["d"] * 40]
    chosen = process.spread(names, range(len(names)), 20)
    [first, *_] = process.rounds(names, chosen, ("before",))
    assert {names[n] for n in chosen} == {"a", "b", "c", "d"}
    assert 20 <= len(chosen) <= 35
    assert first[0] == process.Moment("a", 1, "before")


def test_a_moment_is_counted_from_the_one_before():
    names = ["put", "put", "finish", "put", "put"]
    [moments, *_] = process.rounds(names, [1, 4], ("after", "before"))
    assert moments == [process.Moment("put", 2, "after"), process.Moment("put", 2, "before")]


def test_patches_are_found_by_name():
    assert callable(inside.PATCHES["at once; SIGKILL before 2 ledger.journal.confirm"])
    with pytest.raises(KeyError):
        inside.PATCHES["no such patch"]


def test_the_columns_of_kills_have_their_commands():
    assert [process.command_of(hook)[0] for hook in HOOKS] == [
        "run" if hook in (DISCOVER, LOAD) else hook for hook in HOOKS
    ]


def test_records_of_the_soak_change_come_and_go():
    before = {r.key: r for r in soaksource.there(1000, 1)}
    after = {r.key: r for r in soaksource.there(1000, 2)}
    changed = [key for key in before if before[key].values != after[key].values]
    gone = [key for key in before if after[key].deleted and not before[key].deleted]
    assert len(after) - len(before) == 10
    assert changed
    assert gone
    assert all(after[key].updated_at > before[key].updated_at for key in (*changed, *gone))


def test_the_soak_sees_what_is_there_twice_and_what_is_missing():
    row = {"externalId": "acme:main/soak.contact/c1"}
    other = {"x": 1, "externalId": "acme:main/soak.contact/c2"}
    assert soak.keys_there(
        {"records": {"a": {"live": [row, other], "trash": [row]}, "b": [{"name": "x"}]}}
    ) == {
        "c1": 2,
        "c2": 1,
    }


def test_memory_is_that_of_the_last_round_by_that_of_the_first():
    peaks = {
        ("odoo", 3, "run"): 100,
        ("odoo", 4, "run"): 110,
        ("odoo", 3, "delta"): 90,
        ("odoo", 4, "delta"): 90,
    }
    assert soak.Score(peaks=peaks).memory == pytest.approx(1.1)


def test_a_moving_list_ends_as_long_as_there_is_something_to_go():
    from faults.livesource import EXTRA

    assert moving.FAULT == "source changes between pages"
    assert EXTRA > MINIMUM
