"""Search domains: conditions in prefix notation, tried on the rows in memory (operators as measured)."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from crossdock_odoo.sandbox.access import sees
from crossdock_odoo.sandbox.catalog import Field
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import PythonError
from crossdock_odoo.sandbox.ordering import ordered
from crossdock_odoo.sandbox.registry import rules
from crossdock_odoo.sandbox.values import ids_of, named, value

Test = Callable[[int], bool]
OPERATORS = frozenset(
    {"=", "!=", "<>", "<", ">", "<=", ">=", "=?", "in", "not in", "=like", "=ilike", "like", "not like"}
    | {"ilike", "not ilike", "child_of", "parent_of", "any", "not any"}
)
_TRUE, _FALSE = (1, "=", 1), (0, "=", 1)


def search(
    env: Env, model: str, domain: Sequence[Any], *, order: str = "", limit: int | None = None, offset: int = 0
) -> list[int]:
    """The ids that a domain finds, in order. Archived rows are left out unless the context says otherwise."""
    found = filtered(env, model, with_active(env, model, list(domain or [])))
    if rules(model).visible is not None and not env.flag("ir.ui.menu.full_list"):
        visible = rules(model).visible
        found = [key for key in found if visible is None or visible(env, key)]
    found = ordered(env, model, found, order)
    found = found[offset or 0 :]
    return found[:limit] if limit else found


def with_active(env: Env, model: str, domain: list[Any]) -> list[Any]:
    """The domain with what a search adds by itself."""
    extra = rules(model).searching
    if extra is not None:
        domain = extra(env, domain)
    named_fields = {leaf[0] for leaf in domain if isinstance(leaf, list | tuple)}
    # A model that was made through the interface is archived by `x_active` (measured).
    column = next((name for name in ("active", "x_active") if name in env.model(model).fields), "")
    if env.context.get("active_test", True) and column and column not in named_fields:
        return [*normalized(domain), [column, "=", True]] if domain else [[column, "=", True]]
    return domain


def normalized(domain: list[Any]) -> list[Any]:
    """The domain with its silent `&` written out."""
    found: list[Any] = []
    expected = 1
    for term in domain:
        if expected == 0:
            found.insert(0, "&")
            expected = 1
        if term in ("&", "|"):
            expected += 1
        elif term != "!":
            expected -= 1
        found.append(term)
    return found


def filtered(env: Env, model: str, domain: list[Any]) -> list[int]:
    """The ids of all rows that hold, in no order."""
    if not domain:
        return list(env.store.rows[model])
    ids = _quick(env, model, domain)
    test = _parse(env, model, ["&"] * (_count(domain) - 1) + list(domain))
    rows = env.store.rows[model]
    return [key for key in (ids if ids is not None else list(rows)) if key in rows and test(key)]


def _count(domain: list[Any]) -> int:
    """How many terms stand side by side."""
    count = 0
    for term in reversed(domain):
        if term in ("&", "|"):
            count -= 1
        elif term != "!":
            count += 1
    return count


def _quick(env: Env, model: str, domain: list[Any]) -> list[int] | None:
    """The few rows that an index leaves, for a domain of conditions that all must hold."""
    if any(term in ("|", "!") for term in domain if isinstance(term, str)):
        return None
    best: list[int] | None = None
    for leaf in domain:
        if isinstance(leaf, str) or len(leaf) != 3:
            continue
        name, operator, wanted = leaf
        keys = wanted if operator == "in" and isinstance(wanted, list | tuple) else [wanted]
        if operator not in ("=", "in") or not all(type(key) in (int, str) for key in keys):
            continue
        if name == "id":
            found = [key for key in keys if isinstance(key, int)]
        elif name in env.store.watched.get(model, ()) and not _unlike(env, model, name, keys):
            links = env.store.links[model, name]
            found = [key for one in dict.fromkeys(keys) for key in links.get(one, ())]
        else:
            continue
        if best is None or len(found) < len(best):
            best = found
    return None if best is None else list(dict.fromkeys(best))


def _unlike(env: Env, model: str, name: str, keys: Sequence[Any]) -> bool:
    """Whether a reference is compared with a name, or a condition means more than equality."""
    item = env.field(model, name)
    return item.relational and any(isinstance(key, str) for key in keys)


def _parse(env: Env, model: str, terms: list[Any]) -> Test:
    if not terms:
        return lambda _key: True
    term = terms.pop(0)
    if term == "!":
        inner = _parse(env, model, terms)
        return lambda key: not inner(key)
    if term in ("&", "|"):
        first, second = _parse(env, model, terms), _parse(env, model, terms)
        if term == "&":
            return lambda key: first(key) and second(key)
        return lambda key: first(key) or second(key)
    return _leaf(env, model, term)


def _shown(leaf: Sequence[Any]) -> str:
    return repr(tuple(leaf))


def _leaf(env: Env, model: str, leaf: Any) -> Test:
    if not isinstance(leaf, list | tuple) or len(leaf) != 3:
        raise PythonError("ValueError", f"Invalid leaf {leaf!r}")
    name, operator, wanted = leaf
    if tuple(leaf) in (_TRUE, _FALSE):
        return lambda _key: tuple(leaf) == _TRUE
    if not isinstance(operator, str) or operator.lower() not in OPERATORS:
        raise PythonError("ValueError", f"Invalid leaf {_shown(leaf)}")
    operator = {"<>": "!="}.get(operator.lower(), operator.lower())
    first, _, rest = str(name).partition(".")
    item = env.model(model).fields.get(first)
    if item is None or not sees(env, item) or (item.hidden and not env.root):
        raise PythonError("ValueError", f"Invalid field {model}.{first} in leaf {_shown(leaf)}")
    if operator == "=?":
        return (lambda _key: True) if wanted in (None, False) else _leaf(env, model, [name, "=", wanted])
    if rest:
        return _beyond(env, model, item, rest, operator, wanted)
    own = rules(model).matching.get(first)
    if own is not None:
        return _parse(env, model, list(own(env, operator, wanted)))
    return _plain(env, model, item, operator, wanted)


def _beyond(env: Env, model: str, item: Field, rest: str, operator: str, wanted: Any) -> Test:
    """A condition on a record that the field leads to."""
    if not item.relational or item.relation not in env.catalog.models:
        raise PythonError("ValueError", f"Invalid field {model}.{item.name}.{rest}")
    test = _leaf(env.with_context(active_test=False), item.relation, [rest, operator, wanted])
    rows = env.store.rows[item.relation]
    return lambda key: any(test(at) for at in ids_of(env, model, key, item.name) if at in rows)


def _plain(env: Env, model: str, item: Field, operator: str, wanted: Any) -> Test:
    if operator in ("child_of", "parent_of"):
        return _family(env, model, item, operator, wanted)
    if operator in ("any", "not any"):
        inner = set(filtered(env, item.relation, list(wanted)))
        hit = operator == "any"
        return lambda key: bool(inner & set(ids_of(env, model, key, item.name))) is hit
    if item.relational:
        return _related(env, model, item, operator, wanted)
    return _scalar(env, model, item, operator, wanted)


def _related(env: Env, model: str, item: Field, operator: str, wanted: Any) -> Test:
    negative = operator in ("!=", "not in", "not like", "not ilike")
    listed = wanted if isinstance(wanted, list | tuple) else [wanted]
    if operator in ("<", ">", "<=", ">="):
        return _compared(lambda key: value(env, model, key, item.name), operator, wanted)
    if "like" in operator:
        keys = set(_named_like(env, item.relation, operator.removeprefix("not "), str(wanted or "")))
    elif any(isinstance(one, str) for one in listed):
        keys = {key for one in listed for key in _named_like(env, item.relation, "=", str(one))}
    else:
        keys = {one for one in listed if type(one) is int}
    empty = any(one is False or one is None for one in listed) and "like" not in operator

    def test(key: int) -> bool:
        found = ids_of(env, model, key, item.name)
        return (empty and not found) or any(at in keys for at in found)

    return (lambda key: not test(key)) if negative else test


def _named_like(env: Env, relation: str, operator: str, text: str) -> list[int]:
    if relation not in env.catalog.models:
        return []
    every = env.with_context(active_test=False)
    return [key for key in env.store.rows[relation] if _matches(operator, named(every, relation, key), text)]


def _family(env: Env, model: str, item: Field, operator: str, wanted: Any) -> Test:
    target = model if item.name == "id" else item.relation
    listed = wanted if isinstance(wanted, list | tuple) else [wanted]
    keys = {one for one in listed if type(one) is int}
    parent = env.model(target).parent or "parent_id"
    found = set(keys)
    while keys:
        if operator == "child_of":
            keys = {at for key in keys for at in env.store.referring(target, parent, key)} - found
        else:
            keys = {row[parent] for row in (env.row(target, key) for key in keys) if row.get(parent)} - found
        found |= keys
    if item.name == "id" or target == model:
        # Of a field that leads to its own model it is the records themselves that are meant (measured).
        return lambda key: key in found
    return lambda key: any(at in found for at in ids_of(env, model, key, item.name))


def _scalar(env: Env, model: str, item: Field, operator: str, wanted: Any) -> Test:
    get = _getter(env, model, item)
    if item.type in ("date", "datetime") and isinstance(wanted, str):
        wanted = _time(wanted)
    if operator in ("=", "!=", "in", "not in"):
        listed = list(wanted) if isinstance(wanted, list | tuple | set) else [wanted]
        empty = any(one is None or one is False for one in listed)
        if item.type == "boolean":
            truths = {bool(one) for one in listed}
            return _negated(lambda key: bool(get(key)) in truths, operator)
        if item.type in ("date", "datetime"):
            listed = [_time(one) if isinstance(one, str) else one for one in listed]
        wanted_ones = (_comparable(item, one) for one in listed if one is not None and one is not False)
        # What a json field holds cannot be looked up in a set.
        keys = list(wanted_ones) if item.type == "json" else set(wanted_ones)
        zero = empty and item.type in ("integer", "float", "monetary", "many2one_reference")

        def equal(key: int) -> bool:
            found = get(key)
            return (found is None and empty) or found in keys or (zero and found == 0)

        return _negated(equal, operator)
    if "like" in operator:
        text = "" if wanted in (None, False) else str(wanted)
        plain = operator.removeprefix("not ")
        return _negated(lambda key: _matches(plain, get(key), text), operator)
    return _compared(get, operator, wanted)


def _getter(env: Env, model: str, item: Field) -> Callable[[int], Any]:
    rows, name = env.store.rows[model], item.name
    if item.store and name != "id" and item.type != "binary":
        if item.type in ("integer", "float", "monetary"):
            return lambda key: rows[key].get(name, 0)
        return lambda key: rows[key].get(name)
    return lambda key: value(env, model, key, name)


def _comparable(item: Field, wanted: Any) -> Any:
    if item.type in ("integer", "float", "monetary") and isinstance(wanted, str):
        try:
            return float(wanted)
        except ValueError:
            return wanted
    return wanted


def _negated(test: Test, operator: str) -> Test:
    if operator in ("!=", "not in") or operator.startswith("not "):
        return lambda key: not test(key)
    return test


def _compared(get: Callable[[int], Any], operator: str, wanted: Any) -> Test:
    def test(key: int) -> bool:
        found = get(key)
        if found is None or found is False or wanted is None or wanted is False:
            return False
        match operator:
            case "<":
                return bool(found < wanted)
            case ">":
                return bool(found > wanted)
            case "<=":
                return bool(found <= wanted)
            case _:
                return bool(found >= wanted)

    return test


def _time(text: str) -> str:
    return text.replace("T", " ").removesuffix("Z")


def _matches(operator: str, found: Any, text: str) -> bool:
    if found is None or found is False:
        return False
    plain = str(found)
    match operator:
        case "=":
            return plain == text
        case "=like":
            return bool(_pattern(text, False).fullmatch(plain))
        case "=ilike":
            return bool(_pattern(text, True).fullmatch(plain))
        case "like":
            return bool(_pattern(f"%{text}%", False).fullmatch(plain))
        case _:
            return bool(_pattern(f"%{text}%", True).fullmatch(plain))


@cache
def _pattern(text: str, ignore_case: bool) -> re.Pattern[str]:
    parts, at = [], 0
    while at < len(text):
        sign = text[at]
        if sign == "\\" and at + 1 < len(text):
            at += 1
            parts.append(re.escape(text[at]))
        else:
            parts.append({"%": ".*", "_": "."}.get(sign) or re.escape(sign))
        at += 1
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if ignore_case else 0))
