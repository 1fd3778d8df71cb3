"""Steps to numbers, money and yes or no."""

import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.steps.registry import StepError, step
from crossdock.values import Money

_YES = frozenset({"yes", "true", "1", "y", "on", "да", "истина"})
_NO = frozenset({"no", "false", "0", "n", "off", "нет", "ложь"})
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


@step(FieldType.DECIMAL, loss="the currency of an amount")
def decimal(value: Any) -> Decimal:
    """An exact number: from text (`1 234,50`), an amount of money, or a duration in seconds.

    A lone comma before exactly three digits could mean either, so such text is refused.
    """
    if isinstance(value, Decimal):
        return value
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, timedelta):
        whole = value.days * 86400 + value.seconds
        return Decimal(whole) + Decimal(value.microseconds) / 1_000_000
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise StepError(f"{type(value).__name__} is not a number")
    if isinstance(value, str):
        return _parsed(value)
    return Decimal(str(value))


def _parsed(written: str) -> Decimal:
    compact = re.sub(r"[\s\u00a0\u202f'_]", "", written).replace("\u2212", "-")
    if "," in compact and "." in compact:
        grouping = "," if compact.rfind(".") > compact.rfind(",") else "."
        compact = compact.replace(grouping, "").replace(",", ".")
    elif compact.count(",") > 1:
        compact = compact.replace(",", "")
    elif re.search(r"\d,\d{3}$", compact) and not compact.lstrip("+-").startswith("0"):
        raise StepError(f"{written!r} could be a fraction or thousands")
    else:
        compact = compact.replace(",", ".")
    if not _NUMBER.fullmatch(compact):
        raise StepError(f"{written!r} is not a number")
    try:
        return Decimal(compact)
    except InvalidOperation as error:
        raise StepError(f"{written!r} is out of range") from error


@step(FieldType.INTEGER)
def integer(value: Any) -> int:
    """A whole number; a fraction is refused, not rounded."""
    if isinstance(value, bool | int):
        return int(value)
    number = decimal(value)
    if not number.is_finite() or number != number.to_integral_value():
        raise StepError(f"{number} is not a whole number")
    return int(number)


@step(FieldType.BOOLEAN)
def boolean(value: Any) -> bool:
    """Yes or no, from `yes`, `true`, `1`, `да` and their opposites."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise StepError(f"{value!r} is neither yes nor no")


@step(FieldType.MONEY)
def money(value: Any, currency: str = "") -> Money:
    """An amount in major units; `currency` (ISO 4217) is used where the value has none."""
    if isinstance(value, Money):
        return value if value.currency else Money(value.amount, currency)
    return Money(decimal(value), currency)


def _other(before: Any, after: Any) -> str:
    return f"an amount in {before.currency} left out" if after is None and isinstance(before, Money) else ""


@step(FieldType.MONEY, loss="amounts in another currency", lost=_other)
def in_currency(value: Any, currency: str | None = None) -> Money | None:
    """An amount in that currency or without one; nothing for one in another. Without `currency` any."""
    amount = money(value)
    return amount if not currency or amount.currency in ("", currency) else None


@step(FieldType.MONEY)
def other_currency(value: Any, currency: str | None = None) -> Money | None:
    """An amount in another currency than that: what `in_currency` leaves out."""
    amount = money(value)
    return amount if currency and amount.currency not in ("", currency) else None


def _rounded_off(before: Any, after: Any) -> str:
    return f"{_amount(before)} rounded to {_amount(after)}" if _amount(before) != _amount(after) else ""


def _amount(value: Any) -> Any:
    return value.amount if isinstance(value, Money) else value


@step(loss="digits behind those that are kept", lost=_rounded_off)
def rounded(value: Any, decimals: int = 2) -> Money | Decimal:
    """An amount or a number with so many decimal places, halves to the even digit."""
    exact = decimal(value)
    if not exact.is_finite():
        raise StepError(f"{exact} cannot be rounded")
    kept = round(exact, decimals)
    kept = exact if kept == exact else kept
    return Money(kept, value.currency) if isinstance(value, Money) else kept
