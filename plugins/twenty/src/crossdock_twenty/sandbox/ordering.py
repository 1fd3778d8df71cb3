"""Order, cursors and pages of record lists (measured on 2.21.0)."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from crossdock_twenty.sandbox.catalog import Field, Object
from crossdock_twenty.sandbox.composites import SUBFIELDS
from crossdock_twenty.sandbox.errors import RefusalError
from crossdock_twenty.sandbox.filters import Condition, column_sql
from crossdock_twenty.sandbox.inspection import bad_input
from crossdock_twenty.sandbox.values import is_uuid

DIRECTIONS = ("AscNullsFirst", "AscNullsLast", "DescNullsFirst", "DescNullsLast")


@dataclass(frozen=True, slots=True)
class Order:
    """One term of an order: a column, or a part of a composite."""

    item: Field
    part: str | None = None
    descending: bool = False
    nulls_first: bool = True

    @property
    def sql(self) -> str:
        """The expression that is sorted by."""
        return column_sql(self.item, self.part)

    def clause(self, *, backwards: bool) -> str:
        """The term in ORDER BY."""
        down, first = self.descending != backwards, self.nulls_first != backwards
        return f"{self.sql} {'DESC' if down else 'ASC'} NULLS {'FIRST' if first else 'LAST'}"

    def beyond(self, value: Any, into: Condition, *, backwards: bool) -> str:
        """The condition for coming after `value` in this order."""
        down, first = self.descending != backwards, self.nulls_first != backwards
        if value is None:
            return f"{self.sql} IS NOT NULL" if first else "0"
        into.values.append(value)
        comparison = f"{self.sql} {'<' if down else '>'} ?"
        return comparison if first else f"({comparison} OR {self.sql} IS NULL)"


def order_of(obj: Object, name: str, part: str | None, direction: str) -> Order:
    """One checked term. Raises RefusalError for an unknown field or direction."""
    item = obj.columns.get(name)
    if item is None or (part is not None and part not in SUBFIELDS.get(item.type, ())):
        raise RefusalError(
            f'Field "{name}" does not exist or is not sortable',
            error="Error",
            code="FIELD_NOT_FOUND",
            extensions={
                "subCode": "FIELD_NOT_FOUND",
                "userFriendlyMessage": "An error occurred.",
                "code": "BAD_USER_INPUT",
            },
        )
    if direction not in DIRECTIONS:
        known = "', '".join(DIRECTIONS)
        raise bad_input(f"'order_by' direction '{direction}' invalid. Allowed values are '{known}'")
    return Order(item, part, direction.startswith("Desc"), direction.endswith("First"))


def rest_order(obj: Object, text: str) -> list[Order]:
    """`createdAt[DescNullsLast],name.firstName`: the direction may be left out."""
    found = []
    for term in filter(None, (part.strip() for part in text.split(","))):
        path, _, rest = term.partition("[")
        name, _, part = path.partition(".")
        found.append(order_of(obj, name, part or None, rest.rstrip("]") or "AscNullsFirst"))
    return with_id(obj, found)


def graphql_order(obj: Object, terms: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None) -> list[Order]:
    """`[{createdAt: DescNullsLast}, {name: {firstName: AscNullsFirst}}]`."""
    found = []
    for term in [terms] if isinstance(terms, Mapping) else terms or ():
        for name, direction in term.items():
            if isinstance(direction, Mapping):
                found += [order_of(obj, name, part, str(d)) for part, d in direction.items()]
            else:
                found.append(order_of(obj, name, None, str(direction)))
    return with_id(obj, found)


def with_id(obj: Object, terms: list[Order]) -> list[Order]:
    """The order with the id as the last term, so that it is complete."""
    if any(term.item.name == "id" for term in terms):
        return terms
    return [*terms, Order(obj.columns["id"])]


def cursor(terms: Sequence[Order], record: Mapping[str, Any]) -> str:
    """Base64 of the sort values of a record; what was not selected is left out (measured)."""
    values: dict[str, Any] = {}
    for term in terms:
        name = term.item.column
        if name not in record:
            continue
        if term.part is None:
            values[name] = record[name]
        else:
            values.setdefault(name, {})[term.part] = (record[name] or {}).get(term.part)
    return base64.b64encode(orjson.dumps(values)).decode()


def after(text: str, terms: Sequence[Order], into: Condition, *, backwards: bool = False) -> str:
    """The condition for records beyond a cursor. Raises RefusalError (400) for a broken one."""
    try:
        values = orjson.loads(base64.b64decode(text, validate=True))
        valid = isinstance(values, dict) and is_uuid(str(values.get("id")))
    except (binascii.Error, orjson.JSONDecodeError):
        valid = False
    if not valid:
        raise bad_input(f"Invalid cursor: {text}")
    branches = []
    known = [term for term in terms if term.item.column in values]
    for at, term in enumerate(known):
        equal = []
        for earlier in known[:at]:
            into.values.append(_sort_value(earlier, values))
            equal.append(f"{earlier.sql} IS ?")
        beyond = term.beyond(_sort_value(term, values), into, backwards=backwards)
        branches.append("(" + " AND ".join([*equal, beyond]) + ")")
    return " OR ".join(branches)


def _sort_value(term: Order, values: Mapping[str, Any]) -> Any:
    value = values.get(term.item.column)
    if term.part is not None:
        value = (value or {}).get(term.part)
    return None if value == "" else value
