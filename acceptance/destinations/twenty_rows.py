"""Rows of Twenty in neutral form."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from acceptance.destinations.base import Column, Money
from acceptance.platforms import Row


def neutral(kind: str, row: Row, members: Mapping[str, str]) -> Row:
    """A neutral row of a kind."""
    return NEUTRAL[kind](row, members) | marks(row)


def marks(row: Row) -> Row:
    """What every neutral row has."""
    return {"id": row["id"], "crossdock": row.get("crossdockKey") or ""}


def company(row: Row, members: Mapping[str, str]) -> Row:
    return {
        "name": row["name"],
        "website": (row["domainName"] or {}).get("primaryLinkUrl") or "",
        "street": (row["address"] or {}).get("addressStreet1") or "",
        "phones": phones(row.get("phones")),
        "employees": row.get("employees"),
        "revenue": money(row["annualRevenue"]),
        "owner": members.get(row["accountOwnerId"]),
        "inn": row.get("inn"),
        **origin(row, members),
    }


def person(row: Row, members: Mapping[str, str]) -> Row:
    return {
        "first": row["name"]["firstName"],
        "last": row["name"]["lastName"],
        "email": (row["emails"] or {}).get("primaryEmail") or "",
        "phone": (row["phones"] or {}).get("primaryPhoneNumber") or "",
        "phones": phones(row["phones"]),
        "position": row["jobTitle"],
        "company": row["companyId"],
        **origin(row, members),
    }


STAGES = {
    "NEW": "new",
    "SCREENING": "qualification",
    "PROPOSAL": "proposal",
    "CUSTOMER": "won",
    "LOST": "lost",
}


def deal(row: Row, members: Mapping[str, str]) -> Row:
    return {
        "name": row["name"],
        "description": row.get("description"),
        "stage": STAGES.get(row["stage"], row["stage"]),
        "amount": money(row["amount"]),
        "company": row["companyId"],
        "owner": members.get(row["ownerId"]),
        **origin(row, members),
    }


def work(row: Row, members: Mapping[str, str]) -> Row:
    return {"subject": row["title"], **origin(row, members)}


def attachment(row: Row, members: Mapping[str, str]) -> Row:
    ends = {name: value for name, value in row.items() if name.startswith("target") and value}
    return {"name": row["name"], "on": next(iter(ends.values()), None), "file": row["file"],
            **origin(row, members)}  # fmt: skip


def user(row: Row, _members: Mapping[str, str]) -> Row:
    return {"email": row["userEmail"]}


def origin(row: Row, members: Mapping[str, str]) -> Row:
    """When and by whom a record was made: `author` is the name, `author_account` the member's e-mail."""
    by = row.get("createdBy") or {}
    return {
        "created": moment(row.get("createdAt")),
        "author": by.get("name"),
        "author_account": members.get(by.get("workspaceMemberId") or ""),
    }


NEUTRAL: dict[str, Callable[[Row, Mapping[str, str]], Row]] = {
    "company": company,
    "person": person,
    "deal": deal,
    "task": work,
    "event": work,
    "email": work,
    "message": work,
    "attachment": attachment,
    "user": user,
}


def moment(text: str | None) -> str | None:
    """A time without the milliseconds that are none."""
    return text.replace(".000Z", "Z") if text else text


def phones(value: Any) -> list[str]:
    """Numbers with their calling codes, the first one first."""
    if not value or not value["primaryPhoneNumber"]:
        return []
    first = f"{value['primaryPhoneCallingCode']} {value['primaryPhoneNumber']}"
    return [first, *(f"{p['callingCode']} {p['number']}" for p in value["additionalPhones"] or ())]


def money(value: Any) -> Money | None:
    """An amount; None if there is none."""
    if not value or value["amountMicros"] is None:
        return None
    return Money(Decimal(value["amountMicros"]) / 1_000_000, value["currencyCode"])


def column(field: Row) -> Column:
    """A field of the schema."""
    options = {option["value"]: option["label"] for option in field.get("options") or ()}
    return Column(field["name"], field["type"], options)


def of_column(each: Column, row: Row, members: Mapping[str, str]) -> Any:
    """The neutral value of a field."""
    if each.type == "RELATION":
        value = row.get(f"{each.name}Id")
        return members.get(value, value) if value else None
    value = row.get(each.name)
    if each.type == "SELECT":
        return each.options.get(value or "")
    if each.type == "MULTI_SELECT":
        return [each.options[v] for v in value or ()]
    if each.type == "CURRENCY":
        return money(value)
    if each.type == "DATE_TIME":
        return moment(value)
    return value
