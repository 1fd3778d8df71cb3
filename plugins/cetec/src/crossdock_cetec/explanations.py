"""Why a control total may differ: the usual losses of an export, and the rows that would explain each.

Rounding, digits cut off, a decimal point that moved, a sign that turned, a row too many, and days that moved
by a zone or by the two calendars of spreadsheets. Each is held against the difference exactly.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from crossdock.model import Rejected
from crossdock_cetec.controltotals import Difference, Measured, decimals_of

Rows = Sequence[tuple[str, Decimal | date]]
"""(key, value) of every record that has a value."""

_CALENDARS = 1462  # days between the spreadsheet calendars of 1900 and 1904
_MOST = 5
_PLACES = range(7)


def explain(difference: Difference, rows: Rows, rejected: Sequence[Rejected]) -> list[str]:
    """Sentences that could explain it, with the keys of the rows; the rejected rows last."""
    numbers = [(key, value) for key, value in rows if isinstance(value, Decimal)]
    told: list[str] = []
    if difference.measure == "sum" and isinstance(difference.expected, Decimal | int):
        told += _of_sum(Decimal(difference.expected), numbers)
    if difference.measure == "decimals":
        told += _of_decimals(difference, numbers)
    if isinstance(difference.expected, date) and isinstance(difference.found, date):
        told += _of_days(difference.expected, difference.found, rows)
    elif difference.measure in ("min", "max") and numbers:
        edge = [key for key, value in numbers if value == difference.found]
        told.append(f"the {difference.measure} is that of {_some(edge)}")
    if rejected:
        keys = _some([each.key for each in rejected])
        told.append(f"{len(rejected)} rows were rejected and are not in it: {keys}")
    return told


def _of_sum(expected: Decimal, rows: Sequence[tuple[str, Decimal]]) -> Iterator[str]:
    total = sum((value for _, value in rows), Decimal(0))
    more = total - expected
    yield from _rounded(expected, rows)
    for told, change in _CHANGES.items():
        found = [key for key, value in rows if value and value - change(value) == more]
        if found:
            yield f"{told}: {_some(found)}"
    if len(rows) <= 10_000 and (pair := _pair(more, rows)):
        yield f"two rows together are the difference: {_some(pair)}"


def _rounded(expected: Decimal, rows: Sequence[tuple[str, Decimal]]) -> Iterator[str]:
    ways = ((ROUND_HALF_UP, "rounded"), (ROUND_HALF_EVEN, "rounded to even"), (ROUND_DOWN, "cut off"))
    for places in _PLACES:
        unit = Decimal(1).scaleb(-places)
        longer = [key for key, value in rows if decimals_of(value) > places]
        for way, word in ways if longer else ():
            if sum((value.quantize(unit, way) for _, value in rows), Decimal(0)) == expected:
                yield f"the report has each value {word} to {places} decimals; more have {_some(longer)}"
                return
    most = max((decimals_of(value) for _, value in rows), default=0)
    total = sum((value for _, value in rows), Decimal(0))
    if decimals_of(expected) > most and abs(total - expected) <= len(rows) * Decimal(1).scaleb(-most):
        yield f"digits were lost: no value has more than {most} decimals, the report's sum has more"


_CHANGES: Mapping[str, Callable[[Decimal], Decimal]] = {
    "a row too many, or counted twice": lambda _value: Decimal(0),
    "the sign turned": lambda value: -value,
    "the decimal point moved by one place": lambda value: value * 10,
    "the decimal point moved by two places": lambda value: value * 100,
    "the decimal point moved by three places (thousands)": lambda value: value * 1000,
    "the decimal point moved back by two places": lambda value: value / 100,
    "the decimal point moved back by three places (thousands)": lambda value: value / 1000,
}
"""What a value may have been: if that makes the whole difference, it is told."""


def _pair(more: Decimal, rows: Sequence[tuple[str, Decimal]]) -> list[str]:
    seen: dict[Decimal, str] = {}
    for key, value in rows:
        if more - value in seen:
            return [seen[more - value], key]
        seen.setdefault(value, key)
    return []


def _of_decimals(difference: Difference, rows: Sequence[tuple[str, Decimal]]) -> Iterator[str]:
    expected, found = Decimal(difference.expected or 0), Decimal(difference.found or 0)  # type: ignore[arg-type]
    if found < expected:
        yield f"digits were lost: the report shows {expected} decimals, what was read has {found} at most"
    else:
        longer = [key for key, value in rows if decimals_of(value) > expected]
        yield f"more decimals than the report shows have {_some(longer)}"


def _of_days(expected: date, found: date, rows: Rows) -> Iterator[str]:
    shift = (found - expected).days
    edge = [key for key, value in rows if value == found]
    why = {
        1: "a zone east of the tenant's",
        -1: "a zone west of the tenant's",
        _CALENDARS: "the calendar of 1904",
        -_CALENDARS: "the calendar of 1904",
    }.get(shift, "rows that are missing or too many")
    yield f"dates are shifted by {shift:+d} days ({why}): {_some(edge)}"


def _some(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - _MOST} more" if len(keys) > _MOST else ""
    return ", ".join(keys[:_MOST]) + more


def spread(found: Mapping[str, Measured]) -> dict[str, dict[str, str]]:
    """The measures by field, as documents show them."""
    return {
        name: {
            "count": str(each.count),
            "sum": f"{each.sum:f}" if isinstance(each.min, Decimal) else "",
            "min": str(each.min if each.min is not None else ""),
            "max": str(each.max if each.max is not None else ""),
            "decimals": str(each.decimals),
        }
        for name, each in found.items()
    }
