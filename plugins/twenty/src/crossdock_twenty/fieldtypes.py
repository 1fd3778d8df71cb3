"""Canonical values to wire values, one encoder for each Twenty field type.

Everything the server would refuse is found here first, so that one bad record does not cost its whole
batch. The rules were measured on 2.21.0. A change of form is a declared rule, reported by its text
under the field's name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crossdock.model import ObjectSchema
from crossdock.values import StoredFile
from crossdock_twenty import composites, scalars
from crossdock_twenty.encoding import Context, Problem


@dataclass(frozen=True, slots=True)
class Encoded:
    """A record ready to send: wire columns, reasons to reject it, and rules applied by field name.

    `files` holds the contents that must be uploaded first, by wire column.
    """

    wire: dict[str, Any]
    reasons: tuple[str, ...] = ()
    normalised: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[StoredFile, ...]] = field(default_factory=dict)


def encode_record(
    schema: ObjectSchema, values: Mapping[str, Any], *, creating: bool, phone_region: str = "RU"
) -> Encoded:
    """Encode all values of a record. Never raises for a bad value: the reasons are in the answer."""
    wire: dict[str, Any] = {}
    files: dict[str, tuple[StoredFile, ...]] = {}
    reasons: list[str] = []
    normalised: dict[str, str] = {}
    for name, value in values.items():
        target = schema.field(name)
        if target is None or target.read_only:
            reasons.append(
                f"{name}: the object has no such field" if target is None else f"{name}: read-only"
            )
            continue
        if value is None and creating:
            continue
        context = Context(target, phone_region)
        try:
            encoded = encode(context, value)
        except Problem as problem:
            reasons.append(f"{name}: {problem}")
            continue
        if context.kind == "FILES" and encoded:
            files[target.settings["column"]] = encoded
        else:
            wire[target.settings["column"]] = encoded
        if context.notes:
            normalised[name] = "; ".join(context.notes)
    if creating:
        reasons += _missing(schema, wire, files)
    return Encoded(wire, tuple(reasons), normalised, files)


def encode(context: Context, value: Any) -> Any:
    """Encode one value; None gives what empties the column. Raises Problem."""
    kind = context.kind
    encoder = _ENCODERS.get(kind)
    if encoder is None:
        raise Problem(f"a {kind} field cannot be written")
    if value is None or value == ():
        # A composite field ignores null (measured): each of its parts has to be emptied.
        empty = _EMPTY.get(kind)
        return dict(empty) if isinstance(empty, dict) else empty
    return encoder(context, value)


def _missing(schema: ObjectSchema, wire: Mapping[str, Any], files: Mapping[str, Any]) -> list[str]:
    return [
        f"{f.name}: required, and nothing is given"
        for f in schema.fields
        if f.required
        and f.default is None
        and f.settings["column"] not in wire
        and f.settings["column"] not in files
    ]


_ENCODERS: dict[str, Callable[[Context, Any], Any]] = {
    "TEXT": scalars.encode_text,
    "RICH_TEXT": scalars.encode_rich_text,
    "NUMBER": scalars.encode_number,
    "BOOLEAN": scalars.encode_boolean,
    "DATE": scalars.encode_date,
    "DATE_TIME": scalars.encode_date_time,
    "CURRENCY": composites.encode_currency,
    "EMAILS": composites.encode_emails,
    "PHONES": composites.encode_phones,
    "LINKS": composites.encode_links,
    "FULL_NAME": composites.encode_full_name,
    "ADDRESS": composites.encode_address,
    "ACTOR": composites.encode_actor,
    "SELECT": scalars.encode_select,
    "RATING": scalars.encode_select,
    "MULTI_SELECT": scalars.encode_multi_select,
    "ARRAY": scalars.encode_array,
    "RAW_JSON": scalars.encode_json,
    "UUID": scalars.encode_uuid,
    "RELATION": scalars.encode_uuid,
    "MORPH_RELATION": scalars.encode_uuid,
    "FILES": scalars.encode_files,
}

_EMPTY: dict[str, Any] = {
    "RICH_TEXT": {"markdown": "", "blocknote": None},
    "CURRENCY": {"amountMicros": None, "currencyCode": None},
    "EMAILS": {"primaryEmail": "", "additionalEmails": []},
    "PHONES": {
        "primaryPhoneNumber": "",
        "primaryPhoneCountryCode": "",
        "primaryPhoneCallingCode": "",
        "additionalPhones": [],
    },
    "LINKS": {"primaryLinkUrl": "", "primaryLinkLabel": "", "secondaryLinks": []},
    "FULL_NAME": {"firstName": "", "lastName": ""},
    "ADDRESS": dict.fromkeys(
        [
            "addressStreet1",
            "addressStreet2",
            "addressCity",
            "addressState",
            "addressPostcode",
            "addressCountry",
        ],
        "",
    ),
}
