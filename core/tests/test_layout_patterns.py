"""How numbers and dates are written: what a pattern reads, and what it refuses."""

# ruff: noqa: DTZ001 - what is written in a table has no zone

from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.layout.headers import fold
from crossdock.layout.patterns import (
    PatternError,
    check_date_pattern,
    from_serial,
    number_pattern,
    parse_date,
    parse_number,
)

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False)
DAYS = st.dates(min_value=date(1901, 1, 1), max_value=date(2199, 12, 31))


def russian(amount: Decimal, space: str) -> str:
    return f"{amount:,.2f}".replace(",", space).replace(".", ",")


@given(AMOUNTS, st.sampled_from([" ", "\u00a0", "\u202f", "\u2009"]))
def test_a_russian_amount_reads_whatever_space_parts_its_thousands(amount, space):
    assert parse_number(russian(amount, space), ["1 234,56"]) == amount


@given(AMOUNTS)
def test_an_american_amount_reads_with_and_without_thousands(amount):
    assert parse_number(f"{amount:,.2f}", ["1,234.56"]) == amount
    assert parse_number(f"{amount:.2f}", ["1,234.56"]) == amount


@given(AMOUNTS)
def test_a_negative_amount_may_stand_in_brackets_or_after_a_long_minus(amount):
    plain = f"{abs(amount):.2f}"
    assert (
        parse_number(f"({plain})", ["1234.56"]) == parse_number(f"\u2212{plain}", ["1234.56"]) == -abs(amount)
    )


@given(st.integers(min_value=1, max_value=999), st.integers(min_value=0, max_value=999))
def test_what_two_declared_ways_read_differently_is_refused(whole, rest):
    with pytest.raises(PatternError, match="ambiguous"):
        parse_number(f"{whole},{rest:03d}", ["1234,56", "1,234"])


@pytest.mark.parametrize("text", ["", "12a", "1 23", "1,23,45", "--1", "1e5", "٣", "1 234 ,5", "²"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(PatternError):
        parse_number(text, ["1 234,56"])


@pytest.mark.parametrize("example", ["", "abc", "1,2,3.4.5", "1 234,56.7", "12-"])
def test_an_example_that_shows_nothing_is_no_pattern(example):
    with pytest.raises(ValueError, match="example"):
        number_pattern(example)


@given(DAYS, st.sampled_from(["DD.MM.YYYY", "YYYY-MM-DD", "MM/DD/YYYY", "YYYY/MM/DD", "DDMMYYYY"]))
def test_a_day_reads_back_as_it_was_written(day, pattern):
    text = (
        pattern.replace("YYYY", f"{day.year}")
        .replace("MM", f"{day.month:02d}")
        .replace("DD", f"{day.day:02d}")
    )
    assert parse_date(text, [pattern]).date() == day


@given(DAYS)
def test_day_and_month_are_never_guessed(day):
    text, patterns = f"{day.day:02d}/{day.month:02d}/{day.year}", ["DD/MM/YYYY", "MM/DD/YYYY"]
    if day.day <= 12 and day.day != day.month:
        with pytest.raises(PatternError, match="ambiguous"):
            parse_date(text, patterns)
    else:
        assert parse_date(text, patterns).date() == day


@given(st.datetimes(min_value=datetime(1901, 1, 1), max_value=datetime(2199, 1, 1)))
def test_a_spreadsheets_day_number_gives_its_time_to_the_millisecond(moment):
    days = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    assert abs(from_serial(days, False) - moment) <= timedelta(milliseconds=1)


def test_day_numbers_around_the_leap_day_that_never_was():
    assert from_serial(59, False).date() == date(1900, 2, 28)
    assert from_serial(61, False).date() == date(1900, 3, 1)
    with pytest.raises(PatternError):
        from_serial(60, False)
    assert from_serial(0, True).date() == date(1904, 1, 1)


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("5.3.2024  7:05", "DD.MM.YYYY hh:mm", datetime(2024, 3, 5, 7, 5)),
        ("03/05/24 12:30 am", "MM/DD/YY hh:mm AM", datetime(2024, 3, 5, 0, 30)),
        ("03/05/70 12:30 PM", "MM/DD/YY hh:mm AM", datetime(1970, 3, 5, 12, 30)),
        ("2024:01:02", "YYYY:MM:DD", datetime(2024, 1, 2)),
    ],
)
def test_times_of_day_and_short_years(text, pattern, expected):
    assert parse_date(text, [pattern]) == expected


@pytest.mark.parametrize("text", ["31.02.2024", "00.01.2024", "1.1.24", "01.01.2024 x", "١.١.٢٠٢٤ "])
def test_a_day_that_does_not_exist_or_is_written_otherwise_is_refused(text):
    with pytest.raises(PatternError):
        parse_date(text, ["DD.MM.YYYY"])


@pytest.mark.parametrize("pattern", ["", "YYYY", "DD.MM", "DD.DD.YYYY", "%d.%m.%Y"])
def test_a_pattern_names_year_month_and_day_once(pattern):
    with pytest.raises(ValueError, match="no date pattern"):
        check_date_pattern(pattern)


@given(st.text(max_size=40))
def test_any_text_reads_or_is_refused_and_nothing_else(text):
    for read, patterns in ((parse_date, ["DD.MM.YYYY", "ISO"]), (parse_number, ["1 234,56", "1234.56"])):
        with suppress(PatternError):
            read(text, patterns)


@given(st.text(alphabet="абвёЁЕеXyz  \t\u00a0", max_size=20))
def test_headers_are_the_same_whatever_their_case_spaces_and_yo(text):
    changed = " \u00a0".join(text.upper().split()).replace("Ё", "Е")
    assert fold(f"  {changed} *") == fold(text)
