"""EO07: users, and which groups they get."""

# ruff: noqa: N802 - a test is named after its row

from typing import Any

from acceptance.harness import Pair, moved
from acceptance.slices import ANNA_MAIL, Json, Slice, key
from acceptance.test_p_users import table

USERS, GROUPS = "_system.users", "_system.groups"
MANAGERS, WATCHMEN = key("EO07", "managers"), key("EO07", "watchmen")
EXTERNAL = "f25906e4-41c3-5a89-8ec2-06648dd1f614"  # the same in every company
ADMINISTRATORS = ("Sales / Administrator", "Project / Administrator", "Employees / Administrator")


def person(number: int, **more: Any) -> Json:
    """An employee: every third is a manager, every third a watchman."""
    return {
        "__id": key("EO07", number),
        "__name": f"Штатный{number} Ю",
        "email": f"shtat{number}@romashka.example",
        "login": f"shtat{number}",
        "fullname": {"lastname": f"Штатный{number}", "firstname": "Ю", "middlename": ""},
        "displayedPosition": f"Инженер {number}",
        "groupIds": [[MANAGERS], [WATCHMEN], []][number % 3],
        "__status": {"order": 0, "status": 2},
    } | more


PEOPLE = [
    *(person(n) for n in range(54)),
    person(100, __status={"order": 0, "status": 3}),  # blocked
    person(101, groupIds=[EXTERNAL]),
    person(102, email="", login=""),
]
SEED: Json = {
    "users": PEOPLE,
    "groups": [
        {"__id": MANAGERS, "namespace": "system", "code": "managers", "__name": "Менеджеры", "isRole": True},
        {"__id": WATCHMEN, "namespace": "system", "code": "watchmen", "__name": "Вахта", "isRole": True},
        {"__id": EXTERNAL, "namespace": "system", "code": "external", "__name": "Внешние", "isRole": False},
    ],
}


def chosen(mapping: Json) -> None:
    """What was chosen in scoping: managers see all documents of sales. Nothing is chosen for the watchmen."""
    (groups,) = [
        r for r in mapping["objects"] if r["from"] == GROUPS and "by_role" in str(r.get("when", "by_role"))
    ]
    groups["fields"]["full_name"]["values"]["managers"] = "Sales / User: All Documents"


SLICES = {"EO07": [Slice("EO07", SEED, edit=chosen)]}


def groups_of(shared: Pair) -> dict[str, set[str]]:
    """The groups of each user, by login."""
    names = {row["id"]: row["full_name"] for row in shared.destination.all("res.groups", (), ["full_name"])}
    rows = shared.destination.all("res.users", (), ["login", "groups_id"])
    return {row["login"]: {names[each] for each in row["groups_id"]} for row in rows}


def test_EO07_employees_become_users_by_email_with_the_chosen_groups(shared: Pair, record_property):
    rows = {row["login"]: row for row in shared.destination.all("res.users", (), ["login", "name", "email"])}
    groups = groups_of(shared)
    for n in range(54):
        login = f"shtat{n}@romashka.example"
        assert (rows[login]["name"], rows[login]["email"]) == (f"Штатный{n} Ю", login)
        assert "User types / Internal User" in groups[login]
        assert ("Sales / User: All Documents" in groups[login]) is (n % 3 == 0)
        assert not groups[login] & set(ADMINISTRATORS)
    refused = shared.refused([row["__id"] for row in PEOPLE], f"{USERS}>res.users")
    assert set(refused) == {key("EO07", 102)}
    assert "login" in refused[key("EO07", 102)]
    moved(record_property, len(PEOPLE), len(refused))


def test_EO07_who_is_blocked_is_archived_and_who_is_external_is_a_contact(shared: Pair):
    rows = {
        row["login"]: row["active"] for row in shared.destination.all("res.users", (), ["login", "active"])
    }
    assert rows["shtat100@romashka.example"] is False
    assert rows["shtat1@romashka.example"] is True
    assert "shtat101@romashka.example" not in rows
    partner = shared.destination.ours("res.partner", USERS)[key("EO07", 101)]
    assert (partner["email"], partner["is_company"]) == ("shtat101@romashka.example", False)


def test_EO07_who_has_an_account_keeps_it_as_it_is(shared: Pair):
    (anna,) = shared.destination.all("res.users", [["login", "=", ANNA_MAIL]], ["name"])
    assert anna["name"] == "Анна Петрова"
    assert "Sales / Administrator" in groups_of(shared)[ANNA_MAIL]


def test_EO07_a_role_that_stands_for_no_group_waits_for_one(shared: Pair):
    waiting = {line["key"]: line for line in table(shared.project.folder / "queues" / "unmatched.csv")}
    assert WATCHMEN in waiting
    assert MANAGERS not in waiting
    shared.project.must("handoff", codes=(0, 1))
    roles = {row["role"]: row for row in table(shared.project.folder / "reports" / "roles.csv")}
    assert (roles["Менеджеры"]["people"], roles["Вахта"]["people"]) == ("19", "19")


def test_EO07_nobody_is_invited(shared: Pair):
    assert shared.destination.mails() == {}
