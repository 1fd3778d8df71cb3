"""Sites: places where work is done, and the equipment that stands there.

A site is a row of customers that names a billing customer (documented), or the own address of a customer.
"""

from crossdock.fieldtypes import FieldType as T
from crossdock.values import Address, Reference
from crossdock_ascora.objects.kind import REMARKS, Kind, Unfit, Values, copied, one, remarks, taken
from crossdock_ascora.objects.persons import phones, sides
from crossdock_ascora.office import Office
from crossdock_ascora.people import Customer
from crossdock_ascora.rows import RawRow

_SITE = {
    "number": "site_number",
    "name": "name",
    "address": "site_address",
    "postal_address": "postal_address",
    "email": "email",
    "site_notes": "site_notes",
    "notes": "customer_notes",
    "on_hold": "on_hold",
    "billing_on_hold": "billing_on_hold",
    "latitude": "latitude",
    "longitude": "longitude",
    "customer_type": "customer_type",
    "lead_source": "lead_source",
    "website": "website",
    "business_number": "business_number",
    "created_at": "created_at",
}
_EQUIPMENT = {
    "name": "name",
    "category": "category",
    "make": "make",
    "model": "model_name",
    "serial": "serial_number",
    "installed_at": "installed_at",
    "notes": "equipment_notes",
}


def _site(row: RawRow, office: Office) -> Values | None:
    known = office.customers.all[row.key]
    if not known.is_site and not own_site(known, row, office):
        return None
    payer = office.customers.payer(row.key)
    return taken(row, _SITE) | {
        "own_address": not known.is_site,
        "contact_name": " ".join(filter(None, (row.text("first_name"), row.text("last_name")))) or None,
        "phones": phones(row),
        **sides(payer),
        "remarks": remarks(row, customer=known.billing_problem) if known.is_site else None,
    }


def own_site(known: Customer, row: RawRow, office: Office) -> bool:
    """Whether a customer's own address is a site: there is one, or work was done there."""
    address = row.values.get("address")
    placed = isinstance(address, Address) and any((address.street1, address.street2, address.city))
    return placed or known.key in office.sites_used


SITES = Kind(
    "sites",
    "customers",
    "Site",
    "Sites",
    (
        *copied("customers", _SITE),
        one("own_address", T.BOOLEAN, "The customer's own address"),
        one("contact_name", T.TEXT, "Contact"),
        one("phones", T.PHONE, "Phones", multiple=True),
        one("company", T.REFERENCE, "Company", "customers"),
        one("person", T.REFERENCE, "Person", "customers"),
        REMARKS,
    ),
    _site,
    custom=True,
    rejects=False,
)


def _equipment(row: RawRow, office: Office) -> Values:
    found = office.customers.finder.find(row.named("customer"))
    if found.problem:
        raise Unfit(f"customer: {found.problem}")
    values = taken(row, _EQUIPMENT)
    values["name"] = (
        values["name"]
        or " ".join(filter(None, (values["make"], values["model_name"], values["category"])))
        or "Equipment"
    )
    return values | {
        "site": Reference("sites", found.key) if found.key else None,
        **sides(office.customers.payer(found.key)),
        "remarks": remarks(row),
    }


EQUIPMENT = Kind(
    "equipment",
    "equipment",
    "Equipment",
    "Equipment",
    (
        *copied("equipment", _EQUIPMENT),
        one("site", T.REFERENCE, "Site", "sites"),
        one("company", T.REFERENCE, "Company", "customers"),
        one("person", T.REFERENCE, "Person", "customers"),
        REMARKS,
    ),
    _equipment,
    custom=True,
)
