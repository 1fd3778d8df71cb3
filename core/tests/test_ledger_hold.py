"""Two processes at one project: one writes, the other is refused having written nothing, and may read."""

import subprocess
import sys

import pytest
from core.tests.company import Company, firm, firm_route
from core.tests.databases import Database

from crossdock.errors import RefusedError
from crossdock.ledger import Ledger
from crossdock.staging import Staging

HOLDER = """
import sys
from crossdock.ledger import Ledger
from crossdock.staging import Staging
kind = Ledger if sys.argv[1] == "ledger" else Staging
place = kind(sys.argv[2], sys.argv[3])
place.hold()
print("held", flush=True)
sys.stdin.read()
place.close()
"""


class Other:
    """Another process, which holds a ledger or staging."""

    def __init__(self, what, place):
        command = [sys.executable, "-c", HOLDER, what, *place]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.said = self.process.stdout.readline().strip()

    def end(self):
        self.process.communicate()


@pytest.fixture
def other(database):
    """Starts the other process."""
    started = []

    def start(what="ledger"):
        place = database.place
        if what == "staging" and database.kind == "sqlite":
            place = (place[0].replace("ledger.db", "staging.db"), place[1])
        started.append(Other(what, place))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()


@pytest.fixture
def ledger(database):
    ledger = database.ledger()
    yield ledger
    ledger.close()


def refused(call, *arguments):
    with pytest.raises(RefusedError) as caught:
        call(*arguments)
    assert caught.value.exit_code == 4
    return str(caught.value)


def test_the_second_process_is_refused_and_told_who_holds_it(ledger, other):
    first = other()
    message = refused(ledger.hold)
    assert first.said == "held"
    assert f"process {first.process.pid} on " in message
    assert ", since 20" in message
    assert "crossdock status" in message


def test_the_second_process_is_refused_at_its_first_change_and_has_written_nothing(ledger, other):
    other()
    refused(ledger.runs.start, "run", "d")
    assert ledger.runs.all() == []


def test_the_second_process_may_read(ledger, other):
    run = ledger.runs.start("run", "d")
    ledger.close()
    other()
    assert [r.n for r in ledger.runs.all()] == [run.n]
    assert ledger.links.count("acme", "src.firms", "firm") == 0
    assert list(ledger.links.scan("acme", "src.firms", "firm")) == []
    assert ledger.links.of_keys("acme", "src.firms", "firm", ["1"]) == []
    assert ledger.links.noted("acme", "src.firms", "firm", ["x"]) == set()


@pytest.mark.parametrize("killed", [True, False])
def test_it_is_free_when_the_first_process_has_ended_however_it_ended(ledger, other, killed):
    first = other()
    if killed:
        first.process.kill()
        first.process.wait()
    else:
        first.end()
    _hold_soon(ledger)
    assert ledger.runs.start("run", "d").n == 1


def _hold_soon(ledger):
    """A server takes a moment to notice that a process was killed."""
    for _ in range(200):
        try:
            return ledger.hold()
        except RefusedError:
            continue
    return ledger.hold()


def test_what_another_process_wrote_meanwhile_is_numbered_on(database):
    early = database.ledger()
    company_of(database).close()
    assert early.journal._next_entry == 1
    early.hold()
    assert early.journal._next_entry == 3
    early.close()


def company_of(database):
    company = Company(database.folder, routes=(firm_route(),), database=database)
    company.stage(firm("1"), firm("2"))
    company.load()
    return company


def test_staging_is_held_too(database, other):
    staging = database.staging()
    first = other("staging")
    assert "staging" in refused(staging.begin, "acme", "src.firms")
    assert staging.extraction("acme", "src.firms") is None
    first.end()
    staging.close()


def test_ledger_and_staging_are_held_apart(database, other):
    other("staging")
    ledger = database.ledger()
    ledger.hold()
    ledger.close()


def test_a_process_that_closed_its_ledger_lets_others_write(database):
    one, two = database.ledger(), database.ledger()
    one.hold()
    refused(two.hold)
    one.close()
    two.hold()
    two.close()


def test_who_died_without_a_note_is_another_process(tmp_path):
    database = Database("sqlite", tmp_path)
    one, two = database.ledger(), database.ledger()
    one.hold()
    (tmp_path / "ledger.db.ledger-holder").unlink()
    assert "did not leave its name" in refused(two.hold)
    one.close()
    two.close()


def test_a_ledger_in_memory_is_nobody_elses():
    ledger, staging = Ledger("sqlite://"), Staging("sqlite://")
    ledger.hold()
    staging.hold()
    ledger.close()
    staging.close()
