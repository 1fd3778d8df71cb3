"""Filter trees as SQL conditions, with the database's rules for missing values.

A tree is `{field: {op: value}}`, `{composite: {part: {op: value}}}`, `{relation: tree}` (assumed) and
`and`, `or`, `not`. Trashed records are reachable as soon as `deletedAt` is mentioned (measured).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock_twenty.sandbox.catalog import Field, Object
from crossdock_twenty.sandbox.clock import stamp
from crossdock_twenty.sandbox.composites import SUBFIELDS
from crossdock_twenty.sandbox.inspection import bad_input, shown
from crossdock_twenty.sandbox.keys import marks
from crossdock_twenty.sandbox.values import moment, record_id
from crossdock_twenty.sandbox.workspace import Workspace

_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_PATTERNS = {"startsWith": "{}%", "endsWith": "%{}", "like": "{}", "ilike": "{}"}
_NUMERIC_PARTS = frozenset({"amountMicros", "addressLat", "addressLng"})


@dataclass
class Condition:
    """A SQL condition, its values, and whether it speaks of the trash."""

    sql: str = "1"
    values: list[Any] = field(default_factory=list)
    mentions_trash: bool = False


def condition(
    ws: Workspace, obj: Object, tree: Mapping[str, Any] | None, *, trash: bool = False
) -> Condition:
    """The condition for a filter; without `trash`, live records only, unless the filter says otherwise."""
    found = Condition()
    found.sql = _all(ws, obj, tree or {}, found)
    if not trash and not found.mentions_trash:
        found.sql = f"({found.sql}) AND deleted IS NULL"
    return found


def _all(ws: Workspace, obj: Object, tree: Mapping[str, Any], into: Condition) -> str:
    parts = [_node(ws, obj, name, value, into) for name, value in tree.items() if value is not None]
    return " AND ".join(f"({part})" for part in parts) or "1"


def _node(ws: Workspace, obj: Object, name: str, value: Any, into: Condition) -> str:
    if name in ("and", "or"):
        trees = value if isinstance(value, list) else [value]
        parts = [f"({_all(ws, obj, tree, into)})" for tree in trees]
        return (" AND " if name == "and" else " OR ").join(parts) or "1"
    if name == "not":
        return f"NOT ({_all(ws, obj, value, into)})"
    item = obj.columns.get(name)
    if item is None:
        return _related(ws, obj, name, value, into)
    if name == "deletedAt":
        into.mentions_trash = True
    if item.type in SUBFIELDS:
        return _composite(obj, item, value, into)
    return _leaf(column_sql(item), item.type, value, into, name)


def _related(ws: Workspace, obj: Object, name: str, value: Any, into: Condition) -> str:
    item = obj.fields.get(name)
    if item is None or not item.is_reference:
        raise unknown_field(obj, name)
    target = ws.catalog.target(item)
    inner = _all(ws, target, value, into)
    into.values.insert(len(into.values) - inner.count("?"), target.id)
    return f"{column_sql(item)} IN (SELECT id FROM record WHERE object = ? AND ({inner}))"  # noqa: S608


def unknown_field(obj: Object, name: str) -> Exception:
    """The server's answer to a field that the object does not have."""
    return bad_input(f'Object {obj.name} doesn\'t have any "{name}" field.')


def column_sql(item: Field, part: str | None = None) -> str:
    """The SQL expression of a column or of a part of a composite."""
    plain = {"id": "id", "deletedAt": "deleted", "position": "position"}.get(item.name)
    if plain is not None and part is None:
        return plain
    path = f"$.{item.column}.{part}" if part else f"$.{item.column}"
    return f"json_extract(data, '{path}')"


def _composite(obj: Object, item: Field, value: Mapping[str, Any], into: Condition) -> str:
    parts = []
    for part, operators in value.items():
        if part not in SUBFIELDS[item.type]:
            raise unknown_field(obj, f"{item.name}.{part}")
        kind = "NUMBER" if part in _NUMERIC_PARTS else "TEXT"
        parts.append(_leaf(column_sql(item, part), kind, operators, into, f"{item.name}.{part}"))
    return " AND ".join(f"({part})" for part in parts) or "1"


def _leaf(sql: str, kind: str, operators: Any, into: Condition, path: str) -> str:
    if not isinstance(operators, Mapping):
        raise bad_input(f'Invalid filter value {shown(operators)} for field "{path}"')
    parts = [_operator(sql, kind, op, value, into, path) for op, value in operators.items()]
    return " AND ".join(parts) or "1"


def _operator(sql: str, kind: str, op: str, value: Any, into: Condition, path: str) -> str:
    if op == "is":
        return f"{sql} IS {'NOT NULL' if str(value).upper() == 'NOT_NULL' else 'NULL'}"
    if op == "isEmptyArray":
        return f"coalesce(json_array_length({sql}), 0) {'=' if value else '>'} 0"
    if op in ("in", "containsAny"):
        return _membership(sql, kind, op, value if isinstance(value, list) else [value], into, path)
    if op in _PATTERNS:
        into.values += [_PATTERNS[op].format(value), 1 if op == "ilike" else 0]
        return f"like_text({sql}, ?, ?)"
    wanted = _typed(kind, value, path)
    if op in ("eq", "neq"):
        if wanted is None or wanted == "":
            return f"{sql} IS {'NOT NULL' if op == 'neq' else 'NULL'}"
        into.values.append(wanted)
        return f"{sql} {'=' if op == 'eq' else '<>'} ?"
    if op not in _COMPARE:
        raise bad_input(f'Operator "{op}" is not supported for field "{path}"')
    into.values.append(wanted)
    return f"{sql} {_COMPARE[op]} ?"


def _membership(sql: str, kind: str, op: str, values: Sequence[Any], into: Condition, path: str) -> str:
    into.values += [_typed(kind, value, path) for value in values]
    if op == "in":
        return f"{sql} IN ({marks(len(values))})"
    source = sql.replace("json_extract(", "json_each(", 1)
    listed = marks(len(values))
    return f"EXISTS (SELECT 1 FROM {source} AS member WHERE member.value IN ({listed}))"  # noqa: S608


def _typed(kind: str, value: Any, path: str) -> Any:
    """A filter value in the stored form; REST sends text for everything."""
    if value is None or value == "NULL":
        return None
    if kind in ("NUMBER", "POSITION", "NUMERIC"):
        try:
            return float(value)
        except (TypeError, ValueError):
            raise bad_input(f'Invalid number value {shown(value)} for field "{path}"') from None
    if kind == "BOOLEAN":
        return 1 if value in (True, "true") else 0
    if kind in ("DATE_TIME", "DATE"):
        found = moment(value)
        if found is None:
            raise bad_input(f'Invalid value {shown(value)} for date-time field "{path}"')
        return stamp(found) if kind == "DATE_TIME" else found.date().isoformat()
    if kind in ("UUID", "RELATION", "MORPH_RELATION"):
        return record_id(value)
    return str(value)
