"""Finding and making records by their name."""

from typing import Any

from crossdock_odoo.sandbox import access, records
from crossdock_odoo.sandbox.domains import search
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.values import named


def name_search(
    env: Env, model: str, name: str = "", args: Any = None, operator: str = "ilike", limit: int | None = 100
) -> list[list[Any]]:
    """Records whose name matches: `[id, name]` each."""
    access.check(env, model, "read")
    ids = by_name(env, model, name, operator, list(args or []), limit)
    return [[key, named(env, model, key)] for key in ids]


def by_name(
    env: Env,
    model: str,
    name: str,
    operator: str = "=",
    domain: list[Any] | None = None,
    limit: int | None = None,
) -> list[int]:
    """The ids of records with such a name, in the model's order."""
    shape = env.model(model)
    searched = shape.searched or ([shape.rec_name] if shape.rec_name in shape.fields else [])
    if not searched:
        return []
    condition: list[Any] = ["|"] * (len(searched) - 1) + [[one, operator, name] for one in searched]
    if not name and operator == "ilike":
        condition = []
    return search(env, model, condition + list(domain or []), limit=limit)


def name_create(env: Env, model: str, name: str) -> list[Any]:
    """Make a record that has a name only."""
    shape = env.model(model)
    key = records.create(env, model, [{shape.rec_name: name}])[0]
    return [key, named(env, model, key)]
