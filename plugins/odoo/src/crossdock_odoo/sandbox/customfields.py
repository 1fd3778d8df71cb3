"""Custom fields: what creating, changing and removing rows of `ir.model.fields` does (measured)."""

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

from crossdock_odoo.sandbox import records
from crossdock_odoo.sandbox.catalog import Field
from crossdock_odoo.sandbox.dependents import check_removable
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import PythonError, UserError, ValidationError
from crossdock_odoo.sandbox.registry import RULES, Ids, Rules, Values
from crossdock_odoo.sandbox.schema import add_field, item_of, selection_of, settle

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}")


def _creating_field(env: Env, vals: Values) -> None:
    model = env.row("ir.model", int(vals.get("model_id") or 0))
    vals["model"] = model.get("model")
    vals["state"] = "manual"
    env.db.touched = True
    for name, value in (("store", True), ("copied", vals.get("ttype") != "one2many"), ("size", 0)):
        vals.setdefault(name, value)
    if vals.get("ttype") == "many2one":
        vals.setdefault("on_delete", "set null")


def _settled_field(env: Env, _key: int, row: Values, vals: Values) -> None:
    name, kind = str(row.get("name", "")), row.get("ttype")
    if kind == "one2many" and "relation_field" not in vals:
        raise PythonError("KeyError", "relation_field")
    if kind == "monetary":
        _check_currency(env, row)
    if name.startswith("x_") and not _NAME.fullmatch(name):
        raise ValidationError("Field names can only contain characters, digits and underscores (up to 63).")
    relation = row.get("relation")
    if relation and relation not in env.catalog.models:
        raise UserError(f"Model {relation} does not exist!")
    if kind == "one2many":
        back = env.model(str(relation)).fields.get(str(row.get("relation_field")))
        if back is None or back.type != "many2one":
            text = f"Many2one {row.get('relation_field')} on model {relation} does not exist!"
            raise UserError(text)


def _check_currency(env: Env, row: Mapping[str, Any]) -> None:
    wanted = str(row.get("currency_field") or "")
    model = env.catalog.find(str(row["model"]))
    if not wanted:
        known = {"currency_id", "x_currency_id"} & set(model.fields if model else ())
        if known:
            return
        raise ValidationError("Currency field is empty and there is no fallback field in the model")
    item = model.fields.get(wanted) if model else None
    kind, relation = (item.type, item.relation) if item else _made_beside(env, str(row["model"]), wanted)
    if not kind:
        raise ValidationError(f"Unknown field specified “{wanted}” in currency_field")
    if kind != "many2one":
        raise ValidationError("Currency field does not have type many2one")
    if relation != "res.currency":
        raise ValidationError("Currency field should have a res.currency relation")


def _made_beside(env: Env, model: str, name: str) -> tuple[str, str]:
    """Type and relation of a field that the same call makes before it (measured: that is enough)."""
    rows = env.store.rows["ir.model.fields"].values()
    found = next((r for r in rows if r.get("model") == model and r.get("name") == name), {})
    return str(found.get("ttype") or ""), str(found.get("relation") or "")


def _created_field(env: Env, ids: Ids, _values: Sequence[Values]) -> None:
    for key in ids:
        row = env.row("ir.model.fields", key)
        if row["ttype"] == "monetary" and not row.get("currency_field"):
            fields = env.model(row["model"]).fields
            fallback = next(name for name in ("currency_id", "x_currency_id") if name in fields)
            env.store.put("ir.model.fields", key, {**row, "currency_field": fallback})
        add_field(env.db, env.row("ir.model.fields", key) | {"id": key})
        _forget_computed(env, env.row("ir.model.fields", key))
    settle(env.db)


def _forget_computed(_env: Env, _row: Mapping[str, Any]) -> None:
    """Assumed: values of a new computed field are made when they are asked for."""


def _selection_text(env: Env, key: int, given: Any) -> None:
    """The old form of a selection: a text of pairs."""
    if not given:
        return
    for place, (value, label) in enumerate(ast.literal_eval(str(given))):
        records.create(
            env.sudo(),
            "ir.model.fields.selection",
            [{"field_id": key, "value": value, "name": label, "sequence": place}],
        )


def selection_text(env: Env, key: int) -> str | None:
    """The selection of a field as a text of pairs."""
    if env.row("ir.model.fields", key).get("ttype") not in ("selection", "reference"):
        return None
    return str([tuple(pair) for pair in selection_of(env.db, key)])


def _writing_field(env: Env, ids: Ids, vals: Values) -> None:
    for key in ids:
        row = env.row("ir.model.fields", key)
        if row.get("state") != "manual":
            raise UserError(
                "Properties of base fields cannot be altered in this manner!"
                " Please modify them through Python code, preferably through a custom addon!"
            )
        if vals.get("model_id", row["model_id"]) != row["model_id"]:
            raise UserError("Changing the model of a field is forbidden!")
        if vals.get("ttype", row["ttype"]) != row["ttype"]:
            raise UserError(
                "Changing the type of a field is not yet supported. Please drop it and create it again!"
            )
        if vals.get("name", row["name"]) != row["name"]:
            check_removable(env, [key])
    for name in ("model_id", "model", "state"):
        vals.pop(name, None)
    env.db.touched = True


def _written_field(env: Env, ids: Ids, vals: Values, before: Mapping[int, Mapping[str, Any]]) -> None:
    for key in ids:
        old, row = before[key], env.row("ir.model.fields", key)
        if "name" in vals and vals["name"] != old["name"]:
            _rename(env, str(row["model"]), str(old["name"]), str(row["name"]))
        add_field(env.db, row | {"id": key})
    settle(env.db)


def _rename(env: Env, model: str, old: str, new: str) -> None:
    env.model(model).fields.pop(old, None)
    for key, row in list(env.store.rows[model].items()):
        if old in row:
            changed = {new if name == old else name: value for name, value in row.items()}
            env.store.put(model, key, changed)


def _unlinking_field(env: Env, ids: Ids) -> None:
    check_removable(env, ids)
    env.db.touched = True
    for key in ids:
        row = env.row("ir.model.fields", key)
        model = env.catalog.find(str(row["model"]))
        if model is None or str(row["name"]) not in model.fields:
            continue
        _drop_column(env, model.fields.pop(str(row["name"])))


def _drop_column(env: Env, item: Field) -> None:
    for key, row in list(env.store.rows[item.model].items()):
        if item.name in row:
            env.store.put(item.model, key, {n: v for n, v in row.items() if n != item.name})
    for at, row in list(env.store.rows["ir.attachment"].items()):
        if row.get("res_model") == item.model and row.get("res_field") == item.name:
            env.store.remove("ir.attachment", at)


def _unlinked_field(env: Env, _ids: Ids) -> None:
    settle(env.db)


def _modules_of_field(env: Env, key: int) -> str | None:
    item = item_of(env, env.row("ir.model.fields", key))
    return (item.module or None) if item and not item.manual else ""


def _named(env: Env, key: int) -> str:
    row = env.row("ir.model.fields", key)
    model = env.row("ir.model", row.get("model_id", 0))
    return f"{row.get('field_description', '')} ({model.get('name', '')})"


RULES["ir.model.fields"] = Rules(
    creating=[_creating_field],
    settled=[_settled_field],
    created=[_created_field],
    writing=[_writing_field],
    written=[_written_field],
    unlinking=[_unlinking_field],
    unlinked=[_unlinked_field],
    computed={"modules": _modules_of_field, "selection": selection_text},
    inverse={"selection": _selection_text},
    named=_named,
)
