"""Sorting as the database does: nothing comes last, and first when descending; texts by code point."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import PythonError, UserError
from crossdock_odoo.sandbox.values import value

_PART = re.compile(r"[\w.:]+( (asc|desc))?( nulls (first|last))?", re.IGNORECASE)


def ordered(env: Env, model: str, ids: Sequence[int], order: str) -> list[int]:
    """Ids sorted by an order such as `name desc, id`; by the model's own when it is empty."""
    found = sorted(ids)
    for name, down in reversed(_parts(env, model, order or env.model(model).order)):
        found.sort(key=_key(env, model, name), reverse=down)
    return found


def _parts(env: Env, model: str, order: str) -> list[tuple[str, bool]]:
    parts = []
    for part in order.split(","):
        words = part.split()
        if not _PART.fullmatch(part.strip()):
            raise UserError(
                f'Invalid "order" specified ({order}). A valid "order" specification is a comma-separated'
                " list of valid field names (optionally followed by asc/desc for the direction)"
            )
        name, down = words[0], "desc" in (word.lower() for word in words[1:])
        if name not in env.model(model).fields:
            raise PythonError("ValueError", f"Invalid field {name!r} on model {model!r}")
        parts.append((name, down))
    return parts


def _key(env: Env, model: str, name: str) -> Callable[[int], Any]:
    item = env.field(model, name)
    if item.type == "many2one" and item.relation in env.catalog.models:
        return _by_target(env, model, name, item.relation)
    rows = env.store.rows[model]
    if item.type == "boolean":
        # Nothing counts as false here, other than for texts and numbers.
        return lambda key: bool(value(env, model, key, name))
    if item.store and item.type not in ("many2many", "one2many") and name != "id":
        return lambda key: _sortable(rows[key].get(name) if key in rows else None)
    return lambda key: _sortable(value(env, model, key, name))


def _by_target(env: Env, model: str, name: str, relation: str) -> Callable[[int], Any]:
    """Rows that refer to others are sorted as those are; the first part of their order is enough."""
    first, down = _parts(env, relation, env.model(relation).order)[0]
    item = env.field(relation, first)
    places: dict[int, Any] = {}

    def place(key: int) -> Any:
        target = value(env, model, key, name)
        if not target:
            return (1, 0)
        if target not in places:
            plain = target if item.relational else value(env, relation, target, first)
            places[target] = _turned(_sortable(plain)) if down else _sortable(plain)
        return places[target]

    return place


class _Turned:
    """A key that sorts the other way round."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key

    def __lt__(self, other: "_Turned") -> bool:
        return bool(other.key < self.key)


def _turned(key: tuple[int, Any]) -> tuple[int, Any]:
    return (key[0], _Turned(key[1]))


def _sortable(plain: Any) -> tuple[int, Any]:
    if plain is None or plain is False:
        return (1, 0) if plain is None else (0, 0)
    return (0, 1) if plain is True else (0, plain)
