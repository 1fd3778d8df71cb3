"""Undoing some of a run: objects, single records, and what built upon them."""

from typing import Any

import pytest
from core.tests.company import firm, firm_route, person

from crossdock.errors import ConfigError, RefusedError
from crossdock.ledger import Intent, LinkState, RunState
from crossdock.model import Origin, TargetRecord
from crossdock.rollback.runs import undo_runs
from crossdock.values import Reference


class Opened:
    """What undo_runs needs of a migration."""

    def __init__(self, company):
        self.ledger, self.destination = company.ledger, company.destination
        self.destination_catalog = company.destination.discover()

    def hold(self):
        """Nobody else works on it."""

    def progress(self, *what):
        """Nobody looks."""


def undo(company, *records, objects=(), run_id=None, **more):
    options = {"dry_run": False, "force": False, "with_later": False} | more
    opened: Any = Opened(company)
    return undo_runs(opened, run_id, objects=objects, records=records, **options)


def link(company, key, source="src.firms", target="firm"):
    return company.ledger.links.of_keys("acme", source, target, [key])[0]


def keys(company, object_name="firm"):
    """Source keys of what is there, by the external id."""
    return sorted(
        row.external_id.rpartition("/")[2] for row in company.destination.table(object_name).values()
    )


@pytest.fixture
def loaded(company):
    """Three firms, the second a daughter of the first, and a person of the third."""
    company.stage(
        firm("1"),
        firm("2", parent=Reference("src.firms", "1")),
        firm("3"),
        person("7", firm=Reference("src.firms", "3")),
    )
    company.run = company.load()
    return company


def state_of(company):
    return company.ledger.runs.all()[0].state


def test_one_record_is_undone_and_the_others_stay(loaded):
    [(run, result)] = undo(loaded, "src.firms/2")
    assert (result.undone, result.total, result.complete) == (1, 1, True)
    assert keys(loaded) == ["1", "3"]
    assert (run.id, state_of(loaded)) == (loaded.run.id, RunState.DONE)
    assert link(loaded, "2").state is LinkState.UNDONE


def test_a_record_may_be_named_with_its_tenant(loaded):
    undo(loaded, "acme/src.people/7")
    assert loaded.destination.table("person") == {}


@pytest.mark.parametrize("name", ["src.people", "person", "src.people>person", "acme/src.people"])
def test_one_object_is_undone(loaded, name):
    undo(loaded, objects=[name])
    assert loaded.destination.table("person") == {}
    assert keys(loaded) == ["1", "2", "3"]


def test_what_is_left_of_the_run_can_be_undone_later(loaded):
    undo(loaded, "src.firms/2")
    undo(loaded, objects=["src.people"])
    [(_, result)] = undo(loaded)
    assert (result.undone, result.total, result.earlier) == (2, 2, 2)
    assert loaded.destination.table("firm") == {}
    assert state_of(loaded) is RunState.ROLLED_BACK


def test_a_run_of_which_each_record_was_undone_by_itself_is_rolled_back(loaded):
    undo(loaded, objects=["src.people"])
    undo(loaded, "src.firms/2", "src.firms/1", "src.firms/3")
    assert state_of(loaded) is RunState.ROLLED_BACK


def test_the_next_run_loads_again_what_was_undone(loaded):
    there = loaded.destination.state()
    undo(loaded, "src.firms/2")
    loaded.load()
    assert loaded.destination.state() == there


def test_a_delta_has_to_look_at_what_was_undone(loaded):
    undo(loaded, "src.firms/2")
    assert loaded.ledger.links.forgotten("acme", "src.firms", "firm") == {"2"}


@pytest.mark.parametrize(
    ("record", "referring"), [("src.firms/1", "acme/src.firms/2"), ("src.firms/3", "acme/src.people/7")]
)
def test_a_record_that_others_refer_to_is_refused_with_their_names_and_nothing_is_undone(
    loaded, record, referring
):
    there = loaded.destination.state()
    with pytest.raises(RefusedError, match=referring) as caught:
        undo(loaded, record)
    assert "--with-later" in caught.value.hint
    assert loaded.destination.state() == there


def test_with_later_what_refers_to_it_goes_too(loaded):
    [(_, result)] = undo(loaded, "src.firms/3", with_later=True)
    assert result.undone == 2
    assert (keys(loaded), loaded.destination.table("person")) == (["1", "2"], {})


def test_records_that_refer_to_each_other_go_together_when_all_are_named(loaded):
    [(_, result)] = undo(loaded, "src.firms/3", "src.people/7")
    assert result.undone == 2


def test_a_record_that_people_made_and_that_refers_to_it_is_named(loaded):
    loaded.destination.add("person", "theirs", name="Theirs", firm=loaded.target_id("3"))
    with pytest.raises(RefusedError, match=r"person theirs \(firm\)"):
        undo(loaded, "src.firms/3", with_later=True)
    assert keys(loaded) == ["1", "2", "3"]


def test_a_record_that_became_the_same_one_there_is_named(company):
    company.routes = [firm_route(match=["domain"], duplicates="merge")]
    company.decisions = {("duplicates", "1"): "merge", ("duplicates", "2"): "merge"}
    company.stage(firm("1", domain="a.test"), firm("2", domain="a.test", city="Omsk"))
    company.load()
    maker = next(k for k in "12" if link(company, k).made_by is not None)
    other = "2" if maker == "1" else "1"
    with pytest.raises(RefusedError, match=f"acme/src.firms/{other}"):
        undo(company, f"src.firms/{maker}")
    undo(company, f"src.firms/{maker}", with_later=True)
    assert company.destination.table("firm") == {}


def test_a_later_run_that_wrote_to_the_record_is_named_and_one_that_did_not_is_no_hindrance(loaded):
    loaded.stage(firm("1"), firm("2", parent=Reference("src.firms", "1"), city="Omsk"), firm("3"))
    later = loaded.load()
    with pytest.raises(RefusedError, match=later.id):
        undo(loaded, "src.firms/2", run_id=loaded.run.id)
    undo(loaded, objects=["src.people"], run_id=loaded.run.id)
    assert loaded.destination.table("person") == {}


def test_with_later_the_later_run_is_undone_of_that_record_alone(loaded):
    changed = [firm(n, city="Omsk") for n in "13"]
    loaded.stage(*changed, firm("2", parent=Reference("src.firms", "1"), city="Omsk"))
    loaded.load()
    assert [r.undone for _, r in undo(loaded, "src.firms/2", run_id=loaded.run.id, with_later=True)] == [1, 1]
    assert {row.values["city"] for row in loaded.destination.table("firm").values()} == {"Omsk"}
    assert keys(loaded) == ["1", "3"]


def test_without_a_run_the_newest_one_that_wrote_to_the_record_is_taken(loaded):
    loaded.stage(*(firm(n, city="Omsk") for n in "13"))
    loaded.load()
    [(run, _)] = undo(loaded, "src.people/7")
    assert run.id == loaded.run.id


def test_a_dry_run_says_what_would_be_undone_and_changes_nothing(loaded):
    there = loaded.destination.state()
    [(_, said)] = undo(loaded, "src.firms/3", with_later=True, dry_run=True)
    assert (said.undone, said.proof) == (2, None)
    assert loaded.destination.state() == there
    assert link(loaded, "3").state is LinkState.LIVE
    [(_, done)] = undo(loaded, "src.firms/3", with_later=True)
    assert (done.undone, done.deeds) == (said.undone, said.deeds)


def test_the_schema_of_a_run_stays_while_only_some_of_its_records_are_undone(loaded):
    wanted = [loaded.destination.schemas["firm"]]
    loaded.ledger.changes.plan(loaded.run, list(loaded.destination.provision(wanted, True)))
    undo(loaded, "src.firms/2")
    assert loaded.destination.schemas["firm"] == wanted[0]


def test_a_run_that_has_not_ended_is_undone_as_a_whole_or_not(company):
    company.stage(firm("1"))
    run = company.load()
    company.ledger.runs.end(run, RunState.RUNNING)
    with pytest.raises(RefusedError, match="has not ended"):
        undo(company, "src.firms/1")
    assert undo(company)[0][1].undone == 1


@pytest.mark.parametrize(
    ("records", "objects", "message"),
    [
        (["src.firms/99"], [], "no record 'src.firms/99' was ever loaded"),
        (["1"], [], "no record '1'"),
        ([], ["nothing"], "object 'nothing'"),
    ],
)
def test_a_name_that_nothing_is_known_of_is_refused(loaded, records, objects, message):
    with pytest.raises(ConfigError, match=message):
        undo(loaded, *records, objects=objects)


def test_a_key_of_several_tenants_needs_the_tenant(loaded):
    run = loaded.ledger.runs.start("run", "fake-1")
    phase = loaded.ledger.runs.phase(run, "north", "src.firms>firm", 0, "src.firms", "firm")
    target = TargetRecord("firm", Origin("north", "src.firms", "2"), "n2", "p1:north", {"name": "North"})
    loaded.ledger.journal.intend(run, phase, [Intent(target, "hash")])
    with pytest.raises(ConfigError, match=r"several tenants: acme, north"):
        undo(loaded, "src.firms/2", run_id=loaded.run.id)


def test_many_records_may_be_named(company):
    company.destination.batch_size = 100
    company.stage(*(firm(str(n)) for n in range(600)))
    company.load()
    [(_, result)] = undo(company, *(f"src.firms/{n}" for n in range(0, 600, 1) if n % 6))
    assert (result.undone, result.total) == (500, 500)
    assert len(company.destination.table("firm")) == 100


@pytest.fixture
def built_in_three_runs(company):
    """A firm, in a later run a daughter of it, and in one after that a daughter of the daughter."""
    firms = [
        firm("1"),
        firm("2", parent=Reference("src.firms", "1")),
        firm("3", parent=Reference("src.firms", "2")),
    ]
    company.runs = []
    for n in (1, 2, 3):
        company.stage(*firms[:n])
        company.runs.append(company.load())
    return company


def test_with_later_what_builds_on_what_a_later_run_made_goes_too(built_in_three_runs):
    company = built_in_three_runs
    first, second, third = company.runs
    done = undo(company, "src.firms/1", run_id=first.id, with_later=True)
    assert [(run.id, result.undone) for run, result in done] == [(third.id, 1), (second.id, 1), (first.id, 1)]
    assert keys(company) == []
    assert {link(company, n).state for n in "123"} == {LinkState.UNDONE}


def test_a_record_that_people_made_and_that_refers_to_what_later_runs_made_is_named(built_in_three_runs):
    company = built_in_three_runs
    company.destination.add("person", "theirs", name="Theirs", firm=company.target_id("3"))
    with pytest.raises(RefusedError, match=r"1 records that people made .*person theirs \(firm\)"):
        undo(company, "src.firms/1", run_id=company.runs[0].id, with_later=True)
    assert keys(company) == ["1", "2", "3"]
