"""The REST filter language as the tree that GraphQL filters are: `and(name[eq]:"x",not(id[in]:[a,b]))`."""

import re
from typing import Any

from crossdock_twenty.sandbox.inspection import bad_input

Tree = dict[str, Any]

OPERATORS = ("eq", "neq", "in", "containsAny", "is", "gt", "gte", "lt", "lte")
TEXT_OPERATORS = ("startsWith", "endsWith", "like", "ilike")
COMPARATORS = OPERATORS + TEXT_OPERATORS
_LEAF = re.compile(r"\s*([A-Za-z0-9_.]+)\[(\w*)\]:(.*)", re.DOTALL)
_GROUP = re.compile(r"\s*(and|or|not)\((.*)\)\s*", re.DOTALL)


def parse(text: str) -> Tree:
    """A filter as a tree. Raises RefusalError (400) for what cannot be read."""
    parts = [_node(part) for part in split(text) if part.strip()]
    return parts[0] if len(parts) == 1 else {"and": parts}


def split(text: str) -> list[str]:
    """Cut at commas that are outside quotes, parentheses and brackets."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, char in enumerate(text):
        if char == '"' and (at == 0 or text[at - 1] != "\\"):
            quoted = not quoted
        elif not quoted and char in "([":
            depth += 1
        elif not quoted and char in ")]":
            depth -= 1
        elif char == "," and not quoted and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return parts


def _node(text: str) -> Tree:
    group = _GROUP.fullmatch(text)
    if group:
        parts = [_node(part) for part in split(group.group(2)) if part.strip()]
        if group.group(1) == "not":
            return {"not": parts[0] if len(parts) == 1 else {"and": parts}}
        return {group.group(1): parts}
    leaf = _LEAF.fullmatch(text)
    if leaf is None:
        raise bad_input(f"'filter' invalid for '{text}'. eg: price[gte]:10")
    path, operator, value = leaf.groups()
    if operator not in COMPARATORS:
        known = ", ".join(COMPARATORS)
        raise bad_input(f"'filter' invalid for '{text}', comparator {operator} not in {known}")
    inner: Any = {operator: _value(operator, value)}
    for name in reversed(path.split(".")):
        inner = {name: inner}
    return dict(inner)


def _value(operator: str, text: str) -> Any:
    if operator not in ("in", "containsAny"):
        return _unquoted(text)
    body = text.strip()
    if body.startswith("[") and body.endswith("]"):
        body = body[1:-1]
    return [_unquoted(part) for part in split(body) if part.strip()]


def _unquoted(text: str) -> str:
    stripped = text.strip()
    for quote in ('"', "'"):
        if len(stripped) > 1 and stripped[0] == stripped[-1] == quote:
            return stripped[1:-1].replace("\\" + quote, quote)
    return stripped
