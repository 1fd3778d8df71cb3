"""Custom models: what creating and removing rows of `ir.model` does (measured).

Names start with `x_`; a model gets the field `x_name` unless fields come with it. Removing a model takes its
table, access rights and conversations; menus, actions and external ids of its rows stay behind.
"""

from crossdock_odoo.sandbox import records
from crossdock_odoo.sandbox.dependents import MODULE_DATA, check_removable
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import UserError, ValidationError, unique
from crossdock_odoo.sandbox.registry import RULES, Ids, Rules, Values
from crossdock_odoo.sandbox.schema import add_model, reflect, settle

_HANGING = (
    ("mail.message", "model"),
    ("mail.activity", "res_model"),
    ("mail.followers", "res_model"),
    ("ir.attachment", "res_model"),
)


def _creating_model(env: Env, vals: Values) -> None:
    name = str(vals.get("model") or "")
    if not name.startswith("x_"):
        raise ValidationError("The model name must start with 'x_'.")
    vals["state"] = "manual"
    vals.setdefault("order", "id")
    if not vals.get("field_id"):
        vals["field_id"] = [
            [0, 0, {"name": "x_name", "field_description": "Name", "ttype": "char", "copied": True}]
        ]
    env.db.touched = True


def _settled_model(env: Env, key: int, row: Values, _vals: Values) -> None:
    if env.store.links["ir.model", "model"].get(row["model"], set()) - {key}:
        raise unique("Each model must have a unique name.", "Model", "model")
    add_model(env.db, row)
    for name, item in env.catalog.models[str(row["model"])].fields.items():
        reflect(env, key, name, item)
    settle(env.db)


def _unlinking_model(env: Env, ids: Ids) -> None:
    rows = [(key, env.row("ir.model", key)) for key in ids]
    for key, row in rows:
        fields = env.store.referring("ir.model.fields", "model_id", key)
        if row.get("state") != "manual":
            raise UserError(MODULE_DATA)
        check_removable(env, [at for at in fields if env.row("ir.model.fields", at).get("state") == "manual"])
    env.db.touched = True
    for key, row in rows:
        _drop_model(env, key, str(row["model"]))


def _drop_model(env: Env, key: int, name: str) -> None:
    leading = [at for at, row in env.store.rows["ir.model.fields"].items() if row.get("relation") == name]
    if leading:
        records.unlink(
            env.sudo(),
            "ir.model.fields",
            [at for at in leading if env.row("ir.model.fields", at).get("state") == "manual"],
        )
    # Measured: the table goes as it is; external ids of its rows stay behind and lead nowhere.
    for at in list(env.store.rows[name]):
        env.store.remove(name, at)
    for model, by in _HANGING:
        for at, row in list(env.store.rows[model].items()):
            if row.get(by) == name:
                env.store.remove(model, at)
    for at in env.store.referring("ir.model.fields", "model_id", key):
        env.store.remove("ir.model.fields", at)
    env.catalog.models.pop(name, None)


def _unlinked_model(env: Env, _ids: Ids) -> None:
    settle(env.db)


def _modules_of_model(env: Env, key: int) -> str | None:
    model = env.catalog.find(str(env.row("ir.model", key).get("model")))
    return model.modules if model else ""


RULES["ir.model"] = Rules(
    creating=[_creating_model],
    settled=[_settled_model],
    unlinking=[_unlinking_model],
    unlinked=[_unlinked_model],
    computed={"modules": _modules_of_model, "info": lambda _env, _key: None},
    named=lambda env, key: str(env.row("ir.model", key).get("name", "")),
)
