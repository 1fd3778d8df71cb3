"""Cetec ERP as the rows use it: a tenant's API, and the folder of what people exported from it.

A row brings its own files (`note_list CT09.xlsx`), as a customer exports a grid in several parts; several
files of one object are read as one table.
"""

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import openpyxl
from acceptance import tables
from acceptance.platforms import FAST, Row
from acceptance.slices import ANNA_MAIL, IVAN_MAIL, ROMAN_MAIL, Json
from acceptance.sources.cetec_words import CetecWords

INTERNAL: Row = {"id": 1, "name": "Brightpath Works (Stock)", "custnum": "OWN", "intercompany": 1}
"""The customer that stands for the company itself, in the rows that have one."""

COLUMNS = ["domain", "intercompany", "status", "salesperson", "created_on", "priority_support"]
"""Columns of customers that come only when they are asked for."""


def workbook(*rows: Mapping[str, Any]) -> Json:
    """A file for `files` of a seed: a real workbook, a column wherever a row has it."""
    return lines(*tables.lines(rows))


def lines(*rows: Sequence[Any]) -> Json:
    """The same from lines of cells, the header first."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    for row in rows:
        sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return binary(content.getvalue())


def binary(content: bytes) -> Json:
    """Any other file for `files` of a seed."""
    return {"base64": base64.b64encode(content).decode()}


# People of the tenant: two have an account at the destination, one has left and has none.
STAFF: Json = {
    "files": {
        "user_list staff.xlsx": workbook(
            {
                "Username": "anna",
                "Name": "Anna Petrova",
                "Email": ANNA_MAIL,
                "Permission Set": "Sales",
                "User Type": "Full",
                "Active": "Yes",
            },
            {
                "Username": "ivan",
                "Name": "Ivan Sidorov",
                "Email": IVAN_MAIL,
                "Permission Set": "Purchasing",
                "User Type": "Full",
                "Active": "Yes",
            },
            {
                "Username": "roman",
                "Name": "Roman Belov",
                "Email": ROMAN_MAIL,
                "Permission Set": "Sales",
                "User Type": "Full",
                "Active": "No",
            },
        )
    }
}


class Cetec(CetecWords):
    """A tenant of Cetec ERP in Chicago. Every one has the same staff."""

    staff: ClassVar[Json] = STAFF

    @property
    def exports(self) -> Path:
        """The folder of exported files: beside the data file that the sandbox was started with."""
        arguments = self.process.arguments
        data = Path(arguments[arguments.index("--data") + 1])
        return data.with_name(f"{data.stem}-exports")

    def settings(self, variable: str) -> Row:
        (self.exports / "documents").mkdir(parents=True, exist_ok=True)
        return {
            "url": self.url,
            "token": f"env:{variable}",
            "calls_per_minute": FAST,
            "timezone": "America/Chicago",
            "customer_columns": [*COLUMNS, *self.own_columns],
            "tables": {"files": [f"{self.exports}/*"]},
            "documents": f"{self.exports}/documents",
        }


def firm(number: int, **more: Any) -> Json:
    """A customer that is somebody else."""
    return {
        "id": number,
        "name": f"Firm {number}, Inc.",
        "custnum": f"C{number}",
        "domain": f"firm-{number}.example",
        "intercompany": 0,
        "created_on": "2020-02-03",
    } | more


def line(number: int, part: str, quantity: object, resale: str, code: str = "SA", **more: Any) -> Json:
    """A line of an order; its last two digits are its place."""
    own = {"id": number, "lineitem": number % 100, "prcpart": part, "qty": quantity, "resale": resale}
    return own | {"transcode": code} | more


def order(number: int, customer: str, *lines: Json, **more: Any) -> Json:
    """A sales order as the API answers it."""
    return {
        "id": number,
        "ordernum": f"{number}.1",
        "customer_name": customer,
        "ordered_on": "2024-03-05",
        "total_resale": "100.00",
        "closed": 0,
        "status": "Open",
        "lines": list(lines),
    } | more
