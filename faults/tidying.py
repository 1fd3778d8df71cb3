"""Somebody in Twenty takes away a field that records hold values in: what the plugin does not, by the
platform's own interface for that."""

from typing import Any

from crossdock.model import Change
from crossdock.testing.sandboxes import Json, Sandbox

_OBJECTS = """query { objects(paging: {first: 200}) { edges { node { nameSingular
    fields(paging: {first: 500}) { edges { node { id name } } } } } } }"""
_SWITCH = "mutation($i: UpdateOneFieldMetadataInput!) { updateOneField(input: $i) { id } }"
_DELETE = "mutation($i: DeleteOneFieldInput!) { deleteOneField(input: $i) { id } }"


def _asked(sandbox: Sandbox, query: str, given: Json | None = None) -> Any:
    answer = sandbox.ask("POST", "/metadata", {"query": query, "variables": {"i": given} if given else {}})
    if "errors" in answer:
        raise AssertionError(answer["errors"])
    return answer["data"]


def take_field(sandbox: Sandbox, change: Change) -> None:
    """Take away a field that a change made, with all that records hold in it. Raises AssertionError."""
    found = _asked(sandbox, _OBJECTS)["objects"]["edges"]
    [node] = [e["node"] for e in found if e["node"]["nameSingular"] == change.object_name]
    [own] = [f["node"]["id"] for f in node["fields"]["edges"] if f["node"]["name"] == change.undo["field"]]
    _asked(sandbox, _SWITCH, {"id": own, "update": {"isActive": False}})
    _asked(sandbox, _DELETE, {"id": own})
