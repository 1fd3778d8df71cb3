"""Steps to dates and times."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crossdock.fieldtypes import FieldType
from crossdock.steps.registry import StepError, step

_DAY_FORMS = ("%d.%m.%Y",)
_TIME_FORMS = ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S")


def _lost_time(before: Any, after: Any) -> str:
    del after
    timed = isinstance(before, dt.datetime) and before.time() != dt.time.min
    return f"time of day {before.time().isoformat()} left out" if timed else ""


@step(FieldType.DATE, loss="the time of day", lost=_lost_time)
def date(value: Any, format: str = "", zone: str = "") -> dt.date:  # noqa: A002 - the word a mapping uses
    """A day: from ISO text, `31.12.2024` or `format` (strftime); `zone` tells whose day a time is."""
    if isinstance(value, dt.datetime):
        return (value.astimezone(_zone(zone)) if zone else value).date()
    if isinstance(value, dt.date):
        return value
    written = _text(value)
    if format:
        return _first_fit(written, (format,)).date()
    try:
        return dt.date.fromisoformat(written)
    except ValueError:
        return _first_fit(written, _DAY_FORMS).date()


@step(FieldType.DATETIME)
def datetime(value: Any, format: str = "", zone: str = "UTC") -> dt.datetime:  # noqa: A002
    """A time: from ISO text, `31.12.2024 18:30` or `format`; `zone` is for values without one."""
    if isinstance(value, dt.datetime):
        parsed = value
    elif isinstance(value, dt.date):
        parsed = dt.datetime.combine(value, dt.time.min)
    elif format:
        parsed = _first_fit(_text(value), (format,))
    else:
        parsed = _iso_or_local(_text(value))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=_zone(zone))


def _iso_or_local(written: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(written)
    except ValueError:
        return _first_fit(written, (*_TIME_FORMS, *_DAY_FORMS))


def _first_fit(written: str, forms: tuple[str, ...]) -> dt.datetime:
    for form in forms:
        try:
            return dt.datetime.strptime(written, form)  # noqa: DTZ007 - the caller adds the zone
        except ValueError:
            continue
    raise StepError(f"{written!r} is not a date of the form {' or '.join(forms)}")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise StepError(f"{type(value).__name__} is not a date")
    return value.strip()


def _zone(name: str) -> dt.tzinfo:
    if name == "UTC":
        return dt.UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise StepError(f"there is no time zone {name!r}") from error
