"""ELMA365 as the rows use it."""

import base64
from collections.abc import Mapping
from typing import Any, ClassVar

from acceptance.platforms import FAST, Row
from acceptance.slices import (
    ANNA,
    ANNA_MAIL,
    COMPANIES,
    CONTACTS,
    IVAN,
    IVAN_MAIL,
    ROMAN,
    ROMAN_MAIL,
    STAFF,
    UNREADABLE,
    Data,
    Json,
    key,
)
from acceptance.sources.base import (
    Account,
    Company,
    Note,
    Paper,
    Person,
    Source,
    Thing,
    Things,
    Wrong,
)

MADE = "2024-01-01T08:00:00Z"
"""When everything was made of which a row says nothing else."""
STAFF_OF = {
    "anna": Account(ANNA, ANNA_MAIL, "Петрова Анна Сергеевна"),
    "ivan": Account(IVAN, IVAN_MAIL, "Сидоров Иван Андреевич"),
    "roman": Account(ROMAN, ROMAN_MAIL, "Белов Роман Фёдорович"),
}
THINGS = "goods.things"
THINGS_APP: Json = {
    "namespaces": {"goods": "Имущество"},
    "apps": [
        {
            "namespace": "goods",
            "code": "things",
            "name": "Вещи",
            "fields": [
                {"code": "shelf", "type": "FLOAT", "kind": "integer", "name": "Полка"},
                {"code": "kind", "type": "ENUM", "options": {"paper": "Бумага"}, "name": "Носитель"},
                {"code": "firm", "type": "SYS_COLLECTION", "link": COMPANIES, "name": "Фирма"},
                {"code": "next", "type": "SYS_COLLECTION", "link": THINGS, "name": "Следующий"},
            ],
        }
    ],
}


class Elma365(Source):
    """A company of ELMA365. Every one has the same staff."""

    staff: ClassVar[Json] = STAFF
    snapshot: ClassVar[bool] = False
    staff_of: ClassVar[Mapping[str, Account]] = STAFF_OF
    object_of: ClassVar[Mapping[str, str]] = {
        "company": COMPANIES,
        "person": CONTACTS,
        "user": "_system.users",
        "file": "_system.files",
        "attachment": "_system.files",
        "note": "_feed.messages",
        "thing": THINGS,
    }
    wrong: ClassVar[Mapping[str, Wrong]] = {
        "twenty": Wrong("website", "нет адреса"),
        "odoo": Wrong("name", ""),  # any text may be a site there
    }
    position: ClassVar[str] = "Юрист"
    thing: ClassVar[Things] = Things(
        "Вещи",
        "Полка",
        "Носитель",
        "Бумага",
        {"twenty": ("NUMBER", "SELECT"), "odoo": ("integer", "selection")},
        follow=True,
    )

    def settings(self, variable: str) -> Row:
        return {"url": self.url, "token": f"env:{variable}", "calls_per_minute": FAST, "page_size": 1000}

    def employees(self, *accounts: Account) -> Data:
        return Data({"users": [employee(each) for each in accounts]})

    def companies(self, *companies: Company) -> Data:
        return Data({"items": {COMPANIES: [company(each) for each in companies]}})

    def broken(self, *keys: str, changed: str = "") -> Data:
        rows = [{"__id": key, "__updatedAt": changed or MADE} | UNREADABLE for key in keys]
        return Data({"items": {COMPANIES: rows}})

    def left_out(self, key: str) -> Data:
        return self.gone(key)

    def twins(self, *keys: str) -> Data:
        return self.companies(*(Company(key, "Двойник", "https://dvoynik.example") for key in keys))

    def people(self, *people: Person) -> Data:
        return Data({"items": {CONTACTS: [person(each) for each in people]}})

    def thing_key(self, name: str) -> str:
        return key("thing", name)

    def things(self, *things: Thing) -> Data:
        return Data({**THINGS_APP, "items": {THINGS: [thing(each) for each in things]}})

    def broken_thing(self, name: str) -> Data:
        row = {"__id": self.thing_key(name), "__name": name, "shelf": "высоко"}
        return Data({**THINGS_APP, "items": {THINGS: [row]}})

    def note_key(self, note: Note) -> str:
        return f"{key('note', note.name)}@{COMPANIES}:{note.company.key}"

    def notes(self, *notes: Note) -> Data:
        rows = [
            {
                "__id": key("note", told.name),
                "__target": told.company.key,
                "author": told.author.key,
                "body": f"<p>{told.text}</p>",
                "__createdAt": told.at,
                "__updatedAt": told.at,
                "__createdBy": told.author.key,
            }
            for told in notes
        ]
        return Data({"messages": rows})

    def paper_key(self, paper: Paper) -> str:
        return key("file", paper.name)

    def papers(self, *papers: Paper) -> Data:
        """The files; and the companies once more, with what lies with them."""
        files, firms = [], dict[str, Row]()
        for told in papers:
            data = base64.b64encode(told.content).decode()
            files.append({"__id": self.paper_key(told), "__name": told.name, "base64": data})
            row = firms.setdefault(told.company.key, company(told.company) | {"contract_files": []})
            row["contract_files"].append(self.paper_key(told))
        return Data({"files": files, "items": {COMPANIES: list(firms.values())}})

    def gone(self, *keys: str, changed: str = "") -> Data:
        when = {"__deletedAt": changed or MADE, "__updatedAt": changed or MADE}
        return Data({"items": {COMPANIES: [{"__id": key, "__name": "Стёртая"} | when for key in keys]}})


def company(told: Company) -> Row:
    """A company as the API has it."""
    changed = told.changed or MADE
    values: dict[str, Any] = {
        "_website": told.website,
        "_address": told.street,
        "_phone": [{"tel": told.phone, "type": "work"}] if told.phone else None,
        "revenue": {"cents": int(told.revenue * 100), "currency": "RUB"} if told.revenue else None,
        "employees": told.employees,
        "responsible": [told.owner.key] if told.owner else None,
    }
    own = {"__id": told.key, "__name": told.name, "__createdAt": MADE, "__updatedAt": changed}
    return own | {name: value for name, value in values.items() if value}


def person(told: Person) -> Row:
    """A contact as the API has it."""
    return {
        "__id": told.key,
        "__createdAt": MADE,
        "__updatedAt": told.changed or MADE,
        "_fullname": {"lastname": told.last, "firstname": told.first, "middlename": ""},
        "_email": [{"email": told.mail}],
        "_companies": [told.company],
    }


def thing(told: Thing) -> Row:
    """An element of the application of things."""
    return {
        "__id": key("thing", told.name),
        "__name": told.name,
        "shelf": told.number,
        "kind": [{"code": "paper", "name": "?"}],
        "firm": [told.firm.key] if told.firm else [],
        "next": [key("thing", told.next)] if told.next else [],
    }


def employee(told: Account) -> Row:
    """A user who works there."""
    last, _, first = told.name.partition(" ")
    return {
        "__id": told.key,
        "__name": told.name,
        "email": told.mail,
        "fullname": {"lastname": last, "firstname": first, "middlename": ""},
        "displayedPosition": "Юрист",
        "__status": {"order": 0, "status": 2},
    }
