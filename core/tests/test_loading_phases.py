from core.tests.company import firm, firm_route, person

from crossdock.ledger import LinkState, PhaseState
from crossdock.loading import load_deferred, load_phase
from crossdock.model import FindingKind, Outcome, Rejected


def test_every_record_is_created_with_its_values_and_its_external_id(company):
    company.stage(firm("1", city="Kazan"), firm("2"))
    run = company.load()
    row = company.destination.table("firm")[company.target_id("1")]
    assert (row.values["name"], row.values["city"]) == ("Firm 1", "Kazan")
    assert row.external_id == "p1:acme/src.firms/1"
    assert company.books(run).source == {Outcome.LOADED: 2}
    assert company.books(run).destination == {Outcome.CREATED: 2}
    assert company.books(run).open_by == 0


def test_a_second_run_sends_nothing_for_what_did_not_change(company):
    company.stage(firm("1"), firm("2"))
    company.load()
    sent = len(company.destination.loads)
    run = company.load()
    assert len(company.destination.loads) == sent
    assert company.books(run).source == {Outcome.UNCHANGED: 2}
    assert company.books(run).destination == {Outcome.UNCHANGED: 2}
    assert company.books(run).open_by == 0


def test_a_reference_to_an_earlier_phase_is_written_at_once(company):
    company.stage(firm("1"), person("7", firm=ref("src.firms", "1")))
    company.load()
    row = company.destination.table("person")[company.target_id("7", "src.people", "person")]
    assert row.values["firm"] == company.target_id("1")


def test_a_reference_within_a_phase_is_written_in_the_second_pass(company):
    company.stage(firm("1", parent=ref("src.firms", "2")), firm("2"))
    run = company.load()
    assert company.row("1")["parent"] == company.target_id("2")
    names = [phase.name for phase in company.ledger.runs.phases(run)]
    assert names == ["src.firms>firm", "src.people>person", "src.firms>firm (second pass)"]


def test_after_the_second_pass_nothing_is_left_to_send(company):
    company.stage(firm("1", parent=ref("src.firms", "2")), firm("2"))
    company.load()
    sent = len(company.destination.loads)
    company.load()
    assert len(company.destination.loads) == sent


def test_a_reference_that_leads_nowhere_in_the_second_pass_is_left_out_and_noted(company):
    company.stage(firm("1", parent=ref("src.firms", "2")), firm("2", name="bad"))
    company.destination.rejected.add("bad")
    run = company.load()
    assert "parent" not in company.row("1") or company.row("1")["parent"] is None
    assert company.books(run).source == {Outcome.LOADED: 1, Outcome.REJECTED: 1}


def test_a_required_reference_that_leads_nowhere_is_in_the_book_of_the_second_pass(company):
    fields = {"name": "name", "parent": {"from": "parent", "reference": "firm"}}
    company.routes = [firm_route(fields=fields)]
    company.stage(firm("1", parent=ref("src.firms", "2")), firm("2", name="bad"))
    company.destination.rejected.add("bad")
    run = company.load()
    (line,) = company.ledger.books.lines(company.ledger.runs.phases(run)[1])
    assert (line.key, line.outcome) == ("1", Outcome.REJECTED)
    assert "loaded, but without parent" in line.reasons[0]


def test_a_staged_record_that_is_gone_in_the_second_pass_is_in_its_book(company):
    company.routes = [firm_route()]
    company.stage(firm("1", parent=ref("src.firms", "2")), firm("2"))
    run = company.ledger.runs.start("run", "fake-1")
    first = company.context(run, company.routes[0], "first", 0)
    load_phase(first)
    company.stage(firm("2"), rejected=[Rejected("src.firms", "1", ("broken",))])
    second = company.context(run, company.routes[0], "second", 1)
    load_deferred(second, first.record)
    (line,) = company.ledger.books.lines(second.record)
    assert "gone since" in line.reasons[0]


def test_a_phase_that_is_loaded_is_not_loaded_again(company):
    company.stage(firm("1"))
    run = company.ledger.runs.start("run", "fake-1")
    load_phase(company.context(run, company.routes[0], "x", 0))
    again = company.context(run, company.routes[0], "x", 0)
    assert again.record.state is PhaseState.LOADED
    company.stage(firm("1"), firm("2"))
    load_phase(again)
    load_deferred(again, again.record)
    assert len(company.destination.table("firm")) == 1


def test_a_rejected_record_is_in_the_book_with_the_platforms_own_words(company):
    company.stage(firm("1", name="bad"), firm("2"))
    company.destination.rejected.add("bad")
    run = company.load()
    assert company.outcomes(run) == {"1": (Outcome.REJECTED, "")}
    phase = company.ledger.runs.phases(run)[0]
    assert company.ledger.books.lines(phase)[0].reasons == ("bad: this name is not taken",)
    assert company.books(run).destination == {Outcome.CREATED: 1, Outcome.REJECTED: 1}
    assert company.books(run).open_by == 0


def test_a_record_that_was_rejected_is_tried_again_by_the_next_run(company):
    company.stage(firm("1", name="bad"))
    company.destination.rejected.add("bad")
    company.load()
    company.destination.rejected.clear()
    run = company.load()
    assert company.books(run).source == {Outcome.LOADED: 1}
    assert company.row("1")["name"] == "bad"


def test_an_item_that_nobody_can_read_is_in_the_book(company):
    company.stage(firm("1"), rejected=[Rejected("src.firms", "9", ("no key",))])
    run = company.load()
    assert company.outcomes(run) == {"9": (Outcome.REJECTED, "")}
    assert company.books(run).open_by == 0


def test_a_record_that_became_unreadable_leaves_the_books_closed(company):
    company.stage(firm("1"), firm("2"))
    company.load()
    company.stage(firm("1"), rejected=[Rejected("src.firms", "2", ("broken",))])
    run = company.load()
    assert company.books(run).source == {Outcome.UNCHANGED: 1, Outcome.REJECTED: 1}
    assert company.books(run).open_by == 0


def test_a_record_left_out_by_a_rule_is_skipped_by_that_rule(company):
    company.routes = [firm_route(where="city == 'Kazan'")]
    company.stage(firm("1", city="Kazan"), firm("2", city="Ufa"))
    run = company.load()
    (line,) = company.ledger.books.lines(company.ledger.runs.phases(run)[0])
    assert (line.key, line.outcome) == ("2", Outcome.SKIPPED)
    assert "Kazan" in line.reasons[0]


def test_a_record_that_waits_for_its_reference_is_held(company):
    company.stage(person("7", firm=ref("src.firms", "gone")))
    run = company.load()
    assert company.outcomes(run, 1) == {"7": (Outcome.HELD, "references")}


def test_a_source_record_with_several_targets_ends_as_the_worst_of_them(company):
    route = firm_route(fields={"name": "item"}, for_each="names")
    company.routes = [route]
    company.stage(firm("1", names=("good", "bad")))
    company.destination.rejected.add("bad")
    run = company.load()
    assert company.books(run).source == {Outcome.REJECTED: 1}
    assert company.books(run).destination == {Outcome.CREATED: 1, Outcome.REJECTED: 1}
    again = company.load()
    assert company.books(again).source == {Outcome.REJECTED: 1}
    assert company.books(again).destination == {Outcome.UNCHANGED: 1, Outcome.REJECTED: 1}
    assert company.books(again).open_by == 0


def test_loading_tells_how_many_more_records_are_in_the_books(company):
    told: list[int] = []
    company.stage(firm("1"), firm("2"))
    run = company.ledger.runs.start("run", "fake-1")
    context = company.context(run, company.routes[0], "x", 0)
    object.__setattr__(context, "on_progress", told.append)
    load_phase(context)
    assert told == [2]


def test_what_was_written_is_read_back_and_kept_as_the_base(company):
    company.destination.shape = lambda value: value.strip() if isinstance(value, str) else value
    company.stage(firm("1", name=" A "))
    company.load()
    (links,) = company.ledger.links.scan("acme", "src.firms", "firm")
    assert links[0].base["name"] == "A"


def test_the_gate_counts_records_that_differ_and_passes_by_its_allowance(company):
    company.destination.shape = lambda value: "other" if value == "Firm 1" else value
    company.stage(firm("1"), firm("2"))
    run = company.load()
    settlement = company.settlements[0]
    assert (settlement.checked, settlement.failing) == (2, 1)
    assert company.ledger.findings.count(run) == {("firm", FindingKind.DIFFERS): 1}
    assert settlement.passes(0.5)
    assert not settlement.passes(0.4)


def test_the_gate_counts_records_that_vanished_before_they_were_read_back(company):
    company.stage(firm("1"))
    keep = company.destination._keep
    company.destination._keep = lambda *args: (keep(*args), company.destination.rows.clear())[0]
    run = company.load()
    assert company.ledger.findings.count(run) == {("firm", FindingKind.NEVER_ARRIVED): 1}


def test_a_normalised_value_passes_the_gate(company):
    company.destination.shape = lambda value: value.strip() if isinstance(value, str) else value
    company.stage(firm("1", name=" A "))
    run = company.load()
    assert company.settlements[0].passes(0)
    assert company.ledger.findings.count(run) == {("firm", FindingKind.NORMALISED): 1}


def test_a_record_whose_staged_form_is_gone_still_gets_its_base(company):
    company.stage(firm("1"))
    run = company.ledger.runs.start("run", "fake-1")
    context = company.context(run, company.routes[0], "x", 0)
    load_phase(context)
    company.stage(rejected=[Rejected("src.firms", "1", ("broken",))])
    from crossdock.loading import settle_phase

    settlement = settle_phase(context, 10)
    assert (settlement.checked, settlement.failing) == (1, 0)
    assert company.ledger.findings.count(run) == {}
    (links,) = company.ledger.links.scan("acme", "src.firms", "firm")
    assert links[0].base["name"] == "Firm 1"
    assert links[0].state is LinkState.LIVE


def ref(object_name, key):
    from crossdock.values import Reference

    return Reference(object_name, key)
