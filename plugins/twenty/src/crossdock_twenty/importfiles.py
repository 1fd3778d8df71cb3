"""Files for Twenty's own importer (Import records), and the ones that it exports.

The importer matches columns by the labels of the fields; a field of several parts has a column a part
(`Name / First Name`), a relation one with the id of its record (`Company / Id`). It takes the id of a new
record, and writes over a record that has the id already. It drops one zero-width joiner at the beginning of a
cell, and the export puts one before what a spreadsheet would take for a formula: so does this module, and
such a value arrives unchanged. All of this is assumed, from the code of several versions around 2.21; the
limits of 10,000 rows in and 20,000 rows out are documented.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import orjson
import phonenumbers

from crossdock.fileformat import FileRow, Guide, ReadBack
from crossdock.model import Action, FieldSchema, ObjectSchema, TargetRecord
from crossdock_twenty.fieldtypes import encode_record
from crossdock_twenty.foresight import provisioned
from crossdock_twenty.plan import AUTOMATIC, LINKING, twenty_type
from crossdock_twenty.readback import decode
from crossdock_twenty.schema import KEY_FIELD

_ID = "Id"
_JOINER = "\u200d"
_RISKY = re.compile("[=+\\-@\t\r\u200d]")
_PARTS: Mapping[str, Mapping[str, str]] = {
    "CURRENCY": {"amountMicros": "Amount", "currencyCode": "Currency"},
    "EMAILS": {"primaryEmail": "Primary Email", "additionalEmails": "Additional Emails"},
    "PHONES": {
        "primaryPhoneNumber": "Primary Phone Number",
        "primaryPhoneCountryCode": "Primary Phone Country Code",
        "primaryPhoneCallingCode": "Primary Phone Calling Code",
        "additionalPhones": "Additional Phones",
    },
    "LINKS": {
        "primaryLinkUrl": "Link URL",
        "primaryLinkLabel": "Link Label",
        "secondaryLinks": "Secondary Links",
    },
    "FULL_NAME": {"firstName": "First Name", "lastName": "Last Name"},
    "ADDRESS": {
        "addressStreet1": "Address 1",
        "addressStreet2": "Address 2",
        "addressCity": "City",
        "addressState": "State",
        "addressPostcode": "Post Code",
        "addressCountry": "Country",
    },
    "RICH_TEXT": {"markdown": "Markdown"},
}
"""By type, the columns of a field of several parts: the part's name and what follows the field's label."""

_LISTS = frozenset({"additionalEmails", "additionalPhones", "secondaryLinks"})
_AUTOMATIC_LABELS = {
    "id": _ID,
    "name": "Name",
    "createdAt": "Creation date",
    "createdBy": "Created by",
    "updatedAt": "Last update",
    "updatedBy": "Updated by",
    "deletedAt": "Deleted at",
}
_NOT_TAKEN = {
    "ACTOR": "the importer names the person who imports as the author",
    "MORPH_RELATION": "the importer takes no link that may lead to several objects",
    "FILES": "",  # the core tells of files
}
_EMPTIES = "the importer leaves alone what a cell leaves empty"
_GUIDE = Guide(
    before=(
        "Sign in as a member who may import (Settings > Roles), with English as the language of the"
        " application: the columns are called by the English labels of the fields.",
        "Under Settings > Workspace > Members invite everybody who shall own records, before the first file.",
        "Switch workflows and webhooks off that would act on new records.",
        "Do not open the files in a spreadsheet program and save them: it changes numbers, dates and ids.",
    ),
    each=(
        "Open the list of the object, then the menu at the top right, and choose Import records.",
        "Choose the file. Match each column to the field of the same name; ids go to Id. If a field is not"
        " offered (Creation date in some versions), leave its column unmatched: the check will say so.",
        "Choices are written by their values; match each to the option of the same name.",
        "Wait until it says that all are imported before the next file; a file that failed can be imported"
        " again as it is.",
    ),
    after=(
        "Attach the files of the folder, if there is one, on the records that it names.",
        "Link notes and tasks to their records by hand: their importer takes no links.",
        "Switch workflows and webhooks on again.",
    ),
    export=(
        "In the list of each object show every field that is named below (Options > Fields).",
        "Export the view (Options > Export); the Id is always in it. Save it under the name below.",
        "An export ends at 20,000 rows without a word: filter the list into parts of fewer rows, and save"
        " them as NAME-1.csv, NAME-2.csv and so on.",
    ),
    never=(
        "Who made a record (Created by) is the person who imports; updatedAt is the time of the import.",
        "Attachments, and the links of notes and tasks, are in no file.",
    ),
)


class TwentyFiles:
    """The files of a workspace."""

    row_limit = 10_000
    export_limit: int | None = 20_000
    guide = _GUIDE

    def __init__(self, phone_region: str) -> None:
        self._region = phone_region

    def made(self, schema: ObjectSchema) -> ObjectSchema:
        """A field that is missing gets the settings that the server would give it."""
        return _provisioned(schema)

    def refused(self, schema: ObjectSchema) -> str:
        """Links and attachments have no list, and so no importer; members are invited."""
        if schema.name in LINKING:
            return "the platform has no importer for links and attachments"
        return "members are invited, not imported" if schema.match_only else ""

    def keyed(self, schema: ObjectSchema) -> bool:
        """Every object that is imported can be given the field."""
        return not self.refused(schema)

    def automatic(self, schema: ObjectSchema) -> Mapping[str, str]:  # noqa: ARG002 - every object
        """What createOneObject makes by itself, with the server's labels (measured on 2.21.0)."""
        return dict.fromkeys(AUTOMATIC, "") | _AUTOMATIC_LABELS

    def place(self, schema: ObjectSchema) -> str:
        """The list of the object."""
        return f"{schema.label_plural or schema.label or schema.name} > top right menu > Import records"

    def kind(self, wanted: FieldSchema) -> str:
        """What the settings of the data model call the type."""
        found = twenty_type(wanted) or "TEXT"
        return _SHOWN.get(found, found.replace("_", " ").capitalize())

    def row(self, schema: ObjectSchema, record: TargetRecord) -> FileRow:
        """A record as a row. Values that the server would refuse were rejected before."""
        creating = record.action is Action.CREATE
        encoded = encode_record(schema, record.values, creating=creating, phone_region=self._region)
        cells, left = {_ID: record.target_id}, {}
        for field in schema.fields:
            kind, column = field.settings["twenty_type"], field.settings["column"]
            if field.name not in record.values or kind == "FILES":
                continue
            value = record.values[field.name]
            if kind in _NOT_TAKEN:
                if value not in (None, ()):
                    left[field.name] = _NOT_TAKEN[kind]
            elif value in (None, "", ()) and not creating:
                left[field.name] = _EMPTIES
            elif column in encoded.wire:
                cells |= dict(zip(_columns(schema, field), _texts(kind, encoded.wire[column]), strict=True))
        key = schema.field(KEY_FIELD)
        if key is not None and record.external_id:
            cells[_label(schema, key)] = record.external_id
        return FileRow({c: protected(t) for c, t in cells.items()}, {}, left, encoded.normalised)

    def blank(self, schema: ObjectSchema, *, creating: bool) -> Collection[str]:
        """The importer sends nothing for an empty cell: a default stays, and so does what is there."""
        fields = [f for f in schema.fields if _is_written(f) and not (creating and f.required)]
        return [column for field in fields for column in _columns(schema, field)]

    def export_columns(
        self,
        schema: ObjectSchema,
        fields: Collection[str],
        written: Collection[str],  # noqa: ARG002 - an id is an id, whoever made the record
    ) -> Mapping[str, tuple[str, ...]]:
        """The same columns; the export calls that of a relation `Company Id`."""
        wanted = [f for f in schema.fields if f.name in fields and _is_written(f)]
        return {"": (_ID,)} | {f.name: _columns(schema, f) for f in wanted}

    def heading(self, schema: ObjectSchema, text: str) -> str:  # noqa: ARG002 - labels are what they are
        """Without slashes, joiners and capitals."""
        return " ".join(text.replace(_JOINER, "").replace("/", " ").split()).casefold()

    def read(self, schema: ObjectSchema, cells: Mapping[str, str], fields: Collection[str]) -> ReadBack:
        """A row of an export."""
        values, unread = {}, {}
        for field in schema.fields:
            if field.name not in fields or not _is_written(field):
                continue
            texts = [unprotected(cells.get(self.heading(schema, c), "")) for c in _columns(schema, field)]
            kind = field.settings["twenty_type"]
            try:
                values[field.name] = decode(kind, _wire(kind, texts), integer=field.settings["integer"])
            except (ValueError, TypeError, KeyError, ArithmeticError):
                unread[field.name] = f"a cell holds {' / '.join(texts)[:80]!r}, which is no {kind}"
        key = schema.field(KEY_FIELD)
        owner = cells.get(self.heading(schema, _label(schema, key)), "") if key else ""
        return ReadBack(unprotected(cells.get("id", "")), values, unprotected(owner), unread)


def protected(text: str) -> str:
    """The text with a joiner before it, which the importer drops, where a spreadsheet would run it; a joiner
    that is its own needs one too."""
    return _JOINER + text if _RISKY.match(text) else text


def unprotected(text: str) -> str:
    """The text without the joiner that the export put before it."""
    return text[1:] if text.startswith(_JOINER) else text


_SHOWN = {
    "NUMERIC": "Number",
    "DATE_TIME": "Date and Time",
    "BOOLEAN": "True/False",
    "MULTI_SELECT": "Multi-select",
    "RICH_TEXT": "Rich Text",
    "RAW_JSON": "JSON",
    "FULL_NAME": "Full Name",
    "RELATION": "Relation (belongs to one)",
    "MORPH_RELATION": "Relation (belongs to one, of several objects)",
    "UUID": "Unique ID",
}


def _provisioned(schema: ObjectSchema) -> ObjectSchema:
    return replace(schema, fields=tuple(provisioned(field) for field in schema.fields))


def _is_written(field: FieldSchema) -> bool:
    return not field.read_only and field.settings["twenty_type"] not in _NOT_TAKEN


def _label(schema: ObjectSchema, field: FieldSchema) -> str:
    """The field's label; with its name where two fields have the same."""
    label = field.label or field.name
    same = Counter((f.label or f.name).casefold() for f in schema.fields)[label.casefold()]
    return label if same == 1 else f"{label} ({field.name})"


def _columns(schema: ObjectSchema, field: FieldSchema) -> tuple[str, ...]:
    label, kind = _label(schema, field), field.settings["twenty_type"]
    if kind == "RELATION":
        return (f"{label} / {_ID}",)
    parts = _PARTS.get(kind)
    return tuple(f"{label} / {part}" for part in parts.values()) if parts else (label,)


def _texts(kind: str, wire: Any) -> list[str]:
    """The cells of one value, in the order of its columns."""
    if kind == "CURRENCY":
        amount = wire["amountMicros"]
        return ["" if amount is None else _plain(Decimal(amount) / 1_000_000), wire["currencyCode"] or ""]
    if kind == "PHONES":
        return _phones(wire)
    if kind in _PARTS:
        return [_part(name, wire.get(name)) for name in _PARTS[kind]]
    if wire is None:
        return [""]
    if isinstance(wire, bool):
        return ["true" if wire else "false"]
    return [wire if isinstance(wire, str) else orjson.dumps(wire).decode()]


def _part(name: str, value: Any) -> str:
    if name in _LISTS:
        return orjson.dumps(value).decode() if value else ""
    return str(value or "")


def _phones(wire: Mapping[str, Any]) -> list[str]:
    """Numbers with their calling codes: of a number without one the importer drops the additional ones."""
    number, region, code = _number(wire["primaryPhoneNumber"])
    others = [_number(other["number"]) for other in wire["additionalPhones"]]
    more = [{"number": n, "callingCode": c, "countryCode": r} for n, r, c in others]
    return [number, region, code, orjson.dumps(more).decode() if more else ""]


def _number(text: str) -> tuple[str, str, str]:
    """National number, country and calling code of a number in international form; it alone if it is none."""
    try:
        parsed = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return text, "", ""
    national = phonenumbers.national_significant_number(parsed)
    return national, phonenumbers.region_code_for_number(parsed) or "", f"+{parsed.country_code}"


def _wire(kind: str, texts: list[str]) -> Any:
    """The wire value of the cells of an export."""
    if kind == "CURRENCY":
        amount, code = texts
        return {"amountMicros": Decimal(amount) * 1_000_000 if amount else None, "currencyCode": code or None}
    if kind in _PARTS:
        names = zip(_PARTS[kind], texts, strict=True)
        return {name: _listed(text) if name in _LISTS else text for name, text in names}
    reader = _READERS.get(kind)
    return reader(texts[0]) if reader and texts[0] else texts[0]


def _listed(text: str) -> list[Any]:
    found = orjson.loads(text) if text else []
    return found if isinstance(found, list) else []


def _truth(text: str) -> bool:
    return {"true": True, "false": False}[text.casefold()]


def _day(text: str) -> str:
    return text[:10]


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


_READERS: dict[str, Callable[[str], Any]] = {
    "BOOLEAN": _truth,
    "NUMBER": Decimal,
    "NUMERIC": Decimal,
    "DATE": _day,
    "MULTI_SELECT": orjson.loads,
    "ARRAY": orjson.loads,
    "RAW_JSON": orjson.loads,
}
