"""Target fields as a mapping names them: a field, or a part of a composite one (`name.first`)."""

from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, ObjectSchema
from crossdock.shapes import COMPOSITES


def target_field(schema: ObjectSchema | None, name: str) -> tuple[FieldSchema | None, FieldSchema | None]:
    """The field to fill, and the composite that it is a part of (None for a field of its own)."""
    if schema is None:
        return None, None
    field = schema.field(name)
    if field is not None or "." not in name:
        return field, None
    whole, _, part = name.partition(".")
    composite = schema.field(whole)
    if composite is None or composite.multiple or composite.type not in COMPOSITES:
        return None, None
    if part not in COMPOSITES[composite.type][1]:
        return None, None
    type_ = FieldType.DECIMAL if part == "amount" else FieldType.TEXT
    return FieldSchema(name, type_), composite


def whole_field(schema: ObjectSchema | None, name: str) -> str:
    """The field that a name of a mapping is, or is a part of; a field whose own name has a dot wins."""
    if schema is not None and schema.field(name) is not None:
        return name
    return name.partition(".")[0]
