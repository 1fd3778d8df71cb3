"""A layout and a schema that says more: what the one leaves open, the other gives."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from crossdock.fieldtypes import FieldType
from crossdock.layout.declaration import PARTS, ColumnLayout, Layout, ObjectLayout
from crossdock.model import FieldSchema, ObjectSchema, Option, Provenance

_AS_TEXT = {FieldType.AUTHOR, FieldType.FILE, FieldType.UNKNOWN}


def completed(layout: Layout, schemas: Mapping[str, ObjectSchema]) -> Layout:
    """The layout with the types, options and links that the schemas know and the layout does not say."""
    objects = {
        name: part.model_copy(update={"columns": dict(_columns(part, schemas.get(name)))})
        for name, part in layout.objects.items()
    }
    return layout.model_copy(update={"objects": objects})


def _columns(part: ObjectLayout, schema: ObjectSchema | None) -> Iterator[tuple[str, ColumnLayout]]:
    for name, column in part.columns.items():
        known = schema.field(name) if schema else None
        if "." in name or known is None:
            yield name, column.model_copy(update={"type": column.type or _plain_type(name, column)})
            continue
        kind = column.type or (FieldType.TEXT if known.type in _AS_TEXT else known.type)
        multiple = known.multiple if column.multiple is None else column.multiple
        same = kind is known.type
        yield (
            name,
            column.model_copy(
                update={
                    "type": kind,
                    "multiple": multiple,
                    "label": column.label or known.label,
                    "options": column.options
                    or ({o.value: (o.label or o.value,) for o in known.options} if same else {}),
                    "to": column.to or (known.references if same else ()),
                    "currency": column.currency or str(known.settings.get("currency") or ""),
                }
            ),
        )


def _plain_type(name: str, column: ColumnLayout) -> FieldType:
    """The type of a column that nobody types: what it says besides gives it away, else it is text."""
    if name.endswith(".amount"):
        return FieldType.DECIMAL
    if column.to or column.by:
        return FieldType.REFERENCE
    return FieldType.SELECT if column.options else FieldType.TEXT


def object_schema(
    name: str, part: ObjectLayout, kept: Iterable[str], count: int | None, known: ObjectSchema | None = None
) -> ObjectSchema:
    """The object as the catalog shows it: what is known of it, its columns, and the unknown ones `kept`.

    `kept` are (header) texts whose fields are called by `kept_name`. A field that no file fills stays in.
    """
    fields = {field.name: field for field in (known.fields if known else ())}
    for title, column in part.columns.items():
        own = _field(title, column)
        held = fields.get(own.name)
        fields[own.name] = own if held is None or held.type is not own.type else _merged(held, column)
    for header in kept:
        fields[kept_name(header)] = FieldSchema(
            kept_name(header), FieldType.TEXT, header, custom=True, provenance=Provenance.ASSUMED
        )
    base = known or ObjectSchema(name, (), custom=True)
    return replace(
        base,
        fields=tuple(fields.values()),
        label=part.label or base.label or name,
        label_plural=part.label_plural or base.label_plural,
        count=count,
        match_only=part.match_only or base.match_only,
    )


def kept_name(header: str) -> str:
    """The name of the field that keeps an unknown column: its header, without what a path could not hold."""
    return "".join(letter if letter.isalnum() else "_" for letter in header.strip()).strip("_") or "column"


def _field(title: str, column: ColumnLayout) -> FieldSchema:
    name, _, part = title.partition(".")
    kind = PARTS[part] if part else column.type or FieldType.TEXT
    return FieldSchema(
        name,
        kind,
        column.label or (name if part else column.headers[0]),
        required=column.filled and not part,
        multiple=bool(column.multiple),
        custom=True,
        options=tuple(Option(code, words[0] if words else code) for code, words in column.options.items()),
        references=column.to if kind is FieldType.REFERENCE else (),
        provenance=Provenance.DECLARED,
    )


def _merged(held: FieldSchema, column: ColumnLayout) -> FieldSchema:
    """A field that is known already; the layout may have made one value of it many, or one of many."""
    multiple = held.multiple if column.multiple is None else column.multiple
    return replace(held, multiple=multiple, references=held.references or column.to)
