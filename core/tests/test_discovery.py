from core.tests.fake_destination import text
from core.tests.fake_source import FakeSource

from crossdock.discovery import discover_source
from crossdock.fieldtypes import FieldType
from crossdock.filestore import FileStore
from crossdock.model import FieldSchema, ObjectSchema, Provenance
from crossdock.plugins import Source


def discovered(tmp_path, *schemas, **records):
    fake = FakeSource(schemas)
    for key, values in records.items():
        fake.put("src.firms", key, **values)
    return discover_source(Source(fake, name="fake"), FileStore(tmp_path)), fake


def test_an_object_whose_types_are_known_is_left_as_it_is_and_not_read(tmp_path):
    schema = ObjectSchema("src.firms", (text("name"),))
    catalog, fake = discovered(tmp_path, schema, a={"name": "A"})
    assert catalog.objects == (schema,)
    assert fake.asked == []


def test_unknown_types_are_profiled_from_the_first_records_and_known_ones_kept(tmp_path):
    name = text("name", label="Name")
    schema = ObjectSchema("src.firms", (name, FieldSchema("size", FieldType.UNKNOWN)))
    catalog, _ = discovered(tmp_path, schema, a={"name": "A", "size": 5}, b={"name": "B", "size": 7})
    fields = {f.name: f for f in catalog.objects[0].fields}
    assert fields["name"] == name
    assert fields["size"].type is FieldType.INTEGER
    assert fields["size"].provenance is not Provenance.PLATFORM


def test_an_object_without_any_metadata_is_profiled(tmp_path):
    catalog, _ = discovered(tmp_path, ObjectSchema("src.firms", ()), a={"name": "A"})
    assert [f.name for f in catalog.objects[0].fields] == ["name"]


def test_an_object_without_records_keeps_what_is_known(tmp_path):
    schema = ObjectSchema("src.firms", (FieldSchema("size", FieldType.UNKNOWN),))
    catalog, _ = discovered(tmp_path, schema)
    assert [f.name for f in catalog.objects[0].fields] == ["size"]
