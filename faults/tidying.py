"""Somebody at the destination takes away, renames or makes anew a field that records hold values in: what the
plugins do not, by the platforms' own interfaces for that."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.byhand_odoo import call

from crossdock.model import Change
from crossdock.testing.sandboxes import Json, Sandbox

ASIDE = "Aside"
"""How a renamed field is called: its name, and this."""

_OBJECTS = """query { objects(paging: {first: 200}) { edges { node { id nameSingular
    fields(paging: {first: 500}) { edges { node { id name type } } } } } } }"""
_CREATE = "mutation($i: CreateOneFieldMetadataInput!) { createOneField(input: $i) { id } }"
_SWITCH = "mutation($i: UpdateOneFieldMetadataInput!) { updateOneField(input: $i) { id } }"
_DELETE = "mutation($i: DeleteOneFieldInput!) { deleteOneField(input: $i) { id } }"


def aside(change: Change) -> str:
    """The new name of a field that somebody renames."""
    return f"{change.undo['field']}{ASIDE}"


def take_field(sandbox: Sandbox, change: Change, name: str = "") -> None:
    """Take away a field that a change made, or the one of this name beside it, with all that records hold in
    it. Raises AssertionError."""
    _TAKE[sandbox.platform](sandbox, change.object_name, name or change.undo["field"])


def rename_field(sandbox: Sandbox, change: Change) -> None:
    """Give a field that a change made another name. Raises AssertionError."""
    _RENAME[sandbox.platform](sandbox, change.object_name, change.undo["field"], aside(change))


def retype_field(sandbox: Sandbox, change: Change) -> None:
    """Make a field that a change made anew, with another type: yes or no, or else a text. Raises
    AssertionError."""
    _RETYPE[sandbox.platform](sandbox, change.object_name, change.undo["field"])


# --- Twenty --------------------------------------------------------------------------------------


def _asked(sandbox: Sandbox, query: str, given: Json | None = None) -> Any:
    answer = sandbox.ask("POST", "/metadata", {"query": query, "variables": {"i": given} if given else {}})
    if "errors" in answer:
        raise AssertionError(answer["errors"])
    return answer["data"]


def _node(sandbox: Sandbox, model: str, name: str) -> tuple[str, Json]:
    """The id of an object, and what is said of one of its fields."""
    found = _asked(sandbox, _OBJECTS)["objects"]["edges"]
    [node] = [e["node"] for e in found if e["node"]["nameSingular"] == model]
    [own] = [f["node"] for f in node["fields"]["edges"] if f["node"]["name"] == name]
    return node["id"], own


def _take_in_twenty(sandbox: Sandbox, model: str, name: str) -> None:
    _, own = _node(sandbox, model, name)
    _asked(sandbox, _SWITCH, {"id": own["id"], "update": {"isActive": False}})
    _asked(sandbox, _DELETE, {"id": own["id"]})


def _rename_in_twenty(sandbox: Sandbox, model: str, name: str, other: str) -> None:
    _, own = _node(sandbox, model, name)
    update = {"name": other, "label": other, "isLabelSyncedWithName": False}
    _asked(sandbox, _SWITCH, {"id": own["id"], "update": update})


def _retype_in_twenty(sandbox: Sandbox, model: str, name: str) -> None:
    key, own = _node(sandbox, model, name)
    _take_in_twenty(sandbox, model, name)
    type_ = "BOOLEAN" if own["type"] != "BOOLEAN" else "TEXT"
    _asked(sandbox, _CREATE, {"field": {"objectMetadataId": key, "name": name, "label": name, "type": type_}})


# --- Odoo ----------------------------------------------------------------------------------------


def _of_odoo(sandbox: Sandbox, model: str, name: str) -> Json:
    """A field, out of all views: else it can be neither deleted nor renamed (measured on 18.0)."""
    shown = re.compile(rf'<field\b[^<>]*\bname="{name}"[^<>]*/>')
    for view in call(sandbox, "ir.ui.view", "search_read", [["model", "=", model]], fields=["arch_db"]):
        if shown.search(view["arch_db"]):
            arch = shown.sub("", view["arch_db"])
            call(sandbox, "ir.ui.view", "write", [view["id"]], {"arch_db": arch})
    domain = [["model", "=", model], ["name", "=", name]]
    [row] = call(sandbox, "ir.model.fields", "search_read", domain, fields=["ttype", "model_id"])
    found: Json = row
    return found


def _take_in_odoo(sandbox: Sandbox, model: str, name: str) -> None:
    call(sandbox, "ir.model.fields", "unlink", [_of_odoo(sandbox, model, name)["id"]])


def _rename_in_odoo(sandbox: Sandbox, model: str, name: str, other: str) -> None:
    call(sandbox, "ir.model.fields", "write", [_of_odoo(sandbox, model, name)["id"]], {"name": other})


def _retype_in_odoo(sandbox: Sandbox, model: str, name: str) -> None:
    own = _of_odoo(sandbox, model, name)
    call(sandbox, "ir.model.fields", "unlink", [own["id"]])
    type_ = "boolean" if own["ttype"] != "boolean" else "char"
    row = {"model_id": own["model_id"][0], "name": name, "field_description": name, "ttype": type_}
    call(sandbox, "ir.model.fields", "create", row)


_TAKE: Mapping[str, Callable[[Sandbox, str, str], None]] = {
    "twenty": _take_in_twenty,
    "odoo": _take_in_odoo,
}
_RENAME: Mapping[str, Callable[[Sandbox, str, str, str], None]] = {
    "twenty": _rename_in_twenty,
    "odoo": _rename_in_odoo,
}
_RETYPE: Mapping[str, Callable[[Sandbox, str, str], None]] = {
    "twenty": _retype_in_twenty,
    "odoo": _retype_in_odoo,
}
