"""Defaults that somebody set for a field (`ir.default`): they go before those of the model (measured)."""

from typing import Any

import orjson

from crossdock_odoo.sandbox import records
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import ValidationError
from crossdock_odoo.sandbox.registry import EVERY, RULES, Ids, Rules

MODEL = "ir.default"


def user_defaults(env: Env, model: str) -> dict[str, Any]:
    """The values set for fields of a model, by field: the caller's own before those for everybody."""
    found: dict[str, Any] = {}
    rows = sorted(env.store.rows[MODEL].values(), key=lambda row: bool(row.get("user_id")))
    for row in rows:
        field = env.row("ir.model.fields", row.get("field_id") or 0)
        mine = row.get("user_id") in (None, env.uid)
        if field.get("model") == model and mine and not row.get("condition"):
            found[str(field["name"])] = orjson.loads(row["json_value"])
    return found


def _set(
    env: Env,
    model_name: str,
    field_name: str,
    value: Any,
    user_id: Any = False,
    company_id: Any = False,
    condition: Any = False,
) -> bool:
    """Set the default of a field, over one that is there."""
    rows = env.store.rows["ir.model.fields"].items()
    field = next((k for k, r in rows if r.get("model") == model_name and r.get("name") == field_name), None)
    if field is None:
        raise ValidationError(f"Invalid field {model_name}.{field_name}")
    who = env.uid if user_id is True else user_id or None
    vals = {"json_value": orjson.dumps(value).decode()}
    for key, row in env.store.rows[MODEL].items():
        if row.get("field_id") == field and (row.get("user_id") or None) == who:
            records.write(env, MODEL, [key], vals)
            return True
    more = {"field_id": field, "user_id": who, "company_id": company_id, "condition": condition}
    records.create(env, MODEL, [{**vals, **more}])
    return True


def _unlinked(env: Env, model: str, _ids: Ids) -> None:
    """A default goes with its field, and so with its model."""
    if model in ("ir.model", "ir.model.fields"):
        for key, row in list(env.store.rows[MODEL].items()):
            if not env.exists("ir.model.fields", row["field_id"]):
                env.store.remove(MODEL, key)


EVERY.unlinked.append(_unlinked)
RULES[MODEL] = Rules(model_methods={"set": _set})
