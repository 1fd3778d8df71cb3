"""Records as answers show them: `false` for nothing, `[id, name]` for a reference (measured)."""

from collections.abc import Sequence
from typing import Any

from crossdock_odoo.sandbox import access
from crossdock_odoo.sandbox.catalog import Field
from crossdock_odoo.sandbox.clock import shown
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import PythonError
from crossdock_odoo.sandbox.values import named, value

_ZERO = frozenset({"integer", "float", "monetary", "boolean", "many2one_reference"})


def read(env: Env, model: str, ids: Sequence[int], fields: Sequence[str] | None, load: Any) -> list[Any]:
    """The rows of records that are there, in the order of the ids."""
    access.check(env, model, "read")
    names = list(fields) if fields else visible(env, model)
    items = [shown_field(env, model, name) for name in names]
    for item in items:
        if item.type == "properties" and item.manual:
            # Measured: such a field without a definition breaks every read that has it.
            raise PythonError("TypeError", "tuple indices must be integers or slices, not NoneType")
        if not access.sees(env, item):
            raise _hidden(env, item)
    rows = []
    for key in ids:
        if env.exists(model, key):
            row = {"id": key}
            for item in items:
                row[item.name] = answered(env, item, key, plain=load != "_classic_read")
            rows.append(row)
    return rows


def _hidden(env: Env, item: Field) -> PythonError:
    where = env.model(item.model).described
    text = f'You do not have enough rights to access the field "{item.name}" on {where}.'
    return PythonError("odoo.exceptions.AccessError", text)


def shown_field(env: Env, model: str, name: str) -> Field:
    """A field that clients know; a ValueError if there is none of that name."""
    item = env.field(model, name)
    if item.hidden and not env.root:
        raise PythonError("ValueError", f"Invalid field {name!r} on model {model!r}")
    return item


def visible(env: Env, model: str) -> list[str]:
    """The fields that the caller may see."""
    fields = env.model(model).fields.items()
    return [name for name, item in fields if access.sees(env, item) and not item.hidden]


def answered(env: Env, item: Field, key: int, *, plain: bool = False) -> Any:
    """One value as an answer shows it."""
    found = value(env, item.model, key, item.name)
    if item.type == "many2one":
        if not found or item.relation not in env.catalog.models:
            return False
        return found if plain else [found, named(env.sudo(), item.relation, found)]
    if item.many:
        return found or []
    if found is None:
        return False
    if item.type == "datetime":
        return shown(found)
    return found
