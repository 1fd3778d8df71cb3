"""The schema: models and fields, standard ones from `models/*.json`, custom ones from `ir.model.fields`.

The data files are measured on 18.0 (names, types, labels, constraints; help texts are left out). Only what
differs from a default is written there; `Field.attributes` gives the rest as the server does.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

RELATIONAL = frozenset({"many2one", "one2many", "many2many"})
TEXTUAL = frozenset({"char", "text", "html"})
MANY = frozenset({"one2many", "many2many"})
MAGIC = ("id", "display_name", "create_uid", "create_date", "write_uid", "write_date")
AUTOMATIC = frozenset({"create_uid", "create_date", "write_uid", "write_date"})
_UNGROUPED = MANY | {"binary", "html", "json", "properties", "properties_definition", "serialized", "text"}
_OWN = {
    "type",
    "string",
    "required",
    "readonly",
    "store",
    "relation",
    "relation_field",
    "selection",
    "related",
    "currency_field",
    "groups",
    "translate",
}
_SERVER = {
    "ondelete",
    "table",
    "column1",
    "column2",
    "module",
    "index",
    "copied",
    "computed",
    "default",
    "tracking",
}


@dataclass(slots=True)
class Field:
    """One field. `extra` holds the rarer attributes of fields_get by name."""

    model: str
    name: str
    type: str
    string: str
    required: bool = False
    readonly: bool = False
    store: bool = True
    relation: str = ""
    relation_field: str = ""
    selection: list[list[str]] | None = None
    related: str = ""
    currency_field: str = ""
    groups: str = ""
    translate: bool = False
    manual: bool = False
    inherited: bool = False
    hidden: bool = False
    """Kept under this name inside only; for clients there is no such field."""
    ondelete: str = ""
    table: str = ""
    column1: str = ""
    column2: str = ""
    module: str = ""
    index: bool = False
    copied: bool = True
    computed: bool = False
    compute: str = ""
    depends: str = ""
    default: Any = None
    tracking: int = 0
    size: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def many(self) -> bool:
        """Whether it holds several records."""
        return self.type in MANY

    @property
    def relational(self) -> bool:
        """Whether it refers to records."""
        return self.type in RELATIONAL

    @property
    def values(self) -> list[str]:
        """The values of a selection."""
        return [value for value, _ in self.selection or ()]

    def attributes(self) -> dict[str, Any]:
        """What fields_get says of it, all attributes that the server gives."""
        found: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "string": self.string,
            "required": self.required,
            "readonly": self.readonly,
            "store": self.store,
            "manual": self.manual,
            "depends": [],
            "change_default": False,
            "company_dependent": False,
            "default_export_compatible": False,
            "exportable": True,
            "searchable": True,
            "sortable": self.store and not self.many,
            "groupable": self.store and self.type not in _UNGROUPED,
        }
        found |= _typed(self)
        found |= {name: getattr(self, name) for name in ("related", "groups") if getattr(self, name)}
        found |= self.extra
        return {name: value for name, value in found.items() if value is not None}


def _typed(item: Field) -> dict[str, Any]:
    if item.relational:
        found: dict[str, Any] = {"relation": item.relation, "context": {}, "domain": []}
        return found | ({"relation_field": item.relation_field} if item.relation_field else {})
    found = {}
    if item.type in TEXTUAL:
        found["translate"] = item.translate
    match item.type:
        case "char":
            found["trim"] = True
        case "html":
            found |= {"sanitize": True, "sanitize_tags": True, "sanitize_attributes": True}
            found |= {"sanitize_style": False, "strip_style": False, "strip_classes": False}
        case "binary":
            found["attachment"] = True
        case "monetary":
            found["currency_field"] = item.currency_field
            found["aggregator"] = "sum"
        case "integer" | "float":
            found["aggregator"] = "sum"
        case "selection":
            found["selection"] = item.selection or []
    return found


@dataclass(slots=True)
class Model:
    """One model. `inherits` maps the parent model to the field that leads to it."""

    name: str
    label: str
    module: str = "base"
    modules: str = ""
    order: str = "id"
    rec_name: str = "name"
    searched: list[str] = field(default_factory=list)
    parent: str = ""
    inherits: dict[str, str] = field(default_factory=dict)
    table: str = ""
    thread: bool = False
    activity: bool = False
    manual: bool = False
    transient: bool = False
    constraints: list[list[str]] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)

    def field(self, name: str) -> Field | None:
        """The field of this name, if there is one."""
        return self.fields.get(name)

    @property
    def described(self) -> str:
        """The model in messages: label and name."""
        return f"{self.label} ({self.name})"


class Catalog:
    """All models of one database; custom models and fields are added and taken away."""

    def __init__(self, modules: frozenset[str] | None = None) -> None:
        self.models: dict[str, Model] = {}
        for name, entry in _documents().items():
            if modules is None or entry.get("module", "base") in modules:
                self.models[name] = _standard(name, entry, modules)
        for model in self.models.values():
            _inherit(self, model)
        self.references: dict[str, list[Field]] = {}
        self.index()

    def index(self) -> None:
        """Note by target model which stored many2one and many2many fields lead there."""
        self.references = {}
        for model in self.models.values():
            for item in model.fields.values():
                if item.store and item.type in ("many2one", "many2many"):
                    self.references.setdefault(item.relation, []).append(item)

    def watched(self) -> dict[str, tuple[str, ...]]:
        """By model the fields to look rows up by: references, indexed texts, and some names."""
        found = {}
        for model in self.models.values():
            found[model.name] = tuple(item.name for item in model.fields.values() if _looked_up(item))
        return found

    def find(self, name: str) -> Model | None:
        """The model of this name, if there is one."""
        return self.models.get(name)

    def twin(self, item: Field) -> Field | None:
        """The other end of a many2many field that shares its table."""
        for other in self.models[item.relation].fields.values() if item.relation in self.models else ():
            same = other.type == "many2many" and other.store and other.table == item.table
            if same and other.column1 == item.column2 and other is not item:
                return other
        return None


_NAMES = frozenset(
    {("ir.model.data", "name"), ("ir.model", "model"), ("ir.model.fields", "model"), ("res.users", "login")}
    | {("crm.tag", "name"), ("project.tags", "name"), ("ir.config_parameter", "key")}
)


def _looked_up(item: Field) -> bool:
    if not item.store or item.type in ("one2many", "binary"):
        return False
    reference = item.type in ("many2one", "many2many", "many2one_reference")
    return reference or (item.model, item.name) in _NAMES or (item.type == "char" and item.index)


def _standard(name: str, entry: Mapping[str, Any], modules: frozenset[str] | None) -> Model:
    mixins = entry.get("mixins", [])
    module = entry.get("module", "base")
    made = Model(
        name=name,
        label=entry["label"],
        module=module,
        modules=entry.get("modules", module),
        order=entry.get("order", "id"),
        rec_name=entry.get("rec_name", "name"),
        searched=entry.get("searched", []),
        parent=entry.get("parent", ""),
        inherits=entry.get("inherits", {}),
        table=entry.get("table", name.replace(".", "_")),
        thread="thread" in mixins,
        activity="activity" in mixins,
        transient=entry.get("transient", False),
        constraints=entry.get("constraints", []),
    )
    listed: dict[str, Any] = {}
    for mixin in ("base", *mixins):
        listed |= _mixins()[mixin]
    listed |= entry["fields"]
    for key, shape in listed.items():
        if shape is None or (modules is not None and shape.get("module", module) not in modules):
            continue
        made.fields[key] = field_of(name, key, shape, module)
    return made


def field_of(model: str, name: str, shape: Mapping[str, Any], module: str) -> Field:
    """A field from its short form in a data file."""
    own = {key: value for key, value in shape.items() if key in _OWN | _SERVER}
    extra = {key: value for key, value in shape.items() if key not in _OWN | _SERVER}
    if own.get("selection") == "@tz":
        own["selection"] = zones()
    return Field(**({"model": model, "name": name, "module": module, "extra": extra} | own))


def with_mixins(model: Model, *, thread: bool, activity: bool) -> None:
    """Give a custom model the fields of conversation and activities."""
    for mixin in ["base", *["thread"] * thread, *["activity"] * activity]:
        for key, shape in _mixins()[mixin].items():
            model.fields[key] = field_of(model.name, key, shape, "")


def _inherit(catalog: Catalog, model: Model) -> None:
    for parent, through in model.inherits.items():
        if parent not in catalog.models:
            continue
        for key, item in catalog.models[parent].fields.items():
            if key in model.fields or key in MAGIC:
                continue
            made = copy(item)
            made.extra = dict(item.extra)
            made.model, made.inherited, made.store = model.name, True, False
            made.related, made.computed = f"{through}.{key}", True
            made.extra |= _inherited_extra(item, made.related)
            made.relation_field = ""
            # Measured: the server shows the defaults of an alias as read-only where they are inherited.
            made.readonly = made.readonly or key == "alias_defaults"
            model.fields[key] = made


def _inherited_extra(item: Field, path: str) -> dict[str, Any]:
    """The attributes in which an inherited field is not like the one that it shows."""
    seen = item.attributes()
    found: dict[str, Any] = {"depends": [path], "change_default": False, "default_export_compatible": False}
    through = bool(item.related and not item.store and not item.related.startswith("activity_ids"))
    found["groupable"] = (seen["groupable"] and item.store) or (through and item.type != "binary")
    found["sortable"] = (seen["sortable"] and item.type != "binary") or through
    found |= {"attachment": False} if item.type == "binary" else {}
    # A domain in words of the parent model is of no use here.
    found |= {"domain": None} if isinstance(seen.get("domain"), str) else {}
    return found | ({"allow_hierachy_operators": None} if "allow_hierachy_operators" in seen else {})


@cache
def _documents() -> dict[str, Any]:
    """The standard models of all data files, in the order of files and entries."""
    found: dict[str, Any] = {}
    folder = files("crossdock_odoo.sandbox") / "models"
    for path in sorted(
        (path for path in folder.iterdir() if path.name.endswith(".json")), key=lambda p: p.name
    ):
        if path.name != "mixins.json":
            found |= orjson.loads(path.read_bytes())
    return found


@cache
def _mixins() -> dict[str, Any]:
    content = (files("crossdock_odoo.sandbox") / "models" / "mixins.json").read_bytes()
    return dict(orjson.loads(content))


@cache
def zones() -> list[list[str]]:
    """The time zones that a selection offers."""
    content = (files("crossdock_odoo.sandbox") / "models" / "zones.txt").read_text()
    return [[name, name] for name in content.split()]
