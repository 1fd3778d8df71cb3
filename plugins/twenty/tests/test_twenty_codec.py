"""Canonical values to wire values and back, by field type."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, ObjectSchema, Option
from crossdock.values import Address, Author, Link, Money, PersonName, Phone, StoredFile
from crossdock_twenty.encoding import Context, Problem
from crossdock_twenty.fieldtypes import encode, encode_record
from crossdock_twenty.readback import decode, decode_record


def field(kind: str, name: str = "f", **extra: Any) -> FieldSchema:
    column = name + "Id" if "RELATION" in kind else name
    settings = {"twenty_type": kind, "column": column, "id": "i", "integer": extra.pop("integer", False)}
    return FieldSchema(name, FieldType.TEXT, settings=settings, **extra)


def wire(kind: str, value: Any, **extra: Any) -> tuple[Any, list[str]]:
    context = Context(field(kind, **extra), "RU")
    return encode(context, value), context.notes


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("TEXT", "  a\r\n", "  a\r\n"),
        ("NUMBER", Decimal("12.345"), 12.345),
        ("NUMBER", 7, 7),
        ("BOOLEAN", False, False),
        ("DATE", date(2020, 2, 29), "2020-02-29"),
        (
            "DATE_TIME",
            datetime(2015, 3, 4, 5, 6, 7, tzinfo=timezone(timedelta(hours=3))),
            "2015-03-04T02:06:07.000Z",
        ),
        ("CURRENCY", Money(Decimal("1234.56"), "RUB"), {"amountMicros": 1234560000, "currencyCode": "RUB"}),
        ("CURRENCY", Money(Decimal("-0.000001")), {"amountMicros": -1, "currencyCode": None}),
        (
            "EMAILS",
            ("a@b.example", "c@d.example"),
            {"primaryEmail": "a@b.example", "additionalEmails": ["c@d.example"]},
        ),
        ("PHONES", Phone("+33612345678"), {"primaryPhoneNumber": "+33612345678", "additionalPhones": []}),
        (
            "LINKS",
            (Link("https://a.example", "A"), Link("http://localhost:80/x")),
            {
                "primaryLinkUrl": "https://a.example",
                "primaryLinkLabel": "A",
                "secondaryLinks": [{"url": "http://localhost:80/x", "label": ""}],
            },
        ),
        (
            "FULL_NAME",
            PersonName("Иван", "Иванов", "Петрович"),
            {"firstName": "Иван Петрович", "lastName": "Иванов"},
        ),
        ("ACTOR", Author("Иванов"), {"source": "IMPORT", "name": "Иванов", "workspaceMemberId": None}),
        ("RICH_TEXT", "# h", {"markdown": "# h", "blocknote": None}),
        ("RAW_JSON", {"a": [1, None, "x\x00"]}, {"a": [1, None, "x"]}),
        ("ARRAY", ("x", "y"), ["x", "y"]),
        ("UUID", "20202020-1C25-4D02-BF25-6AECCF7EA419", "20202020-1c25-4d02-bf25-6aeccf7ea419"),
    ],
)
def test_a_value_gets_the_shape_the_server_takes(kind: str, value: Any, expected: Any) -> None:
    assert wire(kind, value)[0] == expected


@pytest.mark.parametrize(
    ("kind", "value", "rule"),
    [
        ("TEXT", "a\x00b", "NUL removed"),
        ("TEXT", "a\ud800", "unpaired surrogate replaced by U+FFFD"),
        ("EMAILS", " A@B.example", "e-mail trimmed and in lower case"),
        ("PHONES", Phone("8 (495) 123-45-67"), "phone number in international form"),
        ("PHONES", Phone("+74951234567", "12"), "extension 12 left out: the platform has no place for it"),
        ("LINKS", Link("example.com"), "https:// added"),
        ("FULL_NAME", PersonName("A", "B", "C"), "middle name joined to the first name"),
        ("DATE_TIME", datetime(2020, 1, 1, microsecond=1, tzinfo=UTC), "time cut to milliseconds"),
        ("DATE_TIME", date(2020, 1, 1), "date stored as midnight UTC"),
        ("NUMBER", Decimal("0.1000000000000000000001"), "number rounded to a double"),
        ("RAW_JSON", {}, "empty list or object stored as nothing"),
    ],
)
def test_a_changed_form_is_declared(kind: str, value: Any, rule: str) -> None:
    assert rule in wire(kind, value)[1]


@pytest.mark.parametrize("url", ["https://a.example", "http://a.example/x?y=1", "https://1.2.3.4/x"])
def test_a_plain_link_is_not_called_changed(url: str) -> None:
    assert wire("LINKS", Link(url))[1] == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("TEXT", 5),
        ("NUMBER", "12"),
        ("NUMBER", True),
        ("NUMBER", 2**53),
        ("NUMBER", float("nan")),
        ("NUMBER", Decimal("1E+999999")),
        ("BOOLEAN", "true"),
        ("DATE", datetime(2020, 1, 1, tzinfo=UTC)),
        ("DATE_TIME", datetime(2020, 1, 1)),  # noqa: DTZ001
        ("CURRENCY", Money(Decimal("0.0000001"))),
        ("CURRENCY", Money(Decimal("9007199255"))),
        ("CURRENCY", Money(Decimal(1), "rub")),
        ("EMAILS", "not-an-email"),
        ("EMAILS", '"q q"@example.com'),
        ("PHONES", Phone("ext 12")),
        ("PHONES", "+74951234567"),
        ("LINKS", "not a url"),
        ("LINKS", "mailto:a@b.example"),
        ("LINKS", "ftp://x.example/a"),
        ("LINKS", "https://a_b.example.com"),
        ("LINKS", "https://example"),
        ("LINKS", "https://user:p@example.com"),
        ("SELECT", "C"),
        ("MULTI_SELECT", ("A", "C")),
        ("RAW_JSON", "text"),
        ("ARRAY", (1,)),
        ("UUID", "018f1e2c-0000-7000-8000-000000000000"),
        ("FILES", StoredFile("e.txt", 0, "x")),
        ("TS_VECTOR", "x"),
    ],
)
def test_what_the_server_would_refuse_or_change_is_a_problem(kind: str, value: Any) -> None:
    options = (Option("A"), Option("B"))
    with pytest.raises(Problem):
        wire(kind, value, options=options)


def test_nothing_empties_every_part_of_a_composite() -> None:
    # The server ignores null for a composite on update (measured), so parts are emptied one by one.
    assert wire("EMAILS", None)[0] == {"primaryEmail": "", "additionalEmails": []}
    assert wire("CURRENCY", None)[0] == {"amountMicros": None, "currencyCode": None}
    assert wire("TEXT", None)[0] is None


def schema(*fields: FieldSchema) -> ObjectSchema:
    return ObjectSchema("site", fields, settings={"id": "o", "plural": "sites"})


def test_a_record_with_faults_names_all_of_them() -> None:
    target = schema(field("TEXT", "a"), field("NUMBER", "b"), field("TEXT", "c", read_only=True))
    encoded = encode_record(target, {"a": 1, "b": "x", "c": "y", "d": 1}, creating=True)
    assert [r.split(":")[0] for r in encoded.reasons] == ["a", "b", "c", "d"]


def test_a_create_without_a_required_value_is_rejected() -> None:
    target = schema(field("TEXT", "a", required=True))
    assert encode_record(target, {}, creating=True).reasons == ("a: required, and nothing is given",)
    assert encode_record(target, {}, creating=False).reasons == ()


def test_a_create_leaves_out_what_is_nothing_and_an_update_empties_it() -> None:
    target = schema(field("TEXT", "a"), field("RELATION", "b"))
    assert encode_record(target, {"a": None, "b": None}, creating=True).wire == {}
    assert encode_record(target, {"a": None, "b": None}, creating=False).wire == {"a": None, "bId": None}


def test_files_are_set_aside_for_the_upload() -> None:
    stored = StoredFile("a.txt", 3, "abc")
    encoded = encode_record(schema(field("FILES", "file")), {"file": (stored,)}, creating=True)
    assert encoded.files == {"file": (stored,)}
    assert encoded.wire == {}


money = st.decimals(min_value=-(10**9), max_value=10**9, places=6)
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)


@given(money)
def test_money_survives_to_the_last_micro(amount: Decimal) -> None:
    assert decode("CURRENCY", wire("CURRENCY", Money(amount, "EUR"))[0]) == Money(amount, "EUR")


@given(text)
def test_text_survives_code_point_by_code_point(value: str) -> None:
    assert decode("TEXT", wire("TEXT", value)[0]) == value


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_time_survives_to_the_millisecond(value: datetime) -> None:
    cut = value.replace(microsecond=value.microsecond // 1000 * 1000)
    assert decode("DATE_TIME", wire("DATE_TIME", value)[0]) == cut


@given(st.dates())
def test_a_date_survives(value: date) -> None:
    assert decode("DATE", wire("DATE", value)[0]) == value


@given(st.builds(Address, text, text, text, text, text, text))
def test_an_address_survives_part_by_part(value: Address) -> None:
    assert decode("ADDRESS", wire("ADDRESS", value)[0]) == value


@given(
    st.one_of(
        st.integers(-(2**53) + 1, 2**53 - 1), st.decimals(allow_nan=False, allow_infinity=False, places=3)
    )
)
def test_a_number_survives_or_the_change_is_declared(value: int | Decimal) -> None:
    try:
        encoded, notes = wire("NUMBER", value)
    except Problem:
        assert abs(value) > 2**53 - 1
        return
    assert decode("NUMBER", encoded) == value or notes


def test_empty_strings_are_read_as_nothing() -> None:
    target = schema(field("TEXT", "t"), field("EMAILS", "e"), field("LINKS", "l"), field("PHONES", "p"))
    node = {
        "id": "1",
        "t": "",
        "e": {"primaryEmail": "", "additionalEmails": None},
        "l": {"primaryLinkUrl": "", "primaryLinkLabel": "", "secondaryLinks": []},
        "p": {"primaryPhoneNumber": "", "primaryPhoneCallingCode": "", "additionalPhones": []},
    }
    assert decode_record(target, node) == {"t": None, "e": None, "l": None, "p": None}


def test_a_phone_is_read_with_its_calling_code() -> None:
    held = {
        "primaryPhoneNumber": "9161234567",
        "primaryPhoneCallingCode": "+7",
        "additionalPhones": [{"number": "612345678", "callingCode": "+33", "countryCode": "FR"}],
    }
    assert decode("PHONES", held) == (Phone("+79161234567"), Phone("+33612345678"))
