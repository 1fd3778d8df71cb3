"""How long one request is repeated, and how long to wait in between."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import tenacity

from crossdock.errors import RetryableError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Bounds of the repetition. `total`, `first_wait` and `longest_wait` in seconds.

    What the platform asks for (`after`) is waited whole, unless that would pass `total`.
    """

    attempts: int = 6
    total: float = 120.0
    first_wait: float = 0.5
    longest_wait: float = 30.0
    sleep: Callable[[float], None] = time.sleep


class Backoff:
    """What the platform asked for, else exponential; both with jitter. A wait of tenacity's."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._exponential = tenacity.wait_exponential(multiplier=policy.first_wait, max=policy.longest_wait)
        self._jitter = tenacity.wait_random(0, policy.first_wait)

    def __call__(self, state: tenacity.RetryCallState) -> float:
        """Seconds to wait after the failure in `state`."""
        error = state.outcome.exception() if state.outcome else None
        after = error.after if isinstance(error, RetryableError) else None
        return (self._exponential(state) if after is None else after) + self._jitter(state)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by an answer's Retry-After (a number or an HTTP date), None if it has none.

    A date is compared with the answer's own Date, so that clocks need not agree.
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return float(text)
    until, now = _http_date(text), _http_date(headers.get("date", "")) or datetime.now(UTC)
    return None if until is None else max(0.0, (until - now).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
