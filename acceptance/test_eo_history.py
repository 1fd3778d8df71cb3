"""EO14: what people said and did, when and who."""

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
    author,
    call,
    comment,
    firm,
    letter,
    meeting,
    message,
    person,
)
from acceptance.platforms import Row
from acceptance.slices import ANNA, ANNA_MAIL, COMPANIES, CONTACTS, IVAN_MAIL

SLICES = {"EO14": [HISTORY]}
PLANNED, CANCELED = (0, 3, 9), (2, 5)
LOADED = [n for n in range(12) if FIRMS[n % 6] != "bad"]


def partners(shared: Pair) -> dict[str, int]:
    """Where each company and contact is, by its key."""
    there = shared.destination
    rows = there.ours("res.partner", COMPANIES) | there.ours("res.partner", CONTACTS)
    found = {key: row["id"] for key, row in rows.items()}
    return found | {firm("known"): int(there.known["history"])}


def people(shared: Pair) -> dict[str, int]:
    """The partner of each user, by e-mail."""
    return {row["email"]: row["partner_id"][0] for row in shared.destination.all("res.users")}


def said(shared: Pair, source_object: str) -> dict[str, list[Row]]:
    """The messages that came from a source object, by the key they have there: one beside each record."""
    found: dict[str, list[Row]] = {}
    for key, row in shared.destination.ours("mail.message", source_object).items():
        found.setdefault(key.partition("#")[0], []).append(row)
    return found


def test_EO14_calls_stand_in_the_history_of_company_and_person(shared: Pair, record_property):
    found, where, who = said(shared, EVENTS), partners(shared), people(shared)
    for n in range(16):
        rows = found[call(n)]
        assert {(row["model"], row["res_id"]) for row in rows} == {
            ("res.partner", where[firm(n % 4)]),
            ("res.partner", where[person(n % 4)]),
        }
        for row in rows:
            assert row["subject"] == f"Звонок {n}"
            assert row["date"] == f"2021-03-{n + 1:02d} 11:00:00"
            assert row["author_id"][0] == who[IVAN_MAIL]
            assert row["message_type"] == "comment"
            assert f"Обсудили &lt;счёт&gt; № {n} &amp; сроки" in row["body"]
            for words in ("Длительность: 0:02:05", "Качество записи: 4"):
                assert words in row["body"]
            assert ("Входящий" if n % 2 else "Исходящий") in row["body"]
    keys = [call("odd"), call("bad")]
    refused = shared.refused(keys, EVENTS)
    assert set(refused) == set(keys)
    assert not set(keys) & set(found)
    everything = (CALL_ITEMS, MEETING_ITEMS, LETTER_ITEMS, MESSAGE_ITEMS, COMMENT_ITEMS)
    moved(record_property, sum(map(len, everything)), len(refused))


def test_EO14_a_planned_meeting_is_an_open_activity(shared: Pair):
    there = shared.destination
    where = partners(shared)[firm("known")]
    open_ones, over = there.ours("mail.activity", EVENTS), said(shared, EVENTS)
    assert {key.partition("#")[0] for key in open_ones} == {meeting(n) for n in PLANNED}
    for n in PLANNED:
        (row,) = [row for key, row in open_ones.items() if key.partition("#")[0] == meeting(n)]
        assert (row["summary"], row["active"]) == (f"Встреча {n}", True)
        assert row["date_deadline"] == f"20{'99' if n == 9 else '22'}-06-0{n % 9 + 1}"
        assert (row["res_model"], row["res_id"]) == ("res.partner", where)
        assert row["activity_type_id"][1] == "Meeting"
        assert row["user_id"][0] == there.user(ANNA_MAIL if author(n) == ANNA else IVAN_MAIL)
        assert "Участники: Петрова Анна Сергеевна, Сидоров Иван Андреевич" in row["note"]
    for n in {*range(10)} - {*PLANNED}:
        (row,) = over[meeting(n)]
        assert (row["subject"], row["res_id"]) == (f"Встреча {n}", where)
        assert row["date"] == f"2022-06-0{n % 9 + 1} 09:00:00"


def test_EO14_emails_keep_their_text_sender_and_time(shared: Pair):
    found, where = said(shared, EMAILS), partners(shared)
    for n in range(12):
        (row,) = found[letter(n)]
        assert (row["subject"], row["message_type"]) == (f"Re: Договор {n}", "email")
        assert f"<p>Добрый день!</p><p>Высылаем <b>договор {n}</b>.</p>" in row["body"]
        assert f"otdel-{n}@romashka.example" in row["body"]
        assert row["date"] == f"2021-09-{n + 1:02d} 05:06:07"
        assert row["res_id"] == where[firm(n % 4)]


def test_EO14_messages_and_comments_stand_beside_their_record_with_author_and_time(shared: Pair):
    found, where, who = said(shared, MESSAGES), partners(shared), people(shared)
    for n in LOADED:
        (row,), (answer,) = found[message(n)], found[comment(n)]
        assert f"<p>Клиент доволен, оценка <i>{n}</i>.</p>" in row["body"]
        assert f"<p>Согласна, {n}</p>" in answer["body"]
        assert f"Клиент доволен, оценка {n}." in answer["body"]  # what it answers
        assert row["author_id"][0] == who[ANNA_MAIL if author(n) == ANNA else IVAN_MAIL]
        assert answer["author_id"][0] == who[ANNA_MAIL]
        for each in (row, answer):
            assert (each["model"], each["res_id"]) == ("res.partner", where[firm(FIRMS[n % 6])])
    assert not [key for key in found if key in [message(n) for n in range(12) if n not in LOADED]]


def test_EO14_not_one_email_leaves(shared: Pair):
    assert shared.destination.mails() == {}
