"""P08 and P09: when and by whom things were done, and the files and notes beside a record."""

# ruff: noqa: N802 - a test is named after its row

from acceptance.harness import Pair, moved
from acceptance.history import (
    EMAILS,
    EVENTS,
    FILES,
    FIRMS,
    HISTORY,
    MESSAGES,
    at,
    author,
    call,
    comment,
    content,
    firm,
    letter,
    meeting,
    message,
)
from acceptance.platforms import Row
from acceptance.slices import ANNA, ANNA_MAIL, COMPANIES, IVAN_MAIL, key

SLICES = {"P08": [HISTORY], "P09": [HISTORY]}
LOADED = [n for n in range(12) if FIRMS[n % 6] != "bad"]


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
# What was sent with a message lies with it, or with its record, and is shown with the message.
FILES_LIE_WITH = {"twenty": "message", "odoo": "record"}


def companies(pair: Pair) -> dict[str, str]:
    """Where each company is, by its name here; the refused one is absent."""
    found = pair.destination.arrived("company", COMPANIES)
    known = pair.destination.known["history"]
    return {n: found[firm(n)]["id"] for n in ("0", "1", "2", "3")} | {"known": known}


def test_P08_activities_keep_their_time_and_author(pair: Pair, record_property):
    there = pair.destination
    events, emails = there.arrived("event", EVENTS), there.arrived("email", EMAILS)
    messages = there.arrived("message", MESSAGES)
    wanted = dict(KEPT[there.platform])
    wanted |= {message(n): (at(n + 60), by(n)) for n in LOADED}
    wanted |= {comment(n): (at(n + 80), ANNA_MAIL) for n in LOADED}
    rows = {**events, **emails, **messages}
    found = {name: (row["created"], row["author_account"]) for name, row in rows.items() if name in wanted}
    assert found == wanted
    refused = pair.refused([call("odd"), call("bad")], pair.route(EVENTS, "event"))
    moved(record_property, len(wanted) + len(refused), len(refused))


def test_P08_reconcile_finds_every_time_and_author_again(pair: Pair):
    names = {pair.destination.object_name(kind) for kind in ("event", "email", "message")}
    findings = pair.answers["reconcile"].json["findings"]
    wrong = [f for f in findings if f["object"] in names and f["kind"] != "normalised"]
    assert wrong == []


def attached(pair: Pair) -> dict[str, Row]:
    """Attachments by the id of their source file."""
    rows = pair.destination.arrived("attachment", "_system.files")
    return {source.partition("@")[0]: row for source, row in rows.items()}


def test_P09_files_move_with_their_record(pair: Pair, record_property):
    found, firms = attached(pair), companies(pair)
    for name, where in firms.items():
        for m in range(8):
            row = found[key("history", "file", f"{name} {m}")]
            assert row["on"] == where  # the known one was merged into what was there
            assert pair.destination.content(row) == content(f"{name} {m}")
    held = {key("history", "file", f"bad {m}") for m in range(8)}
    lines = [x for x in pair.audit if x["source_id"].partition("@")[0] in held]
    refused = [x for x in lines if x["outcome"] != "skipped"]  # by a route that is not about them
    assert {x["source_id"].partition("@")[0] for x in refused} == held
    assert {(x["outcome"], x["id"]) for x in refused} == {("held", "")}
    assert not held & set(found)
    moved(record_property, len(FILES), len(refused))


def test_P09_files_of_activities_and_messages_move_with_them(pair: Pair):
    found, there = attached(pair), pair.destination
    said = {
        **{f"meeting {n}": there.arrived("event", EVENTS)[meeting(n)] for n in range(10)},
        **{f"letter {n}": there.arrived("email", EMAILS)[letter(n)] for n in range(12)},
        **{f"message {n}": there.arrived("message", MESSAGES)[message(n)] for n in LOADED},
    }
    for name, row in said.items():
        own = found[key("history", "file", name)]
        if FILES_LIE_WITH[there.platform] == "message":
            assert own["on"] == row["id"]
        else:
            assert own["on"] in row["about"]
            assert own["id"] in row["files"]
        assert there.content(own) == content(name)
    assert not {key("history", "file", f"message {n}") for n in range(12) if n not in LOADED} & set(found)


def test_P09_notes_of_a_refused_record_wait_with_it(pair: Pair):
    of_bad = [n for n in range(12) if FIRMS[n % 6] == "bad"]
    keys = [message(n) for n in of_bad] + [comment(n) for n in of_bad]
    assert set(pair.refused(keys, pair.route(MESSAGES, "message"))) == set(keys)
    assert not set(keys) & set(pair.destination.arrived("message", MESSAGES))
    files = pair.destination.arrived("attachment", "_system.files")
    assert files
    assert [row["name"] for row in files.values() if not row["on"]] == []
