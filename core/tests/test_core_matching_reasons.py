"""What is said of a pair, and of a field without one."""

from crossdock.matching.features import NAMES
from crossdock.matching.fields import Given, side_of
from crossdock.matching.model import model
from crossdock.matching.pairing import pair_fields
from crossdock.matching.reasons import _AGAINST, _MORE_WORDS, _against, _speaks_for, reason
from crossdock.matching.unmapped import unmapped_of


def pairing():
    source = side_of(
        "crm.contact",
        "Контакт",
        [
            Given("PHONE", "Телефон", "text", samples=("+7 912 345-67-89", "+7 912 345-67-80")),
            Given("CREATED", "Дата создания", "time"),
            Given("PHONE_2", "Доп. телефон", "text"),
            Given("SHOE", "Размер обуви", "text"),
        ],
    )
    destination = side_of(
        "contact",
        "Contact",
        [Given("phone", "Phone", "phone"), Given("createdAt", "Created", "time", True)],
    )
    return pair_fields(source, destination)


def test_a_proposal_names_the_meaning_and_the_values_that_speak_for_it():
    (chosen,) = pairing().chosen
    said = reason(chosen)
    assert said.startswith("«Телефон» and «Phone» mean phone")
    assert "the 2 samples look like telephone numbers" in said
    assert chosen.confidence > 0.8


def test_a_field_that_is_left_says_which_candidate_fell_short_and_why():
    found = pairing()
    left = {u.field: u for u in unmapped_of(found, {"phone": "PHONE"}, {"PHONE"}, set())}
    assert left["CREATED"].why == "the destination keeps that field itself"
    assert left["PHONE_2"].why == "it is taken by PHONE"
    assert left["SHOE"].sentence() == "SHOE «Размер обуви»: nothing at the destination is like it"


def test_a_field_whose_type_cannot_hold_the_values_says_so():
    found = pairing()
    left = {u.field: u for u in unmapped_of(found, {}, set(), {("PHONE", "phone")})}
    assert left["PHONE"].why == "its type cannot hold the values"


def test_nothing_is_given_as_a_reason_that_its_weight_denies():
    # Two fields that differ in every way there is: all that may be said against a pair.
    said = [1.0] * len(NAMES)
    named = {**_AGAINST, **_MORE_WORDS}
    denied = {words for name, words in named.items() if model().weight_of(name) >= 0}

    found = set(_against(said))

    assert not found & denied
    assert found == set(named.values()) - denied
    assert all(not _speaks_for(name, said) for name in NAMES if model().weight_of(name) <= 0)
