"""P02, P03 and P12: nothing before a person confirms, schema before data, and a line for every record."""

# ruff: noqa: N802 - a test is named after its row

from acceptance.destinations import Destination
from acceptance.harness import Pair, moved
from acceptance.slices import Data, Slice, together
from acceptance.sources import Source
from acceptance.sources.base import Company, Thing


def shelved(source: Source) -> Data:
    """Things, of which the destination knows nothing; one has values that are none."""
    things = source.things(*(Thing(f"P03 {n}", n) for n in range(55)))
    return together(things, source.broken_thing("P03 odd"))


def counted(source: Source) -> Data:
    """A company for each way in which a record may end."""
    key = source.key
    plain = [Company(key("P12", n), f"Учтённая {n}", f"https://uchet-{n}.example") for n in range(60)]
    known = Company(key("P12", "known"), "Давняя", "https://davnyaya.example", "ул. Новая, 1")
    return together(
        source.companies(*plain, known),
        source.broken(key("P12", "odd")),
        source.twins(key("P12", "twin 1"), key("P12", "twin 2")),
        source.left_out(key("P12", "left out")),
    )


# What the pairs differ in.
MARK = {"twenty": "field:company.crossdockKey", "odoo": "field:res.partner.x_crossdock_key"}
MATCHED_BY = {
    "company": {"twenty": "domainName", "odoo": "website"},
    "person": {"twenty": "emails", "odoo": "email"},
}


def known_company(destination: Destination) -> None:
    """A company that people have there already."""
    destination.known["P12"] = destination.make("company", name="Давняя", website="https://davnyaya.example")


SLICES = {"P03": [Slice("P03", shelved)], "P12": [Slice("P12", counted, known_company)]}


def test_P03_the_schema_is_made_before_any_record(pair: Pair, record_property):
    log, there = pair.answers["log"], pair.destination
    made = [entry["n"] for entry in there.shaped(log)]
    records = [entry["n"] for entry in there.written(log)]
    assert made
    assert records
    assert max(made) < min(records)
    key, told = pair.source.thing_key, pair.source.thing
    types = dict(zip((told.number, told.kind), told.types[there.platform], strict=True))
    assert there.made(told.label).types(told.number, told.kind) == types
    found = pair.things()
    for n in range(55):
        row = found[key(f"P03 {n}")]
        assert (row["name"], row[told.number], row[told.kind]) == (f"P03 {n}", n, told.value)
    refused = pair.refused([key(f"P03 {n}") for n in range(55)] + [key("P03 odd")])
    assert set(refused) == {key("P03 odd")}
    moved(record_property, 56, len(refused))


def test_P03_every_provisioned_thing_is_listed(pair: Pair):
    keys = {change["key"] for change in pair.answers["provision"]}
    told = pair.source.thing
    made = pair.destination.made(told.label)
    fields = {f"field:{made.name}.{made.fields[label].name}" for label in (told.number, told.kind)}
    assert {f"object:{made.name}", MARK[pair.destination.platform]} | fields <= keys


def test_P12_every_source_record_is_in_the_audit_log(pair: Pair, record_property):
    there, source = pair.destination, pair.source
    found, key, route = pair.arrived("company"), source.key, pair.route_of("company")
    for n in range(60):
        line = pair.outcome(key("P12", n), route)
        assert (line["outcome"], line["id"]) == ("created", found[key("P12", n)]["id"])
        own = (source.object_of["company"], there.object_name("company"), "main")
        assert (line["source_object"], line["object"], line["tenant"]) == own
    outcomes = {name: pair.outcome(key("P12", name), route) for name in ("odd", "left out", "known")}
    for name in ("twin 1", "twin 2"):
        outcomes[name] = pair.outcome(key("P12", name), pair.route_of(source.twin_kind))
    assert {name: line["outcome"] for name, line in outcomes.items()} == {
        "odd": "rejected",
        "twin 1": "held",
        "twin 2": "held",
        "left out": "skipped",
        "known": "updated",
    }
    assert outcomes["known"]["id"] == there.known["P12"]
    assert pair.field("company", source.wrong[there.platform].field) in outcomes["odd"]["reasons"]
    assert MATCHED_BY[source.twin_kind][there.platform] in outcomes["twin 1"]["reasons"]
    assert all(line["time"].startswith("20") for line in pair.audit)
    refused = pair.refused([key("P12", name) for name in (*range(60), "odd", "twin 1", "twin 2", "known")])
    moved(record_property, 65, len(refused))


def test_P12_the_audit_log_agrees_with_the_report(pair: Pair):
    route = pair.route_of("company")
    phase = pair.phase(route)
    lines = [line for line in pair.audit if line["phase"] == route]
    assert len({line["source_id"] for line in lines}) == phase["extracted"]
    for outcome in ("created", "updated"):
        assert len([x for x in lines if x["outcome"] == outcome]) == phase["destination"].get(outcome, 0)
