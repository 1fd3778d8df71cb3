"""ET04 and ET13: tasks and leads."""

# ruff: noqa: N802 - a test is named after its row

from typing import Any

from acceptance.harness import Pair, moved
from acceptance.slices import (
    ANNA,
    ANNA_MEMBER,
    COMPANIES,
    CONTACTS,
    IVAN,
    IVAN_MEMBER,
    LEADS,
    ROMAN,
    Slice,
    key,
)

TASKS = "_system.tasks"
STATES = ("assignment", "in_progress", "closed", "cancel")
STATUSES = ("TODO", "IN_PROGRESS", "DONE", "CANCELED")  # the last one is added to the options there

TASK_ITEMS: list[dict[str, Any]] = [
    {
        "__id": key("ET04", n),
        "__name": f"Позвонить №{n}",
        "description": f"<p>Спросить про <b>счёт {n}</b></p>",
        "state": STATES[n % 4],
        "dueDate": f"2024-07-{n % 28 + 1:02d}T15:00:00Z",
        "planStart": "2024-07-01T09:00:00Z",
        "performers": [ANNA if n % 2 else IVAN],
        "author": IVAN,
        "__percent": 25,
        "__createdAt": f"2024-06-{n % 28 + 1:02d}T10:11:12Z",
        "__item": {"namespace": "_clients", "code": "_companies", "id": key("ET04", "company")},
    }
    for n in range(56)
] + [
    {"__id": key("ET04", "nameless"), "__name": "", "state": "closed"},
    {"__id": key("ET04", "odd state"), "__name": "Странная", "state": "approval"},
    {
        "__id": key("ET04", "left"),
        "__name": "Осталась от Романа",
        "state": "closed",
        "performers": [ROMAN],
        "author": ANNA,
    },
    {
        "__id": key("ET04", "pair"),
        "__name": "Вдвоём",
        "state": "closed",
        "performers": [ANNA, IVAN, ROMAN],
        "author": ANNA,
    },
    {
        "__id": key("ET04", "contact"),
        "__name": "Про контакт",
        "state": "closed",
        "author": ANNA,
        "__item": {"namespace": "_clients", "code": "_contacts", "id": key("ET04", "contact person")},
    },
]
TASK_SEED: dict[str, Any] = {
    "tasks": TASK_ITEMS,
    "items": {
        COMPANIES: [
            {
                "__id": key("ET04", "company"),
                "__name": "Звонкая",
                "_website": "https://zvonkaya.example",
            }
        ],
        CONTACTS: [
            {
                "__id": key("ET04", "contact person"),
                "_fullname": {"lastname": "Звонов", "firstname": "Лев", "middlename": ""},
                "_email": [{"email": "zvonov@zvonkaya.example"}],
            }
        ],
    },
}

LEAD_STATUSES = ("new", "qualification", "proposal", "won", "lost")
STAGES = ("NEW", "SCREENING", "PROPOSAL", "CUSTOMER", "LOST")
LEAD_ITEMS: list[dict[str, Any]] = [
    {
        "__id": key("ET13", n),
        "__name": f"Сделка {n}",
        "status": LEAD_STATUSES[n % 5],
        "budget": {"cents": 12_345_678 + n, "currency": "RUB"},
        "expected_close": f"2025-01-{n % 28 + 1:02d}T00:00:00Z",
        "company": [key("ET13", "company")],
        "contact": [key("ET13", "contact")],
        "responsible": [ANNA if n % 2 else IVAN],
        "probability": 40,
        "description": "Нужен склад\nна 3000 м²",
    }
    for n in range(55)
] + [{"__id": key("ET13", "nameless"), "__name": "", "status": "new"}]
LEAD_SEED: dict[str, Any] = {
    "items": {
        COMPANIES: [
            {"__id": key("ET13", "company"), "__name": "Заказчик", "_website": "https://zakazchik.example"}
        ],
        CONTACTS: [
            {
                "__id": key("ET13", "contact"),
                "_fullname": {"lastname": "Заказов", "firstname": "Ян", "middlename": ""},
                "_email": [{"email": "zakazov@zakazchik.example"}],
            }
        ],
        LEADS: LEAD_ITEMS,
    }
}
SLICES = {"ET04": [Slice("ET04", TASK_SEED)], "ET13": [Slice("ET13", LEAD_SEED)]}


def test_ET04_tasks_arrive_with_status_assignee_and_own_fields(shared: Pair, record_property):
    found = shared.destination.ours("tasks", TASKS)
    for n in range(56):
        row = found[key("ET04", n)]
        assert row["title"] == f"Позвонить №{n}"
        assert row["bodyV2"]["markdown"].strip() == f"Спросить про **счёт {n}**"
        assert row["status"] == STATUSES[n % 4]
        assert row["dueAt"] == f"2024-07-{n % 28 + 1:02d}T15:00:00.000Z"
        assert row["assigneeId"] == (ANNA_MEMBER if n % 2 else IVAN_MEMBER)
        assert row["createdAt"] == f"2024-06-{n % 28 + 1:02d}T10:11:12.000Z"
        assert (row["createdBy"]["name"], row["createdBy"]["workspaceMemberId"]) == (
            "Иван Сидоров",
            IVAN_MEMBER,
        )
        assert row["percent"] == 25
        assert row["planStart"] == "2024-07-01T09:00:00.000Z"
    refused = shared.refused([item["__id"] for item in TASK_ITEMS], f"{TASKS}>task")
    # A task is on both books of its route and of the route that links it.
    assert set(refused) == {key("ET04", "nameless"), key("ET04", "odd state")}
    assert "approval" in refused[key("ET04", "odd state")]
    assert found[key("ET04", "left")]["assigneeId"] is None
    moved(record_property, len(TASK_ITEMS), len(refused))


def test_ET04_a_task_is_linked_to_what_it_is_about(shared: Pair):
    tasks = shared.destination.ours("tasks", TASKS)
    company = shared.destination.ours("companies", COMPANIES)[key("ET04", "company")]["id"]
    contact = shared.destination.ours("people", CONTACTS)[key("ET04", "contact person")]["id"]
    links = {row["taskId"]: row for row in shared.destination.all("taskTargets")}
    wanted = {key("ET04", n) for n in range(56)}
    assert {links[tasks[name]["id"]]["targetCompanyId"] for name in wanted} == {company}
    assert links[tasks[key("ET04", "contact")]["id"]]["targetPersonId"] == contact
    assert tasks[key("ET04", "left")]["id"] not in links


def test_ET04_further_performers_become_links(shared: Pair):
    task = shared.destination.ours("tasks", TASKS)[key("ET04", "pair")]
    assert task["assigneeId"] == ANNA_MEMBER
    objects = shared.destination.objects().values()
    plural = next(item["namePlural"] for item in objects if item["labelSingular"] == "Tasks: Performers")
    links = [row for row in shared.destination.all(plural) if row["taskId"] == task["id"]]
    assert sorted((row["name"], row["workspaceMemberId"]) for row in links) == [
        ("Вдвоём - Белов Роман Фёдорович", None),
        ("Вдвоём - Сидоров Иван Андреевич", IVAN_MEMBER),
    ]


def test_ET13_leads_become_opportunities(shared: Pair, record_property):
    found = shared.destination.ours("opportunities", LEADS)
    company = shared.destination.ours("companies", COMPANIES)[key("ET13", "company")]["id"]
    contact = shared.destination.ours("people", CONTACTS)[key("ET13", "contact")]["id"]
    for n in range(55):
        row = found[key("ET13", n)]
        assert row["name"] == f"Сделка {n}"
        assert row["stage"] == STAGES[n % 5]
        assert row["amount"] == {"amountMicros": 123_456_780_000 + n * 10_000, "currencyCode": "RUB"}
        assert row["closeDate"] == f"2025-01-{n % 28 + 1:02d}T00:00:00.000Z"
        assert (row["companyId"], row["pointOfContactId"]) == (company, contact)
        assert row["ownerId"] == (ANNA_MEMBER if n % 2 else IVAN_MEMBER)
        assert row["probability"] == 40
        assert row["description"] == "Нужен склад\nна 3000 м²"
    refused = shared.refused([item["__id"] for item in LEAD_ITEMS])
    assert set(refused) == {key("ET13", "nameless")}
    moved(record_property, len(LEAD_ITEMS), len(refused))
