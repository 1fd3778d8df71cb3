"""What limits the work of a rule and of a pattern cannot be passed by writing it in another way."""

import re
import time

import pytest

from crossdock.errors import MappingError
from crossdock.expressions import Condition, bound_names
from crossdock.layout.patterns import MOST_REPEATS, check_name_pattern, fits_name, repeats_repetition


@pytest.mark.parametrize(
    "rule",
    [
        "l.all (x, l.all (y, l.all (z, x == z)))",
        "l . map(x, l.\tmap\n(y, l.map ( z, 1))).size() > 0",
        "l.all // over all\n (x, l.all(y, l.all(z, x == z)))",
        "l.existsOne(x, l.existsOne(y, l.existsOne(z, x == z)))",
        r"r'\' != '' && l.all(x, l.all(y, l.all(z, '' == '')))",
        "'''it's''' != '' && l.all(x, l.all(y, l.all(z, '' == '')))",
        "true // it's\n && l.all(x, l.all(y, l.all(z, '' == '')))",
    ],
)
def test_loops_inside_each_other_are_counted_however_they_are_written(rule):
    with pytest.raises(MappingError, match="loops inside each other"):
        Condition(rule)


def test_what_stands_in_quotes_and_comments_is_no_loop():
    rule = "l.all (x, l.all (y, x == y)) && '.all (x, ' != r'\\' // .all (a, .all (b, .all (c,"

    assert Condition(rule).holds({"l": [1]})


def test_words_in_quotes_and_comments_stay_as_they_are():
    rule = "note == '''a 'not' b''' and note != r'not\\' // not and or"

    assert Condition(rule).holds({"note": "a 'not' b"})


def test_a_name_is_bound_with_blanks_too():
    assert bound_names("groups.exists (g, g.key == 'x') && tags . all(\n t , t != '')") == {"g", "t"}


@pytest.mark.parametrize(
    "pattern",
    [r"(\w\w?)+$", "(a?b?)*$", "((ab)?c?)+$", "(?:a?a)+$", "(?i:a?a)+$", "(?P<part>a?a)+$", "(?=a?)*b"],
)
def test_a_repeated_group_with_parts_that_may_be_missing_is_refused(pattern):
    assert repeats_repetition(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["colou?rs (of )?firms", "(?:ab)+", "(?i:firms)+", "(?P<part>ab)*", "(?!old)Companies.*", r"(a\?)+"],
)
def test_a_group_that_is_read_in_one_way_may_be_repeated(pattern):
    assert re.compile(pattern)
    assert not repeats_repetition(pattern)


def test_a_pattern_with_many_parts_without_end_is_refused():
    assert check_name_pattern(".*" * MOST_REPEATS)
    for pattern in (".*" * (MOST_REPEATS + 1), r"\w+[*]" + "a{2,}" * MOST_REPEATS):
        with pytest.raises(ValueError, match="without end"):
            check_name_pattern(pattern)


def test_signs_that_only_look_like_repetition_do_not_count():
    assert check_name_pattern(r"\*\*\*\*\*\* [+*]{1,3} x{2} .*")


def test_the_worst_pattern_that_is_taken_ends_soon_for_the_longest_name():
    began = time.process_time()

    for length in (31, 64, 100_000):
        assert not fits_name(check_name_pattern("a*" * MOST_REPEATS + "b"), "a" * length)

    assert time.process_time() - began < 20


def test_a_sheet_is_found_by_its_whole_name():
    assert fits_name("компании.*", "Компании 2024")
    assert not fits_name("компании", "Компании 2024")
