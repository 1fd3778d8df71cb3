"""Calls by minute: counted by a budget, kept small, told in the report."""

from typing import Any

import pytest
from core.tests.company import PROJECT

from crossdock.ledger import Ledger
from crossdock.model import Limits
from crossdock.pace import MINUTE, MOST, Pace, merged, since
from crossdock.ratelimit import BUDGETS
from crossdock.traffic import Traffic, pace_of


@pytest.fixture
def ledger(tmp_path):
    BUDGETS.clear()
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield ledger
    ledger.close()
    BUDGETS.clear()


def test_calls_are_counted_by_the_minute():
    now = [120.0]
    pace = Pace(lambda: now[0])
    pace.sent()
    pace.sent()
    now[0] = 190.0
    pace.sent()
    pace.refused()
    assert pace.minutes == {120: (2, 0), 180: (1, 1)}


def test_what_was_counted_before_is_left_out():
    assert since({60: (5, 1), 120: (2, 0)}, {60: (3, 1)}) == {60: (2, 0), 120: (2, 0)}
    assert since({60: (5, 1)}, {60: (5, 1)}) == {}


def test_minutes_of_two_processes_add_up():
    first = merged({}, {60: (5, 1)})
    assert merged(first, {60: (1, 0), 120: (2, 0)}) == {"width": 60, "points": {"60": [6, 1], "120": [2, 0]}}


def test_a_long_run_is_kept_in_few_points_and_no_call_is_lost():
    kept: dict[str, Any] = {}
    for day in range(3):
        minutes = {(day * 1440 + n) * MINUTE: (n % 7, n % 2) for n in range(1440)}
        kept = merged(kept, minutes)
    assert len(kept["points"]) <= MOST
    assert kept["width"] % MINUTE == 0
    assert sum(calls for calls, _ in kept["points"].values()) == 3 * sum(n % 7 for n in range(1440))
    assert list(kept["points"]) == sorted(kept["points"], key=int)


def test_a_report_tells_what_was_sent_over_time_beside_the_limit(ledger):
    run = ledger.runs.start("run", PROJECT)
    traffic = Traffic(ledger, run)
    budget = BUDGETS.get("https://crm.example", Limits(scope="workspace 1", calls_per_minute=600))
    for _ in range(3):
        budget.acquire()
    budget.refused(0)
    traffic.keep()
    budget.acquire()
    traffic.keep()
    (told,) = pace_of(ledger, run)
    assert (told["scope"], told["per_minute"], told["seconds"]) == (
        "https://crm.example workspace 1",
        600,
        60,
    )
    assert sum(point["calls"] for point in told["points"]) == 4
    assert sum(point["refused"] for point in told["points"]) == 1
    assert told["points"][0]["at"].endswith("+00:00")


def test_without_a_declared_limit_none_is_told(ledger):
    run = ledger.runs.start("run", PROJECT)
    traffic = Traffic(ledger, run)
    BUDGETS.get("https://crm.example", None).acquire()
    traffic.keep()
    assert [told["per_minute"] for told in pace_of(ledger, run)] == [None]
