"""discover: what a tenant holds and how much of it, and what a reader has to know of it."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.model import Limits, Provenance
from crossdock_ascora import accounting
from crossdock_ascora.formvalues import HOLDERS
from crossdock_ascora.inventory import lost_answers, missing_customers, missing_sites
from crossdock_ascora.invoicing import UNSENT
from crossdock_ascora.listing import LISTS
from crossdock_ascora.office import Office
from crossdock_ascora.settings import AscoraSettings
from crossdock_ascora.tables import ADDITIONS

CAPABILITIES = Capabilities(
    {
        # Dates of a list filter what was created, not what was changed (documented).
        Capability.CHANGED_SINCE: Support.NO,
        Capability.DELETED_VISIBLE: Support.NO,
        Capability.STABLE_ORDER: Support.NO,
        Capability.FILES: Support.YES,
    }
)


def limits(settings: AscoraSettings) -> Limits:
    """The limits of the connection; none are documented."""
    host = urlsplit(settings.url).netloc or "files"
    return Limits(f"ascora:{host}", settings.calls_per_minute, page_size=settings.page_size)


def notes(office: Office) -> Iterator[str]:
    """What a reader of the catalog should know, the heaviest first."""
    yield accounting.note(office)
    yield from _reading(office)
    yield from _parties(office)
    yield from _work(office)
    yield from _typing(office)
    settings = office.settings
    yield (
        f"Times without a zone are taken for {settings.timezone}, amounts for {settings.currency}: neither "
        "the API nor an export says it. Telephone numbers stay as they are written."
    )


def _reading(office: Office) -> Iterator[str]:
    api = [name for name in office.raw.objects if not office.raw.from_table(name)]
    if api:
        yield f"Read through the API: {', '.join(api)}."
    if "invoices" in api:
        yield f"invoices are {UNSENT}. The whole history needs a table."
    shadowed = [
        name for name in office.raw.tables.objects if name in (*LISTS, "invoices") and office.settings.url
    ]
    if shadowed:
        yield f"Read from tables, not through the API: {', '.join(shadowed)}."
    yield from office.raw.tables.notes()
    for name in api:
        if name + ADDITIONS in office.raw.tables.objects:
            lost = office.raw.unmatched_additions(name)
            if lost:
                yield f"{name}{ADDITIONS}: {len(lost)} rows add to no record: {', '.join(lost[:20])}."
        for key, count in office.raw.unknown_keys(name).items():
            yield f"{name}: the API gives {key!r}, which is not read ({count} values)."


def _parties(office: Office) -> Iterator[str]:
    everybody = [c for c in office.customers.all.values() if not c.is_site]
    if not everybody:
        return
    kinds = Counter(c.verdict.kind.lower() for c in everybody)
    guessed = sum(not c.verdict.sure for c in everybody)
    told = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
    yield (
        f"Customers: {told}; of {guessed} nothing says it for sure. Correct single ones in a table named in "
        "`customer_kinds`."
    )
    several = sum(len(own) > 1 for own in office.customers.sites.values())
    sites = sum(c.is_site for c in office.customers.all.values())
    yield (
        f"Sites: {sites} of {len(office.customers.sites)} customers, {several} of them with more than "
        "one. Whether a site is a record of its own or its customer's address is a decision (sites_as)."
    )


def _work(office: Office) -> Iterator[str]:
    for what, found in (("site", missing_sites(office)), ("billing customer", missing_customers(office))):
        names = [row[1] or row[2] for row in found]
        if names:
            more = f" and {len(names) - 20} more" if len(names) > 20 else ""
            yield f"Their {what} is not among the customers, or not one: {', '.join(names[:20])}{more}."
    lost = [paper.number for paper in office.work.invoices.values() if not paper.job]
    if lost:
        yield f"{len(lost)} invoices name no job that was read: {', '.join(lost[:20])}."
    unplaced = [row[0] for row in lost_answers(office)]
    if unplaced:
        jobs = ", ".join(list(dict.fromkeys(unplaced))[:20])
        yield f"{len(unplaced)} answers of forms name no job that was read: {jobs}."


def _typing(office: Office) -> Iterator[str]:
    for name in HOLDERS:
        fields = office.custom.of(name).values() if office.raw.has(name) else ()
        unsure = [own.name for own in fields if own.provenance is not Provenance.DECLARED]
        if unsure:
            names = ", ".join(unsure[:20])
            yield f"{name}: the types of {len(unsure)} custom fields are inferred, not declared: {names}."
