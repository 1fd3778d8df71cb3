"""P06: load order, and everything that refers to something still does."""

# ruff: noqa: N802 - a test is named after its row

from collections.abc import Sequence
from typing import NamedTuple

from acceptance.harness import Pair, moved
from acceptance.slices import ANNA, COMPANIES, IVAN, Data, Json, Slice, key, together
from acceptance.sources import Source
from acceptance.sources.base import Company, Thing


class Place(NamedTuple):
    """Records of an object of the source: of a kind there, or of the object with this label."""

    object: str
    kind: str = ""
    label: str = ""


class Link(NamedTuple):
    """A field of a record that leads to another one, or to somebody: the mail of an account there."""

    place: Place
    key: str
    field: str
    to: Place | None
    target: str


class Linked(NamedTuple):
    """What a source holds. `links`: those that have to arrive; `records`: how many records; `refused`: the
    key of a refused one. `orphan`, in `place`, refers to that by `word`; `said`: the field that says there
    what was not found, "" if the audit log says it."""

    data: Data
    links: Sequence[Link]
    records: int
    refused: str
    place: Place
    orphan: str
    word: str
    said: str = ""


# --- ELMA365: places one above the other, teams, and both refer to each other -----------------------

NODES, GROUPS = "depot.nodes", "depot.groups"
LAST = 56


def node(n: int) -> dict:
    """A place whose parent comes after it in the source."""
    return {
        "__id": key("P06", "node", n),
        "__index": n + 1,
        "__name": f"Узел {n}",
        "parent": [key("P06", "node", n + 1)] if n < LAST else [],
        "squad": [key("P06", "group", n % 4)],
        "company": [key("P06", "company")],
        "keeper": [ANNA if n % 2 else IVAN],
    }


DEPOT: Json = {
    "namespaces": {"depot": "Склад"},
    "apps": [
        {
            "namespace": "depot",
            "code": "nodes",
            "name": "Узлы",
            "fields": [
                {"code": "parent", "type": "SYS_COLLECTION", "link": NODES, "name": "Вышестоящий"},
                {"code": "squad", "type": "SYS_COLLECTION", "link": GROUPS, "name": "Бригада"},
                {"code": "company", "type": "SYS_COLLECTION", "link": COMPANIES, "name": "Хозяин"},
                {"code": "keeper", "type": "SYS_USER", "name": "Кладовщик"},
                {"code": "load", "type": "FLOAT", "name": "Нагрузка"},
            ],
        },
        {
            "namespace": "depot",
            "code": "groups",
            "name": "Бригады",
            "fields": [{"code": "head", "type": "SYS_COLLECTION", "link": NODES, "name": "Главный узел"}],
        },
    ],
    "items": {
        COMPANIES: [
            {"__id": key("P06", "company"), "__name": "Складская", "_website": "https://skladskaya.example"}
        ],
        NODES: [node(n) for n in range(LAST + 1)]
        + [{"__id": key("P06", "node", "odd"), "__name": "Кривой узел", "load": "много"}]
        + [
            {
                "__id": key("P06", "node", "orphan"),
                "__name": "Сирота",
                "parent": [key("P06", "node", "odd")],
            }
        ],
        GROUPS: [
            {"__id": key("P06", "group", n), "__name": f"Бригада {n}", "head": [key("P06", "node", n)]}
            for n in range(4)
        ],
    },
}
ELMA_NODES, ELMA_GROUPS = Place(NODES, label="Узлы"), Place(GROUPS, label="Бригады")


def of_elma365(source: Source) -> Linked:
    """Each place has a parent that comes after it, a team, a company and somebody who keeps it."""
    firm, links = Place(COMPANIES, "company"), []
    for n in range(LAST + 1):
        own = key("P06", "node", n)
        if n < LAST:
            links.append(Link(ELMA_NODES, own, "Вышестоящий", ELMA_NODES, key("P06", "node", n + 1)))
        links.append(Link(ELMA_NODES, own, "Бригада", ELMA_GROUPS, key("P06", "group", n % 4)))
        links.append(Link(ELMA_NODES, own, "Хозяин", firm, key("P06", "company")))
        keeper = source.account("anna" if n % 2 else "ivan")
        links.append(Link(ELMA_NODES, own, "Кладовщик", None, keeper.mail))
    for n in range(4):
        links.append(
            Link(ELMA_GROUPS, key("P06", "group", n), "Главный узел", ELMA_NODES, key("P06", "node", n))
        )
    odd, orphan = key("P06", "node", "odd"), key("P06", "node", "orphan")
    return Linked(Data(DEPOT), links, LAST + 3 + 5, odd, ELMA_NODES, orphan, odd)


# --- Cetec: orders come from quotes and have lines with parts ---------------------------------------

QUOTES, ORDERS = Place("quote", "deal"), Place("order", "deal")
LINES, PARTS = Place("orderline", label="Line item"), Place("part", label="Part")
ORDER_COUNT = 25


def of_cetec(source: Source) -> Linked:
    """Each order has a line, a customer, somebody inside who sells, and the quote that it came from."""
    firm, first = Place("customer", "company"), 600_000
    customer = Company(source.key("P06", "company"), "Складская", "https://skladskaya.example")
    orders, quotes, links = [], [], []
    for n in range(ORDER_COUNT):
        number, quote, seller = first + n, f"Q06{n:03d}", source.account("anna" if n % 2 else "ivan")
        orders.append(cetec_order(number, customer, quote, seller.key, f"P06 {n % 4}"))
        quotes.append({"Quote": quote, "Customer Number": f"C{customer.key}", "Status": "Open"})
        links += [
            Link(ORDERS, str(number), "company", firm, customer.key),
            Link(ORDERS, str(number), "owner", None, seller.mail),
            Link(ORDERS, str(number), "From quote", QUOTES, quote),
            Link(QUOTES, quote, "company", firm, customer.key),
            Link(LINES, f"{number}1", "Opportunity", ORDERS, str(number)),
            Link(LINES, f"{number}1", "Part", PARTS, f"P06 {n % 4}"),
        ]
    orphan = first + ORDER_COUNT
    orders.append(cetec_order(orphan, customer, "Q06-odd", "anna", "P06 0"))
    quotes.append({"Quote": "Q06-odd", "Customer Number": f"C{customer.key}", "Total": "много"})
    data = together(
        source.companies(customer),
        source.things(*(Thing(f"P06 {n}", n) for n in range(4))),
        Data({"orders": orders}, {"quote_list P06.xlsx": {"Sheet1": quotes}}),
    )
    return Linked(data, links, 3 * ORDER_COUNT + 8, "Q06-odd", ORDERS, str(orphan), "Q06-odd")


def cetec_order(number: int, customer: Company, quote: str, seller: str, part: str) -> Json:
    """An order with one line."""
    return {
        "id": number,
        "ordernum": f"{number}.1",
        "customer_id": int(customer.key),
        "customer_name": customer.name,
        "quotenum": quote,
        "inside_sales": seller,
        "ordered_on": "2024-03-05",
        "total_resale": "10.00",
        "closed": 0,
        "status": "Open",
        "lines": [
            {
                "id": int(f"{number}1"),
                "lineitem": 1,
                "prcpart": part,
                "qty": 1,
                "resale": "10.00",
                "transcode": "SA",
            }
        ],
    }


# --- Ascora: sections of jobs, at a customer's, done by somebody -------------------------------------

JOBS = Place("jobs", "deal")


def of_ascora(source: Source) -> Linked:
    """Each job is a section of one that comes after it, is done for a company by somebody, with a line."""
    firm, links = Place("customers", "company"), []
    customer = Company(source.key("P06", "company"), "Складская", "https://skladskaya.example")
    jobs, doing = [], []
    for n in range(LAST):
        own, worker = source.key("P06", "job", n), source.account("anna" if n % 2 else "ivan")
        jobs.append(ascora_job(own, f"J06{n:03d}", customer, f"J06{n + 1:03d}" if n < LAST - 1 else None))
        doing.append({"JOB NUMBER": f"J06{n:03d}", "ASSIGNED TO": worker.name})
        if n < LAST - 1:
            links.append(Link(JOBS, own, "Part of job", JOBS, source.key("P06", "job", n + 1)))
        links.append(Link(JOBS, own, "company", firm, customer.key))
        links.append(Link(JOBS, own, "owner", None, worker.mail))
    odd = source.key("P06", "job", "odd")
    jobs.append(ascora_job(odd, "J06-odd", customer, None) | {"totalExTax": "много"})
    orphan = source.key("P06", "job", "orphan")
    jobs.append(ascora_job(orphan, "J06-orphan", customer, "J06-odd"))
    data = together(
        source.companies(customer),
        Data({"jobs": jobs}, {"tables/Jobs rows.xlsx": {"Jobs": doing}}),
    )
    return Linked(data, links, LAST + 3, odd, JOBS, orphan, "J06-odd", "Migration remarks")


def ascora_job(identifier: str, number: str, customer: Company, above: str | None) -> Json:
    """A job, perhaps a section of another one."""
    return {
        "jobId": identifier,
        "jobNumber": number,
        "topLevelJobNumber": above,
        "jobName": f"Работа {number}",
        "totalExTax": 100,
        "totalIncTax": 110,
        "billingCustomer": {"id": customer.key, "name": customer.name},
    }


OF = {"elma365": of_elma365, "cetec": of_cetec, "ascora": of_ascora}
SLICES = {"P06": [Slice("P06", lambda source: OF[source.platform](source).data)]}
# What comes first: people, or what they themselves refer to.
FIRST = {
    "elma365-odoo": "_system.groups>res.groups",
    "cetec-odoo": "user>res.groups",
    "ascora-odoo": "users>res.groups",
}


def linked(pair: Pair) -> Linked:
    """What the source holds."""
    return OF[pair.source.platform](pair.source)


def rows_of(pair: Pair, place: Place) -> dict[str, Json]:
    """The records of a place that arrived, with neutral names and with labels."""
    if not place.kind:
        return pair.destination.arrived_in(place.label, place.object)
    labelled = pair.destination.labelled(place.kind, place.object)
    neutral = pair.destination.arrived(place.kind, place.object)
    return {found: labelled[found] | row for found, row in neutral.items()}


def test_P06_parents_lookups_and_owners_stay_linked(pair: Pair, record_property):
    told = linked(pair)
    places = {place for link in told.links for place in (link.place, link.to) if place}
    rows = {place: rows_of(pair, place) for place in places}
    for link in told.links:
        wanted = rows[link.to][link.target]["id"] if link.to else link.target
        assert rows[link.place][link.key][link.field] == wanted, link
    refused = pair.refused([told.refused])
    assert told.refused in refused
    moved(record_property, told.records, len(refused))


def test_P06_what_refers_to_nothing_has_no_link(pair: Pair):
    told = linked(pair)
    links = {(link.place, link.key, link.field) for link in told.links}
    parents = {(link.place, link.field) for link in told.links if link.to == link.place}
    keys = {*(link.key for link in told.links), told.orphan}
    for place, name in parents:
        for found, row in rows_of(pair, place).items():
            if (place, found, name) not in links and found in keys:
                assert row[name] is None, found


def test_P06_a_lost_parent_is_named(pair: Pair):
    told = linked(pair)
    said = [line["reasons"] for line in pair.audit if line["source_id"] == told.orphan]
    if told.said:
        said.append(rows_of(pair, told.place)[told.orphan][told.said])
    assert any(told.word in each for each in said), said


def test_P06_phases_come_after_those_they_refer_to(pair: Pair, pair_name: str):
    names = [phase["name"] for phase in pair.answers["plan"]["phases"]]
    assert names[0] == FIRST.get(pair_name, pair.route_of("user"))
    for phase in pair.answers["plan"]["phases"]:
        for before in phase["after"]:
            assert names.index(before) < names.index(phase["name"])
