"""One entry of a mapping file changed: every other line stays as it was written."""

import pytest

from crossdock.errors import MappingError
from crossdock.mappingfile.splice import MISSING, comment_of, put

TEXT = """\
# What goes where.
source: a
destination: b

objects:
  # People first.
  - from: users
    to: member
    ignore: [x,   y]   # spaces as somebody liked them
    fields:
      email: mail            # 0.93 same name
      # Two names in one.
      name: {from: [first, last], steps: [{join: ' # '}]}  # 'quoted' # twice

      stage:
        from: status
        # won is won
        values: {new: NEW, won: WON}
      # of the next
      last: "it's # no comment"
  - from: things
    to: thing
    fields: {title: name}
"""
FIELDS = ("objects", 0, "fields")


def changed_lines(new: str) -> tuple[list[str], list[str]]:
    old_lines, new_lines = TEXT.splitlines(), new.splitlines()
    gone = [line for line in old_lines if line not in new_lines]
    return gone, [line for line in new_lines if line not in old_lines]


def test_a_changed_entry_keeps_its_comment_and_all_other_lines():
    new = put(TEXT, (*FIELDS, "email"), {"from": "mail", "steps": ["lower"]})
    assert changed_lines(new) == (
        ["      email: mail            # 0.93 same name"],
        ["      email: {from: mail, steps: [lower]}  # 0.93 same name"],
    )


def test_an_entry_of_several_lines_is_removed_with_them_alone():
    new = put(TEXT, (*FIELDS, "stage"), MISSING)
    assert changed_lines(new)[1] == []
    assert changed_lines(new)[0] == [
        "      stage:",
        "        from: status",
        "        # won is won",
        "        values: {new: NEW, won: WON}",
    ]


def test_a_renamed_entry_stays_at_its_place():
    new = put(TEXT, (*FIELDS, "email"), "mail", key="emails")
    assert new.splitlines()[10] == "      emails: mail  # 0.93 same name"


def test_a_new_entry_comes_last_in_its_map():
    new = put(TEXT, (*FIELDS, "phone"), "tel", note="asked Anna: yes")
    assert new.splitlines()[19:21] == [
        '      last: "it\'s # no comment"',
        "      phone: tel  # asked Anna: yes",
    ]


def test_a_note_takes_the_place_of_the_one_before():
    new = put(TEXT, (*FIELDS, "email"), "mail", note="")
    assert changed_lines(new)[1] == ["      email: mail"]


def test_a_comment_is_told_from_a_text_with_its_sign():
    assert comment_of(TEXT, (*FIELDS, "name")) == "'quoted' # twice"
    assert comment_of(TEXT, (*FIELDS, "last")) == ""


def test_what_stands_in_braces_is_changed_too_and_comments_stay():
    new = put(TEXT, ("objects", 1, "fields", "title"), "label")
    assert "fields: {title: label}" in new
    assert new.count("#") == TEXT.count("#")


def test_a_map_that_is_not_there_yet_is_made():
    new = put(TEXT, ("decisions", "history"), "full")
    assert "decisions:\n  history: full\n" in new or "decisions: {history: full}" in new


def test_what_an_alias_repeats_is_left_to_a_person():
    text = "objects:\n  - fields: &f\n      a: b\n  - fields: *f\n"
    with pytest.raises(MappingError, match="cannot be changed here"):
        put(text, ("objects", 1, "fields", "a"), "c")
