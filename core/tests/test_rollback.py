import pytest
from core.tests.company import FIRM, firm, firm_route, person, person_route
from core.tests.fake_destination import Fault, KilledError, text

from crossdock.errors import RefusedError
from crossdock.ledger import LinkState, RunState
from crossdock.model import ObjectSchema, Outcome
from crossdock.values import Reference


def before_and_run(company, *records):
    before = company.destination.state()
    company.stage(*records)
    return before, company.load()


def state_of(company, run):
    return next(r.state for r in company.ledger.runs.all() if r.n == run.n)


def link(company, key):
    return company.ledger.links.of_keys("acme", "src.firms", "firm", [key])[0]


def test_created_records_are_gone_and_the_run_is_marked(company):
    before, run = before_and_run(company, firm("1"), firm("2"), person("7", firm=Reference("src.firms", "1")))
    result = company.rollback(run)
    assert company.destination.state() == before
    assert (result.undone, result.complete) == (3, True)
    assert state_of(company, run) is RunState.ROLLED_BACK


def test_what_refers_to_a_record_is_undone_before_it(company):
    _, run = before_and_run(company, firm("1"), person("7", firm=Reference("src.firms", "1")))
    company.rollback(run)
    assert [entry.object_name for entry, _ in company.destination.undone] == ["person", "firm"]


def test_an_update_of_a_record_that_the_run_made_goes_with_it(company):
    before, run = before_and_run(company, firm("1", parent=Reference("src.firms", "2")), firm("2"))
    result = company.rollback(run)
    assert company.destination.state() == before
    assert result.undone == 2
    assert link(company, "1").state is LinkState.UNDONE


def test_updated_records_are_restored_field_by_field(company):
    company.routes = [firm_route(match=["domain"])]
    company.destination.add("firm", "old", name="Old", domain="a.test")
    before, run = before_and_run(company, firm("1", domain="a.test", city="Omsk"))
    company.rollback(run)
    assert company.destination.state() == before


def test_two_updates_of_one_record_in_one_run_are_both_undone(company):
    company.routes = [firm_route(match=["domain"])]
    company.destination.add("firm", "old", name="Old", domain="a.test")
    before, run = before_and_run(
        company, firm("1", domain="a.test", parent=Reference("src.firms", "2")), firm("2")
    )
    entries = [e for page in company.ledger.journal.done(run) for e in page if e.link.target_id == "old"]
    assert len(entries) == 2
    result = company.rollback(run)
    assert result.complete
    assert company.destination.state() == before


def test_a_record_that_the_run_took_out_of_the_trash_goes_back_there(company):
    company.routes = [firm_route(match=["domain"])]
    company.destination.add("firm", "old", trashed=True, name="Old", domain="a.test")
    company.decisions = {("trash", "1"): "restore"}
    before, run = before_and_run(company, firm("1", domain="a.test"))
    company.rollback(run)
    assert company.destination.state() == before


def test_a_match_that_was_only_noted_needs_no_request_and_is_unlinked(company):
    company.routes = [firm_route(match=["domain"])]
    company.destination.add("firm", "old", name="Firm 1", domain="a.test")
    before, run = before_and_run(company, firm("1", domain="a.test"))
    result = company.rollback(run)
    assert (result.undone, company.destination.undone) == (0, [])
    assert company.destination.state() == before
    assert link(company, "1").state is LinkState.UNDONE


@pytest.mark.parametrize("old", [False, True])
def test_after_a_rollback_the_next_run_loads_everything_again(company, old):
    company.routes = [firm_route(match=["domain"])]
    if old:
        company.destination.add("firm", "old", name="Old", domain="a.test")
    _, run = before_and_run(company, firm("1", domain="a.test", city="Omsk"), firm("2"))
    loaded = company.destination.state()
    company.rollback(run)
    company.load()
    assert company.destination.state() == loaded


def test_after_the_rollback_of_a_later_run_its_changes_are_loaded_again(company):
    company.stage(firm("1", city="Omsk"))
    company.load()
    loaded = company.destination.state()
    company.stage(firm("1", city="Tomsk"))
    later = company.load()
    company.rollback(later)
    assert company.destination.state() == loaded
    assert link(company, "1").base["city"] == "Omsk"
    company.load()
    assert company.row("1")["city"] == "Tomsk"


def test_an_edit_made_after_the_rollback_of_a_later_run_is_a_conflict_and_not_overwritten(company):
    company.stage(firm("1", city="Omsk"))
    company.load()
    company.stage(firm("1", city="Tomsk"))
    company.rollback(company.load())
    company.row("1")["city"] = "Perm"
    again = company.load()
    assert company.outcomes(again) == {"1": (Outcome.HELD, "conflicts")}
    assert company.row("1")["city"] == "Perm"


def test_a_field_that_only_the_later_run_wrote_is_in_no_base_after_its_rollback(company):
    company.routes = [firm_route(fields={"name": "name"})]
    company.stage(firm("1", city="Omsk"))
    company.load()
    company.routes = [firm_route(fields={"name": "name", "city": "city"})]
    company.rollback(company.load())
    assert link(company, "1").base == {"name": "Firm 1"}


def test_a_record_that_somebody_edited_since_is_kept_and_named(company):
    _, run = before_and_run(company, firm("1"), firm("2"))
    company.row("1")["name"] = "edited"
    result = company.rollback(run)
    assert result.kept == [("acme/src.firms/1", "edited there since: name")]
    assert [row.values["name"] for row in company.destination.table("firm").values()] == ["edited"]
    assert not result.complete
    assert link(company, "1").state is LinkState.LIVE


def test_a_record_edited_in_a_field_of_the_second_pass_is_kept_whole_and_stays_linked(company):
    _, run = before_and_run(company, firm("1", parent=Reference("src.firms", "2")), firm("2"))
    company.row("1")["parent"] = None
    company.rollback(run)
    assert link(company, "1").state is LinkState.LIVE
    sent = len(company.destination.loads)
    company.stage(firm("1", parent=Reference("src.firms", "2")))
    company.load()
    assert len(company.destination.loads) == sent


def test_an_updated_record_is_kept_only_for_edits_of_what_was_written(company):
    company.routes = [firm_route(match=["domain"])]
    company.destination.add("firm", "old", name="Old", domain="a.test", city="Omsk")
    _, run = before_and_run(company, firm("1", domain="a.test"))
    company.destination.rows["firm"]["old"].values["city"] = "Tomsk"
    assert company.rollback(run).complete
    values = company.destination.rows["firm"]["old"].values
    assert (values["name"], values["city"]) == ("Old", "Tomsk")


def test_force_undoes_edited_records_too(company):
    before, run = before_and_run(company, firm("1"))
    company.row("1")["name"] = "edited"
    company.rollback(run)
    assert company.rollback(run, force=True).complete
    assert company.destination.state() == before


def test_a_record_that_somebody_deleted_since_counts_as_undone(company):
    before, run = before_and_run(company, firm("1"))
    company.destination.rows["firm"].clear()
    assert company.rollback(run).complete
    assert company.destination.state() == before


def test_what_the_platform_does_not_undo_is_named_and_can_be_tried_again(company):
    before, run = before_and_run(company, firm("1"), firm("2"))
    company.destination.undeletable.add(company.target_id("1"))
    result = company.rollback(run)
    assert result.failed == [("acme/src.firms/1", "it cannot be removed")]
    assert state_of(company, run) is RunState.DONE
    company.destination.undeletable.clear()
    assert company.rollback(run).undone == 1
    assert company.destination.state() == before


def test_a_dry_run_says_the_same_and_writes_nothing(company):
    company.stage(firm("1"), firm("2"), person("7", firm=Reference("src.firms", "1")))
    run = company.load()
    company.row("2")["name"] = "edited"
    there = company.destination.state()
    entries = [e for page in company.ledger.backwards.to_undo(run) for e in page]
    said = company.rollback(run, dry_run=True)
    assert company.destination.state() == there
    assert [e for page in company.ledger.backwards.to_undo(run) for e in page] == entries
    assert state_of(company, run) is RunState.DONE
    done = company.rollback(run)
    assert (said.undone, said.kept, said.failed) == (done.undone, done.kept, done.failed)


def test_a_run_that_a_later_one_built_upon_is_refused_with_its_name(company):
    _, run = before_and_run(company, firm("1"))
    company.stage(firm("1"), firm("2"))
    later = company.load()
    with pytest.raises(RefusedError, match=later.id) as caught:
        company.rollback(run)
    assert caught.value.exit_code == 4
    company.rollback(later)
    assert company.rollback(run).complete


def test_later_runs_that_changed_nothing_or_went_elsewhere_are_no_hindrance(company):
    _, run = before_and_run(company, firm("1"))
    company.load()
    other = company.ledger.runs.start("run", "another destination")
    company.ledger.changes.plan(other, [])
    assert company.rollbacks().later_runs(run) == []


@pytest.mark.parametrize("place", range(3))
def test_a_rollback_that_was_killed_goes_on_where_it_was(company, place, monkeypatch):
    company.destination.batch_size = 1
    before, run = before_and_run(company, firm("1"), firm("2"), person("7"))
    whole, ticks = company.destination._undo_record, iter(range(place))

    def undo(*args):
        if next(ticks, None) is None:
            raise KilledError
        return whole(*args)

    monkeypatch.setattr(company.destination, "_undo_record", undo)
    with pytest.raises(KilledError):
        company.rollback(run)
    monkeypatch.undo()
    company.reopen()
    assert company.rollback(run).complete
    assert company.destination.state() == before


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
def test_a_run_that_was_killed_can_be_rolled_back(company, fault):
    before = company.destination.state()
    company.stage(firm("1"), firm("2"))
    company.destination.faults.append(fault)
    with pytest.raises(KilledError):
        company.load()
    company.reopen()
    run = company.ledger.runs.unfinished("run")
    assert company.rollback(run).complete
    assert company.destination.state() == before
    assert company.ledger.journal.in_doubt(run) == []


def test_the_schema_that_a_run_made_is_taken_back_after_its_records(company):
    before = company.destination.state()
    run = company.ledger.runs.start("run", "fake-1")
    wanted = [ObjectSchema("firm", (text("inn", custom=True),)), ObjectSchema("site", (text("name"),))]
    company.ledger.changes.plan(run, list(company.destination.provision(wanted, True)))
    for change in company.destination.provision(wanted, False):
        company.ledger.changes.made(run, change)
    company.stage(firm("1"))
    company.load()
    result = company.rollback(run)
    assert result.undone == 4
    assert company.destination.state() == before
    assert company.destination.schemas["firm"] == FIRM
    assert company.ledger.changes.to_undo(run) == []


def test_a_schema_change_that_cannot_be_undone_is_named(company):
    run = company.ledger.runs.start("run", "fake-1")
    wanted = [ObjectSchema("firm", (text("inn", custom=True),))]
    company.ledger.changes.plan(run, list(company.destination.provision(wanted, False)))
    company.destination.undeletable.add("field:firm.inn")
    result = company.rollback(run)
    assert result.failed == [("field:firm.inn", "it cannot be removed")]
    assert len(company.ledger.changes.to_undo(run)) == 1
    assert company.rollback(run, dry_run=True).failed == result.failed


def test_schema_changes_are_handed_over_together_and_each_is_marked_with_its_receipt(company, monkeypatch):
    before = company.destination.state()
    run = company.ledger.runs.start("run", "fake-1")
    wanted = [ObjectSchema("firm", (text("inn", custom=True),)), ObjectSchema("site", (text("name"),))]
    company.ledger.changes.plan(run, list(company.destination.provision(wanted, False)))
    whole, undo, stretches, ticks = (
        company.destination.rollback,
        company.destination._undo_change,
        [],
        iter(range(2)),
    )

    def rollback(entries, dry_run):
        if not dry_run:
            stretches.append([entry.change.key for entry in entries])
        return whole(entries, dry_run)

    def killed(*args):
        if next(ticks, None) is None:
            raise KilledError
        return undo(*args)

    monkeypatch.setattr(company.destination, "rollback", rollback)
    monkeypatch.setattr(company.destination, "_undo_change", killed)
    with pytest.raises(KilledError):
        company.rollback(run)
    monkeypatch.setattr(company.destination, "_undo_change", undo)
    company.reopen()

    assert company.rollback(run).complete

    assert stretches == [stretches[0], stretches[0][2:]]
    assert len(stretches[0]) > 2
    assert company.destination.state() == before


def test_an_object_that_is_no_longer_in_the_catalog_is_undone_without_looking_for_edits(company):
    _, run = before_and_run(company, firm("1"))
    rollbacks = company.rollbacks()
    rollbacks._catalog = type(rollbacks._catalog)("fake", "fake-1", (), None, None)
    assert rollbacks.undo(run).undone == 1


def test_progress_is_told_with_how_much_there_is(company):
    from crossdock.rollback.undo import Rollback

    told: list[tuple[int, int]] = []
    _, run = before_and_run(company, firm("1"), person("7"))
    Rollback(
        company.ledger,
        company.destination,
        company.destination.discover(),
        on_progress=lambda *more: told.append(more),
    ).undo(run)
    assert told == [(1, 2), (1, 2)]


def test_many_records_are_undone(company):
    company.routes = [firm_route(), person_route()]
    company.destination.batch_size = 100
    before, run = before_and_run(company, *(firm(str(n)) for n in range(450)))
    assert company.rollback(run).undone == 450
    assert company.destination.state() == before


def test_a_reference_that_is_empty_because_the_run_is_undone_is_no_edit(company):
    company.destination.batch_size = 100
    last = Reference("src.firms", "229")
    records = [firm(str(n), parent=last) for n in range(5)] + [firm(str(n)) for n in range(5, 230)]
    before, run = before_and_run(company, *records)
    assert company.rollback(run).complete
    assert company.destination.state() == before


def test_a_reference_that_a_person_emptied_is_an_edit(company):
    _, run = before_and_run(company, firm("1"), person("7", firm=Reference("src.firms", "1")))
    (row,) = company.destination.table("person").values()
    row.values["firm"] = None
    result = company.rollback(run)
    assert result.kept == [("acme/src.people/7", "edited there since: firm")]


def test_an_edit_beside_a_reference_that_is_gone_is_still_an_edit(company):
    _, run = before_and_run(company, firm("1"), person("7", firm=Reference("src.firms", "1")))
    (row,) = company.destination.table("person").values()
    row.values.update(firm=None, name="edited")
    company.destination.rows["firm"].clear()
    assert company.rollback(run).kept == [("acme/src.people/7", "edited there since: name")]
