"""Customers: whoever is billed, a person or a business.

Ascora has one kind of customer. A row that names another one as its billing customer is a site (documented)
and no customer here.
"""

from typing import Any

from crossdock.fieldtypes import FieldType as T
from crossdock.values import Address, Reference
from crossdock_ascora.kinds import BUSINESS, FREE_MAIL, PERSON, mail_host
from crossdock_ascora.objects.kind import REMARKS, Kind, Values, copied, one, remarks, taken
from crossdock_ascora.objects.persons import person_name, phones, split_name
from crossdock_ascora.office import Office
from crossdock_ascora.people import Customer
from crossdock_ascora.rows import RawRow, fold

_KIND = {PERSON: "Person", BUSINESS: "Business"}
_OWN = {
    "number": "customer_number",
    "name": "name",
    "company_name": "company_name",
    "email": "email",
    "website": "website",
    "address": "address",
    "postal_address": "postal_address",
    "business_number": "business_number",
    "customer_type": "customer_type",
    "lead_source": "lead_source",
    "on_hold": "on_hold",
    "billing_on_hold": "billing_on_hold",
    "notes": "customer_notes",
    "site_notes": "site_notes",
    "latitude": "latitude",
    "longitude": "longitude",
    "created_at": "created_at",
}


def _customer(row: RawRow, office: Office) -> Values | None:
    known = office.customers.all[row.key]
    if known.is_site:
        return None
    owner = office.users.find(row.named("assigned_to"))
    values = taken(row, _OWN) | {
        "kind": known.verdict.kind,
        "kind_evidence": known.verdict.evidence,
        "kind_sure": known.verdict.sure,
        "phones": phones(row),
        "contact_name": person_name(row),
        "person_name": None,
        "contact_listed": _listed(row, office),
        "domain": None,
        "owner": Reference("users", owner) if owner else None,
        **_places(known, office),
        "remarks": remarks(row),
    }
    if known.verdict.kind == PERSON:
        values["person_name"] = person_name(row) or split_name(row.text("name"))
    else:
        values["domain"] = _domain(row, office)
    return values


def _places(known: Customer, office: Office) -> dict[str, Any]:
    """The sites of a customer for who keeps none: how many, each in a line, and an address."""
    sites = office.customers.sites.get(known.key, ())
    only = sites[0].address if len(sites) == 1 else None
    return {
        "site_count": len(sites),
        "sites_listed": "\n".join(map(_in_a_line, sites)) or None,
        "only_address": known.address or only,
    }


def _in_a_line(site: Customer) -> str:
    where = site.address or Address()
    parts = (where.street1, where.street2, where.city, where.state, where.postcode)
    told = (site.facts.name, " ".join(filter(None, parts)), site.facts.email)
    return ", ".join(part for part in told if part)


def _domain(row: RawRow, office: Office) -> str | None:
    """What a business is found by: its website, else the host of its e-mail if no other business has it."""
    if row.text("website"):
        return row.text("website")
    host = mail_host(row.text("email"))
    return host if host and host not in FREE_MAIL and office.customers.hosts[host] == 1 else None


def _listed(row: RawRow, office: Office) -> bool:
    """Whether the contact that stands in a customer's own row is among its contacts, too."""
    name, email = fold(f"{row.text('first_name')} {row.text('last_name')}"), fold(row.text("email"))
    return any(
        fold(contact.name) == name or (contact.email and contact.email == email and not name)
        for contact in office.contacts.of.get(row.key, ())
    )


CUSTOMERS = Kind(
    "customers",
    "customers",
    "Customer",
    "Customers",
    (
        *copied("customers", _OWN),
        one("kind", T.SELECT, "Person or business", options=_KIND, required=True),
        one("kind_evidence", T.TEXT, "Why person or business"),
        one("kind_sure", T.BOOLEAN, "More than a guess"),
        one("phones", T.PHONE, "Phones", multiple=True),
        one("contact_name", T.PERSON_NAME, "Contact"),
        one("person_name", T.PERSON_NAME, "Person's name"),
        one("contact_listed", T.BOOLEAN, "Contact is in the list of contacts"),
        one("domain", T.TEXT, "Domain"),
        one("owner", T.REFERENCE, "Assigned to", "users"),
        one("site_count", T.INTEGER, "Number of sites"),
        one("sites_listed", T.TEXT, "Sites"),
        one("only_address", T.ADDRESS, "Address, or that of the only site"),
        REMARKS,
    ),
    _customer,
    custom=True,
)
