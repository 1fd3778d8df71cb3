"""Times in rules: by their instant, whatever zone they are written in."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crossdock.expressions import Condition

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("made", "after"),
    [
        (datetime(2024, 5, 1, 18, 59, tzinfo=CHICAGO), False),
        (datetime(2024, 5, 1, 19, 1, tzinfo=CHICAGO), True),
        (datetime(2024, 5, 2, 0, 1, tzinfo=UTC), True),
    ],
)
def test_a_time_with_a_named_zone_can_be_compared(made, after):
    condition = Condition('made >= timestamp("2024-05-02T00:00:00Z")')
    assert condition.holds({"made": made}) is after
