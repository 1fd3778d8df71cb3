"""MS Project's texts for times, durations and amounts -> canonical values.

Durations are working time; "days" exist only through the project's minutes a day. Costs are in the
minor unit of the currency (assumed, by comparison of a sample with its screen values).
"""

import re
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation

from crossdock.values import Money

_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?")
_DAY_MINUTES = 24 * 60
# Duration formats that count around the clock: minutes, hours, days, weeks, months; then the same, estimated.
_ELAPSED = frozenset({4, 6, 8, 10, 12, 36, 38, 40, 42, 44})
_ESTIMATED = frozenset({*range(35, 45), 53})
PERCENT_FORMATS = frozenset({19, 20, 51, 52})
_UNITS = {3: "m", 5: "h", 7: "d", 9: "w", 11: "mo", 19: "%"}
_UNITS |= {number + 1: f"e{unit}" for number, unit in _UNITS.items()}
_UNITS |= {number + 32: f"{unit}?" for number, unit in _UNITS.items()}
_NONE = ("", "NA")


class TextError(ValueError):
    """A text in the file is not what its element should hold."""


def whole(text: str) -> int | None:
    """An integer. Raises TextError."""
    try:
        return int(text) if text.strip() else None
    except ValueError:
        raise TextError(f"{text!r} is not a whole number") from None


def number(text: str) -> Decimal | None:
    """A decimal number. Raises TextError."""
    if not text.strip():
        return None
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise TextError(f"{text!r} is not a number")
    return found


def flag(text: str) -> bool | None:
    """0 or 1 (also false, true) as a boolean. Raises TextError."""
    known = {"1": True, "true": True, "0": False, "false": False, "": None}
    if text.strip().lower() not in known:
        raise TextError(f"{text!r} is not 0 or 1")
    return known[text.strip().lower()]


def moment(text: str, zone: tzinfo) -> datetime | None:
    """A time without zone, taken to be in `zone`. Raises TextError."""
    if text.strip() in _NONE:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise TextError(f"{text!r} is not a time") from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def duration(text: str) -> timedelta | None:
    """`PT8H30M0S` as working time. Raises TextError."""
    if text.strip() in _NONE:
        return None
    parts = _DURATION.fullmatch(text.strip())
    if parts is None or not any(parts.groups()[1:]):
        raise TextError(f"{text!r} is not a duration")
    days, hours, minutes, seconds = (int(parts[i] or 0) for i in range(2, 6))
    try:
        length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise TextError(f"{text!r} is too long") from None
    length += timedelta(microseconds=int((parts[6] or "0")[:6].ljust(6, "0")))
    return -length if parts[1] else length


def days(length: timedelta | None, minutes_per_day: int, duration_format: int | None) -> Decimal | None:
    """A duration in days, to four places: working days, or days of 24 hours for an elapsed format."""
    if length is None:
        return None
    day = _DAY_MINUTES if duration_format in _ELAPSED else minutes_per_day
    found = (Decimal(length // timedelta(seconds=1)) / 60 / day).quantize(Decimal("0.0001"))
    return found.to_integral_value() if found == found.to_integral_value() else found.normalize()


def working_time(text: str) -> str | None:
    """A duration as the file writes it. Raises TextError if it is none."""
    return None if duration(text) is None else text.strip()


def written(length: timedelta) -> str:
    """A length in the way in which the files write durations: `PT8H0M0S`, `-PT4H0M0S`."""
    seconds = abs(length) // timedelta(seconds=1)
    sign = "-" if length < timedelta(0) else ""
    return f"{sign}PT{seconds // 3600}H{seconds // 60 % 60}M{seconds % 60}S"


def unit(duration_format: int | None) -> str | None:
    """The unit in which the planner sees a duration: `d`, `ed` (elapsed), `d?` (estimated)."""
    return None if duration_format is None else _UNITS.get(duration_format)


def is_elapsed(duration_format: int | None) -> bool:
    """True if the duration counts around the clock, not working time."""
    return duration_format in _ELAPSED


def is_estimated(duration_format: int | None) -> bool:
    """True if the planner marked the duration as a guess."""
    return duration_format in _ESTIMATED


def lag(text: str) -> timedelta | None:
    """A link's lag, given in tenths of a minute. Raises TextError."""
    tenths = whole(text)
    return None if tenths is None else timedelta(seconds=6 * tenths)


def cost(text: str, digits: int, currency: str) -> Money | None:
    """An amount in minor units of a currency with so many digits. Raises TextError."""
    amount = number(text)
    return None if amount is None else Money(amount.scaleb(-digits), currency)
