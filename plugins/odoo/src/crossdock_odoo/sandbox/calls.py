"""One call of a model method: who may call what, with which arguments, in one transaction."""

import inspect
import time
from collections.abc import Mapping, Sequence
from typing import Any

from crossdock_odoo.sandbox.chatter import THREAD
from crossdock_odoo.sandbox.environment import Database, Env
from crossdock_odoo.sandbox.errors import AccessError, IntegrityError, PythonError, UserError
from crossdock_odoo.sandbox.methods import ids_from, method_of, refused
from crossdock_odoo.sandbox.registry import rules
from crossdock_odoo.sandbox.schema import reread


def call(
    db: Database, uid: int, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    """Call a method; raises ServerError. Everything is taken back when it fails."""
    given = dict(kwargs)
    context = given.pop("context", None) or {}
    env = Env.of(db, uid, context)
    db.leftovers.clear()
    began = time.monotonic()
    try:
        with db.store.transaction():
            _check_language(env)
            result = _run(env, model, method, args, given)
            _check_time(db, time.monotonic() - began, args)
        db.touched = False
        return result
    except IntegrityError as error:
        reread(db)
        raise error.told() from error
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        reread(db)
        raise PythonError(type(error).__name__, str(error)) from error
    except BaseException:
        reread(db)
        raise


class CutError(Exception):
    """The worker was ended because the call took too long: no answer, nothing done (measured)."""


def _check_time(db: Database, spent: float, args: Sequence[Any]) -> None:
    rows = max((len(one) for one in args if isinstance(one, list)), default=0)
    if db.limit_time and spent + rows * db.row_time > db.limit_time:
        raise CutError


def _check_language(env: Env) -> None:
    lang = env.context.get("lang")
    known = {row.get("code") for row in env.store.rows["res.lang"].values() if row.get("active")}
    if lang and known and lang not in known:
        raise UserError(f"Invalid language code: {lang}")


def _run(env: Env, model: str, method: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    env.model(model)
    if method.startswith("_"):
        raise AccessError(f"Private methods (such as {method}) cannot be called remotely.")
    own = rules(model)
    if method in own.model_methods:
        return _called(own.model_methods[method], method, (env, *args), kwargs)
    if method in own.methods:
        ids, rest = (args[0], args[1:]) if args else (kwargs.pop("ids", []), ())
        return _called(own.methods[method], method, (env, ids_from(ids), *rest), kwargs)
    found = method_of(method, env.db.version)
    if found is None:
        found = THREAD.get(method) if env.model(model).thread else None
    if found is None:
        text = f"The method '{method}' does not exist on the model '{model}'"
        raise PythonError("AttributeError", text)
    return _called(found, method, (env, model, *args), kwargs)


def _called(function: Any, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    try:
        bound = inspect.signature(function).bind(*args, **kwargs)
    except TypeError as error:
        raise refused(method, error) from error
    return function(*bound.args, **bound.kwargs)
