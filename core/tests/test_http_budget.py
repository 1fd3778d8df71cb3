"""Rate budgets and retry waits, on a clock of their own."""

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from crossdock.model import Limits
from crossdock.ratelimit import BudgetRegistry, RateBudget
from crossdock.retry import retry_after


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def budget(clock: Clock, per_minute: float | None, burst: float | None = None) -> RateBudget:
    return RateBudget(per_minute, burst=burst, clock=clock, sleep=clock.sleep)


def test_the_burst_goes_at_once_and_then_calls_are_paced(clock: Clock) -> None:
    rate = budget(clock, 60, burst=3)

    waits = [rate.acquire() for _ in range(5)]

    assert waits == pytest.approx([0, 0, 0, 1, 1])
    assert rate.counts.calls == 5
    assert rate.counts.waited == pytest.approx(2)


def test_an_unknown_limit_is_not_paced(clock: Clock) -> None:
    rate = budget(clock, None)

    assert sum(rate.acquire() for _ in range(500)) == 0
    rate.accepted()
    assert rate.per_minute is None


def test_a_refusal_empties_the_bucket_pauses_and_lowers_the_rate(clock: Clock) -> None:
    rate = budget(clock, 60)
    rate.acquire()

    rate.refused(after=10)

    assert rate.per_minute == pytest.approx(48)
    assert rate.acquire() >= 10
    assert rate.counts.refused == 1


def test_calls_refused_together_lower_the_rate_once(clock: Clock) -> None:
    rate = budget(clock, 60)

    for _ in range(8):
        rate.refused(after=5)

    assert rate.per_minute == pytest.approx(48)


def test_an_unknown_limit_is_learned_from_the_calls_before_the_refusal(clock: Clock) -> None:
    rate = budget(clock, None)
    for _ in range(100):
        rate.acquire()
        clock.now += 0.1

    rate.refused()

    assert rate.per_minute == pytest.approx(0.8 * 600, rel=0.05)


def test_only_the_last_minute_counts_when_a_limit_is_learned(clock: Clock) -> None:
    rate = budget(clock, None)
    for _ in range(1000):
        rate.acquire()
    clock.now += 3600
    rate.acquire()

    rate.refused()

    assert rate.per_minute is not None
    assert rate.per_minute < 60


def test_accepted_calls_win_the_rate_back_up_to_the_declared_one(clock: Clock) -> None:
    rate = budget(clock, 60)
    rate.refused(after=1)

    for _ in range(100):
        rate.accepted()

    assert rate.per_minute == pytest.approx(60)


def test_a_learned_rate_rises_again_too(clock: Clock) -> None:
    rate = budget(clock, None)
    rate.refused()
    lowest = rate.per_minute or 0

    rate.accepted()

    assert (rate.per_minute or 0) > lowest


@pytest.mark.parametrize("declared", [60.0, None])
def test_refusals_never_stop_the_calls_altogether(clock: Clock, declared: float | None) -> None:
    rate = budget(clock, declared)
    for _ in range(200):
        rate.refused()
        clock.now += 1

    assert rate.per_minute is not None
    assert rate.per_minute >= 1


def test_refusals_here_and_there_do_not_slow_an_undeclared_limit_down_for_good(clock: Clock) -> None:
    rate = budget(clock, None)
    for n in range(400):
        rate.acquire()
        clock.sleep(0.02)
        rate.refused() if n % 5 == 4 else rate.accepted()

    assert clock.now - 1000 < 600  # seconds; it was hours when each refusal took its part for good


def test_a_limit_learned_later_replaces_the_first(clock: Clock) -> None:
    rate = budget(clock, 60)

    rate.declare(600)

    assert rate.per_minute == 600
    with pytest.raises(ValueError, match="more than 0"):
        rate.declare(0)


def test_threads_share_one_bucket() -> None:
    rate = RateBudget(6000, burst=10)
    threads = [threading.Thread(target=lambda: [rate.acquire() for _ in range(5)]) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert rate.counts.calls == 20
    assert rate.counts.waited > 0


def test_a_budget_belongs_to_its_server_and_scope() -> None:
    registry = BudgetRegistry()
    first = registry.get("https://a", Limits("x", 60), 0.5)

    assert registry.get("https://a", Limits("x", 60)) is first
    assert registry.get("https://a", Limits("y", 60)) is not first
    assert registry.get("https://b", Limits("x", 60)) is not first
    assert registry.get("https://a", None).per_minute is None
    assert first.per_minute == 30
    assert set(registry.counts()) == {"https://a x", "https://a y", "https://b x", "https://a "}


@pytest.mark.parametrize("share", [0, 1.5])
def test_a_share_is_a_part_of_the_whole(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        BudgetRegistry().get("https://a", None, share)


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7.0), ("0.5", 0.5), ("", None), ("soon", None), ("nan", None), ("-1", None)]
)
def test_retry_after_may_be_a_number(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}) == seconds


def test_retry_after_may_be_a_date_and_is_held_against_the_servers_clock() -> None:
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    headers = {
        "date": format_datetime(moment, usegmt=True),
        "retry-after": format_datetime(moment + timedelta(seconds=90), usegmt=True),
    }
    assert retry_after(headers) == 90


def test_a_date_without_a_zone_is_utc_and_one_in_the_past_means_now() -> None:
    assert retry_after({"retry-after": "Wed, 01 Jan 2020 00:00:00 -0000"}) == 0
