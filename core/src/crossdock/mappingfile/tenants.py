"""The same object in several tenants: one schema for all of them, and what they do not agree on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from crossdock.model import Catalog, FieldSchema, ObjectSchema


def united(catalogs: Iterable[Catalog]) -> dict[str, ObjectSchema]:
    """Objects by name with the fields and options of every tenant, the first one's first; counts added up."""
    found: dict[str, ObjectSchema] = {}
    for schema in (o for catalog in catalogs for o in catalog.objects):
        known = found.get(schema.name)
        found[schema.name] = schema if known is None else _with(known, schema)
    return found


def type_conflicts(catalogs: Sequence[Catalog], tenants: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Fields that are of another type in another tenant: `object.field`, and a sentence about it."""
    first: dict[tuple[str, str], tuple[str, FieldSchema]] = {}
    for tenant, catalog in zip(tenants, catalogs, strict=True):
        for schema in catalog.objects:
            for field in schema.fields:
                owner, known = first.setdefault((schema.name, field.name), (tenant, field))
                if _kind(known) != _kind(field):
                    yield (
                        f"{schema.name}.{field.name}",
                        f"is {_kind(known)} in tenant {owner} and {_kind(field)} in tenant {tenant};"
                        f" values of {tenant} that do not fit the first are rejected",
                    )


def _with(known: ObjectSchema, other: ObjectSchema) -> ObjectSchema:
    fields = tuple(_united(field, other.field(field.name)) for field in known.fields)
    more = tuple(field for field in other.fields if known.field(field.name) is None)
    counts = [count for count in (known.count, other.count) if count is not None]
    return replace(known, fields=fields + more, count=sum(counts) if counts else None)


def _united(field: FieldSchema, other: FieldSchema | None) -> FieldSchema:
    if other is None or _kind(field) != _kind(other):
        return field
    values = {option.value for option in field.options}
    options = field.options + tuple(o for o in other.options if o.value not in values)
    references = tuple(dict.fromkeys((*field.references, *other.references)))
    return replace(field, options=options, references=references)


def _kind(field: FieldSchema) -> str:
    return f"several {field.type}" if field.multiple else str(field.type)
