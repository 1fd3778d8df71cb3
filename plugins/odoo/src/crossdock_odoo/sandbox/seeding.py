"""`POST /_seed`: put the sandbox into any situation. Loopback only, no key needed.

The body has any of these keys:

    {"version": 19,                                    the series that the server says it is; 19 has JSON-2
     "modules": {"purchase": "installed", "hr": "uninstalled", "web_studio": "uninstallable"},
     "edition": "enterprise",                          web_enterprise is installed
     "api_access": false,                              an Online plan without external API
     "rights": {"res.partner": {"create": false}},     what the key of the administrator may not do
     "company_currency": "EUR",
     "languages": ["de_DE"],                           activated
     "users": [{"login": "a@b.example", "name": "A", "groups": ["sales_team.group_sale_salesman"]}],
     "records": {"crm.tag": [{"name": "old"}]},        created as the administrator, without e-mail or notes
     "rows": {"res.partner": [{"id": 4711, "name": "as is"}]},   put into the table past all rules
     "remove": {"crm.tag": [3]},
     "limit_time": 60, "row_time": 0.2,                a call that takes longer is cut off; each row is said
                                                       to take `row_time` seconds (0: real time counts)
     "conflicts": {"res.partner": 1},                  the next write there fails: another client was faster
     "smtp": false,                                    no mail server can be reached
     "databases": ["a", "b"]}                          what `db.list` answers

The answer: `{"keys": {login: key}, "ids": {model: [ids of "records"]}}`.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import PlainTextResponse, Response

from crossdock_odoo.sandbox import records
from crossdock_odoo.sandbox.access import group_id
from crossdock_odoo.sandbox.environment import ADMIN, Database, Env
from crossdock_odoo.sandbox.errors import ServerError
from crossdock_odoo.sandbox.installing import install, set_state, uninstall
from crossdock_odoo.sandbox.keys import key_of
from crossdock_odoo.sandbox.schema import load_schema

_KNOWN = frozenset(
    {"version", "modules", "edition", "api_access", "rights", "company_currency", "languages", "users"}
    | {"records", "rows", "remove", "limit_time", "row_time", "smtp", "databases", "conflicts"}
)
_SETTINGS = ("version", "api_access", "rights", "limit_time", "row_time", "databases")
_QUIET = dict.fromkeys(
    (
        *("tracking_disable", "mail_create_nolog", "mail_create_nosubscribe", "mail_notrack"),
        *("mail_activity_quick_update", "no_reset_password", "mail_auto_subscribe_no_notify"),
    ),
    True,
)


def seed(db: Database, body: bytes) -> Response:
    """Carry out one request; 400 for a key or value that makes no sense."""
    try:
        wanted = orjson.loads(body)
    except orjson.JSONDecodeError:
        return PlainTextResponse("the body must be JSON", 400)
    unknown = set(wanted) - _KNOWN
    if unknown:
        return PlainTextResponse(f"unknown keys: {', '.join(sorted(unknown))}", 400)
    try:
        with db.store.lock:
            ids = _carry_out(db, wanted)
    except (ServerError, KeyError, StopIteration) as error:
        return PlainTextResponse(f"{type(error).__name__}: {error}", 400)
    keys = {
        str(row["login"]): key_of(db, str(row["login"]))
        for row in db.store.rows["res.users"].values()
        if row.get("active")
    }
    return Response(orjson.dumps({"keys": keys, "ids": ids}), media_type="application/json")


def _carry_out(db: Database, wanted: Mapping[str, Any]) -> dict[str, list[int]]:
    for name in _SETTINGS:
        if name in wanted:
            db.store.set_setting(name, orjson.dumps(wanted[name]).decode())
    if "smtp" in wanted:
        db.store.set_setting("smtp", "reachable" if wanted["smtp"] else "refused")
    db.restore()
    db.conflicts |= wanted.get("conflicts", {})
    env = Env.of(db, ADMIN, _QUIET).sudo()
    with db.store.transaction():
        _modules(env, wanted)
        _company(env, wanted)
        for user in wanted.get("users", ()):
            _user(env, user)
        for model, rows in wanted.get("rows", {}).items():
            for row in rows:
                env.store.put(model, row["id"], {n: v for n, v in row.items() if n != "id"})
                env.store.advance(model, row["id"])
        ids = {model: records.create(env, model, rows) for model, rows in wanted.get("records", {}).items()}
        for model, keys in wanted.get("remove", {}).items():
            records.unlink(env, model, keys)
    db.stale.clear()
    if db.touched or "version" in wanted:
        load_schema(db)
    return ids


def _modules(env: Env, wanted: Mapping[str, Any]) -> None:
    states = dict(wanted.get("modules", {}))
    if wanted.get("edition") == "enterprise":
        states["web_enterprise"] = "installed"
    elif "edition" in wanted:
        states["web_enterprise"] = "uninstalled"
    install(env, [name for name, state in states.items() if state == "installed"])
    gone = [name for name, state in states.items() if state == "uninstalled"]
    if gone:
        uninstall(env, gone)
    for name, state in states.items():
        if state not in ("installed", "uninstalled"):
            set_state(env, name, state)


def _company(env: Env, wanted: Mapping[str, Any]) -> None:
    if "company_currency" in wanted:
        rows = env.store.rows["res.currency"]
        key = next(key for key, row in rows.items() if row.get("name") == wanted["company_currency"])
        env.store.put("res.currency", key, {**rows[key], "active": True})
        env.store.put("res.company", 1, {**env.row("res.company", 1), "currency_id": key})
    for key, row in list(env.store.rows["res.lang"].items()):
        if row.get("code") in wanted.get("languages", ()):
            env.store.put("res.lang", key, {**row, "active": True})


def _user(env: Env, given: Mapping[str, Any]) -> None:
    groups = [group_id(env, name) for name in given.get("groups", ["base.group_user"])]
    vals = {name: value for name, value in given.items() if name != "groups"}
    vals |= {"groups_id": [[6, 0, groups]]}
    vals.setdefault("name", given["login"])
    vals.setdefault("email", given["login"] if "@" in given["login"] else False)
    records.create(env, "res.users", [vals])
