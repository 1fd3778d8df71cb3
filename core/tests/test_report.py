import json
import stat
from dataclasses import replace

import pytest
from core.tests.company import TENANT, firm, firm_route

from crossdock.errors import StorageError
from crossdock.ledger import RunState
from crossdock.model import Change, ChangeKind, Finding, FindingKind, Origin, Rejected
from crossdock.queues import QueueLine, read_queues, write_queues
from crossdock.redaction import register_secrets
from crossdock.report import as_text, report_of, write_report


@pytest.fixture
def loaded(company):
    company.routes = [firm_route()]
    company.stage(firm("1"), firm("2"))
    return company


def report(company, run, folder=None):
    fresh = next(r for r in company.ledger.runs.all() if r.n == run.n)
    return report_of(company.ledger, company.staging, fresh, folder or company.folder / "queues")


def queue_line(queue, key="1", decision=""):
    return QueueLine(queue, TENANT, "src.firms", key, "why", decision)


def test_a_run_that_moved_everything_says_so_first(loaded):
    answer = report(loaded, loaded.load())
    assert (answer["clean"], answer["verdict"]) == (True, "Everything arrived.")
    assert answer["totals"] == {"source": {"loaded": 2}, "destination": {"created": 2}}
    assert answer["next"] == ["crossdock reconcile"]
    assert "Everything arrived." in as_text(answer).splitlines()[:5]


def test_what_was_not_loaded_is_listed_with_its_reasons(loaded):
    loaded.destination.rejected.add("Firm 2")
    answer = report(loaded, loaded.load())
    assert answer["verdict"].startswith("Not everything arrived: 1 records were not loaded")
    assert not answer["clean"]
    (phase,) = answer["phases"]
    reasons = ["Firm 2: this name is not taken"]
    assert phase["not_loaded"] == [{"key": "2", "outcome": "rejected", "reasons": reasons, "queue": ""}]
    assert (phase["extracted"], phase["in_doubt"], phase["state"]) == (2, 0, "settled")
    assert "2: rejected: Firm 2: this name is not taken" in as_text(answer)


def test_a_run_that_has_not_ended_never_says_that_everything_arrived(loaded):
    answer = report(loaded, loaded.ledger.runs.start("run", "fake-1"))
    assert answer["verdict"].startswith("This run has not ended")
    assert not answer["clean"]
    assert answer["next"] == ["run the same command again: it goes on where it stopped"]


def test_a_run_that_was_rolled_back_says_so(loaded):
    run = loaded.load()
    loaded.rollback(run)
    answer = report(loaded, run)
    assert (answer["clean"], answer["verdict"]) == (False, "This run was rolled back.")
    assert answer["run"]["state"] == RunState.ROLLED_BACK


def test_findings_are_counted_and_the_first_are_shown(loaded):
    run = loaded.load()
    origin = Origin(TENANT, "src.firms", "1")
    loaded.ledger.findings.add(
        run,
        [
            Finding(FindingKind.DIFFERS, "firm", "t", origin, "name", "A", "B" * 100),
            Finding(FindingKind.NEVER_ARRIVED, "firm", "", origin, note="lost"),
        ],
    )
    answer = report(loaded, run)
    assert answer["verdict"] == "Not everything arrived: 2 findings need a look."
    assert not answer["clean"]
    text = as_text(answer)
    assert "  firm: 1 differs" in text
    assert "  firm t: differs: name: A -> " + "B" * 60 in text
    assert "  firm acme/src.firms/1: never arrived (lost)" in text


def test_a_normalised_value_is_shown_and_needs_no_look(loaded):
    run = loaded.load()
    loaded.ledger.findings.add(run, [Finding(FindingKind.NORMALISED, "firm", "t", None, "name", "A", "a")])
    answer = report(loaded, run)
    assert answer["verdict"] == "Everything arrived."
    assert answer["first_findings"][0]["origin"] == ""


def test_what_waits_for_a_person_is_named_by_file_until_it_is_decided(loaded):
    queues = loaded.folder / "queues"
    lines = [queue_line("trash", "1"), queue_line("trash", "2", "skip"), queue_line("references")]
    write_queues(queues, lines)
    answer = report(loaded, loaded.load(), queues)
    assert answer["queues"] == {"trash": 1, "references": 1}
    assert answer["next"][:2] == [
        "fill in the decision column of queues/trash.csv (1), then crossdock run",
        "load what queues/references.csv (1) refers to, or change the mapping, then crossdock run",
    ]


def test_what_was_provisioned_is_listed(loaded):
    run = loaded.load()
    changes = [
        Change(ChangeKind.FIELD, "field:firm.inn", "firm", "inn", "INN", "the name was taken"),
        Change(ChangeKind.OBJECT, "object:site", "site", "site"),
    ]
    loaded.ledger.changes.plan(run, changes)
    answer = report(loaded, run)
    assert [c["state"] for c in answer["changes"]] == ["planned", "planned"]
    text = as_text(answer)
    assert "  field:firm.inn: the name was taken\n  object:site\n" in text


def test_a_reconciliation_does_not_advise_another_one(loaded):
    run = loaded.ledger.runs.start("reconcile", "fake-1")
    loaded.ledger.runs.end(run)
    answer = report(loaded, run)
    assert answer["next"] == []
    assert answer["run"]["finished_at"].endswith("+00:00")


def test_items_that_nobody_could_read_are_among_the_extracted(company):
    company.routes = [firm_route()]
    company.stage(firm("1"), rejected=[Rejected("src.firms", "9", ("broken",))])
    (phase,) = report(company, company.load())["phases"]
    assert phase["extracted"] == 2


def test_no_line_of_the_table_is_wider_than_a_page(loaded):
    lines = as_text(report(loaded, loaded.load())).splitlines()
    assert max(map(len, lines)) == 110


def test_the_report_is_written_as_text_and_as_json(loaded, tmp_path):
    answer = report(loaded, loaded.load())
    path = write_report(tmp_path / "reports", answer)
    assert path.read_text(encoding="utf-8") == as_text(answer)
    assert json.loads(path.with_suffix(".json").read_bytes()) == answer


def test_a_report_is_for_this_user_alone_and_holds_no_secret(loaded, tmp_path):
    register_secrets("Firm-4711-secret")
    loaded.destination.rejected.add("Firm-4711-secret")
    loaded.stage(firm("3", name="Firm-4711-secret"))
    path = write_report(tmp_path / "reports", report(loaded, loaded.load()))
    for file in (path, path.with_suffix(".json")):
        assert "4711" not in file.read_text(encoding="utf-8")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_report_that_cannot_be_written_is_a_storage_error(loaded, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot write the report"):
        write_report(tmp_path / "file" / "reports", report(loaded, loaded.load()))


def test_what_needs_a_look_is_shown_before_what_was_normalised(loaded):
    run = loaded.load()
    harmless = [Finding(FindingKind.NORMALISED, "firm", "t", None, "name", "A", "a", "cut")] * 300
    loaded.ledger.findings.add(
        run, [*harmless, Finding(FindingKind.DIFFERS, "firm", "t", None, "name", "A", "B")]
    )
    answer = report(loaded, run)
    assert answer["first_findings"][0]["kind"] == "differs"
    assert answer["normalised"] == [{"object": "firm", "field": "name", "rule": "cut", "count": 300}]
    assert "  firm.name: 300 cut" in as_text(answer)


def test_long_values_are_shown_where_they_begin_to_differ(loaded):
    run = loaded.load()
    same = "x" * 100
    differs = Finding(FindingKind.DIFFERS, "firm", "t", None, "name", same + "A", same + "B")
    loaded.ledger.findings.add(run, [differs])
    assert f"name: ...{'x' * 20}A -> ...{'x' * 20}B" in as_text(report(loaded, run))


def test_a_reconciliation_says_nothing_about_what_was_never_loaded(loaded):
    run = loaded.ledger.runs.start("reconcile", "fake-1")
    loaded.ledger.runs.end(run)
    answer = report(loaded, run)
    assert answer["clean"]
    assert answer["verdict"] == "Everything that was loaded is there as it should be."


def test_the_report_says_what_a_decision_may_be(loaded):
    queues = loaded.folder / "queues"
    write_queues(queues, [queue_line("trash")])
    assert "  queues/trash.csv: restore (" in as_text(report(loaded, loaded.load(), queues))


def test_a_rejected_record_gets_a_next_step(loaded):
    loaded.destination.rejected.add("Firm 2")
    answer = report(loaded, loaded.load())
    assert (
        "correct 1 rejected or failed at the source or in mapping.yaml, then crossdock run" in answer["next"]
    )


def test_a_decision_for_what_was_never_read_is_kept_and_named(loaded):
    queues = loaded.folder / "queues"
    known, stray = queue_line("trash", "1", "skip"), replace(queue_line("trash", "2", "skip"), tenant="acne")
    write_queues(queues, [known, stray])
    write_queues(queues, [])
    answer = report(loaded, loaded.load(), queues)
    assert read_queues(queues) == [known, stray]
    assert answer["next"][0] == (
        "correct tenant or object in queues/trash.csv: nothing was read of 'src.firms' of tenant 'acne', and"
        " 1 decided there change nothing"
    )
    assert "src.firms" not in "".join(answer["next"][1:])
