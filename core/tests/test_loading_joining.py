"""Source records that share a match key: merged into one, kept apart or left out, as a person decided."""

import pytest
from core.tests.company import firm, firm_route

from crossdock.loading.duplicates import Group, Member, SharedKeys, loaded_in
from crossdock.model import Origin, Outcome, TargetRecord
from crossdock.normalisations import GAVE_WAY
from crossdock.report import as_text, report_of


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


def gave_way(company, run):
    return [
        (f.origin.key, f.field_name, f.expected, f.actual)
        for f in company.ledger.findings.of_run(run)
        if f.note == GAVE_WAY
    ]


def test_a_value_that_gave_way_is_a_finding_with_both_values(twins):
    decide(twins, "merge", "merge")
    run = twins.load()
    assert gave_way(twins, run) == [("2", "name", "Firm 2", "Firm 1")]


def test_a_merged_record_that_fills_nothing_has_its_values_among_the_findings(twins):
    twins.stage(firm("1", domain="a.test", city="Tver"), firm("2", domain="a.test", city="Omsk"))
    decide(twins, "merge", "merge")
    run = twins.load()
    lost = [("2", "name", "Firm 2", "Firm 1"), ("2", "city", "Omsk", "Tver")]
    assert gave_way(twins, run) == lost


def test_the_report_shows_each_value_that_gave_way(twins):
    decide(twins, "merge", "merge")
    run = twins.load()
    answer = report_of(twins.ledger, twins.staging, run, twins.folder / "queues")
    line = f"  acme/src.firms/2: merged into firm {twins.target_id('1')}: name: Firm 2 gave way to Firm 1"
    assert line in as_text(answer)
    assert "nothing to do" not in as_text(answer)


def test_a_merge_is_undone_without_a_trace(twins):
    before = twins.destination.state()
    decide(twins, "merge", "merge")
    result = twins.rollback(twins.load())
    assert result.complete
    assert twins.destination.state() == before


def test_what_a_merged_record_filled_is_undone_in_a_request_before_the_record_itself(twins, monkeypatch):
    decide(twins, "merge", "merge")
    run, requests, send = twins.load(), [], twins.destination.rollback

    def noted(entries, dry_run):
        requests.append([entry.origin.key for entry in entries])
        return send(entries, dry_run)

    monkeypatch.setattr(twins.destination, "rollback", noted)
    twins.rollback(run)
    assert requests == [["2"], ["1"]]


def test_a_rehearsed_rollback_of_a_merge_keeps_nothing(twins):
    decide(twins, "merge", "merge")
    assert twins.rollback(twins.load(), dry_run=True).kept == []


def test_a_persons_edit_of_what_a_merged_record_filled_is_kept(twins):
    decide(twins, "merge", "merge")
    run = twins.load()
    twins.row("1")["city"] = "Tomsk"
    result = twins.rollback(run)
    assert {where for where, _ in result.kept} == {"acme/src.firms/1", "acme/src.firms/2"}


def test_a_merge_that_was_undone_can_be_made_again(twins):
    decide(twins, "merge", "merge")
    twins.rollback(twins.load())
    run = twins.load()
    assert [(row["name"], row["city"]) for row in firms(twins)] == [("Firm 1", "Omsk")]
    assert twins.books(run).source == {Outcome.LOADED: 1, Outcome.MERGED: 1}


def refused_twin(company):
    """The second firm was to be loaded, and its domain is unique at the destination."""
    decide(company, "load", "load")
    run = company.load()
    phase = company.ledger.runs.phases(run)[0]
    (line,) = company.ledger.books.lines(phase)
    return run, line


def test_a_duplicate_of_a_unique_value_is_told_what_to_decide_instead(twins):
    _, line = refused_twin(twins)
    assert line.outcome is Outcome.REJECTED
    assert line.reasons[-1] == (
        f"domain is unique at the destination, and {twins.target_id('1')} holds the same value there:"
        " decide merge or skip for it in queues/duplicates.csv instead of load"
    )


def test_the_next_step_after_a_refused_duplicate_is_its_decision(twins):
    run, _ = refused_twin(twins)
    steps = report_of(twins.ledger, twins.staging, run, twins.folder / "queues")["next"]
    assert any("decide merge or skip" in step for step in steps)
    assert not any("correct 1" in step for step in steps)


def test_a_refused_record_of_another_reason_is_told_no_such_thing(twins):
    twins.stage(firm("1", domain="a.test"), firm("2", domain="b.test"))
    twins.destination.rejected.add("Firm 2")
    _, line = refused_twin(twins)
    assert "unique" not in " ".join(line.reasons)


def test_a_refused_duplicate_that_is_merged_later_was_not_made_by_this_project(twins):
    refused_twin(twins)
    decide(twins, "merge", "merge")
    twins.load()
    (link,) = twins.ledger.links.of_keys("acme", "src.firms", "firm", ["2"])
    assert (link.made_by, link.target_id, link.base) == (None, twins.target_id("1"), {"city": "Omsk"})
    assert [(row["name"], row["city"]) for row in firms(twins)] == [("Firm 1", "Omsk")]


def test_a_refused_duplicate_that_is_merged_later_is_undone_without_a_trace(twins):
    before = twins.destination.state()
    first, _ = refused_twin(twins)
    decide(twins, "merge", "merge")
    second = twins.load()
    assert [twins.rollback(run).complete for run in (second, first)] == [True, True]
    assert twins.destination.state() == before


def test_what_several_records_are_merged_into_is_read_once_for_them_and_once_at_the_gate(twins, monkeypatch):
    decide(twins, "load")
    twins.load()
    twins.stage(*(firm(str(n), domain="a.test", city="Omsk") for n in range(2, 5)))
    decide(twins, "", "merge", "merge", "merge")
    leader, reads, read = twins.target_id("1"), [], twins.destination.reconcile

    def noted(object_name, selection):
        reads.extend([selection.ids] if leader in (selection.ids or ()) else [])
        return read(object_name, selection)

    monkeypatch.setattr(twins.destination, "reconcile", noted)
    run = twins.load()

    assert twins.books(run).source[Outcome.MERGED] == 3
    assert reads == [(leader,), (leader,)]


def test_which_of_many_records_are_loaded_is_one_question(twins, monkeypatch):
    decide(twins, "load")
    twins.load()
    origins = [Origin("acme", "src.firms", str(n)) for n in range(1, 9)]
    asked, ask = [], twins.ledger.links.of_keys

    def noted(*args):
        asked.append(args)
        return ask(*args)

    monkeypatch.setattr(twins.ledger.links, "of_keys", noted)

    assert loaded_in(twins.ledger)(origins, "firm") == {origins[0]}
    assert len(asked) == 1


def test_the_records_of_all_groups_that_wait_are_asked_about_at_once():
    origins = [Origin("acme", "src.firms", str(n)) for n in range(6)]
    groups = [Group((("domain",), (n,)), [Member(o, "") for o in origins[n : n + 2]]) for n in (0, 2, 4)]
    asked = []

    def loaded(some, target):
        asked.append((list(some), target))
        return {origins[3]}

    shared = SharedKeys({"firm": groups}, {("acme", "src.firms", "5"): "merge"}, loaded)

    assert [member.origin for _, member, _ in shared.undecided()] == [origins[n] for n in (0, 1, 2, 4)]
    assert asked == [(origins[:5], "firm")]


# --- what is left as it is, in several tenants ---------------------------------------------------


@pytest.fixture
def of_tenant(company, monkeypatch):
    """Stages and loads firms as those of a tenant; the outcomes by key."""
    company.routes = [firm_route(match=["domain"], existing="keep")]

    def load(tenant, *records):
        monkeypatch.setattr("core.tests.company.TENANT", tenant)
        company.stage(*records)
        run = company.load()
        return company.books(run).source, company.outcomes(run)

    return load


def test_a_record_that_is_left_as_it_is_is_that_of_another_tenant_too(company, of_tenant):
    of_tenant("north", firm("1", domain="a.test"))
    source, _ = of_tenant("south", firm("1", name="Other", domain="a.test", city="Omsk"))
    assert source == {Outcome.MERGED: 1}
    assert [(row["name"], row["city"]) for row in firms(company)] == [("Firm 1", None)]


def test_a_record_that_was_there_before_is_that_of_every_tenant(company, of_tenant):
    company.destination.add("firm", "there", name="Old", domain="a.test")
    sources = [of_tenant(name, firm("1", domain="a.test"))[0] for name in ("north", "south", "west")]
    assert sources == [{Outcome.MERGED: 1}] * 3
    assert [row["name"] for row in firms(company)] == ["Old"]


def test_a_second_record_of_the_same_tenant_waits_for_a_decision(company, of_tenant):
    of_tenant("north", firm("1", domain="a.test"))
    of_tenant("south", firm("1", domain="a.test"))
    _, outcomes = of_tenant("south", firm("1", domain="a.test"), firm("2", domain="a.test"))
    assert outcomes["2"] == (Outcome.HELD, "duplicates")


def test_what_is_filled_up_is_never_that_of_another_tenant_unasked(company, of_tenant):
    company.routes = [firm_route(match=["domain"])]
    of_tenant("north", firm("1", domain="a.test"))
    _, outcomes = of_tenant("south", firm("1", domain="a.test"))
    assert outcomes == {"1": (Outcome.HELD, "duplicates")}


@pytest.mark.parametrize(
    ("tenants", "keeps", "decided"),
    [
        (("north", "south"), True, ["merge", "merge"]),
        (("north", "south"), False, ["", ""]),
        (("north", "south", "south"), True, ["", "", ""]),
    ],
)
def test_only_what_is_left_as_it_is_and_once_in_each_tenant_is_merged_unasked(tenants, keeps, decided):
    origins = [Origin(tenant, "src.firms", str(n)) for n, tenant in enumerate(tenants)]
    group = Group(((("domain",)), ("a.test",)), [Member(origin, "", keeps=keeps) for origin in origins])
    shared = SharedKeys({"firm": [group]}, {}, lambda _origins, _name: set())
    assert [shared.decision(TargetRecord("firm", origin, "", "", {})) for origin in origins] == decided
