"""What keeps a custom field from being removed: the code, other fields, and views (measured)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crossdock_odoo.sandbox.catalog import Field
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import UserError
from crossdock_odoo.sandbox.schema import item_of

MODULE_DATA = "This column contains module data and cannot be removed!"


def check_removable(env: Env, ids: Iterable[int]) -> None:
    """Refuse to remove fields of the code, fields that others depend on, and fields shown in views."""
    rows = [env.row("ir.model.fields", key) for key in ids]
    if any(row.get("state") != "manual" for row in rows):
        raise UserError(MODULE_DATA)
    items = [item for row in rows if (item := item_of(env, row)) is not None]
    for item in items:
        other = _dependent(env, item)
        if other is not None:
            raise UserError(
                f"The field '{item.model}.{item.name}' cannot be removed because the field"
                f" '{other.model}.{other.name}' depends on it."
            )
    _check_views(env, rows)


def _dependent(env: Env, item: Field) -> Field | None:
    """A custom field that needs this one: computed or shown from it, or its one2many."""
    for model in env.catalog.models.values():
        for other in model.fields.values():
            if not other.manual or other is item:
                continue
            if other.type == "one2many" and other.relation == item.model:
                if other.relation_field == item.name:
                    return other
            elif other.model == item.model and _needs(other, item.name):
                return other
    return None


def _needs(other: Field, name: str) -> bool:
    needed = [part.strip().partition(".")[0] for part in other.depends.split(",") if part.strip()]
    return name in needed or other.related.partition(".")[0] == name


def _check_views(env: Env, rows: Sequence[Mapping[str, Any]]) -> None:
    names = {str(row["name"]) for row in rows if row.get("name")}
    views = sorted(
        env.store.rows["ir.ui.view"].items(),
        key=lambda pair: (pair[1].get("priority", 16), str(pair[1].get("name"))),
    )
    for _, view in views:
        shown = set(re.findall(r"<field[^>]*\bname=[\"'](\w+)[\"']", str(view.get("arch_db") or "")))
        models = {str(row["model"]) for row in rows if str(row["name"]) in shown & names}
        if str(view.get("model")) in models or (models and _through(env, view, models)):
            listed = sorted(f"{i.model}.{i.name}" if (i := item_of(env, row)) else "None" for row in rows)
            raise UserError(
                "Cannot rename/delete fields that are still present in views:\n"
                f"Fields: {_listed(listed)}\nView: {view['name']}"
            )


def _through(_env: Env, _view: Mapping[str, Any], _models: set[str]) -> bool:
    return False


def _listed(names: list[str]) -> str:
    if len(names) < 3:
        return " and ".join(names)
    return f"{', '.join(names[:-1])}, and {names[-1]}"
