"""Records that exist at the destination before the first load, and records that look alike."""

from dataclasses import replace

import pytest
from core.tests.company import FIRM, firm, firm_route

from crossdock.loading.matching import match_value
from crossdock.model import Observation, Origin, Outcome, TargetRecord
from crossdock.values import Link, PersonName


@pytest.fixture
def matching(company):
    company.routes = [firm_route(match=["domain"])]
    return company


def names(company):
    return sorted(row.values["name"] for row in company.destination.table("firm").values())


def test_a_record_that_is_there_already_is_merged_and_nothing_of_it_is_blanked_out(matching):
    matching.destination.add("firm", "old", name="Old", domain="a.test", city="Omsk")
    matching.stage(firm("1", domain="a.test"))
    run = matching.load()
    assert matching.destination.rows["firm"]["old"].values == {
        "name": "Firm 1",
        "domain": "a.test",
        "city": "Omsk",
    }
    assert matching.books(run).source == {Outcome.MERGED: 1}
    assert matching.target_id("1") == "old"


def test_a_merged_record_that_holds_everything_already_is_sent_nothing(matching):
    matching.destination.add("firm", "old", name="Firm 1", domain="a.test")
    matching.stage(firm("1", domain="a.test"))
    run = matching.load()
    assert matching.destination.loads == []
    assert matching.books(run).source == {Outcome.MERGED: 1}
    assert matching.books(run).destination == {Outcome.UNCHANGED: 1}


def test_a_record_without_a_match_value_is_created(matching):
    matching.stage(firm("1"), firm("2"))
    run = matching.load()
    assert matching.books(run).source == {Outcome.LOADED: 2}


def test_match_keys_are_tried_in_their_order(company):
    company.routes = [firm_route(match=["domain", ["name", "city"]])]
    company.destination.add("firm", "by domain", name="X", domain="a.test")
    company.destination.add("firm", "by name", name="Firm 1", city="Omsk")
    company.stage(firm("1", domain="a.test", city="Omsk"), firm("2", name="Firm 1", city="Omsk", domain="b"))
    company.load()
    assert company.target_id("1") == "by domain"
    assert company.target_id("2") == "by name"


def test_several_matches_at_the_destination_are_put_to_a_person(company):
    company.routes = [firm_route(match=["name"])]
    company.destination.add("firm", "a", name="Firm 1")
    company.destination.add("firm", "b", name="Firm 1")
    company.stage(firm("1"))
    run = company.load()
    assert company.outcomes(run) == {"1": (Outcome.HELD, "duplicates")}
    assert company.destination.loads == []


def test_a_match_that_came_from_another_source_record_is_put_to_a_person(matching):
    matching.destination.add("firm", "old", name="Old", domain="a.test")
    matching.destination.rows["firm"]["old"].external_id = "p1:acme/src.firms/9"
    matching.stage(firm("1", domain="a.test"))
    run = matching.load()
    assert matching.outcomes(run) == {"1": (Outcome.HELD, "duplicates")}


def test_source_records_with_the_same_match_key_are_held_together(matching):
    matching.stage(firm("1", domain="A.test "), firm("2", domain="a.test"), firm("3", domain="c.test"))
    run = matching.load()
    held = (Outcome.HELD, "duplicates")
    assert matching.outcomes(run) == {"1": held, "2": held}
    assert names(matching) == ["Firm 3"]


def test_a_person_can_decide_which_duplicate_is_loaded(matching):
    matching.stage(firm("1", domain="a.test"), firm("2", domain="a.test"))
    matching.decisions = {("duplicates", "1"): "load", ("duplicates", "2"): "skip"}
    run = matching.load()
    assert matching.outcomes(run) == {"2": (Outcome.SKIPPED, "")}
    assert names(matching) == ["Firm 1"]


def test_duplicates_are_loaded_when_the_mapping_says_so(company):
    company.routes = [firm_route(match=["city"], duplicates="keep")]
    company.stage(firm("1", city="Omsk"), firm("2", city="Omsk"))
    run = company.load()
    assert company.books(run).source == {Outcome.LOADED: 2}


def test_a_record_that_may_not_be_created_waits_when_it_is_not_there(company):
    company.routes = [firm_route(match=["domain"], create=False)]
    company.stage(firm("1", domain="a.test"))
    run = company.load()
    assert company.outcomes(run) == {"1": (Outcome.HELD, "unmatched")}
    assert company.destination.loads == []


def test_a_person_can_name_the_record_that_stands_for_it(company):
    company.routes = [firm_route(match=["domain"], create=False)]
    company.destination.add("firm", "boss", name="Boss")
    company.decisions = {("unmatched", "1"): "boss", ("unmatched", "2"): "nobody"}
    company.stage(firm("1", domain="a.test"), firm("2", domain="b.test"))
    run = company.load()
    assert company.target_id("1") == "boss"
    assert company.outcomes(run) == {"2": (Outcome.HELD, "unmatched")}
    phase = company.ledger.runs.phases(run)[0]
    assert "'nobody' is not there either" in company.ledger.books.lines(phase)[0].reasons[0]
    assert company.destination.rows["firm"]["boss"].values == {"name": "Boss"}


def test_an_object_that_is_only_found_is_never_written(company):
    company.destination.schemas["firm"] = replace(FIRM, match_only=True)
    company.routes = [firm_route(match=["domain"])]
    company.destination.add("firm", "old", name="Old", domain="a.test")
    company.stage(firm("1", domain="a.test"))
    company.load()
    assert company.destination.loads == []
    assert company.target_id("1") == "old"


@pytest.mark.parametrize("domain", ["a.test", "b.test"])
def test_a_match_in_the_trash_waits_for_a_decision(matching, domain):
    matching.destination.add("firm", "old", trashed=True, name="Old", domain=domain)
    matching.stage(firm("1", domain=domain))
    run = matching.load()
    assert matching.outcomes(run) == {"1": (Outcome.HELD, "trash")}


def test_a_match_in_the_trash_can_be_restored(matching):
    matching.destination.add("firm", "old", trashed=True, name="Old", domain="a.test")
    matching.decisions = {("trash", "1"): "restore"}
    matching.stage(firm("1", domain="a.test"))
    run = matching.load()
    row = matching.destination.rows["firm"]["old"]
    assert (row.trashed, row.values["name"]) == (False, "Firm 1")
    assert matching.books(run).source == {Outcome.MERGED: 1}


def test_a_match_in_the_trash_can_be_left_there(matching):
    matching.destination.add("firm", "old", trashed=True, name="Old", domain="a.test")
    matching.decisions = {("trash", "1"): "skip"}
    matching.stage(firm("1", domain="a.test"))
    run = matching.load()
    assert matching.outcomes(run) == {"1": (Outcome.SKIPPED, "")}


def test_a_record_that_could_not_be_restored_is_tried_again_by_the_next_run(matching):
    matching.destination.add("firm", "old", trashed=True, name="Old", domain="a.test")
    matching.destination.rejected.add("Firm 1")
    matching.decisions = {("trash", "1"): "restore"}
    matching.stage(firm("1", domain="a.test"))
    assert matching.books(matching.load()).source == {Outcome.REJECTED: 1}
    matching.destination.rejected.clear()
    assert matching.books(matching.load()).source == {Outcome.MERGED: 1}
    assert not matching.destination.rows["firm"]["old"].trashed


def test_a_live_match_goes_before_one_in_the_trash(company):
    company.routes = [firm_route(match=["name"])]
    company.destination.add("firm", "dead", trashed=True, name="Firm 1")
    company.destination.add("firm", "live", name="Firm 1")
    company.stage(firm("1"))
    company.load()
    assert company.target_id("1") == "live"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("A.test", " a.test"),
        (("x@a.test", "y@a.test"), "X@A.test"),
        (Link("https://a.test/"), Link("http://www.A.test")),
        (Link("a.test/x"), Link("https://a.test/x")),
        (PersonName("Anna", "Petrova", "Ivanovna"), PersonName("anna ivanovna", "Petrova")),
        (7, 7),
    ],
)
def test_match_values_ignore_case_outer_spaces_and_all_but_the_first_of_several(one, two):
    assert value_of(one) == value_of(two)


def test_a_match_key_of_an_unknown_field_matches_nothing():
    target = TargetRecord("firm", Origin("acme", "src.firms", "1"), "t", "e", {"nothing": "x"})
    assert match_value(target, ("nothing",), FIRM) is None


def test_what_the_destination_finds_without_the_match_field_is_no_match(matching):
    class Odd:
        def reconcile(self, object_name, selection):
            yield Observation("firm", "odd", {})

    run = matching.ledger.runs.start("run", "fake-1")
    context = replace(matching.context(run, matching.routes[0], "x", 0), destination=Odd())
    from crossdock.loading.matching import find_existing

    target = TargetRecord("firm", Origin("acme", "src.firms", "1"), "t", "e", {"domain": "a.test"})
    assert find_existing(context, [target]) == {}


def value_of(value):
    target = TargetRecord("firm", Origin("acme", "src.firms", "1"), "t", "e", {"domain": value})
    return match_value(target, ("domain",), FIRM)
