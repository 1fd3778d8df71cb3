"""What a later run does with a record that the source, people at the destination, or both have changed."""

import pytest
from core.tests.company import firm, firm_route
from hypothesis import given
from hypothesis import strategies as st

from crossdock.fieldtypes import FieldType
from crossdock.ledger import LinkState
from crossdock.loading.merging import Merge, fill_existing, merge_changes
from crossdock.model import FieldSchema, ObjectSchema, Observation, Origin, Outcome, TargetRecord


@pytest.fixture
def loaded(company):
    company.routes = [firm_route()]
    company.stage(firm("1", name="A", city="Omsk"))
    company.load()
    return company


def at_source(company, change):
    if change == "changed":
        company.stage(firm("1", name="B", city="Omsk"))
    elif change == "deleted":
        company.stage(firm("2", name="other"))


def there(company, change):
    row = company.destination.table("firm")[company.target_id("1")]
    if change == "edited":
        row.values["name"] = "Z"
    elif change == "trashed":
        row.trashed = True
    elif change == "destroyed":
        del company.destination.rows["firm"][company.target_id("1")]


@pytest.mark.parametrize(
    ("source", "destination", "name", "outcome", "queue"),
    [
        ("unchanged", "unchanged", "A", None, ""),
        ("unchanged", "edited", "Z", None, ""),
        ("unchanged", "trashed", "A", None, ""),
        ("unchanged", "destroyed", None, None, ""),
        ("changed", "unchanged", "B", None, ""),
        ("changed", "edited", "Z", Outcome.HELD, "conflicts"),
        ("changed", "trashed", "A", Outcome.SKIPPED, ""),
        ("changed", "destroyed", None, Outcome.SKIPPED, ""),
        ("deleted", "unchanged", "A", Outcome.SKIPPED, ""),
        ("deleted", "edited", "Z", Outcome.SKIPPED, ""),
        ("deleted", "trashed", "A", Outcome.SKIPPED, ""),
        ("deleted", "destroyed", None, Outcome.SKIPPED, ""),
    ],
)
def test_nothing_that_people_did_there_is_undone(loaded, source, destination, name, outcome, queue):
    target_id = loaded.target_id("1")
    at_source(loaded, source)
    there(loaded, destination)
    run = loaded.load()
    row = loaded.destination.table("firm").get(target_id)
    assert (row.values["name"] if row else None) == name
    assert (row.trashed if row else None) == (None if name is None else destination == "trashed")
    assert loaded.outcomes(run).get("1") == (None if outcome is None else (outcome, queue))
    assert loaded.books(run).open_by == 0
    assert loaded.destination.made[target_id] == 1


@pytest.mark.parametrize("destination", ["trashed", "destroyed"])
def test_what_was_deleted_there_is_never_made_again(loaded, destination):
    there(loaded, destination)
    for name in ("B", "C"):
        loaded.stage(firm("1", name=name))
        run = loaded.load()
        assert loaded.outcomes(run) == {"1": (Outcome.SKIPPED, "")}
    (link,) = loaded.ledger.links.of_keys("acme", "src.firms", "firm", ["1"])
    assert link.state is LinkState.DELETED_THERE


def test_only_what_the_source_changed_is_sent(loaded):
    loaded.stage(firm("1", name="B", city="Omsk"))
    run = loaded.load()
    (entries,) = loaded.ledger.journal.done(run)
    assert entries[0].fields == ("name",)


def test_an_edit_of_one_field_and_a_change_of_another_are_both_kept(loaded):
    loaded.row("1")["city"] = "Tomsk"
    loaded.stage(firm("1", name="B", city="Omsk"))
    loaded.load()
    assert (loaded.row("1")["name"], loaded.row("1")["city"]) == ("B", "Tomsk")


def test_the_same_change_on_both_sides_is_no_conflict_and_sends_nothing(loaded):
    loaded.row("1")["name"] = "B"
    loaded.stage(firm("1", name="B", city="Omsk"))
    sent = len(loaded.destination.loads)
    run = loaded.load()
    assert len(loaded.destination.loads) == sent
    assert loaded.books(run).source == {Outcome.UNCHANGED: 1}
    again = loaded.load()
    assert loaded.books(again).source == {Outcome.UNCHANGED: 1}


def merged(value, base, there):
    """What becomes of one HTML field: of the source, as read back after the load, as it is there now."""
    schema = ObjectSchema("note", (FieldSchema("body", FieldType.HTML),))
    target = TargetRecord("note", Origin("acme", "src.notes", "1"), "t", "p:o", {"body": value})
    return merge_changes(target, Observation("note", "t", {"body": there}), {"body": base}, schema)


PICTURE, ANOTHER = (
    "<p><img src='data:image/png;base64,AA=='></p>",
    "<p><img src='data:image/png;base64,BB=='></p>",
)
BESIDE = "<p><img src='/web/image/7'></p>"


def test_what_a_rule_may_hide_is_written_again_where_nobody_edited_it():
    assert merged(ANOTHER, base=BESIDE, there=BESIDE).write == {"body": ANOTHER}
    assert merged(PICTURE, base=PICTURE, there=PICTURE).write == {}


def test_an_edit_stays_where_the_source_may_have_changed_nothing():
    assert merged(PICTURE, base=BESIDE, there="<p>Mine</p>") == Merge({})


def conflicting(company):
    company.row("1")["name"] = "Z"
    company.stage(firm("1", name="B", city="Tomsk"))


def test_a_conflict_holds_the_record_and_names_the_fields(loaded):
    conflicting(loaded)
    run = loaded.load()
    (line,) = loaded.ledger.books.lines(loaded.ledger.runs.phases(run)[0])
    assert line.reasons == ("changed on both sides: name",)
    assert loaded.row("1")["city"] == "Omsk"


def test_a_conflict_decided_for_the_source_writes_it(loaded):
    conflicting(loaded)
    loaded.decisions = {("conflicts", "1"): "source"}
    loaded.load()
    assert (loaded.row("1")["name"], loaded.row("1")["city"]) == ("B", "Tomsk")


def test_a_conflict_decided_for_the_destination_still_writes_the_other_changes(loaded):
    conflicting(loaded)
    loaded.decisions = {("conflicts", "1"): "destination"}
    run = loaded.load()
    assert (loaded.row("1")["name"], loaded.row("1")["city"]) == ("Z", "Tomsk")
    assert loaded.books(run).source == {Outcome.LOADED: 1}


def test_a_conflict_decided_for_the_destination_with_nothing_else_is_skipped(loaded):
    loaded.row("1")["name"] = "Z"
    loaded.stage(firm("1", name="B", city="Omsk"))
    loaded.decisions = {("conflicts", "1"): "destination"}
    run = loaded.load()
    assert loaded.outcomes(run) == {"1": (Outcome.SKIPPED, "")}
    assert loaded.row("1")["name"] == "Z"


def test_an_update_that_is_refused_is_tried_again_by_the_next_run(loaded):
    loaded.destination.rejected.add("B")
    loaded.stage(firm("1", name="B", city="Omsk"))
    assert loaded.books(loaded.load()).source == {Outcome.REJECTED: 1}
    loaded.destination.rejected.clear()
    loaded.load()
    assert loaded.row("1")["name"] == "B"


SCHEMA = ObjectSchema("firm", (FieldSchema("a", FieldType.TEXT), FieldSchema("b", FieldType.TEXT)))
values = st.fixed_dictionaries({"a": st.sampled_from("xyz"), "b": st.sampled_from("xyz")})


def target(given_values):
    return TargetRecord("firm", Origin("acme", "src.firms", "1"), "t", "e", given_values)


@given(source=values, there=values, base=values)
def test_every_field_is_written_left_or_in_conflict_by_who_changed_it(source, there, base):
    merge = merge_changes(target(source), Observation("firm", "t", there), base, SCHEMA)
    for name in source:
        ours, theirs = source[name] != base[name], there[name] != base[name]
        agree = source[name] == there[name]
        assert (name in merge.write) == (ours and not theirs and not agree)
        assert (name in merge.conflicts) == (ours and theirs and not agree)


def test_a_field_that_was_never_read_back_is_written():
    merge = merge_changes(target({"a": "x"}), Observation("firm", "t", {"a": "y"}), {}, SCHEMA)
    assert merge.write == {"a": "x"}


def test_a_field_that_the_destination_does_not_know_is_left_out():
    observed = Observation("firm", "t", {})
    assert merge_changes(target({"c": "x"}), observed, {}, SCHEMA).write == {}
    assert fill_existing(target({"c": "x", "a": ""}), observed, SCHEMA) == {}
