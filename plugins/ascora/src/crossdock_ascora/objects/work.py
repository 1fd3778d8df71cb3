"""What jobs, quotes and invoices have in common: whose they are, where, and by whom."""

from typing import Any

from crossdock.fieldtypes import FieldType as T
from crossdock.model import FieldSchema
from crossdock.values import Reference
from crossdock_ascora.kinds import BUSINESS
from crossdock_ascora.objects.kind import one
from crossdock_ascora.office import Office
from crossdock_ascora.people import Customer, same_person
from crossdock_ascora.rows import Named, RawRow

PARTIES: tuple[FieldSchema, ...] = (
    one("site", T.REFERENCE, "Site", "sites"),
    one("site_name", T.TEXT, "Site as written"),
    one("company", T.REFERENCE, "Company", "customers"),
    one("contact", T.REFERENCE, "Contact", "contacts", "customers"),
    one("owner", T.REFERENCE, "Owner", "users"),
    one("assigned", T.TEXT, "Assigned to"),
)


def parties(row: RawRow, office: Office) -> dict[str, Any]:
    """The values of `PARTIES`. What is not found is none, and said so: never picked, never dropped."""
    customers = office.customers
    site = customers.finder.find(row.named("site_customer"))
    billing = customers.finder.find(row.named("billing_customer"))
    payer = customers.payer(billing.key) or customers.payer(site.key)
    at = customers.all.get(site.key)
    owner = office.users.find(row.named("assigned_to"))
    return {
        "site": Reference("sites", site.key) if site.key else None,
        "site_name": _written(row.named("site_customer")),
        "company": Reference("customers", payer.key) if payer and payer.verdict.kind == BUSINESS else None,
        "contact": _contact(row, office, payer, at),
        "owner": Reference("users", owner) if owner else None,
        "assigned": _written(row.named("assigned_to")),
    }


def lost(row: RawRow, office: Office) -> dict[str, str]:
    """What a record names as its site and billing customer and what was not found, by what it is."""
    find = office.customers.finder.find
    columns = {"site": "site_customer", "billing_customer": "billing_customer"}
    return {what: find(row.named(column)).problem for what, column in columns.items()}


def _contact(row: RawRow, office: Office, payer: Customer | None, at: Customer | None) -> Reference | None:
    """Who is talked to: the site's contact, else the billing contact, else the person who is the customer."""
    keys = tuple(dict.fromkeys(customer.key for customer in (at, payer) if customer is not None))
    for column in ("site_contact", "billing_contact"):
        if found := office.contacts.find(row.named(column), keys):
            return _or_customer(found, office)
    if payer is not None and payer.verdict.kind != BUSINESS:
        return Reference("customers", payer.key)
    return None


def _or_customer(contact: str, office: Office) -> Reference:
    """A contact who is the customer is that customer."""
    known = office.contacts.all[contact]
    customer = office.customers.all.get(known.customer)
    if customer is not None and same_person(known, customer):
        return Reference("customers", customer.key)
    return Reference("contacts", contact)


def _written(named: Named | None) -> str | None:
    return (named.name or named.key) if named is not None else None


def titled(row: RawRow, fallback: str) -> str:
    """What a record is called: its number and its name, else the first line of its description."""
    number, name = row.text("number"), row.text("name")
    lines = row.text("description").splitlines()
    told = name or (lines[0].strip()[:80] if lines else "") or fallback
    return f"{number} {told}".strip()
