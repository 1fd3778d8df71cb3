"""What goes when a record goes: rows that cascade, references that become empty, and what refuses."""

from collections.abc import Sequence

from crossdock_odoo.sandbox.catalog import Field
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import foreign
from crossdock_odoo.sandbox.registry import EVERY, rules


def remove(env: Env, model: str, ids: Sequence[int]) -> None:
    """Remove records: the rules of the model first, then as the database does it, then what hangs on."""
    for hook in rules(model).unlinking:
        hook(env, ids)
    left = [key for key in ids if env.exists(model, key)]
    gone = _drop(env, model, left)
    for name, keys in gone.items():
        _hangers(env, name, keys)
    for hook in rules(model).unlinked:
        hook(env, ids)
    for everywhere in EVERY.unlinked:
        everywhere(env, model, ids)


def _drop(env: Env, model: str, ids: Sequence[int]) -> dict[str, list[int]]:
    """Delete rows and let the foreign keys act; the rows that went, by model."""
    doomed = _doomed(env, model, ids)
    for name, keys in doomed.items():
        for key in keys:
            _refuse(env, name, key, doomed)
    touched: set[tuple[str, int]] = set()
    for name, keys in doomed.items():
        for key in keys:
            touched |= _forget(env, name, key, doomed)
    for name, keys in doomed.items():
        for key in keys:
            env.store.remove(name, key)
    for name, key in sorted(touched):
        _complete(env, name, key)
    return {name: sorted(keys) for name, keys in doomed.items()}


def _doomed(env: Env, model: str, ids: Sequence[int]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {model: set(ids)}
    fresh = [(model, key) for key in ids]
    while fresh:
        name, key = fresh.pop()
        for item in env.catalog.references.get(name, ()):
            if item.type != "many2one" or action(item) != "cascade":
                continue
            for at in env.store.referring(item.model, item.name, key):
                if at not in found.setdefault(item.model, set()):
                    found[item.model].add(at)
                    fresh.append((item.model, at))
    return found


def action(item: Field) -> str:
    """What a many2one does when its target goes: cascade, restrict or set null."""
    if item.ondelete:
        return item.ondelete
    return "restrict" if item.required else "set null"


def _refuse(env: Env, name: str, key: int, doomed: dict[str, set[int]]) -> None:
    for item in env.catalog.references.get(name, ()):
        if item.type != "many2one" or action(item) != "restrict":
            continue
        if set(env.store.referring(item.model, item.name, key)) - doomed.get(item.model, set()):
            model = env.model(item.model)
            raise foreign(model.described, f"{model.table}_{item.name}_fkey")


def _complete(env: Env, name: str, key: int) -> None:
    orphaned = rules(name).orphaned
    if orphaned is not None:
        row = dict(env.row(name, key))
        orphaned(env, key, row)
        env.store.put(name, key, row)


def _forget(env: Env, name: str, key: int, doomed: dict[str, set[int]]) -> set[tuple[str, int]]:
    """Empty the references to a row, and say where; nobody's write date moves (measured)."""
    touched = set()
    for item in env.catalog.references.get(name, ()):
        for at in env.store.referring(item.model, item.name, key):
            if at in doomed.get(item.model, ()):
                continue
            row = dict(env.row(item.model, at))
            if item.type == "many2one":
                row.pop(item.name)
            else:
                row[item.name] = [one for one in row[item.name] if one != key] or None
            env.store.put(item.model, at, row)
            touched.add((item.model, at))
    return touched


def _hangers(env: Env, name: str, keys: Sequence[int]) -> None:
    """Remove external ids, files and the conversation of rows that are gone."""
    for model, by, other in (
        ("ir.model.data", "res_id", "model"),
        ("ir.attachment", "res_id", "res_model"),
        ("mail.message", "res_id", "model"),
        ("mail.activity", "res_id", "res_model"),
        ("mail.followers", "res_id", "res_model"),
    ):
        if not env.has(model):
            continue
        found = [
            at
            for key in keys
            for at in env.store.referring(model, by, key)
            if env.row(model, at).get(other) == name
        ]
        if found and (model != "mail.message" or env.model(name).thread):
            remove(env, model, found)


def drop_leftovers(env: Env, _ids: Sequence[int]) -> None:
    """Remove what may go only after the records that were built on it."""
    left, env.db.leftovers = env.db.leftovers, []
    for model, key in left:
        if env.exists(model, key):
            remove(env, model, [key])
