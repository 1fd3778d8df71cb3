"""REST `/rest/...` over records (measured on 2.21.0)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from crossdock_twenty.sandbox.catalog import Object
from crossdock_twenty.sandbox.changes import update, upsert
from crossdock_twenty.sandbox.creation import create
from crossdock_twenty.sandbox.duplicates import duplicates
from crossdock_twenty.sandbox.errors import RefusalError, record_not_found
from crossdock_twenty.sandbox.inspection import bad_input
from crossdock_twenty.sandbox.limits import PAGE, PAGE_DEFAULT
from crossdock_twenty.sandbox.ordering import cursor, rest_order
from crossdock_twenty.sandbox.presentation import shown
from crossdock_twenty.sandbox.queries import Page, Query, collected, matching_ids, page
from crossdock_twenty.sandbox.removal import destroy, restore, soft_delete
from crossdock_twenty.sandbox.restfilters import parse
from crossdock_twenty.sandbox.rows import Data, read
from crossdock_twenty.sandbox.values import is_uuid
from crossdock_twenty.sandbox.workspace import Workspace

Answer = tuple[int, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A REST request: path segments after `/rest/`, query string and parsed body."""

    method: str
    segments: tuple[str, ...]
    query: str
    body: Any = None
    half: bool = False

    def parameter(self, name: str) -> str | None:
        """A query parameter."""
        found = parse_qs(self.query, keep_blank_values=True).get(name)
        return found[0] if found else None

    def flag(self, name: str) -> bool:
        """Whether a parameter is `true`; anything else is not (measured)."""
        return self.parameter(name) == "true"


def answer(ws: Workspace, call: Call) -> Answer:
    """Status and body. Raises RefusalError."""
    ws.bucket.take()
    head, *rest = call.segments
    if head == "batch" and len(rest) == 1 and call.method == "POST":
        return _create_many(ws, _object(ws, rest[0]), call)
    if head == "restore" and len(rest) == 1 and call.method == "PATCH":
        return _restore_many(ws, _object(ws, rest[0]), call)
    if len(call.segments) > 2 or head in ("batch", "restore"):
        raise _bad_path(call)
    obj = _object(ws, head)
    if not rest:
        return _COLLECTION[call.method](ws, obj, call)
    if rest[0] == "duplicates" and call.method == "POST":
        return _duplicates(ws, obj, call)
    if rest[0] == "groupBy" and call.method == "GET":
        return _group_by(call)
    if not is_uuid(rest[0]):
        raise bad_input(f"'{rest[0]}' is not a valid UUID")
    if call.method not in _SINGLE:
        raise _bad_path(call)
    return _SINGLE[call.method](ws, obj, call, rest[0].lower())


def _bad_path(call: Call) -> RefusalError:
    path = "/rest/" + "/".join(call.segments)
    return bad_input(
        f"Query path '{path}' invalid. Valid examples: /rest/companies/id or /rest/companies"
        " or /rest/batch/companies"
    )


def _object(ws: Workspace, name: str) -> Object:
    obj = ws.catalog.by_plural.get(name)
    if obj is None:
        singular = ws.catalog.by_name.get(name)
        hint = f"Did you mean '{singular.plural}'?" if singular else "eg: companies"
        raise bad_input(f"object '{name}' not found. {hint}")
    return obj


def _filter(call: Call) -> Mapping[str, Any] | None:
    text = call.parameter("filter")
    return parse(text) if text else None


def _depth(call: Call) -> int:
    depth = call.parameter("depth") or "0"
    if depth not in ("0", "1"):
        raise bad_input(f"'depth={depth}' parameter invalid. Allowed values are 0, 1")
    return int(depth)


def _limit(call: Call) -> int:
    """The page size: 60, silently capped at 200."""
    text = call.parameter("limit")
    if text is None:
        return PAGE_DEFAULT
    if not text.isdecimal():
        raise bad_input(f"limit '{text}' is invalid. Should be an integer")
    return min(int(text), PAGE)


def _list(ws: Workspace, obj: Object, call: Call) -> Answer:
    depth = _depth(call)
    order = rest_order(obj, call.parameter("order_by") or "")
    query = Query(
        filter=_filter(call),
        order=order,
        limit=_limit(call),
        after=call.parameter("starting_after"),
        before=call.parameter("ending_before"),
    )
    found = page(ws, obj, query)
    rows = with_related(ws, obj, found.records, depth)
    places = [cursor(order, row) for row in rows]
    info = {
        "startCursor": places[0] if places else None,
        "endCursor": places[-1] if places else None,
        "hasNextPage": found.more if query.before is None else False,
        "hasPreviousPage": found.more if query.before is not None else False,
    }
    return 200, {"data": {obj.plural: rows}, "totalCount": found.total, "pageInfo": info}


def _get(ws: Workspace, obj: Object, call: Call, key: str) -> Answer:
    found = read(ws, obj, [key], live=True)
    if not found:
        raise record_not_found()
    return 200, {"data": {obj.name: with_related(ws, obj, list(found.values()), _depth(call))[0]}}


def with_related(ws: Workspace, obj: Object, records: Sequence[Data], depth: int) -> list[Data]:
    """Records as shown; with depth 1 also the records they point to and that point to them."""
    rows = [shown(ws, obj, data) for data in records]
    if not depth:
        return rows
    for item in obj.references.values():
        target = ws.catalog.target(item)
        keys = sorted({str(row[item.column]) for row in rows if row[item.column]})
        parents = read(ws, target, keys, live=True)
        for row in rows:
            parent = parents.get(str(row[item.column]))
            row[item.name] = None if parent is None else shown(ws, target, parent)
    for item in obj.collections.values():
        target = ws.catalog.target(item)
        many = collected(ws, item, [row["id"] for row in rows])
        for row in rows:
            row[item.name] = [shown(ws, target, data) for data in many[row["id"]]]
    return rows


def _create_one(ws: Workspace, obj: Object, call: Call) -> Answer:
    made = upsert(ws, obj, [call.body]) if call.flag("upsert") else create(ws, obj, [call.body])
    return 201, {"data": {f"create{obj.rest_name}": with_related(ws, obj, made, _depth(call))[0]}}


def _create_many(ws: Workspace, obj: Object, call: Call) -> Answer:
    if not isinstance(call.body, list):
        raise bad_input("Body must be an array of records")
    again = call.flag("upsert")
    made = upsert(ws, obj, call.body) if again else create(ws, obj, call.body, half=call.half)
    return 201, {"data": {f"create{obj.rest_plural}": with_related(ws, obj, made, _depth(call))}}


def _update_one(ws: Workspace, obj: Object, call: Call, key: str) -> Answer:
    changed = update(ws, obj, [key], call.body)
    return 200, {"data": {f"update{obj.rest_name}": with_related(ws, obj, changed, _depth(call))[0]}}


def _update_many(ws: Workspace, obj: Object, call: Call) -> Answer:
    """Without a filter this updates everything, if that is not more than 200 records (measured)."""
    changed = update(ws, obj, matching_ids(ws, obj, _filter(call)), call.body)
    return 200, {"data": {f"update{obj.rest_plural}": with_related(ws, obj, changed, _depth(call))}}


def _delete_one(ws: Workspace, obj: Object, call: Call, key: str) -> Answer:
    """Destroys, unless `soft_delete=true` (measured)."""
    if not read(ws, obj, [key]):
        raise record_not_found()
    name = f"delete{obj.rest_name}"
    if call.flag("soft_delete"):
        return 200, {"data": {name: shown(ws, obj, soft_delete(ws, obj, [key])[0])}}
    destroy(ws, obj, [key])
    return 200, {"data": {name: {"id": key}}}


def _delete_many(ws: Workspace, obj: Object, call: Call) -> Answer:
    tree = _filter(call)
    if tree is None:
        raise bad_input(
            "Filters are mandatory for bulk delete operations. Please provide at least one filter"
            " to prevent accidental deletion of all records."
        )
    name = f"delete{obj.rest_plural}"
    if call.flag("soft_delete"):
        gone = soft_delete(ws, obj, matching_ids(ws, obj, tree))
        return 200, {"data": {name: [shown(ws, obj, data) for data in gone]}}
    ids = matching_ids(ws, obj, tree, trash=True)
    destroy(ws, obj, ids)
    return 200, {"data": {name: [{"id": key} for key in ids]}}


def _restore_many(ws: Workspace, obj: Object, call: Call) -> Answer:
    back = restore(ws, obj, matching_ids(ws, obj, _filter(call), trash=None))
    return 200, {"data": {f"restore{obj.rest_plural}": [shown(ws, obj, data) for data in back]}}


def _duplicates(ws: Workspace, obj: Object, call: Call) -> Answer:
    body = call.body if isinstance(call.body, dict) else {}
    found = duplicates(ws, obj, body.get("data"), body.get("ids"))
    return 200, {"data": [_duplicate_page(ws, obj, one) for one in found]}


def _duplicate_page(ws: Workspace, obj: Object, found: Page) -> Data:
    rows = [shown(ws, obj, data) for data in found.records]
    places = [cursor(rest_order(obj, ""), row) for row in rows]
    info = {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": places[0] if places else None,
        "endCursor": places[-1] if places else None,
    }
    return {f"{obj.name}Duplicates": rows, "totalCount": len(rows), "pageInfo": info}


def _group_by(call: Call) -> Answer:
    """Grouping is not emulated; composite fields are refused by the server too (measured)."""
    named = re.search(r'"(\w+)"', call.parameter("group_by") or "")
    raise bad_input(f'Field "{named.group(1) if named else ""}" is not supported in groupBy')


_COLLECTION: Mapping[str, Callable[[Workspace, Object, Call], Answer]] = {
    "GET": _list,
    "POST": _create_one,
    "PATCH": _update_many,
    "PUT": _update_many,
    "DELETE": _delete_many,
}
_SINGLE: Mapping[str, Callable[[Workspace, Object, Call, str], Answer]] = {
    "GET": _get,
    "PATCH": _update_one,
    "PUT": _update_one,
    "DELETE": _delete_one,
}
