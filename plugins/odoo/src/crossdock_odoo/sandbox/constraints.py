"""Constraints that the database holds: mandatory columns, conditions, unique values, references."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from crossdock_odoo.sandbox.catalog import Field, Model
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import MissingError, check, foreign, required, unique
from crossdock_odoo.sandbox.store import Row

_READ_AT_ONCE = frozenset(
    {
        ("res.partner", "parent_id"),
        ("crm.lead", "team_id"),
        ("project.task", "project_id"),
        ("mail.activity", "res_model_id"),
        ("mail.message", "author_id"),
        ("hr.employee", "resource_id"),
    }
)
"""References that the server reads before the database checks them: MissingError (measured)."""

_CONDITIONS: dict[tuple[str, str], Callable[[Row], bool]] = {
    ("res.partner", "check_name"): lambda row: "name" in row or row.get("type") != "contact",
    ("crm.lead", "check_probability"): lambda row: 0 <= row.get("probability", 0) <= 100,
    ("res.users", "notification_type"): lambda row: (
        row.get("notification_type") == "email" or not row.get("share")
    ),
    ("project.task", "recurring_task_has_no_parent"): lambda row: (
        not (row.get("recurring_task") and row.get("parent_id"))
    ),
    ("project.task", "private_task_has_no_parent"): lambda row: (
        not (row.get("parent_id") and not row.get("project_id"))
    ),
    ("project.project", "project_date_greater"): lambda row: (
        not (row.get("date") and row.get("date_start")) or row["date"] >= row["date_start"]
    ),
    ("hr.job", "no_of_recruitment_positive"): lambda row: row.get("no_of_recruitment", 0) >= 0,
    ("mail.activity", "check_res_id_is_set"): lambda row: bool(row.get("res_id")),
    ("ir.model.fields", "name_manual_field"): lambda row: (
        row.get("state") != "manual" or str(row.get("name", "")).startswith("x_")
    ),
    ("ir.model.fields", "size_gt_zero"): lambda row: row.get("size", 0) >= 0,
}


def check_row(env: Env, model: Model, key: int, row: Row, vals: Mapping[str, Any]) -> None:
    """Refuse a row that the database would not take. `vals` are the values that are being written."""
    for item in _mandatory(model):
        if row.get(item.name) is None and item.name != "id":
            raise required(model.described, item.string, item.name)
    for name, definition, message in model.constraints:
        condition = _CONDITIONS.get((model.name, name))
        if condition is not None and not condition(row):
            raise check(message)
        columns = _unique(definition)
        if columns and any(column in vals or column not in model.fields for column in columns):
            _check_unique(env, model, key, row, columns, message)
    _check_references(env, model, key, row, vals)


def _mandatory(model: Model) -> list[Field]:
    """The columns that must not be empty; booleans and numbers of a row are never."""
    return [
        item
        for item in model.fields.values()
        if item.required and item.store and not item.many and item.type not in ("boolean", "binary")
    ]


@cache
def _unique(definition: str) -> tuple[str, ...]:
    found = re.fullmatch(r"\s*unique\s*\(([\w\s,]+)\)\s*", definition, re.IGNORECASE)
    return tuple(name.strip() for name in found.group(1).split(",")) if found else ()


def _check_unique(env: Env, model: Model, key: int, row: Row, columns: tuple[str, ...], message: str) -> None:
    wanted = [row.get(column) for column in columns]
    if any(value is None for value in wanted):
        return
    watched = next((c for c in columns if c in env.store.watched.get(model.name, ())), None)
    rows = env.store.rows[model.name]
    others = env.store.links[model.name, watched].get(row[watched], ()) if watched else rows
    for other in others:
        if other != key and all(rows[other].get(c) == w for c, w in zip(columns, wanted, strict=True)):
            label = model.fields[columns[0]].string if columns[0] in model.fields else ""
            raise unique(message, label, columns[0] if len(columns) == 1 else "")


def _check_references(env: Env, model: Model, key: int, row: Row, vals: Mapping[str, Any]) -> None:
    for name in vals:
        item = model.fields.get(name)
        if item is None or item.type != "many2one" or not item.store:
            continue
        target = row.get(name)
        if target is None or item.relation not in env.catalog.models or env.exists(item.relation, target):
            continue
        if item.relation == model.name and target == key:
            continue
        if (model.name, name) in _READ_AT_ONCE:
            raise MissingError.of(item.relation, target, env.uid)
        raise foreign(model.described, f"{model.table}_{name}_fkey")
