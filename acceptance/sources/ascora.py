"""Ascora as the rows use it: a tenant whose API is open, and exported tables of what it does not give."""

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from acceptance.platforms import FAST, Row
from acceptance.slices import ANNA_MAIL, IVAN_MAIL, ROMAN_MAIL, Slice, key
from acceptance.sources.ascora_words import AscoraWords

_LAYOUTS = Path(__file__).resolve().parents[2] / "plugins/ascora/src/crossdock_ascora/layouts"
BESIDE_API = (_LAYOUTS / "beside-api.yaml").read_text(encoding="utf-8")
TABLES_ALONE = (_LAYOUTS / "tables.yaml").read_text(encoding="utf-8")
TABLES: Row = {"layout": "{folder}/layout.yaml", "files": ["{folder}/tables/*"]}


class Ascora(AscoraWords):
    """A tenant of Ascora in Sydney."""

    destination_settings: ClassVar[Mapping[str, Row]] = {"twenty": {"phone_region": "AU"}}

    def settings(self, variable: str) -> Row:
        return {
            "url": self.url,
            "key": f"env:{variable}",
            "timezone": "Australia/Sydney",
            "currency": "AUD",
            "calls_per_minute": FAST,
            "page_size": 1000,
        }


def link(identifier: str, name: str = "") -> Row:
    """How an answer points to another record."""
    return {"id": identifier, "name": name}


def fields(values: Mapping[str, Any]) -> list[Row]:
    """Custom fields as an answer has them: names and texts."""
    return [{"fieldName": name, "fieldValue": value} for name, value in values.items()]


def place(number: int, street: str, prefix: str = "street") -> Row:
    """An address in the keys of a customer, or with `prefix=""` of a job or quote."""
    keys: Sequence[str] = ("Line1", "Suburb", "Postcode", "State", "Country")
    values = (f"{number} {street}", "Manly", "2095", "NSW", "Australia")
    if prefix:
        return {f"{prefix}{key}": value for key, value in zip(keys, values, strict=True)}
    names = ("addressLine1", "suburb", "postcode", "state", "country")
    return dict(zip(names, values, strict=True))


def customer(row: str, name: object, **values: Any) -> Row:
    """A customer whose number is made of the row and its name."""
    own = {"customerId": key(row, "customer", name), "customerNumber": f"{row}-{name}"}
    return own | {"customerName": f"Customer {name} of {row}"} | values


def company(row: str, name: object, **values: Any) -> Row:
    """A customer that is a business for sure."""
    return customer(
        row, name, customerType=link(key("type", "commercial"), "Commercial"), companyName=f"{row} {name}"
    ) | {"customerName": f"{row} {name} Pty Ltd"} | values  # fmt: skip


def private(row: str, name: object, **values: Any) -> Row:
    """A customer that is a person for sure."""
    names = {"contactFirstName": f"Ada {name}", "contactLastName": f"Moss {row}"}
    return customer(row, name, customerName=f"Ada {name} Moss {row}") | names | values


def to_customer(row: str, name: object) -> Row:
    """How an answer points to a customer of a row."""
    return link(key(row, "customer", name), f"Customer {name}")


def job(row: str, number: int, **values: Any) -> Row:
    """A job whose number is made of the row's and its own: 3 of AT04 is J4003."""
    own = {"jobId": key(row, "job", number), "jobNumber": job_number(row, number)}
    return own | {"jobName": f"Job {number}", "totalExTax": 100, "totalIncTax": 110} | values


def job_number(row: str, number: int) -> str:
    """The number of a job of a row."""
    return f"J{int(row[-2:]) * 1000 + number}"


def whole_list(pair: Any, artifact: Row) -> list[dict[str, str]]:
    """The table beside the reports that an artifact names: a list in full."""
    path = pair.project.folder / "reports" / artifact["details"]["file"]
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def artifacts(pair: Any, kind: str) -> list[Row]:
    """What discover found of a kind that is listed."""
    (source,) = pair.answers["discover"]["sources"]
    (report,) = [each for each in source["artifacts"] if each["kind"] == kind]
    found: list[Row] = report["found"]
    return found


def utc(local: str, ahead: int = 11) -> str:
    """A time of Sydney (`2024-03-07T17:00`) as the destination has it; in winter it is ten hours ahead."""
    when = datetime.fromisoformat(local) - timedelta(hours=ahead)
    return f"{when.isoformat(timespec='seconds')}.000Z"


ANNA_NAME, IVAN_NAME, ROMAN_NAME = "Anna Petrova", "Ivan Sidorov", "Roman Belov"
ADMIN_MAIL = "admin@romashka.example"


def _decide(mapping: Any) -> None:
    mapping["decisions"]["fallback_user"] = ADMIN_MAIL


# What every tenant of the rows has: a layout, and a table of its people, of whom two have an account there.
OFFICE = Slice(
    "office",
    {},
    edit=_decide,
    files={"layout.yaml": BESIDE_API},
    tables={
        "tables/Users.xlsx": {
            "Users": [
                {"NUMBER": "U1", "NAME": ANNA_NAME, "EMAIL": ANNA_MAIL, "ROLE": "Plumber", "ACTIVE": "Yes"},
                {"NUMBER": "U2", "NAME": IVAN_NAME, "EMAIL": IVAN_MAIL, "ROLE": "Office", "ACTIVE": "Yes"},
                {"NUMBER": "U3", "NAME": ROMAN_NAME, "EMAIL": ROMAN_MAIL, "ROLE": "Plumber", "ACTIVE": "No"},
            ]
        }
    },
    settings={"tables": TABLES},
    source="ascora",
)

Ascora.office = (OFFICE,)
