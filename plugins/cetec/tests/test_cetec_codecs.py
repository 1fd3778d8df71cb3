"""Wire values: what two readers that share nothing agree on, and what is refused."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.fieldtypes import FieldType as T
from crossdock.model import FieldSchema, Record, Rejected
from crossdock.values import Address, Money, PersonName, Phone
from crossdock_cetec.codecs import (
    DECODERS,
    Habits,
    ShapeError,
    to_boolean,
    to_date,
    to_datetime,
    to_decimal,
    to_integer,
    to_text,
)
from crossdock_cetec.customfields import CustomFields
from crossdock_cetec.decoding import decode_row
from crossdock_cetec.fields import Object, of, text
from crossdock_cetec.objects import CONTACT, CUSTOMER, OBJECTS
from crossdock_cetec.verification import SecondReader

CHICAGO = ZoneInfo("America/Chicago")
HABITS, SECOND = Habits("USD", CHICAGO), SecondReader("USD", CHICAGO)
MARKS = {"-": "%Y-%m-%d", "/": "%Y/%m/%d", ":": "%Y:%m:%d"}
ALL = Object(
    "all",
    "All",
    "All",
    tuple(of(kind, kind.value, kind.value, kind.value) for kind in DECODERS),
    key="text",
)


def nobody(*_: Any) -> None:
    return None


def both(described: Object, row: dict[str, Any], own: dict[str, FieldSchema] | None = None) -> dict[str, Any]:
    """What both readers make of a row, which has to be the same."""
    first = decode_row(described, row, "1", own or {}, HABITS, nobody)
    assert isinstance(first, Record), first
    assert SECOND.values(described, row, own or {}, nobody) == first.values
    return dict(first.values)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=5, min_value=-(10**9), max_value=10**9))
def test_an_amount_keeps_its_digits_as_number_and_as_text(amount: Decimal) -> None:
    for wire in (amount, f"{amount:f}", f" {amount:f} "):
        found = both(ALL, {"money": wire, "decimal": wire})
        assert found["money"] == Money(amount, "USD")
        assert str(found["decimal"]) == str(Decimal(f"{amount:f}"))


@given(st.dates(date(1970, 1, 1), date(2199, 12, 31)), st.sampled_from(sorted(MARKS)))
def test_a_day_is_read_in_all_three_forms(day: date, mark: str) -> None:
    assert both(ALL, {"date": day.strftime(MARKS[mark])})["date"] == day
    assert both(ALL, {"date": f"{day.strftime(MARKS[mark])} 00:00:00"})["date"] == day


@given(st.datetimes())
def test_a_time_without_a_zone_is_the_tenants(moment: datetime) -> None:
    found = both(ALL, {"datetime": moment.isoformat(sep=" ")})["datetime"]

    assert found == moment.replace(tzinfo=CHICAGO)
    assert found.utcoffset() == moment.replace(tzinfo=CHICAGO).utcoffset()


def test_a_time_with_a_zone_keeps_it() -> None:
    found = both(ALL, {"datetime": "2024-05-01T10:00:00+02:00"})["datetime"]
    assert found == datetime(2024, 5, 1, 8, tzinfo=UTC)
    assert found.utcoffset() == timedelta(hours=2)


@given(st.text(max_size=50).filter(lambda text: text.strip()))
def test_text_is_never_trimmed(written: str) -> None:
    assert both(ALL, {"text": written})["text"] == written


@pytest.mark.parametrize(
    ("wire", "meaning"),
    [(1, True), (0, False), ("1", True), ("0", False), (True, True), ("N", False), ("yes", True)],
)
def test_yes_and_no_come_in_many_forms(wire: Any, meaning: bool) -> None:
    assert both(ALL, {"boolean": wire})["boolean"] is meaning


@pytest.mark.parametrize("nothing", [None, "", "  ", [], {}])
def test_nothing_is_nothing_in_every_field(nothing: Any) -> None:
    assert set(both(ALL, dict.fromkeys((f.name for f in ALL.fields), nothing)).values()) == {None}


def test_a_day_of_zeros_is_none() -> None:
    assert both(ALL, {"date": "0000-00-00", "datetime": "0000-00-00 00:00:00"})["date"] is None


@pytest.mark.parametrize(
    ("read", "wire"),
    [
        (to_text, ["a"]),
        (to_text, True),
        (to_decimal, "1,5"),
        (to_decimal, "NaN"),
        (to_decimal, True),
        (to_decimal, {}),
        (to_integer, "1.5"),
        (to_boolean, "maybe"),
        (to_boolean, 2),
        (to_date, "05/01/2024"),
        (to_date, "2024-13-01"),
        (to_date, "2024-05/01"),
        (to_date, "2024-05-01 10:00"),
        (to_date, 20240501),
        (lambda value: to_datetime(value, None), "2024-05-01 10:00:00"),
        (lambda value: to_datetime(value, CHICAGO), "2024-05-01 25:00:00"),
        (lambda value: to_datetime(value, CHICAGO), 7),
    ],
)
def test_a_shape_that_nobody_described_is_refused_without_its_value(read: Any, wire: Any) -> None:
    with pytest.raises(ShapeError) as caught:
        read(wire)
    assert "2024" not in str(caught.value).replace("2024-05-01", "")


def test_every_reason_of_a_row_is_given_at_once() -> None:
    found = decode_row(ALL, {"money": "?", "date": "soon"}, "7", {}, HABITS, nobody)

    assert isinstance(found, Rejected)
    assert [reason.partition(":")[0] for reason in found.reasons] == ["field 'money'", "field 'date'"]


def test_what_is_no_text_is_unreadable_to_the_second_reader_too() -> None:
    assert SECOND.values(ALL, {"money": "?"}, {}, nobody) is None


def test_a_customer_has_its_addresses_from_flat_fields() -> None:
    row = {
        "id": 7,
        "name": "Alder, Inc.",
        "bill_to_address_1": "1 Elm",
        "bill_to_address_2": "Suite 2",
        "bill_to_address_3": "Dock 9",
        "bill_to_address_city": "Austin",
        "bill_to_address_zip": 78701,
        "bill_to_country_id": 233,
        "ship_to_address_1": "2 Oak",
        "ship_to_country": "Canada",
    }
    found = both(OBJECTS[CUSTOMER], row)
    assert found["bill_to"] == Address("1 Elm", "Suite 2, Dock 9", "Austin", "", "78701", "United States")
    assert found["ship_to"] == Address("2 Oak", country="Canada")


def test_a_customer_has_its_addresses_from_the_nested_list() -> None:
    row = {"id": 7, "addresses": [{"type": "ship_to", "city": "Boise"}, {"type": "bill_to", "city": "Salem"}]}
    found = both(OBJECTS[CUSTOMER], row)
    assert found["bill_to"] == Address(city="Salem")
    assert found["ship_to"] == Address(city="Boise")


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"first_name": "Ann", "last_name": "Lee"}, PersonName("Ann", "Lee")),
        ({"firstname": "Ann"}, PersonName("Ann", "")),
        ({"name": "Mary Ann Lee"}, PersonName("Mary Ann", "Lee")),
        ({"name": "Lee"}, PersonName("", "Lee")),
        ({}, None),
    ],
)
def test_a_contact_has_a_name_in_parts(row: dict[str, Any], name: PersonName | None) -> None:
    assert both(OBJECTS[CONTACT], {"id": 1, "phone": " 512-555-0100 ", **row})["name"] == name


def test_the_tenants_own_columns_are_typed_by_their_values() -> None:
    rows: list[dict[str, Any]] = [
        {"id": 1, "name": "A", "ok_to_bill": 1, "hosting": False, "users": 3, "rate": Decimal("1.5")},
        {"id": 2, "name": "B", "ok_to_bill": 0, "hosting": True, "users": Decimal("2.5"), "tags": ["x"]},
        {"id": 3, "name": "C", "plan": "Enterprise", "odd": True, "bill_to_name": "C", "empty": None},
        {"id": 4, "name": "D", "plan": "Basic", "odd": "yes"},
    ]
    fields = CustomFields(OBJECTS[CUSTOMER], {"customer.ok_to_bill": "boolean", "customer.plan": "select"})

    found = fields.of(rows)

    assert {name: field.type for name, field in found.items()} == {
        "ok_to_bill": T.BOOLEAN,
        "hosting": T.BOOLEAN,
        "users": T.DECIMAL,
        "rate": T.DECIMAL,
        "tags": T.JSON,
        "plan": T.SELECT,
        "odd": T.TEXT,
        "bill_to_name": T.TEXT,
        "empty": T.TEXT,
    }
    assert [option.value for option in found["plan"].options] == ["Basic", "Enterprise"]
    values = [both(OBJECTS[CUSTOMER], row, found) for row in rows]
    assert values[0]["ok_to_bill"] is True
    assert values[1]["tags"] == ["x"]
    assert (values[2]["odd"], values[3]["odd"]) == ("true", "yes")


def test_a_choice_of_too_many_values_stays_text() -> None:
    rows = [{"id": n, "code": f"c{n}"} for n in range(60)]
    found = CustomFields(OBJECTS[CUSTOMER], {"customer.code": "select"}).of(rows)
    assert found["code"].type is T.TEXT


def test_json_keeps_digits_as_text() -> None:
    described = Object("x", "x", "x", (text("id", "Id", "id"), of(T.JSON, "extra", "Extra", "extra")))
    assert both(described, {"id": "1", "extra": {"cost": Decimal("0.10000"), "n": [1, None]}})["extra"] == {
        "cost": "0.10000",
        "n": [1, None],
    }


def test_phones_and_links_are_values_of_their_own() -> None:
    found = both(ALL, {"phone": " 512-555-0100 ", "link": "https://a.example"})
    assert found["phone"] == Phone("512-555-0100")
    assert found["link"].url == "https://a.example"
