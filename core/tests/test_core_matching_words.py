"""Normal forms and the vocabulary: what the words of a field mean."""

import pytest

from crossdock.matching.fields import Given, side_of
from crossdock.matching.normalforms import likeness, words
from crossdock.matching.vocabulary import vocabulary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MailingPostalCode", ("mailing", "postal", "code")),
        ("billing_addresses", ("billing", "address")),
        ("Дата создания", ("дат", "создан")),
        ("НаименованиеПолное", ("наименован", "полн")),
        ("Учёт", ("учет",)),
        ("companies", ("company",)),
    ],
)
def test_a_text_becomes_the_stems_of_its_words(text, expected):
    assert words(text) == expected


def test_alike_texts_are_nearer_than_others():
    assert likeness("_Phone-Numbers", "phone_number") == 1.0
    assert likeness("postal code", "postcode") > likeness("postal code", "city")


@pytest.mark.parametrize(
    ("text", "kinds", "head"),
    [
        ("Телефон", "Контакт", "phone"),
        ("mailingstreet", "Contact", "street"),
        ("Название сделки", "Сделка", "name"),
        ("Title", "Contact", "job_title"),
        ("Title", "Task", "name"),
        ("Имя", "Контакт", "first_name"),
        ("Owner ID", "Account", "owner"),
        ("ИНН", "Контрагент", "tax_id"),
        ("State", "Case", "status"),
        ("State", "Account", "state"),
        ("Планируемая дата закрытия", "Сделка", "close_date"),
        ("Юр. адрес", "Компания", "address"),
    ],
)
def test_a_label_is_read_as_a_concept_of_its_object(text, kinds, head):
    found = vocabulary()
    assert found.read(text, found.kinds_of(kinds)).head == head


def test_qualifiers_tell_fields_of_one_concept_apart():
    read = vocabulary().read
    assert read("Shipping City").qualifiers == {"shipping"}
    assert read("Юридический адрес").qualifiers == {"legal"}
    assert read("Primary Address City").qualifiers == frozenset()


def test_words_that_nobody_knows_stay_beside_the_concept():
    assert vocabulary().read("Frobnicated phone").left == {"frobnicated"}
    assert vocabulary().read("Zxcvb id").head == ""


def test_an_object_is_known_by_its_label_and_its_name():
    kinds_of = vocabulary().kinds_of
    assert kinds_of("Contact", "res.partner").names == {"company", "person"}
    assert kinds_of("Сделка", "leads").names == {"deal"}
    assert kinds_of("", "Document_ЗаказПокупателя").names == {"order"}


def test_the_type_says_which_of_two_meanings_holds():
    side = side_of("deal", "Deal", [Given("a", "Закрыта", "bool"), Given("b", "Закрыта", "datetime")])
    assert [field.head for field in side.fields] == ["is_closed", "closed_at"]


def test_a_choice_between_person_and_company_asks_whether_it_is_a_company():
    given = [Given("kind", "Company Type", "selection", options=("Individual", "Company"))]
    assert side_of("res.partner", "Contact", given).fields[0].head == "is_company"


def test_a_field_without_known_words_is_read_by_its_values():
    given = [Given("uf_1", "Обувь", "string", samples=("a@b.test", "c@d.test"))]
    assert side_of("x", "X", given).fields[0].head == "email"


def test_every_related_and_standing_word_is_there():
    found = vocabulary()
    known = {concept for pair in found.related for concept in pair}
    assert all(found.near(concept, concept) == 1.0 for concept in known)
    for kind, others in found.standing.items():
        assert {kind, *others} <= set(found.kinds)
