"""Selections of the data API: checked against the object, then cut out of stored records."""

from collections.abc import Mapping
from typing import Any

from crossdock_twenty.sandbox.catalog import Field, Object, capital
from crossdock_twenty.sandbox.composites import SUBFIELDS
from crossdock_twenty.sandbox.documents import Selection, unknown
from crossdock_twenty.sandbox.errors import RefusalError, RequestShapeError
from crossdock_twenty.sandbox.limits import RELATED
from crossdock_twenty.sandbox.ordering import cursor, graphql_order
from crossdock_twenty.sandbox.presentation import shown, shown_value
from crossdock_twenty.sandbox.queries import Page, Query, page
from crossdock_twenty.sandbox.rows import Data, read_one
from crossdock_twenty.sandbox.workspace import Workspace

_CONNECTION = ("totalCount", "pageInfo", "edges")
_FILE_PARTS = ("fileId", "label", "extension", "url")


def check(ws: Workspace, selection: Selection, obj: Object, *, connected: bool = False) -> None:
    """Refuse unknown fields and missing selections."""
    if not connected:
        _check_node(ws, selection, obj)
        return
    for child in selection.children:
        if child.name not in (*_CONNECTION, "__typename"):
            raise unknown(child, f"{obj.type_name}Connection", list(_CONNECTION))
        if child.name == "edges":
            node = child.child("node")
            if node is not None:
                _check_node(ws, node, obj)


def _check_node(ws: Workspace, selection: Selection, obj: Object) -> None:
    if not selection.children:
        raise _needs_selection(selection, obj.type_name)
    for child in selection.children:
        item = obj.columns.get(child.name)
        related = obj.fields.get(child.name)
        if child.name == "__typename":
            continue
        if item is not None:
            _check_column(child, item)
        elif related is not None and related.is_relation:
            target = ws.catalog.target(related)
            check(ws, child, target, connected=related.is_collection)
        else:
            raise unknown(child, obj.type_name, [*obj.columns, *obj.collections])


def _check_column(selection: Selection, item: Field) -> None:
    parts = _FILE_PARTS if item.type == "FILES" else SUBFIELDS.get(item.type, ())
    kind = "FileObject" if item.type == "FILES" else capital(item.type.lower())
    if parts and not selection.children:
        raise _needs_selection(selection, kind)
    for child in selection.children:
        if child.name not in (*parts, "__typename"):
            raise unknown(child, kind, list(parts))


def _needs_selection(selection: Selection, kind: str) -> RequestShapeError:
    message = (
        f'Field "{selection.name}" of type "{kind}" must have a selection of subfields.'
        f' Did you mean "{selection.name} {{ ... }}"?'
    )
    return RequestShapeError(message, location=selection.location)


def _many_in_many(selection: Selection, obj: Object, inside: bool, ws: Workspace) -> bool:
    """Whether a list of records is selected inside a related list of records."""
    for child in selection.children:
        related = obj.fields.get(child.name)
        if related is None or not related.is_relation:
            continue
        target = ws.catalog.target(related)
        if related.is_collection:
            edges = child.child("edges")
            node = edges.child("node") if edges else None
            if inside or (node is not None and _many_in_many(node, target, True, ws)):
                return True
        elif _many_in_many(child, target, inside, ws):
            return True
    return False


def check_depth(ws: Workspace, node: Selection | None, obj: Object) -> None:
    """Refuse a one-to-many inside a one-to-many (measured)."""
    if node is not None and _many_in_many(node, obj, False, ws):
        raise RefusalError(
            "Query complexity is too high."
            " One-to-Many relation cannot be nested in another One-to-Many relation.",
            extensions={
                "subCode": "TOO_COMPLEX_QUERY",
                "userFriendlyMessage": "An error occurred.",
                "code": "BAD_USER_INPUT",
            },
        )


def connection(
    ws: Workspace,
    obj: Object,
    found: Page,
    selection: Selection,
    variables: Mapping[str, Any],
    query: Query | None = None,
) -> dict[str, Any]:
    """A page of records as selected."""
    edges = selection.child("edges")
    node = edges.child("node") if edges else None
    check_depth(ws, node, obj)
    nodes = [record_node(ws, obj, data, node, variables) if node else {} for data in found.records]
    order = list(query.order) if query and query.order else graphql_order(obj, None)
    places = [cursor(order, {"id": data["id"]} | one) for data, one in zip(found.records, nodes, strict=True)]
    values = {
        "totalCount": found.total,
        "pageInfo": {
            "hasNextPage": found.more,
            "hasPreviousPage": bool(query and (query.after or query.offset)),
            "startCursor": places[0] if places else None,
            "endCursor": places[-1] if places else None,
        },
    }
    result: dict[str, Any] = {}
    for child in selection.children:
        if child.name == "edges":
            pairs = zip(nodes, places, strict=True)
            result[child.key] = [_edge(child, one, place) for one, place in pairs]
        elif child.name == "__typename":
            result[child.key] = f"{obj.type_name}Connection"
        else:
            result[child.key] = projected(values[child.name], child)
    return result


def _edge(selection: Selection, node: Data, place: str) -> dict[str, Any]:
    values = {"node": node, "cursor": place, "__typename": "Edge"}
    return {child.key: values[child.name] for child in selection.children}


def projected(value: Any, selection: Selection) -> Any:
    """The selected part of plain data."""
    if isinstance(value, list):
        return [projected(part, selection) for part in value]
    if not selection.children or not isinstance(value, Mapping):
        return value
    return {child.key: projected(value.get(child.name), child) for child in selection.children}


def record_node(
    ws: Workspace, obj: Object, data: Data, selection: Selection, variables: Mapping[str, Any]
) -> Data:
    """A record as selected, related records included; a trashed parent is shown as null (measured)."""
    found: Data = {}
    for child in selection.children:
        item = obj.columns.get(child.name)
        if child.name == "searchVector":
            found[child.key] = shown(ws, obj, data, [child.name])[child.name]
        elif item is not None:
            found[child.key] = projected(shown_value(ws, item, data.get(child.name)), child)
        elif child.name == "__typename":
            found[child.key] = obj.type_name
        else:
            found[child.key] = _related(ws, obj.fields[child.name], data, child, variables)
    return found


def _related(
    ws: Workspace, item: Field, data: Data, selection: Selection, variables: Mapping[str, Any]
) -> Any:
    target = ws.catalog.target(item)
    if item.is_reference:
        key = data.get(item.column)
        parent = read_one(ws, target, key, live=True) if key else None
        return None if parent is None else record_node(ws, target, parent, selection, variables)
    query = Query(
        filter=selection.argument("filter", variables),
        order=graphql_order(target, selection.argument("orderBy", variables)),
        limit=int(selection.argument("first", variables) or RELATED),
        after=selection.argument("after", variables),
        within=(item.target_field or "", data["id"]),
    )
    return connection(ws, target, page(ws, target, query), selection, variables, query)
