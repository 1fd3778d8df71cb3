"""Reading one value of one record: stored, computed, shown from another record, or the records beyond."""

from typing import Any

from crossdock_odoo.sandbox.catalog import Field
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.registry import rules

_EMPTY: dict[str, Any] = {
    "boolean": False,
    "integer": 0,
    "float": 0.0,
    "monetary": 0.0,
    "many2one_reference": 0,
}


def value(env: Env, model: str, key: int, name: str) -> Any:
    """The plain value: text, number, id, list of ids; None for nothing. Access is not checked."""
    if name == "id":
        return key
    item = env.field(model, name)
    if item.type == "one2many":
        return children(env, item, key)
    computed = rules(model).computed.get(name)
    if computed is not None:
        return computed(env, key)
    if name == "display_name":
        return named(env, model, key)
    if item.type == "many2many" and item.store:
        return linked(env, item, key)
    if item.type == "binary" and item.store:
        from crossdock_odoo.sandbox.binaries import binary

        return binary(env, item, key)
    if item.store:
        found = env.row(model, key).get(name)
        return _EMPTY.get(item.type) if found is None else found
    if item.related:
        return _related(env, item, key)
    return [] if item.many else _EMPTY.get(item.type)


def _related(env: Env, item: Field, key: int) -> Any:
    model, ids = item.model, [key]
    *path, last = item.related.split(".")
    for name in path:
        step = env.model(model).fields.get(name)
        if step is None or step.relation not in env.catalog.models:
            return [] if item.many else _EMPTY.get(item.type)
        ids = [target for one in ids for target in ids_of(env, model, one, name)][:1]
        model = step.relation
    if not ids:
        return [] if item.many else _EMPTY.get(item.type)
    return value(env, model, ids[0], last)


def ids_of(env: Env, model: str, key: int, name: str) -> list[int]:
    """The records that a relational field leads to."""
    found = value(env, model, key, name)
    if isinstance(found, list):
        return found
    return [found] if found else []


def linked(env: Env, item: Field, key: int) -> list[int]:
    """The records of a stored many2many field, in the order of their model."""
    twin = owner(env, item)
    if twin is item:
        found = list(env.row(item.model, key).get(item.name, ()))
    else:
        found = env.store.referring(twin.model, twin.name, key)
    return in_order(env, item.relation, found)


def owner(env: Env, item: Field) -> Field:
    """The field whose rows hold a many2many relation: that of users, else the first by name."""
    twin = env.catalog.twin(item)
    if twin is None or _rank(item) <= _rank(twin):
        return item
    return twin


def _rank(item: Field) -> tuple[bool, str, str]:
    return item.model != "res.users", item.model, item.name


def children(env: Env, item: Field, key: int) -> list[int]:
    """The records whose many2one, or reference by model and id, leads here."""
    if item.relation not in env.catalog.models:
        return []
    back = env.model(item.relation).fields.get(item.relation_field)
    if back is None:
        return []
    found = env.store.referring(item.relation, back.name, key)
    if back.type == "many2one_reference":
        by = back.extra.get("model_field", "res_model")
        found = [at for at in found if env.row(item.relation, at).get(by) == item.model]
    if env.context.get("active_test", True) and "active" in env.model(item.relation).fields:
        found = [at for at in found if env.row(item.relation, at).get("active")]
    domain = item.extra.get("domain")
    if found and isinstance(domain, list) and domain and back.type == "many2one":
        from crossdock_odoo.sandbox.domains import filtered

        held = set(filtered(env, item.relation, domain))
        found = [at for at in found if at in held]
    return in_order(env, item.relation, found)


def in_order(env: Env, model: str, ids: list[int]) -> list[int]:
    """Ids in the order in which the model is listed."""
    if len(ids) < 2 or model not in env.catalog.models:
        return ids
    from crossdock_odoo.sandbox.ordering import ordered

    return ordered(env, model, ids, "")


def named(env: Env, model: str, key: int) -> str:
    """The display name of a record."""
    own = rules(model).named
    if own is not None:
        return own(env, key)
    shape = env.model(model)
    item = shape.fields.get(shape.rec_name)
    if item is None:
        return f"{model},{key}"
    found = value(env, model, key, item.name)
    if item.type == "many2one":
        return named(env, item.relation, found) if found else ""
    if item.type == "selection":
        return str(dict(item.selection or ()).get(found, ""))
    return "" if found is None else str(found)
