"""GraphQL `/graphql`: one resolver for each verb and object, executed without building a schema."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crossdock_twenty.sandbox import workflows
from crossdock_twenty.sandbox.catalog import Catalog, Object
from crossdock_twenty.sandbox.changes import update, upsert
from crossdock_twenty.sandbox.creation import create
from crossdock_twenty.sandbox.documents import Operation, Selection, did_you_mean, unknown
from crossdock_twenty.sandbox.duplicates import duplicates
from crossdock_twenty.sandbox.errors import RefusalError, RequestShapeError, record_not_found
from crossdock_twenty.sandbox.inputs import check_data, check_filter
from crossdock_twenty.sandbox.introspection import introspected
from crossdock_twenty.sandbox.limits import PAGE, ROOTS
from crossdock_twenty.sandbox.ordering import graphql_order
from crossdock_twenty.sandbox.queries import Query, matching_ids, page
from crossdock_twenty.sandbox.removal import destroy, restore, soft_delete
from crossdock_twenty.sandbox.rows import Data, read_one
from crossdock_twenty.sandbox.search import search
from crossdock_twenty.sandbox.selecting import check, connection, projected, record_node
from crossdock_twenty.sandbox.values import record_id
from crossdock_twenty.sandbox.workspace import Workspace

VERBS = ("create", "update", "delete", "destroy", "restore")


@dataclass(frozen=True, slots=True)
class Call:
    """One root field: what is done, to which object, to one or to many."""

    verb: str
    obj: Object
    many: bool


def calls(catalog: Catalog, kind: str) -> dict[str, Call]:
    """All root fields of `Query` or `Mutation`."""
    found: dict[str, Call] = {}
    for obj in catalog.objects.values():
        if kind == "query":
            one, many = _lower(obj.type_name), _lower(obj.plural_type)
            found[many] = Call("list", obj, many=True)
            found[one] = Call("one", obj, many=False)
            if obj.duplicate_criteria:
                found[f"{one}Duplicates"] = Call("duplicates", obj, many=True)
            continue
        for verb in VERBS:
            found[verb + obj.plural_type] = Call(verb, obj, many=True)
            found[verb + obj.type_name] = Call(verb, obj, many=False)
    return found


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def execute(
    ws: Workspace, operation: Operation, variables: Mapping[str, Any], *, half: bool = False
) -> dict[str, Any]:
    """Run an operation. Each root field takes a token and fails by itself (measured).

    Raises RequestShapeError for a document that does not fit the schema.
    """
    known = calls(ws.catalog, operation.kind)
    _check(ws, operation, known, variables)
    refused = _too_much(operation)
    if refused is not None:
        return {"data": {}, "errors": [refused.graphql()]}
    data: dict[str, Any] = {}
    errors: list[dict[str, Any]] = []
    for root in operation.roots:
        try:
            data[root.key] = _resolve(ws, root, known, variables, half=half)
        except RefusalError as error:
            if root.name in workflows.MUTATIONS:  # its answer may not be null, so all data is
                return {"errors": [error.graphql()], "data": None}
            data[root.key] = None
            errors.append(error.graphql())
    return {"data": data, "errors": errors} if errors else {"data": data}


def _too_much(operation: Operation) -> RefusalError | None:
    """At most 20 root fields, each resolver once (measured)."""
    roots = operation.roots
    extensions = {"code": "BAD_USER_INPUT"}
    if len(roots) > ROOTS:
        message = (
            f"Query too complex - Too many root resolvers requested: {len(roots)}"
            f" - Maximum allowed root resolvers: {ROOTS}"
        )
        return RefusalError(message, extensions=extensions)
    names = [root.name for root in roots]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        return RefusalError(f'Duplicate root resolver: "{twice}"', extensions=extensions)
    return None


def _check(
    ws: Workspace, operation: Operation, known: Mapping[str, Call], variables: Mapping[str, Any]
) -> None:
    for root in operation.roots:
        if root.name.startswith("__") or root.name == "search":
            continue
        if operation.kind == "mutation" and root.name in workflows.MUTATIONS:
            continue
        call = known.get(root.name)
        if call is None:
            type_name = "Mutation" if operation.kind == "mutation" else "Query"
            raise unknown(root, type_name, list(known))
        check(ws, root, call.obj, connected=call.verb in ("list", "duplicates"))
        _check_arguments(root, call, variables)


def _check_arguments(root: Selection, call: Call, variables: Mapping[str, Any]) -> None:
    if call.verb in ("create", "update"):
        given = root.argument("data", variables)
        for one in given if isinstance(given, list) else [given]:
            check_data(call.obj, one, creating=call.verb == "create")
    check_filter(call.obj, root.argument("filter", variables))


def _resolve(
    ws: Workspace, root: Selection, known: Mapping[str, Call], variables: Mapping[str, Any], *, half: bool
) -> Any:
    if root.name.startswith("__"):
        return introspected(root, variables, _types(ws.catalog))
    ws.bucket.take()
    if root.name == "search":
        found = search(
            ws, str(root.argument("searchInput", variables) or ""), root.argument("limit", variables)
        )
        return projected(found, root)
    arguments = {name: root.argument(name, variables) for name in root.arguments}
    if root.name in workflows.MUTATIONS:
        return workflows.call(ws, root.name, arguments)
    call = known[root.name]
    if call.verb == "list":
        return _list(ws, call.obj, root, arguments, variables)
    if call.verb == "duplicates":
        return [
            connection(ws, call.obj, rows, root, variables)
            for rows in duplicates(ws, call.obj, arguments.get("data"), arguments.get("ids"))
        ]
    if call.verb == "one":
        return record_node(ws, call.obj, _one(ws, call.obj, arguments), root, variables)
    records = _written(ws, call, arguments, half=half)
    if call.many:
        return [record_node(ws, call.obj, data, root, variables) for data in records]
    return record_node(ws, call.obj, records[0], root, variables)


def _types(catalog: Catalog) -> dict[str, list[str]]:
    types = {name.capitalize(): list(calls(catalog, name)) for name in ("query", "mutation")}
    for obj in catalog.objects.values():
        types[obj.type_name] = [*obj.columns, *(f.name for f in obj.fields.values() if f.is_relation)]
        types[f"{obj.type_name}CreateInput"] = list(obj.columns)
    return types


def _list(
    ws: Workspace, obj: Object, root: Selection, args: Mapping[str, Any], variables: Mapping[str, Any]
) -> dict[str, Any]:
    last = args.get("last")
    query = Query(
        filter=args.get("filter"),
        order=graphql_order(obj, args.get("orderBy")),
        limit=int(last or args.get("first") or PAGE) if args.get("first") != 0 else 0,
        offset=int(args.get("offset") or 0),
        after=args.get("after"),
        before=args.get("before"),
        backwards=last is not None,
        count=root.child("totalCount") is not None,
    )
    return connection(ws, obj, page(ws, obj, query), root, variables, query)


def _one(ws: Workspace, obj: Object, args: Mapping[str, Any]) -> Data:
    found = page(ws, obj, Query(filter=args.get("filter"), limit=1, count=False)).records
    if not found:
        raise record_not_found()
    return found[0]


def _written(ws: Workspace, call: Call, args: Mapping[str, Any], *, half: bool) -> list[Data]:
    if call.verb == "create":
        rows = args.get("data") if call.many else [args.get("data")]
        given = rows if isinstance(rows, list) else [rows]
        return upsert(ws, call.obj, given) if args.get("upsert") else create(ws, call.obj, given, half=half)
    return _applied(ws, call, _ids(ws, call, args), args.get("data"))


def _ids(ws: Workspace, call: Call, args: Mapping[str, Any]) -> list[str]:
    """The records a change is for. Destroying reaches trashed ones, restoring only those."""
    if call.many:
        trash = {"destroy": True, "restore": None}.get(call.verb, False)
        return matching_ids(ws, call.obj, args.get("filter"), trash=trash)
    key = record_id(args.get("id"))
    if read_one(ws, call.obj, key) is None:
        raise record_not_found()
    return [key]


def _applied(ws: Workspace, call: Call, ids: list[str], data: Any) -> list[Data]:
    if call.verb == "update":
        return update(ws, call.obj, ids, data)
    actions: Mapping[str, Callable[[Workspace, Object, list[str]], list[Data]]] = {
        "delete": soft_delete,
        "destroy": destroy,
        "restore": restore,
    }
    return actions[call.verb](ws, call.obj, ids)


def not_signed_in(operation: Operation) -> RequestShapeError:
    """Without a token the schema has no objects at all (measured)."""
    root = operation.roots[0]
    kind = "Mutation" if operation.kind == "mutation" else "Query"
    return RequestShapeError(
        f'Cannot query field "{root.name}" on type "{kind}".' + did_you_mean(root.name, []),
        location=root.location,
    )
