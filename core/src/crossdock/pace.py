"""Calls by minute: what a budget sent over time, to be drawn beside its limit; small for a long run too."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

MINUTE: Final = 60
MOST: Final = 240
"""Points that are kept of a run; with more the time that one stands for is doubled."""

Minutes = dict[int, tuple[int, int]]
"""Start of the minute (seconds since 1970) -> calls sent, calls refused for the rate."""


class Pace:
    """Counts calls by minute; may be shared by threads. `clock` gives seconds since 1970."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._minutes: Minutes = {}

    def sent(self) -> None:
        """Count a call."""
        self._add(1, 0)

    def refused(self) -> None:
        """Count a refusal."""
        self._add(0, 1)

    @property
    def minutes(self) -> Minutes:
        """What was counted so far; minutes without a call are left out."""
        with self._lock:
            return dict(self._minutes)

    def _add(self, calls: int, refused: int) -> None:
        start = int(self._clock()) // MINUTE * MINUTE
        with self._lock:
            known = self._minutes.get(start, (0, 0))
            self._minutes[start] = (known[0] + calls, known[1] + refused)


def since(now: Minutes, before: Minutes) -> Minutes:
    """What was counted after `before`."""
    left = {}
    for start, (calls, refused) in now.items():
        was = before.get(start, (0, 0))
        if (calls, refused) != was:
            left[start] = (calls - was[0], refused - was[1])
    return left


def merged(known: Mapping[str, Any], new: Minutes) -> dict[str, Any]:
    """`{width, points: {start: [calls, refused]}}` with more minutes in it, at most `MOST` points; `width` is
    how many seconds a point stands for. Starts are texts, as JSON has them."""
    width = int(known.get("width", MINUTE))
    counts = {int(start): tuple(point) for start, point in known.get("points", {}).items()}
    whole = _widened(counts, width)
    for start, point in new.items():
        _put(whole, start // width * width, point)
    while len(whole) > MOST:
        width *= 2
        whole = _widened(whole, width)
    return {"width": width, "points": {str(start): list(whole[start]) for start in sorted(whole)}}


def _widened(counts: Mapping[int, Any], width: int) -> dict[int, tuple[int, int]]:
    wide: dict[int, tuple[int, int]] = {}
    for start, point in counts.items():
        _put(wide, start // width * width, point)
    return wide


def _put(into: dict[int, tuple[int, int]], start: int, point: tuple[int, int]) -> None:
    known = into.get(start, (0, 0))
    into[start] = (known[0] + point[0], known[1] + point[1])
