"""Source records that share a match key: merged into one, kept apart or left out, as a person decided."""

import pytest
from core.tests.company import firm, firm_route

from crossdock.model import Outcome


@pytest.fixture
def twins(company):
    """Two firms with one domain, the second with a city that the first has not."""
    company.routes = [firm_route(match=["domain"])]
    company.stage(firm("1", domain="a.test"), firm("2", domain="a.test", city="Omsk"))
    return company


def decide(company, *decisions):
    company.decisions = {("duplicates", str(n)): decided for n, decided in enumerate(decisions, 1)}


def firms(company):
    return [row.values for row in company.destination.table("firm").values()]


def test_the_reason_names_the_other_record(twins):
    run = twins.load()
    phase = twins.ledger.runs.phases(run)[0]
    reasons = [line.reasons[0] for line in twins.ledger.books.lines(phase)]
    assert "domain a.test: acme/src.firms/2 (Firm 2)" in reasons[0]
    assert "domain a.test: acme/src.firms/1 (Firm 1)" in reasons[1]


def test_merged_records_become_the_first_one_with_its_empty_fields_filled(twins):
    decide(twins, "merge", "merge")
    run = twins.load()
    assert [(row["name"], row["city"]) for row in firms(twins)] == [("Firm 1", "Omsk")]
    assert twins.books(run).source == {Outcome.LOADED: 1, Outcome.MERGED: 1}
    assert twins.target_id("1") == twins.target_id("2")


def test_a_merged_record_stays_as_it_is_in_the_next_run(twins):
    decide(twins, "merge", "merge")
    twins.load()
    sent = len(twins.destination.loads)
    run = twins.load()
    assert len(twins.destination.loads) == sent
    assert twins.books(run).source == {Outcome.UNCHANGED: 2}


def test_what_a_merged_record_changes_later_does_not_overwrite_the_one_it_became(twins):
    decide(twins, "merge", "merge")
    twins.load()
    twins.stage(firm("1", domain="a.test"), firm("2", name="Other", domain="a.test", city="Tomsk"))
    twins.load()
    assert [(row["name"], row["city"]) for row in firms(twins)] == [("Firm 1", "Tomsk")]


def test_a_change_of_the_first_one_leaves_what_the_other_filled(twins):
    decide(twins, "merge", "merge")
    twins.load()
    twins.stage(firm("1", name="New", domain="a.test"), firm("2", domain="a.test", city="Omsk"))
    twins.load()
    assert [(row["name"], row["city"]) for row in firms(twins)] == [("New", "Omsk")]


def test_a_record_is_merged_into_one_that_was_loaded_before(twins):
    decide(twins, "load")
    twins.load()
    decide(twins, "", "merge")
    run = twins.load()
    assert len(firms(twins)) == 1
    assert twins.books(run).source == {Outcome.UNCHANGED: 1, Outcome.MERGED: 1}


def test_a_record_waits_when_the_one_to_be_merged_into_was_refused(twins):
    decide(twins, "merge", "merge")
    twins.destination.rejected.add("Firm 1")
    run = twins.load()
    assert twins.outcomes(run)["2"] == (Outcome.HELD, "duplicates")
    assert firms(twins) == []


def test_undecided_ones_wait_while_the_others_load(twins):
    decide(twins, "load")
    run = twins.load()
    assert twins.outcomes(run) == {"2": (Outcome.HELD, "duplicates")}
    assert [row["name"] for row in firms(twins)] == ["Firm 1"]


def test_an_unmatched_record_can_be_left_to_nobody(company):
    company.routes = [firm_route(match=["domain"], create=False)]
    company.decisions = {("unmatched", "1"): "none"}
    company.stage(firm("1", domain="a.test"))
    run = company.load()
    assert company.outcomes(run) == {"1": (Outcome.SKIPPED, "")}
