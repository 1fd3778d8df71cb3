"""The data of the rows about history: calls, meetings, e-mails, messages and files of a few companies."""

import base64
from typing import Any

from acceptance.destinations import Destination
from acceptance.slices import ANNA, COMPANIES, CONTACTS, IVAN, UNREADABLE, Data, Slice, key, together
from acceptance.sources import Source
from acceptance.sources.base import Company, Note, Paper

EVENTS, EMAILS, MESSAGES = "_activity.events", "_activity.emails", "_feed.messages"
CALLS, MEETINGS, LETTERS = "_clients._calls", "_clients._meetings", "_clients._letters"
FIRMS = ("0", "1", "2", "3", "known", "bad")


def firm(name: object) -> str:
    """The key of a company."""
    return key("history", "company", name)


def person(number: int) -> str:
    """The key of a contact."""
    return key("history", "contact", number)


def content(name: object) -> bytes:
    """The bytes of a file, text and bytes that are none."""
    return f"%PDF-1.4\nПротокол {name}\n".encode() + bytes(range(256))


def file_item(name: object) -> dict[str, Any]:
    """One file of the source."""
    data = base64.b64encode(content(name)).decode()
    return {
        "__id": key("history", "file", name),
        "__name": f"Протокол {name}.pdf",
        "__createdAt": "2021-05-04T03:02:01Z",
        "__createdBy": IVAN,
        "base64": data,
    }


def stamps(number: int, author: str) -> dict[str, Any]:
    """When and by whom: each number has a time of its own."""
    made = f"2021-0{number % 9 + 1}-{number % 28 + 1:02d}T0{number % 10}:{number % 60:02d}:13Z"
    return {"__createdAt": made, "__updatedAt": made, "__createdBy": author}


def at(number: int) -> str:
    """The time of `stamps`."""
    return str(stamps(number, "")["__createdAt"])


def author(number: int) -> str:
    """Who made what has this number."""
    return ANNA if number % 2 else IVAN


def ref(identifier: str) -> dict[str, str]:
    """A link to a company from a field that may lead to anything."""
    return {"namespace": "_clients", "code": "_companies", "id": identifier}


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


COMPANY_ITEMS: list[dict[str, Any]] = [
    {
        "__id": firm(n),
        "__name": f"Историческая {n}",
        "_website": f"https://istoria-{n}.example",
        "contract_files": [key("history", "file", f"{n} {m}") for m in range(8)],
    }
    for n in ("0", "1", "2", "3")
] + [
    {
        "__id": firm("known"),
        "__name": "Давняя историческая",
        "_website": "https://istoria-davnyaya.example",
        "contract_files": [key("history", "file", f"known {m}") for m in range(8)],
    },
    {
        "__id": firm("bad"),
        **UNREADABLE,
        "contract_files": [key("history", "file", f"bad {m}") for m in range(8)],
    },
]
CONTACT_ITEMS: list[dict[str, Any]] = [
    {
        "__id": person(n),
        "_fullname": {"lastname": f"Летописцев {n}", "firstname": "Ким", "middlename": ""},
        "_email": [{"email": f"letopis-{n}@istoria.example"}],
        "_companies": [firm(n)],
    }
    for n in range(4)
]
CALL_ITEMS: list[dict[str, Any]] = [
    {
        "__id": key("history", "call", n),
        "__name": f"Звонок {n}",
        "description": f"Обсудили <счёт> № {n} & сроки",
        "start": f"2021-03-{n + 1:02d}T11:00:00Z",
        "duration": 125,
        "direction": [{"code": "in" if n % 2 else "out", "name": "?"}],
        "company": [firm(n % 4)],
        "contact": [person(n % 4)],
        "responsible": [IVAN],
        "record_quality": 4,
        **stamps(n, author(n)),
        "__updatedAt": f"2021-10-{n + 1:02d}T11:00:00Z",  # noted after it: so it is over
    }
    for n in range(16)
] + [
    {"__id": key("history", "call", "odd"), "__name": "Странный", "start": "вчера", "company": [firm(0)]},
    {"__id": key("history", "call", "bad"), "__name": "Никому", "start": None, "company": [firm("bad")]},
]
MEETING_ITEMS: list[dict[str, Any]] = [
    {
        "__id": key("history", "meeting", n),
        "__name": f"Встреча {n}",
        "start": f"20{'99' if n == 9 else '22'}-06-0{n % 9 + 1}T09:00:00Z",
        "end": f"20{'99' if n == 9 else '22'}-06-0{n % 9 + 1}T10:00:00Z",
        "participants": [ANNA, IVAN],
        "about": ref(firm("known")),
        "minutes": [key("history", "file", f"meeting {n}")],
        "status": ("planned", "held", "canceled")[n % 3] if n < 6 else None,
        **stamps(n + 20, author(n)),
    }
    for n in range(10)
]
for held in MEETING_ITEMS[6:]:  # without a status the last change decides: after three of them, before one
    held["__status"] = None
    held["__updatedAt"] = "2022-07-01T09:00:00Z"
LETTER_ITEMS: list[dict[str, Any]] = [
    {
        "__id": key("history", "letter", n),
        "__name": f"Re: Договор {n}",
        "body": f"<p>Добрый день!</p><p>Высылаем <b>договор {n}</b>.</p>",
        "sent_at": f"2021-09-{n + 1:02d}T05:06:07Z",
        "from": [{"type": "work", "email": f"otdel-{n}@romashka.example"}],
        "company": [firm(n % 4)],
        "enclosures": [key("history", "file", f"letter {n}")],
        **stamps(n + 40, author(n)),
    }
    for n in range(12)
]
MESSAGE_ITEMS: list[dict[str, Any]] = [
    {
        "__id": key("history", "message", n),
        "__target": firm(FIRMS[n % 6]),
        "author": author(n),
        "body": f"<p>Клиент доволен, оценка <i>{n}</i>.</p>",
        "recipients": [IVAN],
        "files": [key("history", "file", f"message {n}")],
        **stamps(n + 60, IVAN),
    }
    for n in range(12)
]
COMMENT_ITEMS: list[dict[str, Any]] = [
    {
        "__id": key("history", "comment", n),
        "__message": key("history", "message", n),
        "author": ANNA,
        "body": f"<p>Согласна, {n}</p>",
        **stamps(n + 80, IVAN),
    }
    for n in range(12)
]
FILES: list[dict[str, Any]] = [
    file_item(name)
    for name in (
        *(f"{owner} {m}" for owner in FIRMS for m in range(8)),
        *(f"meeting {n}" for n in range(10)),
        *(f"letter {n}" for n in range(12)),
        *(f"message {n}" for n in range(12)),
    )
]
APPS: list[dict[str, Any]] = [
    {
        "namespace": "_clients",
        "code": "_calls",
        "name": "Звонки",
        "type": "EVENT",
        "fields": [
            {"code": "description", "type": "STRING", "kind": "text", "name": "Описание"},
            {"code": "start", "type": "DATETIME", "kind": "datetime", "name": "Начало"},
            {"code": "duration", "type": "DURATION", "name": "Длительность"},
            {"code": "direction", "type": "ENUM", "options": {"in": "Входящий", "out": "Исходящий"}},
            {"code": "company", "type": "SYS_COLLECTION", "link": COMPANIES},
            {"code": "contact", "type": "SYS_COLLECTION", "link": CONTACTS},
            {"code": "responsible", "type": "SYS_USER", "name": "Ответственный"},
            {"code": "record_quality", "type": "FLOAT", "kind": "integer", "name": "Качество записи"},
        ],
    },
    {
        "namespace": "_clients",
        "code": "_meetings",
        "name": "Встречи",
        "type": "EVENT",
        "fields": [
            {"code": "start", "type": "DATETIME", "kind": "datetime", "name": "Начало"},
            {"code": "end", "type": "DATETIME", "kind": "datetime", "name": "Конец"},
            {"code": "participants", "type": "SYS_USER", "many": True, "name": "Участники"},
            {"code": "about", "type": "REF_ITEM", "name": "О ком"},
            {"code": "minutes", "type": "FILE", "many": True, "name": "Протоколы"},
        ],
        "statuses": [["planned", "Запланирована"], ["held", "Состоялась"], ["canceled", "Отменена"]],
    },
    {
        "namespace": "_clients",
        "code": "_letters",
        "name": "Письма",
        "type": "EVENT",
        "fields": [
            {"code": "body", "type": "STRING", "kind": "html", "name": "Текст"},
            {"code": "sent_at", "type": "DATETIME", "kind": "datetime", "name": "Отправлено"},
            {"code": "from", "type": "EMAIL", "name": "От кого"},
            {"code": "company", "type": "SYS_COLLECTION", "link": COMPANIES},
            {"code": "enclosures", "type": "FILE", "many": True, "name": "Вложения"},
        ],
    },
]
SEED: dict[str, Any] = {
    "apps": APPS,
    "files": FILES,
    "messages": MESSAGE_ITEMS,
    "comments": COMMENT_ITEMS,
    "items": {
        COMPANIES: COMPANY_ITEMS,
        CONTACTS: CONTACT_ITEMS,
        CALLS: CALL_ITEMS,
        MEETINGS: MEETING_ITEMS,
        LETTERS: LETTER_ITEMS,
    },
}


def known_company(destination: Destination) -> None:
    """A company that people have there already; the history of the one at the source joins it."""
    site = "https://istoria-davnyaya.example"
    destination.known["history"] = destination.make("company", name="Давняя историческая", website=site)


# --- the same in the words of any source: companies with files and notes --------------------------------


def told_firm(source: Source, name: str) -> Company:
    """A company by the name that it has here."""
    title = "Давняя историческая" if name == "known" else f"Историческая {name}"
    site = "https://istoria-davnyaya.example" if name == "known" else f"https://istoria-{name}.example"
    return Company(source.key("history", "company", name), title, site)


def told_note(source: Source, n: int) -> Note:
    """A note about a company; each sixth one is about the refused one."""
    who = source.account("anna" if n % 2 else "ivan")
    return Note(f"note {n}", told_firm(source, FIRMS[n % 6]), f"Клиент доволен, оценка {n}.", who, at(n))


def told_file(source: Source, name: str) -> Paper:
    """A file of the company that its name begins with."""
    return Paper(f"Протокол {name}.pdf", told_firm(source, name.partition(" ")[0]), content(name))


def file_key(source: Source, name: str) -> str:
    """The key of a file, without what it is tied to."""
    if source.platform == "elma365":
        return key("history", "file", name)
    return source.paper_key(told_file(source, name))


FILE_NAMES = [f"{owner} {m}" for owner in FIRMS for m in range(8)]
NOTES = 60


def told(source: Source) -> Data:
    """What the source holds; of ELMA365 calls, meetings, e-mails and comments too."""
    if source.platform == "elma365":
        return Data(SEED)
    return together(
        source.companies(*(told_firm(source, name) for name in FIRMS if name != "bad")),
        source.broken(told_firm(source, "bad").key),
        source.notes(*(told_note(source, n) for n in range(NOTES))),
        source.papers(*(told_file(source, name) for name in FILE_NAMES)),
    )


HISTORY = Slice("history", told, known_company)
