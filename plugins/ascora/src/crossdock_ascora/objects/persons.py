"""What customers, sites and contacts have in common: names, numbers, and whose something is."""

from typing import Any

from crossdock.values import PersonName, Phone, Reference
from crossdock_ascora.kinds import BUSINESS
from crossdock_ascora.people import Customer
from crossdock_ascora.rows import RawRow


def phones(row: RawRow) -> tuple[Phone, ...] | None:
    """The numbers of a record, each once, with their kind."""
    found: dict[str, Phone] = {}
    for name in ("phone", "mobile", "fax"):
        value = row.values.get(name)
        if isinstance(value, Phone) and value.number:
            found.setdefault(value.number, Phone(value.number, value.extension, name))
    return tuple(found.values()) or None


def person_name(row: RawRow) -> PersonName | None:
    """First and last name of a record."""
    first, last = row.text("first_name"), row.text("last_name")
    return PersonName(first, last) if first or last else None


def split_name(name: str) -> PersonName | None:
    """`Smith, John` or `John Smith` in parts; of more words the last is the surname."""
    if "," in name:
        last, _, first = (part.strip() for part in name.partition(","))
        return PersonName(first, last)
    *first_words, last = name.split() or [""]
    return (
        PersonName(" ".join(first_words), last) if first_words else (PersonName(first=last) if last else None)
    )


def sides(payer: Customer | None) -> dict[str, Any]:
    """Whose something is: the company, or the person."""
    whose = Reference("customers", payer.key) if payer else None
    business = payer is not None and payer.verdict.kind == BUSINESS
    return {"company": whose if business else None, "person": None if business else whose}
