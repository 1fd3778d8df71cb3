"""Quotes and invoices as records of their own; those of a job stand on the job as well."""

from crossdock.fieldtypes import FieldType as T
from crossdock.values import Reference
from crossdock_ascora.invoicing import UNSENT
from crossdock_ascora.kinds import BUSINESS
from crossdock_ascora.objects.kind import REMARKS, Kind, Values, copied, one, remarks, taken, with_tax
from crossdock_ascora.objects.work import PARTIES, lost, parties, titled
from crossdock_ascora.office import Office
from crossdock_ascora.rows import RawRow
from crossdock_ascora.work import Paper

_QUOTE = {
    "number": "quote_number",
    "name": "quote_name",
    "description": "description",
    "date": "quote_date",
    "created_at": "created_at",
    "due_date": "due_date",
    "valid_until": "valid_until",
    "pricing_method": "pricing_method",
    "purchase_order": "purchase_order",
    "client_order": "client_order",
    "address": "quote_address",
    "job_type": "job_type",
    "booking_date": "booking_date",
    "team": "team",
    "is_section": "is_section",
    "loss_reason": "loss_reason",
    "sections": "sections",
}
_INVOICE = {
    "number": "invoice_number",
    "date": "invoice_date",
    "due_date": "due_date",
    "paid": "paid",
    "balance": "balance",
    "description": "description",
}
_WORDS = {
    "in-progress": "IN-PROGRESS",
    "in progress": "IN-PROGRESS",
    "draft": "IN-PROGRESS",
    "open": "IN-PROGRESS",
    "sent-to-customer": "SENT-TO-CUSTOMER",
    "sent to customer": "SENT-TO-CUSTOMER",
    "sent": "SENT-TO-CUSTOMER",
    "won": "WON",
    "accepted": "WON",
    "lost": "LOST",
    "declined": "LOST",
}
"""How a quote's status may be written -> the word that the platform's own list has for it (documented)."""


def _job_of(key: str) -> Reference | None:
    return Reference("jobs", key) if key else None


def _quote(row: RawRow, office: Office) -> Values:
    paper = office.work.quotes[row.key]
    status = " ".join(row.text("status").split()) or None
    ex, inc, tax = with_tax(row)
    values = taken(row, _QUOTE)
    return values | {
        "title": titled(row, "Quote"),
        "quote_status": status,
        "stage_status": _plain(status) if status else None,
        "status_code": row.values.get("status_code") if status is None else None,
        "amount": ex or inc,
        "total_inc": inc,
        "tax": tax,
        "created_at": values["created_at"] or values["quote_date"],
        "close_date": values["due_date"] or values["valid_until"],
        "job": _job_of(paper.job),
        **parties(row, office),
        "remarks": remarks(row, **lost(row, office), job=paper.problem, status=_doubled(paper)),
    }


def _plain(status: str) -> str:
    return _WORDS.get(status.lower(), status)


def statuses_of(office: Office) -> tuple[str, ...]:
    """The statuses that quotes may have: the platform's own, and what quotes were met with besides."""
    met = (" ".join(paper.status.split()) for paper in office.work.quotes.values())
    return tuple(dict.fromkeys((*_WORDS.values(), *(_plain(status) for status in met if status))))


def _doubled(paper: Paper) -> str:
    """A won quote led to a job, which is an opportunity of its own where it is not known."""
    won = _WORDS.get(paper.status.lower()) == "WON"
    return "it is won and its job is not known: its amount may count twice" if won and not paper.job else ""


QUOTES = Kind(
    "quotes",
    "quotes",
    "Quote",
    "Quotes",
    (
        *copied("quotes", _QUOTE),
        one("title", T.TEXT, "Title", required=True),
        one("quote_status", T.TEXT, "Quote status"),
        one("stage_status", T.SELECT, "Status that decides the stage"),
        one("status_code", T.INTEGER, "Status number without a word"),
        one("amount", T.MONEY, "Amount ex tax"),
        one("total_inc", T.MONEY, "Total inc tax"),
        one("tax", T.MONEY, "Tax"),
        one("close_date", T.DATE, "Due"),
        one("job", T.REFERENCE, "Job", "jobs"),
        *PARTIES,
        REMARKS,
    ),
    _quote,
    custom=True,
    choices={"stage_status": statuses_of},
)


def _invoice(row: RawRow, office: Office) -> Values:
    paper = office.work.invoices[row.key]
    ex, inc, tax = with_tax(row)
    found = office.customers.finder.find(row.named("customer"))
    payer = office.customers.payer(found.key)
    whose = Reference("customers", payer.key) if payer else None
    business = payer is not None and payer.verdict.kind == BUSINESS
    named = row.named("customer")
    unsent = not office.raw.from_table("invoices")
    return taken(row, _INVOICE) | {
        "title": titled(row, "Invoice"),
        "invoice_status": row.text("status") or None,
        "amount": ex or inc,
        "total_inc": inc,
        "tax": tax,
        "created_at": row.values.get("date"),
        "job": _job_of(paper.job),
        "company": whose if business else None,
        "contact": None if business else whose,
        "customer_name": (named.name or named.key) if named and not found.key else None,
        "origin": UNSENT if unsent else None,
        "remarks": remarks(row, job=paper.problem, customer=found.problem),
    }


INVOICES = Kind(
    "invoices",
    "invoices",
    "Invoice",
    "Invoices",
    (
        *copied("invoices", _INVOICE),
        one("title", T.TEXT, "Title", required=True),
        one("invoice_status", T.TEXT, "Invoice status"),
        one("amount", T.MONEY, "Amount ex tax"),
        one("total_inc", T.MONEY, "Total inc tax"),
        one("tax", T.MONEY, "Tax"),
        one("created_at", T.DATETIME, "Created at"),
        one("job", T.REFERENCE, "Job", "jobs"),
        one("company", T.REFERENCE, "Company", "customers"),
        one("contact", T.REFERENCE, "Contact", "customers"),
        one("customer_name", T.TEXT, "Customer as written"),
        one("origin", T.TEXT, "How it was read"),
        REMARKS,
    ),
    _invoice,
    custom=True,
)
