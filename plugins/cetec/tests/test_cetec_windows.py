"""Order lines by windows of dates: whatever the list cuts off, every line comes once or nothing does."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock_cetec.client import AnswerError
from crossdock_cetec.windows import CAP, TRANSCODES, lines

FIRST, LAST = date(2023, 1, 1), date(2025, 12, 31)
DAYS = (LAST - FIRST).days


class CappedList:
    """A list that gives at most 50 rows and says nothing of the rest."""

    def __init__(self, rows: list[tuple[int, str]]) -> None:
        self.rows = [
            {"ordline_id": n, "day": FIRST + timedelta(days=day), "transcode": code}
            for n, (day, code) in enumerate(rows)
        ]
        self.asked = 0

    def ask(self, start: date, end: date, codes: str) -> list[Any]:
        self.asked += 1
        wanted = codes.split(",")
        found = [r for r in self.rows if start <= r["day"] <= end and r["transcode"] in wanted]
        return found[:CAP]


@given(st.lists(st.tuples(st.integers(0, DAYS), st.sampled_from(TRANSCODES)), max_size=400))
@settings(deadline=None, max_examples=60)
def test_every_line_comes_once(rows: list[tuple[int, str]]) -> None:
    capped = CappedList(rows)

    found = [row["ordline_id"] for row in lines(capped.ask, FIRST, LAST)]

    assert sorted(found) == list(range(len(rows)))


def test_few_lines_are_one_request() -> None:
    capped = CappedList([(day, "SA") for day in range(CAP - 1)])

    assert len(list(lines(capped.ask, FIRST, LAST))) == CAP - 1
    assert capped.asked == 1


def test_a_full_day_is_asked_for_by_transcode() -> None:
    capped = CappedList([(7, code) for code in ("SA", "SN", "NN") for _ in range(40)])

    assert len(list(lines(capped.ask, FIRST, LAST))) == 120


def test_a_day_that_is_full_of_one_kind_is_an_error() -> None:
    capped = CappedList([(7, "SA")] * CAP)

    with pytest.raises(AnswerError, match=r"for 2023-01-08 alone \(SA\).*some are missing"):
        list(lines(capped.ask, FIRST, LAST))
