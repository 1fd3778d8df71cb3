"""How many requests a run sent."""

import pytest
from core.tests.company import PROJECT

from crossdock.cli.output import pace
from crossdock.ledger import Ledger
from crossdock.model import Limits
from crossdock.ratelimit import BUDGETS
from crossdock.traffic import Traffic, requests_of


@pytest.fixture
def ledger(tmp_path):
    BUDGETS.clear()
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield ledger
    ledger.close()
    BUDGETS.clear()


def budget():
    return BUDGETS.get("https://crm.example", Limits(scope="workspace 1", calls_per_minute=600))


def sent(count):
    for _ in range(count):
        budget().acquire()


def test_what_was_sent_before_the_run_is_not_counted(ledger):
    sent(3)
    run = ledger.runs.start("run", PROJECT)
    traffic = Traffic(ledger, run)
    sent(2)
    budget().refused(0)
    traffic.keep()
    (found,) = requests_of(ledger, run)
    assert found == {
        "scope": "https://crm.example workspace 1",
        "sent": 2,
        "refused": 1,
        "waited_seconds": 0.0,
    }


def test_a_resumed_run_adds_up(ledger):
    run = ledger.runs.start("run", PROJECT)
    first = Traffic(ledger, run)
    sent(2)
    first.keep()
    first.keep()
    again = Traffic(ledger, run)
    sent(1)
    again.keep()
    assert [found["sent"] for found in requests_of(ledger, run)] == [3]


def test_a_scope_that_was_not_asked_is_left_out(ledger):
    run = ledger.runs.start("run", PROJECT)
    traffic = Traffic(ledger, run)
    budget()
    traffic.keep()
    assert requests_of(ledger, run) == []


def test_the_progress_shows_what_was_sent(ledger):
    sent(4)
    assert pace() == "4 requests, 0 s waited"
