"""Target fields as a mapping names them: a field, a part of one, or a name with a dot of its own."""

from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, ObjectSchema
from crossdock.targetpaths import target_field, whole_field

SCHEMA = ObjectSchema(
    "message",
    (
        FieldSchema("on_crm.lead", FieldType.REFERENCE, references=("crm.lead",)),
        FieldSchema("address", FieldType.ADDRESS),
    ),
)


def test_a_part_belongs_to_its_field():
    assert whole_field(SCHEMA, "address.street1") == "address"
    assert target_field(SCHEMA, "address.street1")[1] == SCHEMA.field("address")


def test_a_field_whose_own_name_has_a_dot_is_no_part():
    assert whole_field(SCHEMA, "on_crm.lead") == "on_crm.lead"
    assert target_field(SCHEMA, "on_crm.lead") == (SCHEMA.field("on_crm.lead"), None)


def test_without_a_schema_a_dot_parts_a_name():
    assert whole_field(None, "address.street1") == "address"
