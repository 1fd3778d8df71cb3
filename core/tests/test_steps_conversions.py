# ruff: noqa: DTZ001 - times without a zone are what is tested here
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import MappingError, PluginError
from crossdock.fieldtypes import FieldType
from crossdock.steps import STEPS, StepError, bind, find_step, registry, step_docs
from crossdock.values import Address, Author, Link, Money, PersonName, Phone, Reference, StoredFile


def run(name, value, **args):
    return bind(name, args)[1](value)


@pytest.mark.parametrize(
    ("name", "value", "args", "expected"),
    [
        ("trim", "  a ", {}, "a"),
        ("full_name", PersonName("Ann", "Lee", "M."), {}, "Ann M. Lee"),
        ("full_name", PersonName("", "Lee"), {"order": "last first"}, "Lee"),
        ("full_name", "a@b.example", {}, "a@b.example"),
        ("rounded", Decimal("0.12345"), {}, Decimal("0.12")),
        ("rounded", Decimal("0.125"), {"decimals": 2}, Decimal("0.12")),
        ("rounded", Money(Decimal("333.33333"), "USD"), {}, Money(Decimal("333.33"), "USD")),
        ("rounded", Money(Decimal("333.30000"), "USD"), {}, Money(Decimal("333.30000"), "USD")),
        ("lower", "ПРИВЕТ", {}, "привет"),
        ("upper", "a", {}, "A"),
        ("prefix", 7, {"text": "№ "}, "№ 7"),
        ("suffix", "7", {"text": " kg"}, "7 kg"),
        ("replace", "a-b", {"old": "-", "new": "+"}, "a+b"),
        ("truncate", "abcdef", {"length": 3}, "abc"),
        ("slug", "  Новый Project_2! ", {}, "новый-project-2"),
        ("url", "example.com/a", {}, "https://example.com/a"),
        ("url", "//example.com", {}, "https://example.com"),
        ("url", "http://example.com", {}, "http://example.com"),
        ("url", Link("ftp://a.example", "x"), {}, "ftp://a.example"),
        ("link", "a.example", {"label": "A"}, Link("https://a.example", "A")),
        ("link", Link("https://a.example"), {"label": "A"}, Link("https://a.example", "A")),
        ("domain", "https://WWW.Example.com:8080/x", {}, "example.com"),
        ("domain", "ann@mail.example.com", {}, "mail.example.com"),
        ("domain", Link("пример.рф"), {}, "пример.рф"),
        ("email", " mailto:Ann@Example.com", {}, "Ann@Example.com"),
        ("email", "Ann <ann@example.com>", {}, "ann@example.com"),
        ("emails", "a@x.example; b@x.example, a@x.example", {}, ("a@x.example", "b@x.example")),
        ("emails", ("a@x.example", None, " "), {}, ("a@x.example",)),
        ("phone", "+7 495 123-45-67 доб. 12", {}, Phone("+7 495 123-45-67", "12")),
        ("phone", Phone("1"), {"kind": "work"}, Phone("1", "", "work")),
        ("phone", Phone("1", "", "home"), {"kind": "work"}, Phone("1", "", "home")),
        ("phones", "1;2\n1", {"kind": "work"}, (Phone("1", "", "work"), Phone("2", "", "work"))),
        ("money", "1 234,50", {"currency": "RUB"}, Money(Decimal("1234.50"), "RUB")),
        ("money", Money(Decimal(1)), {"currency": "RUB"}, Money(Decimal(1), "RUB")),
        ("money", Money(Decimal(1), "EUR"), {"currency": "RUB"}, Money(Decimal(1), "EUR")),
        ("decimal", "1,234,567", {}, Decimal(1234567)),
        ("decimal", "1.234,5", {}, Decimal("1234.5")),
        ("decimal", "1,234.5", {}, Decimal("1234.5")),
        ("decimal", "\u22120,125", {}, Decimal("-0.125")),
        ("decimal", 0.1, {}, Decimal("0.1")),
        ("decimal", 3, {}, Decimal(3)),
        ("decimal", Money(Decimal("2.5")), {}, Decimal("2.5")),
        ("decimal", timedelta(minutes=1, milliseconds=500), {}, Decimal("60.5")),
        ("integer", "42", {}, 42),
        ("integer", Decimal("42.00"), {}, 42),
        ("integer", True, {}, 1),
        ("boolean", "Да", {}, True),
        ("boolean", "no", {}, False),
        ("boolean", 1, {}, True),
        ("boolean", False, {}, False),
        ("date", "2024-12-31", {}, date(2024, 12, 31)),
        ("date", "31.12.2024", {}, date(2024, 12, 31)),
        ("date", "12/31/24", {"format": "%m/%d/%y"}, date(2024, 12, 31)),
        ("date", date(2024, 1, 1), {}, date(2024, 1, 1)),
        ("date", datetime(2024, 12, 31, 22, tzinfo=UTC), {}, date(2024, 12, 31)),
        ("date", datetime(2024, 12, 31, 22, tzinfo=UTC), {"zone": "Europe/Moscow"}, date(2025, 1, 1)),
        ("datetime", "2024-12-31T10:00:00Z", {}, datetime(2024, 12, 31, 10, tzinfo=UTC)),
        ("datetime", "31.12.2024 13:00", {"zone": "Europe/Moscow"}, datetime(2024, 12, 31, 10, tzinfo=UTC)),
        ("datetime", "31.12.2024", {}, datetime(2024, 12, 31, tzinfo=UTC)),
        ("datetime", date(2024, 12, 31), {}, datetime(2024, 12, 31, tzinfo=UTC)),
        ("datetime", datetime(2024, 12, 31), {}, datetime(2024, 12, 31, tzinfo=UTC)),
        ("datetime", "1/2/24 5", {"format": "%d/%m/%y %H"}, datetime(2024, 2, 1, 5, tzinfo=UTC)),
        ("first", ("", "a", "b"), {}, "a"),
        ("first", "a", {}, "a"),
        ("join", ("a", "", 2), {"sep": "/"}, "a/2"),
        ("join", "a", {}, "a"),
        ("split", "a, b,,c", {}, ("a", "b", "c")),
        ("split", ("a;b", "c"), {"sep": ";"}, ("a", "b", "c")),
        ("name_parts", "Иванов Иван Иванович", {}, PersonName("Иван", "Иванов", "Иванович")),
        ("name_parts", "Ann van Dyke", {"order": "first last"}, PersonName("Ann", "van Dyke")),
        ("name_parts", "Madonna", {}, PersonName("Madonna")),
        ("name_parts", PersonName("A"), {}, PersonName("A")),
        ("address", "Moscow, 1", {}, Address("Moscow, 1")),
        ("address", Address(city="X"), {}, Address(city="X")),
        ("text_to_html", "a < b\nc", {}, "<p>a &lt; b</p><p>c</p>"),
        ("json", {"b": 1, "a": Decimal("1.5")}, {}, '{"a":"1.5","b":1}'),
        ("json", "x", {}, '"x"'),
        ("json", (1, 2), {}, "[1,2]"),
    ],
)
def test_a_step_converts(name, value, args, expected):
    assert run(name, value, **args) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x", "x"),
        (True, "true"),
        (False, "false"),
        (5, "5"),
        (Decimal("1E+3"), "1000"),
        (Money(Decimal("12.50"), "RUB"), "12.50 RUB"),
        (Money(Decimal(3)), "3"),
        (date(2024, 1, 2), "2024-01-02"),
        (datetime(2024, 1, 2, tzinfo=UTC), "2024-01-02T00:00:00+00:00"),
        (timedelta(hours=26, minutes=30), "PT26H30M"),
        (timedelta(seconds=-1.5), "-PT1.5S"),
        (timedelta(0), "PT0S"),
        (PersonName("Иван", "Иванов", "Иванович"), "Иванов Иван Иванович"),
        (Phone("123", "4"), "123 ext. 4"),
        (Phone("123"), "123"),
        (Link("https://a.example", "A"), "A https://a.example"),
        (Link("u", "u"), "u"),
        (Author("Ann", "id"), "Ann"),
        (StoredFile("a.pdf", 1, "00"), "a.pdf"),
        (Address("Street 1", city="Town"), "Street 1, Town"),
        (("a", None, 1), "a, None, 1"),
        ({"a": 1}, '{"a":1}'),
        ([1], "[1]"),
    ],
)
def test_any_value_has_a_text(value, expected):
    if value == ("a", None, 1):
        value, expected = ("a", "", 1), "a, 1"
    assert run("text", value) == expected


@pytest.mark.parametrize(
    ("name", "value", "args"),
    [
        ("trim", 5, {}),
        ("truncate", 5, {"length": 1}),
        ("text", Reference("o", "k"), {}),
        ("url", "not a url", {}),
        ("domain", "localhost", {}),
        ("domain", "http://[bad", {}),
        ("email", "nobody", {}),
        ("phone", "call me", {}),
        ("decimal", "1,234", {}),
        ("decimal", "abc", {}),
        ("decimal", "1E999999999999999999999", {}),
        ("decimal", True, {}),
        ("decimal", ("1",), {}),
        ("integer", Decimal("1.5"), {}),
        ("boolean", "maybe", {}),
        ("date", "soon", {}),
        ("date", 5, {}),
        ("datetime", "soon", {}),
        ("datetime", "2024-01-01", {"zone": "Nowhere/Land"}),
        ("name_parts", "A B", {"order": "nick"}),
    ],
)
def test_a_value_that_cannot_be_converted_gives_a_reason(name, value, args):
    with pytest.raises(StepError) as caught:
        run(name, value, **args)
    assert str(caught.value)


def test_markdown_keeps_structure_and_drops_comments_and_scripts():
    html = "<h2>Title</h2><!-- secret --><script>x()</script><p>Some <b>bold</b> <a href='http://a.example'>link</a></p>"
    assert run("html_to_markdown", html) == "## Title\n\nSome **bold** [link](http://a.example)"


def test_text_of_html_has_one_line_a_block():
    html = "<p>One<br>two</p><!-- c --><style>p{}</style><ul><li>a</li><li>b</li></ul>"
    assert run("html_to_text", html) == "One\ntwo\na\nb"


words = st.lists(st.text("abcXYZабв019", min_size=1, max_size=8), min_size=1, max_size=6).map(" ".join)


@given(words)
@pytest.mark.parametrize("name", ["html_to_markdown", "html_to_text"])
def test_plain_text_survives_the_way_out_of_html(name, plain):
    assert run(name, f"<div><p>{escape(plain)}</p></div>") == plain


@given(words)
def test_plain_text_survives_the_way_into_html_and_back(plain):
    assert run("html_to_text", run("text_to_html", plain)) == plain


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_the_text_of_a_number_is_the_number(number):
    assert run("decimal", run("text", number)) == number


@pytest.mark.parametrize(
    ("name", "before", "after", "sentence"),
    [
        ("truncate", "abcd", "ab", "cut from 4 to 2 characters"),
        ("truncate", "ab", "ab", ""),
        ("first", ("a", "b", "c"), "a", "2 further values left out"),
        ("first", ("a",), "a", ""),
        ("date", datetime(2024, 1, 1, 5), date(2024, 1, 1), "time of day 05:00:00 left out"),
        ("date", datetime(2024, 1, 1), date(2024, 1, 1), ""),
    ],
)
def test_a_lossy_step_says_what_is_lost(name, before, after, sentence):
    lost = find_step(name).lost
    assert lost is not None
    assert lost(before, after) == sentence
    assert find_step(name).loss


def test_every_step_is_documented():
    assert set(step_docs()) == set(STEPS)
    assert all(step_docs().values())


def test_an_argument_without_a_name_is_the_first_one():
    assert run("truncate", "abcd", **{"": 2}) == "ab"


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("trimm", {}, "Did you mean 'trim'"),
        ("qqqqqq", {}, "there is no step"),
        ("trim", {"": 1}, "takes no arguments"),
        ("truncate", {"size": 1}, "its arguments are: length"),
        ("truncate", {}, "length"),
        ("trim", {"x": 1}, "its arguments are: none"),
    ],
)
def test_a_wrong_step_is_refused_with_what_would_be_right(name, args, message):
    with pytest.raises(MappingError, match=message):
        bind(name, args)


class Point:
    value = "module:thing"

    def __init__(self, result):
        self.result = result

    def load(self):
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@pytest.fixture
def installed(monkeypatch):
    asked = []

    def install(name, result):
        def entry_points(**wanted):
            asked.append(wanted)
            return [Point(result)] if wanted["name"] == name else []

        monkeypatch.setattr(registry, "entry_points", entry_points)
        monkeypatch.setattr(registry, "STEPS", dict(STEPS))
        return asked

    return install


def test_an_installed_step_is_loaded_once_when_it_is_used(installed):
    asked = installed("shout", lambda value: value + "!")
    assert registry.bind("shout", {})[1]("a") == "a!"
    assert registry.find_step("shout").gives is None
    assert asked == [{"group": "crossdock.steps", "name": "shout"}]


def test_an_installed_step_may_say_what_it_gives(installed):
    installed("count", registry.Step("count", len, FieldType.INTEGER))
    assert registry.find_step("count").gives is FieldType.INTEGER


@pytest.mark.parametrize("broken", [ImportError("gone"), "not a function"])
def test_a_broken_installed_step_is_named(installed, broken):
    installed("bad", broken)
    with pytest.raises(PluginError, match=r"'bad'.*module:thing"):
        registry.find_step("bad")
