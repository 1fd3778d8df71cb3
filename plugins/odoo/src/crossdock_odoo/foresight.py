"""What a load would answer before it sends anything: for dry runs. No I/O.

The object may still have to be provisioned, in part or as a whole: a field that is not there yet is taken
for what `provision` would make of it. What needs a look at the database (a currency, a place, the e-mail of a
lead's partner) is not foreseen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from crossdock.fieldtypes import FieldType
from crossdock.model import Action, FieldSchema, ObjectSchema, Outcome, Receipt, TargetRecord
from crossdock_odoo.fieldtypes import encode_record
from crossdock_odoo.plan import odoo_type


def foresee(schema: ObjectSchema, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
    """One receipt a record: rejected with the reasons of the encoder, or as it would be written."""
    whole = replace(schema, fields=tuple(provisioned(field) for field in schema.fields))
    for record in records:
        creating = record.action is Action.CREATE
        encoded = encode_record(whole, record.values, creating=creating)
        if encoded.reasons:
            yield Receipt(record.origin, Outcome.REJECTED, "", tuple(encoded.reasons))
        else:
            outcome = Outcome.CREATED if creating else Outcome.UPDATED
            yield Receipt(record.origin, outcome, record.target_id, (), encoded.normalised)


def provisioned(field: FieldSchema) -> FieldSchema:
    """The field with the settings that one read from the server has."""
    if "odoo_type" in field.settings:
        return field
    kind = odoo_type(field) or "char"
    settings = {"odoo_type": kind, "column": field.name, "stored": True}
    if field.type is FieldType.REFERENCE:
        settings["relation"] = field.references[0] if field.references else ""
    return replace(field, required=False, multiple=field.multiple and kind == "many2many", settings=settings)
