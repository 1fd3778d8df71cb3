"""Comparing dumps, and what a check says when it fails."""

import pytest

from crossdock.testing.dumps import assert_same, difference, without
from crossdock.testing.expecting import holds, nothing, same

DUMP = {"rows": {"firm": [{"id": 1, "at": 5, "name": "Ромашка"}, {"id": 2, "at": 6}]}, "count": 3}


def test_a_list_of_places_leaves_out_exactly_these():
    left = without(("rows", "*", "at"), ("count",), ("nothing", "there"))(DUMP)
    assert left == {"rows": {"firm": [{"id": 1, "name": "Ромашка"}, {"id": 2}]}}
    assert DUMP["count"] == 3


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({**DUMP, "count": 4}, [".count: 3 != 4"]),
        ({**DUMP, "count": "3"}, [".count: 3 != '3'"]),
        ({**DUMP, "more": 1}, [".more: None != 1"]),
        ({**DUMP, "rows": {"firm": []}}, [".rows.firm: 2 != 0 entries"]),
        ({**DUMP, "rows": {"firm": [{"id": 1, "at": 5}, {"id": 2, "at": 6}]}}, [".rows.firm[0].name"]),
    ],
)
def test_a_difference_is_told_with_its_place(other, told):
    lines = difference(DUMP, other)
    assert len(lines) == len(told)
    assert all(line.startswith(start) for line, start in zip(lines, told, strict=True))
    with pytest.raises(AssertionError, match="the dumps differ"):
        assert_same(DUMP, other)


def test_equal_dumps_are_the_same():
    assert difference(DUMP, without()(DUMP)) == []
    assert_same(DUMP, without()(DUMP))


def test_an_expectation_that_fails_says_what_it_was_about():
    with pytest.raises(AssertionError, match="count: found 1, wanted 2"):
        same(1, 2, "count")
    with pytest.raises(AssertionError, match="it is there"):
        holds(None, "it is there")
    with pytest.raises(AssertionError, match=r"left: \[1\]"):
        nothing([1], "left")
