"""Modules: which are installed, and the rows that describe the models they bring."""

from collections.abc import Iterable

from crossdock_odoo.sandbox.catalog import Model
from crossdock_odoo.sandbox.environment import ADMIN, Env
from crossdock_odoo.sandbox.schema import load_schema, reflect

NEEDS = {
    "sale_management": ("sale",),
    "sale": ("product", "account", "sale_crm", "sale_project"),
    "purchase": ("product", "account"),
    "product": ("uom",),
}
"""What comes along with a module, as far as the sandbox knows its models."""
GROUPS = {
    "purchase": (
        ("purchase.group_purchase_user", "User"),
        ("purchase.group_purchase_manager", "Administrator"),
    ),
    "product": (("product.group_product_manager", "Product Creation"),),
}


def install(env: Env, names: Iterable[str]) -> None:
    """Mark modules as installed, and write down the models that come with them."""
    from crossdock_odoo.sandbox.seeds import add_access, external_id, plant_rows, shipped

    before = set(env.catalog.models)
    wanted = list(names)
    for name in wanted:
        wanted += [one for one in NEEDS.get(name, ()) if one not in wanted]
        _state(env, name, "installed")
    load_schema(env.db)
    for name in wanted:
        for xml, label in GROUPS.get(name, ()):
            key = env.store.next_id("res.groups")
            env.store.put("res.groups", key, {"name": label, "implied_ids": [1]})
            external_id(env, xml, "res.groups", key)
            admin = env.row("res.users", ADMIN)
            env.store.put("res.users", ADMIN, {**admin, "groups_id": [*admin["groups_id"], key]})
    reflect_models(env)
    new = set(env.catalog.models) - before
    plant_rows(env, [name for name in shipped() if name in new])
    add_access(env, [row for row in shipped()["ir.model.access"] if row[0] in new])


def uninstall(env: Env, names: Iterable[str]) -> None:
    """Mark modules as not installed; their models, and what these hold, are gone."""
    for name in names:
        _state(env, name, "uninstalled")
    load_schema(env.db)
    for key, row in list(env.store.rows["ir.model"].items()):
        if row["model"] in env.catalog.models:
            continue
        for at in env.store.referring("ir.model.fields", "model_id", key):
            env.store.remove("ir.model.fields", at)
        for at in env.store.referring("ir.model.access", "model_id", key):
            env.store.remove("ir.model.access", at)
        for at in list(env.store.rows[row["model"]]):
            env.store.remove(row["model"], at)
        env.store.remove("ir.model", key)
    for at, row in list(env.store.rows["ir.model.data"].items()):
        if row.get("model") not in env.catalog.models:
            env.store.remove("ir.model.data", at)
    load_schema(env.db)


def set_state(env: Env, name: str, state: str) -> None:
    """Give a module any other state (`uninstallable` ...), as it is listed."""
    _state(env, name, state)


def _state(env: Env, name: str, state: str) -> None:
    rows = env.store.rows["ir.module.module"]
    key = next((at for at, row in rows.items() if row.get("name") == name), 0)
    row = dict(rows.get(key) or {"name": name, "license": "LGPL-3", "sequence": 100})
    row["state"] = state
    if state == "installed":
        row.setdefault("latest_version", f"{env.db.version}.0.1.0")
    else:
        row.pop("latest_version", None)
    env.store.put("ir.module.module", key or env.store.next_id("ir.module.module"), row)


def reflect_models(env: Env) -> None:
    """Write the rows of `ir.model` and `ir.model.fields` of standard models that have none yet."""
    for model in list(env.catalog.models.values()):
        if not model.manual and not env.store.links["ir.model", "model"].get(model.name):
            _reflect(env, model)


def _reflect(env: Env, model: Model) -> None:
    key = env.store.next_id("ir.model")
    row = {"name": model.label, "model": model.name, "state": "base", "transient": model.transient}
    row |= {"order": model.order, "is_mail_thread": model.thread, "is_mail_activity": model.activity}
    env.store.put("ir.model", key, row)
    for name, item in model.fields.items():
        at = reflect(env, key, name, item)
        if item.type != "selection" or len(item.selection or ()) > 100:
            continue
        for place, (value, label) in enumerate(item.selection or ()):
            shape = {"field_id": at, "value": value, "name": label, "sequence": place}
            env.store.put("ir.model.fields.selection", env.store.next_id("ir.model.fields.selection"), shape)
