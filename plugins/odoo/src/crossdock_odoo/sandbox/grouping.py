"""Counting records by a field (`read_group`, as far as a client of data needs it)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from crossdock_odoo.sandbox import access
from crossdock_odoo.sandbox.domains import search
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.reading import answered
from crossdock_odoo.sandbox.values import value


def read_group(
    env: Env,
    model: str,
    domain: Any,
    fields: Sequence[str],
    groupby: Any,
    offset: int = 0,
    limit: int | None = None,
    orderby: str | bool = False,  # noqa: ARG001 - groups come in the order of their values
    lazy: bool = True,
) -> list[dict[str, Any]]:
    """Groups by the first field named, with their count, domain and, for times, range."""
    access.check(env, model, "read")
    for name in fields:
        env.field(model, name.partition(":")[0])
    groups = [groupby] if isinstance(groupby, str) else list(groupby)
    ids = search(env, model, domain)
    count = "__count" if not lazy or not groups else f"{groups[0].partition(':')[0]}_count"
    if not groups:
        return [{"__count": len(ids)}]
    name, _, period = groups[0].partition(":")
    item = env.field(model, name)
    found: dict[Any, list[int]] = {}
    for key in ids:
        plain = value(env, model, key, name)
        found.setdefault(plain[:7] if period == "month" and plain else plain, []).append(key)
    rows = []
    for plain, keys in sorted(found.items(), key=lambda pair: (pair[0] is None, str(pair[0]))):
        row: dict[str, Any] = {count: len(keys)}
        if period == "month" and plain:
            row |= _month(groups[0], name, plain, list(domain or []))
        else:
            row[groups[0]] = answered(env, item, keys[0])
            row["__domain"] = [
                *(["&"] if domain else []),
                [name, "=", plain if plain is not None else False],
                *(domain or []),
            ]
        rows.append(row)
    return rows[offset : offset + limit if limit else None]


def _month(label: str, name: str, month: str, domain: list[Any]) -> dict[str, Any]:
    first = date.fromisoformat(f"{month}-01")
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    start, end = f"{first} 00:00:00", f"{after} 00:00:00"
    both = ["&", [name, ">=", start], [name, "<", end]]
    return {
        label: first.strftime("%B %Y"),
        "__range": {label: {"from": start, "to": end}},
        "__domain": ["&", *both, *domain] if domain else both,
    }
