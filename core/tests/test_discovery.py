import json
from types import SimpleNamespace
from typing import Any

import pytest
from core.tests.fake_destination import FakeDestination, text
from core.tests.fake_source import FakeSource

from crossdock.discovery import discover_source
from crossdock.errors import StorageError
from crossdock.fieldtypes import FieldType
from crossdock.filestore import FileStore
from crossdock.model import Artifact, ArtifactReport, FieldSchema, ObjectSchema, Provenance
from crossdock.plugins import Source
from crossdock.scope import scope_of, write_scope


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


@pytest.fixture
def scope():
    fake = FakeDestination({"firm": ObjectSchema("firm", (text("name"),), "Firm", count=3)})
    catalog = fake.discover()
    found = (
        ArtifactReport("workflow", (Artifact("workflow", "Mail the boss", active=True),)),
        ArtifactReport("robot", not_examined="no right to see them"),
    )
    source = type(catalog)(**{f: getattr(catalog, f) for f in catalog.__slots__} | {"artifacts": found})
    migration: Any = SimpleNamespace(
        project=SimpleNamespace(id="p1"), source_catalogs={"acme": source}, destination_catalog=catalog
    )
    return scope_of(migration)


def test_the_scope_names_both_sides_with_their_objects_and_counts(scope):
    (source,) = scope["sources"]
    assert (scope["project"], source["tenant"]) == ("p1", "acme")
    assert source["objects"] == [{"name": "firm", "label": "Firm", "count": 3, "fields": 1, "custom": False}]
    assert scope["destination"]["limits"]["batch_size"] == 4
    assert scope["destination"]["capabilities"]["client_ids"] == "yes"


def test_the_scope_says_of_each_kind_of_artifact_what_was_found_or_why_not(scope):
    workflows, robots = scope["sources"][0]["artifacts"]
    assert workflows["summary"] == "1 found"
    assert workflows["found"] == [{"name": "Mail the boss", "active": True}]
    assert robots["summary"] == "not examined: no right to see them"


def test_the_scope_is_written_as_json(scope, tmp_path):
    path = write_scope(tmp_path / "reports", scope)
    assert json.loads(path.read_bytes()) == scope


def test_a_scope_that_cannot_be_written_is_a_storage_error(scope, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot write"):
        write_scope(tmp_path / "file" / "reports", scope)
