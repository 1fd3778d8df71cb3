"""Who is who: customers with their kind, which of them are sites, contacts and users, known by key."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from crossdock.model import Rejected
from crossdock.values import Address
from crossdock_ascora.finding import Finder
from crossdock_ascora.kinds import BUSINESS, FREE_MAIL, PERSON, Facts, Verdict, judge, mail_host
from crossdock_ascora.rawdata import RawData
from crossdock_ascora.rows import Named, RawRow, fold
from crossdock_ascora.settings import AscoraSettings


@dataclass(frozen=True, slots=True)
class Customer:
    """What others need to know of a customer. `billing`: the customer that is billed for it, "" if itself."""

    key: str
    facts: Facts
    number: str = ""
    billing: str = ""
    billing_problem: str = ""
    is_site: bool = False
    address: Address | None = None
    verdict: Verdict = field(default_factory=lambda: Verdict(PERSON, ""))


@dataclass(frozen=True, slots=True)
class Contact:
    """What others need to know of a contact. `customer`: whose contact it is, "" if nobody's."""

    key: str
    customer: str
    name: str
    email: str


_Seen = tuple[Facts, str, Named | None, Address | None]


class Customers:
    """All customers of one reading. Reading them takes one pass over the raw ones."""

    def __init__(self, raw: RawData, settings: AscoraSettings, declared: Mapping[str, str]) -> None:
        self._raw = raw
        self._unclear = settings.unclear_customers.upper()
        self._declared = declared

    @cached_property
    def finder(self) -> Finder:
        """Finds customers by id, number or name."""
        return self._read[0]

    @cached_property
    def all(self) -> Mapping[str, Customer]:
        """Every customer by key, sites included."""
        finder, seen = self._read
        found: dict[str, Customer] = {}
        for key, (facts, number, named, address) in seen.items():
            billed = finder.find(named)
            own = billed.key == key or (
                named is not None and not named.key and fold(named.name) == fold(facts.name)
            )
            site = named is not None and not own
            billing, problem = (billed.key, billed.problem) if site else ("", "")
            found[key] = Customer(key, facts, number, billing, problem, site, address)
        counts = Counter(customer.billing for customer in found.values() if customer.billing)
        return {key: self._judged(customer, counts[key]) for key, customer in found.items()}

    def payer(self, key: str) -> Customer | None:
        """The customer who is billed for what is done at this one: itself, unless it is a site."""
        customer = self.all.get(key)
        if customer is None or not customer.is_site:
            return customer
        return self.all.get(customer.billing)

    @cached_property
    def sites(self) -> Mapping[str, tuple[Customer, ...]]:
        """The sites that each customer is billed for, by name."""
        found: dict[str, list[Customer]] = {}
        for customer in self.all.values():
            if customer.billing:
                found.setdefault(customer.billing, []).append(customer)
        return {key: tuple(sorted(own, key=lambda c: (c.facts.name, c.key))) for key, own in found.items()}

    @cached_property
    def hosts(self) -> Counter[str]:
        """How many businesses use each e-mail host."""
        return Counter(
            host
            for customer in self.all.values()
            if not customer.is_site and customer.verdict.kind == BUSINESS
            if (host := mail_host(customer.facts.email)) and host not in FREE_MAIL
        )

    @cached_property
    def _read(self) -> tuple[Finder, dict[str, _Seen]]:
        finder, seen = Finder("customer"), dict[str, _Seen]()
        for row in records(self._raw, "customers"):
            finder.add(row.key, row.text("number"), [row.text("name")])
            address = row.values.get("address")
            placed = address if isinstance(address, Address) else None
            seen[row.key] = facts_of(row), row.text("number"), row.named("billing_customer"), placed
        return finder, seen

    def _judged(self, customer: Customer, sites: int) -> Customer:
        facts = replace(customer.facts, sites=sites)
        verdict = judge(facts, self._unclear)
        declared = self._declared.get(fold(customer.key)) or self._declared.get(fold(facts.name))
        if declared:
            verdict = Verdict(declared, "declared in customer_kinds")
        return replace(customer, facts=facts, verdict=verdict)


class Contacts:
    """All contacts of one reading."""

    def __init__(self, raw: RawData, customers: Customers) -> None:
        self._raw = raw
        self._customers = customers

    @cached_property
    def finder(self) -> Finder:
        """Finds contacts by id or name."""
        finder = Finder("contact")
        for contact in self.all.values():
            finder.add(contact.key, "", [contact.name])
        return finder

    @cached_property
    def all(self) -> Mapping[str, Contact]:
        """Every contact by key."""
        return {
            row.key: Contact(
                row.key,
                self._customers.finder.find(row.named("customer")).key,
                f"{row.text('first_name')} {row.text('last_name')}".strip(),
                fold(row.text("email")),
            )
            for row in records(self._raw, "contacts")
        }

    @cached_property
    def of(self) -> Mapping[str, tuple[Contact, ...]]:
        """The contacts of each customer."""
        found: dict[str, list[Contact]] = {}
        for contact in self.all.values():
            found.setdefault(contact.customer, []).append(contact)
        return {key: tuple(contacts) for key, contacts in found.items()}

    def find(self, named: Named | None, customers: Iterator[str] | tuple[str, ...]) -> str:
        """The contact that is named, first among those of these customers; "" if nobody is found for sure."""
        if named is None:
            return ""
        if named.key:
            return named.key if named.key in self.all else ""
        for key in customers:
            same = [c.key for c in self.of.get(key, ()) if fold(c.name) == fold(named.name)]
            if len(same) == 1:
                return same[0]
        return self.finder.find(named).key


class Users:
    """Everybody who works there: those of a table, and whoever the records name besides."""

    def __init__(self, raw: RawData) -> None:
        self._raw = raw

    @cached_property
    def named(self) -> Mapping[str, str]:
        """People whom no table of users has, by key: id or name -> name."""
        found: dict[str, str] = {}
        for name, columns in (
            ("customers", ("assigned_to",)),
            ("jobs", ("assigned_to",)),
            ("quotes", ("assigned_to",)),
            ("notes", ("author",)),
        ):
            for row in records(self._raw, name):
                for column in columns:
                    for one in people_in(row.named(column)):
                        if not self._known(one):
                            found.setdefault(one.key or fold(one.name), one.name or one.key)
        return found

    @cached_property
    def finder(self) -> Finder:
        """Finds those of the table, by key, e-mail address or name."""
        finder = Finder("user")
        for row in records(self._raw, "users"):
            finder.add(row.key, row.text("email"), [row.text("name")])
        return finder

    def find(self, named: Named | None) -> str:
        """The key of the (first) person who is named, "" for nobody."""
        for one in people_in(named):
            return self._known(one) or one.key or fold(one.name)
        return ""

    def _known(self, one: Named) -> str:
        """The key in the table: the ids of the API are not those of a table, the names are."""
        return self.finder.find(one).key or (self.finder.find(Named("", one.name)).key if one.name else "")


def same_person(contact: Contact, customer: Customer) -> bool:
    """Whether a contact of a person is that person."""
    if customer.is_site or customer.verdict.kind != PERSON:
        return False
    facts, name = customer.facts, fold(contact.name)
    if not name:
        return bool(contact.email) and contact.email == fold(facts.email)
    return name in {fold(f"{facts.first_name} {facts.last_name}"), fold(facts.name)}


def people_in(named: Named | None) -> Iterator[Named]:
    """The people of a cell: several are parted by semicolons (a comma may stand in a name)."""
    if named is None:
        return
    if named.key:
        yield named
        return
    for part in named.name.split(";"):
        if part.strip():
            yield Named("", part.strip())


def facts_of(row: RawRow) -> Facts:
    """What the kind of a customer is judged by."""
    kind = row.named("customer_type")
    flag = row.values.get("is_business")
    return Facts(
        row.text("name"),
        row.text("company_name"),
        row.text("first_name"),
        row.text("last_name"),
        row.text("email"),
        kind.name if kind else "",
        row.text("business_number"),
        flag if isinstance(flag, bool) else None,
    )


def records(raw: RawData, name: str) -> Iterator[RawRow]:
    """The raw records of an object, none if it cannot be read."""
    if raw.has(name):
        yield from (row for row in raw.rows(name) if not isinstance(row, Rejected))
