"""A process that dies at any point and is started again ends like one that never died."""

import pytest
from core.tests.company import Company, firm, firm_route, person, person_route
from core.tests.databases import POSTGRESQL, SQLITE, Database
from core.tests.fake_destination import Fault, KilledError
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock import database
from crossdock.ledger import EntryState
from crossdock.model import FindingKind, Outcome, Rejected
from crossdock.values import Reference

RECORDS = (
    firm("1", domain="a.test", parent=Reference("src.firms", "3")),
    firm("2", name="bad"),
    firm("3", domain="c.test"),
    firm("4", domain="old.test"),
    firm("5"),
    person("7", firm=Reference("src.firms", "1")),
    person("8", firm=Reference("src.firms", "2")),
)


def company_in(folder, database):
    folder.mkdir(parents=True)
    routes = (firm_route(match=["domain"]), person_route())
    company = Company(folder, routes=routes, database=Database(database.kind, folder))
    company.destination.batch_size = 2
    company.destination.rejected.add("bad")
    company.destination.add("firm", "old", name="Old", domain="old.test")
    company.stage(*RECORDS)
    return company


def killed_at(company, monkeypatch, place):
    """Let the process die at the n-th transaction or request. Gives False if it ends before."""
    ticks = iter(range(place))

    def tick():
        if next(ticks, None) is None:
            raise KilledError

    whole = database.transaction

    def transaction(engine):
        tick()
        return whole(engine)

    fake_load, fake_keep = company.destination.load, company.destination._keep
    monkeypatch.setattr("crossdock.ledger.journal.transaction", transaction)
    monkeypatch.setattr(company.destination, "load", lambda *a: (tick(), fake_load(*a))[1])
    monkeypatch.setattr(company.destination, "_keep", lambda *a: (fake_keep(*a), tick())[0])
    try:
        company.load()
    except KilledError:
        return True
    finally:
        monkeypatch.undo()
    return False


def books(company, run):
    pairs = [company.books(run, place) for place in range(2)]
    return [(b.source, b.destination, b.open_by) for b in pairs]


@pytest.mark.parametrize("start", range(4))
def test_killed_at_any_transaction_and_started_again_ends_as_if_nothing_had_happened(
    tmp_path, monkeypatch, start, database
):
    whole = company_in(tmp_path / "whole", database)
    expected_books = books(whole, whole.load())
    step = 4 if database.kind == SQLITE else 16  # of a server's tables, which take longer to make
    for place in range(start, 400, step):
        company = company_in(tmp_path / str(place), database)
        killed = killed_at(company, monkeypatch, place)
        company.reopen()
        run = company.load()
        assert company.destination.state() == whole.destination.state(), place
        assert set(company.destination.made.values()) == {1}
        assert books(company, run) == expected_books or not killed, place
        company.close()
        if not killed:
            break
    whole.close()
    assert not killed


def test_what_was_in_doubt_between_two_that_arrived_is_not_taken_for_arrived(tmp_path, database):
    company = company_in(tmp_path / "x", database)
    company.destination.batch_size = 8
    company.destination.faults.extend([*[Fault.NONE] * 4, Fault.KILLED_AFTER])
    with pytest.raises(KilledError):
        company.load()
    company.reopen()
    run = company.load()
    assert company.outcomes(run)["2"] == (Outcome.REJECTED, "")
    counted = {Outcome.CREATED: 3, Outcome.UPDATED: 1, Outcome.REJECTED: 1}
    assert company.books(run).destination == counted
    company.close()


def test_an_update_that_was_in_doubt_is_sent_again(company):
    company.stage(firm("1", name="A"))
    company.load()
    company.stage(firm("1", name="B"))
    company.destination.faults.append(Fault.KILLED_BEFORE)
    with pytest.raises(KilledError):
        company.load()
    company.reopen()
    company.load()
    assert company.row("1")["name"] == "B"


def test_what_was_in_doubt_and_is_gone_from_staging_is_failed_and_in_the_book(company):
    company.stage(firm("1"), firm("2"))
    company.destination.faults.append(Fault.KILLED_BEFORE)
    with pytest.raises(KilledError):
        company.load()
    company.reopen()
    company.stage(firm("2"), rejected=[Rejected("src.firms", "1", ("broken",))])
    run = company.load()
    assert "1" in company.outcomes(run)
    assert company.books(run).source == {Outcome.FAILED: 1, Outcome.LOADED: 1}
    assert company.books(run).open_by == 0


ORDERS = st.lists(
    st.sampled_from([f for f in Fault if f is not Fault.LOST_LATE]),
    max_size=12,
)


STORY = {
    "faults": ORDERS,
    "bad": st.sets(st.integers(1, 6), max_size=3),
    "edits": st.lists(st.sampled_from(["A", "B", "C"]), max_size=2),
    "size": st.integers(1, 4),
}


@settings(max_examples=25)
@given(**STORY)
def test_each_source_record_has_one_outcome_and_no_target_is_made_twice(
    faults, bad, edits, size, tmp_path_factory
):
    assert_one_outcome(Database(SQLITE, tmp_path_factory.mktemp("c")), faults, bad, edits, size)


@settings(max_examples=6)
@given(**STORY)
def test_each_source_record_has_one_outcome_and_no_target_is_made_twice_on_a_server(
    faults, bad, edits, size, tmp_path_factory
):
    assert_one_outcome(Database(POSTGRESQL, tmp_path_factory.mktemp("c")), faults, bad, edits, size)


def assert_one_outcome(database, faults, bad, edits, size):
    company = Company(database.folder, routes=(firm_route(),), database=database)
    company.destination.batch_size = size
    company.destination.rejected.add("bad")
    company.destination.faults.extend(faults)
    for city in ["start", *edits]:
        names = ["bad" if n in bad else f"Firm {n}" for n in range(1, 7)]
        company.stage(*(firm(str(n), city=city, name=name) for n, name in enumerate(names, 1)))
        run = until_done(company)
        counted = company.books(run)
        assert counted.open_by == 0
        assert sum(counted.source.values()) == 6
        # An update that was made without an answer and refused when sent again looks like an edit there.
        assert sum(counted.destination.values()) + counted.source.get(Outcome.HELD, 0) == 6
    live = {t for t, row in company.destination.table("firm").items() if not row.trashed}
    linked = {link.target_id for page in links(company) for link in page}
    company.close()
    assert live == linked
    assert company.destination.made == dict.fromkeys(linked, 1)


def links(company):
    return company.ledger.links.scan("acme", "src.firms", "firm")


def until_done(company):
    while True:
        try:
            return company.load()
        except KilledError:
            company.reopen()


def test_the_findings_of_an_interrupted_gate_are_found_again(company):
    company.stage(firm("1"))
    company.destination.shape = lambda value: "other" if value == "Firm 1" else value
    run = company.load()
    assert company.ledger.findings.count(run) == {("firm", FindingKind.DIFFERS): 1}
    entries = [e for page in company.ledger.journal.done(run) for e in page]
    assert {e.state for e in entries} == {EntryState.DONE}
