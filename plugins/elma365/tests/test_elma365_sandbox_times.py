"""Times of the ELMA365 sandbox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock_elma365.sandbox.times import nanoseconds, stamp


@given(st.integers(min_value=0, max_value=4_000_000_000 * 10**9))
def test_nine_digits_keep_every_nanosecond(nanos: int) -> None:
    assert nanoseconds(stamp(nanos, fraction=True)) == nanos


@pytest.mark.parametrize(
    ("text", "nanos"),
    [
        ("1970-01-01T00:00:01Z", 10**9),
        ("1970-01-01T03:00:01.5+03:00", 1_500_000_000),
        ("1970-01-02", 86_400 * 10**9),
        ("yesterday", None),
        ("2024-13-01T00:00:00Z", None),
    ],
)
def test_a_time_is_read_in_any_form_the_platform_takes(text: str, nanos: int | None) -> None:
    assert nanoseconds(text) == nanos
