"""Match keys: the forms in which a value may be held."""

from typing import Any

import pytest

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema
from crossdock.values import Link, PersonName, Phone
from crossdock_twenty.matching import condition, same


def field(kind: str) -> FieldSchema:
    return FieldSchema("f", FieldType.TEXT, settings={"twenty_type": kind, "column": "f", "id": "i"})


def phone(calling_code: str) -> dict[str, str]:
    return {"primaryPhoneNumber": "4951234567", "primaryPhoneCallingCode": calling_code}


@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        ("TEXT", "ООО Ромашка", "ооо ромашка"),
        ("EMAILS", "A@B.example ", {"primaryEmail": "a@b.example"}),
        ("LINKS", Link("HTTPS://www.Example.com/"), {"primaryLinkUrl": "example.com"}),
        ("LINKS", "https://пример.рф", {"primaryLinkUrl": "https://xn--e1afmkfd.xn--p1ai"}),
        (
            "PHONES",
            Phone("+7 495 123-45-67"),
            phone("+7"),
        ),
        ("FULL_NAME", PersonName("Иван", "Иванов", "П."), {"firstName": "иван п.", "lastName": "Иванов"}),
    ],
)
def test_another_form_of_the_same_value_matches(kind: str, value: Any, held: Any) -> None:
    assert same(field(kind), value, held)


@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        ("TEXT", "a_b", "axb"),
        ("LINKS", "https://example.com", {"primaryLinkUrl": "https://example.com/other"}),
        ("LINKS", "https://example.com", {"primaryLinkUrl": "https://notexample.com"}),
        (
            "PHONES",
            Phone("+74951234567"),
            phone("+1"),
        ),
    ],
)
def test_what_the_filter_found_too_much_is_dropped(kind: str, value: Any, held: Any) -> None:
    assert not same(field(kind), value, held)


def test_wildcards_in_a_value_are_taken_literally() -> None:
    assert condition(field("TEXT"), "100%_") == {"f": {"ilike": "100\\%\\_"}}


@pytest.mark.parametrize("value", ["", None, "  "])
def test_nothing_is_not_looked_for(value: Any) -> None:
    assert condition(field("TEXT"), value) is None


def test_a_type_that_cannot_be_searched_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="cannot be a match key"):
        condition(field("RAW_JSON"), {"a": 1})
