"""Words that are records: many source records become one, and one that is there stays as it is."""

from core.tests.company import firm, firm_route

from crossdock.model import Outcome
from crossdock.values import Reference


def firms(company):
    return sorted(
        (row.values["name"], row.values.get("city")) for row in company.destination.table("firm").values()
    )


def test_words_that_are_the_same_become_one_record_without_asking(company):
    company.routes = [firm_route(match=["domain"], duplicates="merge")]
    company.stage(firm("1", domain="new"), firm("2", domain="new"), firm("3", domain="won"))
    run = company.load()
    assert firms(company) == [("Firm 1", None), ("Firm 3", None)]
    assert company.books(run).source == {Outcome.LOADED: 2, Outcome.MERGED: 1}
    assert company.target_id("1") == company.target_id("2")


def test_words_that_are_merged_stay_so_in_the_next_run(company):
    company.routes = [firm_route(match=["domain"], duplicates="merge")]
    company.stage(firm("1", domain="new"), firm("2", domain="new"))
    company.load()
    sent = len(company.destination.loads)
    assert company.books(company.load()).source == {Outcome.UNCHANGED: 2}
    assert len(company.destination.loads) == sent


def test_a_person_may_still_decide_otherwise(company):
    company.routes = [firm_route(match=["domain"], duplicates="merge")]
    company.decisions = {("duplicates", "2"): "skip"}
    company.stage(firm("1", domain="new"), firm("2", domain="new"))
    run = company.load()
    assert company.books(run).source == {Outcome.LOADED: 1, Outcome.SKIPPED: 1}


def test_several_words_become_the_one_that_is_there(company):
    company.routes = [firm_route(match=["domain"], duplicates="merge", existing="keep")]
    company.destination.add("firm", "there", name="New", domain="new")
    company.stage(firm("1", domain="new", city="Omsk"), firm("2", domain="new", city="Tver"))
    run = company.load()
    assert firms(company) == [("New", None)]
    assert company.books(run).source == {Outcome.MERGED: 2}


def test_a_word_that_stands_there_twice_is_the_first_of_them(company):
    company.routes = [firm_route(match=["domain"], duplicates="merge", existing="keep")]
    company.destination.add("firm", "a", name="New", domain="new")
    company.destination.add("firm", "b", name="New", domain="new")
    company.stage(firm("1", domain="new"))
    assert company.books(company.load()).source == {Outcome.MERGED: 1}


def test_a_record_that_is_kept_does_not_change_with_its_source(company):
    company.routes = [firm_route(match=["domain"], existing="keep")]
    company.destination.add("firm", "there", name="Admin", domain="a.test")
    company.stage(firm("1", domain="a.test"))
    company.load()
    company.stage(firm("1", domain="a.test", city="Omsk"))
    run = company.load()
    assert firms(company) == [("Admin", None)]
    assert company.books(run).source == {Outcome.UNCHANGED: 1}


def test_a_record_that_is_made_changes_with_its_source(company):
    company.routes = [firm_route(match=["domain"], existing="keep")]
    company.stage(firm("1", domain="a.test"))
    company.load()
    company.stage(firm("1", domain="a.test", city="Omsk"))
    company.load()
    assert firms(company) == [("Firm 1", "Omsk")]


# --- records that are kept ----------------------------------------------------------------------


def kept_route():
    return firm_route(match=["domain"], existing="keep")


def test_a_trashed_record_that_is_brought_back_is_kept_as_it_was(company):
    company.routes = [kept_route()]
    company.decisions = {("trash", "1"): "restore"}
    company.destination.add("firm", "there", name="Admin", domain="a.test", trashed=True)
    company.stage(firm("1", domain="a.test", city="Omsk"))
    company.load()
    row = company.destination.table("firm")["there"]
    assert (row.trashed, row.values["name"], row.values.get("city")) == (False, "Admin", None)


def test_a_second_pass_writes_nothing_into_a_record_that_is_kept(company):
    company.routes = [kept_route()]
    company.destination.add("firm", "there", name="Admin", domain="a.test")
    company.stage(firm("1", domain="a.test", parent=Reference("src.firms", "2")), firm("2", domain="b.test"))
    company.load()
    assert company.target_id("2") != ""
    assert company.destination.table("firm")["there"].values.get("parent") is None


def test_a_second_pass_writes_nothing_into_who_stands_in(company):
    company.routes = [firm_route(match=["domain"], create=False)]
    company.decisions = {("unmatched", "1"): "deputy"}
    company.destination.add("firm", "deputy", name="Deputy", domain="c.test")
    company.destination.add("firm", "b", name="B", domain="b.test")
    company.stage(firm("1", domain="a.test", parent=Reference("src.firms", "2")), firm("2", domain="b.test"))
    company.load()
    assert company.destination.table("firm")["deputy"].values.get("parent") is None


def test_a_kept_record_that_was_deleted_there_is_not_unchanged(company):
    company.routes = [kept_route()]
    company.destination.add("firm", "there", name="Admin", domain="a.test")
    company.stage(firm("1", domain="a.test"))
    company.load()
    company.destination.table("firm")["there"].trashed = True
    company.stage(firm("1", domain="a.test", city="Omsk"))
    run = company.load()
    assert company.outcomes(run)["1"][0] is Outcome.SKIPPED


def test_a_record_that_an_earlier_mapping_filled_is_kept_from_then_on(company):
    company.routes = [firm_route(match=["domain"])]
    company.destination.add("firm", "there", name="Admin", domain="a.test")
    company.stage(firm("1", domain="a.test", city="Omsk"))
    company.load()
    company.routes = [kept_route()]
    company.stage(firm("1", domain="a.test", city="Tver"))
    run = company.load()
    assert company.books(run).source == {Outcome.UNCHANGED: 1}
    assert company.destination.table("firm")["there"].values["city"] == "Omsk"
