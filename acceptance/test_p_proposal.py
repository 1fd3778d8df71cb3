"""P02: a map is proposed with reasons, and nothing is written before a person confirms it."""

# ruff: noqa: N802 - a test is named after its row

from collections.abc import Iterator
from typing import Any

from acceptance.harness import Pair, moved
from acceptance.slices import Data, Slice, together
from acceptance.sources import Source
from acceptance.sources.base import Company, Person, Thing

FIRMS = 52

# By source: the field that a company's name comes from, and one that the curated mappings do not name, with
# its type.
NAMED_BY = {"elma365": "__name", "cetec": "name", "ascora": "name"}
UNNAMED = {
    "elma365": ("_kpp", "text"),
    "cetec": ("credit_limit", "money"),
    "ascora": ("business_number", "text"),
}


def proposed(source: Source) -> Data:
    """Companies, one of them refused, somebody who works there, and a thing that the destination lacks."""
    own = source.key
    firms = [
        Company(own("P02", n), f"Предложенная {n}", f"https://predlozh-{n}.example") for n in range(FIRMS)
    ]
    return together(
        source.companies(*firms),
        source.broken(own("P02", "odd")),
        source.people(Person(own("P02", "person"), "Эм", "Предложев", "em@predlozh.example", firms[0].key)),
        source.things(Thing("P02 1", 1)),
    )


SLICES = {"P02": [Slice("P02", proposed)]}


def lines(pair: Pair, kind: str) -> dict[str, Any]:
    """What the proposal says of the lines from the source's object of a kind to that of the destination."""
    route = pair.route_of(kind)
    return {row["field"]: row for row in pair.answers["propose"]["fields"] if row["route"] == route}


def comments(pair: Pair) -> Iterator[tuple[dict[str, Any], str]]:
    """What the proposal says of each line, and what stands beside it in mapping.yaml."""
    answer = pair.answers["propose"]
    entries = pair.project.yaml("mapping.yaml")["objects"]
    for told, entry in zip(answer["objects"], entries, strict=True):
        assert entry["from"] == told["from"]
        for row in answer["fields"]:
            if row["route"] == told["route"]:
                tokens = entry["fields"].ca.items.get(row["field"])
                yield row, tokens[2].value.strip() if tokens else ""


def test_P02_every_line_is_proposed_with_confidence_and_reason(pair: Pair, pair_name: str, record_property):
    answer = pair.answers["propose"]
    assert len(answer["fields"]) >= 40
    for row in (*answer["objects"], *answer["fields"]):
        assert 0 <= row["confidence"] <= 1, row
        assert len(row["reason"]) >= 8, row
    routes = {row["route"]: row for row in answer["objects"]}
    assert {row["route"] for row in answer["fields"]} <= set(routes)
    own = routes[pair.route_of("company")]
    assert (own["confidence"], own["reason"]) == (1.0, f"from the curated mapping {pair_name}")
    name = lines(pair, "company")["name"]
    assert name["from"] == [NAMED_BY[pair.source.platform]]
    assert (name["confidence"], name["reason"]) == (1.0, "curated: «Name» and «Name» mean name")
    key = pair.source.key
    refused = pair.refused([key("P02", n) for n in (*range(FIRMS), "odd")])
    assert set(refused) == {key("P02", "odd")}
    moved(record_property, FIRMS + 3, len(refused))


def test_P02_the_file_says_the_same_beside_each_line(pair: Pair):
    beside = list(comments(pair))
    assert len(beside) == len(pair.answers["propose"]["fields"])
    for row, comment in beside:
        assert comment.startswith(f"# {row['confidence']:.2f} {row['reason']}"), row


def test_P02_a_field_without_a_line_is_listed_with_what_comes_nearest_and_a_field_to_make(pair: Pair):
    answer = pair.answers["propose"]
    name, kind = UNNAMED[pair.source.platform]
    route = pair.route_of("company")
    (row,) = [x for x in answer["unmapped"] if (x["route"], x["field"]) == (route, name)]
    assert row["create"] == kind
    assert row["becomes"]
    assert row["why_not"]
    text = (pair.project.folder / "mapping.yaml").read_text(encoding="utf-8")
    assert f": becomes {row['becomes']} ({kind})" in text
    for each in answer["unmapped"]:
        assert each["why_not"], each
        assert each["create"], each
        assert f"# {each['field']}" in text, each
    # Nothing is left out: what the check calls unmapped is listed as left behind.
    behind = {(x["route"].partition(">")[0], x["field"]) for x in answer["unmapped"] if not x["becomes"]}
    checked = {(o, f) for o, fields in pair.answers["check"]["unmapped"].items() for f in fields}
    assert checked <= behind


def test_P02_the_fields_that_were_announced_are_made(pair: Pair):
    told, there = pair.source.thing, pair.destination
    made = there.made(told.label)
    start = f"{pair.source.object_of['thing']}>"
    rows = [x for x in pair.answers["propose"]["unmapped"] if x["route"].startswith(start)]
    announced = {x["becomes"] for x in rows}
    assert {made.fields[told.number].name, made.fields[told.kind].name} <= announced


def test_P02_nothing_is_written_before_a_person_confirms(pair: Pair):
    for name in ("run unconfirmed", "provision unconfirmed"):
        done = pair.answers[name]
        assert done.code == 4, name
        assert "map confirm" in done.stderr
    assert pair.answers["dump unconfirmed"] == pair.answers["before"]


def test_P02_a_change_after_the_confirmation_needs_a_new_one(pair: Pair):
    path = pair.project.folder / "mapping.yaml"
    confirmed, before = path.read_bytes(), pair.destination.dump()
    mapping = pair.project.yaml("mapping.yaml")
    start = pair.source.object_of["company"]
    route = next(r for r in mapping["objects"] if r["from"] == start and len(r.get("fields") or ()) > 2)
    route["fields"]["name"] = {"value": "Changed by nobody"}
    pair.project.save("mapping.yaml", mapping)
    try:
        refused = pair.project.call("run")
    finally:
        path.write_bytes(confirmed)
    assert refused.code == 4, refused.stderr
    assert pair.destination.dump() == before
