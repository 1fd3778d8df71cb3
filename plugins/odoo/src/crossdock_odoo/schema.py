"""Odoo's metadata to object schemas.

`settings` of a field: `odoo_type` (Odoo's type, or `owner`, `author`, `variant`, `address` for the fields
that this plugin adds), `column` (the field that is read and written; for an address the first of several),
`relation` (the model that a reference leads to), `currency_field`, `digits` (decimal places), `stored`.
`settings` of an object: `trash` (whether its records can be archived), `manual` (made through the interface).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, ObjectSchema, Option
from crossdock.values import Money
from crossdock_odoo.answers import RefusalError, RightsError
from crossdock_odoo.client import OdooClient, Row
from crossdock_odoo.objects import (
    ADDRESS_PARTS,
    EMAILS,
    FILLED,
    HIDDEN,
    KEPT_THOUGH_READ_ONLY,
    KEY_FIELD,
    LINKS,
    LOADABLE,
    MATCH_ONLY,
    OF_PRODUCTS,
    OWNED_BY,
    PHONES,
    PLAIN_TEXT,
    REQUIRED,
    SUPPRESSED,
    UNIQUE,
    UNSTORED,
    WITH_ADDRESS,
    active_field,
    is_loadable,
    owner_field,
)

CANONICAL: dict[str, FieldType] = {
    "char": FieldType.TEXT,
    "text": FieldType.TEXT,
    "html": FieldType.HTML,
    "integer": FieldType.INTEGER,
    "float": FieldType.DECIMAL,
    "monetary": FieldType.MONEY,
    "boolean": FieldType.BOOLEAN,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "selection": FieldType.SELECT,
    "many2one": FieldType.REFERENCE,
    "many2many": FieldType.REFERENCE,
    "many2one_reference": FieldType.INTEGER,
    "binary": FieldType.FILE,
    "json": FieldType.JSON,
    "reference": FieldType.TEXT,
}
"""Odoo type -> canonical type. one2many is loaded from its other end; properties break reads (measured)."""

_ATTRIBUTES = (
    "type",
    "string",
    "required",
    "readonly",
    "store",
    "relation",
    "selection",
    "currency_field",
    "digits",
    "manual",
    "depends",
    "company_dependent",
)
_ALWAYS_READ_ONLY = frozenset(
    {
        "id",
        "create_date",
        "create_uid",
        "write_date",
        "write_uid",
        "display_name",
        "res_model",
        "res_model_id",
    }
)
BLANK: dict[str, Any] = {"boolean": False, "integer": 0, "float": Decimal(0), "monetary": Money(Decimal(0))}
_MODELS = ("model", "name", "state")
# Selections of whatever models there are: they change with every model that is provisioned (measured).
_MODEL_NAMES = frozenset({"res_model", "model"})


class Schemas:
    """Schemas of one database, read when they are first asked for."""

    def __init__(self, client: OdooClient) -> None:
        self._client = client
        self._models: dict[str, Row] | None = None
        self._metadata: dict[str, dict[str, Row]] = {}
        self._schemas: dict[str, ObjectSchema] = {}

    def refresh(self) -> None:
        """Forget everything: the schema was changed."""
        self._models = None
        self._metadata.clear()
        self._schemas.clear()

    def names(self) -> tuple[str, ...]:
        """The models that are there and can be loaded or matched, own ones (`x_`) last."""
        return tuple(self.models())

    def models(self) -> dict[str, Row]:
        """By model name `model`, `name` (the label) and `state` (base or manual) of what `names` gives.

        A key that may not read the list of models finds no own ones, and asks for each standard one.
        """
        if self._models is None:
            known = ["|", ["model", "in", list(LOADABLE)], ["model", "=like", "x\\_%"]]
            try:
                rows = self._client.search_read("ir.model", [*known, ["transient", "=", False]], _MODELS)
            except RightsError:
                rows = [{"model": m, "name": m, "state": "base"} for m in LOADABLE if self._is_there(m)]
            by_name = {row["model"]: row for row in rows}
            own = sorted(name for name in by_name if name not in LOADABLE)
            self._models = {name: by_name[name] for name in (*LOADABLE, *own) if name in by_name}
        return self._models

    def metadata(self, model: str) -> dict[str, Row]:
        """Odoo's own metadata of the fields of any model. Raises RefusalError for one that is not there."""
        if model not in self._metadata:
            self._metadata[model] = self._client.fields_get(model, _ATTRIBUTES)
        return self._metadata[model]

    def schema(self, name: str) -> ObjectSchema:
        """The schema of a model, without count and rights. Raises ConfigError for one that is not there."""
        if name not in self._schemas:
            if name not in self.models():
                self.refresh()
            if name not in self.models():
                raise ConfigError(
                    f"Odoo has no model {name!r} that can be loaded.",
                    hint="Run provision first, install its module, or correct the mapping.",
                )
            self._schemas[name] = object_schema(
                self.models()[name], self.metadata(name), self.names(), self._defaults(name)
            )
        return self._schemas[name]

    def _defaults(self, model: str) -> frozenset[str]:
        """The fields that the server gives a value of its own when a create leaves them out."""
        names = [n for n, raw in self.metadata(model).items() if raw["type"] in CANONICAL]
        try:
            found = self._client.call(model, "default_get", safe=True, fields=names)
        except RefusalError:
            return frozenset()  # some models cannot say without a context; `filled` is then not known
        return frozenset(name for name, value in found.items() if value not in (False, None, [], ""))

    def _is_there(self, model: str) -> bool:
        try:
            self.metadata(model)
        except RefusalError:
            return False
        return True


def object_schema(
    model: Mapping[str, Any],
    metadata: Mapping[str, Row],
    loadable: Sequence[str],
    defaults: frozenset[str] = frozenset(),
    *,
    count: int | None = None,
    match_only: bool | None = None,
) -> ObjectSchema:
    """A model's schema from its row in `ir.model`, its `fields_get`, and the names of all objects."""
    name = str(model["model"])
    # A currency is set along with the amount that it belongs to.
    filled = defaults | {str(raw["currency_field"]) for raw in metadata.values() if raw.get("currency_field")}
    fields = [_field(name, c, raw, filled) for c, raw in metadata.items() if _is_kept(name, c, raw)]
    fields += _added(name, metadata, loadable)
    return ObjectSchema(
        name=name,
        fields=tuple(sorted(fields, key=lambda field: field.name)),
        label=str(model.get("name") or name),
        label_plural=str(model.get("name") or name),
        count=count,
        custom=model.get("state") == "manual",
        match_only=name in MATCH_ONLY if match_only is None else match_only,
        settings={"trash": bool(active_field(metadata)), "manual": model.get("state") == "manual"},
    )


def _is_kept(model: str, column: str, raw: Row) -> bool:
    if raw["type"] not in CANONICAL or column in HIDDEN:
        return False
    if not raw.get("store") and column not in UNSTORED.get(model, ()):
        return column == "display_name" or bool(raw.get("manual") and column != KEY_FIELD)
    # Smaller copies of a picture, and pictures that stand for a missing one.
    return not (raw["type"] == "binary" and raw.get("readonly"))


def _field(model: str, column: str, raw: Row, defaults: Iterable[str]) -> FieldSchema:
    odoo_type = str(raw["type"])
    read_only = _is_read_only(model, column, raw)
    depends = bool(raw.get("depends")) and column not in UNSTORED.get(model, ())
    return FieldSchema(
        name=column,
        type=_canonical(model, column, odoo_type),
        label=str(raw.get("string") or column),
        required=(bool(raw.get("required")) or column in REQUIRED.get(model, ())) and not read_only,
        unique=column in UNIQUE.get(model, ()),
        read_only=read_only,
        multiple=odoo_type == "many2many",
        custom=bool(raw.get("manual")),
        filled=_is_filled(model, column, by_itself=depends or column in defaults),
        options=() if column in _MODEL_NAMES else _options(raw),
        references=(str(raw["relation"]),) if odoo_type in ("many2one", "many2many") else (),
        blank=BLANK.get(odoo_type),
        settings=_settings(column, raw),
    )


def _is_filled(model: str, column: str, *, by_itself: bool) -> bool:
    if column in SUPPRESSED.get(model, ()):
        return False
    return by_itself or column in FILLED.get(model, ())


def _settings(column: str, raw: Row) -> dict[str, Any]:
    settings = {"odoo_type": raw["type"], "column": column, "stored": bool(raw.get("store"))}
    if raw["type"] in ("many2one", "many2many"):
        settings["relation"] = raw["relation"]
    if raw["type"] == "monetary":
        settings["currency_field"] = raw.get("currency_field") or "currency_id"
    if raw.get("digits"):
        settings["digits"] = int(raw["digits"][1])
    return settings


def _canonical(model: str, column: str, odoo_type: str) -> FieldType:
    if odoo_type != "char" or column in PLAIN_TEXT.get(model, ()):
        return CANONICAL[odoo_type]
    if column in EMAILS:
        return FieldType.EMAIL
    if column in PHONES:
        return FieldType.PHONE
    return FieldType.LINK if column in LINKS else FieldType.TEXT


def _is_read_only(model: str, column: str, raw: Row) -> bool:
    if column in KEPT_THOUGH_READ_ONLY.get(model, ()):
        return False
    if column in _ALWAYS_READ_ONLY or raw["type"] in ("reference", "many2one_reference"):
        return True
    if model == "mail.message" and column == "model":
        return True
    if model in WITH_ADDRESS and column in ADDRESS_PARTS:
        return True
    return bool(raw.get("readonly"))


def _options(raw: Row) -> tuple[Option, ...]:
    found = raw.get("selection")
    if raw["type"] != "selection" or not isinstance(found, list):
        return ()
    return tuple(Option(str(value), str(label)) for value, label in found)


def _added(model: str, metadata: Mapping[str, Row], loadable: Sequence[str]) -> Iterator[FieldSchema]:
    """The fields that this plugin adds: links to an owner of any model, the author as a user, a product by
    its template, an address."""
    if model in OWNED_BY:
        for owner in loadable:
            settings = {"odoo_type": "owner", "column": "res_id", "relation": owner, "stored": True}
            yield FieldSchema(
                owner_field(owner), FieldType.REFERENCE, owner, references=(owner,), settings=settings
            )
    if model == "mail.message" and "author_id" in metadata:
        settings = {"odoo_type": "author", "column": "author_id", "relation": "res.users", "stored": True}
        yield FieldSchema(
            "author", FieldType.REFERENCE, "Author", filled=True, references=("res.users",), settings=settings
        )
    if model in OF_PRODUCTS and "product_id" in metadata:
        template = "product.template"
        settings = {"odoo_type": "variant", "column": "product_id", "relation": template, "stored": True}
        yield FieldSchema(
            "product", FieldType.REFERENCE, "Product", references=(template,), settings=settings
        )
    if model in WITH_ADDRESS and set(ADDRESS_PARTS) <= set(metadata):
        settings = {"odoo_type": "address", "column": ADDRESS_PARTS[0], "stored": True}
        yield FieldSchema("address", FieldType.ADDRESS, "Address", filled=True, settings=settings)


__all__ = ["CANONICAL", "Schemas", "is_loadable", "object_schema"]
