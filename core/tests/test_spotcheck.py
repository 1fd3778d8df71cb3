"""The spot check: which records are drawn, and what is shown of them."""

import csv
import json
from pathlib import Path

from core.tests.answers import faults
from core.tests.toy_platforms import world
from hypothesis import given
from hypothesis import strategies as st

from crossdock.reconcile.spotcheck import quotas

COUNTS = st.dictionaries(st.tuples(st.text(), st.text()), st.integers(0, 10_000), max_size=12)


@given(COUNTS, st.integers(1, 300))
def test_every_route_with_records_is_drawn_from_and_none_gives_more_than_it_has(counts, size):
    drawn = quotas(counts, size)
    assert set(drawn) == {route for route, count in counts.items() if count}
    assert all(1 <= drawn[route] <= counts[route] for route in drawn)


@given(COUNTS, st.integers(1, 300))
def test_the_sample_is_as_large_as_asked_if_the_records_and_routes_allow_it(counts, size):
    drawn = quotas(counts, size)
    whole, routes = sum(counts.values()), len(drawn)
    assert sum(drawn.values()) == (min(whole, size) if routes <= size else routes)


NOBODY = {"left_empty": 0, "stands_in": 0}


def drawn(desk, *options):
    return desk("reconcile", "--spot", "3", *options, json=True).json["spot"]


def loaded(desk):
    desk.prepare()
    desk("run")


def names(spot):
    return [record["source_id"] for record in spot["records"]]


def test_the_same_seed_draws_the_same_records(desk):
    loaded(desk)
    assert names(drawn(desk, "--seed", "a")) == names(drawn(desk, "--seed", "a"))


def test_two_routes_from_one_object_to_another_share_what_is_drawn_of_it(desk):
    desk.prepare(confirmed=False)
    second = "  - {from: crm.person, to: person, name: none, where: title == '', fields: {name: title}}"
    desk.edit(
        "  - from: crm.person\n    to: person\n",
        f"{second}\n  - from: crm.person\n    to: person\n    where: title != ''\n",
    )
    assert desk("map", "confirm", "--by", "Anna").code == 0
    desk("run")
    spot = desk("reconcile", "--spot", "6", json=True).json["spot"]
    assert sorted(record["object"] for record in spot["records"]) == ["firm"] * 3 + ["person"] * 3


def test_both_sides_of_each_field_are_shown(desk):
    loaded(desk)
    record = next(r for r in drawn(desk)["records"] if r["object"] == "person")
    email = next(f for f in record["fields"] if f["field"] == "email")
    assert email["source"] == {"mail": email["actual"]}
    assert (email["expected"], email["verdict"]) == (email["actual"], "equal")


def test_the_source_of_a_template_is_what_its_parts_hold(desk):
    desk.prepare(confirmed=False)
    desk.edit("name: title, email: mail", 'name: {template: "{title} ({mail})"}, email: mail')
    assert desk("map", "confirm", "--by", "Anna").code == 0
    desk("run")
    record = next(r for r in drawn(desk)["records"] if r["object"] == "person")
    name = next(f for f in record["fields"] if f["field"] == "name")
    assert set(name["source"]) == {"title", "mail"}
    assert name["actual"] == f"{name['source']['title']} ({name['source']['mail']})"


def test_what_somebody_edited_there_is_told_apart(desk):
    loaded(desk)
    for row in world.destination.table("person").values():
        row.values["email"] = "edited@f.example"
    record = next(r for r in drawn(desk)["records"] if r["object"] == "person")
    assert record["verdict"] == "edited there since"


def test_a_drawn_record_that_is_gone_is_shown_as_such(desk):
    loaded(desk)
    world.destination.table("person").clear()
    people = [r for r in drawn(desk)["records"] if r["object"] == "person"]
    assert {r["verdict"] for r in people} == {"deleted there"}


def test_the_sheet_is_a_page_to_sign_and_a_table_to_tick_off(desk):
    loaded(desk)
    spot = drawn(desk)
    page = Path(spot["sheet"])
    assert "Checked by" in page.read_text(encoding="utf-8")
    with page.with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["source_id"] for row in rows} == set(names(spot))
    assert {row["checked"] for row in rows} == {""}


def test_links_and_sums_are_counted_over_all_records(desk):
    loaded(desk)
    answer = desk("reconcile", json=True).json
    assert answer["links"] == [{"object": "person", "field": "firm", "expected": 3, "right": 3, **NOBODY}]
    assert answer["spot"] is None


def test_a_link_that_somebody_turned_elsewhere_is_not_right(desk):
    loaded(desk)
    rows = list(world.destination.table("person").values())
    rows[0].values["firm"] = rows[1].values["firm"]
    answer = desk("reconcile", json=True).json
    assert [(x["expected"], x["right"]) for x in answer["links"]] == [(3, 2)]


def without_a_firm(desk):
    """A project where nobody at the destination stands for the firm of one person."""
    world.mend()
    world.source.drop("crm.firm", "f2")
    desk.prepare(confirmed=False)
    desk.edit(
        "firm: {from: firm, reference: firm}",
        "firm: {from: firm, reference: firm, missing: null_with_finding}",
    )
    assert desk("map", "confirm", "--by", "Anna").code == 0
    return desk


def test_a_link_to_nobody_is_no_equal_field_and_is_counted_apart(desk):
    without_a_firm(desk)("run")
    answer = desk("reconcile", "--spot", "20", json=True)
    record = next(r for r in answer.json["spot"]["records"] if r["source_id"] == "p2")
    firm = next(f for f in record["fields"] if f["field"] == "firm")
    assert firm["verdict"] == record["verdict"] == "left empty: nobody there stands for it"
    counts = {"expected": 3, "right": 2, "left_empty": 1, "stands_in": 0}
    assert answer.json["links"] == [{"object": "person", "field": "firm", **counts}]
    assert (answer.code, faults("reconcile", answer.json)) == (0, [])


def test_a_link_to_nobody_is_no_equal_field_of_a_sample(desk):
    answer = without_a_firm(desk)("run", "--sample", "20", json=True)
    found = json.loads(Path(answer.json["sample"]["files"]["json"]).read_text())
    record = next(r for r in found["records"] if r["source_id"] == "p2")
    firm = next(f for f in record["fields"] if f["field"] == "firm")
    assert (firm["verdict"], firm["rule"]) == ("left empty", "left empty: nobody there stands for it")
    assert (answer.json["sample"]["left_empty"], faults("run-sample", answer.json)) == (1, [])


def test_a_link_to_nobody_is_in_the_handoff_whether_compared_or_only_loaded(desk):
    without_a_firm(desk)("run")
    told = {"object": "person", "field": "firm", "what": "left empty: nobody there stands for it", "count": 1}
    assert desk("handoff", json=True).json["unresolved"] == [told]
    desk("reconcile")
    assert desk("handoff", json=True).json["unresolved"] == [told]


def test_whoever_stands_in_is_no_right_link(desk):
    world.destination.add("firm", "nobody", name="Nobody", domain="nobody.example")
    without_a_firm(desk)
    desk.edit("missing: null_with_finding", "fallback: nobody.example")
    assert desk("map", "confirm", "--by", "Anna").code == 0
    desk("run")
    (links,) = desk("reconcile", json=True).json["links"]
    assert (links["expected"], links["right"], links["stands_in"]) == (3, 2, 1)
