"""The same object in several tenants."""

from crossdock.capabilities import Capabilities
from crossdock.fieldtypes import FieldType as T
from crossdock.mappingfile.tenants import type_conflicts, united
from crossdock.model import Catalog, FieldSchema, Limits, ObjectSchema, Option

F = FieldSchema


def catalog(*fields, count=None):
    schema = ObjectSchema("app.things", fields, count=count)
    return Catalog("alpha", "id", (schema,), Capabilities(), Limits("all"))


def test_fields_and_options_of_all_tenants_are_united():
    one = catalog(F("kind", T.SELECT, options=(Option("wood"),)), F("size", T.TEXT))
    two = catalog(F("kind", T.SELECT, options=(Option("steel"), Option("wood"))), F("colour", T.TEXT))
    things = united([one, two])["app.things"]
    assert [field.name for field in things.fields] == ["kind", "size", "colour"]
    assert [option.value for option in things.field("kind").options] == ["wood", "steel"]


def test_counts_are_added_up():
    assert united([catalog(count=0), catalog(count=3), catalog()])["app.things"].count == 3
    assert united([catalog(), catalog()])["app.things"].count is None


def test_a_field_of_another_type_is_named_with_both_tenants():
    found = list(type_conflicts([catalog(F("mark", T.TEXT)), catalog(F("mark", T.DECIMAL))], ["n", "s"]))
    assert [place for place, _ in found] == ["app.things.mark"]
    assert "text in tenant n and decimal in tenant s" in found[0][1]
