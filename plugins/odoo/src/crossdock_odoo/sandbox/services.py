"""The services behind RPC: `common`, `db` and `object` (measured on 18.0)."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from crossdock_odoo.sandbox import calls
from crossdock_odoo.sandbox.environment import Database
from crossdock_odoo.sandbox.errors import AccessDeniedError, PythonError
from crossdock_odoo.sandbox.keys import accepts


def version(db: Database) -> dict[str, Any]:
    """What the server says of itself."""
    serie = f"{db.version}.0"
    return {
        "server_version": serie,
        "server_version_info": [db.version, 0, 0, "final", 0, ""],
        "server_serie": serie,
        "protocol_version": 1,
    }


def dispatch(db: Database, service: str, method: str, args: Sequence[Any]) -> Any:
    """Carry out one RPC request; raises ServerError."""
    if service not in _SERVICES:
        raise PythonError("KeyError", service)
    found = _SERVICES[service].get(method)
    if found is None:
        raise PythonError("Exception", f"Method not found: {method}")
    return found(db, *args)


def check_database(db: Database, name: Any) -> None:
    """Refuse a database that is not there, as the database server does."""
    if name != db.name:
        where = 'connection to server at "127.0.0.1", port 5432 failed'
        text = f'{where}: FATAL:  database "{name}" does not exist\n'
        raise PythonError("psycopg2.OperationalError", text)


def authenticate(db: Database, name: str, login: str, secret: str, *_rest: Any) -> Any:
    """The user's id, or false for a wrong secret or an unknown login."""
    check_database(db, name)
    _check_plan(db)
    for uid, row in db.store.rows["res.users"].items():
        if row.get("login") == login and row.get("active") and accepts(db, uid, str(secret)):
            return uid
    return False


def _check_plan(db: Database) -> None:
    """Assumed: an Online plan without the external API refuses every login. What it answers is not known."""
    if not db.api_access:
        raise AccessDeniedError


def execute_kw(
    db: Database,
    name: str,
    uid: Any,
    secret: Any,
    model: str,
    method: str,
    args: Sequence[Any] = (),
    kwargs: Any = None,
) -> Any:
    """Call a model method with a user's id and secret."""
    check_database(db, name)
    _check_plan(db)
    if not isinstance(uid, int) or not accepts(db, uid, str(secret)):
        raise AccessDeniedError
    return calls.call(db, uid, model, method, args, kwargs or {})


def execute(db: Database, name: str, uid: Any, secret: Any, model: str, method: str, *args: Any) -> Any:
    """The same without named arguments."""
    return execute_kw(db, name, uid, secret, model, method, args)


def databases(db: Database) -> list[str]:
    """The names of the databases."""
    listed = db.store.setting("databases")
    return list(orjson.loads(listed)) if listed else [db.name]


_SERVICES: dict[str, dict[str, Callable[..., Any]]] = {
    "common": {"version": version, "authenticate": authenticate, "login": authenticate},
    "db": {"list": databases, "server_version": lambda db: version(db)["server_version"]},
    "object": {"execute_kw": execute_kw, "execute": execute},
}
