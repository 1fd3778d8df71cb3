"""Settings: what has to be said, and what is wrong."""

from typing import Any

import pytest
from pydantic import ValidationError

from crossdock_ascora.settings import AscoraSettings

GOOD: dict[str, Any] = {
    "timezone": "Australia/Sydney",
    "currency": "AUD",
    "url": "https://api.ascora.example/",
    "key": "k" * 20,
}


def test_an_address_is_taken_without_its_slash() -> None:
    assert AscoraSettings.model_validate(GOOD).url == "https://api.ascora.example"


@pytest.mark.parametrize("name", ["timezone", "currency"])
def test_zone_and_currency_have_to_be_said(name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        AscoraSettings.model_validate({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"timezone": "Sydney"}, "is not a time zone"),
        ({"currency": "dollars"}, "currency"),
        ({"key": None}, "needs a `key`"),
        ({"url": "", "key": None}, "exported `tables`"),
        ({"page_size": 0}, "page_size"),
        ({"accounting": {"system": "sage"}}, "accounting"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        AscoraSettings.model_validate({**GOOD, **change})


def test_tables_alone_are_enough() -> None:
    given = {"timezone": "UTC", "currency": "NZD", "tables": {"layout": "l.yaml", "files": ["*.xlsx"]}}

    assert AscoraSettings.model_validate(given).url == ""
