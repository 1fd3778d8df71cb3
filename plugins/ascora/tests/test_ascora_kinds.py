"""Who is a person and who is a business, by which evidence; and finding the one that is named."""

import pytest

from crossdock_ascora.finding import Finder
from crossdock_ascora.kinds import BUSINESS, PERSON, Facts, judge, mail_host
from crossdock_ascora.rows import Named


@pytest.mark.parametrize(
    ("facts", "kind", "evidence", "sure"),
    [
        (Facts("Ann Lee", is_business=True), BUSINESS, "the flag in its row", True),
        (Facts("Bay Pty Ltd", is_business=False), PERSON, "the flag in its row", True),
        (Facts("Bay", business_number="51 824 753 556"), BUSINESS, "business number", True),
        (Facts("Ann Lee", customer_type="Commercial "), BUSINESS, "customer type", True),
        (Facts("Ann Lee", customer_type="Residential"), PERSON, "customer type", True),
        (Facts("Ann Lee", company_name="Bay Cafe"), BUSINESS, "company name", True),
        (Facts("Bay Strata Plan 12"), BUSINESS, "'Strata'", True),
        (Facts("Ann Lee", first_name="Ann", last_name="Lee"), PERSON, "that of its contact", True),
        (Facts("Lee, Ann", first_name="Ann", last_name="Lee"), PERSON, "that of its contact", True),
        (Facts("Harbour", sites=3), BUSINESS, "billed for 3 sites", False),
        (Facts("Zephyr", email="a@zephyr.example"), BUSINESS, "no free one", False),
        (Facts("Ann Lee", email="ann@gmail.com"), PERSON, "free e-mail address", False),
        (Facts("Zephyr"), BUSINESS, "nothing says it", False),
    ],
)
def test_the_first_evidence_counts(facts: Facts, kind: str, evidence: str, sure: bool) -> None:
    verdict = judge(facts)

    assert (verdict.kind, verdict.sure) == (kind, sure)
    assert evidence in verdict.evidence


def test_a_company_named_like_its_contact_is_a_person() -> None:
    verdict = judge(Facts("Ann Lee", company_name="ann  LEE", first_name="Ann", last_name="Lee"))

    assert verdict.kind == PERSON


def test_what_nothing_says_is_what_the_settings_say() -> None:
    assert judge(Facts("Zephyr"), PERSON).kind == PERSON


@pytest.mark.parametrize(
    ("email", "host"), [("A@Bay.Example", "bay.example"), ("nobody", ""), ("a@localhost", ""), ("", "")]
)
def test_the_host_of_an_address(email: str, host: str) -> None:
    assert mail_host(email) == host


def finder() -> Finder:
    made = Finder("customer")
    made.add("k1", "C1", ["John Smith"])
    made.add("k2", "C2", ["john  smith"])
    made.add("k3", "", ["Bay Cafe"])
    return made


def test_ids_come_before_numbers_and_numbers_before_names() -> None:
    assert finder().find(Named("k3")).key == "k3"
    assert finder().find(Named("", "c2")).key == "k2"
    assert finder().find(Named("", "BAY cafe ")).key == "k3"


def test_a_name_of_two_is_never_picked() -> None:
    found = finder().find(Named("", "John Smith"))

    assert found.key == ""
    assert found.problem == "'John Smith' names 2 of the customers: k1, k2"


def test_an_unknown_one_says_so_and_nothing_names_nothing() -> None:
    assert finder().find(Named("", "Nobody")).problem == "'Nobody' names no customer"
    assert "no customer that was read" in finder().find(Named("k9", "Gone Pty")).problem
    assert finder().find(None).problem == ""
