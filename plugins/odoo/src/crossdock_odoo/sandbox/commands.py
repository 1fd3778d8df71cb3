"""Commands for many-valued references: `[4, id]`, `[6, 0, ids]`, `[0, 0, values]` and their kin."""

from typing import Any

from crossdock_odoo.sandbox.catalog import Field
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import MissingError, PythonError, foreign
from crossdock_odoo.sandbox.values import owner, value

CREATE, UPDATE, DELETE, UNLINK, LINK, CLEAR, SET = range(7)
_READ_AT_ONCE = frozenset({("res.partner", "category_id")})
"""Fields of which the server reads the records before the database checks them (measured)."""


def apply_many(env: Env, item: Field, key: int, given: Any) -> None:
    """Carry out the commands on one record."""
    commands = _commands(item, given)
    if item.relation not in env.catalog.models:
        return
    if item.type == "one2many":
        _one2many(env, item, key, commands)
    else:
        _many2many(env, item, key, commands)


def _commands(item: Field, given: Any) -> list[list[Any]]:
    if given is None or given is False:
        return [[CLEAR]]
    if not isinstance(given, list | tuple):
        raise PythonError("ValueError", f"Wrong value for {item.model}.{item.name}: {given}")
    if given and all(type(one) is int for one in given):
        return [[SET, 0, list(given)]]
    found = []
    for one in given:
        if not isinstance(one, list | tuple) or not one or one[0] not in range(7):
            raise PythonError("ValueError", f"Wrong value for {item.model}.{item.name}: {given}")
        found.append(list(one))
    return found


def _many2many(env: Env, item: Field, key: int, commands: list[list[Any]]) -> None:
    from crossdock_odoo.sandbox.records import create, unlink, write

    before = _linked(env, item, key)
    found = list(before)
    for command in commands:
        match command[0]:
            case 0:
                found += create(env, item.relation, [command[2]])
            case 1:
                write(env, item.relation, [command[1]], command[2])
            case 2:
                unlink(env, item.relation, [command[1]])
                found = [at for at in found if at != command[1]]
            case 3:
                found = [at for at in found if at != command[1]]
            case 4:
                found.append(command[1])
            case 5:
                found = []
            case _:
                found = list(command[2])
    found = list(dict.fromkeys(found))
    _check(env, item, [at for at in found if at not in before])
    _set_links(env, item, key, before, found)


def _linked(env: Env, item: Field, key: int) -> list[int]:
    twin = owner(env, item)
    if twin is item:
        return list(env.row(item.model, key).get(item.name, ()))
    return env.store.referring(twin.model, twin.name, key)


def _check(env: Env, item: Field, added: list[int]) -> None:
    missing = next((at for at in added if not env.exists(item.relation, at)), None)
    if missing is None:
        return
    if (item.model, item.name) in _READ_AT_ONCE:
        raise MissingError.of(item.relation, missing, env.uid)
    raise foreign("Unknown (unknown)", f"{item.table}_{item.column2}_fkey")


def _set_links(env: Env, item: Field, key: int, before: list[int], found: list[int]) -> None:
    twin = owner(env, item)
    if twin is item:
        row = env.row(item.model, key)
        env.store.put(item.model, key, {**row, item.name: found or None})
        return
    for at in set(before) ^ set(found):
        row = env.row(twin.model, at)
        rest = [one for one in row.get(twin.name, ()) if one != key]
        env.store.put(twin.model, at, {**row, twin.name: ([*rest, key] if at in found else rest) or None})


def _one2many(env: Env, item: Field, key: int, commands: list[list[Any]]) -> None:
    from crossdock_odoo.sandbox.records import create, unlink, write

    back, target = item.relation_field, item.relation
    fixed = {back: key}
    if env.model(target).fields[back].type == "many2one_reference":
        fixed |= {env.model(target).fields[back].extra.get("model_field", "res_model"): item.model}
    for command in commands:
        match command[0]:
            case 0:
                create(env, target, [{**command[2], **fixed}])
            case 1:
                write(env, target, [command[1]], command[2])
            case 2:
                unlink(env, target, [command[1]])
            case 3:
                _let_go(env, item, [command[1]])
            case 4:
                write(env, target, [command[1]], fixed)
            case 5:
                _let_go(env, item, value(env.with_context(active_test=False), item.model, key, item.name))
            case _:
                present = value(env.with_context(active_test=False), item.model, key, item.name)
                _let_go(env, item, [at for at in present if at not in command[2]])
                new = [at for at in command[2] if at not in present]
                if new:
                    write(env, target, new, fixed)


def _let_go(env: Env, item: Field, ids: list[int]) -> None:
    from crossdock_odoo.sandbox.records import unlink, write

    if not ids:
        return
    back = env.model(item.relation).fields[item.relation_field]
    if back.ondelete == "cascade":
        unlink(env, item.relation, ids)
    else:
        write(env, item.relation, ids, {back.name: False})
