"""Whom an item names in fields of its own: which fields mean it, and what belongs together."""

from typing import Any

import pytest

from crossdock_elma365.mentions import Mention, firm_words, mentions, people_in, text_mentions, words_of
from crossdock_elma365.schema import application


def app(*fields: dict[str, Any]) -> Any:
    return application({"namespace": "_projects", "code": "_projects", "fields": list(fields)})


def field(code: str, wire_type: str, label: str = "", kind: str = "string", **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "type": wire_type,
        "view": {"name": label, "data": {"additionalType": kind}},
        **more,
    }


def mail(address: str) -> list[dict[str, str]]:
    return [{"type": "work", "email": address}]


def test_an_address_and_the_name_beside_it_are_one_person() -> None:
    fields = app(
        field("client_email", "EMAIL"), field("client_name", "STRING", "Имя"), field("total", "FLOAT")
    )

    found = list(mentions(fields, {"client_email": mail("a@x.example"), "client_name": "Анна", "total": 5}))

    assert found == [Mention("a@x.example", "Анна", None, "", "client_email, Имя")]


def test_fields_of_another_person_are_told_apart_by_their_code() -> None:
    fields = app(
        field("client_email", "EMAIL"),
        field("builder_email", "EMAIL"),
        field("builder_fio", "FULL_NAME"),
    )
    ivan = {"lastname": "Петров", "firstname": "Иван", "middlename": ""}

    found = list(
        mentions(
            fields,
            {
                "client_email": mail("a@x.example"),
                "builder_email": mail("i@y.example"),
                "builder_fio": ivan,
            },
        )
    )

    assert [(m.email, m.name) for m in found] == [("a@x.example", None), ("i@y.example", ivan)]


def test_a_customer_in_a_text_field_is_who_the_address_belongs_to() -> None:
    fields = app(field("customer", "STRING", "Заказчик"), field("customer_email", "EMAIL"))

    (found,) = mentions(fields, {"customer": "ООО «Вектор»", "customer_email": mail("info@v.example")})

    assert (found.email, found.name, found.company) == ("info@v.example", "ООО «Вектор»", "")


def test_a_customer_without_an_address_is_a_company() -> None:
    (found,) = mentions(app(field("customer", "STRING", "Заказчик")), {"customer": "Вектор"})

    assert (found.is_person, found.company) == (False, "Вектор")


def test_a_name_that_stands_alone_is_nobody() -> None:
    assert list(mentions(app(field("stage_name", "STRING")), {"stage_name": "Монтаж"})) == []


def test_the_company_of_a_person_is_the_one_of_the_same_fields() -> None:
    fields = app(field("guest_email", "EMAIL"), field("guest_company", "STRING"))

    person, company = mentions(fields, {"guest_email": mail("g@z.example"), "guest_company": "ЗАО Заря"})

    assert (person.email, person.company) == ("g@z.example", "ЗАО Заря")
    assert (company.is_person, company.company) == (False, "ЗАО Заря")


def test_everybody_in_a_list_of_participants_is_named() -> None:
    fields = app(field("participants", "STRING", "Участники", "text"))

    found = list(
        mentions(
            fields,
            {"participants": "Анна Петрова <anna@x.example>; ivan@y.example, Пётр\nОльга (o@x.example)"},
        )
    )

    assert [(m.name, m.email) for m in found] == [
        ("Анна Петрова", "anna@x.example"),
        (None, "ivan@y.example"),
        ("Пётр", ""),
        ("Ольга", "o@x.example"),
    ]


def test_a_row_of_a_table_is_one_person() -> None:
    columns = [
        field("fio", "FULL_NAME", "ФИО"),
        field("mail", "EMAIL", "Почта"),
        field("org", "STRING", "Организация"),
    ]
    table = field("team", "TABLE", "Команда", data={"fields": columns})
    rows = [{"fio": {"lastname": "Ким", "firstname": "Ли"}, "mail": mail("k@x.example"), "org": "Восток"}]

    person, company = mentions(app(table), {"team": {"rows": rows}})

    assert (person.email, person.company, person.where) == (
        "k@x.example",
        "Восток",
        "Команда: ФИО, Почта, Организация",
    )
    assert company.company == "Восток"


@pytest.mark.parametrize("value", [None, "", [], {}, {"rows": None}, {"rows": ["x"]}])
def test_an_empty_item_names_nobody(value: Any) -> None:
    fields = app(
        field("client_email", "EMAIL"), field("team", "TABLE", data={"fields": [field("mail", "EMAIL")]})
    )
    assert (
        list(mentions(fields, {"client_email": value if value != {"rows": ["x"]} else None, "team": value}))
        == []
    )


def test_the_text_of_a_task_names_whose_addresses_stand_in_it() -> None:
    text = (
        "<p>Согласовать с Иван Петров &lt;ivan@y.example&gt;, копия "
        "<a href='mailto:Otdel@z.example'>отдел</a></p>"
        "<p>Анна Ким (anna@x.example) и ещё раз ivan@y.example</p>"
    )

    found = [(m.email, m.name) for m in text_mentions(text, "its text")]

    assert found == [
        ("ivan@y.example", "Иван Петров"),
        ("anna@x.example", "Анна Ким"),
        ("Otdel@z.example", None),
    ]


def test_a_text_without_an_address_names_nobody() -> None:
    assert list(text_mentions("<p>Позвонить Анне</p>", "")) == []
    assert list(text_mentions(None, "")) == []


def test_an_entry_with_two_addresses_is_two_people() -> None:
    assert list(people_in("Анна a@x.example b@x.example")) == [("Анна", "a@x.example"), ("", "b@x.example")]


def test_names_are_compared_without_case_order_and_legal_form() -> None:
    assert words_of({"lastname": "Ким", "firstname": "Ли"}) == words_of("Ли КИМ") == "ким ли"
    assert firm_words("ООО «Вектор»") == firm_words("Вектор, ООО") == "вектор"
