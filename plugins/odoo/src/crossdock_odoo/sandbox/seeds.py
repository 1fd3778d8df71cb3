"""What a sandbox holds when it is new.

`fresh` is a new database with contacts, CRM, project and employees (rows measured on 18.0). `empty` is the
same without stages, teams, lost reasons, departments and the other rows that a company works with. `demo`
adds a believable company (`demo`). All have the administrator (id 2) and `limited@example.com`, who is an
internal user and no more.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from secrets import token_hex
from typing import Any
from uuid import uuid4

import orjson

from crossdock.errors import ConfigError
from crossdock_odoo.sandbox import demo
from crossdock_odoo.sandbox.environment import Database, Env
from crossdock_odoo.sandbox.installing import install, reflect_models
from crossdock_odoo.sandbox.keys import TOKEN
from crossdock_odoo.sandbox.schema import load_schema
from crossdock_odoo.sandbox.views import standard_views

SEEDS = ("fresh", "demo", "empty")
LIMITED = "limited@example.com"
_BUSINESS = frozenset(
    {"crm.team", "crm.team.member", "mail.alias", "crm.lost.reason", "crm.recurring.plan", "utm.medium"}
    | {"utm.source", "utm.stage", "utm.tag", "hr.department", "hr.employee", "hr.work.location"}
    | {"hr.contract.type", "hr.departure.reason", "resource.resource", "res.partner.industry"}
)


def plant(db: Database, seed: str) -> None:
    """Forget everything but the keys and seed. Raises ConfigError for an unknown seed."""
    if seed not in SEEDS:
        raise ConfigError(f"there is no seed {seed}.", hint=f"Take one of {', '.join(SEEDS)}.")
    _forget(db)
    env = Env.of(db, 1).sudo()
    with db.store.transaction():
        _modules(env)
        load_schema(db)
        reflect_models(env)
        _rows(env, seed)
        _access(env)
        standard_views(env)
        _limited(env)
    load_schema(db)
    with db.store.transaction():
        if seed == "demo":
            install(env, ["base_automation"])
            demo.fill(env)
    db.store.set_setting("seed", seed)


def _forget(db: Database) -> None:
    store = db.store
    token = store.setting(TOKEN) or token_hex(20)
    store.clear()
    store.set_setting(TOKEN, token)
    for name in ("version", "api_access", "limit_time", "row_time", "rights", "smtp", "databases"):
        store.drop_setting(name)
    db.restore()


@cache
def shipped() -> dict[str, list[Any]]:
    """The rows of a new database by model, as `[id, external id, values]`."""
    content = (files("crossdock_odoo.sandbox") / "seed_records.json").read_bytes()
    return dict(orjson.loads(content))


def _modules(env: Env) -> None:
    for key, _, row in shipped()["ir.module.module"]:
        _put(env, "ir.module.module", key, row)


def _rows(env: Env, seed: str) -> None:
    plant_rows(env, [name for name in shipped() if env.has(name)], seed)


def plant_rows(env: Env, models: Sequence[str], seed: str = "fresh") -> None:
    """Write the rows that some models are shipped with."""
    for model in models:
        rows = shipped()[model]
        if model in ("ir.module.module", "ir.model.access"):
            continue
        if seed == "empty" and model in _BUSINESS:
            continue
        if model == "res.country.state":
            rows = [
                [key, f"base.{xml}", {"name": name, "code": code, "country_id": country}]
                for country, states in rows
                for key, xml, name, code in states
            ]
        for key, xml, row in rows:
            _put(env, model, key, {name: _filled(env, value) for name, value in row.items()})
            if xml:
                external_id(env, xml, model, key)


def _filled(env: Env, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value.startswith("model:"):
        return next(iter(env.store.links["ir.model", "model"].get(value[6:]) or ()), None)
    if value == "@uuid":
        return str(uuid4())
    return {"@now": env.second, "@url": env.db.base_url}.get(value, value)


def _put(env: Env, model: str, key: int, row: Mapping[str, Any]) -> None:
    made = {"create_uid": 1, "create_date": env.now, "write_uid": 1, "write_date": env.now} | dict(row)
    env.store.put(model, key, made)
    env.store.advance(model, key)


def external_id(env: Env, xml: str, model: str, key: int) -> None:
    """Name a seeded row as its module does."""
    module, _, name = xml.partition(".")
    row = {"module": module, "name": name, "model": model, "res_id": key, "noupdate": False}
    _put(env, "ir.model.data", env.store.next_id("ir.model.data"), row)


def _access(env: Env) -> None:
    rows: Sequence[Any] = shipped()["ir.model.access"]
    add_access(env, rows)


def add_access(env: Env, rows: Sequence[Any]) -> None:
    """Access rights of standard models, as `[model, group, letters]`."""
    groups = {
        f"{row['module']}.{row['name']}": row["res_id"]
        for row in env.store.rows["ir.model.data"].values()
        if row.get("model") == "res.groups"
    }
    for model, group, letters in rows:
        key = next(iter(env.store.links["ir.model", "model"].get(model) or ()), None)
        if key is None or (group and group not in groups):
            continue
        row: dict[str, Any] = {"name": f"{model} {group}", "model_id": key, "active": True}
        row |= {"group_id": groups.get(group)}
        row |= {f"perm_{word}": word[0] in letters for word in ("read", "write", "create", "unlink")}
        _put(env, "ir.model.access", env.store.next_id("ir.model.access"), row)


def _limited(env: Env) -> None:
    partner: dict[str, Any] = {"name": "Limited User", "complete_name": "Limited User", "active": True}
    partner |= {"type": "contact", "lang": "en_US", "commercial_partner_id": 7, "partner_share": False}
    partner |= {"is_company": False}
    _put(env, "res.partner", 7, partner)
    user: dict[str, Any] = {"partner_id": 7, "login": LIMITED, "password": "limited", "active": True}
    user |= {"groups_id": [1, 7, 14], "share": False, "company_id": 1, "company_ids": [1]}
    user |= {"notification_type": "email"}
    _put(env, "res.users", 6, user)
    admin = env.row("res.users", 2)
    env.store.put("res.users", 2, {**admin, "password": "admin"})


__all__ = ["LIMITED", "SEEDS", "add_access", "external_id", "plant"]
