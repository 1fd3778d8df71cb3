"""The `filter` of a list: which records match. Documented by the vendor's filter guide.

Table filters (`tf`), conditions (eq, neq, in, like, gt, gte, lt, lte, link) and logic (and, or, not).
EQL is refused. Assumed: a table filter of null matches an empty field.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crossdock_elma365.sandbox.times import nanoseconds

Item = Mapping[str, Any]
Predicate = Callable[[Item], bool]


class FilterError(ValueError):
    """A filter that the platform would answer with 400."""


def predicate(condition: Any) -> Predicate:
    """Give the test for one filter object. Raises FilterError for one that nobody knows."""
    if not isinstance(condition, Mapping):
        raise FilterError("filter must be an object")
    parts = [_part(name, value) for name, value in condition.items()]
    return lambda item: all(part(item) for part in parts)


def _part(name: str, value: Any) -> Predicate:
    if name == "tf":
        return _table_filter(value)
    if name in ("and", "or"):
        parts = [predicate(each) for each in _list(name, value)]
        joined = all if name == "and" else any
        return lambda item: joined(part(item) for part in parts)
    if name == "not":
        inner = predicate(value)
        return lambda item: not inner(item)
    if name in _COMPARISONS:
        operands = _list(name, value)
        if len(operands) != 2:
            raise FilterError(f"{name} takes two operands")
        left, right = _operand(operands[0]), _operand(operands[1])
        compare = _COMPARISONS[name]
        return lambda item: compare(left(item), right(item))
    raise FilterError(f"unknown filter {name}")


def _list(name: str, value: Any) -> Sequence[Any]:
    if not isinstance(value, list):
        raise FilterError(f"{name} must be a list")
    return value


def _operand(value: Any) -> Callable[[Item], Any]:
    if value is None:
        return lambda _item: None
    if isinstance(value, Mapping):
        if "field" in value:
            code = value["field"]
            return lambda item: item.get(code)
        for key in ("const", "list"):
            if key in value:
                return lambda _item: value[key]
    raise FilterError("an operand is null or has one of field, const, list")


def _table_filter(value: Any) -> Predicate:
    if not isinstance(value, Mapping):
        raise FilterError("tf must be an object")
    wanted = dict(value)
    return lambda item: all(_tf_matches(item.get(code), wish) for code, wish in wanted.items())


def _tf_matches(value: Any, wish: Any) -> bool:
    if wish is None:
        return _empty(value)
    if isinstance(wish, Mapping) and wish.keys() & {"min", "max"}:
        return _between(value, wish.get("min"), wish.get("max"))
    if isinstance(wish, list):
        return _common(value, wish)
    if isinstance(wish, str):
        return any(wish.casefold() in text.casefold() for text in _texts(value))
    return _equal(value, wish)


def _between(value: Any, low: Any, high: Any) -> bool:
    measured = _measure(value)
    if measured is None:
        return False
    bottom, top = _measure(low), _measure(high)
    return (bottom is None or measured >= bottom) and (top is None or measured <= top)


def _measure(value: Any) -> float | int | None:
    """Give what numbers, amounts and times are compared by."""
    if isinstance(value, Mapping):
        value = value.get("cents")
    if isinstance(value, str):
        return nanoseconds(value)
    return value if isinstance(value, int | float) else None


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    return [text for each in value for text in _texts(each)] if isinstance(value, list) else []


def _keys(value: Any) -> list[Any]:
    """Give what a value is called by: itself, its elements, the code or id of an object."""
    if isinstance(value, list):
        return [key for each in value for key in _keys(each)]
    if isinstance(value, Mapping):
        return [value.get("id", value.get("code", value.get("status")))]
    return [] if value is None else [value]


def _common(value: Any, other: Any) -> bool:
    return bool(set(map(str, _keys(value))) & set(map(str, _keys(other))))


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _equal(value: Any, other: Any) -> bool:
    if _empty(other):
        return _empty(value)
    return value == other or _common(value, other)


def _like(value: Any, pattern: Any) -> bool:
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in str(pattern))
    rule = re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
    return any(rule.fullmatch(text) for text in _texts(value))


def _compared(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(value: Any, other: Any) -> bool:
        left, right = _measure(value), _measure(other)
        return left is not None and right is not None and test(left, right)

    return compare


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": _equal,
    "neq": lambda value, other: not _equal(value, other),
    "in": _common,
    "link": _common,
    "like": _like,
    "gt": _compared(lambda a, b: a > b),
    "gte": _compared(lambda a, b: a >= b),
    "lt": _compared(lambda a, b: a < b),
    "lte": _compared(lambda a, b: a <= b),
}
