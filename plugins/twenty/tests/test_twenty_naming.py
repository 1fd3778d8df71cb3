"""Legal names for wanted labels."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.model import Option
from crossdock_twenty.graphql import resolver_name, type_name
from crossdock_twenty.naming import (
    LIMITS,
    RESERVED,
    name_for,
    names_for,
    options_for,
    plural_of,
    transliterate,
)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("inn", "inn"),
        ("Тип объекта", "tipObekta"),
        ("Щёлково-юг", "shchyolkovoYug"),
        ("type", "typeCustom"),
        ("ID", "idCustom"),
        ("position", "positionCustom"),
        ("Address", "addressCustom"),
        ("1С код", "n1sKod"),
        ("annual_revenue", "annualRevenue"),
        ("Größe", "grosse"),
        ("URL", "url"),
    ],
)
def test_a_name_is_made_legal(wanted: str, name: str) -> None:
    assert name_for(wanted).name == name


def test_a_changed_name_says_why() -> None:
    assert name_for("type").reason == "renamed from 'type' because 'type' is reserved"
    assert name_for("inn").reason == ""


def test_equal_names_are_numbered_in_order() -> None:
    assert [n.name for n in names_for(["Код", "код", "kod"])] == ["kod", "kod2", "kod3"]


def test_a_long_name_is_cut_with_a_hash_and_stays_distinct() -> None:
    first, second = names_for(["a" * 80, "a" * 81])
    assert len(first.name) == len(second.name) == LIMITS["field"]
    assert first.name != second.name


@given(st.lists(st.text(max_size=90), max_size=8), st.sampled_from(["object", "field"]))
def test_names_are_always_legal_distinct_and_repeatable(wanted: list[str], kind: str) -> None:
    names = [n.name for n in names_for(wanted, kind=kind)]  # type: ignore[arg-type]
    assert all(re.fullmatch(r"[a-z][A-Za-z0-9]*", n) and len(n) <= LIMITS[kind] for n in names)
    assert not RESERVED & set(names)
    assert len(set(names)) == len(names)
    assert names == [n.name for n in names_for(wanted, kind=kind)]  # type: ignore[arg-type]


@given(st.text(min_size=1, max_size=90))
def test_a_legal_name_is_left_alone_the_second_time(wanted: str) -> None:
    name = name_for(wanted).name
    assert name_for(name).name == name


@given(st.lists(st.builds(Option, st.text(max_size=80), st.text(max_size=80)), max_size=8))
def test_options_are_always_legal_and_distinct(options: list[Option]) -> None:
    made = [n.option for n in options_for(options)]
    assert all(re.fullmatch(r"[A-Z_][A-Z0-9_]*", o.value) and len(o.value) <= 63 for o in made)
    assert all(0 < len(o.label) <= 63 and "," not in o.label for o in made)
    assert len({o.value for o in made}) == len(made)


def test_an_option_keeps_its_label_and_gets_a_latin_value() -> None:
    (made,) = options_for([Option("в работе", "В работе, срочно")])
    assert made.option == Option("V_RABOTE", "В работе; срочно")
    assert "renamed from 'в работе'" in made.reason


@pytest.mark.parametrize(
    ("name", "plural"), [("site", "sites"), ("city", "cities"), ("box", "boxes"), ("day", "days")]
)
def test_a_plural_is_another_name(name: str, plural: str) -> None:
    assert plural_of(name) == plural


@given(st.text())
def test_transliteration_gives_ascii(value: str) -> None:
    assert transliterate(value).isascii()


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("company", "Company"),
        ("site47b9", "Site47B9"),
        ("taskTarget", "TaskTarget"),
        ("siteURLs", "SiteUrLs"),
    ],
)
def test_digits_are_words_in_graphql_names(name: str, made: str) -> None:
    assert type_name(name) == made
    assert resolver_name(name) == made[0].lower() + made[1:]
