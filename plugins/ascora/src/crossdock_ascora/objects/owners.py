"""What a note or an attachment belongs to, by a word and a number: `Job`, `J1042`.

The words are the entity types of the platform (documented for notes and attachments). What belongs to a
quote or an invoice of a job belongs to that job, which is where its fields go.
"""

from collections.abc import Callable, Mapping

from crossdock.values import Reference
from crossdock_ascora.finding import Found
from crossdock_ascora.office import Office
from crossdock_ascora.rows import Named, fold

OWNERS = ("customers", "sites", "contacts", "jobs", "quotes", "invoices")
"""The objects that notes and attachments may belong to."""

_UNREAD = {
    "enquiry": "enquiries are not read: the API has no list of them",
    "task": "tasks are not read: the API has no list of them",
    "purchaseorder": "purchase orders are not read: the API has no list of them",
    "supply": "attachments of supplies are not moved",
    "supplierinvoice": "attachments of supplier invoices are not moved",
}

Owner = Reference | str
"""The record, or why there is none."""


def owner_of(entity: str, named: Named | None, office: Office) -> Owner:
    """The record that an entity word and a number name. Without a word every kind is looked through."""
    word = fold(entity).replace(" ", "").rstrip("s")
    if named is None:
        return "it names no record"
    if word in _UNREAD:
        return _UNREAD[word]
    if not word:
        found = [
            owner
            for find in (_job, _quote, _invoice, _customer)
            if not isinstance(owner := find(named, office), str)
        ]
        return found[0] if len(found) == 1 else f"{named.name or named.key!r} names {len(found)} records"
    find_one = _FINDERS.get(word)
    if find_one is None:
        return f"{entity!r} is no kind of record; there are {', '.join(sorted(_FINDERS))}"
    return find_one(named, office)


def plain_owner(owner: Reference, office: Office) -> Reference | None:
    """The same with the customer in place of a site, for who keeps no sites."""
    if owner.object_name != "sites":
        return owner
    payer = office.customers.payer(owner.key)
    return Reference("customers", payer.key) if payer else None


def _said(found: Found, object_name: str) -> Owner:
    return Reference(object_name, found.key) if found.key else found.problem


def _job(named: Named, office: Office) -> Owner:
    return _said(office.work.jobs.find(named), "jobs")


def _quote(named: Named, office: Office) -> Owner:
    found = office.work.quote_finder.find(named)
    paper = office.work.quotes.get(found.key)
    return Reference("jobs", paper.job) if paper and paper.job else _said(found, "quotes")


def _invoice(named: Named, office: Office) -> Owner:
    found = office.work.invoice_finder.find(named)
    paper = office.work.invoices.get(found.key)
    return Reference("jobs", paper.job) if paper and paper.job else _said(found, "invoices")


def _customer(named: Named, office: Office) -> Owner:
    found = office.customers.finder.find(named)
    known = office.customers.all.get(found.key)
    return _said(found, "sites" if known is not None and known.is_site else "customers")


def _contact(named: Named, office: Office) -> Owner:
    return _said(office.contacts.finder.find(named), "contacts")


_FINDERS: Mapping[str, Callable[[Named, Office], Owner]] = {
    "job": _job,
    "quote": _quote,
    "quotation": _quote,
    "invoice": _invoice,
    "customer": _customer,
    "site": _customer,
    "contact": _contact,
}
