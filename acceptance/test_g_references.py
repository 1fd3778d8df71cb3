"""G05: load order and references."""

# ruff: noqa: N802 - a test is named after its row

from typing import Any

import pytest
from acceptance.destinations.twenty import written
from acceptance.harness import Pair, moved
from acceptance.slices import (
    COMPANIES,
    CONTACTS,
    LEADS,
    ROMAN,
    Slice,
    key,
)

COMPANY_ITEMS: list[dict[str, Any]] = [
    {"__id": key("G05", "company", n), "__name": f"Опора {n}", "_website": f"https://opora-{n}.example"}
    for n in range(10)
] + [{"__id": key("G05", "company", "bad"), "__name": "Без опоры", "_website": "нет такого сайта"}]


def contact(name: object, company: str) -> dict:
    """A contact of a company."""
    return {
        "__id": key("G05", "contact", name),
        "_fullname": {"lastname": f"Опорин {name}", "firstname": "Ян", "middlename": ""},
        "_email": [{"email": f"{str(name).replace(' ', '-')}@opora.example"}],
        "_companies": [company],
    }


CONTACT_ITEMS: list[dict[str, Any]] = [contact(n, key("G05", "company", n % 10)) for n in range(50)] + [
    contact("of a refused company", key("G05", "company", "bad")),
    contact("of no company", key("G05", "company", "never was")),
]
LEAD_ITEMS: list[dict[str, Any]] = [
    {
        "__id": key("G05", "lead"),
        "__name": "Сделка уволенного",
        "company": [key("G05", "company", 1)],
        "responsible": [ROMAN],
    }
]
SEED: dict[str, Any] = {"items": {COMPANIES: COMPANY_ITEMS, CONTACTS: CONTACT_ITEMS, LEADS: LEAD_ITEMS}}

SLICES = {"G05": [Slice("G05", SEED)]}


@pytest.mark.source("elma365")
@pytest.mark.destination("twenty")
def test_G05_references_point_to_what_was_loaded(pair: Pair, record_property):
    companies = pair.destination.ours("companies", COMPANIES)
    people = pair.destination.ours("people", CONTACTS)
    for n in range(50):
        row = people[key("G05", "contact", n)]
        assert row["companyId"] == companies[key("G05", "company", n % 10)]["id"]
    keys = [item["__id"] for item in CONTACT_ITEMS + COMPANY_ITEMS]
    refused = pair.refused(keys)
    moved(record_property, len(keys) + len(LEAD_ITEMS), len(refused))


@pytest.mark.source("elma365")
@pytest.mark.destination("twenty")
def test_G05_no_reference_becomes_null_in_silence(pair: Pair):
    people = pair.destination.ours("people", CONTACTS)
    for name, company in (("of a refused company", "bad"), ("of no company", "never was")):
        own, wanted = key("G05", "contact", name), key("G05", "company", company)
        assert own not in people
        line = pair.outcome(own)
        assert (line["outcome"], wanted in line["reasons"]) == ("held", True)
    lead = pair.destination.ours("opportunities", LEADS)[key("G05", "lead")]
    assert lead["ownerId"] is None
    line = pair.outcome(key("G05", "lead"))
    assert "owner" in line["reasons"]
    assert ROMAN in line["reasons"]
    queue = (pair.project.folder / "queues" / "references.csv").read_text(encoding="utf-8")
    assert key("G05", "contact", "of a refused company") in queue


@pytest.mark.source("elma365")
@pytest.mark.destination("twenty")
def test_G05_what_is_referred_to_is_loaded_first(pair: Pair):
    companies, people, leads = (
        [entry["n"] for entry in written(pair.answers["log"], plural)]
        for plural in ("companies", "people", "opportunities")
    )
    assert max(companies) < min(people) <= max(people) < min(leads)
