"""Reading records: pages, counts, ids that a filter matches, related records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from crossdock_twenty.sandbox.catalog import Field, Object
from crossdock_twenty.sandbox.filters import condition
from crossdock_twenty.sandbox.keys import chunks, marks
from crossdock_twenty.sandbox.limits import RELATED
from crossdock_twenty.sandbox.ordering import Order, after, with_id
from crossdock_twenty.sandbox.rows import Data
from crossdock_twenty.sandbox.workspace import Workspace


@dataclass(slots=True)
class Query:
    """What to list. `limit` None means all; a cursor is exclusive."""

    filter: Mapping[str, Any] | None = None
    order: Sequence[Order] = ()
    limit: int | None = None
    offset: int = 0
    after: str | None = None
    before: str | None = None
    backwards: bool = False
    count: bool = True
    within: tuple[str, str] | None = None


@dataclass(slots=True)
class Page:
    """Records of one page, whether there are more in the direction of reading, and the total."""

    records: list[Data] = field(default_factory=list)
    more: bool = False
    total: int = 0


def page(ws: Workspace, obj: Object, query: Query) -> Page:
    """One page of records."""
    where = condition(ws, obj, query.filter)
    sql, values = f"object = ? AND ({where.sql})", [obj.id, *where.values]
    if query.within is not None:
        sql += " AND id IN (SELECT record FROM link WHERE field = ? AND target = ?)"
        values += query.within
    total = ws.store.value(f"SELECT count(*) FROM record WHERE {sql}", values) if query.count else 0  # noqa: S608
    if query.limit == 0:
        return Page([], bool(total), total)
    order = list(query.order) or with_id(obj, [])
    backwards = query.backwards or query.before is not None
    for text, turned in ((query.after, False), (query.before, True)):
        if text is not None:
            where.values.clear()
            sql += f" AND ({after(text, order, where, backwards=turned)})"
            values += where.values
    sql += " ORDER BY " + ", ".join(term.clause(backwards=backwards) for term in order)
    sql += f" LIMIT {-1 if query.limit is None else query.limit + 1} OFFSET {query.offset}"
    rows = ws.store.rows(f"SELECT data FROM record WHERE {sql}", values)  # noqa: S608
    more = query.limit is not None and len(rows) > query.limit
    records = [orjson.loads(row[0]) for row in rows[: query.limit]]
    return Page(records[::-1] if backwards else records, more, total)


def matching_ids(
    ws: Workspace, obj: Object, tree: Mapping[str, Any] | None, *, trash: bool | None = False
) -> list[str]:
    """Ids that a filter matches, in creation order. `trash`: True with trashed ones, None only those."""
    where = condition(ws, obj, tree, trash=trash is not False)
    only = " AND deleted IS NOT NULL" if trash is None and not where.mentions_trash else ""
    sql = f"SELECT id FROM record WHERE object = ? AND ({where.sql}){only} ORDER BY seq"  # noqa: S608
    return [row[0] for row in ws.store.rows(sql, [obj.id, *where.values])]


def collected(ws: Workspace, item: Field, targets: Sequence[str]) -> dict[str, list[Data]]:
    """Live records on the many side of `item`, by the id they point to, at most 60 each."""
    owner, reference = ws.catalog.target(item), ws.catalog.inverse(item)
    found: dict[str, list[Data]] = {target: [] for target in targets}
    for group in chunks(targets):
        sql = (
            "SELECT link.target, record.data FROM link CROSS JOIN record"  # noqa: S608
            " ON record.object = link.object AND record.id = link.record"
            f" WHERE link.field = ? AND link.target IN ({marks(len(group))})"
            " AND record.object = ? AND record.deleted IS NULL ORDER BY record.seq"
        )
        for target, data in ws.store.rows(sql, (reference.id, *group, owner.id)):
            if len(found[target]) < RELATED:
                found[target].append(orjson.loads(data))
    return found
