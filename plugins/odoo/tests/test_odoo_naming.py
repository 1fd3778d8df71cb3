"""Legal names for wanted labels, and options that Odoo tells apart."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.model import Option
from crossdock_odoo.naming import (
    AUTOMATIC,
    LIMITS,
    LONGEST_IDENTIFIER,
    OPTION_LIMIT,
    currency_field,
    is_legal,
    name_for,
    names_for,
    option_naming,
    options_for,
    relation_table,
)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("x_inn", "x_inn"),
        ("ИНН", "x_inn"),
        ("Тип объекта", "x_tip_obekta"),
        ("Щёлково-юг", "x_shchyolkovo_yug"),
        ("ЩУКА", "x_shchuka"),
        ("1С код", "x_1s_kod"),
        ("annualRevenue", "x_annual_revenue"),
        ("HTTPServer", "x_http_server"),
        ("__createdAt", "x_created_at"),
        ("x_Name", "x_name"),
        ("Größe", "x_grosse"),
        ("Ўсё, Қазақ", "x_usyo_kazak"),
        ("X", "x_x"),
    ],
)
def test_a_name_is_made_legal(wanted: str, name: str) -> None:
    assert name_for(wanted).name == name


def test_a_name_without_a_latin_or_cyrillic_letter_is_told_apart_by_a_digest() -> None:
    first, second = name_for("日本").name, name_for("中国").name
    assert first != second
    assert re.fullmatch(r"x_field_[0-9a-f]{6}", first)
    assert name_for("日本", kind="object").name.startswith("x_object_")


def test_a_changed_name_says_why() -> None:
    assert name_for("ИНН").reason == (
        "renamed from 'ИНН' because names begin with x_ and hold lower-case Latin letters, digits and"
        " underscores"
    )
    assert name_for("x_inn").reason == ""


def test_names_are_taken_by_others_and_by_what_every_model_has() -> None:
    assert [n.name for n in names_for(["Код", "код", "kod"])] == ["x_kod", "x_kod_2", "x_kod_3"]
    assert name_for("active", taken=AUTOMATIC).name == "x_active_2"


def test_a_long_name_is_cut_with_a_digest_and_stays_distinct() -> None:
    first, second = names_for(["x_" + "a" * 80, "x_" + "a" * 81])
    assert len(first.name) == len(second.name) == LIMITS["field"]
    assert first.name != second.name


@given(st.lists(st.text(max_size=90), max_size=8), st.sampled_from(["object", "field"]))
def test_names_are_always_legal_distinct_and_repeatable(wanted: list[str], kind: str) -> None:
    names = [n.name for n in names_for(wanted, kind=kind)]  # type: ignore[arg-type]
    assert all(is_legal(n, kind) for n in names)  # type: ignore[arg-type]
    assert len(set(names)) == len(names)
    assert names == [n.name for n in names_for(wanted, kind=kind)]  # type: ignore[arg-type]


@given(st.text(min_size=1, max_size=90))
def test_a_legal_name_is_left_alone_the_second_time(wanted: str) -> None:
    name = name_for(wanted).name
    assert name_for(name).name == name


def test_an_option_keeps_its_free_text() -> None:
    (naming,) = options_for([Option("Новый, срочный", "Новый")])
    assert naming.option == Option("Новый, срочный", "Новый")
    assert naming.reason == ""


def test_options_that_differ_in_case_alone_are_told_apart() -> None:
    values = [n.option.value for n in options_for([Option("Новый"), Option("новый"), Option("НОВЫЙ")])]
    assert values == ["Новый", "новый 2", "НОВЫЙ 3"]
    assert option_naming("новый", frozenset({"Новый"})) == "новый 2"


def test_an_option_without_text_gets_one_and_nul_is_left_out() -> None:
    empty, nul = (n.option for n in options_for([Option(""), Option("a\x00b", "A\x00B")]))
    assert re.fullmatch(r"option_[0-9a-f]{6}", empty.value)
    assert empty.label == empty.value
    assert nul == Option("ab", "AB")


@given(st.lists(st.builds(Option, st.text(max_size=300), st.text(max_size=300)), max_size=8))
def test_options_are_always_storable_and_distinct_without_case(options: list[Option]) -> None:
    made = [n.option for n in options_for(options)]
    assert all(o.value.strip() and o.label and "\x00" not in o.value + o.label for o in made)
    assert all(len(o.value) <= OPTION_LIMIT for o in made)
    assert len({o.value.lower() for o in made}) == len(made)


def test_tables_and_currencies_of_long_names_fit_the_database_and_stay_distinct() -> None:
    model, fields = "x_" + "m" * 38, ["x_" + "f" * 47 + end for end in "ab"]
    tables = [relation_table(model, name) for name in fields]
    assert all(len(table) == LONGEST_IDENTIFIER for table in tables)
    assert tables[0] != tables[1]
    assert relation_table("res.partner", "x_firms") == "res_partner_x_firms_rel"
    assert currency_field("x_rent") == "x_rent_currency"
