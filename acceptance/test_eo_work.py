"""EO03, EO04 and EO13: tasks, projects and deals."""

# ruff: noqa: N802 - a test is named after its row

from typing import Any

from acceptance.destinations.odoo_rows import amount
from acceptance.harness import Pair, moved
from acceptance.slices import ANNA, ANNA_MAIL, COMPANIES, CONTACTS, IVAN, IVAN_MAIL, LEADS, Json, Slice, key

PROJECTS, TASKS = "_projects._projects", "_system.tasks"
STATES = ("assignment", "in_progress", "closed", "cancel")
# Stage of the lead that a task in each state becomes, and whether it is active. A new lead is in the first.
LEAD_OF_TASK = {
    "assignment": ("New", True),
    "in_progress": ("Qualified", True),
    "closed": ("Won", True),
    "cancel": ("New", False),
}


def firm(row: str) -> Json:
    """The company of a row."""
    return {"__id": key(row, "company"), "__name": f"Фирма {row}", "_website": f"https://{row}.example"}


def contact(row: str) -> Json:
    """Somebody of the company of a row."""
    return {
        "__id": key(row, "contact"),
        "__name": f"Заказов{row} Ян",
        "_fullname": {"lastname": f"Заказов{row}", "firstname": "Ян", "middlename": ""},
        "_email": [{"email": f"yan@{row.lower()}.example"}],
        "_companies": [key(row, "company")],
    }


def rubles(cents: int) -> Json:
    """An amount of the source."""
    return {"cents": cents, "currency": "RUB"}


DEALS: list[Json] = [
    {
        "__id": key("EO03", "deal", n),
        "__name": f"Сделка с задачами {n}",
        "status": "proposal",
        "budget": rubles(1_000_050 + n),
        "company": [key("EO03", "company")],
        "contact": [key("EO03", "contact")],
    }
    for n in range(4)
]
TASK_ITEMS: list[Json] = [
    {
        "__id": key("EO03", n),
        "__name": f"Договориться №{n}",
        "description": f"<p>Спросить про <b>счёт {n}</b></p>",
        "state": STATES[n % 4],
        "dueDate": f"2024-07-{n % 28 + 1:02d}T15:00:00Z",
        "performers": [ANNA if n % 2 else IVAN],
        "author": IVAN,
        "__createdAt": f"2024-06-{n % 28 + 1:02d}T10:11:12Z",
        "__updatedAt": f"2024-06-{n % 28 + 1:02d}T20:00:00Z",
        "__item": {"namespace": "_clients", "code": "_leads", "id": key("EO03", "deal", n % 4)},
    }
    for n in range(52)
] + [
    {
        "__id": key("EO03", "nameless"),
        "__name": "",
        "state": "closed",
        "__item": {"namespace": "_clients", "code": "_leads", "id": key("EO03", "deal", 0)},
    }
]

PROJECT_STATES = ("planned", "active", "frozen", "done")
PROJECT_STAGES = ("New", "Qualified", "Proposition", "Won")
PROJECT_ITEMS: list[Json] = [
    {
        "__id": key("EO04", n),
        "__name": f"Склад {n}",
        "status": PROJECT_STATES[n % 4],
        "company": [key("EO04", "company")],
        "manager": [ANNA],
        "members": [ANNA, IVAN],
        "start_date": f"2024-02-{n + 1:02d}T00:00:00Z",
        "finish_date": f"2024-06-{n + 1:02d}T00:00:00Z",
        "budget": rubles(10_000_000 * (n + 1)),
        "parent": [key("EO04", 0)] if n else [],
    }
    for n in range(16)
] + [{"__id": key("EO04", "nameless"), "__name": "", "status": "active"}]
PROJECT_TASKS: list[Json] = [
    {
        "__id": key("EO04", "task", n),
        "__name": f"Поставить стеллаж {n}",
        "description": f"<p>Стеллаж <i>{n}</i></p>",
        "state": STATES[n % 4],
        "performers": [ANNA, IVAN],
        "author": ANNA,
        "dueDate": f"2024-08-{n % 28 + 1:02d}T09:30:00Z",
        "__createdAt": f"2024-07-{n % 28 + 1:02d}T10:11:12Z",
        "__item": {"namespace": "_projects", "code": "_projects", "id": key("EO04", n % 16)},
    }
    for n in range(32)
] + [{"__id": key("EO04", "odd state"), "__name": "Странная", "state": "approval"}]

LEAD_STATUSES = ("new", "qualification", "proposal", "won", "lost")
STAGES = ("New", "Qualified", "Proposition", "Won", None)  # a lost lead is in no stage of its own
LEAD_ITEMS: list[Json] = [
    {
        "__id": key("EO13", n),
        "__name": f"Поставка {n}",
        "status": LEAD_STATUSES[n % 5],
        "budget": rubles(12_345_678 + n),
        "expected_close": f"2025-01-{n % 28 + 1:02d}T00:00:00Z",
        "company": [key("EO13", "company")],
        "contact": [key("EO13", "contact")],
        "responsible": [ANNA if n % 2 else IVAN],
        "probability": 40,
        "lost_reason": [{"code": "price", "name": "?"}] if n % 5 == 4 else None,
        "description": "Нужен склад\nна 3000 м²",
        "__createdAt": f"2023-05-{n % 28 + 1:02d}T08:00:00Z",
        "__updatedAt": f"2024-03-{n % 28 + 1:02d}T12:30:00Z",
    }
    for n in range(55)
] + [
    {"__id": key("EO13", "nameless"), "__name": "", "status": "new"},
    {
        "__id": key("EO13", "euro"),
        "__name": "В евро",
        "status": "new",
        "budget": {"cents": 700_25, "currency": "EUR"},
        "company": [key("EO13", "company")],
    },
]
SEEDS: dict[str, Any] = {
    "EO03": {
        "tasks": TASK_ITEMS,
        "items": {COMPANIES: [firm("EO03")], CONTACTS: [contact("EO03")], LEADS: DEALS},
    },
    "EO04": {"tasks": PROJECT_TASKS, "items": {COMPANIES: [firm("EO04")], PROJECTS: PROJECT_ITEMS}},
    "EO13": {"items": {COMPANIES: [firm("EO13")], CONTACTS: [contact("EO13")], LEADS: LEAD_ITEMS}},
}
SLICES = {row: [Slice(row, seed)] for row, seed in SEEDS.items()}


def test_EO03_a_task_about_a_deal_becomes_a_lead(shared: Pair, record_property):
    there = shared.destination
    found, deals = there.ours("crm.lead", TASKS), there.ours("crm.lead", LEADS)
    people = there.ours("res.partner", CONTACTS)
    anna, ivan = there.user(ANNA_MAIL), there.user(IVAN_MAIL)
    for n in range(52):
        row, deal = found[key("EO03", n)], deals[key("EO03", "deal", n % 4)]
        assert (row["name"], row["type"]) == (f"Договориться №{n}", "opportunity")
        assert row["description"] == f"<p>Спросить про <b>счёт {n}</b></p>"
        assert row["date_deadline"] == f"2024-07-{n % 28 + 1:02d}"
        assert amount(row["expected_revenue"]) == amount(10_000.50 + n % 4 / 100)
        assert (row["stage_id"][1], row["active"]) == LEAD_OF_TASK[STATES[n % 4]]
        assert row["user_id"][0] == (anna if n % 2 else ivan)
        assert row["partner_id"][0] == people[key("EO03", "contact")]["id"]
        assert row["x_about_crm_lead"][0] == deal["id"]
        assert row["x_source_created_at"] == f"2024-06-{n % 28 + 1:02d} 10:11:12"
        assert row["x_source_author"] == "Сидоров Иван Андреевич"
        closed = f"2024-06-{n % 28 + 1:02d} 20:00:00"
        assert row["date_closed"] == (closed if STATES[n % 4] in ("closed", "cancel") else False)
    assert not set(found) & set(there.ours("project.task", TASKS))
    keys = [item["__id"] for item in TASK_ITEMS]
    refused = shared.refused(keys, f"{TASKS}>crm.lead")
    assert set(refused) == {key("EO03", "nameless")}
    moved(record_property, len(TASK_ITEMS) + len(DEALS) + 2, len(refused))


def test_EO04_a_project_becomes_a_lead_and_a_project_that_know_each_other(shared: Pair, record_property):
    there = shared.destination
    projects, leads = there.ours("project.project", PROJECTS), there.ours("crm.lead", PROJECTS)
    company = there.ours("res.partner", COMPANIES)[key("EO04", "company")]["id"]
    anna, ivan = there.user(ANNA_MAIL), there.user(IVAN_MAIL)
    for n in range(16):
        project, lead = projects[key("EO04", n)], leads[key("EO04", n)]
        assert project["name"] == lead["name"] == f"Склад {n}"
        assert (project["x_lead"][0], lead["x_project"][0]) == (lead["id"], project["id"])
        assert project["partner_id"][0] == lead["partner_id"][0] == company
        assert project["user_id"][0] == lead["user_id"][0] == anna
        assert sorted(project["x_members"]) == sorted((anna, ivan))
        assert (project["date_start"], project["date"]) == (f"2024-02-{n + 1:02d}", f"2024-06-{n + 1:02d}")
        parent = projects[key("EO04", 0)]["id"]
        assert (project["x_parent"] and project["x_parent"][0]) == (parent if n else False)
        assert amount(lead["expected_revenue"]) == amount(100_000 * (n + 1))
        assert (lead["stage_id"][1], lead["date_deadline"]) == (PROJECT_STAGES[n % 4], f"2024-06-{n + 1:02d}")
    keys = [item["__id"] for item in PROJECT_ITEMS]
    refused = shared.refused(keys, f"{PROJECTS}>project.project")
    assert set(refused) == set(shared.refused(keys, f"{PROJECTS}>crm.lead")) == {key("EO04", "nameless")}
    moved(record_property, 2 * len(PROJECT_ITEMS) + len(PROJECT_TASKS), len(refused))


def test_EO04_tasks_of_a_project_become_tasks_of_it(shared: Pair):
    there = shared.destination
    projects, found = there.ours("project.project", PROJECTS), there.ours("project.task", TASKS)
    users = sorted((there.user(ANNA_MAIL), there.user(IVAN_MAIL)))
    stages = {"assignment": "To Do", "in_progress": "In Progress", "closed": "Done", "cancel": "Cancelled"}
    states = {
        "assignment": "01_in_progress",
        "in_progress": "01_in_progress",
        "closed": "1_done",
        "cancel": "1_canceled",
    }
    for n in range(32):
        row = found[key("EO04", "task", n)]
        assert row["name"] == f"Поставить стеллаж {n}"
        assert row["project_id"][0] == projects[key("EO04", n % 16)]["id"]
        assert row["description"] == f"<p>Стеллаж <i>{n}</i></p>"
        assert sorted(row["user_ids"]) == users
        assert row["stage_id"][1] == stages[STATES[n % 4]]
        assert row["state"] == states[STATES[n % 4]]
        assert row["date_deadline"] == f"2024-08-{n % 28 + 1:02d} 09:30:00"
        assert row["x_source_created_at"] == f"2024-07-{n % 28 + 1:02d} 10:11:12"
    assert set(shared.refused([key("EO04", "odd state")], TASKS)) == {key("EO04", "odd state")}


def test_EO13_deals_become_opportunities(shared: Pair, record_property):
    there = shared.destination
    found = there.ours("crm.lead", LEADS)
    company = there.ours("res.partner", COMPANIES)[key("EO13", "company")]["id"]
    person = there.ours("res.partner", CONTACTS)[key("EO13", "contact")]["id"]
    anna, ivan = there.user(ANNA_MAIL), there.user(IVAN_MAIL)
    for n in range(55):
        row = found[key("EO13", n)]
        assert (row["name"], row["type"]) == (f"Поставка {n}", "opportunity")
        assert amount(row["expected_revenue"]) == amount(123_456.78 + n / 100)
        assert row["date_deadline"] == f"2025-01-{n % 28 + 1:02d}"
        assert (row["partner_id"][0], row["x_company"][0]) == (person, company)
        assert row["user_id"][0] == (anna if n % 2 else ivan)
        assert row["description"] == "<p>Нужен склад</p><p>на 3000 м²</p>"
        assert row["x_source_created_at"] == f"2023-05-{n % 28 + 1:02d} 08:00:00"
        if STAGES[n % 5]:
            assert row["stage_id"][1] == STAGES[n % 5]
    euro = found[key("EO13", "euro")]
    assert (amount(euro["expected_revenue"]), amount(euro["x_amount"])) == (amount(0), amount(700.25))
    refused = shared.refused([item["__id"] for item in LEAD_ITEMS], f"{LEADS}>crm.lead")
    assert set(refused) == {key("EO13", "nameless")}
    moved(record_property, len(LEAD_ITEMS), len(refused))


def test_EO13_won_and_lost_deals_keep_when_they_were_closed(shared: Pair):
    found = shared.destination.ours("crm.lead", LEADS)
    for n in range(55):
        row, when = found[key("EO13", n)], f"2024-03-{n % 28 + 1:02d} 12:30:00"
        status = LEAD_STATUSES[n % 5]
        assert row["date_closed"] == (when if status in ("won", "lost") else False)
        assert row["active"] is (status != "lost")
        assert row["probability"] == {"won": 100, "lost": 0}.get(status, 40)
        assert (row["lost_reason_id"] and row["lost_reason_id"][1]) == ("Цена" if status == "lost" else False)


def test_EO13_no_deal_changes_the_address_of_its_partner(shared: Pair):
    person = shared.destination.ours("res.partner", CONTACTS)[key("EO13", "contact")]
    assert (person["name"], person["email"]) == ("ЗаказовEO13 Ян", "yan@eo13.example")
