"""ET14: what people said and did, when and who."""

# ruff: noqa: N802 - a test is named after its row

from acceptance.harness import Pair, moved
from acceptance.history import (
    CALL_ITEMS,
    COMMENT_ITEMS,
    EMAILS,
    EVENTS,
    FIRMS,
    HISTORY,
    LETTER_ITEMS,
    MEETING_ITEMS,
    MESSAGE_ITEMS,
    MESSAGES,
    call,
    comment,
    firm,
    letter,
    meeting,
    message,
    person,
)
from acceptance.platforms import Row
from acceptance.slices import COMPANIES, CONTACTS, IVAN_MEMBER

SLICES = {"ET14": [HISTORY]}


def companies(shared: Pair) -> dict[str, str]:
    """Where each company is, by its name here; the refused one is absent."""
    found = shared.destination.ours("companies", COMPANIES)
    known = shared.destination.known["history"]
    return {n: found[firm(n)]["id"] for n in ("0", "1", "2", "3")} | {"known": known}


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
    assert {links[found[meeting(n)]["id"]][0]["targetCompanyId"] for n in range(10)} == {
        shared.destination.known["history"]
    }


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
