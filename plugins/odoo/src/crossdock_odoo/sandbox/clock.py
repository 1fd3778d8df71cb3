"""The platform's clock. Times are UTC, as text; rows keep microseconds, answers show seconds (measured)."""

from datetime import UTC, datetime

DAY = "%Y-%m-%d"
MOMENT = "%Y-%m-%d %H:%M:%S"
EXACT = "%Y-%m-%d %H:%M:%S.%f"


class Clock:
    """Now, or the time at which a test stopped it (seconds since the epoch)."""

    fixed: float | None = None

    def now(self) -> datetime:
        """The current time, without its zone (UTC)."""
        moment = datetime.now(UTC) if self.fixed is None else datetime.fromtimestamp(self.fixed, UTC)
        return moment.replace(tzinfo=None)


def shown(stored: str) -> str:
    """A stored time as answers show it: without its microseconds."""
    return stored.partition(".")[0]
