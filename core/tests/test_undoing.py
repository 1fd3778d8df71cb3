"""Which runs a rollback undoes."""

import pytest

from crossdock.errors import ConfigError
from crossdock.ledger import RunState
from crossdock.rollback.runs import find_run, told, undo_runs


class Opened:
    """What undo_runs needs of a migration."""

    def __init__(self, company):
        self.ledger, self.destination = company.ledger, company.destination
        self.destination_catalog = company.destination.discover()
        self.told = []

    def hold(self):
        """Nobody else works on it."""

    def progress(self, *what):
        self.told.append(what)


@pytest.fixture
def migration(company):
    return Opened(company)


def undo(migration, run_id=None, **more):
    options = {"dry_run": False, "force": False, "with_later": False} | more
    found = [run.id for run, _ in undo_runs(migration, run_id, **options)]
    told(migration)
    return found


def two_runs(company):
    from core.tests.company import firm

    company.stage(firm("a"))
    first = company.load()
    company.stage(firm("a"), firm("b"))
    return first, company.load()


def test_a_run_is_found_by_its_id_and_the_newest_without_one(company):
    first, second = two_runs(company)
    assert find_run(company.ledger, first.id).n == first.n
    assert find_run(company.ledger, None).n == second.n


def test_an_unknown_run_is_refused_with_the_known_ones(company):
    first, _ = two_runs(company)
    with pytest.raises(ConfigError, match="there is no run nope") as caught:
        find_run(company.ledger, "nope")
    assert first.id in caught.value.hint


def test_before_any_run_there_is_none(company):
    with pytest.raises(ConfigError):
        find_run(company.ledger, None)


def test_the_newest_run_that_loaded_something_is_undone(company, migration):
    _, second = two_runs(company)
    company.ledger.runs.start("reconcile", "fake-1")
    assert undo(migration) == [second.id]
    assert company.ledger.runs.all()[1].state is RunState.ROLLED_BACK
    assert migration.told


def test_what_was_undone_is_not_undone_again(company, migration):
    first, second = two_runs(company)
    assert [undo(migration), undo(migration)] == [[second.id], [first.id]]
    with pytest.raises(ConfigError, match="nothing to roll back"):
        undo(migration)


def test_with_later_runs_the_newest_goes_first(company, migration):
    first, second = two_runs(company)
    assert undo(migration, first.id, with_later=True) == [second.id, first.id]
    assert company.destination.table("firm") == {}


def test_a_dry_run_leaves_every_run_as_it_is(company, migration):
    _, second = two_runs(company)
    assert undo(migration, dry_run=True) == [second.id]
    assert company.ledger.runs.all()[1].state is RunState.DONE
