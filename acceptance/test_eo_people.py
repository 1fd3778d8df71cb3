"""EO01 and EO02: people and companies that only projects and tasks name, and those of the directory."""

# ruff: noqa: N802 - a test is named after its row

from typing import Any

from acceptance.destinations import Destination
from acceptance.harness import Pair, moved
from acceptance.platforms import Row
from acceptance.slices import COMPANIES, CONTACTS, Json, Slice, key

PROJECTS, SITES, TASKS = "_projects._projects", "_projects.sites", "_system.tasks"
PEOPLE, FIRMS = "_work.people", "_work.companies"
IN_FIELDS, IN_TEXTS, MASTERS = 30, 22, 40


def named(number: int, **more: Any) -> Json:
    """A project that names a person in plain fields."""
    own = {"__id": key("EO01", "project", number), "__name": f"Сквер {number}"}
    return own | {
        "contact_name": f"Гостев{number} Пётр",
        "contact_email": [{"type": "work", "email": f"Gost{number}@gosti.example"}],
    } | more  # fmt: skip


PROJECT_ITEMS: list[Json] = [
    *(named(n) for n in range(IN_FIELDS)),
    # The same people again, in another spelling: one each.
    *(
        named(100 + n, contact_name=f"Гостев {n}", contact_email=[{"email": f"GOST{n}@Gosti.example"}])
        for n in range(10)
    ),
    named(200, contact_name="ООО «Гость Сервис»", contact_email=[{"email": "info@gosti.example"}]),
    named(201, contact_name="Соколова Зоя", contact_email=[{"email": "Zoya@gosti.example"}]),
    named(202, contact_name="Без Почты", contact_email=None),
    named(203, contact_name="Нуль\x00 Внутри", contact_email=[{"email": "nul@gosti.example"}]),
    named(204, contact_name="Давний Знакомый", contact_email=[{"email": "davniy@gosti.example"}]),
]
TASK_ITEMS: list[Json] = [
    {
        "__id": key("EO01", "task", n),
        "__name": f"Отправить счёт {n}",
        "state": "closed",
        "description": f"<p>Кому: Ольга Почтова{n} &lt;pochta{n}@gosti.example&gt;, "
        f"копия <a href='mailto:gost{n}@gosti.example'>Гостеву</a></p>",
    }
    for n in range(IN_TEXTS)
]
CONTACT_ITEMS: list[Json] = [
    {
        "__id": key("EO01", "contact"),
        "__name": "Соколова Зоя",
        "_fullname": {"lastname": "Соколова", "firstname": "Зоя", "middlename": ""},
        "_email": [{"email": "zoya@gosti.example"}],
    },
    {
        "__id": key("EO01", "firm"),
        "__name": "АО Вестник",
        "_fullname": {"lastname": "АО Вестник", "firstname": "", "middlename": ""},
        "_email": [{"email": "red@vestnik.example"}],
    },
]


def site(number: int, **more: Any) -> Json:
    """A site of a project: its master, and the company whom he works for."""
    return {
        "__id": key("EO02", "site", number),
        "__name": f"Участок {number}",
        "contact_name": f"Прораб{number} Олег",
        "contact_email": [{"type": "work", "email": f"prorab{number}@smezhnik.example"}],
        "contact_company": f"ООО «Смежник {number // 2}»",
    } | more


SITE_ITEMS: list[Json] = [
    *(site(n) for n in range(MASTERS)),
    site(100, contact_company="Кирпич-Инвест"),  # of the directory, where it has its legal form
    site(101, contact_company="ООО «Смежник Кривой»", contact_name="Кривой\x00 Олег"),
]
SEEDS: dict[str, Json] = {
    "EO01": {
        "tasks": TASK_ITEMS,
        "items": {PROJECTS: PROJECT_ITEMS, CONTACTS: CONTACT_ITEMS},
    },
    "EO02": {
        "apps": [
            {
                "namespace": "_projects",
                "code": "sites",
                "name": "Участки",
                "fields": [
                    {"code": "contact_name", "type": "STRING", "name": "Прораб"},
                    {"code": "contact_email", "type": "EMAIL", "name": "Почта прораба"},
                    {"code": "contact_company", "type": "STRING", "name": "Чей он"},
                ],
            }
        ],
        "items": {
            SITES: SITE_ITEMS,
            COMPANIES: [
                {
                    "__id": key("EO02", "company"),
                    "__name": "ООО «Кирпич-Инвест»",
                    "_website": "https://kirpich-invest.example",
                }
            ],
        },
    },
}


def known_person(destination: Destination) -> None:
    """Somebody whom people have there already."""
    destination.known["EO01"] = destination.make("person", name="Д. Знакомый", email="davniy@gosti.example")


SLICES = {
    "EO01": [Slice("EO01", SEEDS["EO01"], known_person)],
    "EO02": [Slice("EO02", SEEDS["EO02"])],
}


def by_email(shared: Pair) -> dict[str, list[Row]]:
    """All partners by their e-mail in small letters."""
    found: dict[str, list[Row]] = {}
    for row in shared.destination.all("res.partner"):
        found.setdefault((row["email"] or "").lower(), []).append(row)
    return found


def test_EO01_somebody_is_one_partner_over_all_tasks_and_projects(shared: Pair, record_property):
    found = by_email(shared)
    for n in range(IN_FIELDS):
        (row,) = found[f"gost{n}@gosti.example"]
        assert (row["name"], row["is_company"]) == (f"Гостев{n} Пётр", False)
        assert f"Сквер {n} " in row["x_named_in"]
        if n < 10:
            assert f"Сквер {100 + n} " in row["x_named_in"]
        if n < IN_TEXTS:
            assert f"Отправить счёт {n} " in row["x_named_in"]
    for n in range(IN_TEXTS):
        (row,) = found[f"pochta{n}@gosti.example"]
        assert (row["name"], row["is_company"]) == (f"Ольга Почтова{n}", False)
    keys = [f"gost{n}@gosti.example" for n in range(IN_FIELDS)]
    keys += [f"pochta{n}@gosti.example" for n in range(IN_TEXTS)]
    keys += ["info@gosti.example", "davniy@gosti.example", "nul@gosti.example"]
    refused = shared.refused(keys, PEOPLE)
    assert set(refused) == {"nul@gosti.example"}
    assert "NUL" in refused["nul@gosti.example"]
    assert "nul@gosti.example" not in found
    moved(record_property, len(keys), len(refused))


def test_EO01_a_company_is_told_from_a_person_and_the_reason_shown(shared: Pair):
    found = by_email(shared)
    (firm,) = found["info@gosti.example"]
    assert (firm["name"], firm["is_company"]) == ("ООО «Гость Сервис»", True)
    assert "ООО" in firm["x_evidence"]
    (person,) = found["gost0@gosti.example"]
    assert person["x_evidence"].startswith("a person: ")
    (from_directory,) = found["red@vestnik.example"]
    assert (from_directory["name"], from_directory["is_company"]) == ("АО Вестник", True)
    assert "АО" in from_directory["x_evidence"]


def test_EO01_whom_the_directory_or_the_database_knows_is_not_made_again(shared: Pair):
    found = by_email(shared)
    (zoya,) = found["zoya@gosti.example"]
    contacts = shared.destination.ours("res.partner", CONTACTS)
    assert zoya["id"] == contacts[key("EO01", "contact")]["id"]
    (known,) = found["davniy@gosti.example"]
    assert str(known["id"]) == shared.destination.known["EO01"]
    assert known["name"] == "Давний Знакомый"


def test_EO01_who_has_no_address_is_left_out_by_a_rule_that_is_named(shared: Pair):
    assert not [r for r in shared.destination.all("res.partner") if r["name"] == "Без Почты"]
    (line,) = [x for x in shared.audit if (x["source_object"], x["source_id"]) == (PEOPLE, "без почты")]
    assert (line["outcome"], "email != null" in line["reasons"]) == ("skipped", True)


def test_EO02_companies_come_first_and_their_people_belong_to_them(shared: Pair, record_property):
    found = by_email(shared)
    firms = {row["name"]: row for row in shared.destination.all("res.partner") if row["is_company"]}
    for n in range(MASTERS):
        (row,) = found[f"prorab{n}@smezhnik.example"]
        firm = firms[f"ООО «Смежник {n // 2}»"]
        assert (row["name"], row["is_company"]) == (f"Прораб{n} Олег", False)
        assert row["parent_id"][0] == firm["id"]
        assert (firm["parent_id"], f"Участок {n} " in firm["x_named_in"]) == (False, True)
    own = shared.destination.ours("res.partner", FIRMS)
    assert len([row for row in own.values() if "Смежник" in row["name"]]) == MASTERS // 2 + 1
    names = [phase["name"] for phase in shared.report["phases"]]
    assert names.index(f"{FIRMS}>res.partner") < names.index(f"{PEOPLE}>res.partner")
    keys = [f"prorab{n}@smezhnik.example" for n in (*range(MASTERS), 101)]
    refused = shared.refused(keys, PEOPLE)
    assert set(refused) == {"prorab101@smezhnik.example"}
    moved(record_property, len(keys) + MASTERS // 2 + 2, len(refused))


def test_EO02_a_company_of_the_directory_is_not_made_again(shared: Pair):
    (row,) = by_email(shared)["prorab100@smezhnik.example"]
    company = shared.destination.ours("res.partner", COMPANIES)[key("EO02", "company")]
    assert row["parent_id"][0] == company["id"]
    assert not [r for r in shared.destination.all("res.partner") if r["name"] == "Кирпич-Инвест"]
