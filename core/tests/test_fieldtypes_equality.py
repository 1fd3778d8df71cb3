# ruff: noqa: DTZ001 - times without a zone are what is tested here
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.conversions import convertible
from crossdock.equality import equal, is_blank, is_empty, normalise
from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, Option
from crossdock.steps import find_step
from crossdock.values import Link, Money, PersonName


def field(type_, **more):
    return FieldSchema("f", type_, **more)


@pytest.mark.parametrize("empty", [None, "", ()])
@pytest.mark.parametrize("other", [None, "", ()])
def test_nothing_empty_text_and_no_values_are_the_same(empty, other):
    assert equal(empty, other, field(FieldType.TEXT))


@pytest.mark.parametrize(
    ("type_", "blank", "kept", "written"),
    [
        (FieldType.BOOLEAN, False, False, True),
        (FieldType.INTEGER, 0, 0, 7),
        (FieldType.DECIMAL, 0, Decimal("0.00"), Decimal("0.01")),
        (FieldType.MONEY, Money(Decimal(0)), Money(Decimal(0), "EUR"), Money(Decimal(1), "EUR")),
    ],
)
def test_nothing_is_the_same_as_what_the_platform_keeps_for_it(type_, blank, kept, written):
    own, other = field(type_, blank=blank), field(type_)
    assert equal(None, kept, own)
    assert is_blank(kept, own)
    assert not equal(None, written, own)
    assert not equal(None, kept, other)
    assert not is_blank(kept, other)


def test_false_is_no_zero():
    assert not is_blank(False, field(FieldType.INTEGER, blank=0))
    assert not is_blank(0, field(FieldType.BOOLEAN, blank=False))


def test_text_is_compared_code_point_by_code_point():
    assert not equal("\u0439", "\u0438\u0306", field(FieldType.TEXT))
    assert not equal("a ", "a", field(FieldType.TEXT))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3), st.integers(0, 6))
def test_numbers_are_compared_by_value(number, zeros):
    longer = Decimal(f"{number:f}" + "0" * zeros) if "." in f"{number:f}" else number
    assert equal(number, longer, field(FieldType.DECIMAL))


@pytest.mark.parametrize(("one", "other"), [(Decimal(5), 5), (Decimal("0.1"), 0.1), ("7", Decimal(7))])
def test_numbers_of_other_kinds_are_the_same_number(one, other):
    assert equal(one, other, field(FieldType.DECIMAL))


def test_text_that_is_no_number_differs_and_true_is_no_number():
    assert not equal("x", Decimal(1), field(FieldType.DECIMAL))
    assert normalise(True, field(FieldType.INTEGER)) is True


def test_times_are_compared_by_instant():
    moscow = datetime(2024, 5, 1, 12, tzinfo=ZoneInfo("Europe/Moscow"))
    assert equal(moscow, datetime(2024, 5, 1, 9, tzinfo=UTC), field(FieldType.DATETIME))
    assert not equal(moscow, datetime(2024, 5, 1, 12, tzinfo=UTC), field(FieldType.DATETIME))
    assert not equal(moscow, "noon", field(FieldType.DATETIME))


@pytest.mark.parametrize("same", [date(2024, 5, 1), "2024-05-01", datetime(2024, 5, 1)])
def test_a_day_is_a_day(same):
    assert equal(date(2024, 5, 1), same, field(FieldType.DATE))


@pytest.mark.parametrize("other", [datetime(2024, 5, 1, 1), "first of May", date(2024, 5, 2)])
def test_a_day_differs_from_a_time_and_from_other_text(other):
    assert not equal(date(2024, 5, 1), other, field(FieldType.DATE))


def test_several_choices_have_no_order():
    assert equal(("a", "b"), ("b", "a"), field(FieldType.SELECT, multiple=True))


def test_several_emails_have_an_order():
    assert not equal(("a", "b"), ("b", "a"), field(FieldType.EMAIL, multiple=True))


def test_one_value_is_the_same_as_a_tuple_of_it():
    assert equal(("a",), "a", field(FieldType.TEXT))
    assert equal("a", ("a",), field(FieldType.EMAIL, multiple=True))
    assert not equal(("a", "b"), "a", field(FieldType.TEXT))


def test_money_needs_the_same_currency():
    assert equal(Money(Decimal("1.50"), "RUB"), Money(Decimal("1.5"), "RUB"), field(FieldType.MONEY))
    assert not equal(Money(Decimal(1), "RUB"), Money(Decimal(1), "EUR"), field(FieldType.MONEY))
    assert not equal(Money(Decimal(1), "RUB"), 1, field(FieldType.MONEY))


def test_an_address_of_a_link_is_the_link():
    assert equal("https://a.example", Link("https://a.example"), field(FieldType.LINK))


def test_a_composite_without_any_part_is_empty():
    assert is_empty(PersonName())
    assert equal(PersonName(), None, field(FieldType.PERSON_NAME))
    assert not is_empty(Money(Decimal(0)))


def test_no_is_not_nothing():
    assert not equal(False, None, field(FieldType.BOOLEAN))


@pytest.mark.parametrize("type_", list(FieldType))
def test_every_type_converts_to_itself_without_a_step(type_):
    conversion = convertible(field(type_), field(type_))
    assert (conversion.possible, conversion.step, conversion.loss) == (True, None, ())


@pytest.mark.parametrize("source", list(FieldType))
@pytest.mark.parametrize("target", list(FieldType))
def test_every_step_of_the_table_exists(source, target):
    step = convertible(field(source), field(target)).step
    assert step is None or find_step(step).name == step


@pytest.mark.parametrize(
    ("source", "target", "step", "loss"),
    [
        (FieldType.DECIMAL, FieldType.INTEGER, "integer", "fraction"),
        (FieldType.DATETIME, FieldType.DATE, "date", "time of day"),
        (FieldType.HTML, FieldType.MARKDOWN, "html_to_markdown", "formatting"),
        (FieldType.MONEY, FieldType.DECIMAL, "decimal", "currency"),
        (FieldType.TEXT, FieldType.BOOLEAN, "boolean", "rejected"),
        (FieldType.UNKNOWN, FieldType.JSON, None, "not known"),
        (FieldType.TEXT, FieldType.UNKNOWN, None, "not known"),
    ],
)
def test_a_lossy_conversion_names_its_step_and_its_loss(source, target, step, loss):
    conversion = convertible(field(source), field(target))
    assert conversion.step == step
    assert loss in " ".join(conversion.loss)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (FieldType.REFERENCE, FieldType.TEXT),
        (FieldType.BOOLEAN, FieldType.DATE),
        (FieldType.FILE, FieldType.TEXT),
    ],
)
def test_some_conversions_are_impossible(source, target):
    assert not convertible(field(source), field(target)).possible


def test_several_values_into_one_lose_all_but_the_first():
    conversion = convertible(field(FieldType.EMAIL, multiple=True), field(FieldType.EMAIL))
    assert conversion.step == "first"
    assert conversion.loss == ("all values but the first",)


def test_several_values_into_text_are_joined():
    assert convertible(field(FieldType.TEXT, multiple=True), field(FieldType.TEXT)).step == "text"
    assert convertible(field(FieldType.SELECT, multiple=True), field(FieldType.TEXT)).step == "text"


def test_options_that_the_target_lacks_are_named():
    source = field(FieldType.SELECT, options=(Option("a"), Option("b")))
    conversion = convertible(source, field(FieldType.SELECT, options=(Option("b"),)))
    assert conversion.loss == ("options not at the target: a",)


def test_a_shorter_target_is_lossy_unless_the_source_is_as_short():
    short = field(FieldType.TEXT, max_length=10)
    assert "10 characters" in convertible(field(FieldType.TEXT), short).loss[0]
    assert convertible(field(FieldType.TEXT, max_length=10), short).loss == ()
