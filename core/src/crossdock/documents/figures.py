"""Figures as people read them: amounts, shares, sizes, times."""

from datetime import UTC, datetime
from typing import Any, Final

_THIN: Final = "\u202f"  # a narrow space that does not break
_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB")
_HOUR, _DAY = 60.0, 24 * 60.0  # in minutes


def amount(value: Any) -> str:
    """`12 345` with narrow spaces; at most two decimals; `?` for None; text as it is."""
    if value is None:
        return "?"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")
    return text.replace(",", _THIN)


def portion(share: float | None) -> str:
    """A share between 0 and 1 in percent: `34 %`; `<1 %` and `>99 %` near the ends; `?` for None."""
    if share is None:
        return "?"
    if 0 < share < 0.01:
        return f"<1{_THIN}%"
    if 0.99 < share < 1:
        return f">99{_THIN}%"
    return f"{share * 100:.0f}{_THIN}%"


def size(count: int | None) -> str:
    """A number of bytes: `1.4 MB` (a MB has a million); `?` for None."""
    if count is None:
        return "?"
    value, unit = float(count), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 or value >= 100 else f"{value:.1f} {_UNITS[unit]}"


def span(minutes: float | None) -> str:
    """A length of time: `12 min`, `3.5 h`, `2.1 days`; `?` for None."""
    if minutes is None:
        return "?"
    if minutes < _HOUR:
        return f"{max(1, round(minutes))} min"
    if minutes < 2 * _DAY:
        return f"{minutes / _HOUR:.1f} h"
    return f"{minutes / _DAY:.1f} days"


def moment(text: str | None) -> str:
    """An ISO 8601 time in UTC to the minute: `2026-03-01 09:30 UTC`; "" for None."""
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
