"""Canonical values as a person reads them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crossdock.shown import LIMIT, shown
from crossdock.values import Address, Author, Link, Money, PersonName, Phone, Reference, StoredFile


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("Ромашка", "Ромашка"),
        (True, "yes"),
        (False, "no"),
        (7, "7"),
        (Decimal("12.50"), "12.50"),
        (date(2024, 5, 1), "2024-05-01"),
        (datetime(2024, 5, 1, 9, 30, tzinfo=UTC), "2024-05-01 09:30:00+00:00"),
        (("a", "b"), "a; b"),
        ({"size": 3, "kind": None}, "size: 3, kind: "),
        (Money(Decimal("12.50"), "RUB"), "12.50 RUB"),
        (Money(Decimal(1)), "1"),
        (Phone("+7 900", "12"), "+7 900 ext. 12"),
        (Phone("+7 900"), "+7 900"),
        (Link("https://a.example", "A"), "A (https://a.example)"),
        (Link("https://a.example"), "https://a.example"),
        (PersonName("Лев", "Звонов"), "Лев Звонов"),
        (Address(street1="ул. Новая, 2", city="Тверь"), "ул. Новая, 2, Тверь"),
        (Author("Anna", "u1"), "Anna"),
        (Reference("crm.firm", "f1"), "crm.firm f1"),
        (StoredFile("a.txt", 3, "ab", folder="docs"), "docs/a.txt (3 bytes, SHA-256 ab)"),
    ],
)
def test_a_value_is_shown_as_people_write_it(value, text):
    assert shown(value) == text


def test_a_long_value_is_cut_and_says_so():
    assert shown("x" * 5000) == "x" * (LIMIT - 3) + "..."
