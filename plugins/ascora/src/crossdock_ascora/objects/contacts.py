"""People: the tenant's own (users), and the contacts of its customers."""

from crossdock.fieldtypes import FieldType as T
from crossdock.values import Reference
from crossdock_ascora.objects.kind import REMARKS, Kind, Values, copied, one, remarks, taken
from crossdock_ascora.objects.persons import person_name, phones, sides
from crossdock_ascora.office import Office
from crossdock_ascora.people import same_person
from crossdock_ascora.rows import RawRow

_CONTACT = {"email": "email", "is_default": "is_default", "role": "contact_role"}
_USER = {"name": "name", "email": "email", "role": "role_name", "active": "active"}


def _user(row: RawRow, _office: Office) -> Values:
    return taken(row, _USER)


USERS = Kind("users", "users", "User", "Users", copied("users", _USER), _user, people=True)


def _contact(row: RawRow, office: Office) -> Values:
    found = office.customers.finder.find(row.named("customer"))
    own = office.customers.all.get(found.key)
    payer = office.customers.payer(found.key) if own else None
    named = row.named("customer")
    return taken(row, _CONTACT) | {
        "name": person_name(row),
        "phones": phones(row),
        **sides(payer),
        "site": Reference("sites", own.key) if own and own.is_site else None,
        "is_the_customer": own is not None and same_person(office.contacts.all[row.key], own),
        "customer_name": (named.name or named.key) if named and not own else None,
        "remarks": remarks(row, customer=found.problem),
    }


CONTACTS = Kind(
    "contacts",
    "contacts",
    "Contact",
    "Contacts",
    (
        *copied("contacts", _CONTACT),
        one("name", T.PERSON_NAME, "Name"),
        one("phones", T.PHONE, "Phones", multiple=True),
        one("company", T.REFERENCE, "Company", "customers"),
        one("person", T.REFERENCE, "Contact of", "customers"),
        one("site", T.REFERENCE, "Site", "sites"),
        one("is_the_customer", T.BOOLEAN, "Is the customer"),
        one("customer_name", T.TEXT, "Customer as written"),
        REMARKS,
    ),
    _contact,
    custom=True,
)
