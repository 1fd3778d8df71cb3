"""What a person has to make at the destination before the first file: what provisioning would have made."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from crossdock.fieldtypes import FieldType
from crossdock.fileformat import FileFormat
from crossdock.model import Change, ChangeKind, FieldSchema, ObjectSchema

KEY_LABEL = "Crossdock key"


def made_by_hand(
    existing: Mapping[str, ObjectSchema],
    wanted: Sequence[ObjectSchema],
    complete: Callable[[str], ObjectSchema],
    file_format: FileFormat,
) -> Iterator[Change]:
    """One change a missing object, field or option: objects first, then fields, those that refer last.

    `complete` gives an object as it has to be, with everything that is wanted of it.
    """
    for schema in wanted:
        if schema.name not in existing:
            yield Change(ChangeKind.OBJECT, f"object:{schema.name}", schema.name, schema.name, schema.label)
    fields = [(s.name, field) for s in wanted for field in _missing(existing, complete(s.name), file_format)]
    for object_name, field in sorted(fields, key=lambda pair: pair[1].type is FieldType.REFERENCE):
        kind = ChangeKind.RELATION if field.type is FieldType.REFERENCE else ChangeKind.FIELD
        yield Change(kind, f"field:{object_name}.{field.name}", object_name, field.name, field.label)
    for schema in wanted:
        yield from _options(existing.get(schema.name), schema)


def key_field_of(name: str) -> FieldSchema:
    """The field that holds the external id of a record."""
    return FieldSchema(name, FieldType.TEXT, KEY_LABEL, custom=True)


def _missing(
    existing: Mapping[str, ObjectSchema], schema: ObjectSchema, file_format: FileFormat
) -> list[FieldSchema]:
    known = existing.get(schema.name)
    if known is None:
        by_itself = file_format.automatic(schema)
        return [field for field in schema.fields if field.name not in by_itself]
    return [field for field in schema.fields if known.field(field.name) is None]


def _options(known: ObjectSchema | None, schema: ObjectSchema) -> Iterator[Change]:
    for field in schema.fields:
        there = known.field(field.name) if known else None
        if there is None:
            continue
        held = {option.value for option in there.options}
        for option in field.options:
            if option.value not in held:
                key = f"option:{schema.name}.{field.name}.{option.value}"
                label = option.label or option.value
                yield Change(ChangeKind.OPTION, key, schema.name, f"{field.name}.{option.value}", label)
