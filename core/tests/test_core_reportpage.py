"""The page of a report: whether everything arrived and what is to be done comes first."""

import re

from crossdock.reportpage import write_report_page

RUN = {
    "id": "r1",
    "kind": "run",
    "state": "done",
    "destination": "toy:1",
    "started_at": "2026-03-01T09:30:00+00:00",
    "finished_at": "2026-03-01T09:31:00+00:00",
    "seconds": 60.0,
    "marks": [{"tenant": "main", "object": "firm", "since": None, "until": None, "read": 4}],
}
PHASE = {
    "name": "firm>company",
    "tenant": "main",
    "state": "settled",
    "extracted": 4,
    "source": {"loaded": 2, "held": 1, "rejected": 1},
    "destination": {"created": 2},
    "in_doubt": 0,
    "seconds": 1.5,
    "not_loaded": [{"key": "f3", "outcome": "held", "reasons": ["<who>?"], "queue": "duplicates"}],
}
REPORT = {
    "run": RUN,
    "phases": [PHASE],
    "totals": {"source": PHASE["source"], "destination": PHASE["destination"]},
    "findings": [{"object": "company", "kind": "differs", "count": 30}],
    "first_findings": [
        {
            "kind": "differs",
            "object": "company",
            "target_id": f"t{n}",
            "origin": f"main/firm/f{n}",
            "field": "name",
            "expected": "Ёлка",
            "actual": "Елка",
            "note": "",
        }
        for n in range(30)
    ],
    "changes": [{"key": "object:part", "label": "Part", "reason": "", "state": "made"}],
    "automations": [{"kind": "workflow", "name": "W", "decision": "pause", "state": "on again", "note": ""}],
    "requests": [{"scope": "toy", "sent": 12, "refused": 1, "waited_seconds": 2.5}],
    "normalised": [{"object": "company", "field": "phone", "rule": "written in full", "count": 3}],
    "queues": {"duplicates": 1},
    "decided": {},
    "clean": False,
    "verdict": "Not everything arrived.",
    "next": ["fill in the decision column of queues/duplicates.csv"],
}


def page_of(folder, report=REPORT) -> str:
    (path,) = write_report_page(folder, report)
    return path.read_text(encoding="utf-8")


def test_the_verdict_and_what_to_do_come_before_everything_else(tmp_path):
    page = page_of(tmp_path)
    places = [
        page.index(word) for word in ("Not everything arrived.", "fill in the decision", "Created", "Phases")
    ]
    assert places == sorted(places)


def test_what_a_source_wrote_is_text(tmp_path):
    page = page_of(tmp_path)
    assert "<who>" not in page
    assert "&lt;who&gt;?" in page


def test_phases_are_summed(tmp_path):
    page = page_of(tmp_path)
    total = re.search(r'<tr class="total">.*?</tr>', page, re.S)
    assert total is not None
    assert re.findall(r">([\w ]+)</td>", total[0])[:3] == ["all", "4", "2"]


def test_a_retry_shows_the_phases_in_which_something_was_tried(tmp_path):
    nothing = PHASE | {"name": "person>contact", "source": {"loaded": 0}, "destination": {}, "not_loaded": []}
    report = REPORT | {"phases": [PHASE, nothing]}
    assert "person&gt;contact" in page_of(tmp_path, report)
    assert "person&gt;contact" not in page_of(tmp_path, report | {"run": RUN | {"kind": "retry"}})


def test_findings_of_one_kind_are_shown_side_by_side_up_to_a_number(tmp_path):
    page = page_of(tmp_path)
    assert page.count("<td>Ёлка</td><td>Елка</td>") == 25
    assert "The first ones of each kind" in page


def test_records_that_are_not_listed_are_counted(tmp_path):
    assert "and 1 more; every single one is in the audit log." in page_of(tmp_path)


def test_a_comparison_shows_routes_links_sums_and_drawn_records(tmp_path):
    link = {"object": "company", "field": "owner", "expected": 4, "right": 3, "left_empty": 1, "stands_in": 0}
    compared = {
        "phases": [],
        "routes": [{"name": "firm>company", "expected": 4, "whole": 3, "findings": {"differs": 1}}],
        "links": [link],
        "sums": [{"object": "company", "field": "n", "currency": "", "expected": "10", "there": "9"}],
        "scope": [{"label": "Firm", "scope": 4, "extracted": 4, "loaded": 2, "there": 2}],
        "spot": {
            "records": [{"name": "Ромашка", "source_id": "f1", "object": "company", "verdict": "equal"}]
        },
    }
    page = page_of(tmp_path, {**REPORT, **compared, "run": {**RUN, "kind": "reconcile"}})
    for word in (
        "Reconciliation r1",
        "Owners and other links",
        "Sums over every record",
        "Ромашка",
        "there now",
    ):
        assert word in page
    assert '<h2 id="phases">' not in page


def test_a_pdf_is_written_if_it_is_asked_for(tmp_path):
    paths = write_report_page(tmp_path, REPORT, pdf=True)
    assert [path.name for path in paths] == ["run-r1.html", "run-r1.pdf"]
    assert paths[1].read_bytes().startswith(b"%PDF")


def test_the_charts_stand_in_the_page_as_drawings(tmp_path):
    page = page_of(tmp_path)
    assert '<svg viewBox="0 0 720' in page
    assert "&lt;svg" not in page
