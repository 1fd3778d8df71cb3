"""Canonical values into the cells of a load, and what Odoo gives back of them."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.equality import equal
from crossdock.fieldtypes import FieldType as T
from crossdock.model import FieldSchema, ObjectSchema, Option
from crossdock.normalisations import normalisation
from crossdock.values import Address, Link, Money, Phone, StoredFile
from crossdock_odoo.encoding import MAX_FILE, Context, Problem
from crossdock_odoo.fieldtypes import EMPTY, encode, encode_record
from crossdock_odoo.readback import Lookups, decode_record, instant, referred

OPTIONS = (Option("lead", "Lead"), Option("opportunity", "Opportunity"))
NOTHING = Lookups({}, {}, {}, {}, {})


def field(odoo_type: str, type_: T, name: str = "f", **more: Any) -> FieldSchema:
    settings = {"odoo_type": odoo_type, "column": name, "stored": True, **more.pop("settings", {})}
    return FieldSchema(name, type_, settings=settings, **more)


def reference(name: str, relation: str, kind: str = "many2one", column: str = "", **more: Any) -> FieldSchema:
    settings = {"relation": relation, "column": column or name}
    return field(kind, T.REFERENCE, name, references=(relation,), settings=settings, **more)


def told(one: FieldSchema, value: Any) -> tuple[str, list[str]]:
    context = Context(one)
    return encode(context, value), context.notes


def back(one: FieldSchema, wire: Any, lookups: Lookups = NOTHING, **row: Any) -> Any:
    schema = ObjectSchema("x", (one,))
    return decode_record(schema, {"id": 1, one.settings["column"]: wire, **row}, lookups)[one.name]


def arrives(one: FieldSchema, sent: Any, held: Any) -> bool:
    """Whether what is read back is what was sent, as it is or by a declared rule."""
    return equal(sent, held, one) or bool(normalisation(sent, held, one))


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@given(TEXTS)
def test_text_arrives_code_point_by_code_point(text: str) -> None:
    one = field("text", T.TEXT)
    cell, notes = told(one, text)
    assert (cell, notes) == (text, [])
    assert equal(text, back(one, cell or False), one)


@given(TEXTS, st.sampled_from(["a", "12", "7 доб"]))
def test_a_phone_number_is_kept_as_it_was_written(number: str, extension: str) -> None:
    one = field("char", T.PHONE)
    if " ext. " in number or not number.strip() or number != number.rstrip():
        return
    for phone in (Phone(number), Phone(number, extension)):
        cell, _ = told(one, phone)
        assert back(one, cell) == phone


@given(st.integers(-(2**31), 2**31 - 1))
def test_whole_numbers_arrive(number: int) -> None:
    one = field("integer", T.INTEGER, blank=0)
    assert back(one, int(told(one, number)[0])) == number


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15))
def test_numbers_arrive_or_lose_what_a_double_cannot_hold(number: Decimal) -> None:
    one = field("float", T.DECIMAL, blank=Decimal(0))
    cell, _ = told(one, number)
    assert arrives(one, number, back(one, orjson.loads(orjson.dumps(float(cell)))))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_amounts_arrive_to_the_cent(amount: Decimal) -> None:
    one = field("monetary", T.MONEY, settings={"currency_field": "currency_id"})
    lookups = Lookups({}, {1: "EUR"}, {}, {}, {})
    cell, _ = told(one, Money(amount, "EUR"))
    assert equal(Money(amount, "EUR"), back(one, float(cell), lookups, currency_id=1), one)


@given(st.booleans())
def test_true_and_false_are_one_and_zero(value: bool) -> None:
    one = field("boolean", T.BOOLEAN, blank=False)
    cell, _ = told(one, value)
    assert cell == str(int(value))
    assert back(one, value) is value


@given(st.dates(date(1000, 1, 1)))
def test_dates_arrive(day: date) -> None:
    one = field("date", T.DATE)
    assert back(one, told(one, day)[0]) == day


@given(
    st.datetimes(datetime(1001, 1, 1), datetime(9998, 1, 1)),  # noqa: DTZ001 - the zone follows
    st.integers(-14, 14),
)
def test_times_arrive_in_utc_without_parts_of_a_second(moment: datetime, hours: int) -> None:
    one = field("datetime", T.DATETIME)
    sent = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    cell, notes = told(one, sent)
    held = back(one, cell)
    assert held.utcoffset() == timedelta(0)
    assert arrives(one, sent, held)
    assert bool(notes) == bool(sent.microsecond)


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS, st.lists))
def test_json_arrives(value: Any) -> None:
    one = field("json", T.JSON)
    assert orjson.loads(told(one, {"v": value})[0]) == {"v": value}


@pytest.mark.parametrize(
    ("odoo_type", "type_", "value", "reason"),
    [
        ("char", T.TEXT, "a\x00b", "NUL"),
        ("char", T.TEXT, "\ud800", "surrogate"),
        ("char", T.TEXT, 7, "wants text"),
        ("char", T.PHONE, "7", "wants a phone"),
        ("char", T.LINK, 7, "wants a link"),
        ("html", T.HTML, "\x00", "NUL"),
        ("integer", T.INTEGER, 2**31, "32 bits"),
        ("integer", T.INTEGER, Decimal("1.5"), "whole"),
        ("integer", T.INTEGER, True, "wants a number"),
        ("float", T.DECIMAL, Decimal("NaN"), "no number"),
        ("float", T.DECIMAL, Decimal("1e400"), "no number"),
        ("monetary", T.MONEY, Decimal(1), "amount of money"),
        ("monetary", T.MONEY, Money(Decimal("9007199254740993.01")), "more digits"),
        ("boolean", T.BOOLEAN, 1, "true or false"),
        ("date", T.DATE, "2024-01-01", "wants a date"),
        ("date", T.DATE, date(999, 1, 1), "before the year"),
        ("datetime", T.DATETIME, datetime(2024, 1, 1), "zone"),  # noqa: DTZ001
        ("datetime", T.DATETIME, datetime(999, 1, 1, tzinfo=UTC), "before the year"),
        ("datetime", T.DATETIME, datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))), "outside"),
        ("selection", T.SELECT, "nope", "not an option"),
        ("json", T.JSON, {"a": "\x00"}, "NUL"),
        ("json", T.JSON, {1, 2}, "wants JSON"),
        ("reference", T.TEXT, "x", "cannot be written"),
    ],
)
def test_what_the_server_would_refuse_is_found_first(
    odoo_type: str, type_: T, value: Any, reason: str
) -> None:
    with pytest.raises(Problem, match=reason):
        told(field(odoo_type, type_, options=OPTIONS), value)


def test_a_number_with_more_decimals_than_its_field_is_refused() -> None:
    one = field("float", T.DECIMAL, settings={"digits": 2})
    assert told(one, Decimal("1.20"))[0] == "1.20"
    with pytest.raises(Problem, match="2 decimal places"):
        told(one, Decimal("1.234"))


@pytest.mark.parametrize("type_", ["char", "html", "integer", "boolean", "date", "selection", "json"])
def test_nothing_is_the_empty_cell(type_: str) -> None:
    assert told(field(type_, T.TEXT), None) == (EMPTY, [])


def test_an_option_is_sent_by_the_text_that_the_server_takes_for_it() -> None:
    # It takes the first option whose value or label is the text, whatever its case.
    options = (Option("a", "B"), Option("b", "C"), Option("c", "A"))
    one = field("selection", T.SELECT, options=options)
    with pytest.raises(Problem, match="cannot be told"):
        told(one, "c")
    assert told(one, "a")[0] == "a"
    assert told(one, "b")[0] == "C"
    assert told(field("selection", T.SELECT, options=OPTIONS), "opportunity")[0] == "opportunity"


@pytest.mark.parametrize(
    ("link", "cell", "notes"),
    [
        (Link("a.test/x"), "https://a.test/x", 1),
        (Link("no address"), "https://no address", 1),
        (Link("//a.test"), "https://a.test", 1),
        (Link("http://a.test", "http://a.test"), "http://a.test", 0),
        (Link("mailto:a@b.test"), "mailto:a@b.test", 0),
        (Link("https://a.test", "Site"), "https://a.test", 1),
        ("a.test:8080", "https://a.test:8080", 1),
    ],
)
def test_a_link_gets_a_scheme_and_loses_its_label(link: Any, cell: str, notes: int) -> None:
    one = field("char", T.LINK)
    sent, noted = told(one, link)
    assert (sent, len(noted)) == (cell, notes)
    assert arrives(one, link, back(one, sent))


def test_markup_that_acts_is_noted() -> None:
    assert told(field("html", T.HTML), "<p>a</p><script>b()</script>")[1]
    assert not told(field("html", T.HTML), "<p>a</p>")[1]


def test_a_date_for_a_time_is_midnight_utc_and_noted() -> None:
    assert told(field("datetime", T.DATETIME), date(2024, 5, 1)) == (
        "2024-05-01 00:00:00",
        ["date stored as midnight UTC"],
    )


PERSON = ObjectSchema(
    "res.partner",
    (
        field("char", T.TEXT, "name", required=True),
        field("char", T.TEXT, "lang", required=True, filled=True),
        field("integer", T.INTEGER, "id", read_only=True),
        reference("parent_id", "res.partner"),
        reference("category_id", "res.partner.category", "many2many", multiple=True),
        field("address", T.ADDRESS, "address", settings={"column": "street"}),
        field("monetary", T.MONEY, "credit", settings={"currency_field": "currency_id"}),
        field("binary", T.FILE, "image"),
    ),
)
NOTE = ObjectSchema(
    "mail.message",
    (
        reference("on_crm.lead", "crm.lead", "owner", "res_id"),
        reference("on_res.partner", "res.partner", "owner", "res_id"),
        reference("author", "res.users", "author", "author_id"),
        reference("author_id", "res.partner"),
        field("html", T.HTML, "body"),
    ),
)


def test_a_record_without_what_it_must_have_is_refused_with_every_reason() -> None:
    found = encode_record(PERSON, {"name": None, "id": 7, "nope": 1}, creating=True)
    assert found.reasons == [
        "id: read-only",
        "nope: the object has no such field",
        "name: required, and nothing is given",
    ]
    assert encode_record(PERSON, {"name": ""}, creating=True).reasons
    assert not encode_record(PERSON, {"parent_id": None}, creating=False).reasons


def test_a_new_record_leaves_out_what_is_nothing_and_an_old_one_is_emptied() -> None:
    values = {"name": "A", "parent_id": None, "category_id": ()}
    assert set(encode_record(PERSON, values, creating=True).cells) == {"name"}
    old = encode_record(PERSON, values, creating=False)
    assert [(w.column, w.ids) for w in old.wanted] == [("parent_id/.id", ()), ("category_id/.id", ())]


def test_references_are_named_with_where_they_lead() -> None:
    found = encode_record(PERSON, {"name": "A", "category_id": ("1", "u")}, creating=True)
    (want,) = found.wanted
    assert (want.relation, want.column, want.ids) == ("res.partner.category", "category_id/.id", ("1", "u"))
    assert encode_record(PERSON, {"parent_id": ("1", "2")}, creating=False).reasons
    assert encode_record(PERSON, {"parent_id": 7}, creating=False).reasons


def test_an_address_takes_its_columns_and_leaves_places_to_the_loader() -> None:
    given = Address("Nevsky 1", "", "SPb", "X", "190000", "RU")
    found = encode_record(PERSON, {"address": given}, creating=False)
    assert found.cells == {"street": "Nevsky 1", "street2": "", "city": "SPb", "zip": "190000"}
    assert found.places == {"address": given}
    assert encode_record(PERSON, {"address": None}, creating=False).places == {"address": Address()}
    assert encode_record(PERSON, {"address": "Nevsky"}, creating=False).reasons
    assert encode_record(PERSON, {"address": Address("a\x00")}, creating=False).reasons


def test_a_file_is_kept_for_the_loader_and_has_to_fit_into_a_request() -> None:
    def reasons(*files: Any) -> list[str]:
        return encode_record(PERSON, {"image": files}, creating=False).reasons

    file = StoredFile("a.bin", 3, "0" * 64)
    assert encode_record(PERSON, {"image": file}, creating=False).files == {"image": file}
    assert encode_record(PERSON, {"image": None}, creating=False).cells == {"image": ""}
    assert "96 MiB" in reasons(StoredFile("a", MAX_FILE + 1, "0"))[0]
    assert "empty" in reasons(StoredFile("a", 0, "0"))[0]
    assert "one file" in reasons(file, file)[0]
    assert "wants a file" in reasons("a")[0]


def test_a_message_lies_with_one_record_and_has_one_author() -> None:
    two = encode_record(NOTE, {"on_crm.lead": "1", "on_res.partner": "2"}, creating=True)
    assert two.reasons == ["on_crm.lead, on_res.partner: a record lies with one other only"]
    both = encode_record(NOTE, {"author": "1", "author_id": "2"}, creating=True)
    assert both.reasons == ["author_id/.id: two fields write it"]
    one = encode_record(NOTE, {"on_crm.lead": "1", "on_res.partner": None}, creating=True)
    assert not one.reasons


def test_what_a_message_lies_with_and_who_wrote_it_is_read_back() -> None:
    lookups = Lookups({"crm.lead": {5: "lead-5"}, "res.partner": {9: "9"}}, {}, {}, {}, {9: "user-9"})
    row = {"id": 1, "model": "crm.lead", "res_id": 5, "author_id": 9, "body": False}
    values = decode_record(NOTE, row, lookups)
    assert (values["on_crm.lead"], values["on_res.partner"]) == ("lead-5", None)
    assert (values["author"], values["author_id"], values["body"]) == ("user-9", "9", None)
    assert referred(NOTE, [row]) == {"crm.lead": {5}, "res.partner": {9}}


def test_false_is_nothing_where_it_is_no_truth_value() -> None:
    lookups = Lookups({"res.partner": {7: "u"}}, {}, {}, {}, {})
    for kind, type_ in (("char", T.TEXT), ("date", T.DATE), ("selection", T.SELECT), ("json", T.JSON)):
        assert back(field(kind, type_), False) is None
    assert back(field("boolean", T.BOOLEAN), False) is False
    assert back(field("integer", T.INTEGER, blank=0), 0) == 0
    assert back(field("many2one_reference", T.INTEGER), 0) is None
    assert back(reference("p", "res.partner"), False, lookups) is None
    assert back(reference("p", "res.partner"), 7, lookups) == "u"
    assert back(reference("p", "res.partner", "many2many", multiple=True), [7], lookups) == ("u",)


def test_an_address_is_read_back_with_the_names_of_its_places() -> None:
    one = field("address", T.ADDRESS, "address", settings={"column": "street"})
    row = {"street2": False, "city": "SPb", "zip": False, "state_id": 3, "country_id": 4}
    lookups = Lookups({}, {}, {4: "Russian Federation"}, {3: "Leningrad Oblast"}, {})
    assert back(one, "Nevsky 1", lookups, **row) == Address(
        "Nevsky 1", "", "SPb", "Leningrad Oblast", "", "Russian Federation"
    )
    empty = dict.fromkeys(row, False)
    assert back(one, False, lookups, **empty) is None


def test_times_of_the_server_are_utc() -> None:
    assert instant("2024-05-01 10:00:00") == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert instant(False) is None
