"""Custom fields: names, declared and profiled types, and the values that people wrote."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType as T
from crossdock.values import Money
from crossdock_ascora.customfields import (
    CustomField,
    Reading,
    as_day,
    as_money,
    as_number,
    as_time,
    field_names,
    profiles,
)
from crossdock_ascora.declarations import load_declarations
from crossdock_ascora.decoding import ShapeError
from crossdock_ascora.objects import KINDS
from crossdock_ascora.wire import OWN_NAMES

READING = Reading(UTC, "AUD")


def own(kind: T, **more: Any) -> CustomField:
    return CustomField("Field", "Field", kind, **more)


def profiled(*values: Any) -> T:
    return profiles({"x": value} for value in values)["x"].type


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["Yes", "no", "Y"], T.BOOLEAN),
        (["1", "23", "-4"], T.INTEGER),
        (["1.5", "2", "1,200.25"], T.DECIMAL),
        (["10%", "12.5 %"], T.DECIMAL),
        (["$1,200.50", "-$3"], T.MONEY),
        (["31/12/2024", "01/02/2023"], T.DATE),
        (["31/12/2024 08:15", "01/02/2023 4:30 PM"], T.DATETIME),
        (["0123", "0456"], T.TEXT),
        (["12/31/2024", "02/01/2024"], T.TEXT),
        (["Yes", "Maybe"], T.TEXT),
        (["", "  "], T.TEXT),
    ],
)
def test_a_type_is_what_every_value_fits(values: list[str], kind: T) -> None:
    assert profiled(*values) is kind


def test_dates_are_day_before_month_and_never_guessed() -> None:
    assert as_day("05/03/2024") == date(2024, 3, 5)
    with pytest.raises(ShapeError):
        as_day("12/31/2024")
    with pytest.raises(ShapeError):
        as_day("5/3/24")


@pytest.mark.parametrize(
    ("text", "hour"), [("12:05 AM", 0), ("12:05 PM", 12), ("4:05 pm", 16), ("16:05", 16)]
)
def test_both_clocks_are_read(text: str, hour: int) -> None:
    assert as_time(f"05/03/2024 {text}") == datetime(2024, 3, 5, hour, 5)  # noqa: DTZ001


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_every_day_comes_back(day: date) -> None:
    assert as_day(day.strftime("%d/%m/") + f"{day.year:04d}") == day
    assert as_day(day.isoformat()) == day


@given(st.decimals(-(10**9), 10**9, places=2))
def test_every_amount_comes_back(amount: Decimal) -> None:
    sign = "-" if amount < 0 else ""
    assert as_money(f"{sign}${abs(amount):,.2f}") == amount
    assert as_number(f"{amount:f}") == amount


@given(st.integers(-(10**14), 10**14))
def test_every_whole_number_comes_back(number: int) -> None:
    assert as_number(f"{number:,}", whole=True) == number


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (T.MONEY, "$12.50", Money(Decimal("12.50"), "AUD")),
        (T.DATETIME, "01/02/2023 08:00", datetime(2023, 2, 1, 8, tzinfo=UTC)),
        (T.BOOLEAN, "☒", True),
        (T.TEXT, " kept as it is ", " kept as it is "),
        (T.INTEGER, "  ", None),
    ],
)
def test_a_value_is_read_as_its_type(kind: T, written: str, value: Any) -> None:
    assert READING.value(written, own(kind)) == value


def test_a_choice_is_one_of_its_options_whatever_the_case() -> None:
    roof = own(T.SELECT, options=("Tile", "Metal"))

    assert READING.value("metal ", roof) == "Metal"
    with pytest.raises(ShapeError, match="one of Tile, Metal"):
        READING.value("Thatch", roof)


def test_several_choices_are_parted_by_semicolons() -> None:
    boxes = own(T.SELECT, options=("A", "B", "C"), multiple=True)

    assert READING.value("a; C;a", boxes) == ("A", "C")


def test_names_are_made_of_words_each_another_one() -> None:
    assert field_names(["Roof Type", "Roof-Type", "???", "status"], {"status"}) == {
        "Roof Type": "Roof_Type",
        "Roof-Type": "Roof_Type_2",
        "???": "field",
        "status": "status_2",
    }


def test_no_custom_field_can_take_the_name_of_another_field() -> None:
    for kind in (kind for kind in KINDS.values() if kind.custom):
        assert {field.name for field in kind.fields} <= OWN_NAMES, kind.name


def test_declarations_speak_ascoras_words(tmp_path: Path) -> None:
    path = tmp_path / "fields.yaml"
    path.write_text("custom_fields:\n  - {name: Roof, type: Dropdown List, options: [Tile]}\n")

    [roof] = load_declarations(path)

    assert (roof.name, roof.of, roof.type, roof.options) == ("Roof", "jobs", "dropdown list", ("Tile",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("custom_fields: [{name: Roof, type: colour}]", "is no type of Ascora"),
        ("custom_fields: [{name: Roof, of: planets, type: date}]", "of"),
        ("fields: []", "custom_fields"),
        ("custom_fields: [", "cannot be read"),
    ],
)
def test_a_wrong_declaration_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "fields.yaml"
    path.write_text(text)

    with pytest.raises(ConfigError, match=said):
        load_declarations(path)
