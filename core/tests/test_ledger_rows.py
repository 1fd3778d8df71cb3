"""What the ledger keeps and gives back: runs, phases, links, books, changes, findings."""

from dataclasses import replace
from decimal import Decimal

import pytest
from core.tests.company import Company, firm, firm_route
from core.tests.fake_destination import Fault, KilledError

from crossdock.errors import StorageError
from crossdock.ledger import (
    SEVERITY,
    BookLine,
    Intent,
    LinkState,
    PhaseState,
    RunState,
)
from crossdock.model import (
    Action,
    Change,
    ChangeKind,
    Finding,
    FindingKind,
    Origin,
    Outcome,
    Receipt,
    TargetRecord,
)
from crossdock.values import Money, Reference

RUBLE = Money(Decimal(1), "RUB")


@pytest.fixture
def ledger(database):
    ledger = database.ledger()
    yield ledger
    ledger.close()


@pytest.fixture
def run(ledger):
    return ledger.runs.start("run", "d1")


@pytest.fixture
def phase(ledger, run):
    return ledger.runs.phase(run, "acme", "src.firms>firm", 0, "src.firms", "firm")


def target(key, action=Action.CREATE, part="", **values):
    origin = Origin("acme", "src.firms", key, part)
    return TargetRecord("firm", origin, f"id-{key}{part}", f"p1:{origin}", values or {"name": key}, action)


def intend(ledger, run, phase, *targets, **more):
    return ledger.journal.intend(run, phase, [Intent(t, f"hash {t.origin.key}") for t in targets], **more)


def receipts(entries, *outcomes):
    return [
        Receipt(e.link.origin, outcome, e.link.target_id, () if outcome is Outcome.CREATED else ("why",))
        for e, outcome in zip(entries, outcomes, strict=True)
    ]


def links(ledger, *keys):
    return ledger.links.of_keys("acme", "src.firms", "firm", keys)


def test_a_run_is_started_found_again_and_ended(ledger, run):
    assert ledger.runs.unfinished("run") == run
    assert ledger.runs.unfinished("delta") is None
    ledger.runs.end(run)
    assert ledger.runs.unfinished("run") is None
    (ended,) = ledger.runs.all()
    assert (ended.state, ended.finished_at >= ended.started_at) == (RunState.DONE, True)


def test_the_newest_unfinished_run_is_resumed_and_options_are_kept(ledger, run):
    newer = ledger.runs.start("run", "d1", {"sample": 5})
    assert ledger.runs.unfinished("run") == newer
    assert newer.options == {"sample": 5}
    assert [r.n for r in ledger.runs.all()] == [run.n, newer.n]


def test_runs_that_begin_in_one_second_have_ids_of_their_own_whatever_chance_gives(ledger, monkeypatch):
    chance = iter(["00aa", "00aa", "00aa", "00bb"])
    monkeypatch.setattr("crossdock.ledger.runs.now", lambda: 0.0)
    monkeypatch.setattr("crossdock.ledger.runs.secrets.token_hex", lambda _: next(chance))
    ids = [ledger.runs.start("run", "d1").id for _ in range(2)]
    assert ids == ["19700101-000000-00aa", "19700101-000000-00bb"]


def test_a_phase_is_made_once_and_moves_on(ledger, run, phase):
    assert ledger.runs.phase(run, "acme", "src.firms>firm", 0, "src.firms", "firm") == phase
    ledger.runs.set_phase_state(phase, PhaseState.LOADED)
    assert ledger.runs.phases(run)[0].finished_at is None
    ledger.runs.set_phase_state(phase, PhaseState.SETTLED)
    (settled,) = ledger.runs.phases(run)
    assert settled.state is PhaseState.SETTLED
    assert settled.finished_at is not None


def test_an_intent_is_in_doubt_until_its_receipt(ledger, run, phase):
    (entry,) = intend(ledger, run, phase, target("1"))
    assert [e.n for e in ledger.journal.in_doubt(run)] == [entry.n]
    assert ledger.books.of_phase(phase, 1).open_by == 2
    ledger.journal.confirm([entry], receipts([entry], Outcome.CREATED))
    assert ledger.journal.in_doubt(run) == []
    assert ledger.books.of_phase(phase, 1).open_by == 0


def test_an_entry_keeps_all_that_it_needs_to_be_undone(ledger, run, phase):
    known = replace(
        target("1", Action.RESTORE, name="new", amount=Money(Decimal(1), "RUB")),
        deferred=("parent",),
        notes=("cut",),
    )
    image = {"name": "old", "tags": ("a", "b"), "inner": {"x": [1, None]}}
    intent = Intent(known, "h", None, image, was_trashed=True)
    ledger.journal.intend(run, phase, [intent])
    (entry,) = ledger.journal.in_doubt(run)
    assert (entry.fields, entry.deferred, entry.reasons) == (("name", "amount"), ("parent",), ("cut",))
    assert (entry.before, entry.was_trashed, entry.action) == (image, True, Action.RESTORE)


def test_receipts_end_their_own_entries_and_no_others(ledger, run, phase):
    one, two, three = intend(ledger, run, phase, target("1"), target("2"), target("3"))
    ledger.journal.confirm([one, three], receipts([one, three], Outcome.CREATED, Outcome.CREATED))
    assert [e.n for e in ledger.journal.in_doubt(run)] == [two.n]


def test_a_receipt_is_noted_once(ledger, run, phase):
    (entry,) = intend(ledger, run, phase, target("1"))
    ledger.journal.confirm([entry], receipts([entry], Outcome.CREATED))
    ledger.journal.confirm([entry], receipts([entry], Outcome.FAILED))
    (page,) = ledger.journal.done(run)
    assert page[0].outcome is Outcome.CREATED


def test_no_receipts_change_nothing(ledger):
    ledger.journal.confirm([], [])


def test_a_refused_create_or_match_leaves_a_refused_link_and_a_refused_change_a_live_one(ledger, run, phase):
    made = intend(ledger, run, phase, target("3"))
    ledger.journal.confirm(made, receipts(made, Outcome.CREATED))
    entries = intend(ledger, run, phase, target("1"), target("2", Action.UPDATE))
    (known,) = links(ledger, "3")
    change = Intent(target("3", Action.UPDATE), "hash", known)
    entries += ledger.journal.intend(run, phase, [change])
    refused = receipts(entries, Outcome.REJECTED, Outcome.FAILED, Outcome.FAILED)
    ledger.journal.confirm(entries, refused)
    states = {link.origin.key: (link.state, link.hash) for link in links(ledger, "1", "2", "3")}
    bad = (LinkState.REFUSED, None)
    assert states == {"1": bad, "2": bad, "3": (LinkState.LIVE, None)}


def test_the_id_that_the_destination_chose_is_kept(ledger, run, phase):
    (entry,) = intend(ledger, run, phase, target("1"))
    ledger.journal.confirm([entry], [Receipt(entry.link.origin, Outcome.CREATED, "their id")])
    assert links(ledger, "1")[0].target_id == "their id"


def test_reasons_and_normalised_fields_are_kept_with_the_entry(ledger, run, phase):
    (entry,) = intend(ledger, run, phase, replace(target("1"), notes=("cut",)))
    receipt = Receipt(entry.link.origin, Outcome.CREATED, "id-1", ("slow",), {"name": "trimmed"})
    ledger.journal.confirm([entry], [receipt])
    (kept,) = ledger.journal.of_phase(phase)
    assert kept.reasons == ("cut", "slow", "name: trimmed")


def test_rows_are_numbered_on_after_a_restart(ledger, run, phase, database):
    intend(ledger, run, phase, target("1"))
    ledger.close()
    other = database.ledger()
    (entry,) = intend(other, run, phase, target("2"))
    other.close()
    assert (entry.n, entry.link.n) == (2, 2)


def test_links_are_scanned_by_page_and_only_live_ones(ledger, run, phase):
    intend(ledger, run, phase, *(target(str(n)) for n in range(5)))
    ledger.links.set_state(links(ledger, "3"), LinkState.DELETED_THERE)
    ledger.links.set_bases([(links(ledger, "0")[0], {"name": "read back"})])
    ledger.links.set_bases([])
    scan = ledger.links.scan("acme", "src.firms", "firm", size=3)
    assert [[link.origin.key for link in page] for page in scan] == [["0", "1", "2"], ["4"]]
    assert ledger.links.count("acme", "src.firms", "firm") == 4
    assert ledger.links.target_objects() == [("acme", "src.firms", "firm")]
    assert links(ledger, "0")[0].base == {"name": "read back"}


def test_a_route_that_another_process_made_is_found(ledger, database):
    made = ledger.links.route("t", "a", "b")
    other = database.ledger()
    assert other.links.route("t", "a", "b") == made
    other.close()


def test_more_keys_than_one_statement_takes_are_found(ledger, run, phase):
    intend(ledger, run, phase, *(target(str(n)) for n in range(1000)))
    assert len(links(ledger, *map(str, range(1000)))) == 1000


def test_a_book_line_is_replaced_by_a_later_one_of_the_same_record(ledger, run, phase):
    intend(ledger, run, phase, book=[BookLine("1", Outcome.HELD, ("wait",), queue="trash")])
    intend(ledger, run, phase, book=[BookLine("1", Outcome.SKIPPED, ())])
    (line,) = ledger.books.lines(phase)
    assert (line.outcome, line.reasons, line.queue) == (Outcome.SKIPPED, (), "")
    assert ledger.books.lines(phase, Outcome.HELD) == []


def test_book_lines_can_be_limited(ledger, run, phase):
    intend(ledger, run, phase, book=[BookLine(str(n), Outcome.FAILED, ("x",)) for n in range(5)])
    assert [line.key for line in ledger.books.lines(phase, limit=2)] == ["0", "1"]


def test_the_outcome_of_a_record_is_the_worst_of_its_parts(ledger, run, phase):
    lines = [BookLine("1", Outcome.SKIPPED, (), "a"), BookLine("1", Outcome.REJECTED, (), "b")]
    intend(ledger, run, phase, book=lines)
    assert ledger.books.outcome_of(phase, "1") is Outcome.REJECTED
    assert ledger.books.outcome_of(phase, "2") is None
    assert SEVERITY[Outcome.FAILED] > SEVERITY[Outcome.REJECTED] > SEVERITY[Outcome.HELD]


def change(key="field:firm.inn", **undo):
    return Change(ChangeKind.FIELD, key, "firm", "inn", "INN", "wanted", undo)


def test_a_planned_change_is_known_before_it_is_made_and_planned_once(ledger, run):
    ledger.changes.plan(run, [change()])
    ledger.changes.plan(run, [change(), change("field:firm.kpp")])
    assert [state for _, state in ledger.changes.of_run(run)] == ["planned", "planned"]
    assert [c.key for c in ledger.changes.to_undo(run)] == ["field:firm.kpp", "field:firm.inn"]


def test_a_made_change_keeps_what_undoes_it_until_it_is_undone(ledger, run):
    ledger.changes.plan(run, [change()])
    ledger.changes.made(run, change(id="7"))
    assert ledger.changes.of_run(run) == [(change(id="7"), "made")]
    ledger.changes.undone(run, change())
    assert ledger.changes.to_undo(run) == []


def test_a_change_that_was_made_without_being_planned_can_be_undone_too(ledger, run):
    ledger.changes.made(run, change(id="7"))
    assert ledger.changes.to_undo(run) == [change(id="7")]


def test_findings_are_kept_counted_and_forgotten(ledger, run):
    origin = Origin("acme", "src.firms", "1")
    ledger.findings.add(run, [])
    ledger.findings.add(
        run,
        [
            Finding(FindingKind.DIFFERS, "firm", "t", origin, "sum", Money(Decimal(1), "RUB"), None),
            Finding(FindingKind.EXTRA, "firm", "u", note="x" * 10),
            Finding(FindingKind.DIFFERS, "firm", "v", None, "name", "a" * 3000, Reference("o", "k")),
        ],
    )
    counts = {("firm", FindingKind.DIFFERS): 2, ("firm", FindingKind.EXTRA): 1}
    assert ledger.findings.count(run) == counts
    first, second, third = ledger.findings.of_run(run)
    assert (first.origin, first.expected, first.actual) == (origin, '{"$money": ["1", "RUB"]}', "")
    assert second.origin is None
    assert len(third.expected) == 2000
    assert len(ledger.findings.of_run(run, 1)) == 1
    ledger.findings.clear(run)
    assert ledger.findings.of_run(run) == []


def test_books_of_a_run_that_was_undone_while_in_doubt_can_be_read(company):
    company.stage(firm("1"), firm("2"))
    company.destination.faults.append(Fault.KILLED_AFTER)
    with pytest.raises(KilledError):
        company.load()
    company.reopen()
    run = company.ledger.runs.unfinished("run")
    company.rollback(run)
    assert company.destination.table("firm") == {}
    assert company.books(run).destination == {}
    assert company.books(run).in_doubt == 0


def test_a_full_disk_stops_the_run_and_the_same_run_goes_on_when_there_is_room(tmp_path):
    company = Company(tmp_path, routes=[firm_route()])  # of a server: test_database_server.py
    company.stage(*(firm(str(n), city="x" * 2000) for n in range(300)))
    engine = company.ledger._engine

    def room(pages):
        with engine.connect() as connection:
            connection.exec_driver_sql(f"pragma max_page_count={pages}")

    with engine.connect() as connection:
        used = connection.exec_driver_sql("pragma page_count").scalar()
    room(used + 8)
    with pytest.raises(StorageError, match="full") as caught:
        company.load()
    assert caught.value.exit_code == 3
    room(1_000_000)
    run = company.load()
    assert company.books(run).source == {Outcome.LOADED: 300}
    assert set(company.destination.made.values()) == {1}
    company.close()
