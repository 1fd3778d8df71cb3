"""Wire values become canonical values; unknown shapes are refused by name; both decoders agree."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.fieldtypes import FieldType
from crossdock.values import Link, Money, PersonName, Phone, Reference
from crossdock_elma365.fieldtypes import TABLE, Context, ShapeError, WireField, canonical_type, decode
from crossdock_elma365.schema import wire_field
from crossdock_elma365.verification import Verifier

OWNER = Reference("shop.orders", "o1")
CONTEXT = Context(OWNER, {1: "new", 2: "won"}, UTC)


def wire(wire_type: str, kind: str = "", *, multiple: bool = False, target: str = "") -> WireField:
    return WireField("f", wire_type, "f", multiple=multiple, kind=kind, target=target)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (wire("STRING"), "Ёж 🦔\u200f e\u0301", "Ёж 🦔\u200f e\u0301"),
        (wire("STRING"), "", ""),
        (wire("FLOAT", "float"), 0.1, Decimal("0.1")),
        (wire("FLOAT", "float"), 365, Decimal(365)),
        (wire("FLOAT", "integer"), 12.0, 12),
        (wire("BOOLEAN"), False, False),
        (wire("DATETIME", "datetime"), "2023-02-01T07:00:19Z", datetime(2023, 2, 1, 7, 0, 19, tzinfo=UTC)),
        (
            wire("DATETIME", "datetime"),
            "2022-12-20T14:18:15.490542994Z",
            datetime(2022, 12, 20, 14, 18, 15, 490542, tzinfo=UTC),
        ),
        (
            wire("DATETIME", "datetime"),
            "2023-02-01T07:00:19+03:00",
            datetime(2023, 2, 1, 7, 0, 19, tzinfo=timezone(timedelta(hours=3))),
        ),
        (wire("DATETIME", "date"), "2022-12-20T00:00:00Z", date(2022, 12, 20)),
        (wire("DATETIME", "date"), "2022-12-20", date(2022, 12, 20)),
        (wire("DATETIME", "time"), "0001-01-01T09:30:00Z", "09:30:00"),
        (wire("DATETIME", "time"), "09:30:00", "09:30:00"),
        (wire("DURATION"), 3600, timedelta(hours=1)),
        (wire("ENUM"), [{"code": "msk", "name": "Москва"}], "msk"),
        (wire("ENUM"), {"code": "msk", "name": "Москва"}, "msk"),
        (wire("ENUM"), [], None),
        (wire("ENUM", multiple=True), [{"code": "a", "name": "A"}, {"code": "b", "name": "B"}], ("a", "b")),
        (wire("MONEY"), {"cents": 36501, "currency": "RUB"}, Money(Decimal("365.01"), "RUB")),
        (wire("MONEY"), {"cents": -5, "currency": "RUB"}, Money(Decimal("-0.05"), "RUB")),
        (
            wire("PHONE", multiple=True),
            [{"type": "work", "tel": "+7 1", "ext": "2"}],
            (Phone("+7 1", "2", "work"),),
        ),
        (wire("PHONE"), {"type": "mobile", "tel": "8-800"}, Phone("8-800", "", "mobile")),
        (wire("EMAIL", multiple=True), [{"type": "work", "email": "не-почта@@нигде"}], ("не-почта@@нигде",)),
        (
            wire("FULL_NAME"),
            {"lastname": "Иванов", "firstname": "Иван", "middlename": "Ильич"},
            PersonName("Иван", "Иванов", "Ильич"),
        ),
        (wire("LINK"), "https://example.org", Link("https://example.org")),
        (wire("FILE"), ["f1"], Reference("_system.files", "f1@shop.orders/o1/f")),
        (wire("IMAGE"), [{"id": "f1", "name": "x.png"}], Reference("_system.files", "f1@shop.orders/o1/f")),
        (wire("SYS_USER"), "u1", Reference("_system.users", "u1")),
        (
            wire("SYS_USER", multiple=True),
            ["u1", "u2"],
            (Reference("_system.users", "u1"), Reference("_system.users", "u2")),
        ),
        (wire("SYS_USER"), "00000000-0000-0000-0000-000000000000", None),
        (wire("SYS_COLLECTION", target="a.b"), ["i1"], Reference("a.b", "i1")),
        (wire("SYS_COLLECTION", target="a.b", multiple=True), [], None),
        (wire("REF_ITEM"), {"namespace": "a", "code": "b", "id": "i1"}, Reference("a.b", "i1")),
        (wire("TABLE"), {"rows": [{"__index": 1}], "result": {}}, {"rows": [{"__index": 1}], "result": {}}),
        (wire("STATUS"), {"order": 0, "status": 2}, "won"),
        (wire("ROLE"), [{"anything": 1}], [{"anything": 1}]),
        (wire("NEVER_SEEN"), "kept", "kept"),
    ],
)
def test_a_wire_value_becomes_its_canonical_value(field: WireField, value: Any, expected: Any) -> None:
    assert decode(value, field, CONTEXT) == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (wire("STRING"), 5),
        (wire("FLOAT", "float"), "5"),
        (wire("FLOAT", "float"), True),
        (wire("FLOAT", "integer"), 1.5),
        (wire("BOOLEAN"), 1),
        (wire("DATETIME", "datetime"), "yesterday"),
        (wire("DURATION"), "1h"),
        (wire("ENUM"), [{"code": "a"}, {"code": "b"}]),
        (wire("ENUM"), "a"),
        (wire("MONEY"), 12.5),
        (wire("MONEY"), {"cents": 12.5, "currency": "RUB"}),
        (wire("PHONE"), "+7 1"),
        (wire("PHONE"), {"tel": "+7 1", "context": "home"}),
        (wire("FULL_NAME"), "Иванов Иван"),
        (wire("SYS_USER"), ["u1", "u2"]),
        (wire("SYS_COLLECTION", target="a.b"), [{"id": "i1"}]),
        (wire("REF_ITEM"), {"id": "i1"}),
        (wire("TABLE"), []),
        (wire("STATUS"), {"status": 99}),
        (wire("STATUS"), 1),
    ],
)
def test_a_value_of_unknown_shape_is_refused(field: WireField, value: Any) -> None:
    with pytest.raises(ShapeError, match="expected"):
        decode(value, field, CONTEXT)


def test_the_shape_in_a_refusal_shows_keys_but_no_contents() -> None:
    with pytest.raises(ShapeError) as refusal:
        decode({"tel": "+7 999 123", "context": "very private"}, wire("PHONE"), CONTEXT)

    assert "context" in str(refusal.value)
    assert "private" not in str(refusal.value)


@pytest.mark.parametrize("wire_type", [*TABLE, "ROLE"])
def test_null_is_nothing_for_every_type(wire_type: str) -> None:
    assert decode(None, wire(wire_type), CONTEXT) is None
    assert decode(None, wire(wire_type, multiple=True), CONTEXT) is None


def test_a_date_that_was_sent_as_a_moment_is_the_day_in_the_companys_zone() -> None:
    context = Context(OWNER, {}, ZoneInfo("Europe/Moscow"))

    assert decode("2022-12-19T21:00:00Z", wire("DATETIME", "date"), context) == date(2022, 12, 20)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("string", FieldType.TEXT), ("html", FieldType.HTML), ("markdown", FieldType.MARKDOWN)],
)
def test_the_kind_of_a_text_decides_its_canonical_type(kind: str, expected: FieldType) -> None:
    assert canonical_type(wire("STRING", kind)) is expected


@given(cents=st.integers(-(10**18), 10**18))
def test_money_keeps_every_cent(cents: int) -> None:
    money = decode({"cents": cents, "currency": "EUR"}, wire("MONEY"), CONTEXT)

    assert money.amount * 100 == cents


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_digits(value: float) -> None:
    assert float(decode(value, wire("FLOAT", "float"), CONTEXT)) == value


WORDS = st.text(max_size=8)
IDS = st.sampled_from(["i1", "i2", "", "00000000-0000-0000-0000-000000000000"])
STAMPS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])).map(
    datetime.isoformat
)
ENUMS = st.fixed_dictionaries({"code": WORDS, "name": WORDS})
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "STRING": WORDS,
    "FLOAT": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**9), 10**9),
    "BOOLEAN": st.booleans(),
    "DATETIME": STAMPS,
    "DURATION": st.integers(0, 10**7),
    "ENUM": ENUMS | st.lists(ENUMS, max_size=1),
    "MONEY": st.fixed_dictionaries({"cents": st.integers(-(10**12), 10**12), "currency": WORDS}),
    "PHONE": st.lists(
        st.fixed_dictionaries({"tel": WORDS}, optional={"ext": WORDS, "type": WORDS}), max_size=3
    ),
    "EMAIL": st.lists(st.fixed_dictionaries({"email": WORDS, "type": WORDS}), max_size=3),
    "FULL_NAME": st.fixed_dictionaries({"lastname": WORDS, "firstname": WORDS, "middlename": WORDS}),
    "LINK": WORDS,
    "FILE": st.lists(IDS | st.fixed_dictionaries({"id": IDS}), max_size=1),
    "SYS_USER": IDS | st.lists(IDS, max_size=1),
    "SYS_COLLECTION": st.lists(IDS, max_size=1),
    "REF_ITEM": st.fixed_dictionaries({"namespace": st.just("a"), "code": st.just("b"), "id": IDS}),
    "STATUS": st.fixed_dictionaries({"order": st.just(0), "status": st.sampled_from([1, 2, None])}),
    "TABLE": st.fixed_dictionaries({"rows": st.lists(st.just({"x": 1})), "result": st.just({})}),
    "ROLE": st.lists(WORDS),
}
KINDS = {"FLOAT": ["float"], "DATETIME": ["date", "time", "datetime"], "STRING": ["string", "html"]}


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_the_second_decoder_reads_what_the_first_one_reads(data: st.DataObject) -> None:
    wire_type = data.draw(st.sampled_from(sorted(VALUES)))
    kind = data.draw(st.sampled_from(KINDS.get(wire_type, [""])))
    definition = {
        "code": "f",
        "type": wire_type,
        "array": wire_type in ("PHONE", "EMAIL") or data.draw(st.booleans()),
        "single": data.draw(st.booleans()),
        "data": {"namespace": "a", "code": "b"},
        "view": {"data": {"additionalType": kind}},
    }
    item = {"__id": "o1", "f": data.draw(VALUES[wire_type] | st.none())}
    verifier = Verifier("shop.orders", [definition], [(1, "new", "New"), (2, "won", "Won")], UTC)

    expected = decode(item["f"], wire_field(definition), CONTEXT)

    assert verifier.values(item) == {"f": expected}
