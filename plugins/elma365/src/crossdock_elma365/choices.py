"""`_system.choices`: every status and every choice of a field as a record of its own.

What is a word at the source (a stage, a reason, a kind) may be a record at a destination. The key is
`object.field:code`; a SELECT field of any object leads here through its `references`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.model import Batch, FieldSchema, ObjectSchema, Observation, Provenance, Record

CHOICES = "_system.choices"

_FIELDS = (
    ("field", FieldType.TEXT, "Field that it is a choice of, with its object"),
    ("code", FieldType.TEXT, "Code"),
    ("name", FieldType.TEXT, "Name"),
    ("position", FieldType.INTEGER, "Position among the choices of its field"),
)


def choice_schema(schemas: Iterable[ObjectSchema]) -> ObjectSchema:
    """The schema; the fields of `schemas` tell how many choices there are."""
    fields = (
        FieldSchema(name, kind, label, read_only=True, provenance=Provenance.PLATFORM)
        for name, kind, label in _FIELDS
    )
    count = sum(1 for _ in _choices(schemas))
    return ObjectSchema(CHOICES, tuple(fields), "Choice", "Choices", count=count, snapshot=True)


def with_choices(schema: ObjectSchema) -> ObjectSchema:
    """The schema with its SELECT fields leading to the records of their choices."""
    fields = tuple(
        replace(f, references=(CHOICES,)) if f.type is FieldType.SELECT and f.options else f
        for f in schema.fields
    )
    return replace(schema, fields=fields)


class Choices:
    """Reads them out of the schemas of a connection's objects; no request is needed for them alone."""

    def __init__(self, schemas: Callable[[], Iterable[ObjectSchema]]) -> None:
        self._schemas = schemas

    def schema(self) -> ObjectSchema:
        """The schema of `_system.choices`."""
        return choice_schema(self._schemas())

    def batches(self, cursor: str | None) -> Iterator[Batch]:
        """All choices in one batch."""
        if cursor is None:
            records = tuple(Record(CHOICES, key, values) for key, values in _choices(self._schemas()))
            yield Batch(records, "end", total=len(records))

    def observations(self, keys: set[str] | None) -> Iterator[Observation]:
        """The choices read again."""
        for key, values in _choices(self._schemas()):
            if keys is None or key in keys:
                yield Observation(CHOICES, key, values)


def _choices(schemas: Iterable[ObjectSchema]) -> Iterator[tuple[str, dict[str, Any]]]:
    for schema in schemas:
        for field in schema.fields:
            if field.type is not FieldType.SELECT:
                continue
            place = f"{schema.name}.{field.name}"
            for position, option in enumerate(field.options, 1):
                named = {"field": place, "code": option.value, "name": option.label or option.value}
                yield f"{place}:{option.value}", {**named, "position": position}
