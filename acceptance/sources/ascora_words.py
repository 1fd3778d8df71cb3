"""What a tenant of Ascora holds, in the words of the rows."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from acceptance.platforms import Row
from acceptance.slices import ANNA_MAIL, IVAN_MAIL, ROMAN_MAIL, Data
from acceptance.sources.base import Account, Company, Note, Paper, Person, Source, Thing, Things

STAFF_OF = {
    "anna": Account("U1", ANNA_MAIL, "Anna Petrova"),
    "ivan": Account("U2", IVAN_MAIL, "Ivan Sidorov"),
    "roman": Account("U3", ROMAN_MAIL, "Roman Belov"),
}


class AscoraWords(Source):
    """Companies are customers that are businesses, people their contacts, files attachments."""

    staff_of: ClassVar[Mapping[str, Account]] = STAFF_OF
    object_of: ClassVar[Mapping[str, str]] = {
        "company": "customers",
        "person": "contacts",
        "user": "users",
        "file": "files",
        "attachment": "files",
        "note": "notes",
        "thing": "equipment",
    }
    fields_there: ClassVar[Mapping[str, Mapping[tuple[str, str], str]]] = {
        "twenty": {("company", "revenue"): "turnover"},
        "odoo": {("company", "revenue"): "x_turnover"},
    }

    twin_kind: ClassVar[str] = "person"
    thing: ClassVar[Things] = Things(
        "Equipment item",
        "Shelf",
        "Installed",
        "2024-05-01",
        {"twenty": ("NUMBER", "DATE"), "odoo": ("integer", "date")},
    )

    def employees(self, *accounts: Account) -> Data:
        same = {"ROLE": "Office", "ACTIVE": "Yes"}
        rows = [{"NUMBER": who.key, "NAME": who.name, "EMAIL": who.mail} | same for who in accounts]
        return Data(tables={"tables/Users rows.xlsx": {"Users": rows}})

    def companies(self, *companies: Company) -> Data:
        return Data({"customers": [customer(each) for each in companies]})

    def broken(self, *keys: str, changed: str = "") -> Data:
        """Businesses without a name."""
        rows = [
            {"customerId": key, "customerNumber": number_of(key), "companyName": f"B {key[:8]}"}
            for key in keys
        ]
        return Data({"customers": rows})

    def left_out(self, key: str) -> Data:
        """A person: no company."""
        names = {"customerName": "Ada Moss", "contactFirstName": "Ada", "contactLastName": "Moss"}
        return Data({"customers": [{"customerId": key} | names]})

    def people(self, *people: Person) -> Data:
        return Data({"contacts": [contact(each) for each in people]})

    def twins(self, *keys: str) -> Data:
        """Contacts with one e-mail address."""
        firm = self.companies(Company(self.key("twins", *keys), "Twins' firm"))
        same = {"firstName": "Ида", "lastName": "Двойник", "emailAddress": "dvoynik@dvoynik.example"}
        own = {"customerId": self.key("twins", *keys)}
        return Data(
            {**firm.seed, "contacts": [{"contactId": key} | same | own for key in keys]},
        )

    def things(self, *things: Thing) -> Data:
        rows = [{**equipment(told.name, told.firm), "Shelf": told.number} for told in things]
        return equipped(rows)

    def broken_thing(self, name: str) -> Data:
        return equipped([equipment(name) | {"INSTALLED": "позавчера"}])

    def notes(self, *notes: Note) -> Data:
        rows = [
            {
                "ID": told.name,
                "ENTITY": "Customer",
                "NUMBER": number_of(told.company.key),
                "DATE": local(told.at),
                "AUTHOR": told.author.name,
                "NOTE": told.text,
            }
            for told in notes
        ]
        return Data(tables={"tables/Notes rows.xlsx": {"Notes": rows}})

    def paper_key(self, paper: Paper) -> str:
        return f"Customer/{number_of(paper.company.key)}/{paper.name}"

    def papers(self, *papers: Paper) -> Data:
        files = {f"attachments/{self.paper_key(told)}": told.content for told in papers}
        return Data(files=files, settings={"attachments": {"folder": "{folder}/attachments"}})

    def gone(self, *keys: str, changed: str = "") -> Data:
        return Data({"remove": {"customers": list(keys)}})


def customer(told: Company) -> Row:
    """A customer as the API has it: the host of its e-mail address is its site."""
    host = told.website.removeprefix("https://")
    own: dict[str, Any] = {"Employees": told.employees, "Turnover": told.revenue}
    held = [{"fieldName": name, "fieldValue": str(value)} for name, value in own.items() if value is not None]
    return {
        "customerId": told.key,
        "customerNumber": number_of(told.key),
        "customerName": told.name,
        "companyName": f"B {told.key[:8]}",
        "emailAddress": f"office@{host}" if host else "",
        "phoneNumber": told.phone,
        "streetLine1": told.street,
        "assignedUser": {"id": told.owner.key, "name": told.owner.name} if told.owner else None,
        "customFields": held or None,
    }


def local(moment: str) -> str:
    """A time as the tenant's people see it."""
    return (
        datetime.fromisoformat(moment).astimezone(ZoneInfo("Australia/Sydney")).strftime("%Y-%m-%dT%H:%M:%S")
    )


def contact(told: Person) -> Row:
    """A contact as the API has it."""
    return {
        "contactId": told.key,
        "firstName": told.first,
        "lastName": told.last,
        "emailAddress": told.mail,
        "customerId": told.company,
    }


def equipment(name: str, firm: Company | None = None) -> Row:
    """A row of the table of equipment, of the customer who has it."""
    own = {"ID": name, "CUSTOMER": number_of(firm.key) if firm else "", "NAME": name}
    return own | {"INSTALLED": date(2024, 5, 1)}


def equipped(rows: Sequence[Row]) -> Data:
    """The table of equipment."""
    return Data(tables={"tables/Customers rows.xlsx": {"Equipment": rows}})


def number_of(key: str) -> str:
    """The number of the customer with a key."""
    return f"C-{key[:8]}"
