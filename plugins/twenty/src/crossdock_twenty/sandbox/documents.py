"""GraphQL documents, parsed once and kept: root fields with their arguments and selections."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import GraphQLError, parse
from graphql.language import ast
from graphql.language.location import get_location
from graphql.pyutils import suggestion_list

from crossdock_twenty.sandbox.errors import RequestShapeError


@dataclass(slots=True)
class Selection:
    """One selected field."""

    name: str
    key: str
    arguments: Mapping[str, ast.ValueNode]
    location: tuple[int, int]
    children: list["Selection"] = field(default_factory=list)

    def argument(self, name: str, variables: Mapping[str, Any]) -> Any:
        """An argument's value, None if it is absent."""
        node = self.arguments.get(name)
        return None if node is None else literal(node, variables)

    def child(self, name: str) -> "Selection | None":
        """A selected child by name."""
        return next((c for c in self.children if c.name == name), None)


@dataclass(slots=True)
class Operation:
    """One operation: `query` or `mutation`, and its root fields."""

    kind: str
    roots: list[Selection]


def literal(node: ast.ValueNode, variables: Mapping[str, Any]) -> Any:
    """The value of an argument node."""
    if isinstance(node, ast.VariableNode):
        return variables.get(node.name.value)
    if isinstance(node, ast.ListValueNode):
        return [literal(part, variables) for part in node.values]
    if isinstance(node, ast.ObjectValueNode):
        return {part.name.value: literal(part.value, variables) for part in node.fields}
    if isinstance(node, ast.IntValueNode):
        return int(node.value)
    if isinstance(node, ast.FloatValueNode):
        return float(node.value)
    if isinstance(node, ast.NullValueNode):
        return None
    return getattr(node, "value", None)


@lru_cache(maxsize=256)
def read(source: str, operation_name: str | None = None) -> Operation:
    """Parse a document. Raises RequestShapeError (400) for a syntax error."""
    try:
        document = parse(source, no_location=False)
    except GraphQLError as error:
        raise RequestShapeError(error.message, status=400) from error
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, ast.FragmentDefinitionNode)}
    operations = [d for d in document.definitions if isinstance(d, ast.OperationDefinitionNode)]
    for definition in operations:
        named = definition.name.value if definition.name else None
        if operation_name is None or named == operation_name:
            return Operation(definition.operation.value, _selected(definition.selection_set, fragments))
    raise RequestShapeError("Must provide an operation.", status=400)


def _selected(
    found: ast.SelectionSetNode | None, fragments: Mapping[str, ast.FragmentDefinitionNode]
) -> list[Selection]:
    selections: list[Selection] = []
    for node in found.selections if found else ():
        if isinstance(node, ast.FieldNode):
            selections.append(_field(node, fragments))
        elif isinstance(node, ast.FragmentSpreadNode):
            selections += _selected(fragments[node.name.value].selection_set, fragments)
        elif isinstance(node, ast.InlineFragmentNode):
            selections += _selected(node.selection_set, fragments)
    return selections


def _field(node: ast.FieldNode, fragments: Mapping[str, ast.FragmentDefinitionNode]) -> Selection:
    name = node.name.value
    where = (1, 1)
    if node.loc is not None:
        place = get_location(node.loc.source, node.loc.start)
        where = (place.line, place.column)
    arguments = {a.name.value: a.value for a in node.arguments or ()}
    key = node.alias.value if node.alias else name
    return Selection(name, key, arguments, where, _selected(node.selection_set, fragments))


def unknown(selection: Selection, type_name: str, known: list[str]) -> RequestShapeError:
    """`Cannot query field "x" on type "Y".`, with suggestions as the reference implementation gives them."""
    message = f'Cannot query field "{selection.name}" on type "{type_name}".'
    return RequestShapeError(message + did_you_mean(selection.name, known), location=selection.location)


def did_you_mean(name: str, known: list[str], what: str = "") -> str:
    """The hint at the end of a message, or nothing."""
    options = [f'"{option}"' for option in suggestion_list(name, known)[:5]]
    if not options:
        return ""
    listed = options[0] if len(options) == 1 else ", ".join(options[:-1]) + f", or {options[-1]}"
    if len(options) == 2:
        listed = " or ".join(options)
    return f" Did you mean {what}{listed}?"
