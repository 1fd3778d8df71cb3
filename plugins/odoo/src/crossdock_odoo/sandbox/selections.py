"""The values of custom selection fields (`ir.model.fields.selection`, measured)."""

from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import UserError
from crossdock_odoo.sandbox.registry import RULES, Ids, Rules, Values
from crossdock_odoo.sandbox.schema import item_of, selection_of


def _changed_selection(env: Env, ids: Ids) -> None:
    for key in ids:
        field_id = int(env.row("ir.model.fields.selection", key).get("field_id") or 0)
        _refresh(env, field_id)


def _refresh(env: Env, field_id: int) -> None:
    row = env.row("ir.model.fields", field_id)
    item = item_of(env, row)
    if item is not None:
        env.db.touched = True
        item.selection = selection_of(env.db, field_id)


def _creating_selection(env: Env, vals: Values) -> None:
    row = env.row("ir.model.fields", int(vals.get("field_id") or 0))
    if row.get("state") != "manual":
        raise UserError(
            "Properties of base fields cannot be altered in this manner!"
            " Please modify them through Python code, preferably through a custom addon!"
        )


def _unlinking_selection(env: Env, ids: Ids) -> None:
    """A value that goes leaves nothing where it was (measured)."""
    for key in ids:
        row = env.row("ir.model.fields.selection", key)
        field_row = env.row("ir.model.fields", int(row["field_id"]))
        if field_row.get("state") != "manual":
            raise UserError(
                "Properties of base fields cannot be altered in this manner!"
                " Please modify them through Python code, preferably through a custom addon!"
            )
        model, name = str(field_row["model"]), str(field_row["name"])
        for at, values in list(env.store.rows[model].items()):
            if values.get(name) == row["value"]:
                env.store.put(model, at, {n: v for n, v in values.items() if n != name})
        item = item_of(env, field_row)
        if item is not None:
            env.db.touched = True
            item.selection = [pair for pair in item.selection or [] if pair[0] != row["value"]]


RULES["ir.model.fields.selection"] = Rules(
    creating=[_creating_selection],
    created=[lambda env, ids, _values: _changed_selection(env, ids)],
    written=[lambda env, ids, _vals, _before: _changed_selection(env, ids)],
    unlinking=[_unlinking_selection],
)
