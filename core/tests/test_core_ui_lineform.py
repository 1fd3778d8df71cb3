"""The form of a line: what it shows is what the mapping says, and back."""

import pytest

from crossdock.errors import MappingError
from crossdock.fieldtypes import FieldType
from crossdock.mapping import FieldMapping
from crossdock.mappingfile.plain import plain_field
from crossdock.model import FieldSchema, Option
from crossdock.ui.lineform import choices_of, edit_of, form_words, typed
from crossdock.ui.page import Form

ENTRIES = (
    "name",
    {"from": ["first", "last"], "steps": [{"join": " "}]},
    {"from": "x", "steps": ["lower", {"truncate": {"length": 10}}], "default": "none", "required": True},
    {"value": 7},
    {"value": "7"},
    {"value": True},
    {"template": "{a} - {b}", "where": "a != ''"},
    {"from": "s", "values": {"new": "NEW", "old": None}, "otherwise": "keep"},
    {"from": "s", "values": {"new": "NEW"}, "otherwise": {"value": "OTHER"}},
    {"from": "s", "values": {"new": "NEW"}, "otherwise": {"from": "t"}},
    {"from": "u", "reference": "member", "fallback": "a@b.example"},
)


@pytest.mark.parametrize("entry", ENTRIES, ids=str)
def test_a_form_that_nobody_touched_changes_nothing(entry):
    known = FieldMapping.model_validate(entry)
    plain = plain_field(known)
    words = {"from": plain} if isinstance(plain, str) else plain
    form = Form([*form_words(known).items(), ("value_lines", choices_of(known, None, None)["lines"])])
    changed = edit_of(form, words)
    assert {word: value for word, value in changed.items() if word != "values"} == {}
    assert changed.get("values", words.get("values")) == words.get("values")


def test_choices_stand_side_by_side_with_those_of_the_destination():
    own = FieldSchema("s", FieldType.SELECT, options=(Option("new", "Новый"), Option("won", "Won")))
    there = FieldSchema("t", FieldType.SELECT, options=(Option("NEW", "New"),))
    known = FieldMapping.model_validate({"from": "s", "values": {"new": "NEW", "gone": "OLD"}})
    assert choices_of(known, own, there) == {
        "rows": [
            {"old": "new", "label": "Новый", "new": "NEW"},
            {"old": "won", "label": "Won", "new": ""},
            {"old": "gone", "label": "", "new": "OLD"},
        ],
        "lines": "",
        "there": [{"value": "NEW", "label": "New"}],
    }
    form = Form(
        [("from", "s"), ("old", "new"), ("new", "NEW"), ("old", "won"), ("new", ""), ("otherwise", "keep")]
    )
    assert edit_of(form, {"from": "s"}) == {"values": {"new": "NEW"}, "otherwise": "keep"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"from": "a", "value": "b"}, "one origin"),
        ({}, "where does the value come from"),
        ({"from": "a", "value_lines": "no sign"}, "old = new"),
        ({"from": "a", "steps": "["}, "cannot be read"),
    ],
)
def test_what_no_line_can_be_is_said(fields, words):
    with pytest.raises(MappingError, match=words):
        edit_of(Form(list(fields.items())), {})


@pytest.mark.parametrize("value", ["7", "true", "it's", "", "a: b", 7, True, "plain"])
def test_a_value_is_typed_so_that_it_is_read_again(value):
    from crossdock.mappingfile.edits import words_of

    assert (words_of(typed(value)) or "") == value
