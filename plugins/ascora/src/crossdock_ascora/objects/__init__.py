"""The objects that a mapping sees, made of raw records: people and places, work, papers, history."""

from collections.abc import Mapping

from crossdock_ascora.objects.contacts import CONTACTS, USERS
from crossdock_ascora.objects.customers import CUSTOMERS
from crossdock_ascora.objects.history import NOTES
from crossdock_ascora.objects.jobs import JOBS
from crossdock_ascora.objects.kind import CHOICES, Kind, Unfit
from crossdock_ascora.objects.lines import INVOICE_LINES, JOB_LINES, QUOTE_LINES
from crossdock_ascora.objects.papers import INVOICES, QUOTES
from crossdock_ascora.objects.sites import EQUIPMENT, SITES
from crossdock_ascora.objects.trade import KITS, SUPPLIER_INVOICES, SUPPLIERS, SUPPLIES

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        USERS,
        CUSTOMERS,
        SITES,
        CONTACTS,
        EQUIPMENT,
        JOBS,
        QUOTES,
        INVOICES,
        QUOTE_LINES,
        INVOICE_LINES,
        JOB_LINES,
        NOTES,
        SUPPLIERS,
        SUPPLIES,
        KITS,
        SUPPLIER_INVOICES,
    )
}
"""Every object that is made of raw records, in the order in which a reader wants to see them."""

TRADE = frozenset(kind.name for kind in (SUPPLIERS, SUPPLIES, KITS, SUPPLIER_INVOICES))
"""What is not about customers."""

__all__ = ["CHOICES", "KINDS", "TRADE", "Kind", "Unfit"]
