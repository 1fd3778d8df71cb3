"""One page of a list: the body of a list request against the store.

Documented: active, fields, filter, from, ids, size, sortExpressions, statusCode. Measured by clients:
size is 10 when missing and at most 10000. Assumed: without sortExpressions the newest come first (no
order is promised, so a reader that does not sort must not be lucky), a larger size is a 400, `fields`
without "*" leaves only the named keys and `__id`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from crossdock_elma365.sandbox.filters import FilterError, Predicate, predicate
from crossdock_elma365.sandbox.store import Store
from crossdock_elma365.sandbox.times import nanoseconds

MAX_SIZE = 10_000
DEFAULT_SIZE = 10

_COLUMNS = {"__index": "idx", "__id": "id", "__createdAt": "created", "__updatedAt": "updated"}


class ListError(ValueError):
    """A list request that is answered with 400."""


@dataclass(slots=True)
class _Selection:
    """The part of a list request that SQL does, and the test that it leaves over."""

    where: list[str]
    values: list[Any]
    test: Predicate | None = None


def list_items(store: Store, collection: str, body: Mapping[str, Any]) -> tuple[list[bytes], int]:
    """Give the JSON of each item of the page, and the total. Raises ListError."""
    size, start = _whole(body, "size", DEFAULT_SIZE), _whole(body, "from", 0)
    if size > MAX_SIZE:
        raise ListError(f"size must not be above {MAX_SIZE}")
    chosen = _select(store, collection, body)
    where, order = " AND ".join(chosen.where), _order(body.get("sortExpressions"))
    if chosen.test is None:
        total = store.count(where, chosen.values)
        rows = store.select(where, chosen.values, order, size, start) if size else []
    else:
        found = store.select(where, chosen.values, order, -1, 0)
        matching = [row for row in found if chosen.test(orjson.loads(row))]
        total, rows = len(matching), matching[start : start + size]
    return _only_fields(rows, body.get("fields")), total


def _whole(body: Mapping[str, Any], name: str, default: int) -> int:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ListError(f"{name} must be a whole number")
    return value


def _select(store: Store, collection: str, body: Mapping[str, Any]) -> _Selection:
    chosen = _Selection(["app = ?"], [collection])
    if body.get("active") is True:
        chosen.where.append("deleted = 0")
    if (ids := body.get("ids")) is not None:
        chosen.where.append("id IN (SELECT value FROM json_each(?))")
        chosen.values.append(orjson.dumps(ids).decode())
    if codes := body.get("statusCode"):
        numbers = _status_numbers(store, collection, codes)
        chosen.where.append("json_extract(body, '$.__status.status') IN (SELECT value FROM json_each(?))")
        chosen.values.append(orjson.dumps(numbers).decode())
    _add_filter(chosen, body.get("filter"))
    return chosen


def _status_numbers(store: Store, collection: str, codes: Any) -> list[int]:
    app = store.app(collection) or {"settings": {"statusItems": []}}
    wanted = codes if isinstance(codes, list) else [codes]
    return [status["id"] for status in app["settings"]["statusItems"] if status["code"] in wanted]


def _add_filter(chosen: _Selection, condition: Any) -> None:
    """Put ranges of the two indexed times into SQL and leave the rest to the test."""
    if not condition:
        return
    rest = condition
    if isinstance(condition, Mapping) and isinstance(condition.get("tf"), Mapping):
        wishes = dict(condition["tf"])
        for code in ("__updatedAt", "__createdAt"):
            if isinstance(wishes.get(code), Mapping):
                _add_range(chosen, _COLUMNS[code], wishes.pop(code))
        rest = {key: value for key, value in condition.items() if key != "tf"}
        rest |= {"tf": wishes} if wishes else {}
    if rest:
        try:
            chosen.test = predicate(rest)
        except FilterError as error:
            raise ListError(str(error)) from error


def _add_range(chosen: _Selection, column: str, wish: Mapping[str, Any]) -> None:
    for key, sign in (("min", ">="), ("max", "<=")):
        if (value := wish.get(key)) is not None:
            limit = nanoseconds(value) if isinstance(value, str) else None
            if limit is None:
                raise ListError(f"{key} is not a time: {value}")
            chosen.where.append(f"{column} {sign} ?")
            chosen.values.append(limit)


def _order(expressions: Any) -> str:
    terms = []
    for expression in expressions or []:
        code = expression.get("field") if isinstance(expression, Mapping) else None
        if not isinstance(code, str) or not code.replace("_", "a").isalnum():
            raise ListError("sortExpressions must be a list of {field, ascending}")
        column = _COLUMNS.get(code, f"json_extract(body, '$.{code}')")
        terms.append(f"{column} {'ASC' if expression.get('ascending') else 'DESC'}")
    if not any(term.startswith("idx ") for term in terms):
        terms.append("idx DESC")
    return ", ".join(terms)


def _only_fields(rows: list[bytes], fields: Any) -> list[bytes]:
    if not isinstance(fields, Mapping) or not fields or fields.get("*"):
        return rows
    wanted = {code for code, asked in fields.items() if asked} | {"__id"}
    return [
        orjson.dumps({code: value for code, value in orjson.loads(row).items() if code in wanted})
        for row in rows
    ]
