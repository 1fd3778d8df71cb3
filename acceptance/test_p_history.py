"""P08 and P09: when and by whom things were done, and the files and notes beside a record."""

# ruff: noqa: N802 - a test is named after its row

from collections.abc import Mapping

import pytest
from acceptance.harness import Pair, moved
from acceptance.history import (
    EMAILS,
    EVENTS,
    FILE_NAMES,
    FIRMS,
    HISTORY,
    MESSAGES,
    NOTES,
    at,
    author,
    call,
    comment,
    content,
    file_key,
    letter,
    meeting,
    message,
    told_firm,
    told_note,
)
from acceptance.platforms import Row
from acceptance.slices import ANNA, ANNA_MAIL, IVAN_MAIL
from acceptance.sources import Source

SLICES = {"P08": [HISTORY], "P09": [HISTORY]}
LOADED = [n for n in range(12) if FIRMS[n % 6] != "bad"]

# What the sources differ in: what was said and done, by the kind that it is there and its object.
SAID: Mapping[str, Mapping[str, str]] = {
    "elma365": {"event": EVENTS, "email": EMAILS, "message": MESSAGES},
    "cetec": {"task": "note"},
    "ascora": {"message": "notes"},
}


def by(number: int) -> str:
    """The account of who made what has this number."""
    return ANNA_MAIL if author(number) == ANNA else IVAN_MAIL


# What the pairs differ in: which time and whom a call, a meeting, an e-mail keeps. One destination has a date
# for each record and says who made it; the other has the date of the event, and who did it.
KEPT = {
    "twenty": {
        **{call(n): (at(n), by(n)) for n in range(16)},
        **{meeting(n): (at(n + 20), by(n)) for n in range(10)},
        **{letter(n): (f"2021-09-{n + 1:02d}T05:06:07Z", by(n)) for n in range(12)},
    },
    "odoo": {
        **{call(n): (f"2021-03-{n + 1:02d}T11:00:00Z", IVAN_MAIL) for n in range(16)},
        # Without somebody who is responsible, who wrote it down. Those to come keep when that was.
        **{meeting(n): (f"2022-06-0{n % 9 + 1}T09:00:00Z", by(n)) for n in range(10)},
        **{meeting(n): (at(n + 20), by(n)) for n in (0, 3, 9)},
        **{letter(n): (f"2021-09-{n + 1:02d}T05:06:07Z", by(n)) for n in range(12)},
    },
}
# Nobody can be made the maker of a task in Odoo: who wrote one is a name there.
NAMED = {("task", "odoo")}
# What was sent with a message lies with it, or with its record, and is shown with the message.
FILES_LIE_WITH = {"twenty": "message", "odoo": "record"}


def writer_field(pair: Pair) -> str:
    """The neutral field that says who wrote what was said."""
    named = any((kind, pair.destination.platform) in NAMED for kind in SAID[pair.source.platform])
    return "author" if named else "author_account"


def writer(pair: Pair, number: int) -> str:
    """What that field says of who wrote the note with this number."""
    who = pair.source.account("anna" if author(number) == ANNA else "ivan")
    return who.name if writer_field(pair) == "author" else who.mail


def kept(pair: Pair) -> dict[str, tuple[str, str]]:
    """When and by whom what arrives was said or done, by its key."""
    source = pair.source
    if source.platform != "elma365":
        notes = {source.note_key(told_note(source, n)): n for n in range(NOTES) if FIRMS[n % 6] != "bad"}
        return {found: (at(n), writer(pair, n)) for found, n in notes.items()}
    wanted = dict(KEPT[pair.destination.platform])
    wanted |= {message(n): (at(n + 60), by(n)) for n in LOADED}
    return wanted | {comment(n): (at(n + 80), ANNA_MAIL) for n in LOADED}


def refused_notes(source: Source) -> tuple[str, list[str]]:
    """The kind and the keys of the notes about the refused company."""
    if source.platform == "elma365":
        of_bad = [n for n in range(12) if FIRMS[n % 6] == "bad"]
        return "message", [message(n) for n in of_bad] + [comment(n) for n in of_bad]
    (kind,) = SAID[source.platform]
    of_bad = [n for n in range(NOTES) if FIRMS[n % 6] == "bad"]
    return kind, [source.note_key(told_note(source, n)) for n in of_bad]


def companies(pair: Pair) -> dict[str, str]:
    """Where each company is, by its name here; the refused one is absent."""
    found = pair.arrived("company")
    known = pair.destination.known["history"]
    own = {n: found[told_firm(pair.source, n).key]["id"] for n in ("0", "1", "2", "3")}
    return own | {"known": known}


def test_P08_activities_keep_their_time_and_author(pair: Pair, record_property):
    there, source = pair.destination, pair.source
    rows: dict[str, Row] = {}
    for kind, name in SAID[source.platform].items():
        rows |= there.arrived(kind, name)
    wanted = kept(pair)
    who = writer_field(pair)
    found = {name: (row.get("created"), row.get(who)) for name, row in rows.items() if name in wanted}
    assert found == wanted
    kind, keys = refused_notes(source)
    if source.platform == "elma365":
        kind, keys = "event", [call("odd"), call("bad")]
    refused = pair.refused(keys, pair.route(SAID[source.platform][kind], kind))
    moved(record_property, len(wanted) + len(refused), len(refused))


def test_P08_reconcile_finds_every_time_and_author_again(pair: Pair):
    names = {pair.destination.object_name(kind) for kind in SAID[pair.source.platform]}
    findings = pair.answers["reconcile"].json["findings"]
    wrong = [f for f in findings if f["object"] in names and f["kind"] != "normalised"]
    assert wrong == []


def attached(pair: Pair) -> dict[str, Row]:
    """Attachments by the id of their source file."""
    return {source.partition("@")[0]: row for source, row in pair.arrived("attachment").items()}


def test_P09_files_move_with_their_record(pair: Pair, record_property):
    found, firms = attached(pair), companies(pair)
    for name, where in firms.items():
        for m in range(8):
            row = found[file_key(pair.source, f"{name} {m}")]
            assert row["on"] == where  # the known one was merged into what was there
            assert pair.destination.content(row) == content(f"{name} {m}")
    held = {file_key(pair.source, f"bad {m}") for m in range(8)}
    lines = [x for x in pair.audit if x["source_id"].partition("@")[0] in held]
    refused = [x for x in lines if x["outcome"] != "skipped"]  # by a route that is not about them
    assert {x["source_id"].partition("@")[0] for x in refused} == held
    assert {(x["outcome"], x["id"]) for x in refused} == {("held", "")}
    assert not held & set(found)
    records = len(FILE_NAMES) + len(firms) + len(kept(pair))
    moved(record_property, records, len(refused))


@pytest.mark.source("elma365")
def test_P09_files_of_activities_and_messages_move_with_them(pair: Pair):
    found, there = attached(pair), pair.destination
    said = {
        **{f"meeting {n}": there.arrived("event", EVENTS)[meeting(n)] for n in range(10)},
        **{f"letter {n}": there.arrived("email", EMAILS)[letter(n)] for n in range(12)},
        **{f"message {n}": there.arrived("message", MESSAGES)[message(n)] for n in LOADED},
    }
    for name, row in said.items():
        own = found[file_key(pair.source, name)]
        if FILES_LIE_WITH[there.platform] == "message":
            assert own["on"] == row["id"]
        else:
            assert own["on"] in row["about"]
            assert own["id"] in row["files"]
        assert there.content(own) == content(name)
    lost = {file_key(pair.source, f"message {n}") for n in range(12) if n not in LOADED}
    assert not lost & set(found)


def test_P09_notes_stand_beside_their_record(pair: Pair):
    """A note is about the company that it was about; where it is, both know."""
    source, firms = pair.source, companies(pair)
    if source.platform == "elma365":
        about = {message(n): FIRMS[n % 6] for n in LOADED}
    else:
        about = {source.note_key(told_note(source, n)): FIRMS[n % 6] for n in range(NOTES)}
    kind, _ = refused_notes(source)
    rows = pair.destination.arrived(kind, SAID[source.platform][kind])
    for found, name in about.items():
        if name != "bad":
            assert rows[found]["about"] == [firms[name]]


def test_P09_notes_of_a_refused_record_wait_with_it(pair: Pair):
    kind, keys = refused_notes(pair.source)
    name = SAID[pair.source.platform][kind]
    assert set(pair.refused(keys, pair.route(name, kind))) == set(keys)
    assert not set(keys) & set(pair.destination.arrived(kind, name))
    files = pair.arrived("attachment")
    assert files
    assert [row["name"] for row in files.values() if not row["on"]] == []
