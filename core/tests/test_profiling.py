"""Profiles: what is counted of records, by hand-written expectations."""

import pytest
from core.tests.fake_destination import reference, text

from crossdock.expressions import Condition
from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, ObjectSchema, Record
from crossdock.scoping.profiling import NAME, Profile, Wanted, identifying_fields
from crossdock.values import Link, PersonName, Reference, StoredFile

FIRM = ObjectSchema(
    "firm",
    (
        text("name"),
        FieldSchema("mail", FieldType.EMAIL, multiple=True),
        FieldSchema("_website", FieldType.LINK),
        text("_inn", label="ИНН"),
        reference("parent", "firm"),
    ),
)


def profile(*rows, wanted=Wanted(), schema=FIRM, **more):  # noqa: B008 frozen
    seen = Profile(schema, wanted, **more)
    for n, values in enumerate(rows):
        seen.add(Record("firm", str(n), values))
    return seen


def repeated(seen):
    return [(r.kind, r.field, r.groups, r.records) for r in seen.repeated()]


def test_filled_fields_are_counted_and_empty_ones_are_not():
    seen = profile({"name": "A", "mail": (), "_inn": ""}, {"name": "B", "_inn": "77", "flag": False})
    assert dict(seen.filled) == {"name": 2, "_inn": 1, "flag": 1}


def test_a_record_without_a_required_field_is_incomplete():
    seen = profile({"name": "A"}, {"name": None}, {}, wanted=Wanted((("name",),)))
    assert (seen.incomplete, dict(seen.missing)) == (2, {"name": 2})


def test_what_only_another_route_requires_is_not_missing():
    wanted = Wanted((("name",), ("_inn",)), {("_inn",): [Condition("name == 'A'"), Condition("name == 'B'")]})
    seen = profile({"name": "A"}, {"name": "B", "_inn": "1"}, {"name": "C"}, wanted=wanted)
    assert (seen.incomplete, dict(seen.missing)) == (1, {"_inn": 1})


def test_a_record_that_nothing_recognises_is_incomplete():
    wanted = Wanted((("_website", "_inn"),))
    seen = profile({"_inn": "1"}, {"_website": Link("a.example")}, {"name": "C"}, wanted=wanted)
    assert (seen.incomplete, dict(seen.missing)) == (1, {"_website or _inn": 1})


@pytest.mark.parametrize(
    ("field", "values", "kind"),
    [
        ("mail", [("A@x.example",), ("b@x.example", " a@X.example ")], "e-mail"),
        ("_website", [Link("https://www.x.example/ru"), Link("x.example")], "domain"),
        ("_inn", ["77 01-234567", "7701234567"], "tax number"),
    ],
)
def test_values_that_differ_only_in_form_are_duplicates(field, values, kind):
    seen = profile(*({"name": f"Firm {n}", field: value} for n, value in enumerate(values)))
    assert repeated(seen) == [(kind, field, 1, 2)]
    assert seen.duplicates == 2


def test_a_shared_name_is_told_apart_from_a_shared_identity():
    seen = profile({"name": "ООО «Ёлка»"}, {"name": "ооо  ЕЛКА"}, {"name": "Сосна"})
    assert repeated(seen) == [(NAME, "", 1, 2)]
    assert seen.duplicates == 0


def test_names_say_nothing_where_nothing_identifies():
    assert list(identifying_fields(ObjectSchema("task", (text("name"),)))) == []


def test_one_record_that_holds_a_value_twice_is_no_duplicate():
    assert repeated(profile({"mail": ("a@x.example", "A@x.example")})) == []


def test_cyrillic_text_is_found_in_parts_of_values_too():
    person = PersonName("Анна", "Petrova")
    seen = profile({"name": "plain"}, {"name": person}, {"x": {"deep": ["Привет"]}})
    assert (seen.cyrillic, seen.records) == (2, 3)


def test_the_longest_text_is_told_with_its_field():
    assert profile({"name": "abc", "note": "я" * 40}).longest == (40, "note")


def test_links_and_files_are_counted():
    seen = profile(
        {"parent": Reference("firm", "1"), "scan": (Reference("file", "a"), Reference("file", "b"))},
        {"content": StoredFile("a.pdf", 700, "00")},
        file_objects={"file"},
    )
    assert (seen.links, seen.file_links, seen.bytes) == (3, 2, 700)


def test_of_a_deleted_record_only_its_being_is_counted():
    seen = Profile(FIRM, Wanted((("name",),)))
    seen.add(Record("firm", "1", {"_inn": "1"}, deleted=True))
    assert (seen.records, seen.deleted, seen.incomplete, seen.filled.total()) == (0, 1, 0, 0)
