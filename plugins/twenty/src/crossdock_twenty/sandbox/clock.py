"""The platform's clock and its timestamps: UTC, milliseconds, `2026-11-21T23:34:22.514Z`."""

import time
from datetime import UTC, datetime


class Clock:
    """The wall clock, or a fixed instant set from outside."""

    def __init__(self) -> None:
        self.fixed: float | None = None

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() if self.fixed is None else self.fixed

    def stamp(self) -> str:
        """Now, as the API writes it."""
        return stamp(datetime.fromtimestamp(self.now(), UTC))


def stamp(moment: datetime) -> str:
    """A moment as the API writes it; years are padded to four digits, so that text order is time order."""
    moment = moment.astimezone(UTC)
    return f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
