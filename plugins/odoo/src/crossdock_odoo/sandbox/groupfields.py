"""The fields of a user that stand for groups: `sel_groups_1_10_11`, `in_group_5` (measured on 18.0)."""

from typing import Any

from crossdock_odoo.sandbox.access import group_id
from crossdock_odoo.sandbox.environment import Env


def group_fields(env: Env) -> dict[str, Any]:
    """A choice for each application whose groups imply one another, a checkbox for every other group."""
    found: dict[str, Any] = {}
    by_category: dict[int, list[int]] = {}
    for key, row in env.store.rows["res.groups"].items():
        by_category.setdefault(row.get("category_id", 0), []).append(key)
    for category, keys in by_category.items():
        chain = _chain(env, category, keys)
        if chain:
            name = "sel_groups_" + "_".join(str(key) for key in chain)
            found[name] = {"type": "selection", "string": _label(env, category)}
            nothing: list[list[Any]] = [] if _user_types(env, keys) else [[False, ""]]
            listed = [[key, env.row("res.groups", key)["name"]] for key in chain]
            found[name] |= {"selection": nothing + listed}
        else:
            for key in keys:
                string = str(env.row("res.groups", key)["name"])
                found[f"in_group_{key}"] = {"type": "boolean", "string": string}
    for shape in found.values():
        shape |= {"exportable": False, "selectable": False}
    return found


def _label(env: Env, category: int) -> str:
    return str(env.row("ir.module.category", category).get("name", "Other"))


def _chain(env: Env, category: int, keys: list[int]) -> list[int]:
    """The groups from the weakest to the strongest, if each implies the one before; user types always."""
    if not category:
        return []
    if _user_types(env, keys):
        return sorted(keys)
    depth = {key: len(_implied(env, key) & set(keys)) for key in keys}
    ranked = sorted(keys, key=lambda key: depth[key])
    linear = [depth[key] for key in ranked] == list(range(len(ranked)))
    hidden = env.row("ir.module.category", category).get("name") in ("Extra Rights", "Technical", "Hidden")
    return ranked if linear and not hidden else []


def _user_types(env: Env, keys: list[int]) -> bool:
    return group_id(env, "base.group_user") in keys


def _implied(env: Env, key: int) -> set[int]:
    found: set[int] = set()
    fresh = [key]
    while fresh:
        for one in env.row("res.groups", fresh.pop()).get("implied_ids", ()):
            if one not in found:
                found.add(one)
                fresh.append(one)
    return found
