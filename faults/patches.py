"""What is changed in a command's process so that a fault costs no waiting (see `crossdock.testing.launcher`).

How long is waited, and that a rate limit is kept, has tests of its own.
"""

from collections.abc import Callable
from typing import Any


def _at_once() -> None:
    """Requests are repeated at once, and no rate is kept."""
    from crossdock.ratelimit import RateBudget
    from crossdock.retry import Backoff

    def acquire(budget: RateBudget) -> float:
        with budget._lock:
            budget._calls += 1
        return 0.0

    budgets: Any = RateBudget
    budgets.acquire = acquire
    Backoff.__call__ = lambda *_: 0.0  # type: ignore[method-assign]  # a patch of this process


PATCHES: dict[str, Callable[[], None]] = {"at once": _at_once}
