"""What has to be added to a database so that it can hold the wanted objects. No I/O.

A wanted name is used as it is: `naming` made it, or a person wrote it. One that Odoo would refuse is a fault
that names a good one. A wanted field that exists is left alone if its type fits, and is a fault otherwise: a
type cannot be changed (measured on 18.0). The plan of a dry run and of a run are the same thing.

Every call that touches the schema makes the server build it anew (0.3 to 2.5 s, measured), so additions are
made in few calls: new models with their fields, then the fields of models that are there and the references
to new models, then choices.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Literal

from crossdock.errors import MappingError
from crossdock.fieldtypes import FieldType
from crossdock.model import Change, ChangeKind, FieldSchema, ObjectSchema, Option
from crossdock_odoo.naming import (
    ACTIVE_FIELD,
    NAME_FIELD,
    Kind,
    OptionNaming,
    currency_field,
    is_legal,
    name_for,
    options_for,
    relation_table,
)
from crossdock_odoo.objects import KEY_FIELD, KEY_LABEL, MATCH_ONLY

HEIRS: Mapping[str, str] = {"res.partner": "res.users", "product.template": "product.product"}
"""A model and the one that inherits its fields by delegation.

The heir shows a new field of the other as its own, and then cannot be given one of that name (measured on
18.0): so it gets its key first.
"""
_SINGLE: dict[FieldType, str] = {
    FieldType.TEXT: "char",
    FieldType.HTML: "html",
    FieldType.MARKDOWN: "text",
    FieldType.INTEGER: "integer",
    FieldType.DECIMAL: "float",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.DATETIME: "datetime",
    FieldType.MONEY: "monetary",
    FieldType.EMAIL: "char",
    FieldType.PHONE: "char",
    FieldType.LINK: "char",
    FieldType.UUID: "char",
    FieldType.SELECT: "selection",
    FieldType.REFERENCE: "many2one",
    FieldType.FILE: "binary",
    FieldType.JSON: "json",
}
# A field of the right-hand side is not what was wanted when it is read back; text does as well, and shows.
PROVISIONABLE = frozenset(_SINGLE) - {
    FieldType.EMAIL,
    FieldType.PHONE,
    FieldType.LINK,
    FieldType.UUID,
    FieldType.JSON,
}
"""The types that are of the same type when they are read back, and that people see."""
PROVISIONABLE_SEVERAL = frozenset({FieldType.REFERENCE})
"""Those of which one field holds several values."""

# An existing field of another type that can hold the wanted values all the same.
_FITS: dict[str, frozenset[str]] = {
    "char": frozenset({"text"}),
    "text": frozenset({"char", "html"}),
    "integer": frozenset({"float"}),
    "date": frozenset({"datetime"}),
    "monetary": frozenset({"float"}),
}
_RELATIONS = frozenset({"many2one", "many2many"})
_KEY_REASON = "holds the source key, so that this project's records are found without the ledger"
_HEIR_REASON = "a user or variant shows the fields of what it belongs to, and needs a key of its own"
_MODEL_REASON = (
    "with a list, a form and a menu entry; every internal user may read, create and change its records"
)

Fields = Mapping[str, Mapping[str, Any]]
"""The fields of a model as `fields_get` gives them: type, relation, related, manual, readonly, selection."""


@dataclass(slots=True)
class Addition:
    """What is added to one model: the changes it stands for, and the rows to create, one for each change.

    kind model: a new model, which is the first change and has no row; `rows` are its fields. kind fields:
    fields of an existing model. kind options: values of one selection field (`field_name`). `object`: what
    was wanted, of a new model.
    """

    kind: Literal["model", "fields", "options"]
    target: str
    changes: list[Change] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    object: ObjectSchema | None = None
    field_name: str = ""

    def parts(self) -> list["Addition"]:
        """The same in additions of one change each: a new model without fields first."""
        first, rest = [], self.changes
        if self.kind == "model":
            first, rest = [Addition("model", self.target, self.changes[:1], object=self.object)], rest[1:]
        kind: Literal["fields", "options"] = "options" if self.kind == "options" else "fields"
        each = zip(rest, self.rows, strict=True)
        return [*first, *(Addition(kind, self.target, [c], [r], None, self.field_name) for c, r in each)]


@dataclass(slots=True)
class Plan:
    """Additions in the order in which they have to be made: models, fields and relations, options."""

    models: list[Addition] = field(default_factory=list)
    fields: list[Addition] = field(default_factory=list)
    options: list[Addition] = field(default_factory=list)
    relations: list[Addition] = field(default_factory=list)

    def __iter__(self) -> Iterator[Addition]:
        return chain.from_iterable(self.calls())

    def calls(self) -> list[list[Addition]]:
        """The additions in stretches of one kind, each of which one call can make.

        Heirs come before what they inherit from, see `HEIRS`.
        """
        fields = [*self.fields, *self.relations]
        heirs = [one for one in fields if one.target in HEIRS.values()]
        others = [one for one in fields if one.target not in HEIRS.values()]
        return [part for part in (self.models, heirs, others, self.options) if part]


def odoo_type(wanted: FieldSchema) -> str | None:
    """The Odoo field type for a canonical field, None if the platform has none."""
    if wanted.type is FieldType.REFERENCE:
        if wanted.multiple:
            return "many2many"
        return "many2one" if len(wanted.references) == 1 else None
    if wanted.multiple:
        return None
    if wanted.type is FieldType.SELECT and not wanted.options:
        return "char"  # nobody knows the choices: a selection without values takes none
    return _SINGLE.get(wanted.type)


class Planner:
    """Compares wanted objects with what is there. Raises MappingError with every conflict at once.

    `held`: the fields of every model that exists among the wanted ones, those that they refer to, and
    the heirs of the wanted ones.
    """

    def __init__(self, held: Mapping[str, Fields]) -> None:
        self._held = held
        self._new: set[str] = set()
        self._unasked: set[str] = set()
        self._problems: list[str] = []
        self._plan = Plan()
        self._additions: dict[tuple[str, str], Addition] = {}

    def plan(self, wanted: Sequence[ObjectSchema]) -> Plan:
        """The additions that `wanted` needs."""
        ordered = self._heirs_first(wanted)
        for item in ordered:
            self._object(item)
        for item in ordered:
            for one in item.fields:
                if one.name != KEY_FIELD:
                    self._field(item.name, one)
            self._key(item.name)
        if self._problems:
            raise MappingError(
                "Odoo cannot hold what the mapping wants.",
                problems=self._problems,
                hint="Choose other names or types in the mapping.",
            )
        return self._plan

    def _heirs_first(self, wanted: Sequence[ObjectSchema]) -> list[ObjectSchema]:
        """The wanted objects, and the heirs of those that get a key, which have to get theirs before."""
        names = {item.name for item in wanted}
        for name in names & HEIRS.keys():
            heir, has_key = HEIRS[name], KEY_FIELD in self._held.get(name, {})
            if heir in self._held and heir not in names and not has_key:
                self._unasked.add(heir)
        more = [ObjectSchema(heir, ()) for heir in sorted(self._unasked)]
        return sorted([*more, *wanted], key=lambda item: item.name not in HEIRS.values())

    def _object(self, item: ObjectSchema) -> None:
        if item.name in self._held:
            return
        if not is_legal(item.name, "object"):
            self._problems.append(
                f"object {item.name}: Odoo has no such model, perhaps because its app is not installed;"
                f" a new one could be called {_suggested(item.name, 'object')}"
            )
            return
        self._new.add(item.name)
        label = item.label or item.name
        undo = {"object": item.name}
        change = Change(
            ChangeKind.OBJECT, f"object:{item.name}", item.name, item.name, label, _MODEL_REASON, undo
        )
        addition = Addition("model", item.name, [change], object=item)
        self._additions["model", item.name] = addition
        self._plan.models.append(addition)

    def _key(self, target: str) -> None:
        if target in MATCH_ONLY or (target not in self._held and target not in self._new):
            return
        held = self._held.get(target, {}).get(KEY_FIELD)
        if held is not None and held.get("related"):
            self._problems.append(
                f"{target}.{KEY_FIELD}: shows the key of {held['related']} and cannot be given its own;"
                " delete that field in the settings of Odoo if no record needs it any more"
            )
        elif held is None:
            addition = self._addition("fields", target)
            row = _row(FieldSchema(KEY_FIELD, FieldType.TEXT, KEY_LABEL), "char")
            # A copy that a person makes of a record is not this project's.
            addition.rows.append(row | {"index": True, "copied": False})
            reason = _HEIR_REASON if target in self._unasked else _KEY_REASON
            addition.changes.append(_change(ChangeKind.FIELD, target, KEY_FIELD, KEY_LABEL, reason))

    def _field(self, target: str, wanted: FieldSchema) -> None:
        if target not in self._held and target not in self._new:
            return  # said already
        shown, kind = f"{target}.{wanted.name}", odoo_type(wanted)
        held = self._held.get(target, {}).get(wanted.name)
        if kind is None:
            several = "several values of " if wanted.multiple else ""
            self._problems.append(f"{shown}: Odoo has no field for {several}type {wanted.type}")
        elif target in self._new and wanted.name in (NAME_FIELD, ACTIVE_FIELD):
            automatic = "char" if wanted.name == NAME_FIELD else "boolean"
            if kind != automatic:
                self._problems.append(f"{shown}: every new model has a {automatic} field of that name")
        elif held is not None:
            self._existing(target, wanted, kind, held)
        elif not is_legal(wanted.name):
            self._problems.append(
                f"{shown}: Odoo has no such field, and a new one needs a name that begins with x_ and holds"
                f" lower-case letters, digits and underscores, like {_suggested(wanted.name, 'field')}"
            )
        else:
            self._add(target, wanted, kind)

    def _existing(self, target: str, wanted: FieldSchema, kind: str, held: Mapping[str, Any]) -> None:
        shown, type_ = f"{target}.{wanted.name}", held["type"]
        if type_ != kind and type_ not in _FITS.get(kind, ()):
            self._problems.append(f"{shown}: is {type_} there, and the mapping wants {kind}")
        elif held.get("readonly") and not held.get("manual"):
            self._problems.append(f"{shown}: cannot be written")
        elif kind in _RELATIONS and {held.get("relation")} != set(wanted.references):
            wishes = ", ".join(wanted.references) or "nothing"
            self._problems.append(f"{shown}: points to {held.get('relation')}, not to {wishes}")
        elif kind == "selection":
            self._missing_options(target, wanted, held)

    def _missing_options(self, target: str, wanted: FieldSchema, held: Mapping[str, Any]) -> None:
        choices = [str(value) for value, _ in held.get("selection") or ()]
        missing = [n for n in options_for(wanted.options) if n.option.value not in choices]
        if not missing:
            return
        if not held.get("manual"):
            names = ", ".join(n.option.value for n in missing)
            self._problems.append(
                f"{target}.{wanted.name}: the choices of a standard field cannot be extended ({names});"
                f" translate them with `values:` into one of {', '.join(choices)}"
            )
            return
        addition = Addition("options", target, field_name=wanted.name)
        for position, naming in enumerate(missing, start=len(choices)):
            addition.rows.append(_option(naming.option, position))
            addition.changes.append(_option_change(target, wanted.name, naming))
        self._plan.options.append(addition)

    def _add(self, target: str, wanted: FieldSchema, kind: str) -> None:
        unknown = [r for r in wanted.references if r not in self._held and r not in self._new]
        if kind in _RELATIONS and (unknown or len(wanted.references) != 1):
            where = ", ".join(unknown or wanted.references) or "nothing"
            self._problems.append(
                f"{target}.{wanted.name}: points to {where}, which is not one model that is there"
            )
            return
        late = kind in _RELATIONS and bool(set(wanted.references) & (self._new - {target}))
        addition = self._addition("relations" if late else "fields", target)
        reason = "; ".join(
            f"option {n.wanted.value!r}: {n.reason}" for n in options_for(wanted.options) if n.reason
        )
        if kind == "monetary":
            self._add_currency(target, wanted, addition)
        addition.rows.append(_row(wanted, kind, target))
        what = ChangeKind.RELATION if kind in _RELATIONS else ChangeKind.FIELD
        addition.changes.append(_change(what, target, wanted.name, wanted.label or wanted.name, reason))

    def _add_currency(self, target: str, wanted: FieldSchema, addition: Addition) -> None:
        """The field beside an amount that says its currency; each amount has its own."""
        name = currency_field(wanted.name)
        label = f"{wanted.label or wanted.name}: currency"
        if name in self._held.get(target, {}) or any(row["name"] == name for row in addition.rows):
            return
        one = FieldSchema(name, FieldType.REFERENCE, label, references=("res.currency",))
        addition.rows.append(_row(one, "many2one", target))
        reason = f"the currency of {wanted.name}"
        addition.changes.append(_change(ChangeKind.FIELD, target, name, label, reason))

    def _addition(self, stage: Literal["fields", "relations"], target: str) -> Addition:
        """The addition that a field goes into: that of its new model, or the one for this model."""
        if stage == "fields" and target in self._new:
            return self._additions["model", target]
        if (stage, target) not in self._additions:
            addition = self._additions[stage, target] = Addition("fields", target)
            (self._plan.fields if stage == "fields" else self._plan.relations).append(addition)
        return self._additions[stage, target]


def needed(wanted: Iterable[ObjectSchema]) -> list[str]:
    """The names of the models that a plan has to know of."""
    names: dict[str, None] = {}
    for item in wanted:
        references = [name for one in item.fields for name in one.references]
        names.update(dict.fromkeys([item.name, HEIRS.get(item.name, ""), *references]))
        if any(one.type is FieldType.MONEY for one in item.fields):
            names["res.currency"] = None
    return [name for name in names if name]


def _suggested(name: str, kind: Kind) -> str:
    return name_for(name, kind=kind).name


def _change(kind: ChangeKind, target: str, name: str, label: str, reason: str) -> Change:
    undo = {"object": target, "field": name}
    return Change(kind, f"{kind.value}:{target}.{name}", target, name, label, reason, undo)


def _option_change(target: str, name: str, naming: OptionNaming) -> Change:
    value = naming.option.value
    return Change(
        ChangeKind.OPTION,
        f"option:{target}.{name}.{value}",
        target,
        value,
        naming.option.label,
        naming.reason,
        {"object": target, "field": name, "value": value},
    )


def _option(option: Option, position: int) -> dict[str, Any]:
    return {"value": option.value, "name": option.label, "sequence": position}


def _row(wanted: FieldSchema, kind: str, target: str = "") -> dict[str, Any]:
    """What `ir.model.fields` is given for a field, but for its model."""
    label = (wanted.label or wanted.name).replace("\x00", "")
    row: dict[str, Any] = {"name": wanted.name, "ttype": kind, "field_description": label}
    if kind == "selection":
        options = (naming.option for naming in options_for(wanted.options))
        row["selection_ids"] = [[0, 0, _option(option, n)] for n, option in enumerate(options)]
    elif kind == "monetary":
        row["currency_field"] = currency_field(wanted.name)
    elif kind == "many2one":
        row |= {"relation": wanted.references[0], "on_delete": "set null"}
    elif kind == "many2many":
        table = relation_table(target, wanted.name)
        row |= {
            "relation": wanted.references[0],
            "relation_table": table,
            "column1": "id1",
            "column2": "id2",
        }
    return row
