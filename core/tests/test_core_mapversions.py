"""Versions of the mapping: kept, listed, compared, restored."""

import pytest
from core.tests.answers import faults
from core.tests.toy_platforms import MAPPING

from crossdock.config import load_project
from crossdock.errors import ConfigError
from crossdock.mapping import FieldMapping
from crossdock.mappingfile.difference import changes
from crossdock.mappingfile.document import parse
from crossdock.mapversions import (
    Why,
    content_of,
    folder,
    is_kept,
    keep_version,
    keeping,
    notice_edits,
    restore,
    versions_of,
)


@pytest.fixture
def project(desk):
    desk.prepare(confirmed=False)
    return load_project(desk.folder)


def test_a_proposal_and_a_confirmation_are_versions_with_who_and_why(desk):
    desk.initialise()
    desk("map", "propose")
    desk("map", "confirm", "--by", "Anna Petrova")

    kept = versions_of(load_project(desk.folder))

    assert [(v.number, v.why) for v in kept] == [(1, Why.PROPOSED), (2, Why.CONFIRMED)]
    assert kept[0].by
    assert kept[1].by == "Anna Petrova"
    assert kept[0].at.endswith("+00:00")


def test_what_was_edited_by_hand_is_kept_before_it_is_overwritten(desk, project):
    desk("map", "confirm", "--by", "Anna")
    desk.edit("city: city", "city: motto")

    desk("map", "propose", "--overwrite")

    assert [v.why for v in versions_of(project)] == [Why.CONFIRMED, Why.BY_HAND, Why.PROPOSED]
    assert b"city: motto" in content_of(project, 2)


def test_a_version_is_the_file_byte_by_byte(project):
    content = b"\xef\xbb\xbfsource: alpha\r\n# \xd1\x8e\r\ndestination: beta"
    project.mapping.write_bytes(content)
    keep_version(project, Why.EDITED)
    assert content_of(project, 1) == content


def test_what_did_not_change_is_no_new_version_unless_it_is_confirmed(project):
    assert keep_version(project, Why.EDITED) is not None
    assert keep_version(project, Why.EDITED) is None
    assert notice_edits(project) is None
    assert keep_version(project, Why.CONFIRMED, "Anna").number == 2


def test_an_edit_that_fails_is_no_version(project):
    with pytest.raises(RuntimeError), keeping(project, Why.EDITED):
        raise RuntimeError
    assert [v.why for v in versions_of(project)] == [Why.BY_HAND]


def test_without_a_mapping_nothing_is_kept(desk):
    desk.initialise()
    project = load_project(desk.folder)
    assert keep_version(project, Why.EDITED) is None
    assert is_kept(project)
    answer = desk("map", "versions")
    assert answer.code == 0
    assert "no version" in answer.out


def test_a_number_that_another_process_took_is_not_overwritten(project):
    keep_version(project, Why.EDITED)
    (folder(project) / "0002.yaml").touch()  # taken, and not written yet
    project.mapping.write_text(MAPPING + "\n# more\n")

    version = keep_version(project, Why.EDITED)

    assert version.number == 3
    assert [v.number for v in versions_of(project)] == [1, 3]
    assert not list(folder(project).glob("*.partial"))


def test_a_version_is_restored_and_what_was_there_is_kept(desk, project):
    keep_version(project, Why.EDITED)
    desk.edit("city: city", "city: motto")

    restore(project, 1, "Ivan")

    assert project.mapping.read_text() == MAPPING
    kept = versions_of(project)
    assert [(v.why, v.by, v.note) for v in kept[2:]] == [(Why.RESTORED, "Ivan", "version 1")]
    assert b"city: motto" in content_of(project, 2)


def test_a_version_that_is_not_there_is_named(project):
    with pytest.raises(ConfigError, match="no version 7"):
        content_of(project, 7)


def test_the_commands_list_compare_and_restore(desk, project):
    desk("map", "confirm", "--by", "Anna")
    desk.edit("city: city, ", "")

    listed, told = desk("map", "versions"), desk("map", "diff", "1")
    data = [desk("map", "versions", json=True).json, desk("map", "diff", "1", json=True).json]
    restored = desk("map", "restore", "1", "--by", "Ivan", json=True).json
    again = desk("map", "diff", "1", "3", json=True).json

    assert "Anna" in listed.out
    assert "edited since version 1" in listed.out
    assert told.code == 1
    assert "route crm.firm>firm: field city was dropped, it came from city" in told.out
    assert data[0]["current"] is False
    assert data[1]["changes"][0]["what"] == "field dropped"
    assert faults("map-versions", data[0]) == faults("map-diff-versions", data[1]) == []
    assert faults("map-restore", restored) == faults("map-diff-versions", again) == []
    assert again["changes"] == []


def test_people_are_told_what_to_do_after_a_restore(desk, project):
    desk("map", "confirm", "--by", "Anna")
    answer = desk("map", "restore", "1")
    assert answer.code == 0
    assert "map confirm" in answer.out


@pytest.mark.parametrize("arguments", [("diff", "9"), ("restore", "9")])
def test_an_unknown_version_is_wrong_use(desk, project, arguments):
    answer = desk("map", *arguments)
    assert answer.code == 2
    assert "no version 9" in answer.err


# --- the differences, in words ----------------------------------------------------------------

BASE = """\
source: alpha
destination: beta
objects:
  - from: firms
    to: company
    fields:
      name: title
      stage: {from: state, values: {new: NEW, won: WON}}
      site: {from: web, steps: [trim]}
"""


def changed(**fields):
    old = parse(BASE)
    route = old.objects[0]
    entries = {
        **{n: e for n, e in route.fields.items() if fields.get(n, e) is not None},
        **{n: FieldMapping.model_validate(e) for n, e in fields.items() if e is not None},
    }
    new = old.model_copy(update={"objects": (route.model_copy(update={"fields": entries}),)})
    return [(c.what, c.field, c.before, c.after) for c in changes(old, new)]


def test_a_value_that_goes_to_another_field_is_mapped_elsewhere():
    assert changed(name=None, label="title") == [("mapped elsewhere", "label", "name", "label")]


def test_a_field_that_comes_from_elsewhere_says_from_where():
    assert changed(name="caption") == [("mapped elsewhere", "name", "title", "caption")]
    assert changed(name={"value": 5}) == [("mapped elsewhere", "name", "title", "the fixed value 5")]
    assert changed(name={"template": "{title}!"}) == [
        ("mapped elsewhere", "name", "title", "the template {title}!")
    ]


def test_steps_are_said_in_their_order():
    assert changed(site={"from": "web", "steps": ["trim", {"cut": 5}]}) == [
        ("steps", "site", "trim", "trim, cut: 5")
    ]
    assert changed(site="web") == [("steps", "site", "trim", "no steps")]


def test_each_value_of_a_choice_is_said_alone():
    values = {"won": "LOST", "old": "GONE"}
    assert changed(stage={"from": "state", "values": values}) == [
        ("values", "stage", "won = WON", "won = LOST"),
        ("values", "stage", "", "old = GONE"),
        ("values", "stage", "new = NEW", ""),
    ]


def test_rules_of_a_field_are_said_with_their_word():
    assert changed(name={"from": "title", "default": "-", "required": True}) == [
        ("field rule", "name", "not set", "-"),
        ("field rule", "name", "not set", "yes"),
    ]


def test_a_value_map_that_turns_into_nothing_is_not_the_same_as_none():
    assert changed(stage={"from": "state", "values": {"new": "NEW", "won": None}}) == [
        ("values", "stage", "won = WON", "won = not set")
    ]
