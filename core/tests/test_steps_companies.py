"""Telling a company from a person by what it is called."""

import pytest

from crossdock.steps import STEPS
from crossdock.values import PersonName

ANNA = PersonName("Анна", "Петрова")


def step(name, value):
    return STEPS[name].function(value)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("ООО «Ромашка»", "ООО"),
        ("Ромашка, ЗАО", "ЗАО"),
        ("ИП Петров", "ИП"),
        ("Acme GmbH", "GmbH"),
        ("Acme Ltd.", "Ltd"),
        ("Vega s.r.o.", "s.r.o."),
        ("ROMASHKA LLC", "LLC"),
        ("Общество с ограниченной ответственностью «Лик»", "Общество с ограниченной ответственностью"),
    ],
)
def test_the_legal_form_is_found_as_it_is_written(name, form):
    assert step("company_form", name) == form


@pytest.mark.parametrize(
    "name", ["Анна Петрова", "КАОЛИН", "Basil Ag", "Коротков Илья", "Ресепшен", "Incantation"]
)
def test_a_name_without_a_legal_form_has_none(name):
    assert step("company_form", name) is None


@pytest.mark.parametrize(
    ("names", "company"),
    [
        ((ANNA, "Петрова Анна"), False),
        ((ANNA, "ООО «Ромашка»"), False),  # somebody at that company
        (("ООО «Ромашка»",), True),
        ("ООО «Ромашка»", True),
        ((PersonName("", "ООО «Вектор»"),), True),  # a company in the field for last names
        ((PersonName("", "Петрова"), "Петрова"), False),
        (("Ресепшен",), False),
    ],
)
def test_a_legal_form_without_a_first_name_is_a_company(names, company):
    assert step("is_company", names) is company


def test_the_evidence_says_why():
    assert step("company_evidence", (ANNA,)) == "a person: has the first name 'Анна'"
    assert step("company_evidence", ("ООО «Лик»",)).startswith("a company: 'ООО' in its name")
    assert step("company_evidence", ("Ресепшен",)).startswith("a person: neither")
