"""GraphQL input types of the data API: what a server refuses before it runs anything (status 400).

Measured: the wording for unknown input fields and enum values on `/metadata`, that an actor has no
`name` on input, and that options of a select are checked later, like over REST. Assumed: the same
wording on `/graphql`, and that of wrong scalars.
"""

from collections.abc import Mapping
from typing import Any

from crossdock_twenty.sandbox.catalog import Field, Object, capital
from crossdock_twenty.sandbox.composites import SUBFIELDS
from crossdock_twenty.sandbox.errors import RequestShapeError
from crossdock_twenty.sandbox.inspection import is_number

_ACTOR_PARTS = ("source", "context")
_KINDS = {"CURRENCY": "Currency", "FULL_NAME": "FullName", "RICH_TEXT": "RichText"}
_FREE = frozenset({"secondaryLinks", "additionalEmails", "additionalPhones", "context"})
_NUMBERS = frozenset({"amountMicros", "addressLat", "addressLng"})


def check_data(obj: Object, given: Any, *, creating: bool) -> None:
    """Check one record's input object."""
    kind = f"{obj.type_name}{'Create' if creating else 'Update'}Input"
    if not isinstance(given, Mapping):
        raise _refused(f'Expected type "{kind}" to be an object.')
    for name, value in given.items():
        item = obj.columns.get(name)
        related = obj.fields.get(name)
        if item is None and (related is None or not related.is_reference):
            raise not_defined(name, kind)
        if item is not None and value is not None:
            _check_value(item, value, creating=creating)


def _check_value(item: Field, value: Any, *, creating: bool) -> None:
    if item.type in SUBFIELDS:
        _check_composite(item, value, creating=creating)
    elif item.type == "TEXT":
        _check_string(value)
    elif item.type in ("NUMBER", "NUMERIC") and not is_number(value):
        raise _refused(f"Float cannot represent non numeric value: {_quoted(value)}")
    elif item.type == "BOOLEAN" and not isinstance(value, bool):
        raise _refused(f"Boolean cannot represent a non boolean value: {_quoted(value)}")


def _check_composite(item: Field, value: Any, *, creating: bool) -> None:
    name = _KINDS.get(item.type, capital(item.type.lower()))
    kind = f"{name}{'Create' if creating else 'Update'}Input"
    if not isinstance(value, Mapping):
        raise _refused(f'Expected type "{kind}" to be an object.')
    known = _ACTOR_PARTS if item.type == "ACTOR" else SUBFIELDS[item.type]
    for part, content in value.items():
        if part not in known:
            raise not_defined(part, kind)
        if content is not None and part not in _FREE and part not in _NUMBERS:
            _check_string(content)
    if item.type == "ACTOR" and creating and value.get("source") is None:
        raise _refused('Field "source" of required type "ActorSourceEnum!" was not provided.')


def _check_string(value: Any) -> None:
    if not isinstance(value, str):
        raise _refused(f"String cannot represent a non string value: {_quoted(value)}")


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def check_filter(obj: Object, tree: Any) -> None:
    """Check a filter's field names."""
    kind = f"{obj.type_name}FilterInput"
    if tree is None:
        return
    if not isinstance(tree, Mapping):
        raise _refused(f'Expected type "{kind}" to be an object.')
    for name, value in tree.items():
        if name in ("and", "or", "not"):
            for part in value if isinstance(value, list) else [value]:
                check_filter(obj, part)
        elif name not in obj.columns and not (name in obj.fields and obj.fields[name].is_reference):
            raise not_defined(name, kind)


def not_defined(name: str, kind: str) -> RequestShapeError:
    """An input field that a type does not have."""
    return _refused(f'Field "{name}" is not defined by type "{kind}".')


def _refused(message: str) -> RequestShapeError:
    return RequestShapeError(message, status=400)
