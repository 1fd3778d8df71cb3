"""The schema of one database: standard models, and custom models and fields from their rows."""

from collections.abc import Mapping
from typing import Any

from crossdock_odoo.sandbox.catalog import Catalog, Field, Model, with_mixins
from crossdock_odoo.sandbox.environment import Database, Env
from crossdock_odoo.sandbox.registry import Values
from crossdock_odoo.sandbox.series import turn_into


def reread(db: Database) -> None:
    """Build the schema from the rows again, when a transaction that touched it failed."""
    if db.touched:
        load_schema(db)


def load_schema(db: Database) -> None:
    """Build the schema: standard models of the installed modules, then custom models and fields."""
    db.touched = False
    db.catalog = Catalog(db.installed())
    turn_into(db.catalog, db.version)
    settle(db)  # after a restart too the choices of a field are found by their reference to it
    for row in db.store.rows["ir.model"].values():
        if row.get("state") == "manual":
            add_model(db, row)
    for key, row in db.store.rows["ir.model.fields"].items():
        if row.get("state") == "manual":
            add_field(db, row | {"id": key})
    settle(db)


def settle(db: Database) -> None:
    """Drop amounts without currency (measured: such a field is no more), and index references."""
    for model in db.catalog.models.values():
        for item in [one for one in model.fields.values() if one.manual and one.type == "monetary"]:
            if item.currency_field not in model.fields:
                del model.fields[item.name]
    db.catalog.index()
    db.store.watch(db.catalog.watched())


def add_model(db: Database, row: Mapping[str, Any]) -> None:
    """Add the custom model that a row of `ir.model` describes."""
    name = str(row["model"])
    made = Model(name=name, label=str(row.get("name", "")), module="", manual=True)
    made.order, made.table = str(row.get("order") or "id"), name.replace(".", "_")
    made.thread, made.activity = bool(row.get("is_mail_thread")), bool(row.get("is_mail_activity"))
    made.rec_name = "x_name"
    with_mixins(made, thread=made.thread, activity=made.activity)
    db.catalog.models[name] = made


def add_field(db: Database, row: Mapping[str, Any]) -> None:
    """Add the custom field that a row of `ir.model.fields` (with its id) describes."""
    model = db.catalog.find(str(row["model"]))
    if model is not None:
        model.fields[str(row["name"])] = field_from(db, row)


def field_from(db: Database, row: Mapping[str, Any]) -> Field:
    """The field that a row of `ir.model.fields` describes."""
    kind, name, model = str(row["ttype"]), str(row["name"]), str(row["model"])
    related, compute = str(row.get("related") or ""), str(row.get("compute") or "")
    relation = str(row.get("relation") or "")
    item = Field(
        model=model,
        name=name,
        type=kind,
        string=str(row.get("field_description") or ""),
        required=bool(row.get("required")),
        readonly=bool(row.get("readonly")),
        store=bool(row.get("store", True)) and kind != "one2many",
        relation=relation,
        relation_field=str(row.get("relation_field") or "") if kind == "one2many" else "",
        related=related,
        currency_field=str(row.get("currency_field") or "currency_id") if kind == "monetary" else "",
        translate=bool(row.get("translate")),
        manual=True,
        ondelete=str(row.get("on_delete") or "set null") if kind == "many2one" else "",
        index=bool(row.get("index")),
        copied=bool(row.get("copied", True)),
        computed=bool(related or compute),
        compute=compute,
        depends=str(row.get("depends") or ""),
        tracking=int(row.get("tracking") or 0),
        size=int(row.get("size") or 0),
    )
    if kind == "many2many":
        item.table, item.column1, item.column2 = _table(row, model, relation)
    if kind in ("selection", "reference"):
        item.selection = selection_of(db, int(row["id"]))
    item.extra = (
        {"manual": True}
        | _hierarchy(db, item)
        | ({"depends": item.depends.split(",")} if item.depends else {})
    )
    return item


def _hierarchy(db: Database, item: Field) -> dict[str, Any]:
    """References to a model with parents may be asked for whole families."""
    beyond = db.catalog.find(item.relation)
    return {"allow_hierachy_operators": True} if beyond is not None and beyond.parent else {}


def _table(row: Mapping[str, Any], model: str, relation: str) -> tuple[str, str, str]:
    names = sorted([model.replace(".", "_"), relation.replace(".", "_")])
    first, second = model.replace(".", "_"), relation.replace(".", "_")
    table = row.get("relation_table") or f"x_{names[0]}_{names[1]}_rel"
    columns = ("id1", "id2") if first == second else (f"{first}_id", f"{second}_id")
    return str(table), str(row.get("column1") or columns[0]), str(row.get("column2") or columns[1])


def selection_of(db: Database, field_id: int) -> list[list[str]]:
    """The values of a selection field from their rows, in order."""
    store = db.store
    keys = store.referring("ir.model.fields.selection", "field_id", field_id)
    rows = sorted((store.rows["ir.model.fields.selection"][key] | {"id": key} for key in keys), key=_place)
    return [[str(row["value"]), str(row.get("name", ""))] for row in rows]


def _place(row: Mapping[str, Any]) -> tuple[int, int]:
    return int(row.get("sequence", 0)), int(row["id"])


def reflect(env: Env, model_id: int, name: str, item: Field) -> int:
    """Write the row of `ir.model.fields` of a field that is part of the code."""
    at = env.store.next_id("ir.model.fields")
    row: Values = {
        "name": name,
        "model": item.model,
        "model_id": model_id,
        "field_description": item.string,
        "ttype": item.type,
        "relation": item.relation or None,
        "relation_field": item.relation_field or None,
        "relation_table": item.table or None,
        "column1": item.column1 or None,
        "column2": item.column2 or None,
        "required": item.required,
        "readonly": item.readonly,
        "store": item.store or item.type == "one2many",
        "index": item.index,
        "copied": item.copied,
        "translate": item.translate,
        "on_delete": (item.ondelete or "set null") if item.type == "many2one" and item.store else None,
        "related": item.related or None,
        "depends": None,
        "tracking": item.tracking,
        "size": item.extra.get("size", 0),
        "state": "base",
        "currency_field": None,
    }
    env.store.put("ir.model.fields", at, row)
    return at


def item_of(env: Env, row: Mapping[str, Any]) -> Field | None:
    """The field of the schema that a row of `ir.model.fields` is about."""
    model = env.catalog.find(str(row.get("model")))
    return model.fields.get(str(row.get("name"))) if model else None
