"""The small company that the end-to-end tests move: 3 users, 16 companies, 20 contacts, 12 tasks, 18 parts
with a parent each (a part may come before its parent, and two are each other's), and 5 files.

One record of each awkward kind is in it: a company that the destination has already, two companies with one
website, a contact that matches a record in the destination's trash, a user without an account there, and a
company without a name.
"""

import uuid
from typing import Any

Json = dict[str, Any]

COMPANIES, CONTACTS, PARTS = "_clients._companies", "_clients._contacts", "trust.parts"
APPLICATIONS = (COMPANIES, CONTACTS, PARTS)
CREATED, UPDATED = "2023-05-04T03:02:01Z", "2023-06-07T08:09:10.123456789Z"

KNOWN_THERE = "c0ffee00-1111-4222-8333-000000000001"
"""The company that is in every workspace with the seed `demo`."""


def key(*parts: object) -> str:
    """The id of a source record."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "trust/" + "/".join(map(str, parts))))


ANNA, IVAN, ROMAN = key("user", "anna"), key("user", "ivan"), key("user", "roman")


def company(n: int, **more: Any) -> Json:
    """Company number `n`."""
    values = {
        "_inn": f"77010000{n:02d}",
        "_website": f"https://trust-{n}.example",
        "_address": f"101000, Казань, ул. Баумана, д. {n}",
        "_phone": [{"type": "work", "tel": f"+7495000{n:04d}"}],
        "_email": [{"type": "work", "email": f"info@trust-{n}.example"}],
        "revenue": {"cents": 123456789 + n, "currency": "RUB"},
        "employees": 10 + n,
        "rating": 4.25,
        "is_partner": n % 2 == 0,
        "contract_date": f"2022-03-{n + 1:02d}T00:00:00Z",
        "last_contact_at": f"2022-04-{n + 1:02d}T10:20:30.123456789Z",
        "about": f"Компания {n}: " + "длинный текст, " * (20 if n == 2 else 1),
        "responsible": [ANNA if n % 2 else IVAN],
    }
    return _item(COMPANIES, n, f"Компания {n}", values | more)


def contact(n: int, **more: Any) -> Json:
    """Contact number `n`; works for the company of the same number."""
    values = {
        "_fullname": {"lastname": f"Петров{n}", "firstname": "Ян", "middlename": ""},
        "_phone": [{"type": "mobile", "tel": f"+7900000{n:04d}"}],
        "_email": [{"type": "work", "email": f"yan.{n}@trust.example"}],
        "_companies": [key(COMPANIES, n % 10)],
        "position": "Закупщик",
        "birthday": f"1980-02-{n + 1:02d}T00:00:00Z",
        "decision_maker": n % 3 == 0,
    }
    return _item(CONTACTS, n, f"Петров{n} Ян", values | more)


def task(n: int, **more: Any) -> Json:
    """Task number `n`, about a company or a contact."""
    about = (COMPANIES, CONTACTS)[n % 2]
    namespace, _, code = about.partition(".")
    values = {
        "description": f"<p>Позвонить: <b>срочно</b> ({n}).</p>",
        "state": ("assignment", "in_progress", "closed", "cancel")[n % 4],
        "performers": [ANNA],
        "author": IVAN,
        "dueDate": f"2023-07-{n + 1:02d}T12:00:00Z",
        "__item": {"namespace": namespace, "code": code, "id": key(about, n)},
    }
    return _item("_system.tasks", n, f"Дело {n}", values | more)


def part(n: int, count: int = 18, **more: Any) -> Json:
    """Part number `n`: each has a parent, part 0 a later one, and 0 and 1 are each other's."""
    parent = {0: 1, 1: 0}.get(n, (n * 7 + 3) % count)
    values = {
        "parent": [key(PARTS, parent)],
        "maker": [key(COMPANIES, n % 10)],
        "weight": 1.5 + n,
        "pieces": n * 100,
        "price": {"cents": 1999 + n, "currency": "USD"},
        "made_on": f"2021-11-{n + 1:02d}T00:00:00Z",
        "kind": [{"code": "hard" if n % 2 else "soft", "name": ""}],
        "note": f"Деталь № {n}",
        "drawings": [key("file", n)] if n < 3 else [],
    }
    return _item(PARTS, n, f"Деталь {n}", values | more)


def seed() -> Json:
    """The body of `POST /_seed`."""
    companies = [company(n) for n in range(10)]
    companies[0]["contract_files"] = [key("file", 3)]
    companies[1]["contract_files"] = [key("file", 4)]
    companies += [
        company(10, _website="https://romashka-yug.example", __name="Ромашка-Юг"),
        company(11, _website="https://trust-twins.example", _inn=None),
        company(12, _website="https://trust-twins.example", _inn=None),
        company(13, __name=""),
        company(14, _website=None),
        company(15),
    ]
    contacts = [contact(n) for n in range(20)]
    contacts[19] |= {"_email": [{"type": "work", "email": "trash@example.ru"}]}
    return {
        "namespaces": {"trust": "Доверие"},
        "apps": [PARTS_APP],
        "users": [_user(ANNA, "anna.petrova"), _user(IVAN, "ivan.sidorov"), _user(ROMAN, "roman.belov")],
        "files": [_file(n) for n in range(5)],
        "items": {COMPANIES: companies, CONTACTS: contacts, PARTS: [part(n) for n in range(18)]},
        "tasks": [task(n) for n in range(12)],
    }


PARTS_APP: Json = {
    "namespace": "trust",
    "code": "parts",
    "name": "Детали",
    "elementName": "Деталь",
    "fields": [
        {"code": "parent", "type": "SYS_COLLECTION", "link": PARTS, "name": "Узел"},
        {"code": "maker", "type": "SYS_COLLECTION", "link": COMPANIES, "name": "Изготовитель"},
        {"code": "weight", "type": "FLOAT", "name": "Вес"},
        {"code": "pieces", "type": "FLOAT", "kind": "integer", "name": "Штук"},
        {"code": "price", "type": "MONEY", "name": "Цена"},
        {"code": "made_on", "type": "DATETIME", "kind": "date", "name": "Изготовлено"},
        {"code": "kind", "type": "ENUM", "options": {"hard": "Твёрдая", "soft": "Мягкая"}, "name": "Вид"},
        {"code": "note", "type": "STRING", "kind": "text", "name": "Заметка"},
        {"code": "drawings", "type": "FILE", "many": True, "name": "Чертежи"},
    ],
}


def _item(collection: str, n: int, name: str, values: Json) -> Json:
    stamps = {"__createdAt": CREATED, "__updatedAt": UPDATED, "__createdBy": ANNA, "__updatedBy": IVAN}
    return {"__id": key(collection, n), "__name": name, "__index": n + 1} | stamps | values


def _user(identifier: str, login: str) -> Json:
    first, last = login.split(".")
    return {
        "__id": identifier,
        "__name": login,
        "login": login,
        "email": f"{login}@romashka.example",
        "fullname": {"lastname": last.title(), "firstname": first.title(), "middlename": ""},
        "__status": {"order": 0, "status": 2},
        "__createdAt": CREATED,
        "__updatedAt": UPDATED,
    }


def _file(n: int) -> Json:
    text = f"Чертёж {n}\n" * (n + 1)
    about = {"__id": key("file", n), "__name": f"Чертёж {n}.txt", "text": text}
    return about | {"__createdAt": CREATED, "__updatedAt": UPDATED, "__createdBy": ANNA}
