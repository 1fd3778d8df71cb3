"""Exporting rows. Asking for the external id makes one where there is none (measured)."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from crossdock_odoo.sandbox import access
from crossdock_odoo.sandbox.clock import shown
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.values import ids_of, named, value


def export_data(env: Env, model: str, ids: Sequence[int], fields_to_export: Sequence[str]) -> dict[str, Any]:
    """Texts of the fields of records, a row each."""
    access.check(env, model, "read")
    return {"datas": [[_cell(env, model, key, path.split("/")) for path in fields_to_export] for key in ids]}


def _cell(env: Env, model: str, key: int, path: list[str]) -> Any:
    first, rest = path[0], path[1:]
    if first == "id":
        return external_id(env, model, key)
    if first == ".id":
        return str(key)
    item = env.field(model, first)
    if item.relational:
        targets = ids_of(env, model, key, first)
        if rest:
            return ",".join(str(_cell(env, item.relation, at, rest)) for at in targets)
        return ",".join(named(env, item.relation, at) for at in targets)
    found = value(env, model, key, first)
    if found is None:
        return ""
    return shown(found) if item.type == "datetime" else found


def external_id(env: Env, model: str, key: int) -> str:
    """The external id of a record, made if need be."""
    for at in env.store.referring("ir.model.data", "res_id", key):
        row = env.row("ir.model.data", at)
        if row.get("model") == model:
            return f"{row['module']}.{row['name']}"
    name = f"{env.model(model).table}_{key}_{uuid4().hex[:8]}"
    row = {"module": "__export__", "name": name, "model": model, "res_id": key, "noupdate": False}
    row |= {"create_date": env.now, "write_date": env.now, "create_uid": env.uid, "write_uid": env.uid}
    env.store.put("ir.model.data", env.store.next_id("ir.model.data"), row)
    return f"__export__.{name}"
