"""Jobs with the quotes and invoices that belong to them, known by key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from crossdock.values import Money
from crossdock_ascora.finding import Finder, Found
from crossdock_ascora.people import records
from crossdock_ascora.rawdata import RawData
from crossdock_ascora.rows import Named, RawRow


@dataclass(frozen=True, slots=True)
class Paper:
    """A quote or an invoice as its job tells of it. `amount` is ex tax if it is known, else inc tax."""

    key: str
    number: str
    job: str = ""
    problem: str = ""
    amount: Money | None = None
    status: str = ""
    date: datetime | None = None


class Work:
    """Who belongs to which job. An index is made when it is first needed."""

    def __init__(self, raw: RawData) -> None:
        self._raw = raw

    @cached_property
    def jobs(self) -> Finder:
        """Finds jobs by id or number."""
        return self._jobs.finder

    @cached_property
    def quotes(self) -> Mapping[str, Paper]:
        """Every quote by key, with the job that it led to."""
        finder, by_quote = self._jobs.finder, self._jobs.by_quote
        found = {}
        for row in records(self._raw, "quotes"):
            jobs = [row.named("job"), row.named("variation_for"), *by_quote.get(_folded(row), ())]
            found[row.key] = _paper(row, _first(finder, jobs), row.text("status"))
        return found

    @cached_property
    def quote_finder(self) -> Finder:
        """Finds quotes by id or number."""
        return _finder("quote", self.quotes.values())

    @cached_property
    def invoices(self) -> Mapping[str, Paper]:
        """Every invoice by key, with its job."""
        finder, by_invoice = self._jobs.finder, self._jobs.by_invoice
        found = {}
        for row in records(self._raw, "invoices"):
            jobs = [row.named("job"), *by_invoice.get(_folded(row), ())]
            found[row.key] = _paper(row, _first(finder, jobs), row.text("status"))
        return found

    @cached_property
    def invoice_finder(self) -> Finder:
        """Finds invoices by id or number."""
        return _finder("invoice", self.invoices.values())

    @cached_property
    def quotes_of(self) -> Mapping[str, tuple[Paper, ...]]:
        """The quotes of each job, by number."""
        return _by_job(self.quotes.values())

    @cached_property
    def invoices_of(self) -> Mapping[str, tuple[Paper, ...]]:
        """The invoices of each job, by number."""
        return _by_job(self.invoices.values())

    @cached_property
    def _jobs(self) -> "_Jobs":
        """One pass over the jobs."""
        seen = _Jobs()
        for row in records(self._raw, "jobs"):
            seen.finder.add(row.key, row.text("number"))
            for column, index in (("quote", seen.by_quote), ("invoice", seen.by_invoice)):
                named = row.named(column)
                for number in (named.name or named.key).split(";") if named else ():
                    if number.strip():
                        index.setdefault(number.strip().casefold(), []).append(Named(row.key))
        return seen


@dataclass(slots=True)
class _Jobs:
    """A finder, and the jobs by the quote and invoice numbers that they name."""

    finder: Finder = field(default_factory=lambda: Finder("job"))
    by_quote: dict[str, list[Named]] = field(default_factory=dict)
    by_invoice: dict[str, list[Named]] = field(default_factory=dict)


def _folded(row: RawRow) -> str:
    return row.text("number").casefold()


def _first(finder: Finder, named: Iterable[Named | None]) -> Found:
    """The first job that is found; what speaks against it if none is."""
    tried = [finder.find(one) for one in named if one is not None]
    return next((found for found in tried if found.key), tried[0] if tried else Found())


def _paper(row: RawRow, job: Found, status: str) -> Paper:
    amount = row.values.get("total_ex") or row.values.get("total_inc")
    when = row.values.get("date")
    return Paper(
        row.key,
        row.text("number"),
        job.key,
        job.problem,
        amount if isinstance(amount, Money) else None,
        status,
        when if isinstance(when, datetime) else None,
    )


def _finder(what: str, papers: Iterable[Paper]) -> Finder:
    finder = Finder(what)
    for paper in papers:
        finder.add(paper.key, paper.number)
    return finder


def _by_job(papers: Iterable[Paper]) -> dict[str, tuple[Paper, ...]]:
    found: dict[str, list[Paper]] = {}
    for paper in papers:
        if paper.job:
            found.setdefault(paper.job, []).append(paper)
    return {job: tuple(sorted(own, key=lambda paper: paper.number)) for job, own in found.items()}
