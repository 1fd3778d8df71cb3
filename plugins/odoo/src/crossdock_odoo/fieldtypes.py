"""Canonical values to the columns and cells of a load, one encoder for each Odoo field type.

Whatever the server would refuse is found here first, so that one bad record does not cost its batch a pass.
What needs a look at the database (references, places, currencies, files) is only named here; the loader
fills it in. A change of form is a declared rule, reported by its text under the field's name.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crossdock.model import FieldSchema, ObjectSchema
from crossdock.values import Address, Money, StoredFile
from crossdock_odoo import scalars
from crossdock_odoo.encoding import MAX_FILE, Context, Problem, clean_text, several
from crossdock_odoo.objects import ADDRESS_PARTS, INDIRECT

EMPTY = ""
"""The cell that empties a field: False for everything but texts, which keep it as nothing too."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """References to be looked up: the field, its column, the model they lead to, and the target ids."""

    field: FieldSchema
    column: str
    relation: str
    ids: tuple[str, ...]


@dataclass(slots=True)
class Encoded:
    """A record on its way into the columns of a load.

    `cells` by column as a load names it. `wanted`, `places` (by field), `money` (by field) and `files` (by
    column) are what the loader has to look up or to read first. `reasons` to reject the record; `normalised`:
    rules applied, by field name.
    """

    cells: dict[str, str] = field(default_factory=dict)
    wanted: list[Wanted] = field(default_factory=list)
    places: dict[str, Address] = field(default_factory=dict)
    money: dict[str, Money] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    normalised: dict[str, str] = field(default_factory=dict)

    def note(self, name: str, rule: str) -> None:
        """Say that the field `name` was brought into another form by the declared `rule`."""
        known = self.normalised.get(name)
        self.normalised[name] = f"{known}; {rule}" if known and rule not in known else rule


def encode_record(schema: ObjectSchema, values: Mapping[str, Any], *, creating: bool) -> Encoded:
    """Encode all values of a record. Never raises for a bad value: the reasons are in the answer."""
    encoded = Encoded()
    for name, value in values.items():
        target = schema.field(name)
        if target is None or target.read_only:
            encoded.reasons.append(
                f"{name}: the object has no such field" if target is None else f"{name}: read-only"
            )
        elif value is None and creating:
            continue
        else:
            context = Context(target)
            try:
                _encode(context, value, encoded)
            except Problem as problem:
                encoded.reasons.append(f"{name}: {problem}")
            for note in context.notes:
                encoded.note(name, note)
    encoded.reasons += _conflicts(encoded)
    if creating:
        encoded.reasons += _missing(schema, values)
    return encoded


def encode(context: Context, value: Any) -> str:
    """Encode one value that stands alone; nothing gives the empty cell. Raises Problem."""
    encoder = _ENCODERS.get(context.kind)
    if encoder is None:
        raise Problem(f"a {context.kind} field cannot be written")
    return EMPTY if value is None else encoder(context, value)


def reference_column(target: FieldSchema) -> str:
    """The column of a load that takes database ids for a reference field."""
    return f"{target.settings['column']}/.id"


def _encode(context: Context, value: Any, encoded: Encoded) -> None:
    target, settings = context.schema, context.schema.settings
    if context.kind in ("many2one", "many2many", "owner", *INDIRECT):
        ids = () if value is None else several(value)
        if not all(isinstance(i, str) for i in ids):
            raise Problem("wants the id of a record")
        if len(ids) > 1 and not target.multiple:
            raise Problem("takes one reference only")
        column = settings["column"] if context.kind == "owner" else reference_column(target)
        encoded.wanted.append(Wanted(target, column, settings["relation"], tuple(ids)))
    elif context.kind == "address":
        encoded.places[target.name] = _address(value, encoded)
    elif context.kind == "binary":
        _file(settings["column"], value, encoded)
    else:
        encoded.cells[settings["column"]] = encode(context, value)
        if context.kind == "monetary" and value is not None:
            encoded.money[target.name] = value


def _address(value: Any, encoded: Encoded) -> Address:
    address = Address() if value is None else value
    if not isinstance(address, Address):
        raise Problem(f"wants an address, got {type(value).__name__}")
    parts = (address.street1, address.street2, address.city, address.postcode)
    encoded.cells |= dict(zip(ADDRESS_PARTS, map(clean_text, parts), strict=False))
    clean_text(address.state + address.country)  # placed by the loader
    return address


def _file(column: str, value: Any, encoded: Encoded) -> None:
    files = () if value is None else several(value)
    if not files:
        encoded.cells[column] = EMPTY
        return
    if len(files) > 1:
        raise Problem(f"takes one file, got {len(files)}")
    (file,) = files
    if not isinstance(file, StoredFile):
        raise Problem(f"wants a file, got {type(file).__name__}")
    if not file.size and column != "datas":
        raise Problem(f"file {file.name!r} is empty, which Odoo cannot tell from none here")
    if file.size > MAX_FILE:
        raise Problem(
            f"file {file.name!r} has {file.size} bytes; Odoo takes {MAX_FILE} (96 MiB) through its interface"
        )
    encoded.files[column] = file


def _conflicts(encoded: Encoded) -> Iterator[str]:
    owners = [w.field.name for w in encoded.wanted if w.field.settings["odoo_type"] == "owner" and w.ids]
    if len(owners) > 1:
        yield f"{', '.join(owners)}: a record lies with one other only"
    columns = [w.column for w in encoded.wanted if w.field.settings["odoo_type"] != "owner"]
    doubled = sorted({c for c in columns if columns.count(c) > 1})
    if doubled:
        yield f"{', '.join(doubled)}: two fields write it"


def _missing(schema: ObjectSchema, values: Mapping[str, Any]) -> Iterator[str]:
    for target in schema.fields:
        if target.required and not target.filled and values.get(target.name) in (None, "", ()):
            yield f"{target.name}: required, and nothing is given"


_ENCODERS: dict[str, Callable[[Context, Any], str]] = {
    "char": scalars.encode_text,
    "text": scalars.encode_text,
    "html": scalars.encode_html,
    "integer": scalars.encode_integer,
    "float": scalars.encode_float,
    "monetary": scalars.encode_money,
    "boolean": scalars.encode_boolean,
    "date": scalars.encode_date,
    "datetime": scalars.encode_datetime,
    "selection": scalars.encode_selection,
    "json": scalars.encode_json,
}
