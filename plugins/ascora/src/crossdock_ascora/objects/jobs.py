"""Jobs, with what their quotes and invoices say."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crossdock.fieldtypes import FieldType as T
from crossdock.values import Money, Reference
from crossdock_ascora.objects.kind import REMARKS, Kind, Values, copied, one, remarks, taken, with_tax
from crossdock_ascora.objects.statuses import KNOWN, leading, plain
from crossdock_ascora.objects.work import PARTIES, lost, parties, titled
from crossdock_ascora.office import Office
from crossdock_ascora.people import records
from crossdock_ascora.rows import RawRow, fold
from crossdock_ascora.work import Paper

_OWN = {
    "number": "job_number",
    "name": "job_name",
    "description": "description",
    "work_undertaken": "work_undertaken",
    "created_at": "created_at",
    "completed_at": "completed_at",
    "pricing_method": "pricing_method",
    "purchase_order": "purchase_order",
    "client_order": "client_order",
    "address": "job_address",
    "job_type": "job_type",
    "latitude": "latitude",
    "longitude": "longitude",
    "display_order": "display_order",
    "booking_date": "booking_date",
    "expected_date": "expected_date",
    "expected_duration": "expected_duration",
    "estimated_duration": "estimated_duration",
    "team": "team",
    "is_section": "is_section",
}


def _job(row: RawRow, office: Office) -> Values:
    statuses = plain(row.values.get("status") or ())
    code = row.values.get("status_code")
    ex, inc, tax = with_tax(row)
    above = office.work.jobs.find(row.named("parent"))
    return taken(row, _OWN) | {
        "title": titled(row, "Job"),
        "job_status": statuses or None,
        "stage_status": leading(statuses),
        # Without its word a status number says nothing that could be relied on.
        "status_code": code if not statuses else None,
        "amount": ex or inc,
        "total_inc": inc,
        "tax": tax,
        "close_date": _close(row, office),
        "parent": Reference("jobs", above.key) if above.key not in ("", row.key) else None,
        **parties(row, office),
        **_papers("quote", office.work.quotes_of.get(row.key, ())),
        **_papers("invoice", office.work.invoices_of.get(row.key, ())),
        "remarks": remarks(
            row,
            part_of_job=above.problem,
            **lost(row, office),
            **_named_only(row, office),
            status=_unstated(statuses, code),
        ),
    }


def _close(row: RawRow, office: Office) -> datetime | None:
    """When it was or will be done: completed, else expected, else booked."""
    for name in ("completed_at", "expected_date", "booking_date"):
        when = row.values.get(name)
        if isinstance(when, datetime):
            return when
        if isinstance(when, date):
            return datetime(when.year, when.month, when.day, tzinfo=office.settings.zone)
    return None


def statuses_of(office: Office) -> tuple[str, ...]:
    """The statuses that jobs may have: those of the screens, and what jobs were met with besides."""
    met = (word for row in records(office.raw, "jobs") for word in plain(row.values.get("status") or ()))
    return tuple(dict.fromkeys((*KNOWN, *met)))


def _papers(what: str, papers: Sequence[Paper]) -> dict[str, Any]:
    """What the quotes (or invoices) of a job say together; each by itself if there are several."""
    newest = max((paper.date for paper in papers if paper.date is not None), default=None)
    return {
        f"{what}_number": ", ".join(paper.number for paper in papers) or None,
        f"{what}_amount": _sum(papers),
        f"{what}_status": ", ".join(dict.fromkeys(paper.status for paper in papers if paper.status)) or None,
        f"{what}_date": newest,
        f"{what}_details": "\n".join(map(_told, papers)) if len(papers) > 1 else None,
    }


def _sum(papers: Iterable[Paper]) -> Money | None:
    """The sum, if every one has an amount and all are in one currency: half a sum would be a wrong one."""
    amounts = [paper.amount for paper in papers]
    known = [amount for amount in amounts if amount is not None]
    if not known or len(known) != len(amounts) or len({amount.currency for amount in known}) > 1:
        return None
    return Money(sum((amount.amount for amount in known), Decimal(0)), known[0].currency)


def _told(paper: Paper) -> str:
    amount = f"{paper.amount.amount} {paper.amount.currency}" if paper.amount else ""
    day = paper.date.date().isoformat() if paper.date else ""
    return ", ".join(part for part in (paper.number, day, amount, paper.status) if part)


def _unstated(statuses: Sequence[str], code: int | None) -> str:
    """Why a job's stage is not that of a stated status."""
    if not statuses:
        return f"only the number {code} is given, which stands for no word" if code is not None else ""
    own = [word for word in statuses if word not in KNOWN]
    return f"{', '.join(own)} is no status of Ascora's own" if own else ""


def _named_only(row: RawRow, office: Office) -> dict[str, str]:
    """Quote and invoice numbers that a job names and that nothing was read of."""
    found = {}
    for what, own in (
        ("quote", office.work.quotes_of.get(row.key, ())),
        ("invoice", office.work.invoices_of.get(row.key, ())),
    ):
        named = row.named(what)
        given = [part.strip() for part in (named.name or named.key).split(";")] if named else []
        read = {fold(paper.number) for paper in own}
        missing = ", ".join(number for number in given if number and fold(number) not in read)
        found[what] = f"{missing} was not read" if missing else ""
    return found


def _paper_fields(what: str, label: str) -> tuple[Any, ...]:
    return (
        one(f"{what}_number", T.TEXT, f"{label} number"),
        one(f"{what}_amount", T.MONEY, f"{label} amount"),
        one(f"{what}_status", T.TEXT, f"{label} status"),
        one(f"{what}_date", T.DATETIME, f"{label} date"),
        one(f"{what}_details", T.TEXT, f"{label}s"),
    )


JOBS = Kind(
    "jobs",
    "jobs",
    "Job",
    "Jobs",
    (
        *copied("jobs", _OWN),
        one("title", T.TEXT, "Title", required=True),
        one("job_status", T.SELECT, "Job status", multiple=True),
        one("stage_status", T.SELECT, "Status that decides the stage"),
        one("status_code", T.INTEGER, "Status number without a word"),
        one("amount", T.MONEY, "Amount ex tax"),
        one("total_inc", T.MONEY, "Total inc tax"),
        one("tax", T.MONEY, "Tax"),
        one("close_date", T.DATETIME, "Done"),
        one("parent", T.REFERENCE, "Part of job", "jobs"),
        *PARTIES,
        *_paper_fields("quote", "Quote"),
        *_paper_fields("invoice", "Invoice"),
        REMARKS,
    ),
    _job,
    custom=True,
    choices={"job_status": statuses_of, "stage_status": statuses_of},
)
