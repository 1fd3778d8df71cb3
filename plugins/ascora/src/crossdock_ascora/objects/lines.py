"""Line items of quotes, invoices and jobs."""

from collections.abc import Callable

from crossdock.fieldtypes import FieldType as T
from crossdock.values import Money, Reference
from crossdock_ascora.finding import Found
from crossdock_ascora.objects.kind import REMARKS, Kind, Make, Unfit, Values, copied, one, remarks, taken
from crossdock_ascora.office import Office
from crossdock_ascora.rows import Named, RawRow

_OWN = {
    "line": "line_number",
    "code": "item_code",
    "description": "description",
    "quantity": "quantity",
    "unit_price": "unit_price",
    "amount": "amount",
    "line_type": "line_type",
}
_KINDS = {"QUOTE": "Quote", "INVOICE": "Invoice", "JOB": "Job"}

Owner = Callable[[Named | None, Office], tuple[Found, Reference | None]]
"""What a line belongs to: how it was found, and the record that carries it."""


def _of_quote(named: Named | None, office: Office) -> tuple[Found, Reference | None]:
    found = office.work.quote_finder.find(named)
    paper = office.work.quotes.get(found.key)
    if paper is None:
        return found, None
    return found, Reference("jobs", paper.job) if paper.job else Reference("quotes", found.key)


def _of_invoice(named: Named | None, office: Office) -> tuple[Found, Reference | None]:
    found = office.work.invoice_finder.find(named)
    paper = office.work.invoices.get(found.key)
    if paper is None:
        return found, None
    return found, Reference("jobs", paper.job) if paper.job else Reference("invoices", found.key)


def _of_job(named: Named | None, office: Office) -> tuple[Found, Reference | None]:
    found = office.work.jobs.find(named)
    return found, Reference("jobs", found.key) if found.key else None


def _maker(kind: str, owner: Owner) -> Make:
    def make(row: RawRow, office: Office) -> Values:
        named = row.named("document")
        found, record = owner(named, office)
        if record is None:
            raise Unfit(f"document: {found.problem or 'it names none'}")
        values = taken(row, _OWN)
        quantity, price, amount = (values[name] for name in ("quantity", "unit_price", "amount"))
        if amount is None and quantity is not None and isinstance(price, Money):
            amount = Money(price.amount * quantity, price.currency)
        document = _number(found.key, kind, office) or (named.name or named.key if named else "")
        lines = str(
            values["description"] or values["item_code"] or values["line_type"] or "Line"
        ).splitlines()
        return values | {
            "name": (lines[0] if lines else "Line")[:120],
            "amount": amount,
            "kind": kind,
            "document_number": document,
            "record": record,
            "remarks": remarks(row),
        }

    return make


def _number(key: str, kind: str, office: Office) -> str:
    papers = office.work.quotes if kind == "QUOTE" else office.work.invoices if kind == "INVOICE" else {}
    return papers[key].number if key in papers else ""


def _kind(name: str, label: str, kind: str, owner: Owner, *holders: str) -> Kind:
    fields = (
        one("name", T.TEXT, "Name", required=True),
        *copied(name, _OWN),
        one("kind", T.SELECT, "Kind of document", options=_KINDS),
        one("document_number", T.TEXT, "Number of the document"),
        one("record", T.REFERENCE, "Document", *holders),
        REMARKS,
    )
    return Kind(name, name, f"{label} line", f"{label} lines", fields, _maker(kind, owner))


QUOTE_LINES = _kind("quote_lines", "Quote", "QUOTE", _of_quote, "jobs", "quotes")
INVOICE_LINES = _kind("invoice_lines", "Invoice", "INVOICE", _of_invoice, "jobs", "invoices")
JOB_LINES = _kind("job_lines", "Job", "JOB", _of_job, "jobs")
