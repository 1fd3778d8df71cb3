# ruff: noqa: DTZ001 - times without a zone are what is tested here
import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import ContractError, RecordError
from crossdock.serial import content_hash, dump_value, dumps, load_value, loads, plain_decimal, plain_instant
from crossdock.values import Address, Author, Link, Money, PersonName, Phone, Reference, StoredFile

texts = st.text(st.characters(exclude_categories=["Cs"]))
decimals = st.decimals(allow_nan=False, allow_infinity=False)
zones = st.sampled_from([UTC, ZoneInfo("Europe/Moscow"), timezone(timedelta(hours=-3, minutes=-30)), None])
scalars = st.one_of(
    st.none(),
    st.booleans(),
    texts,
    st.integers(),
    st.floats(allow_nan=False),
    decimals,
    st.dates(),
    st.datetimes(timezones=zones),
    st.timedeltas(),
    st.builds(Money, decimals, texts),
    st.builds(Phone, texts, texts, texts),
    st.builds(Link, texts, texts),
    st.builds(PersonName, texts, texts, texts),
    st.builds(Address, texts, texts, texts, texts, texts, texts),
    st.builds(Author, texts, texts),
    st.builds(Reference, texts, texts),
    st.builds(StoredFile, texts, st.integers(0, 2**40), texts, texts, texts),
)
json_like = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts | st.sampled_from(["$money", "$map", "$json", "$tuple"]), inner, max_size=3)
        | st.lists(inner, max_size=2).map(tuple)
    ),
    max_leaves=8,
)
values = st.dictionaries(texts, scalars | st.lists(scalars, max_size=3).map(tuple) | json_like, max_size=5)


@given(values)
def test_values_survive_being_written_and_read(record):
    assert loads(dumps(record)) == record


@given(json_like)
def test_a_single_value_survives_with_its_type(value):
    back = load_value(dump_value(value))
    assert back == value
    assert type(back) is type(value)


@given(st.decimals(allow_nan=False))
def test_a_decimal_keeps_its_exact_form(number):
    assert str(loads(dumps({"n": number}))["n"]) == str(number)


@given(st.datetimes(timezones=st.just(ZoneInfo("Europe/Moscow"))))
def test_a_named_zone_keeps_its_name_and_offset(moment):
    back = loads(dumps({"t": moment}))["t"]
    assert back.tzinfo.key == "Europe/Moscow"
    assert back.utcoffset() == moment.utcoffset()


def test_the_second_of_two_equal_clock_times_is_kept():
    moment = datetime(2014, 10, 26, 1, 30, tzinfo=ZoneInfo("Europe/Moscow"), fold=1)
    assert loads(dumps({"t": moment}))["t"].utcoffset() == moment.utcoffset()


def test_money_is_written_as_a_tag():
    assert dumps({"a": Money(Decimal("12.50"), "RUB")}) == b'{"a":{"$money":["12.50","RUB"]}}'


def test_plain_values_are_written_as_they_are():
    assert dumps({"a": "x", "b": 1, "c": True, "d": None}) == b'{"a":"x","b":1,"c":true,"d":null}'


def test_a_nul_code_point_survives():
    assert loads(dumps({"a": "x\x00y"})) == {"a": "x\x00y"}


def test_a_lone_surrogate_is_refused_with_the_field_and_the_record():
    with pytest.raises(RecordError, match=r"record k1: field 'bad' .*surrogate") as caught:
        dumps({"good": "x", "bad": "\ud800"}, key="k1")
    assert caught.value.key == "k1"
    assert len(caught.value.reasons) == 1


def test_a_json_object_with_a_key_that_is_no_text_is_refused():
    with pytest.raises(RecordError, match="'a'"):
        dumps({"a": {1: 2}})


def test_a_type_that_is_not_canonical_is_a_broken_contract():
    with pytest.raises(ContractError, match="complex"):
        dumps({"a": 1j})


def test_not_a_number_survives():
    assert math.isnan(loads(dumps({"a": math.nan}))["a"])


def test_subclasses_are_written_as_what_they_are_made_of():
    class Colour(StrEnum):
        RED = "red"

    class Whole(int):
        pass

    class Moment(datetime):
        pass

    class Bag(dict):
        pass

    record = {"c": Colour.RED, "w": Whole(5), "m": Moment(2020, 1, 1), "b": Bag(x=1)}
    assert loads(dumps(record)) == {"c": "red", "w": 5, "m": datetime(2020, 1, 1), "b": {"x": 1}}


@given(values, st.randoms())
def test_the_hash_does_not_depend_on_the_order(record, random):
    shuffled = list(record.items())
    random.shuffle(shuffled)
    assert content_hash(dict(shuffled)) == content_hash(record)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": Decimal("12.50")}, {"a": Decimal("12.5")}),
        ({"a": Money(Decimal(100))}, {"a": Money(Decimal("1E+2"))}),
        (
            {"a": datetime(2020, 1, 1, 3, tzinfo=ZoneInfo("Europe/Moscow"))},
            {"a": datetime(2020, 1, 1, tzinfo=UTC)},
        ),
        ({"a": None, "b": 1}, {"b": 1}),
        ({"a": (Decimal("1.0"),)}, {"a": (Decimal(1),)}),
    ],
)
def test_equal_contents_have_one_hash(one, other):
    assert content_hash(one) == content_hash(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": "x"}, {"a": "y"}),
        ({"a": "1"}, {"a": 1}),
        ({"a": ("x", "y")}, {"a": ("y", "x")}),
        ({"a": "x"}, {"b": "x"}),
    ],
)
def test_different_contents_have_different_hashes(one, other):
    assert content_hash(one) != content_hash(other)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_without_trailing_zeros_is_the_same_number(number):
    assert plain_decimal(number) == number


def test_infinity_and_zero_have_one_form():
    assert plain_decimal(Decimal("Infinity")) == Decimal("Infinity")
    assert str(plain_decimal(Decimal("-0.00"))) == "0"


def test_an_instant_at_the_edge_of_the_calendar_stays_as_it_is():
    edge = datetime.min.replace(tzinfo=timezone(timedelta(hours=3)))
    assert plain_instant(edge) is edge
    assert plain_instant(datetime(2020, 1, 1)) == datetime(2020, 1, 1)
    assert loads(dumps({"d": date(1, 1, 1)})) == {"d": date(1, 1, 1)}
