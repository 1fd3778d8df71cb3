"""ET14, P08 and P09: what people said and did, when and who, and the files beside it."""

# ruff: noqa: N802 - a test is named after its row

from acceptance.harness import Pair, Row, moved
from acceptance.history import (
    CALL_ITEMS,
    CALLS,
    COMMENT_ITEMS,
    FILES,
    FIRMS,
    HISTORY,
    KNOWN,
    LETTER_ITEMS,
    LETTERS,
    MEETING_ITEMS,
    MEETINGS,
    MESSAGE_ITEMS,
    at,
    author,
    content,
    firm,
    person,
)
from acceptance.slices import ANNA, ANNA_MEMBER, COMPANIES, CONTACTS, IVAN_MEMBER, key

EVENTS, EMAILS, MESSAGES = "_activity.events", "_activity.emails", "_feed.messages"
SLICES = {"ET14": [HISTORY], "P08": [HISTORY], "P09": [HISTORY]}


def call(name: object) -> str:
    """The key of a call as an activity."""
    return f"{key('history', 'call', name)}@{CALLS}"


def meeting(number: int) -> str:
    """The key of a meeting as an activity."""
    return f"{key('history', 'meeting', number)}@{MEETINGS}"


def letter(number: int) -> str:
    """The key of an e-mail as an activity."""
    return f"{key('history', 'letter', number)}@{LETTERS}"


def message(number: int) -> str:
    """The key of a message: where its feed is belongs to it."""
    return f"{key('history', 'message', number)}@{COMPANIES}:{firm(FIRMS[number % 6])}"


def comment(number: int) -> str:
    """The key of the comment to a message."""
    own, _, where = message(number).partition("@")
    return f"{own}.{key('history', 'comment', number)}@{where}"


def companies(shared: Pair) -> dict[str, str]:
    """Where each company is, by its name here; the refused one is absent."""
    found = shared.destination.ours("companies", COMPANIES)
    return {n: found[firm(n)]["id"] for n in ("0", "1", "2", "3")} | {"known": KNOWN}


def linked(shared: Pair, links: str, one: str) -> dict[str, list[Row]]:
    """The links of each task or note, by its id."""
    found: dict[str, list[Row]] = {}
    for row in shared.destination.all(links):
        found.setdefault(row[one], []).append(row)
    return found


def markdown(row: Row) -> str:
    """The text of a note or task."""
    return str(row["bodyV2"]["markdown"])


def test_ET14_calls_become_tasks_with_what_was_said(shared: Pair, record_property):
    found = shared.destination.ours("tasks", EVENTS)
    for n in range(16):
        row = found[call(n)]
        assert (row["title"], row["status"], row["activity"]) == (f"Звонок {n}", "DONE", "CALL")
        assert row["direction"] == ("Входящий" if n % 2 else "Исходящий")
        assert row["dueAt"] == f"2021-03-{n + 1:02d}T11:00:00.000Z"
        assert row["assigneeId"] == IVAN_MEMBER
        text = markdown(row).replace("\\", "")
        assert f"Обсудили <счёт> № {n} & сроки" in text
        assert "Длительность: 0:02:05" in text
        assert "Качество записи: 4" in text
    keys = [call("odd"), call("bad")]
    refused = shared.refused(keys, f"{EVENTS}>task")
    assert set(refused) == set(keys)
    assert "start" in refused[call("odd")]
    assert firm("bad") in refused[call("bad")]
    assert not {call("odd"), call("bad")} & set(found)
    everything = (CALL_ITEMS, MEETING_ITEMS, LETTER_ITEMS, MESSAGE_ITEMS, COMMENT_ITEMS)
    moved(record_property, sum(map(len, everything)), len(refused))


def test_ET14_calls_are_linked_to_company_and_person(shared: Pair):
    found, firms = shared.destination.ours("tasks", EVENTS), companies(shared)
    people = shared.destination.ours("people", CONTACTS)
    links = linked(shared, "taskTargets", "taskId")
    for n in range(16):
        targets = links[found[call(n)]["id"]]
        assert {row["targetCompanyId"] for row in targets} == {firms[str(n % 4)], None}
        assert {row["targetPersonId"] for row in targets} == {people[person(n % 4)]["id"], None}


def test_ET14_a_planned_meeting_stays_open(shared: Pair):
    found = shared.destination.ours("tasks", EVENTS)
    states = [found[meeting(n)]["status"] for n in range(10)]
    assert states == ["TODO", "DONE", "CANCELED", "TODO", "DONE", "CANCELED", "DONE", "DONE", "DONE", "TODO"]
    assert "Участники: Петрова Анна Сергеевна, Сидоров Иван Андреевич" in markdown(found[meeting(0)])
    links = linked(shared, "taskTargets", "taskId")
    assert {links[found[meeting(n)]["id"]][0]["targetCompanyId"] for n in range(10)} == {KNOWN}


def test_ET14_emails_become_notes(shared: Pair):
    found, firms = shared.destination.ours("notes", EMAILS), companies(shared)
    links = linked(shared, "noteTargets", "noteId")
    for n in range(12):
        row = found[letter(n)]
        assert row["title"] == f"Re: Договор {n}"
        assert f"Добрый день!\n\nВысылаем **договор {n}**." in markdown(row)
        assert f"От кого: otdel-{n}@romashka.example" in markdown(row).replace("\\", "")
        assert [link["targetCompanyId"] for link in links[row["id"]]] == [firms[str(n % 4)]]


def test_ET14_messages_and_comments_become_notes_of_their_record(shared: Pair):
    found, firms = shared.destination.ours("notes", MESSAGES), companies(shared)
    links = linked(shared, "noteTargets", "noteId")
    for n in range(12):
        if FIRMS[n % 6] == "bad":
            continue
        row, answer = found[message(n)], found[comment(n)]
        assert row["title"] == f"Клиент доволен, оценка {n}."
        assert f"Клиент доволен, оценка *{n}*." in markdown(row)
        assert "To: Сидоров Иван Андреевич" in markdown(row)
        assert f"In reply to: Клиент доволен, оценка {n}." in markdown(answer)
        for each in (row, answer):
            assert [link["targetCompanyId"] for link in links[each["id"]]] == [firms[FIRMS[n % 6]]]


def test_P08_activities_keep_their_time_and_author(pair: Pair, record_property):
    tasks = pair.destination.ours("tasks", EVENTS)
    notes = pair.destination.ours("notes", MESSAGES)
    emails = pair.destination.ours("notes", EMAILS)
    members = {True: ("Анна Петрова", ANNA_MEMBER), False: ("Иван Сидоров", IVAN_MEMBER)}
    wanted = {tasks[call(n)]["id"]: (at(n), members[author(n) == ANNA]) for n in range(16)}
    wanted |= {tasks[meeting(n)]["id"]: (at(n + 20), members[author(n) == ANNA]) for n in range(10)}
    wanted |= {
        emails[letter(n)]["id"]: (f"2021-09-{n + 1:02d}T05:06:07.000Z", members[author(n) == ANNA])
        for n in range(12)
    }
    loaded = [n for n in range(12) if FIRMS[n % 6] != "bad"]
    wanted |= {notes[message(n)]["id"]: (at(n + 60), members[author(n) == ANNA]) for n in loaded}
    wanted |= {notes[comment(n)]["id"]: (at(n + 80), members[True]) for n in loaded}
    rows = {row["id"]: row for row in (*tasks.values(), *notes.values(), *emails.values())}
    found = {
        name: (row["createdAt"], (row["createdBy"]["name"], row["createdBy"]["workspaceMemberId"]))
        for name, row in rows.items()
        if name in wanted
    }
    assert found == wanted
    refused = pair.refused([call("odd"), call("bad")], f"{EVENTS}>task")
    moved(record_property, len(wanted) + len(refused), len(refused))


def test_P08_reconcile_finds_every_time_and_author_again(pair: Pair):
    findings = pair.answers["reconcile"].json["findings"]
    wrong = [f for f in findings if f["object"] in ("note", "task") and f["kind"] != "normalised"]
    assert wrong == []


def attached(shared: Pair) -> dict[str, Row]:
    """Attachments by the id of their source file."""
    rows = shared.destination.ours("attachments", "_system.files")
    return {source.partition("@")[0]: row for source, row in rows.items()}


def test_P09_files_move_with_their_record(pair: Pair, record_property):
    found, firms = attached(pair), companies(pair)
    for name, where in firms.items():
        for m in range(8):
            row = found[key("history", "file", f"{name} {m}")]
            assert row["targetCompanyId"] == where  # the known one was merged into what was there
            (stored,) = row["file"]
            assert pair.destination.fetch(stored["url"]) == content(f"{name} {m}")
    held = {key("history", "file", f"bad {m}") for m in range(8)}
    refused = [x for x in pair.audit if x["source_id"].partition("@")[0] in held]
    assert {(x["outcome"], x["target_id" if "target_id" in x else "id"]) for x in refused} == {("held", "")}
    assert not held & set(found)
    moved(record_property, len(FILES), len(refused))


def test_P09_files_of_activities_and_messages_move_with_them(pair: Pair):
    found = attached(pair)
    tasks, emails = pair.destination.ours("tasks", EVENTS), pair.destination.ours("notes", EMAILS)
    notes = pair.destination.ours("notes", MESSAGES)
    for n in range(10):
        row = found[key("history", "file", f"meeting {n}")]
        assert (row["targetTaskId"], row["targetNoteId"]) == (tasks[meeting(n)]["id"], None)
    for n in range(12):
        assert found[key("history", "file", f"letter {n}")]["targetNoteId"] == emails[letter(n)]["id"]
        own = found.get(key("history", "file", f"message {n}"))
        if FIRMS[n % 6] == "bad":
            assert own is None
        else:
            assert own["targetNoteId"] == notes[message(n)]["id"]
            assert pair.destination.fetch(own["file"][0]["url"]) == content(f"message {n}")


def test_P09_notes_of_a_refused_record_wait_with_it(pair: Pair):
    of_bad = [n for n in range(12) if FIRMS[n % 6] == "bad"]
    keys = [message(n) for n in of_bad] + [comment(n) for n in of_bad]
    assert set(pair.refused(keys, f"{MESSAGES}>note")) == set(keys)
    assert not set(keys) & set(pair.destination.ours("notes", MESSAGES))
    ends = [name for name in pair.destination.all("attachments")[0] if name.startswith("target")]
    loose = [
        row["id"]
        for row in pair.destination.ours("attachments", "_system.files").values()
        if not any(row[end] for end in ends)
    ]
    assert loose == []
