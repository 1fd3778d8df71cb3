"""A record as sent, checked field by field before anything is written."""

from collections.abc import Mapping
from typing import Any

from crossdock_twenty.sandbox.catalog import Field, Object
from crossdock_twenty.sandbox.composites import SUBFIELDS, composite
from crossdock_twenty.sandbox.connects import connected
from crossdock_twenty.sandbox.errors import RefusalError
from crossdock_twenty.sandbox.inspection import bad_input, shown
from crossdock_twenty.sandbox.uploads import file_entries
from crossdock_twenty.sandbox.values import SIMPLE, record_id
from crossdock_twenty.sandbox.workspace import Workspace

Draft = dict[str, Any]


def draft(ws: Workspace, obj: Object, given: Any, *, creating: bool) -> Draft:
    """The stored form of what was sent; composites hold only the sent subfields.

    Raises RefusalError for the first field that is unknown, not writable or of the wrong type.
    """
    if not isinstance(given, dict):
        raise bad_input(f"Invalid object value {shown(given)}")
    found: Draft = {}
    for name, value in given.items():
        item = obj.columns.get(name)
        if _changes_nothing(item, value, creating=creating):
            continue
        if item is not None:
            found[name] = _stored(item, name, value, creating=creating)
            if found[name] is None and value is None and creating and not item.is_nullable:
                del found[name]
        else:
            found |= _relation(ws, obj, name, value)
    return found


def _changes_nothing(item: Field | None, value: Any, *, creating: bool) -> bool:
    """A composite ignores null on update, and an author {} on create (both measured)."""
    if item is None or item.type not in SUBFIELDS or item.type == "RICH_TEXT":
        return False
    return value == {} and item.type == "ACTOR" if creating else value is None


def _stored(item: Field, name: str, value: Any, *, creating: bool) -> Any:
    if item.type == "TS_VECTOR":
        raise bad_input(f"{name} TS_VECTOR-typed field does not support write operations")
    if value is None:
        return _cleared(item, creating=creating)
    if name == "id":
        return record_id(value)
    if item.type in SUBFIELDS:
        return composite(item, value, name)
    if item.type == "FILES":
        return file_entries(item, value, name)
    return SIMPLE[item.type](item, value, name)


def _cleared(item: Field, *, creating: bool) -> Any:
    """What null means: an empty value, or the default where the column may not be empty (assumed).

    Measured: a rich text breaks on it, and so does a position on update.
    """
    if item.type == "RICH_TEXT":
        message = "Cannot read properties of null (reading 'blocknote')"
        raise RefusalError(message, error="TypeError", extensions={"code": "INTERNAL_SERVER_ERROR"})
    if item.type == "POSITION" and not creating:
        raise bad_input(f'Invalid position value null for field "{item.name}"')
    if not item.is_nullable and not item.is_relation:
        if item.default is None:
            raise bad_input(f"Field {item.name} is not nullable and has no default value.")
        return None if creating else default_value(item)
    return {} if item.type in SUBFIELDS else None


def _relation(ws: Workspace, obj: Object, name: str, value: Any) -> Draft:
    item = obj.fields.get(name)
    if item is None:
        raise bad_input(f'Object {obj.name} doesn\'t have any "{name}" field.')
    if item.is_collection:
        raise bad_input(f"One-to-many relation {name} field does not support write operations.")
    return {item.column: connected(ws, item, name, value)}


def default_value(item: Field) -> Any:
    """A column's default; text-like defaults are kept as quoted SQL strings (measured)."""
    default = item.default
    if isinstance(default, str):
        return default[1:-1] if len(default) > 1 and default[0] == default[-1] == "'" else None
    if isinstance(default, Mapping):
        return {k: _unquoted(v) for k, v in default.items()}
    if isinstance(default, list):
        return [_unquoted(v) for v in default]
    return default


def _unquoted(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1]
    return value


def laid_over(item: Field, old: Any, new: Any) -> Any:
    """The new value; a partial composite keeps the subfields that were not sent (measured)."""
    if item.type not in SUBFIELDS or not isinstance(new, dict):
        return new
    if not new:
        return None
    if item.type in ("PHONES", "RICH_TEXT", "ACTOR"):
        kept = {k: v for k, v in (old or {}).items() if k == "additionalPhones"}
        return kept | new
    return {**(old or {}), **new}
