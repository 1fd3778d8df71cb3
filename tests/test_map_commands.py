"""The map changed on the command line: the same as the pages do, each answer as its schema says."""

import json
import os
import signal
import socket

import pytest
from core.tests.answers import faults
from tests import dataset
from tests.harness import FOUND, OK, REFUSED, WRONG, Done
from tests.uibrowser import one_key, waited_for
from typer.testing import CliRunner

from crossdock.cli import app
from crossdock.database import sqlite_url
from crossdock.ledger import Ledger

ROUTE = "_clients._companies>company"
EDITS = (
    ("set", ROUTE, "name", "--default", "nameless", "--step", "trim", "--note", "asked Anna"),
    ("move", ROUTE, "domainName", "linkedinLink"),
    ("note", ROUTE, "name", "Anna: yes"),
    ("drop", ROUTE, "linkedinLink", "--ignore"),
    ("ignore", ROUTE, "_website", "--wanted"),
    ("keep", ROUTE, "_website", "--name", "oldSite", "--type", "link"),
    ("decide", "history", "summarised"),
    ("leave", "_clients._contacts>person"),
)


def said(scene, *arguments: str) -> Done:
    """A command in this process, so that what it does is measured."""
    whole = ["-C", str(scene.project.folder), "--json", *arguments]
    result = CliRunner().invoke(app, whole, env=scene.project.keys)
    return Done(result.exit_code, json.loads(result.stdout or "null"), result.stdout, result.stderr)


def test_each_edit_answers_and_shows_in_the_map(acme):
    scene = acme("confirmed")
    for edit in EDITS:
        answer = said(scene, "map", *edit).must(OK).json
        assert (edit[0], faults("map-edit", answer), answer["changed"]) == (edit[0], [], True)
    shown = said(scene, "map", "show", ROUTE).must(OK).json
    assert faults("map-show-object", shown) == []
    lines = {line["field"]: line for line in shown["lines"]}
    assert lines["name"]["words"] | {"from": ""} == {
        "from": "",
        "required": True,
        "default": "nameless",
        "steps": ["trim"],
    }
    assert (lines["name"]["confidence"], lines["name"]["reason"]) == (None, "Anna: yes")
    assert lines["oldSite"]["sources"][0]["path"] == "_website"
    assert "linkedinLink" not in lines
    text = (scene.project.folder / "mapping.yaml").read_text(encoding="utf-8")
    assert "history: summarised" in text

    again = said(scene, "map", *EDITS[2]).must(OK).json
    assert again["changed"] is False


def test_a_review_holds_until_the_route_is_changed(acme):
    scene = acme("confirmed")
    reviewed = said(scene, "map", "review", ROUTE, "--by", "Anna").must(OK).json
    assert faults("map-review", reviewed) == []
    assert ROUTE not in reviewed["open"]
    rows = said(scene, "map", "show").must(OK).json
    assert faults("map-show", rows) == []
    assert _mark(rows) == {"by": "Anna", "holds": True}
    said(scene, "map", "set", ROUTE, "name", "--default", "x").must(OK)
    assert _mark(said(scene, "map", "show").json) == {"by": "Anna", "holds": False}
    said(scene, "map", "review", ROUTE, "--by", " ").must(REFUSED)


def _mark(answer) -> dict:
    mark = next(row["reviewed"] for row in answer["objects"] if row["name"] == ROUTE)
    return {"by": mark["by"], "holds": mark["holds"]}


def test_what_cannot_be_is_refused_and_nothing_is_written(acme):
    scene = acme("confirmed")
    path = scene.project.folder / "mapping.yaml"
    before = path.read_bytes()
    said(scene, "map", "set", "nowhere", "name", "--default", "x").must(WRONG)
    said(scene, "map", "set", ROUTE, "name", "--reference", "company", "--value", "x", "--step", "[").must(
        WRONG
    )
    said(scene, "map", "decide", "history", "never").must(WRONG)
    other = Ledger(sqlite_url(scene.project.folder / ".crossdock" / "ledger.db"))
    other.hold()
    refused = said(scene, "map", "drop", ROUTE, "name").must(REFUSED)
    other.close()
    assert "another process is writing" in refused.err
    assert path.read_bytes() == before


def test_people_get_tables_and_sentences(acme):
    scene = acme("loaded")
    key = one_key(scene.project.folder, "_clients._companies")
    for arguments, words in (
        (("map", "show"), "The map"),
        (("map", "show", ROUTE), "Not mapped"),
        (("map", "note", ROUTE, "name", "x"), "next: crossdock map check"),
        (("map", "review", ROUTE, "--by", "Anna"), "looked at by Anna"),
        (("map", "try", "_clients._companies", key), "nothing was written"),
        (("status",), "next: crossdock map diff"),
    ):
        result = CliRunner().invoke(
            app, ["-C", str(scene.project.folder), *arguments], env=scene.project.keys
        )
        assert words in result.stdout, (arguments, result.stdout[-800:], result.stderr)


def test_one_record_is_tried_and_nothing_is_written(acme):
    scene = acme("loaded")
    there, folder = scene.dump(), {p.name for p in (scene.project.folder / "reports").iterdir()}
    key = one_key(scene.project.folder, "_clients._companies")
    found = said(scene, "map", "try", "_clients._companies", key).must(OK, FOUND).json
    assert faults("map-try", found) == []
    assert found["key"] == key
    route = next(result for result in found["routes"] if result["route"] == ROUTE)
    assert route["outcome"] == "unchanged"
    assert {field["field"]: field["target"] for field in route["fields"]}["name"] == found["name"]
    assert scene.dump() == there
    assert {p.name for p in (scene.project.folder / "reports").iterdir()} == folder
    said(scene, "map", "try", "_clients._companies", "nobody").must(WRONG)


@pytest.mark.parametrize(("number", "outcome"), [(13, "rejected"), (11, "held")])
def test_a_record_that_would_not_arrive_says_why(acme, number, outcome):
    scene = acme("loaded")
    found = said(scene, "map", "try", ROUTE, dataset.company(number)["__id"]).must(FOUND).json
    assert faults("map-try", found) == []
    route = next(result for result in found["routes"] if result["route"] == ROUTE)
    assert (route["outcome"], bool(route["reasons"])) == (outcome, True)


def test_a_port_that_is_taken_is_refused(acme):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        refused = said(acme("confirmed"), "ui", "--no-browser", "--port", port).must(WRONG)
    assert "cannot be used" in refused.err


def test_the_pages_tell_a_program_their_address(acme):
    project = acme("confirmed").project
    out = project.folder.with_name("stdout")
    out.unlink()
    pid = project.begin("ui", "--no-browser")
    assert waited_for(lambda: out.exists() and out.read_text().rstrip().endswith("}"))
    os.kill(pid, signal.SIGINT)
    answer = project.ended(pid).must(OK).json
    assert faults("ui", answer) == []
    assert answer["url"].startswith("http://127.0.0.1:")
