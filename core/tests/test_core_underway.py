"""What a command is doing, as other processes see it."""

import json
import os
import socket
import subprocess
import sys
import time

from core.tests.toy_platforms import world

from crossdock import underway
from crossdock.underway import ProgressFile, called_as, under_way


def note_of(folder, pid, **changed):
    note = {"pid": pid, "host": socket.gethostname(), "command": "crossdock run", "since": 1.0}
    note |= {"at": time.time(), "pace": "", "parts": [["firms", 3, 9]]}
    path = folder / f"under-way-{pid}.lock"
    path.write_text(json.dumps(note | changed))
    return path


def test_work_is_seen_while_it_goes_on_and_not_after(tmp_path):
    file = ProgressFile(tmp_path, "crossdock run", pace=lambda: "5 requests")

    file.tell("firms", 3, 12)
    (seen,) = under_way(tmp_path)
    file.close()

    assert (seen.pid, seen.command, seen.pace) == (os.getpid(), "crossdock run", "5 requests")
    assert [(p.what, p.done, p.total, p.share) for p in seen.parts] == [("firms", 3, 12, 0.25)]
    assert under_way(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_what_is_worked_on_stands_last(tmp_path, monkeypatch):
    monkeypatch.setattr(underway, "_EVERY", 0.0)
    file = ProgressFile(tmp_path)
    for what in ("firms", "people", "firms"):
        file.tell(what, 1, None)
    assert [(p.what, p.done, p.share) for p in under_way(tmp_path)[0].parts] == [
        ("people", 1, None),
        ("firms", 2, None),
    ]


def test_it_is_not_written_more_often_than_it_is_read(tmp_path):
    file = ProgressFile(tmp_path)
    for _ in range(1000):
        file.tell("firms", 1, 1000)
    assert under_way(tmp_path)[0].parts[0].done < 1000


def test_a_killed_process_is_passed_over_and_cleared_away(tmp_path):
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True)
    left = note_of(tmp_path, int(gone.stdout))
    broken = tmp_path / "under-way-1x.lock"
    broken.write_text("{")

    assert under_way(tmp_path) == []
    ProgressFile(tmp_path).tell("firms", 1, None)

    assert not left.exists()
    assert not broken.exists()


def test_a_process_on_another_machine_counts_while_it_speaks(tmp_path):
    note_of(tmp_path, 4_000_001, host="elsewhere")
    note_of(tmp_path, 4_000_002, host="elsewhere", at=time.time() - 3600)
    assert [each.pid for each in under_way(tmp_path)] == [4_000_001]


def test_a_note_that_says_too_little_is_passed_over(tmp_path):
    note_of(tmp_path, os.getpid(), parts=[["firms"]])
    assert under_way(tmp_path) == []


def test_where_nothing_can_be_written_the_work_goes_on(tmp_path):
    file = ProgressFile(tmp_path / "not there")
    file.tell("firms", 1, None)
    file.close()


def test_a_command_is_named_without_folders():
    assert called_as(["-C", "/srv/acme", "--json", "run", "--delta"]) == "crossdock run --delta"


def test_a_run_is_seen_by_others_while_it_works(desk, monkeypatch):
    desk.prepare()
    seen: list[underway.UnderWay] = []
    original = world.destination.load

    def load(*arguments):
        seen.extend(under_way(desk.folder / ".crossdock"))
        return original(*arguments)

    monkeypatch.setattr(world.destination, "load", load)
    desk("run")

    assert any(each.parts for each in seen)
    assert under_way(desk.folder / ".crossdock") == []
