"""Creating, writing and unlinking records: the common part of every model.

A change runs the rules of its model around it (`registry`), checks constraints as the database would, and
takes nothing back by itself: the transaction of the request does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock_odoo.sandbox import access
from crossdock_odoo.sandbox.binaries import keep_binary
from crossdock_odoo.sandbox.catalog import AUTOMATIC, Field, Model
from crossdock_odoo.sandbox.columns import rounded, stored
from crossdock_odoo.sandbox.commands import apply_many
from crossdock_odoo.sandbox.constraints import check_row
from crossdock_odoo.sandbox.defaults import defaults_for
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import MissingError, PythonError
from crossdock_odoo.sandbox.registry import EVERY, Rules, Values, rules
from crossdock_odoo.sandbox.removal import remove


def create(env: Env, name: str, given: Sequence[Mapping[str, Any]]) -> list[int]:
    """Create records; their ids, in order."""
    model = env.model(name)
    access.check(env, name, "create")
    _conflict(env, name)
    own = rules(name)
    prepared = [_prepared(env, model, own, vals) for vals in given]
    for returned in own.returned:
        for vals, made in zip(given, prepared, strict=True):
            if isinstance(vals, dict) and returned in made:
                vals[returned] = made[returned]
    ids = [_insert(env, model, own, vals) for vals in prepared]
    for hook in own.created:
        hook(env, ids, prepared)
    for everywhere in EVERY.created:
        everywhere(env, name, ids, given)
    return ids


def _known(env: Env, model: Model, vals: Mapping[str, Any]) -> Values:
    unknown = next((key for key in vals if not _there(env, model, key)), None)
    if unknown is not None:
        raise PythonError("ValueError", f"Invalid field {unknown!r} on model {model.name!r}")
    return {key: value for key, value in vals.items() if key not in AUTOMATIC and key != "id"}


def _there(env: Env, model: Model, name: str) -> bool:
    item = model.fields.get(name)
    return item is not None and (env.root or not item.hidden)


def _prepared(env: Env, model: Model, own: Rules, given: Mapping[str, Any]) -> Values:
    vals = _known(env, model, given)
    for hook in own.creating:
        hook(env, vals)
    vals = defaults_for(env, model, [key for key in model.fields if key not in vals]) | vals
    for parent, through in model.inherits.items():
        _into_parent(env, model, parent, through, vals)
    return vals


def _into_parent(env: Env, model: Model, parent: str, through: str, vals: Values) -> None:
    """Create or change the record that a model is built on, with the values that are its own."""
    inner = {key: vals.pop(key) for key in list(vals) if _inherited(model, key, through)}
    if vals.get(through):
        if inner:
            write(env.sudo(), parent, [int(vals[through])], inner)
    else:
        vals[through] = create(env.sudo(), parent, [inner])[0]


def _inherited(model: Model, key: str, through: str) -> bool:
    item = model.fields[key]
    return item.inherited and item.related.startswith(f"{through}.")


def _insert(env: Env, model: Model, own: Rules, vals: Values) -> int:
    key = env.store.next_id(model.name)
    row: Values = {}
    for name, given in vals.items():
        item = model.fields[name]
        if item.store and not item.many and item.type != "binary":
            row[name] = stored(item, given)
    _round_money(env, model, row)
    row |= {"create_uid": env.uid, "create_date": env.now, "write_uid": env.uid, "write_date": env.now}
    row = {name: value for name, value in row.items() if value is not None}
    for hook in own.settled:
        hook(env, key, row, vals)
    check_row(env, model, key, row, vals)
    env.store.put(model.name, key, row)
    _beyond(env, model, own, key, vals)
    return key


def _beyond(env: Env, model: Model, own: Rules, key: int, vals: Mapping[str, Any]) -> None:
    """Write what is not in the row: files, many-valued references, values shown from other records."""
    for name, given in vals.items():
        item = model.fields[name]
        if name in own.inverse:
            own.inverse[name](env, key, given)
        elif item.type == "binary":
            keep_binary(env, item, key, given)
        elif item.many and (item.store or item.type == "one2many"):
            apply_many(env, item, key, given)
        elif item.related and not item.inherited:
            _through(env, item, key, given)


def _through(env: Env, item: Field, key: int, given: Any) -> None:
    """Write a value that is shown from another record there, one step away."""
    first, _, last = item.related.partition(".")
    target = env.row(item.model, key).get(first)
    step = env.model(item.model).fields.get(first)
    writable = step is not None and step.type == "many2one" and "." not in last
    if target and step is not None and writable and not item.readonly and env.exists(step.relation, target):
        write(env.sudo(), step.relation, [target], {last: given})


def _round_money(env: Env, model: Model, row: Values) -> None:
    """An amount is rounded by its currency when that comes in the same values (measured)."""
    for name in row:
        item = model.fields.get(name)
        if item is not None and item.type == "monetary" and row.get(item.currency_field):
            currency = env.row("res.currency", row[item.currency_field])
            row[name] = rounded(row[name], 0 if currency.get("rounding", 0.01) >= 1 else 2)


def write(env: Env, name: str, ids: Sequence[int], given: Mapping[str, Any]) -> bool:
    """Write the same values to records. Ids that are no ids are passed over (measured: `[null]` is true)."""
    model = env.model(name)
    ids = [key for key in ids if key]
    access.check(env, name, "write")
    vals = _known(env, model, given)
    missing = next((key for key in ids if not env.exists(name, key)), None)
    if missing is not None:
        raise MissingError.of(name, missing, env.uid)
    if not ids or not given:
        return True
    _conflict(env, name)
    own = rules(name)
    for hook in own.writing:
        hook(env, ids, vals)
    before = {key: env.row(name, key) for key in ids}
    for parent, through in model.inherits.items():
        inner = {key: vals[key] for key in vals if _inherited(model, key, through)}
        if inner:
            write(env.sudo(), parent, [env.row(name, key)[through] for key in ids], inner)
    plain = _columns(model, vals)
    for key in ids:
        _change(env, model, own, key, plain, vals)
    for written in own.written:
        written(env, ids, vals, before)
    for everywhere in EVERY.written:
        everywhere(env, name, ids, vals, before)
    return True


def _conflict(env: Env, name: str) -> None:
    """Fail as the server does when its own five tries have met another transaction (measured)."""
    left = env.db.conflicts.get(name, 0)
    if left and not env.root:
        env.db.conflicts[name] = left - 1
        raise PythonError(
            "psycopg2.errors.SerializationFailure", "could not serialize access due to concurrent update\n"
        )


def _columns(model: Model, vals: Mapping[str, Any]) -> Values:
    found = {}
    for name, given in vals.items():
        item = model.fields[name]
        if item.store and not item.many and item.type != "binary":
            found[name] = stored(item, given)
    return found


def _change(env: Env, model: Model, own: Rules, key: int, plain: Values, vals: Values) -> None:
    changed = dict(plain)
    _round_money(env, model, changed)
    row = {**env.row(model.name, key), **changed, "write_uid": env.uid, "write_date": env.now}
    for name, value in changed.items():
        if value is None:
            row.pop(name)
    for hook in own.resettled:
        hook(env, key, row, vals)
    check_row(env, model, key, row, vals)
    env.store.put(model.name, key, row)
    _beyond(env, model, own, key, {n: v for n, v in vals.items() if not model.fields[n].inherited})


def unlink(env: Env, name: str, ids: Sequence[int]) -> bool:
    """Unlink records, with what goes along (`removal`)."""
    env.model(name)
    access.check(env, name, "unlink")
    ids = [key for key in ids if key]
    missing = next((key for key in ids if not env.exists(name, key)), None)
    if missing is not None:
        raise MissingError.of(name, missing, env.uid)
    if ids:
        remove(env, name, ids)
    return True
