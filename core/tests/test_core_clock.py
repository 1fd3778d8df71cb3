"""The clock of this machine is set back, by hours: nothing depends on it but the times that people read."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from core.tests.fake_destination import Fault, KilledError
from core.tests.toy_platforms import Desk, world

LOADED = datetime(2024, 1, 1, 8, tzinfo=UTC)
LATER = LOADED + timedelta(days=30)
HOURS = 3600.0


class Clock:
    """The clock of this process: real, but for what it was set on or back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.off, real = 0.0, time.time
        monkeypatch.setattr(time, "time", lambda: real() + self.off)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def confirmed(desk: Desk) -> Desk:
    world.mend()
    world.source.asks_for_changes, world.source.clock = True, LOADED
    for name, records in world.source.records.items():
        for key, record in list(records.items()):
            world.source.put(name, key, LOADED, **record.values)
    desk.prepare()
    return desk


def change(key: str, at: datetime, **values: Any) -> None:
    known = world.source.records["crm.firm"][key]
    world.source.put("crm.firm", key, at, **{**known.values, **values})


def city(name: str) -> Any:
    return next(
        r.values["city"] for r in world.destination.table("firm").values() if r.values["name"] == name
    )


def test_a_delta_after_the_clock_was_set_back_reads_what_changed(confirmed, clock):
    clock.off = 9 * HOURS
    assert confirmed("run").code == 0
    clock.off = 0.0
    change("f1", LATER, city="Omsk")
    world.source.clock = LATER
    assert confirmed("run", "--delta").code == 0
    assert city("Firm 1") == "Omsk"


def test_a_second_delta_after_the_clock_was_set_back_reads_what_changed(confirmed, clock):
    assert confirmed("run").code == 0
    clock.off = 9 * HOURS
    assert confirmed("run", "--delta").code == 0
    clock.off = -9 * HOURS
    change("f1", LATER, city="Omsk")
    world.source.clock = LATER
    assert confirmed("run", "--delta").code == 0
    assert city("Firm 1") == "Omsk"


def test_a_run_after_an_undone_one_reads_all_again(confirmed, clock):
    clock.off = 9 * HOURS
    assert confirmed("run").code == 0
    assert confirmed("rollback").code == 0
    clock.off = 0.0
    change("f1", LATER, city="Omsk")
    assert confirmed("run").code == 0
    assert city("Firm 1") == "Omsk"


def test_a_run_that_goes_on_after_the_clock_was_set_back_does_not_read_again(confirmed, clock):
    world.destination.faults.append(Fault.KILLED_AFTER)
    with pytest.raises(KilledError):
        confirmed("run")
    read = list(world.source.asked)
    clock.off = -9 * HOURS
    assert confirmed("run").code == 0
    assert world.source.asked == read


def test_reading_that_was_cut_off_goes_on_from_its_cursor_though_the_clock_was_set_back(confirmed, clock):
    world.source.dies_after = 1
    assert confirmed("run").code == 3
    world.source.dies_after = None
    clock.off = -9 * HOURS
    assert confirmed("run").code == 0
    assert world.source.asked[:2] == [("crm.firm", None), ("crm.firm", "2")]


def test_the_newest_run_is_the_one_that_was_begun_last(confirmed, clock):
    clock.off = 9 * HOURS
    assert confirmed("run").code == 0
    clock.off = 0.0
    assert confirmed("run", "--delta").code == 0
    assert confirmed("report", json=True).json["run"]["kind"] == "delta"
    assert [run["kind"] for run in confirmed("status", json=True).json] == ["run", "delta"]


def test_no_run_took_less_than_no_time(confirmed, clock, monkeypatch):
    whole = world.destination.load

    def load(*arguments: Any) -> Any:
        clock.off -= HOURS
        return whole(*arguments)

    monkeypatch.setattr(world.destination, "load", load)
    answer = confirmed("run", json=True)
    assert answer.code == 0
    assert answer.json["run"]["seconds"] >= 0
    assert all(phase["seconds"] >= 0 for phase in answer.json["phases"])
