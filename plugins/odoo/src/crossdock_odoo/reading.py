"""Reading records back: by id, by match key, or all that a project owns.

Reads never go through the loader's encoder. Archived records are records like others; what the mark of the
trash says is in the trash, and so is what a match key finds archived: a person decides about it. A record
that is only half made (see `marks`) is not there yet.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from crossdock.errors import ConfigError
from crossdock.model import ObjectSchema, Observation, Selection
from crossdock.values import StoredFile
from crossdock_odoo import marks
from crossdock_odoo.client import ALL, Condition, OdooClient, Row
from crossdock_odoo.files import Contents, image_of, of_image
from crossdock_odoo.identity import Identity, chunks
from crossdock_odoo.matching import condition, same
from crossdock_odoo.objects import ADDRESS_PARTS, KEY_FIELD, OWNED_BY, active_field, holds_key
from crossdock_odoo.readback import Lookups, decode_record, instant, referred
from crossdock_odoo.schema import Schemas
from crossdock_odoo.tables import Tables

PAGE = 200
_MATCHES_A_QUERY = 50
_ATTACHMENT = ("name", "mimetype", "checksum", "file_size")


class Reader:
    """Reads records of one database. `schemas`, `tables` and `contents` are shared with who needs them."""

    def __init__(
        self, client: OdooClient, identity: Identity, schemas: Schemas, tables: Tables, contents: Contents
    ) -> None:
        self.client, self.identity, self.schemas = client, identity, schemas
        self.tables, self.contents = tables, contents

    def observe(self, schema: ObjectSchema, selection: Selection) -> Iterator[Observation]:
        """The selected records. Contents of files are hashed for ids and match, not for owned."""
        if selection.ids is not None:
            yield from self._by_ids(schema, selection.ids)
        elif selection.match is not None:
            yield from self._by_match(schema, *selection.match)
        elif selection.owned is not None:
            yield from self._owned(schema, selection.owned)

    def existing(self, model: str, ids: Iterable[int]) -> set[int]:
        """Which of these database ids exist, archived ones too."""
        found: set[int] = set()
        for chunk in chunks(list(dict.fromkeys(ids)), PAGE * 5):
            found.update(self.client.search(model, [["id", "in", chunk]]))
        return found

    def marks_of(self, schema: ObjectSchema, ids: Sequence[int]) -> dict[int, str]:
        """The content of the external id field, mark and all, of those that exist among these records.

        The mark of the trash is left out for one that is not archived: somebody took it out.
        """
        metadata = self.schemas.metadata(schema.name)
        if not holds_key(metadata):
            return dict.fromkeys(self.existing(schema.name, ids), "")
        column = active_field(metadata)
        rows = self._rows(schema.name, [["id", "in", list(ids)]], [KEY_FIELD, *([column] if column else [])])
        return {row["id"]: _content(row, column) for row in rows}

    def wire_back(self, schema: ObjectSchema, image: Mapping[str, Any], names: Iterable[str]) -> Row:
        """What to write to give fields the content that a before-image shows; files come from the store.

        Raises StorageError for a content that is not in the store any more.
        """
        columns = dict.fromkeys(c for name in names for c in _columns_of(schema, name))
        kinds = {f.settings["column"]: f.settings["odoo_type"] for f in schema.fields}
        values: Row = {}
        for column in columns:
            if column not in image:
                continue
            held = image[column]
            if kinds.get(column) == "binary":
                file = of_image(held)
                values[column] = self.contents.encode(file).cell if file else False
            else:
                values[column] = [[6, 0, held]] if isinstance(held, list) else held
        return values

    def _by_ids(self, schema: ObjectSchema, ids: Sequence[str]) -> Iterator[Observation]:
        known = self.identity.ids_of(schema.name, ids)
        for chunk in chunks(list(dict.fromkeys(known.values())), PAGE):
            yield from self._observations(schema, [["id", "in", chunk]], files=True)

    def _by_match(self, schema: ObjectSchema, name: str, values: Sequence[Any]) -> Iterator[Observation]:
        field = schema.field(name)
        if field is None:
            raise ConfigError(f"Odoo's {schema.name} has no field {name} to match by.")
        wanted = [v for value in values for v in (value if isinstance(value, tuple) else (value,))]
        ids: Mapping[str, int] = {}
        if "relation" in field.settings:
            ids = self.identity.ids_of(field.settings["relation"], [v for v in wanted if isinstance(v, str)])
        seen: set[str] = set()
        for chunk in chunks(wanted, _MATCHES_A_QUERY):
            found = [c for c in (condition(field, value, ids) for value in chunk) if c is not None]
            if not found:
                continue
            domain = [*["|"] * (len(found) - 1), *found]

            def is_hit(row: Row, chunk: Sequence[Any] = chunk) -> bool:
                held = row[field.settings["column"]]
                return any(same(field, value, held) for value in chunk)

            for hit in self._observations(schema, domain, files=True, only=is_hit, match=True):
                if hit.id not in seen:
                    seen.add(hit.id)
                    yield hit

    def _owned(self, schema: ObjectSchema, prefix: str) -> Iterator[Observation]:
        metadata = self.schemas.metadata(schema.name)
        if not holds_key(metadata):
            return  # provision adds the field to every object that records are loaded into
        literal = prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        wanted: list[Any] = [[KEY_FIELD, "=like", literal + "%"]]
        if column := active_field(metadata):  # what somebody took out of the trash by hand is marked still
            marked = [KEY_FIELD, "=like", f"{marks.TRASH}{literal}%"]
            wanted = ["|", *wanted, "&", marked, [column, "=", True]]
        after = 0
        while True:
            ids = self.client.search(schema.name, [*wanted, ["id", ">", after]], limit=PAGE)
            if not ids:
                return
            after = ids[-1]
            for found in self._observations(schema, [["id", "in", ids]], files=False):
                if not found.trashed and found.external_id.startswith(prefix):
                    yield found

    def _observations(
        self,
        schema: ObjectSchema,
        domain: Condition,
        *,
        files: bool,
        only: Any = None,
        match: bool = False,
    ) -> Iterator[Observation]:
        rows = [r for r in self._rows(schema.name, domain, self._columns(schema)) if only is None or only(r)]
        rows = [r for r in rows if marks.split(r.get(KEY_FIELD))[0] != marks.HALF]
        lookups = self._lookups(schema, rows)
        names = self.identity.names_of(schema.name, [r["id"] for r in rows])
        for row in rows:
            held = self._files(schema, row) if files else {}
            mark, external_id = marks.split(row.get(KEY_FIELD))
            archived = row.get(active_field(row)) is False
            yield Observation(
                object_name=schema.name,
                id=names[row["id"]],
                values={**decode_record(schema, row, lookups), **held},
                # One that was made archived is a record as any other; of another nobody knows why it is.
                trashed=archived and (mark == marks.TRASH or (match and not external_id)),
                external_id=external_id,
                image=_image(schema, row, held),
                updated_at=instant(row.get("write_date")),
            )

    def _rows(self, model: str, domain: Condition, columns: Sequence[str]) -> list[Row]:
        """Rows with bare ids for references, and sizes for files.

        Not by search_read: that leaves archived records out of a many2many, whatever the context says
        (measured on 18.0).
        """
        ids = self.client.search(model, domain)
        if not ids:
            return []
        context = {**ALL, "bin_size": True}
        found: list[Row] = self.client.call(
            model, "read", ids, safe=True, context=context, fields=list(columns), load=None
        )
        return found

    def _columns(self, schema: ObjectSchema) -> list[str]:
        """Every column that the fields of an object are made of."""
        metadata = self.schemas.metadata(schema.name)
        wanted = [c for f in schema.fields for c in _columns_of(schema, f.name)]
        wanted += [f.settings["currency_field"] for f in schema.fields if "currency_field" in f.settings]
        wanted += [active_field(metadata), "write_date", *([KEY_FIELD] if holds_key(metadata) else [])]
        if schema.name in OWNED_BY:
            wanted += ["res_model" if "res_model" in metadata else "model", "res_id"]
        if schema.name == "ir.attachment":
            wanted = [*(c for c in wanted if c != "datas"), *_ATTACHMENT]
        return [c for c in dict.fromkeys(wanted) if c in metadata]

    def _lookups(self, schema: ObjectSchema, rows: Sequence[Row]) -> Lookups:
        kinds = {field.settings["odoo_type"] for field in schema.fields}
        has_address, has_money = "address" in kinds, "monetary" in kinds
        return Lookups(
            names=self.identity.names_of_all(referred(schema, rows)),
            currencies={i: c.code for i, c in self.tables.currencies.items()} if has_money else {},
            countries=self.tables.countries if has_address else {},
            states=self.tables.states if has_address else {},
            users=self._users([row["author_id"] for row in rows]) if "author" in kinds else {},
            products=self._products([row["product_id"] for row in rows]) if "variant" in kinds else {},
        )

    def _users(self, partners: Sequence[Any]) -> dict[int, str]:
        found = self.tables.users_of([partner for partner in partners if partner])
        names = self.identity.names_of("res.users", found.values())
        return {partner: names[user] for partner, user in found.items()}

    def _products(self, variants: Sequence[Any]) -> dict[int, str]:
        found = self.tables.templates_of([variant for variant in variants if variant])
        names = self.identity.names_of("product.template", found.values())
        return {variant: names[template] for variant, template in found.items()}

    def _files(self, schema: ObjectSchema, row: Row) -> dict[str, StoredFile | None]:
        values: dict[str, StoredFile | None] = {}
        for field in schema.fields:
            column = field.settings["column"]
            if field.settings["odoo_type"] != "binary":
                continue
            if schema.name == "ir.attachment" and column == "datas":
                values[field.name] = self.contents.attachment(row)
            elif column in row:
                read = self.contents.read
                values[field.name] = (
                    read(schema.name, row["id"], column, name=column) if row[column] else None
                )
        return values


def _content(row: Row, column: str) -> str:
    """What the external id field holds; `column`: the field by which records are archived."""
    mark, external_id = marks.split(row[KEY_FIELD])
    live = mark == marks.TRASH and row.get(column)
    return external_id if live else str(row[KEY_FIELD] or "")


def _columns_of(schema: ObjectSchema, name: str) -> tuple[str, ...]:
    """The columns that a field is read from and written to."""
    field = schema.field(name)
    if field is None:
        return ()
    if field.settings["odoo_type"] == "address":
        return ADDRESS_PARTS
    if field.settings["odoo_type"] == "owner":
        return (OWNED_BY[schema.name], "res_id")
    return (str(field.settings["column"]),)


def _image(schema: ObjectSchema, row: Row, files: Mapping[str, StoredFile | None]) -> dict[str, Any]:
    """What Odoo gives for every column that can be written back; files by their address in the store."""
    image: dict[str, Any] = {}
    for field in schema.fields:
        if field.settings["odoo_type"] == "binary":
            if field.name in files:
                image[field.settings["column"]] = image_of(files[field.name])
        elif not field.read_only:
            image |= {column: row[column] for column in _columns_of(schema, field.name) if column in row}
    for column in (KEY_FIELD, active_field(row)):
        if column in row:
            image[column] = row[column]
    return image
