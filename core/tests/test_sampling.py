"""A sample run: a part of the records with all that they refer to, and a difference to sign."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from core.tests.answers import faults
from core.tests.fake_destination import Fault, KilledError, reference
from core.tests.toy_platforms import FIRM, PERSON, world

from crossdock.config import load_project
from crossdock.fieldtypes import FieldType
from crossdock.migration import Migration
from crossdock.model import FieldSchema, Option
from crossdock.values import Reference


@pytest.fixture
def many(desk):
    """A project with more records than a sample holds."""
    world.mend()
    for n in range(10, 60):
        world.source.put("crm.firm", f"f{n}", title=f"Firm {n}", site=f"f{n}.example", city=None, motto=None)
        world.person(n, n)
    desk.prepare()
    return desk


def names(object_name):
    return {row.values["name"] for row in world.destination.table(object_name).values()}


def difference(answer):
    return json.loads(Path(answer.json["sample"]["files"]["json"]).read_text())


def test_only_the_sample_is_loaded_and_its_books_close(many):
    answer = many("run", "--sample", "8", json=True)

    sample = answer.json["sample"]
    assert answer.code == 0
    assert 8 <= sample["chosen"] <= 12
    assert sum(p["extracted"] for p in answer.json["phases"]) == sample["chosen"]
    assert len(names("firm")) + len(names("person")) == sample["chosen"]
    assert answer.json["run"]["kind"] == "sample"


def test_what_is_outside_of_the_sample_is_not_missed_by_a_comparison(many):
    many("run", "--sample", "6")
    answer = many("reconcile", json=True)
    assert (answer.code, answer.json["findings"]) == (0, [])


def test_after_the_full_run_everything_is_expected(many):
    many("run", "--sample", "6")
    many("run")
    world.destination.table("person").popitem()
    answer = many("reconcile", json=True)
    assert [f["kind"] for f in answer.json["findings"]] == ["deleted there"]


def test_what_a_chosen_record_refers_to_is_loaded_with_it(many):
    many("run", "--sample", "8")
    firms = world.destination.table("firm")
    people = list(world.destination.table("person").values())
    assert people
    assert all(person.values["firm"] in firms for person in people)


def test_every_object_is_in_the_sample_even_if_that_makes_it_larger(many):
    many("run", "--sample", "1")
    assert names("firm")
    assert names("person")


def test_an_example_of_each_option_is_in_the_sample(desk):
    world.mend()
    size = FieldSchema("size", FieldType.SELECT, options=(Option("big"), Option("small")))
    world.source.schemas = (replace(FIRM, fields=(*FIRM.fields, size)), PERSON)
    for n in range(10, 60):
        kind = "small" if n == 37 else "big"
        site = f"f{n}.example"
        world.source.put("crm.firm", f"f{n}", title=f"Firm {n}", site=site, city=None, motto=None, size=kind)
    desk.prepare(confirmed=False)
    desk.edit("city: city", "city: size")
    assert desk("map", "confirm", "--by", "Anna").code == 0
    desk("run", "--sample", "6")
    assert "Firm 37" in names("firm")


def test_the_same_project_draws_the_same_sample(many):
    many("run", "--sample", "8")
    before = world.destination.state()

    again = many("run", "--sample", "8", json=True)

    assert set(again.json["totals"]["destination"]) == {"unchanged"}
    assert world.destination.state() == before


def test_a_sample_run_that_was_killed_goes_on_with_its_sample(many):
    world.destination.faults.extend([Fault.NONE, Fault.KILLED_AFTER])
    with pytest.raises(KilledError):
        many("run", "--sample", "8")
    for n in range(60, 90):  # would change what is drawn
        world.person(n, n % 3)

    answer = many("run", "--sample", "20", json=True)

    assert answer.json["sample"]["chosen"] <= 12
    assert len(names("firm")) + len(names("person")) == answer.json["sample"]["chosen"]
    assert len(many("status", json=True).json) == 1


def test_the_full_run_goes_on_from_the_sample(many):
    sample = many("run", "--sample", "8", json=True).json["sample"]["chosen"]

    answer = many("run", json=True)

    assert answer.code == 0
    assert answer.json["totals"]["destination"] == {"unchanged": sample, "created": 107 - sample}
    assert set(world.destination.made.values()) == {1}


def test_a_full_run_reads_the_source_afresh_though_it_was_provisioned_before_the_sample(many):
    many("provision")
    many("run", "--sample", "8")
    world.source.put("crm.firm", "f99", title="Late", site="late.example", city=None, motto=None)
    many("run")
    assert "Late" in names("firm")


def test_a_duplicate_outside_the_sample_is_found_all_the_same(desk):
    world.mend()
    for n in range(10, 60):
        world.source.put("crm.firm", f"f{n}", title=f"Firm {n}", site="same.example", city=None, motto=None)
    desk.prepare()
    answer = desk("run", "--sample", "4", json=True)
    held = [left for left in answer.json["phases"][0]["not_loaded"] if left["queue"] == "duplicates"]
    assert held
    assert not any(row.values["domain"] == "same.example" for row in world.destination.table("firm").values())


def test_the_difference_shows_every_field_of_every_record(many):
    answer = many("run", "--sample", "8", json=True)

    found = difference(answer)
    firm = next(r for r in found["records"] if r["object"] == "firm" and r["name"])
    assert [f["field"] for f in firm["fields"]] == ["name", "domain", "city", "motto"]
    name = firm["fields"][0]
    assert (name["source"], name["destination"], name["verdict"]) == (firm["name"], firm["name"], "equal")
    assert found["counts"]["equal"] == found["counts"]["fields"] > 0


def test_a_value_that_the_destination_changed_differs(many):
    with_gate = many.folder / "crossdock.yaml"
    with_gate.write_text(with_gate.read_text().replace("gate_allowance: 0.0", "gate_allowance: 1.0"))
    world.destination.shape = lambda value: "Moscow" if value == "Kazan" else value

    answer = many("run", "--sample", "60", json=True)

    assert answer.code == 1
    assert answer.json["sample"]["differs"] > 0
    odd = [f for r in difference(answer)["records"] for f in r["fields"] if f["verdict"] == "differs"]
    assert {(f["field"], f["source"], f["destination"]) for f in odd} == {("city", "Kazan", "Moscow")}


def test_what_a_record_that_was_there_before_holds_is_kept(desk):
    world.mend()
    world.source.put("crm.firm", "f2", title="Firm 2", site="f2.example", city=None, motto=None)
    world.destination.add("firm", "there", name="Firm 2", domain="f2.example", city="Omsk")
    desk.prepare()

    answer = desk("run", "--sample", "50", json=True)

    record = next(r for r in difference(answer)["records"] if r["id"] == "there")
    city = next(f for f in record["fields"] if f["field"] == "city")
    assert (record["made"], city["destination"], city["verdict"]) == (False, "Omsk", "kept")


def test_records_that_were_not_loaded_are_listed_with_their_reasons(desk):
    desk.prepare()
    answer = desk("run", "--sample", "50", json=True)
    left = difference(answer)["not_loaded"]
    assert [(r["source_id"], r["outcome"]) for r in left] == [("f3", "rejected")]
    assert "name" in left[0]["reasons"][0]


def test_the_difference_is_a_page_and_a_table_too(many):
    files = many("run", "--sample", "8", json=True).json["sample"]["files"]
    page = Path(files["html"]).read_text()
    with Path(files["csv"]).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert "Firm" in page
    assert "crossdock signoff" in page
    assert {row["verdict"] for row in rows} == {"equal"}


def test_the_answer_fits_its_schema_and_the_text_names_the_page(many):
    assert faults("run-sample", many("run", "--sample", "8", json=True).json) == []
    answer = many("run", "--sample", "8")
    assert "-diff.html" in answer.out
    assert "crossdock signoff" in answer.out


def test_a_sample_needs_a_confirmed_mapping(desk):
    desk.prepare(confirmed=False)
    assert desk("run", "--sample", "8").code == 4


def test_an_empty_sample_is_refused(desk):
    desk.prepare()
    assert desk("run", "--sample", "0").code == 2


def test_the_choice_does_not_depend_on_the_order_of_reading(many):
    from crossdock.trial.sampling import choose

    many("run", "--sample", "8")
    with Migration(load_project(many.folder)) as migration:
        first = choose(migration, migration.resolved(), 8)
        assert choose(migration, migration.resolved(), 8) == first
        assert set(first["main"]) == {"crm.firm", "crm.person"}


def test_what_a_link_to_several_objects_leads_to_is_in_the_sample(desk):
    """The field is called `item`, like the element of a repetition, and only `targets` names it."""
    world.mend()
    world.source.schemas = (FIRM, replace(PERSON, fields=(*PERSON.fields[:2], reference("item", "crm.firm"))))
    for n in range(60):
        world.source.put("crm.firm", f"f{n}", title=f"Firm {n}", site=f"f{n}.example", city=None, motto=None)
        world.source.put(
            "crm.person", f"p{n}", title=f"P {n}", mail=f"p{n}@f.example", item=Reference("crm.firm", f"f{n}")
        )
    desk.prepare(confirmed=False)
    desk.edit(", firm: {from: firm, reference: firm}}", '}\n    targets: {from: item, name: "{object}"}')
    assert desk("map", "confirm", "--by", "Anna").code == 0
    assert desk("run", "--sample", "8").code == 0
    people = [r for r in world.destination.table("person").values() if r.values["name"].startswith("P ")]
    assert people
    assert all(person.values["firm"] in world.destination.table("firm") for person in people)
