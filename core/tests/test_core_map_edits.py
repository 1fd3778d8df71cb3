"""Edits of a mapping file: what each changes, and what it refuses."""

import pytest

from crossdock.errors import MappingError
from crossdock.mappingfile.document import parse
from crossdock.mappingfile.edits import (
    decide,
    decide_automation,
    drop_field,
    ignore_source,
    keep_source,
    leave_route,
    move_field,
    note_field,
    set_words,
    together,
    words_of,
)

TEXT = """\
source: a
destination: b
questions:
  history: {default: full, alternatives: [full, short], about: How much.}
objects:
  - from: users
    to: member
    ignore: [id]
    fields:
      email: mail  # 0.93 same name
      stage:
        from: status
        # won is won
        values: {new: NEW, won: WON}
  - from: things
    to: thing
    fields:
      title: name
"""


def field(text: str, route: int, name: str):
    return parse(text).objects[route].fields[name]


def test_words_are_set_and_the_others_stay():
    new = set_words("users>member", "stage", {"default": "NEW", "values": {"new": "OLD"}}).make(TEXT)
    assert field(new, 0, "stage").default == "NEW"
    assert field(new, 0, "stage").values == {"new": "OLD"}
    assert "        # won is won\n        values: {new: OLD}\n        default: NEW\n" in new


def test_a_route_is_also_known_by_its_object():
    assert "title: {from: name, required: true}" in set_words("things", "title", {"required": True}).make(
        TEXT
    )


def test_a_constant_takes_the_place_of_the_source():
    new = set_words("users", "email", {"value": 7}).make(TEXT)
    assert "email: {value: 7}  # 1.00 decided by a person" in new


def test_a_word_that_is_taken_away_leaves_the_short_form():
    long = set_words("users", "email", {"steps": ["lower"]}).make(TEXT)
    assert set_words("users", "email", {"steps": None}).make(long) == TEXT


def test_an_entry_that_the_mapping_cannot_have_is_refused():
    with pytest.raises(MappingError) as refused:
        set_words("users", "email", {"missing": "perhaps"}).make(TEXT)
    assert "email.missing" in str(refused.value.problems)


def test_another_field_of_the_destination_gets_the_value():
    assert "      mails: mail  # 1.00 decided by a person\n" in move_field("users", "email", "mails").make(
        TEXT
    )
    with pytest.raises(MappingError, match="gets a value already"):
        move_field("users", "email", "stage").make(TEXT)


def test_a_dropped_field_can_take_its_source_along():
    new = drop_field("users", "email", ignore=True).make(TEXT)
    assert "email" not in parse(new).objects[0].fields
    assert parse(new).objects[0].ignore == ("id", "mail")


def test_a_source_field_is_ignored_and_wanted_again():
    ignored = ignore_source("things", "junk").make(TEXT)
    assert parse(ignored).objects[1].ignore == ("junk",)
    assert parse(ignore_source("things", "junk", wanted=True).make(ignored)) == parse(TEXT)


def test_a_field_is_made_for_a_source_field():
    new = keep_source("things", "colour", "colour", "text", "Colour").make(TEXT)
    assert parse(new).objects[1].extend["colour"].label == "Colour"
    assert field(new, 1, "colour").source == "colour"


def test_a_note_is_the_comment_of_the_line():
    assert "      title: name  # Anna: yes\n" in note_field("things", "title", "Anna: yes").make(TEXT)


@pytest.mark.parametrize("when", ["", "decisions.history == 'full'"])
def test_a_route_is_left_out_and_taken_back(when):
    text = TEXT.replace("    to: thing\n", f'    to: thing\n    when: "{when}"\n') if when else TEXT
    left = leave_route("things").make(text)
    assert parse(left).objects[1].when.startswith("false")
    assert leave_route("things").make(left) == left
    assert parse(leave_route("things", wanted=True).make(left)) == parse(text)


def test_a_comment_of_a_person_outlives_another_source():
    noted = note_field("users", "email", "Anna: yes").make(TEXT)
    assert "      email: post  # Anna: yes\n" in set_words("users", "email", {"from": "post"}).make(noted)


def test_several_edits_are_made_together_or_not_at_all():
    both = together(note_field("things", "title", "one"), set_words("users", "email", {"steps": ["lower"]}))
    assert "# one" in both.make(TEXT)
    assert "steps: [lower]" in both.make(TEXT)
    with pytest.raises(MappingError):
        together(note_field("things", "title", "one"), drop_field("things", "nothing")).make(TEXT)


def test_only_an_alternative_answers_a_question():
    assert parse(decide("history", "short").make(TEXT)).decisions == {"history": "short"}
    with pytest.raises(MappingError, match="none of full, short"):
        decide("history", "long").make(TEXT)


def test_an_automation_is_decided():
    new = decide_automation("workflow Mail", "pause").make(TEXT)
    assert parse(new).automations == {"workflow Mail": "pause"}
    with pytest.raises(MappingError):
        decide_automation("workflow Mail", "perhaps").make(TEXT)


@pytest.mark.parametrize("field_name", ["nobody", "emial"])
def test_a_line_that_is_not_there_is_named_with_the_nearest(field_name):
    with pytest.raises(MappingError, match="has no line"):
        note_field("users", field_name, "x").make(TEXT)


def test_what_is_typed_is_what_it_looks_like():
    assert [words_of(t) for t in ("7", "true", "abc", "", "[a, b]")] == [7, True, "abc", None, ["a", "b"]]
