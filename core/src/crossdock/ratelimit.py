"""Rate budgets: how many calls may be sent, paced beforehand and corrected by the platform's answers.

A budget is a token bucket. It starts with a burst allowance, refills at the declared rate times
the connection's share, and learns: a refusal empties it, pauses it for as long as the platform
asked and lowers the rate; every accepted call lets it recover a little, up to the declared rate. Where no
rate is declared, the one that was used before the first refusal stands for it, and may be passed.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from crossdock.model import Limits
from crossdock.pace import Minutes, Pace

_LOWERED_TO = 0.8  # of the rate, at each refusal
_LEAST_SHARE = 0.05  # of the declared or learned rate: never paced slower than that
_RECOVERY = 0.01  # of the declared or learned rate (and burst) won back by each accepted call
_WINDOW = 60.0  # seconds over which calls are counted to learn an undeclared rate
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class BudgetCounts:
    """What a budget did, for reports: calls sent, seconds waited, calls refused by the platform."""

    calls: int
    waited: float
    refused: int


class RateBudget:
    """A token bucket shared by threads.

    `per_minute`: calls a minute that crossdock may use, None if nobody knows (then nothing is paced
    until the first refusal, which sets the rate from the calls of the last minute). `burst`: calls
    allowed at once, by default one minute's worth. `clock` and `sleep` are replaced in tests.
    """

    def __init__(
        self,
        per_minute: float | None = None,
        *,
        burst: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._pace = Pace()
        self._calls = self._refused = self._window_calls = 0
        self._waited = 0.0
        self._refilled = self._window_start = clock()
        self._paused_until = float("-inf")
        self._ceiling: float | None = None  # calls a second that the rate never exceeds
        self._learned = 0.0  # calls a second before the first refusal, where no limit is declared
        self._rate: float | None = None  # calls a second now; None: not paced
        self._burst = self._capacity = self._tokens = 1.0
        self.declare(per_minute, burst=burst)

    def declare(self, per_minute: float | None, *, burst: float | None = None) -> None:
        """Set the known limit (calls a minute), as discover or the settings say; fills the bucket."""
        if per_minute is not None and per_minute <= 0:
            raise ValueError("a rate limit is more than 0 calls a minute")
        with self._lock:
            self._ceiling = self._rate = None if per_minute is None else per_minute / 60
            self._burst = self._capacity = self._tokens = max(1.0, burst or per_minute or 1.0)

    @property
    def per_minute(self) -> float | None:
        """The rate at which calls are paced now, in calls a minute; None: not paced."""
        with self._lock:
            return None if self._rate is None else self._rate * 60

    @property
    def limit(self) -> float | None:
        """The declared rate of which this budget may use all, in calls a minute; None: none is declared."""
        with self._lock:
            return None if self._ceiling is None else self._ceiling * 60

    @property
    def minutes(self) -> Minutes:
        """Calls and refusals by minute."""
        return self._pace.minutes

    @property
    def counts(self) -> BudgetCounts:
        """What was counted so far."""
        with self._lock:
            return BudgetCounts(self._calls, self._waited, self._refused)

    def acquire(self) -> float:
        """Wait until one call may be sent, and count it. Returns the seconds waited."""
        waited = 0.0
        while (delay := self._take()) > 0:
            self._sleep(delay)
            waited += delay
        self._pace.sent()
        if waited:
            with self._lock:
                self._waited += waited
        return waited

    def refused(self, after: float | None = None) -> None:
        """The platform refused a call: empty the bucket, pause for `after` seconds, lower the rate."""
        self._pace.refused()
        with self._lock:
            now = self._clock()
            self._refused += 1
            self._tokens, self._capacity, self._refilled = 0.0, 1.0, now
            # Calls that were under way together are refused together: they lower the rate once.
            if now >= self._paused_until:
                self._rate = self._lowered(now)
            self._paused_until = max(self._paused_until, now + (after if after is not None else 0.0))

    def accepted(self) -> None:
        """The platform took a call: recover a little."""
        with self._lock:
            if self._rate is None:
                return
            self._capacity = min(self._burst, self._capacity + self._burst * _RECOVERY)
            faster = self._rate + (self._ceiling or self._learned) * _RECOVERY
            self._rate = faster if self._ceiling is None else min(self._ceiling, faster)

    def _take(self) -> float:
        """0 and one token taken, or the seconds to wait before asking again."""
        with self._lock:
            now = self._clock()
            if now < self._paused_until:
                return self._paused_until - now
            if self._rate is not None:
                refill = (now - self._refilled) * self._rate
                self._tokens, self._refilled = min(self._capacity, self._tokens + refill), now
                if self._tokens < 1 - _ROUNDING:
                    return (1 - self._tokens) / self._rate
                self._tokens -= 1
            self._calls += 1
            if now - self._window_start > _WINDOW:
                self._window_start, self._window_calls = now, 0
            self._window_calls += 1
            return 0.0

    def _lowered(self, now: float) -> float:
        if self._rate is None:
            self._learned = max(1 / _WINDOW, self._window_calls / max(1.0, now - self._window_start))
            return max(1 / _WINDOW, self._learned * _LOWERED_TO)
        least = (self._ceiling or self._learned) * _LEAST_SHARE
        return max(least, 1 / _WINDOW if self._ceiling is None else 0.0, self._rate * _LOWERED_TO)


class BudgetRegistry:
    """Budgets by limit scope, so that all connections, keys and workers of a scope share one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budgets: dict[str, RateBudget] = {}

    def get(self, server: str, limits: Limits | None, share: float = 1.0) -> RateBudget:
        """The budget of `limits.scope` at `server` (its address), made at the first asking.

        Without limits the server as a whole is the scope. `share` is the part of the limit that may be
        used. The first asking decides rate and share.
        """
        if not 0 < share <= 1:
            raise ValueError("a rate share is more than 0 and at most 1")
        name = f"{server} {limits.scope if limits else ''}"
        with self._lock:
            if name not in self._budgets:
                per_minute = limits.calls_per_minute if limits else None
                self._budgets[name] = RateBudget(None if per_minute is None else per_minute * share)
            return self._budgets[name]

    def counts(self) -> dict[str, BudgetCounts]:
        """What each budget did, by server and scope."""
        with self._lock:
            budgets = dict(self._budgets)
        return {name: budget.counts for name, budget in budgets.items()}

    def paces(self) -> dict[str, tuple[float | None, Minutes]]:
        """By server and scope the limit in calls a minute, and calls and refusals by minute."""
        with self._lock:
            budgets = dict(self._budgets)
        return {name: (budget.limit, budget.minutes) for name, budget in budgets.items()}

    def clear(self) -> None:
        """Forget all budgets (tests; a new process starts empty anyway)."""
        with self._lock:
            self._budgets.clear()


BUDGETS = BudgetRegistry()
"""The budgets of this process."""
