"""Which fields of the source stay behind."""

from dataclasses import replace

from core.tests.fake_destination import reference, text

from crossdock.fieldpaths import source_values, unread_fields, used_fields, whole_fields
from crossdock.fieldtypes import FieldType
from crossdock.mapping import ObjectMapping
from crossdock.model import FieldSchema, ObjectSchema, Record

TASK = ObjectSchema("task", (text("name"), reference("item", "firm"), reference("papers", "file")))
OWNER = reference("owner", "task")
FILE = ObjectSchema("file", (text("name"), OWNER, FieldSchema("content", FieldType.FILE)))


WITH_OWNER = {"title": "name", "about": {"from": "owner", "reference": "note"}}


def route(schema, **more):
    form = {"from": schema.name, "to": "note", "fields": {"title": "name"}, **more}
    return ObjectMapping.model_validate(form).bound(schema, None)


def test_a_field_that_is_called_item_is_a_field_where_nothing_is_repeated():
    linked = route(TASK, targets={"from": "item", "name": "target{Object}"})
    assert used_fields(linked, TASK) == {"name", "item"}


def test_the_item_of_a_repetition_is_no_field():
    repeated = route(TASK, for_each="papers", targets={"from": "item", "name": "target{Object}"})
    assert used_fields(repeated, TASK) == {"name", "papers"}


def test_a_part_of_what_a_link_leads_to_is_not_the_link():
    fields = {"title": "item.title", "text": {"template": "{papers.name} {name}"}}
    told = route(TASK, fields=fields)
    assert used_fields(told, TASK) == {"item", "papers", "name"}
    assert whole_fields(told, TASK) == {"name"}
    assert whole_fields(route(TASK, fields={**fields, "owner": "item"}), TASK) == {"name", "item"}


def test_a_target_field_has_the_values_of_all_that_it_is_made_of():
    fields = {
        "title": {"template": "{name} {item.title}"},
        "text.body": "a.b",
        "text.head": {"from": ["name", "c"]},
    }
    told, record = route(TASK, fields=fields), Record("task", "1", {"name": "N", "a.b": 1, "a": 2, "item": 3})
    assert source_values(told, "title", record) == {"name": "N", "item.title": 3}
    assert source_values(told, "text", record) == {"a.b": 1, "name": "N", "c": None}


def test_a_link_to_files_does_not_stay_behind_if_files_have_a_route():
    left = [f.name for f in unread_fields(TASK, [route(TASK), route(FILE, fields=WITH_OWNER)])]
    alone = [f.name for f in unread_fields(TASK, [route(TASK)])]
    assert (left, alone) == (["item"], ["item", "papers"])


def test_a_field_that_may_lead_elsewhere_than_to_files_stays_behind():
    mixed = replace(TASK, fields=(replace(TASK.fields[2], references=("file", "firm")),))
    assert [f.name for f in unread_fields(mixed, [route(mixed), route(FILE, fields=WITH_OWNER)])] == [
        "papers"
    ]


def test_a_link_to_files_that_move_without_their_record_stays_behind():
    assert [f.name for f in unread_fields(TASK, [route(TASK), route(FILE)])] == ["item", "papers"]
