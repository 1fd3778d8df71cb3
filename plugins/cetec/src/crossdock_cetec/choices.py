"""`choice`: every stage of quotes and orders as a record of its own.

What is a word here (a stage) may be a record at a destination. The key is `object.field:code`; the SELECT
field itself leads here through its `references`.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from crossdock.fieldtypes import FieldType
from crossdock.model import ObjectSchema, Record
from crossdock_cetec.fields import Object, of, text
from crossdock_cetec.objects import OBJECTS, ORDER, QUOTE

CHOICE = "choice"

_FIELDS = ((QUOTE, "stage"), (ORDER, "stage"))
_OBJECT = Object(
    CHOICE,
    "Choice",
    "Choices",
    (
        text("field", "Field that it is a choice of, with its object"),
        text("code", "Code"),
        text("name", "Name"),
        of(FieldType.INTEGER, "position", "Position among the choices of its field"),
    ),
)


def records(objects: Collection[str]) -> Iterator[Record]:
    """The choices of the fields of these objects, in their order."""
    for object_name, field_name in _FIELDS:
        field = OBJECTS[object_name].field(field_name)
        if object_name not in objects or field is None:
            continue
        place = f"{object_name}.{field_name}"
        for position, option in enumerate(field.options, 1):
            named = {"field": place, "code": option.value, "name": option.label}
            yield Record(CHOICE, f"{place}:{option.value}", {**named, "position": position})


def schema(objects: Collection[str]) -> ObjectSchema:
    """The schema of the choices, with their number."""
    return replace(_OBJECT.schema(), count=sum(1 for _ in records(objects)))


def with_choices(described: ObjectSchema) -> ObjectSchema:
    """The schema with its stage leading to the records of its choices."""
    fields = tuple(
        replace(f, references=(CHOICE,)) if (described.name, f.name) in _FIELDS else f
        for f in described.fields
    )
    return replace(described, fields=fields)
