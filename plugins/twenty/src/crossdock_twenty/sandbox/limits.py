"""The limits of the server, and its rate limiter (measured on 2.21.0)."""

import math
import time

from crossdock_twenty.sandbox.errors import RefusalError

BATCH = 200
PAGE = 200
PAGE_DEFAULT = 60
RELATED = 60
ROOTS = 20
BODY = 10 * 1024 * 1024
HEADERS = 16 * 1024
BURST = 100
WINDOW_MS = 60_000


class TokenBucket:
    """100 calls at once, then one every 0.6 s, for the whole workspace.

    The refill is `floor(elapsed * rate)` and the instant is reset by every call that passes, so a
    stream faster than one call in 0.6 s drains the bucket as if it never refilled. Runs on the
    monotonic clock, not on the platform's (which a test may stop).
    """

    def __init__(self, *, enforced: bool) -> None:
        self.enforced = enforced
        self.reset()

    def reset(self) -> None:
        """Fill the bucket."""
        self._tokens = BURST
        self._at = time.monotonic()

    def drain(self) -> None:
        """Empty the bucket, for tests of what happens then."""
        self._tokens = 0
        self._at = time.monotonic()

    def take(self) -> None:
        """Take one token or raise the server's refusal (429; GraphQL: 200 with LIMIT_REACHED)."""
        if not self.enforced:
            return
        now = time.monotonic()
        refill = math.floor((now - self._at) * 1000 * BURST / WINDOW_MS)
        available = min(BURST, self._tokens + refill)
        if available < 1:
            raise RefusalError(
                f"Limit reached ({BURST} tokens per {WINDOW_MS} ms)",
                status=429,
                error="HttpException",
                extensions={
                    "subCode": "LIMIT_REACHED",
                    "userFriendlyMessage": "Rate limit reached. Please try again later.",
                    "code": "BAD_USER_INPUT",
                },
            )
        self._tokens = available - 1
        self._at = now
