"""Parts of a composite value that are left to what is there."""

from decimal import Decimal

from crossdock.equality import completed
from crossdock.values import Address, Money, PersonName


def test_empty_parts_are_taken_from_what_is_there():
    assert completed(
        Address(street1="ул. Красная, 1"), Address("", "", "Краснодар", "", "", "Россия")
    ) == Address("ул. Красная, 1", "", "Краснодар", "", "", "Россия")


def test_a_part_that_is_given_wins():
    assert completed(PersonName("Анна", "Петрова"), PersonName("Аня", "", "Ильинична")) == PersonName(
        "Анна", "Петрова", "Ильинична"
    )


def test_any_other_value_stays_as_it_is():
    assert completed(Money(Decimal(5), "RUB"), Money(Decimal(7), "USD")) == Money(Decimal(5), "RUB")
    assert completed("", "there") == ""
