"""Files for Odoo's own importer (Import records), and the ones that it exports.

A record is known by its external id, in the column `id`; a reference is a column `FIELD/id` with external
ids, or `FIELD/.id` with the database ids of records that were there before. The importer does with the cells
what `load` does (measured on 18.0); its page around that is assumed, from its documentation and code. A value
that a spreadsheet would run arrives as it is: the importer runs nothing. The export puts an apostrophe before
such a value, which is taken off again here.

What the server changes of a new record (a contact's address and tax id for its company's, the dates of a
task) goes into a later file, as the loader does with a second call.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from crossdock.fieldtypes import FieldType
from crossdock.fileformat import FileRow, Guide, ReadBack
from crossdock.model import Action, FieldSchema, ObjectSchema, TargetRecord
from crossdock.values import Address, Money
from crossdock_odoo import partners, stamps
from crossdock_odoo.encoding import CURRENCY_TAKEN, PLACE_MOVED
from crossdock_odoo.exportfiles import columns_of, decoded, heading_of, reference_columns, target_id_of
from crossdock_odoo.fieldtypes import Encoded, Wanted, encode_record
from crossdock_odoo.foresight import provisioned
from crossdock_odoo.identity import external_name, is_uuid
from crossdock_odoo.naming import NAME_FIELD, currency_field
from crossdock_odoo.objects import ADDRESS_PARTS, KEY_FIELD, OWNED_BY, SUPPRESSED
from crossdock_odoo.plan import odoo_type
from crossdock_odoo.schema import BLANK
from crossdock_odoo.tables import country_code

_LATER = {column: f"{column}/id" for column in ("industry_id", "country_id", "state_id")}
_SHARED = {
    "crm.lead": ({"partner_id"}, {"email_from", "phone"}),
    "hr.employee": ({"user_id", "work_contact_id"}, {"work_email", "mobile_phone"}),
}
"""By model: references to a contact, and the fields that the server would write into it (code of 18.0)."""
_WOULD_OVERWRITE = "the platform would write it into the contact that the record has, over what is there"
_MIXED = "it leads to records of the files and to records that were there before; no column takes both"
_USER_GROUP = "base.group_user"
_BRITAIN = "uk"  # the one country whose external id is not its code in small letters (code of 18.0)
_GUIDE = Guide(
    before=(
        "Sign in as an administrator. In your preferences set the time zone to UTC and the language to"
        " English (US), and set them back at the end: the importer reads times in your zone.",
        "Install the apps that the files need, and switch developer mode on: fields and models are made under"
        " Settings > Technical > Database Structure.",
        "Switch off every outgoing mail server (Settings > Technical > Outgoing Mail Servers) and every"
        " automation rule that would act on new records.",
        "Do not open the files in a spreadsheet program and save them: it changes numbers, dates and ids.",
    ),
    each=(
        "Open the list of the model, then the gear and Import records, and upload the file.",
        "Under Formatting choose UTF-8, comma, the point for decimals and nothing for thousands; dates"
        " YYYY-MM-DD, times YYYY-MM-DD HH:MM:SS. Leave Track history during import off.",
        "Every column is found by its technical name; if one is not, the field is not there yet.",
        "Press Test, then Import, before the next file. An import that failed can be repeated: the external"
        " id finds what is there.",
    ),
    after=(
        "Attach the files of the folder, if there is one, to the records that it names.",
        "Set your language and time zone back, and switch mail servers and rules on again.",
    ),
    export=(
        "In the list of each model take away every filter (archived records too: filter by Active is set or"
        " not set), select all, and choose Export.",
        "Tick `I want to update data (import-compatible export)`, choose the fields that are named below, and"
        " CSV. Columns that end in /.id are offered without that tick only.",
        "Export while your time zone is UTC. Save each file under the name below.",
    ),
    never=(
        "Messages, activities and attachments are in no file: the importer cannot say what they lie with.",
        "Who made a record and when is the person and the time of the import; what the mapping keeps of both"
        " in fields of its own is in the files.",
        "Amounts that have no field for their currency are in that of the company: compare it with theirs.",
    ),
)


class OdooFiles:
    """The files of a database."""

    row_limit = 10_000  # the importer has no limit of its own; larger files run into the server's time limits
    export_limit: int | None = None
    guide = _GUIDE

    def made(self, schema: ObjectSchema) -> ObjectSchema:
        """An amount has a field for its currency beside it; numbers and ticks are never empty."""
        return _provisioned(schema)

    def refused(self, schema: ObjectSchema) -> str:
        """What lies with a record of any model cannot be imported: its column takes a bare database id."""
        if schema.name in OWNED_BY:
            return "the platform's importer cannot say which record they lie with"
        return "they are found there, not imported" if schema.match_only else ""

    def keyed(self, schema: ObjectSchema) -> bool:
        """A user shows the key of its contact as its own (measured on 18.0)."""
        return not self.refused(schema) and schema.name != "res.users"

    def automatic(self, schema: ObjectSchema) -> Mapping[str, str]:  # noqa: ARG002 - every model
        """A model that is made under Settings has a name, as `x_name`."""
        return {NAME_FIELD: "Name"}

    def place(self, schema: ObjectSchema) -> str:
        """The list of the model."""
        return f"{schema.label_plural or schema.label} ({schema.name}) > list > gear > Import records"

    def kind(self, wanted: FieldSchema) -> str:
        """The technical type."""
        found = odoo_type(wanted) or "char"
        named = f", its currency in the field {currency_field(wanted.name)}" if found == "monetary" else ""
        return found + named

    def row(self, schema: ObjectSchema, record: TargetRecord) -> FileRow:
        """A record as a row, and what has to follow it. What Odoo would refuse was rejected before."""
        creating = record.action is Action.CREATE
        encoded = encode_record(schema, record.values, creating=creating)
        left: dict[str, str] = {}
        cells = dict(encoded.cells)
        for wanted in encoded.wanted:
            _refer(wanted, cells, left)
        for name, address in encoded.places.items():
            _place(address, cells, encoded, name)
        for name, money in encoded.money.items():
            _currency(schema, name, money, cells, encoded)
        _spare_contact(schema, cells, left)
        key = _key(record)
        if record.external_id and schema.field(KEY_FIELD) is not None and self.keyed(schema):
            cells[KEY_FIELD] = record.external_id
        if record.action is Action.RESTORE:
            cells["active"] = "1"
        if creating:
            _silence_defaults(schema, cells)
        later = _taken_out(schema.name, cells) if creating else {}
        return FileRow({**key, **cells}, {**key, **later} if later else {}, left, encoded.normalised)

    def blank(self, schema: ObjectSchema, *, creating: bool) -> Collection[str]:
        """An empty cell empties: only of a new record, and where neither a default nor a computation fills
        the field, that is as good as none. Both forms of a reference in one file are refused."""
        if not creating:
            return ()
        plain = [f for f in schema.fields if not (f.filled or f.read_only or f.required)]
        found = [column for field in plain for column in (*columns_of(field), *reference_columns(field))]
        return [column for column in found if not column.endswith("/.id")]

    def export_columns(
        self, schema: ObjectSchema, fields: Collection[str], written: Collection[str]
    ) -> Mapping[str, tuple[str, ...]]:
        """Technical names; a record by its external id, and by its database id too where some were there."""
        found = {f.name: columns_of(f) for f in schema.fields if f.name in fields}
        for field in schema.fields:
            both = reference_columns(field)
            if field.name in found and both and both[1] in written:
                found[field.name] = both
        return {"": ("id", ".id") if ".id" in written else ("id",)} | found

    def heading(self, schema: ObjectSchema, text: str) -> str:
        """The technical name, for a label too."""
        return heading_of(schema, text)

    def read(self, schema: ObjectSchema, cells: Mapping[str, str], fields: Collection[str]) -> ReadBack:
        """A row of an export."""
        values, unread = decoded(schema, cells, fields)
        key = target_id_of(cells.get("id", "")) or cells.get(".id", "")
        return ReadBack(key, values, cells.get(KEY_FIELD, ""), unread)


def _provisioned(schema: ObjectSchema) -> ObjectSchema:
    """The object as it is once everything is made: an amount has a field for its currency beside it."""
    fields = [_with_blank(provisioned(field)) for field in schema.fields]
    known = {field.name for field in fields}
    for n, field in enumerate(fields):
        if field.settings["odoo_type"] != "monetary" or "currency_field" in field.settings:
            continue
        name = currency_field(field.name)
        fields[n] = replace(field, settings={**field.settings, "currency_field": name})
        if name not in known:
            settings = {"odoo_type": "many2one", "column": name, "relation": "res.currency", "stored": True}
            currency = FieldSchema(name, FieldType.REFERENCE, references=("res.currency",), settings=settings)
            fields.append(replace(currency, filled=True))
    return replace(schema, fields=tuple(fields))


def _with_blank(field: FieldSchema) -> FieldSchema:
    known = field.blank is not None or field.read_only
    return field if known else replace(field, blank=BLANK.get(field.settings["odoo_type"]))


def _key(record: TargetRecord) -> dict[str, str]:
    if is_uuid(record.target_id):
        return {"id": external_name(record.target_id)}
    return {".id": record.target_id}


def _refer(wanted: Wanted, cells: dict[str, str], left: dict[str, str]) -> None:
    """The column of a reference: external ids, or database ids of what was there before."""
    column, ours = wanted.field.settings["column"], [i for i in wanted.ids if is_uuid(i)]
    if ours and len(ours) < len(wanted.ids):
        left[wanted.field.name] = _MIXED
    elif len(ours) == len(wanted.ids):
        cells[f"{column}/id"] = ",".join(map(external_name, ours))
    else:
        cells[f"{column}/.id"] = ",".join(wanted.ids)


def _place(address: Address, cells: dict[str, str], encoded: Encoded, name: str) -> None:
    """The country by its external id. States have none that a name leads to, so they stay with the street."""
    code = country_code(address.country) if address.country else None
    moved = [address.state, "" if code else address.country]
    if any(moved):
        encoded.note(name, PLACE_MOVED)
        cells["street2"] = ", ".join(filter(None, [cells["street2"], *moved]))
    short = _BRITAIN if code == "GB" else (code or "").lower()
    cells["country_id/id"] = f"base.{short}" if short else ""
    cells["state_id/id"] = ""


def _currency(schema: ObjectSchema, name: str, money: Money, cells: dict[str, str], encoded: Encoded) -> None:
    """The currency of an amount, where the record has a field for it."""
    field = schema.field(name)
    column = str(field.settings.get("currency_field") or "") if field else ""
    target = schema.field(column)
    if not money.currency:
        encoded.note(name, CURRENCY_TAKEN)
    elif target is not None and not target.read_only and f"{column}/.id" not in cells:
        cells.setdefault(f"{column}/id", f"base.{money.currency}")


def _spare_contact(schema: ObjectSchema, cells: dict[str, str], left: dict[str, str]) -> None:
    references, shared = _SHARED.get(schema.name, (set(), set()))
    if any(cells.get(f"{c}/id") or cells.get(f"{c}/.id") for c in references):
        for column in shared & cells.keys():
            if cells.pop(column):
                left[column] = _WOULD_OVERWRITE


def _silence_defaults(schema: ObjectSchema, cells: dict[str, str]) -> None:
    """So that no default speaks for the source: as the loader does."""
    for column in SUPPRESSED.get(schema.name, ()):
        field = schema.field(column)
        if field is None:
            continue
        if field.settings["odoo_type"] != "many2one":
            cells.setdefault(column, "")
        elif f"{column}/.id" not in cells:
            cells.setdefault(f"{column}/id", "")
    if schema.name == "res.users":
        groups = "groups_id" if schema.field("groups_id") else "group_ids"
        if not cells.get(f"{groups}/id") and not cells.get(f"{groups}/.id"):
            cells[f"{groups}/id"] = _USER_GROUP


def _taken_out(model: str, cells: dict[str, str]) -> dict[str, str]:
    """What has to wait for a later file, taken out of the first one."""
    waiting: dict[str, str] = {}
    if model == partners.PARTNER and (cells.get("parent_id/id") or cells.get("parent_id/.id")):
        own = {_LATER.get(c, c) for c in (*ADDRESS_PARTS, *partners.COMMERCIAL)}
        waiting = {c: cells[c] for c in own if c in cells}
        waiting = waiting if any(waiting.values()) else {}
    elif model == "project.task":
        waiting = {c: cells[c] for c in stamps.STAMPED[model][1] if cells.get(c)}
    for column in waiting:
        del cells[column]
    return dict(sorted(waiting.items()))
