"""The little introspection that clients use to find out what a server can do: names only (assumed)."""

from collections.abc import Mapping
from typing import Any

from crossdock_twenty.sandbox.documents import Selection


def introspected(root: Selection, variables: Mapping[str, Any], types: Mapping[str, list[str]]) -> Any:
    """`__typename`, `__type(name:)` and `__schema` with type and field names."""
    if root.name == "__typename":
        return "Query"
    if root.name == "__type":
        name = str(root.argument("name", variables))
        return _type(root, name, types) if name in types else None
    found: dict[str, Any] = {}
    for child in root.children:
        if child.name in ("queryType", "mutationType"):
            name = "Query" if child.name == "queryType" else "Mutation"
            found[child.key] = _type(child, name, types)
        elif child.name == "types":
            found[child.key] = [_type(child, name, types) for name in types]
    return found


def _type(selection: Selection, name: str, types: Mapping[str, list[str]]) -> dict[str, Any]:
    values: dict[str, Any] = {"name": name, "kind": "OBJECT", "__typename": "__Type"}
    for key in ("fields", "inputFields"):
        child = selection.child(key)
        if child is not None:
            names = [{"name": field} for field in types[name]]
            values[key] = [{c.key: one.get(c.name) for c in child.children} for one in names]
    return {child.key: values.get(child.name) for child in selection.children}
