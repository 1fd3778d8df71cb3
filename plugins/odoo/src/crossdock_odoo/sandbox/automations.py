"""Automation rules: that they would have run is counted (the module `base_automation`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.registry import EVERY, RULES, Ids, Rules, Values

MODEL = "base.automation"
_ON_CREATE = frozenset({"on_create", "on_create_or_write"})
_ON_WRITE = frozenset({"on_write", "on_create_or_write", "on_archive", "on_unarchive", "on_stage_set"})
_ON_UNLINK = frozenset({"on_unlink"})


def _run(env: Env, model: str, triggers: frozenset[str], count: int) -> None:
    if not count or not env.has(MODEL) or not env.store.rows[MODEL]:
        return
    for key, row in env.store.rows[MODEL].items():
        about = env.row("ir.model", row.get("model_id", 0)).get("model")
        if about == model and row.get("active") and row.get("trigger") in triggers:
            for _ in range(count):
                env.store.count(f"automation {key} {row.get('name')}")


def _created(env: Env, model: str, ids: Ids, _values: Sequence[Mapping[str, Any]]) -> None:
    _run(env, model, _ON_CREATE, len(ids))


def _written(env: Env, model: str, ids: Ids, _vals: Values, _before: Mapping[int, Mapping[str, Any]]) -> None:
    _run(env, model, _ON_WRITE, len(ids))


def _unlinked(env: Env, model: str, ids: Ids) -> None:
    _run(env, model, _ON_UNLINK, len(ids))


EVERY.created.append(_created)
EVERY.written.append(_written)
EVERY.unlinked.append(_unlinked)


def _model_name(env: Env, key: int) -> str | None:
    return env.row("ir.model", env.row(MODEL, key).get("model_id", 0)).get("model")


RULES[MODEL] = Rules(defaults={"active": lambda _env: True}, computed={"model_name": _model_name})
