"""Links to an accounting package: documented for each customer and invoice, never touched.

Ascora syncs with Xero, QuickBooks and MYOB both ways, a customer once it is invoiced (documented). Its API
does not say which record is which over there; a table of links can. Nothing is written back anywhere.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from crossdock.model import ArtifactReport
from crossdock_ascora.handoffs import Handoffs, Row
from crossdock_ascora.office import Office
from crossdock_ascora.people import records
from crossdock_ascora.rows import RawRow, fold

KIND = "accounting_link"
NAMES = {"xero": "Xero", "quickbooks": "QuickBooks", "myob": "MYOB"}
RISK = (
    "The link works both ways: as long as it is on, a change there comes back here after the migration has "
    "read, and customers and invoices that are made anew elsewhere may come to be there twice. Decide who "
    "switches it off, and when, before the cutover; then compare the totals of both sides. Nothing was "
    "marked as sent."
)
_COLUMNS = ("what", "number", "name", "id", "system", "state", "external id", "last synced")
_UNKNOWN = "say in `accounting` which package the tenant is linked to, or give a table accounting_links"

_Links = Mapping[tuple[str, str], RawRow]


def accounting_report(office: Office, handoffs: Handoffs) -> ArtifactReport:
    """The link with its risk, and every customer and invoice."""
    settings = office.settings.accounting
    if settings is None and not office.raw.has("accounting_links"):
        return ArtifactReport(KIND, not_examined=_UNKNOWN)
    links, lost = _links(office)
    system = NAMES[settings.system] if settings else _system(links)
    two_way = settings.two_way if settings else True
    rows = [*sorted(_customers(office, links, system)), *sorted(_invoices(office, links, system)), *lost]
    states = Counter(f"{row[0]}: {row[5].partition(':')[0]}" for row in rows)
    more: dict[str, object] = {
        "system": system,
        "two_way": two_way,
        "risk": RISK if two_way else "It works one way: nothing comes back here.",
        "states": dict(sorted(states.items())),
    }
    report = handoffs.listed(KIND, f"Link to {system}: {{n}} customers and invoices", _COLUMNS, rows, more)
    # A link that nothing hangs on yet is a link all the same.
    return (
        report
        if report.found
        else ArtifactReport(KIND, not_examined=f"linked to {system}, but nothing was read")
    )


def note(office: Office) -> str:
    """The link and its risk; that nobody said whether there is one is a risk, too."""
    settings = office.settings.accounting
    if settings is None and not office.raw.has("accounting_links"):
        return (
            "Whether the tenant is linked to Xero, QuickBooks or MYOB is not known (say it in `accounting`). "
            "Such a link works both ways; invoices that are sent to it are not in the API any more."
        )
    system = NAMES[settings.system] if settings else "an accounting package"
    return f"The tenant is linked to {system}." + (f" {RISK}" if settings is None or settings.two_way else "")


def _customers(office: Office, links: _Links, system: str) -> Iterator[Row]:
    invoiced = _invoiced(office)
    for key, customer in office.customers.all.items():
        link = links.get(("customer", key))
        state = "linked"
        if link is None:
            state = (
                "expected there: it was invoiced, and a customer is synced once it is"
                if key in invoiced
                else "not expected there: no invoice of it was read"
            )
        what = "site" if customer.is_site else "customer"
        yield (what, customer.number, customer.facts.name, key, *_told(link, system, state))


def _invoices(office: Office, links: _Links, system: str) -> Iterator[Row]:
    unsent = not office.raw.from_table("invoices")
    for key, paper in office.work.invoices.items():
        link = links.get(("invoice", key))
        state = (
            "linked" if link else ("not there yet: it is unsent" if unsent else "its id there is not known")
        )
        yield ("invoice", paper.number, "", key, *_told(link, system, state))


def _told(link: RawRow | None, system: str, state: str) -> Row:
    if link is None:
        return (system, state, "", "")
    synced = link.values.get("synced_at")
    name = NAMES.get(fold(link.text("system")), link.text("system")) or system
    return (name, state, link.text("external_id"), synced.isoformat() if synced else "")


def _invoiced(office: Office) -> set[str]:
    """The customers that an invoice names, by itself or by its job."""
    payers: dict[str, str] = {}
    for row in records(office.raw, "jobs"):
        billing = row.named("billing_customer") or row.named("site_customer")
        payers[row.key] = office.customers.finder.find(billing).key
    found: set[str] = set()
    for row in records(office.raw, "invoices"):
        own = office.customers.finder.find(row.named("customer")).key
        found |= {own, payers.get(office.work.invoices[row.key].job, "")}
    return found - {""}


def _links(office: Office) -> tuple[dict[tuple[str, str], RawRow], list[Row]]:
    """The rows of the table of links by (customer or invoice, key), and those that lead nowhere."""
    found: dict[tuple[str, str], RawRow] = {}
    lost: list[Row] = []
    for row in records(office.raw, "accounting_links"):
        word = fold(row.text("entity")).rstrip("s")
        finder = office.work.invoice_finder if word == "invoice" else office.customers.finder
        target = finder.find(row.named("about"))
        if target.key and word in ("customer", "invoice"):
            found[word, target.key] = row
            continue
        why = target.problem or f"{row.text('entity')!r} is neither customer nor invoice"
        named = row.named("about")
        told = _told(row, "", f"leads nowhere: {why}")
        lost.append((word or "unknown", named.name if named else "", "", row.key, *told))
    return found, lost


def _system(links: _Links) -> str:
    names = {fold(row.text("system")) for row in links.values()} - {""}
    return ", ".join(sorted(NAMES.get(name, name) for name in names)) or "an accounting package"
