"""Normal forms and the vocabulary: what the words of a field mean."""

import pytest

from crossdock.fieldtypes import FieldType
from crossdock.matching.fields import FAMILIES, Given, side_of
from crossdock.matching.normalforms import likeness, words
from crossdock.matching.vocabulary import phrases_of, vocabulary, words_in


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
    side = side_of("deal", "Deal", [Given("a", "Закрыта", "flag"), Given("b", "Закрыта", "time")])
    assert [field.head for field in side.fields] == ["is_closed", "closed_at"]


def test_a_choice_between_person_and_company_asks_whether_it_is_a_company():
    given = [Given("kind", "Company Type", "choice", options=("Individual", "Company"))]
    assert side_of("res.partner", "Contact", given).fields[0].head == "is_company"


def test_a_field_without_known_words_is_read_by_its_values():
    given = [Given("uf_1", "Обувь", "text", samples=("a@b.test", "c@d.test"))]
    assert side_of("x", "X", given).fields[0].head == "email"


@pytest.mark.parametrize(
    ("text", "kinds", "head"),
    [
        ("Физ. лицо", "", "ref_person"),
        ("Физ. адрес", "", "address"),
        ("Dogovor", "", ""),
        ("des", "", ""),
        ("Дополнительный адрес", "", "address"),
        ("Initial amount", "", "amount"),
        ("Bill To Street", "", "street"),
        ("Ссылка на сайт", "", "website"),
        ("Срок годности", "Товар", "shelf_life"),
        ("Новое поле", "", ""),
        ("Не активен", "", "inactive"),
        ("Archived", "", "inactive"),
        ("Active", "", "active"),
        ("Private", "", "is_private"),
    ],
)
def test_a_word_is_not_read_as_what_it_only_looks_like(text, kinds, head):
    found = vocabulary()
    assert found.read(text, found.kinds_of(kinds)).head == head


def test_mailing_says_which_address_and_bill_to_whose():
    read = vocabulary().read
    assert read("Mailing Street") == read("Street")
    assert read("Bill To Street").qualifiers == {"billing"}


def test_a_contract_is_no_deal():
    assert "deal" not in vocabulary().kinds_of("Dogovor").names


NUMBER_OR_TYPE_TELLS = {
    frozenset(pair.split())
    for pair in (
        "other_email additional_emails",
        "bank_details bank_name",
        "bank_details bank_account",
        "ref_company ref_companies",
        "ref_person ref_contacts",
        "ref_product line_items",
        "closed_at is_closed",
        "is_closed completed_at",
        "completed_at is_completed",
        "modified_by modified_at",
        "paid_amount is_paid",
        "total resolution",
    )
}
"""The forms of one word, singular and plural or yes and when, that the stems do not tell apart."""
AMBIGUOUS = {
    frozenset(pair.split())
    for pair in (
        "full_name ref_person ref_contacts",
        "total_revenue amount",
        "ref_customer billing",
        "ref_lead requirements",
        "utm_term tags",
    )
}
"""What one cannot know; the first meaning holds."""


def test_a_phrase_has_one_meaning():
    # A second meaning of the same words would never be found.
    words_of = words_in("vocabulary.toml")
    entries = {**words_of["concepts"], **words_of["qualifiers"], "": words_of["noise"]["words"]}
    found: dict = {}
    for meaning, text in entries.items():
        for phrase in phrases_of(text):
            of, said = phrase.rpartition(":")[::2]
            found.setdefault((of, vocabulary().stems(said)), {})[meaning] = phrase
    several = [says for says in found.values() if len(says) > 1]
    known = NUMBER_OR_TYPE_TELLS | AMBIGUOUS
    assert [says for says in several if frozenset(says) not in known] == []


def test_every_type_of_value_has_its_family():
    assert set(FAMILIES) == set(FieldType)


def test_every_related_and_standing_word_is_there():
    found, words_of = vocabulary(), words_in("vocabulary.toml")
    known = {concept for pair in found.related for concept in pair}
    known |= {concept for pair in words_of["opposite"].items() for concept in pair}
    assert known <= found.concepts
    assert set(words_of["weights"]) == set(words_of["qualifiers"])
    for kind, others in found.standing.items():
        assert {kind, *others} <= set(found.kinds)
