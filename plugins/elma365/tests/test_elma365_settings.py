"""Settings are checked before anything is read."""

from typing import Any

import pytest
from pydantic import ValidationError

from crossdock_elma365.settings import Elma365Settings


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"url": "https://a.example"},
        {"mspdi": ["a.xml"], "timezone": "Mars/Olympus"},
        {"mspdi": ["a.xml"], "applications": ["no-dot"]},
        {"mspdi": ["a.xml"], "page_size": 0},
        {"mspdi": ["a.xml"], "tokken": "x"},
    ],
)
def test_wrong_settings_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Elma365Settings.model_validate(values)


def test_files_alone_need_no_company() -> None:
    assert Elma365Settings.model_validate({"mspdi": ["plan.xml"]}).token is None


def test_the_address_may_be_given_with_the_path_of_the_api() -> None:
    assert (
        Elma365Settings.model_validate({"url": "https://a.example/pub/v1/", "token": "t"}).url
        == "https://a.example"
    )


def test_the_token_is_not_shown() -> None:
    assert "t0ken" not in repr(Elma365Settings.model_validate({"url": "https://a.example", "token": "t0ken"}))
