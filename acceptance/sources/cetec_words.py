"""What a tenant of Cetec ERP holds, in the words of the rows."""

import base64
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from acceptance import tables
from acceptance.platforms import Row
from acceptance.slices import ANNA_MAIL, IVAN_MAIL, ROMAN_MAIL, Data
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

STAFF_OF = {
    "anna": Account("anna", ANNA_MAIL, "Anna Petrova"),
    "ivan": Account("ivan", IVAN_MAIL, "Ivan Sidorov"),
    "roman": Account("roman", ROMAN_MAIL, "Roman Belov"),
}


class CetecWords(Source):
    """Companies are customers, things parts, files documents."""

    staff_of: ClassVar[Mapping[str, Account]] = STAFF_OF
    object_of: ClassVar[Mapping[str, str]] = {
        "company": "customer",
        "person": "contact",
        "user": "user",
        "file": "document",
        "attachment": "document",
        "note": "note",
        "thing": "part",
    }
    fields_there: ClassVar[Mapping[str, Mapping[tuple[str, str], str]]] = {
        "twenty": {("company", "revenue"): "turnover"},
        "odoo": {("company", "revenue"): "x_turnover"},
    }

    wrong: ClassVar[Mapping[str, Wrong]] = {
        "twenty": Wrong("website", "нет адреса"),
        "odoo": Wrong("name", ""),
    }
    thing: ClassVar[Things] = Things(
        "Part",
        "On hand",
        "Quality code",
        "paper - Бумага",
        {"twenty": ("NUMBER", "SELECT"), "odoo": ("float", "selection")},
    )

    @property
    def own_columns(self) -> Sequence[str]:
        """Columns of customers that rows of any source put there: they come only when they are asked for."""
        rows = self.dump()["customers"].values()
        own = ("employees", "turnover", "tax_id", "remark")
        return [name for name in own if any(name in row for row in rows)]

    def put(self, data: Data) -> Data:
        """Nothing lies in the project: exports have a folder of their own."""
        body = {**data.seed, "files": {**data.seed.get("files", {})}}
        for path, sheets in data.tables.items():
            (rows,) = sheets.values()
            once = [row for n, row in enumerate(rows) if row not in rows[:n]]
            body["files"][path] = {"rows": tables.lines(once)}
        for path, content in data.files.items():
            body["files"][path] = _held(content)
        return super().put(Data(body))

    def key(self, *parts: object) -> str:
        """A number, as Cetec has them."""
        return str(int(uuid.UUID(super().key(*parts)).hex[:7], 16))

    def employees(self, *accounts: Account) -> Data:
        same = {"Permission Set": "Sales", "User Type": "Full", "Active": "Yes"}
        rows = [{"Username": who.key, "Name": who.name, "Email": who.mail} | same for who in accounts]
        return Data(tables={"user_list rows.xlsx": {"Sheet1": rows}})

    def companies(self, *companies: Company) -> Data:
        return Data({"customers": [customer(each) for each in companies]})

    def broken(self, *keys: str, changed: str = "") -> Data:
        rows = [{"id": int(key), "name": "", "custnum": f"C{key}", "domain": "нет адреса"} for key in keys]
        return Data({"customers": rows})

    def left_out(self, key: str) -> Data:
        """It stands for the company itself."""
        (row,) = self.companies(Company(key, "Наш склад")).seed["customers"]
        return Data({"customers": [row | {"intercompany": 1}]})

    def twins(self, *keys: str) -> Data:
        return self.companies(*(Company(key, "Двойник", "https://dvoynik.example") for key in keys))

    def people(self, *people: Person) -> Data:
        return Data({"contacts": [contact(each) for each in people]})

    def things(self, *things: Thing) -> Data:
        return self._parts(*({"Prcpart": told.name, "QOH": told.number} for told in things))

    def broken_thing(self, name: str) -> Data:
        return self._parts({"Prcpart": name, "QOH": "высоко"})

    def _parts(self, *rows: Row) -> Data:
        own = {"Description": "Вещь", "Quality Code": "paper"}
        code = {"Code": "paper", "Description": "Бумага", "Applies To": "Part"}
        path = f"parts_list {rows[0]['Prcpart'].replace('/', '-')}.xlsx"
        return Data(
            tables={
                path: {"Sheet1": [own | row for row in rows]},
                "quality_codes rows.xlsx": {"Sheet1": [code]},
            },
        )

    def notes(self, *notes: Note) -> Data:
        rows = [
            {
                "Note ID": told.name,
                "Note": told.text,
                "Author": told.author.key,
                "Created At": local(told.at),
                "Object": "Customer",
                "Record": f"C{told.company.key}",
            }
            for told in notes
        ]
        return Data(tables={f"note_list {notes[0].name}.xlsx": {"Sheet1": rows}})

    def paper_key(self, paper: Paper) -> str:
        return paper.name

    def papers(self, *papers: Paper) -> Data:
        rows = [
            {"File": told.name, "Object": "Customer", "Record": f"C{told.company.key}"} for told in papers
        ]
        path = f"document_list {papers[0].name}.xlsx"
        files = {f"documents/{told.name}": told.content for told in papers}
        return Data(tables={path: {"Sheet1": rows}}, files=files)

    def gone(self, *keys: str, changed: str = "") -> Data:
        return Data({"remove": {"customers": list(keys)}})


def customer(told: Company) -> Row:
    """A customer as the API has it."""
    return {
        "id": int(told.key),
        "name": told.name,
        "custnum": f"C{told.key}",
        "domain": told.website.removeprefix("https://"),
        "intercompany": 0,
        "created_on": "2020-02-03",
        "bill_to_address_1": told.street,
        "acctphone": told.phone,
        "turnover": float(told.revenue) if told.revenue else None,
        "employees": told.employees,
        "salesperson": told.owner.key if told.owner else "",
    }


def local(moment: str) -> str:
    """A time as the tenant's people see it."""
    return (
        datetime.fromisoformat(moment).astimezone(ZoneInfo("America/Chicago")).strftime("%Y-%m-%d %H:%M:%S")
    )


def contact(told: Person) -> Row:
    """A contact as the API has it."""
    return {
        "id": int(told.key),
        "first_name": told.first,
        "last_name": told.last,
        "email": told.mail,
        "customer_id": int(told.company),
    }


def _held(content: str | bytes) -> Row:
    """A file for `files` of a seed."""
    data = content.encode() if isinstance(content, str) else content
    return {"base64": base64.b64encode(data).decode()}
