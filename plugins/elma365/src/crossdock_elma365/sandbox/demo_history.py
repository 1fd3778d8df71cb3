"""Calls, e-mails, comments and HR documents of the demo company; `demo` and `large:N` have them.

That applications of type EVENT hold activities is documented; their codes and fields are assumed, and so
are those of the HR application (its namespace was seen in an export).
"""

from crossdock_elma365.sandbox.company import key
from crossdock_elma365.sandbox.demo_crm import COMPANIES, CONTACTS, TWINS
from crossdock_elma365.sandbox.fields import Json
from crossdock_elma365.sandbox.store import Collection

CALLS, LETTERS, ORDERS = "_clients._calls", "_clients._letters", "kedo.orders"

_DIRECTIONS = {"in": "Входящий", "out": "Исходящий"}
_ORDERS = 3


def history(users: list[str], files: list[str]) -> Json:
    """Give the body for `Seeding.load`: 6 calls, 4 e-mails, 3 comments, 3 HR orders of which 2 are signed."""
    return {
        "namespaces": {"kedo": "КЭДО"},
        "apps": _applications(),
        "files": [_signature(number) for number in (1, 2)],
        "comments": [_comment(number, users) for number in (1, 2, 3)],
        "items": {
            CALLS: [_call(number, users) for number in range(1, 7)],
            LETTERS: [_letter(number, users, files) for number in range(1, 5)],
            ORDERS: [_order(number, users, files) for number in range(1, _ORDERS + 1)],
        },
    }


def _applications() -> list[Json]:
    links = [
        {"code": "company", "type": "SYS_COLLECTION", "link": COMPANIES, "name": "Компания"},
        {"code": "contact", "type": "SYS_COLLECTION", "link": CONTACTS, "name": "Контакт"},
    ]
    calls = [
        {"code": "description", "type": "STRING", "kind": "text", "name": "Описание"},
        {"code": "start", "type": "DATETIME", "kind": "datetime", "name": "Начало"},
        {"code": "duration", "type": "DURATION", "name": "Длительность"},
        {"code": "direction", "type": "ENUM", "options": _DIRECTIONS, "name": "Направление"},
        {"code": "participants", "type": "SYS_USER", "many": True, "name": "Участники"},
    ]
    letters = [
        {"code": "body", "type": "STRING", "kind": "html", "name": "Текст"},
        {"code": "sent_at", "type": "DATETIME", "kind": "datetime", "name": "Отправлено"},
        {"code": "from", "type": "EMAIL", "name": "От кого"},
        {"code": "enclosures", "type": "FILE", "many": True, "name": "Вложения"},
    ]
    orders = [
        {"code": "number", "type": "STRING", "name": "Номер"},
        {"code": "order_date", "type": "DATETIME", "kind": "date", "name": "Дата приказа"},
        {"code": "document", "type": "FILE", "name": "Документ"},
        {"code": "signature_file", "type": "FILE", "many": True, "name": "Файл подписи"},
        {"code": "signer", "type": "SYS_USER", "name": "Подписант"},
        {"code": "signed_at", "type": "DATETIME", "kind": "datetime", "name": "Время подписания"},
        {"code": "certificate_serial", "type": "STRING", "name": "Номер сертификата"},
    ]
    event = {"namespace": "_clients", "type": "EVENT"}
    return [
        {**event, "code": "_calls", "name": "Звонки", "fields": [*calls, *links]},
        {**event, "code": "_letters", "name": "Письма", "fields": [*letters, *links]},
        {"namespace": "kedo", "code": "orders", "name": "Приказы", "type": "DOCUMENT", "fields": orders},
    ]


def _item(collection: str, number: int, name: str, users: list[str]) -> Json:
    made = f"2022-0{number}-1{number}T0{number}:15:00Z"
    stamps = {"__createdAt": made, "__updatedAt": made, "__createdBy": users[number % len(users)]}
    return {"__id": key(collection, number), "__name": name} | stamps


def _call(number: int, users: list[str]) -> Json:
    """The last call is still to come, the one before it is about a company that waits for a decision."""
    about = TWINS[0] if number == 5 else number
    return _item(CALLS, number, f"Звонок № {number}", users) | {
        "__updatedAt": f"2022-07-0{number}T10:00:00Z",
        "description": "Уточнили сроки.\nПерезвонить в пятницу.",
        "start": f"{2099 if number == 6 else 2022}-03-0{number}T10:00:00Z",
        "duration": 60 * number + 5,
        "direction": [{"code": "in" if number % 2 else "out", "name": ""}],
        "participants": users[:2],
        "company": [key(COMPANIES, about)],
        "contact": [key(CONTACTS, number)],
    }


def _letter(number: int, users: list[str], files: list[str]) -> Json:
    return _item(LETTERS, number, f"Re: Договор № {number}", users) | {
        "body": f"<p>Добрый день!</p><p>Высылаем <b>договор № {number}</b>.</p>",
        "sent_at": f"2022-04-0{number}T08:30:00Z",
        "from": [{"type": "work", "email": "sales@romashka.example"}],
        "enclosures": [files[number]],
        "company": [key(COMPANIES, number)],
        "contact": [],
    }


def _comment(number: int, users: list[str]) -> Json:
    about = {"__message": key(Collection.MESSAGES, number), "author": users[number]}
    return _item(Collection.COMMENTS, number, "", users) | about | {"body": "<p>Спасибо, учтём.</p>"}


def _signature(number: int) -> Json:
    name = f"Приказ К-{number}.pdf.p7s"
    made = {"__createdAt": "2022-05-01T12:00:00Z", "text": f"made-up signature {number}"}
    return {"__id": key("signature", number), "__name": name} | made


def _order(number: int, users: list[str], files: list[str]) -> Json:
    signed = number < _ORDERS
    return _item(ORDERS, number, f"Приказ К-{number}", users) | {
        "number": f"К-{number}",
        "order_date": f"2022-05-0{number}T00:00:00Z",
        "document": [files[number]],
        "signature_file": [key("signature", number)] if signed else [],
        "signer": [users[0]] if signed else [],
        "signed_at": f"2022-05-0{number}T12:00:00Z" if signed else None,
        "certificate_serial": f"01D8A{number}" if signed else None,
    }
