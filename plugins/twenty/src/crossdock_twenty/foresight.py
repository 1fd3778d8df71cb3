"""What a load would answer before it sends anything: for dry runs. No I/O.

The object may still have to be provisioned, in part or as a whole: a field that is not there yet is taken
for what `provision` would make of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from crossdock.fieldtypes import FieldType
from crossdock.model import Action, FieldSchema, ObjectSchema, Outcome, Receipt, TargetRecord
from crossdock_twenty.fieldtypes import encode_record
from crossdock_twenty.plan import twenty_type


def foresee(schema: ObjectSchema, records: Sequence[TargetRecord], *, phone_region: str) -> Iterator[Receipt]:
    """One receipt a record: rejected with the reasons of the encoder, or as it would be written."""
    whole = replace(schema, fields=tuple(provisioned(field) for field in schema.fields))
    for record in records:
        creating = record.action is Action.CREATE
        encoded = encode_record(whole, record.values, creating=creating, phone_region=phone_region)
        if encoded.reasons:
            yield Receipt(record.origin, Outcome.REJECTED, "", encoded.reasons)
        else:
            outcome = Outcome.CREATED if creating else Outcome.UPDATED
            yield Receipt(record.origin, outcome, record.target_id, (), encoded.normalised)


def provisioned(field: FieldSchema) -> FieldSchema:
    """The field with the settings that one read from the server has."""
    if "twenty_type" in field.settings:
        return field
    settings = {
        "twenty_type": twenty_type(field) or "TEXT",
        "column": field.name,
        "id": "",
        "integer": field.type is FieldType.INTEGER,
    }
    return replace(field, required=False, settings=settings)
