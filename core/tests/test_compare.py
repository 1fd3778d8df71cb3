from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crossdock.compare import compare, edited_fields, same, surely_same
from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, FindingKind, ObjectSchema, Observation, Origin, TargetRecord
from crossdock.normalisations import LOSSY, OTHERS_ADDED, PAIR_RULES, RULES, normalisation
from crossdock.values import Address, Link, Money, PersonName, Phone

ORIGIN = Origin("acme", "src.firms", "1")
SCHEMA = ObjectSchema("firm", (FieldSchema("name", FieldType.TEXT), FieldSchema("city", FieldType.TEXT)))


def target(**values):
    return TargetRecord("firm", ORIGIN, "t", "e", values)


def observed(trashed=False, **values):
    return Observation("firm", "t", values, trashed)


def kinds(findings):
    return [(f.kind, f.field_name) for f in findings]


def test_a_record_that_arrived_whole_gives_no_finding():
    assert compare(target(name="A", city=""), observed(name="A"), None, SCHEMA) == []


def test_a_difference_names_field_expected_and_actual():
    (finding,) = compare(target(name="A"), observed(name="B"), None, SCHEMA)
    assert (finding.kind, finding.field_name) == (FindingKind.DIFFERS, "name")
    assert (finding.expected, finding.actual, finding.target_id) == ("A", "B", "t")
    assert finding.origin == ORIGIN


def test_a_record_that_is_not_there_never_arrived_or_was_deleted_since():
    assert kinds(compare(target(name="A"), None, None, SCHEMA)) == [(FindingKind.NEVER_ARRIVED, "")]
    assert kinds(compare(target(name="A"), None, {"name": "A"}, SCHEMA)) == [(FindingKind.DELETED_THERE, "")]


def test_a_record_in_the_trash_is_not_there():
    (finding,) = compare(target(name="A"), observed(True, name="A"), {"name": "A"}, SCHEMA)
    assert (finding.kind, finding.note) == (FindingKind.DELETED_THERE, "it lies in the trash")


def test_what_differs_from_the_base_was_edited_there():
    findings = compare(target(name="A"), observed(name="B"), {"name": "A"}, SCHEMA)
    assert kinds(findings) == [(FindingKind.EDITED_THERE, "name")]


@pytest.mark.parametrize("base", [{"name": "B"}, {"city": "A"}])
def test_what_was_wrong_from_the_start_differs(base):
    assert kinds(compare(target(name="A"), observed(name="B"), base, SCHEMA)) == [
        (FindingKind.DIFFERS, "name")
    ]


def test_a_difference_that_a_rule_explains_is_normalised_by_that_rule():
    (finding,) = compare(target(name=" A\r\n"), observed(name="A"), None, SCHEMA)
    assert (finding.kind, finding.note) == (FindingKind.NORMALISED, "line ends and outer spaces")


def test_a_field_that_the_destination_does_not_know_is_not_compared():
    assert compare(target(other="A"), observed(), None, SCHEMA) == []


def test_edited_fields_are_those_of_the_base_that_hold_something_else():
    now = observed(name="B", city="Y")
    base = {"name": "A", "city": "X", "gone": "?"}
    assert edited_fields(now, base, SCHEMA) == ["name", "city"]
    assert edited_fields(now, base, SCHEMA, ("city", "never written")) == ["city"]
    assert edited_fields(observed(name="A", city="X"), base, SCHEMA) == []


CASES = [
    (FieldType.TEXT, "a\x00b", "ab", "NUL removed"),
    (FieldType.TEXT, " a\r\nb\r ", "a\nb", "line ends and outer spaces"),
    (FieldType.HTML, "<p>\x00</p>", "<p></p>", "NUL removed"),
    (FieldType.MARKDOWN, "**a** b", "__a__ b", "same text, markup written in another way"),
    (FieldType.EMAIL, " A@B.test", "a@b.test", "lower case"),
    (FieldType.LINK, Link("HTTPS://A.test/x/"), Link("https://a.test/x", "A"), "address in its normal form"),
    (FieldType.LINK, "HTTP://A.test/", Link("http://a.test"), "address in its normal form"),
    (FieldType.LINK, "a.test:8080/x", Link("https://a.test:8080/x"), "address in its normal form"),
    (
        FieldType.LINK,
        "https://пример.рф:443/путь/?q=я b",
        Link("https://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C/?q=%D1%8F%20b"),
        "address in its normal form",
    ),
    (FieldType.LINK, "just text", Link("https://just text"), "https:// added"),
    (FieldType.LINK, Link("//just text"), Link("https://just text"), "https:// added"),
    (FieldType.PHONE, Phone("+7 (495) 1"), Phone("+74951"), "number written in full"),
    (FieldType.PHONE, Phone("8 (812) 555-01-23"), Phone("+78125550123"), "number written in full"),
    (FieldType.PHONE, Phone("0171 2345678"), Phone("+491712345678"), "number written in full"),
    (FieldType.PHONE, Phone("812 5550123"), Phone("+78125550123"), "number written in full"),
    (
        FieldType.PHONE,
        Phone("+7 495 1", "12"),
        Phone("+74951"),
        "number written in full, extension left out",
    ),
    (
        FieldType.DATETIME,
        datetime(2024, 1, 1, 0, 0, 0, 123456, UTC),
        datetime(2024, 1, 1, 0, 0, 0, 123000, UTC),
        "cut to milliseconds",
    ),
    (
        FieldType.DATETIME,
        datetime(2024, 1, 1, 0, 0, 7, 123456, UTC),
        datetime(2024, 1, 1, 0, 0, 7, 0, UTC),
        "cut to seconds",
    ),
    (
        FieldType.HTML,
        "a & <b>b</b><script>run()</script>",
        "<p>a &amp; <b>b</b></p>",
        "scripts, styles, frames and form fields left out",
    ),
    (
        FieldType.HTML,
        "a &amp; <strong>b</strong>",
        "<p>a &amp; <b>b</b></p>",
        "same content, markup written in another way",
    ),
    (
        FieldType.HTML,
        "<form><input name='a'></form>",
        None,
        "scripts, styles, frames and form fields left out",
    ),
    (
        FieldType.HTML,
        "<p>x<img src='data:image/png;base64,AA=='></p>",
        '<p>x<img src="/web/image/7?access_token=1" alt="image0"></p>',
        "embedded pictures kept beside the text",
    ),
    (
        FieldType.ADDRESS,
        Address("Nevsky 1", city="SPb", state="Область", country="RU"),
        Address("Nevsky 1", "Область", city="SPb", country="Russian Federation"),
        "address in the parts of the platform, by its names of states and countries",
    ),
    (
        FieldType.ADDRESS,
        Address(city="Fresno", state="CA", country="US"),
        Address(city="Fresno", state="California", country="United States"),
        "address in the parts of the platform, by its names of states and countries",
    ),
    (
        FieldType.MONEY,
        Money(Decimal("7.50")),
        Money(Decimal("7.5"), "EUR"),
        "in the currency of the platform, as the source says none",
    ),
    (FieldType.DECIMAL, Decimal("0.10000000000000000001"), Decimal("0.1"), "stored as a binary double"),
    (
        FieldType.PERSON_NAME,
        PersonName("Anna", "Petrova", "Ivanovna"),
        PersonName("Anna Ivanovna", "Petrova"),
        "middle name joined to the first",
    ),
]


@pytest.mark.parametrize(("type_", "expected", "actual", "rule"), CASES)
def test_a_declared_rule_explains_the_difference(type_, expected, actual, rule):
    field = FieldSchema("f", type_)
    assert normalisation(expected, actual, field) == rule
    assert same(expected, actual, field)


def test_every_rule_has_a_case():
    one_sided = [(t, rule) for t, rules in RULES.items() for rule in rules if t is not FieldType.MARKDOWN]
    declared = {*one_sided, *((t, rule) for t, rules in PAIR_RULES.items() for rule in rules)}
    assert {(t, rule) for t, _, _, rule in CASES} >= declared


def test_an_empty_value_is_no_difference_where_the_platform_fills_the_field_itself():
    schema = ObjectSchema("firm", (FieldSchema("by", FieldType.TEXT, filled=True),))
    assert compare(target(by=None), observed(by="the caller"), None, schema) == []
    assert kinds(compare(target(by="Anna"), observed(by="the caller"), None, schema)) == [
        (FindingKind.DIFFERS, "by")
    ]


@pytest.mark.parametrize(
    ("type_", "expected", "actual"),
    [
        (FieldType.TEXT, "a", "b"),
        (FieldType.TEXT, "a", None),
        (FieldType.TEXT, "A", "a"),
        (FieldType.MARKDOWN, "a b", "a c"),
        (FieldType.LINK, Link("https://a.test/x"), Link("https://a.test/X")),
        (FieldType.LINK, 7, Link("https://a.test")),
        (FieldType.PHONE, Phone("+7 495 1"), Phone("+74952")),
        (FieldType.PHONE, Phone("+8125550123"), Phone("+78125550123")),
        (FieldType.PHONE, Phone("5"), Phone("+75")),
        (FieldType.PHONE, Phone("8125550123"), Phone("+123458125550123")),
        (FieldType.PHONE, Phone("1"), "2"),
        (FieldType.DATETIME, datetime(2024, 1, 1, tzinfo=UTC), "2024"),
        (FieldType.DECIMAL, Decimal("0.1"), Decimal("0.2")),
        (FieldType.PERSON_NAME, PersonName("A", "B"), "A B"),
        (FieldType.EMAIL, "a@b.test", 7),
        (FieldType.HTML, "<p>a</p>", 7),
        (FieldType.HTML, "<p>a</p>", "<p>a b</p>"),
        (FieldType.HTML, "<a href='https://a.test/x'>a</a>", "<a href='https://a.test/y'>a</a>"),
        (FieldType.HTML, "<ul><li>a</li></ul>", "<p>a</p>"),
        (FieldType.HTML, "<img src='https://a.test/1'>", "<img src='https://a.test/2'>"),
        (FieldType.ADDRESS, Address("Nevsky 1", country="RU"), Address("Nevsky 1")),
        (FieldType.ADDRESS, Address("Nevsky 1"), Address("Nevsky 2")),
        (FieldType.ADDRESS, Address("Nevsky 1"), "Nevsky 1"),
        (FieldType.ADDRESS, Address("Nevsky 1", country="Russia"), Address("Nevsky 1", country="Kazakhstan")),
        (FieldType.ADDRESS, Address("Nevsky 5", "7"), Address("Nevsky 7", "5")),
        (FieldType.HTML, "<img src='data:image/png;base64,AA=='>", "<img src='data:image/png;base64,BB=='>"),
        (FieldType.HTML, "<img src='/a.png'>", "<img src='/b.png'>"),
        (FieldType.LINK, "just text", Link("https://just other text")),
        (FieldType.LINK, "just text", Link("ftp://just text")),
        (FieldType.LINK, "mailto:a", Link("https://mailto:a")),
        (FieldType.MONEY, Money(Decimal(1), "USD"), Money(Decimal(1), "EUR")),
        (FieldType.MONEY, Money(Decimal(1)), Decimal(1)),
        (FieldType.MARKDOWN, "a", 7),
        (FieldType.SELECT, "A", "a"),
    ],
)
def test_no_rule_explains_another_value(type_, expected, actual):
    assert normalisation(expected, actual, FieldSchema("f", type_)) == ""


def test_one_rule_has_to_explain_every_element_of_a_list():
    field = FieldSchema("f", FieldType.EMAIL, multiple=True)
    assert normalisation(("A@b.test", "C@d.test"), ["a@b.test", "c@d.test"], field) == "lower case"
    assert normalisation(("A@b.test", "C@d.test"), ("a@b.test",), field) == ""


def test_references_that_the_platform_added_are_no_difference_where_it_fills_the_field_itself():
    field = FieldSchema("f", FieldType.REFERENCE, multiple=True, filled=True)
    assert normalisation(("1",), ("1", "2"), field) == OTHERS_ADDED
    assert normalisation((), ("1", "2"), field) == ""
    assert normalisation(("1", "3"), ("1", "2"), field) == ""
    assert normalisation(("1",), ("1", "2"), replace(field, filled=False)) == ""


def test_a_rule_that_hides_what_the_source_changed_does_not_prove_that_nothing_changed():
    field = FieldSchema("f", FieldType.PHONE)
    assert same(Phone("8 (812) 555-01-23", "7"), Phone("+78125550123"), field)
    assert not surely_same(Phone("8 (812) 555-01-23", "7"), Phone("+78125550123"), field)
    assert surely_same(Phone("8 (812) 555-01-23"), Phone("+78125550123"), field)


def test_every_rule_that_hides_something_is_a_rule():
    rules = {name for table in RULES.values() for name in table}
    rules |= {name for table in PAIR_RULES.values() for name in table}
    assert rules | {OTHERS_ADDED} >= LOSSY
