"""What a source holds: its own catalog, and profiled types where its metadata has none."""

from contextlib import closing
from dataclasses import replace

from crossdock.fieldtypes import FieldType
from crossdock.filestore import FileStore
from crossdock.model import Catalog, ObjectSchema, Record
from crossdock.plugins import Source

_SAMPLE = 200


def discover_source(source: Source, files: FileStore) -> Catalog:
    """The catalog, every object with typed fields. Raises AuthError, UnreachableError."""
    catalog = source.discover()
    objects = tuple(_typed(source, schema, files) for schema in catalog.objects)
    return replace(catalog, objects=objects)


def _typed(source: Source, schema: ObjectSchema, files: FileStore) -> ObjectSchema:
    unknown = not schema.fields or any(f.type is FieldType.UNKNOWN for f in schema.fields)
    if not unknown:
        return schema
    inferred = source.infer_schema(schema.name, _sample(source, schema.name, files))
    known = {f.name: f for f in schema.fields if f.type is not FieldType.UNKNOWN}
    fields = tuple(known.get(f.name, f) for f in inferred.fields)
    return replace(schema, fields=fields or schema.fields)


def _sample(source: Source, object_name: str, files: FileStore) -> tuple[Record, ...]:
    with closing(source.extract(object_name, files=files)) as batches:
        first = next(batches, None)
    return first.records[:_SAMPLE] if first else ()
