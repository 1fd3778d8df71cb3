"""Decisions written into a queue file while others may have it open."""

import pytest
from core.tests.answers import faults

from crossdock import queues
from crossdock.errors import ConfigError, RefusedError
from crossdock.queues import CONFLICTS, DUPLICATES, UNMATCHED, QueueLine, decide, look, write_queues

ONE = (DUPLICATES, "main", "firms", "f1")
TWO = (DUPLICATES, "main", "firms", "f2")


@pytest.fixture
def folder(tmp_path):
    lines = [QueueLine(*place, reason="the same domain") for place in (ONE, TWO)]
    write_queues(tmp_path, lines)
    return tmp_path


def said(folder):
    return {line.key: line.decision for line in look(folder).lines}


def test_a_decision_is_written_where_it_belongs(folder):
    assert decide(folder, DUPLICATES, {ONE: ("", "merge")}) == {}
    assert said(folder) == {"f1": "merge", "f2": ""}


def test_a_decision_is_taken_back(folder):
    decide(folder, DUPLICATES, {ONE: ("", "merge")})
    decide(folder, DUPLICATES, {ONE: ("merge", "")})
    assert said(folder)["f1"] == ""


def test_what_somebody_else_decided_meanwhile_is_not_lost(folder):
    decide(folder, DUPLICATES, {ONE: ("", "load"), TWO: ("", "skip")})

    refused = decide(folder, DUPLICATES, {ONE: ("", "merge"), TWO: ("", "skip")})

    assert refused == {ONE: ("somebody else decided it meanwhile", "load")}
    assert said(folder) == {"f1": "load", "f2": "skip"}


def test_broken_lines_stay_and_are_not_decided(folder):
    path = folder / "duplicates.csv"
    path.write_text(path.read_text() + "main,firms,f3,why,perhaps\nnonsense\n")

    refused = decide(folder, DUPLICATES, {(*ONE[:3], "f3"): ("", "load"), ONE: ("", "skip")})

    assert [why for why, _ in refused.values()] == ["its line cannot be followed as it stands"]
    assert {"main,firms,f3,why,perhaps", "nonsense"} <= set(path.read_text().splitlines())
    assert said(folder) == {"f1": "skip", "f2": ""}


def test_a_line_that_is_gone_is_named(folder):
    refused = decide(folder, UNMATCHED, {(UNMATCHED, "main", "users", "u1"): ("", "a@b.example")})
    assert [why for why, _ in refused.values()] == ["its line is gone"]
    assert not (folder / "unmatched.csv").exists()


@pytest.mark.parametrize(("queue", "decision"), [(DUPLICATES, "keep"), (CONFLICTS, "skip"), ("nowhere", "")])
def test_what_is_no_decision_is_refused_before_anything_is_written(folder, queue, decision):
    before = (folder / "duplicates.csv").read_bytes()
    with pytest.raises(ConfigError):
        decide(folder, queue, {(queue, *ONE[1:]): ("", decision)})
    assert (folder / "duplicates.csv").read_bytes() == before


def test_a_file_that_is_saved_over_and_over_is_left_to_others(folder, monkeypatch):
    stamps = iter(range(100))
    monkeypatch.setattr(queues, "_stamp", lambda _path: (next(stamps), 0, 0))
    with pytest.raises(RefusedError, match="being saved"):
        decide(folder, DUPLICATES, {ONE: ("", "merge")})
    assert said(folder)["f1"] == ""


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def waiting(desk):
    desk.initialise()
    lines = [QueueLine(*place, reason="the same domain") for place in (ONE, TWO)]
    write_queues(desk.folder / "queues", [*lines, QueueLine(DUPLICATES, "other", "firms", "f2", "twice")])
    return desk


def test_what_waits_is_listed_and_decided_by_command(waiting):
    listed = waiting("decide", json=True)
    done = waiting("decide", "duplicates", "firms/f1", "merge", json=True)

    assert (listed.code, done.code) == (1, 0)
    assert faults("decide", listed.json) == faults("decide", done.json) == []
    assert len(listed.json["lines"]) == 3
    assert done.json["lines"][0]["decision"] == "merge"
    assert "firms/f2: not decided" in waiting("decide", "duplicates", "main/firms/f2", "").out
    told = waiting("decide", "duplicates")
    assert "merge" in told.out


def test_a_project_where_nothing_waits_says_so(desk):
    desk.initialise()
    answer = desk("decide")
    assert (answer.code, answer.out) == (0, "nothing waits for a person.\n")


def test_a_broken_line_is_named_by_the_list(waiting):
    with (waiting.folder / "queues" / "duplicates.csv").open("a") as file:
        file.write("nonsense\n")
    assert "line 5" in waiting("decide").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "no queue"),
        (("duplicates", "firms/f1"), "needs a decision"),
        (("duplicates", "firms/f1", "perhaps"), "no decision here"),
        (("duplicates", "firms/f9", "skip"), "nothing about firms/f9"),
        (("duplicates", "firms/f2", "skip"), "several tenants"),
    ],
)
def test_what_cannot_be_decided_is_wrong_use(waiting, arguments, said):
    answer = waiting("decide", *arguments)
    assert answer.code == 2
    assert said in answer.err


def test_a_line_that_somebody_else_decides_meanwhile_is_refused(waiting, monkeypatch):
    taken = {ONE: ("somebody else decided it meanwhile", "load")}
    monkeypatch.setattr(queues, "decide", lambda *_details: taken)
    answer = waiting("decide", "duplicates", "firms/f1", "skip")
    assert answer.code == 4
    assert "it says load" in answer.err
