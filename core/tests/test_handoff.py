"""The handoff over two toy platforms: what did not move, what was left, what waits, who agreed."""

import stat
from dataclasses import replace

from core.tests.answers import faults
from core.tests.toy_platforms import world

from crossdock.model import Artifact, ArtifactReport


def handed(desk):
    answer = desk("handoff", json=True)
    assert (answer.code, faults("handoff", answer.json)) == (0, [])
    return answer.json


def page(desk):
    return (desk.folder / "reports" / "handoff.html").read_text(encoding="utf-8")


def with_artifacts(monkeypatch, *reports):
    """Let the source find these besides its robot."""
    original = replace

    def replaced(catalog, **more):
        if "artifacts" in more:
            more["artifacts"] = (*more["artifacts"], *reports)
        return original(catalog, **more)

    monkeypatch.setattr("core.tests.toy_platforms.replace", replaced)


def test_it_names_what_did_not_move_and_what_was_not_examined(desk):
    desk.prepare()
    (side,) = handed(desk)["artifacts"]
    kinds = {kind["kind"]: kind["summary"] for kind in side["kinds"]}
    assert kinds["robot"] == "1 found"
    assert kinds["workflow"].startswith("not examined: ")
    assert "Mail the boss" in page(desk)
    assert "0 found" not in page(desk)


def test_a_process_is_shown_with_trigger_steps_conditions_and_people(desk, monkeypatch):
    details = {
        "trigger": "a lead is won",
        "people": ["Sales"],
        "conditions": ["budget > 1000"],
        "steps": [
            {"name": "Agree", "kind": "approval", "people": ["Boss"], "condition": "budget > 1000"},
            {"name": "Send", "kind": "send_mail"},
        ],
        "file": str(desk.folder / "reports" / "handoff" / "main" / "won.csv"),
        "version": 3,
    }
    with_artifacts(
        monkeypatch, ArtifactReport("workflow", (Artifact("workflow", "Won deal", details=details),))
    )
    desk.prepare()
    data = handed(desk)
    shown = page(desk)
    for words in (
        "Won deal",
        "a lead is won",
        "Agree",
        "(approval)",
        ": Boss",
        "if budget &gt; 1000",
        "version",
    ):
        assert words in shown
    assert 'href="handoff/main/won.csv"' in shown
    needs = {need["title"]: [n["name"] for n in need["needed_by"]] for need in data["lacking"]}
    assert needs == {"Approvals": ["Won deal"], "E-mail sequences": ["Won deal"]}


def test_what_stands_for_it_at_the_destination_is_recommended_beside_it(desk, monkeypatch):
    recommended = {"robot": "A scheduled action.", "approvals": "A form for the boss."}
    found = world.destination.discover
    monkeypatch.setattr(world.destination, "discover", lambda: replace(found(), equivalents=recommended))
    desk.prepare()
    assert handed(desk)["equivalents"] == recommended
    assert "Recommended in beta:</strong> A scheduled action." in page(desk)
    assert "Recommended:</strong> A form for the boss." in page(desk)


def test_no_secret_of_a_script_or_a_setting_is_shown(desk, monkeypatch):
    details = {
        "scripts": "const t = 'Bearer e365-4711-token'",
        "note": "call with token=e365-4711-token",
        "settings": {"token": "e365-4711"},
    }
    with_artifacts(monkeypatch, ArtifactReport("workflow", (Artifact("workflow", "Leaky", details=details),)))
    desk.prepare()
    answer = desk("handoff", json=True)
    assert "4711" not in answer.out + page(desk)
    assert stat.S_IMODE((desk.folder / "reports" / "handoff.html").stat().st_mode) == 0o600


def test_what_was_not_loaded_is_counted_by_its_reason(desk):
    desk.prepare()
    world.source.put("crm.firm", "f4", title=None, site="f4.example", city="Omsk", motto=None)
    desk("run")
    (row,) = [r for r in handed(desk)["not_loaded"] if r["outcome"] == "rejected"]
    assert (row["phase"], row["count"]) == ("crm.firm>firm", 2)


def test_open_queues_are_counted_with_their_files(desk):
    desk.prepare()
    world.person(7, firm=3)  # of a firm that is rejected
    world.source.put("crm.firm", "f4", title="Firm 4", site="f1.example", city=None, motto=None)
    desk("run")
    queues = {q["file"]: q["waiting"] for q in handed(desk)["queues"]}
    assert queues["queues/duplicates.csv"] == 2
    assert "queues/references.csv" in queues


def test_fields_and_objects_left_out_are_counted(desk):
    desk.prepare(confirmed=False)
    desk.edit(", motto: motto", "")
    desk.edit("    extend:\n      motto: {type: text, label: Motto}\n", "")
    desk("map", "confirm", "--by", "Anna")
    desk("run")
    left = handed(desk)["left_out"]
    assert [(f["field"], f["filled"], f["why"]) for f in left["fields"]] == [
        ("motto", 1, "mapped to nothing")
    ]
    desk.edit("  - from: crm.person\n    to: person\n", "ignore: [crm.person]\n", "mapping.yaml")
    desk.edit("    fields: {name: title, email: mail, firm: {from: firm, reference: firm}}\n", "")
    assert [(o["object"], o["records"], o["why"]) for o in handed(desk)["left_out"]["objects"]] == [
        ("crm.person", 3, "nobody wants it")
    ]


def test_it_says_who_confirmed_and_lists_runs_and_reports(desk):
    desk.prepare()
    desk("discover")
    desk("run")
    data = handed(desk)
    assert data["confirmed"]["by"] == "Anna"
    assert [run["kind"] for run in data["runs"]] == ["run"]
    assert "scope.html" in data["reports"]
    assert any(name.startswith("audit-") for name in data["reports"])
    assert "confirmed by Anna" in page(desk)


def test_before_anything_was_run_it_says_so(desk):
    desk.prepare(confirmed=False)
    handed(desk)
    assert "Nothing was loaded yet." in page(desk)
    assert "Nobody has confirmed the mapping." in page(desk)


def test_a_person_sees_the_kinds_and_where_the_page_is(desk):
    desk.prepare()
    shown = desk("handoff").out
    assert "1 found" in shown
    assert "handoff.html" in shown


def test_what_the_newest_comparison_found_is_in_it(desk):
    desk.prepare()
    desk("run")
    for row in world.destination.table("person").values():
        row.values["email"] = "edited@f.example"
    desk("reconcile")
    (found,) = handed(desk)["findings"]
    assert (found["object"], found["kind"], found["count"]) == ("person", "edited there since", 3)
    assert "edited there since" in page(desk)


def test_who_spoke_during_the_cutover_agreed_too(desk):
    world.mend()
    desk.prepare()
    desk("run")
    desk("cutover", "--frozen-by", "Olga")
    desk("cutover", "--checked-by", "Ivan")
    said = {(s["what"], s["by"]) for s in handed(desk)["signed"]}
    assert ("cutover: Nobody works at the source any more", "Olga") in said
    assert "Ivan" in {by for _, by in said}
    assert "Olga" in page(desk)


def test_what_an_earlier_run_did_not_load_is_still_told_after_a_delta(desk):
    world.source.asks_for_changes = True
    desk.prepare()
    desk("run")
    world.person(9, 1)
    desk("run", "--delta")
    rejected = [r for r in handed(desk)["not_loaded"] if r["outcome"] == "rejected"]
    assert [(r["phase"], r["count"]) for r in rejected] == [("crm.firm>firm", 1)]


def test_what_a_delta_loaded_later_is_no_longer_told(desk):
    desk.prepare()
    desk("run")
    world.mend()
    desk("run", "--delta")
    assert [r for r in handed(desk)["not_loaded"] if r["outcome"] == "rejected"] == []
