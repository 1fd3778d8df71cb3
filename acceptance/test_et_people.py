"""ET02: contacts."""

# ruff: noqa: N802 - a test is named after its row

from typing import Any

from acceptance.destinations import Twenty
from acceptance.harness import Pair, moved
from acceptance.slices import ANNA, ANNA_MEMBER, COMPANIES, CONTACTS, IVAN, IVAN_MEMBER, Json, Slice, key

KNOWN_COMPANY = "c0ffee00-1111-4222-8333-0000000000e2"
KNOWN_BY_EMAIL = "c0ffee00-2222-4222-8333-0000000000e2"
KNOWN_BY_NAME = "c0ffee00-2222-4222-8333-0000000000e3"


def person(last: str, first: str, middle: str = "") -> Json:
    """A full name as the platform has it."""
    return {"lastname": last, "firstname": first, "middlename": middle}


def plain(number: int) -> Json:
    """One of the usual contacts."""
    return {
        "__id": key("ET02", number),
        "__name": f"Лебедев{number:02d} Егор",
        "_fullname": person(f"Лебедев{number:02d}", "Егор", "Матвеевич" if number % 2 else ""),
        "_email": [
            {"type": "work", "email": f"Egor.{number:02d}@Lebedev.Example"},
            {"type": "home", "email": f"egor{number:02d}@home.example"},
        ],
        "_phone": [{"type": "work", "tel": f"+7 (495) 123-45-{number:02d}"}],
        "_companies": [key("ET02", "company", number % 4)],
        "position": "Закупщик",
        "birthday": "1980-02-29T00:00:00Z",
        "decision_maker": True,
        "responsible": [ANNA if number % 2 else IVAN],
    }


SPECIAL: dict[str, Any] = {
    "by e-mail": {"_fullname": person("Орлова", "Мария"), "_email": [{"email": "MARIA@orlova.example"}]},
    "by name": {
        "_fullname": person("Волков", "Сергей"),
        "_companies": [key("ET02", "company", "known")],
        "position": "Директор",
    },
    "namesake": {"_fullname": person("Волков", "Сергей"), "_companies": [key("ET02", "company", 1)]},
    "bad e-mail": {"_fullname": person("Крылов", "Пётр"), "_email": [{"email": "не-почта@@нигде"}]},
    "twin one": {"_fullname": person("Зимин", "Олег"), "_email": [{"email": "office@zimin.example"}]},
    "twin two": {"_fullname": person("Зимина", "Ольга"), "_email": [{"email": "office@zimin.example"}]},
}
COMPANY_ITEMS: list[dict[str, Any]] = [
    {"__id": key("ET02", "company", n), "__name": f"Контора {n}", "_website": f"https://kontora-{n}.example"}
    for n in range(4)
] + [
    {
        "__id": key("ET02", "company", "known"),
        "__name": "Известная контора",
        "_website": "https://kontora-izvestnaya.example",
    }
]
ITEMS: list[dict[str, Any]] = [plain(n) for n in range(60)] + [
    {"__id": key("ET02", n), **v} for n, v in SPECIAL.items()
]


def known_people(destination: Twenty) -> None:
    """A company with a person of it who has no e-mail, and somebody with one."""
    company = {
        "id": KNOWN_COMPANY,
        "name": "Известная контора",
        "domainName": {"primaryLinkUrl": "https://kontora-izvestnaya.example"},
    }
    destination.ask("POST", "/rest/companies", company)
    known = {"id": KNOWN_BY_NAME, "name": {"firstName": "Сергей", "lastName": "Волков"}}
    destination.ask("POST", "/rest/people", known | {"companyId": KNOWN_COMPANY})
    known = {"id": KNOWN_BY_EMAIL, "name": {"firstName": "Маша", "lastName": ""}}
    destination.ask("POST", "/rest/people", known | {"emails": {"primaryEmail": "maria@orlova.example"}})


SEED: dict[str, Any] = {"items": {COMPANIES: COMPANY_ITEMS, CONTACTS: ITEMS}}
SLICES = {"ET02": [Slice("ET02", SEED, known_people)]}


def test_ET02_contacts_become_people_with_company_and_owner(shared: Pair, record_property):
    found = shared.destination.ours("people", CONTACTS)
    companies = shared.destination.ours("companies", COMPANIES)
    for number in range(60):
        row = found[key("ET02", number)]
        first = "Егор Матвеевич" if number % 2 else "Егор"
        assert row["name"] == {"firstName": first, "lastName": f"Лебедев{number:02d}"}
        assert row["emails"]["primaryEmail"] == f"egor.{number:02d}@lebedev.example"
        assert row["emails"]["additionalEmails"] == [f"egor{number:02d}@home.example"]
        assert row["phones"]["primaryPhoneCallingCode"] == "+7"
        assert row["phones"]["primaryPhoneNumber"] == f"49512345{number:02d}"
        assert row["jobTitle"] == "Закупщик"
        assert row["companyId"] == companies[key("ET02", "company", number % 4)]["id"]
        assert row["responsibleId"] == (ANNA_MEMBER if number % 2 else IVAN_MEMBER)
        assert row["birthday"] == "1980-02-29"
        assert row["decisionMaker"] is True
    refused = shared.refused([item["__id"] for item in ITEMS], f"{CONTACTS}>person")
    assert set(refused) == {key("ET02", name) for name in ("bad e-mail", "twin one", "twin two")}
    assert "не-почта@@нигде" in refused[key("ET02", "bad e-mail")]
    moved(record_property, len(ITEMS), len(refused))


def test_ET02_known_people_are_found_by_email_or_by_name_and_company(shared: Pair):
    rows = shared.destination.all("people")
    by_email = [r for r in rows if r["emails"]["primaryEmail"] == "maria@orlova.example"]
    assert [row["id"] for row in by_email] == [KNOWN_BY_EMAIL]
    assert by_email[0]["name"] == {"firstName": "Мария", "lastName": "Орлова"}
    volkov = {r["id"]: r for r in rows if r["name"] == {"firstName": "Сергей", "lastName": "Волков"}}
    assert len(volkov) == 2
    assert volkov.pop(KNOWN_BY_NAME)["jobTitle"] == "Директор"
    (namesake,) = volkov.values()
    companies = shared.destination.ours("companies", COMPANIES)
    assert namesake["companyId"] == companies[key("ET02", "company", 1)]["id"]
