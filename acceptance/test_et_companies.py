"""ET01: companies."""

# ruff: noqa: N802 - a test is named after its row

from typing import Any

from acceptance.destinations import Twenty
from acceptance.harness import Pair, moved
from acceptance.slices import (
    ANNA,
    ANNA_MEMBER,
    COMPANIES,
    IVAN,
    IVAN_MEMBER,
    Json,
    Slice,
    key,
    route,
)

INDUSTRIES = ("it", "trade", "production", "logistics", "agro", "services")
HERE = ("IT", "TRADE", "PRODUCTION", "LOGISTICS", "AGRO", "SERVICES")
KNOWN_BY_DOMAIN = "c0ffee00-1111-4222-8333-000000000001"  # of the destination's seed: ООО Ромашка-Юг
KNOWN_BY_INN = "c0ffee00-1111-4222-8333-0000000000e1"


def plain(number: int) -> Json:
    """One of the usual companies."""
    return {
        "__id": key("ET01", number),
        "__name": f"ООО «Вектор {number:02d}»",
        "__createdAt": f"2019-03-{number % 28 + 1:02d}T08:30:00Z",
        "__createdBy": ANNA,
        "_inn": f"77010100{number:02d}",
        "_website": f"https://vektor-{number:02d}.example",
        "_address": f"г. Тверь, ул. Советская, д. {number}",
        "industry": [{"code": INDUSTRIES[number % 6], "name": "?"}],
        "revenue": {"cents": 150_000_050 + number, "currency": "RUB"},
        "employees": 10 + number,
        "rating": 4.25,
        "is_partner": number % 2 == 0,
        "contract_date": f"2021-05-{number % 28 + 1:02d}T00:00:00Z",
        "last_contact_at": "2023-11-30T14:05:06Z",
        "segments": [{"code": "vip", "name": "?"}, {"code": "export", "name": "?"}],
        "responsible": [ANNA if number % 2 else IVAN],
    }


SPECIAL: dict[str, Any] = {
    "by domain": {
        "__name": "Ромашка-Юг, старое название",
        "_website": "http://www.romashka-yug.example/",
        "_inn": "2312000001",
        "_address": "ул. Красная, 1",
        "employees": 77,
    },
    "by number": {"__name": "Альфа-Снаб", "_inn": "5040000002", "_website": "https://alfa-snab.example"},
    "nameless": {"__name": "", "_inn": "7701020001"},
    "no site": {"__name": "ООО Битый Сайт", "_website": "это не сайт"},
    "twin one": {"__name": "Северный ветер", "_website": "https://severny-twin.example"},
    "twin two": {"__name": "Северный ветер (дубль)", "_website": "https://severny-twin.example/"},
    "deleted": {"__name": "Ликвидирована", "__deletedAt": "2022-01-01T00:00:00Z"},
}
ITEMS: list[dict[str, Any]] = [plain(n) for n in range(60)] + [
    {"__id": key("ET01", n), **v} for n, v in SPECIAL.items()
]


def known_companies(destination: Twenty) -> None:
    """A tax number field and a company that has one, made by people before the migration."""
    company = destination.objects()["company"]["id"]
    wanted = {"objectMetadataId": company, "type": "TEXT", "name": "inn", "label": "ИНН"}
    destination.ask("POST", "/rest/metadata/fields", wanted)
    known = {"id": KNOWN_BY_INN, "name": "Альфа-Снаб ЗАО", "inn": "5040000002"}
    destination.ask("POST", "/rest/companies", known)


def name_by_default(mapping: Json) -> None:
    """The customer's default for companies without a name."""
    fields = route(mapping, COMPANIES, "company")["fields"]
    fields["name"] = {"from": "__name", "required": True, "default": "Название не указано"}


SLICES = {"ET01": [Slice("ET01", {"items": {COMPANIES: ITEMS}}, known_companies, name_by_default)]}


def test_ET01_companies_arrive_typed(shared: Pair, record_property):
    found = shared.destination.ours("companies", COMPANIES)
    row = found[key("ET01", 7)]
    assert row["name"] == "ООО «Вектор 07»"
    assert row["domainName"]["primaryLinkUrl"] == "https://vektor-07.example"
    assert row["address"]["addressStreet1"] == "г. Тверь, ул. Советская, д. 7"
    assert row["annualRevenue"] == {"amountMicros": 1_500_000_570_000, "currencyCode": "RUB"}
    assert row["industry"] == "TRADE"
    assert row["segments"] == ["VIP", "EXPORT"]
    assert row["employees"] == 17
    assert row["rating"] == 4.25
    assert row["isPartner"] is False
    assert row["contractDate"] == "2021-05-08"
    assert row["lastContactAt"] == "2023-11-30T14:05:06.000Z"
    assert row["inn"] == "7701010007"
    assert row["createdAt"] == "2019-03-08T08:30:00.000Z"
    assert row["createdBy"]["name"] == "Анна Петрова"
    assert row["createdBy"]["workspaceMemberId"] == ANNA_MEMBER
    assert row["accountOwnerId"] == ANNA_MEMBER
    for number in range(60):
        row = found[key("ET01", number)]
        assert row["name"] == f"ООО «Вектор {number:02d}»"
        assert row["inn"] == f"77010100{number:02d}"
        assert row["industry"] == HERE[number % 6]
        assert row["employees"] == 10 + number
        assert row["annualRevenue"]["amountMicros"] == 1_500_000_500_000 + number * 10_000
        assert row["accountOwnerId"] == (ANNA_MEMBER if number % 2 else IVAN_MEMBER)
    refused = shared.refused([item["__id"] for item in ITEMS], f"{COMPANIES}>company")
    assert set(refused) == {key("ET01", name) for name in ("no site", "twin one", "twin two")}
    assert "domainName" in refused[key("ET01", "no site")]
    assert key("ET01", "deleted") not in found
    moved(record_property, len(ITEMS), len(refused))


def test_ET01_fields_are_typed_at_the_destination(shared: Pair):
    fields = shared.destination.objects()["company"]["fields"]
    assert {n: fields[n]["type"] for n in ("industry", "segments", "employees", "rating", "isPartner")} == {
        "industry": "SELECT",
        "segments": "MULTI_SELECT",
        "employees": "NUMBER",
        "rating": "NUMBER",
        "isPartner": "BOOLEAN",
    }
    assert {n: fields[n]["type"] for n in ("contractDate", "lastContactAt", "inn")} == {
        "contractDate": "DATE",
        "lastContactAt": "DATE_TIME",
        "inn": "TEXT",
    }
    assert [(o["value"], o["label"]) for o in fields["industry"]["options"]] == [
        ("IT", "Информационные технологии"),
        ("TRADE", "Торговля"),
        ("PRODUCTION", "Производство"),
        ("LOGISTICS", "Логистика"),
        ("AGRO", "Сельское хозяйство"),
        ("SERVICES", "Услуги"),
    ]


def test_ET01_existing_companies_are_completed_not_doubled(shared: Pair):
    rows = shared.destination.all("companies")
    by_domain = [r for r in rows if "romashka-yug" in (r["domainName"]["primaryLinkUrl"] or "")]
    assert [row["id"] for row in by_domain] == [KNOWN_BY_DOMAIN]
    assert by_domain[0]["name"] == "Ромашка-Юг, старое название"
    address = by_domain[0]["address"]
    assert (address["addressStreet1"], address["addressCity"]) == ("ул. Красная, 1", "Краснодар")
    assert (by_domain[0]["inn"], by_domain[0]["employees"]) == ("2312000001", 77)
    by_number = [r for r in rows if r["inn"] == "5040000002"]
    assert [row["id"] for row in by_number] == [KNOWN_BY_INN]
    assert by_number[0]["name"] == "Альфа-Снаб"
    assert by_number[0]["domainName"]["primaryLinkUrl"] == "https://alfa-snab.example"


def test_ET01_a_missing_name_gets_the_customers_default(shared: Pair):
    row = shared.destination.ours("companies", COMPANIES)[key("ET01", "nameless")]
    assert row["name"] == "Название не указано"
    assert row["inn"] == "7701020001"
