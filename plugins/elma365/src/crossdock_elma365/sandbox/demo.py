"""Filling a new company: `demo` («Ромашка»), `large:N` (the same with N companies and contacts),
`fresh` and `empty` (its applications without data, one user)."""

from crossdock_elma365.sandbox import (
    demo_crm,
    demo_files,
    demo_history,
    demo_people,
    demo_processes,
    demo_work,
)
from crossdock_elma365.sandbox.company import ADMIN, Company, key
from crossdock_elma365.sandbox.demo_schema import NAMESPACES, applications
from crossdock_elma365.sandbox.draw import Draw
from crossdock_elma365.sandbox.fields import Json
from crossdock_elma365.sandbox.seeding import Seeding
from crossdock_elma365.sandbox.store import Collection

_COMPANIES, _CONTACTS, _LEADS, _SHIPMENTS, _CARRIERS, _PROJECTS, _TASKS = 120, 200, 60, 80, 12, 15, 90
_DATE = "2023-03-01T09:00:00Z"


def large(seed: str) -> int:
    """Give N of `large:N`, 0 for another seed. Raises ValueError for a seed that nobody knows."""
    kind, _, size = seed.partition(":")
    if kind == "large" and size.isdecimal() and int(size) >= _COMPANIES:
        return int(size)
    if seed not in ("demo", "fresh", "empty"):
        raise ValueError(f"unknown seed {seed!r}: demo, fresh, empty or large:N with N from {_COMPANIES} on")
    return 0


def fill(company: Company, seed: str) -> None:
    """Fill an empty store. Raises ValueError for a seed that nobody knows."""
    scale, seeding = large(seed), Seeding(company)
    for app in applications():
        company.store.put_app(app)
        company.store.put_namespace(app["namespace"], NAMESPACES[app["namespace"]])
    if seed in ("fresh", "empty"):
        seeding.load({"users": [company.administrator()]})
    else:
        _fill_demo(company, seeding, scale)


def _fill_demo(company: Company, seeding: Seeding, scale: int) -> None:
    users, store = demo_people.user_ids(), company.store
    seeding.load({"users": demo_people.users(), "groups": demo_people.groups(), **_artifacts()})
    files = _put_files(seeding)
    companies, contacts = max(_COMPANIES, scale), max(_CONTACTS, scale)
    people, links = demo_crm.contacts(Draw("contacts", users), contacts, companies)
    store.put(demo_crm.CONTACTS, people)
    store.put(demo_crm.COMPANIES, demo_crm.companies(Draw("companies", users), companies, links, files))
    store.put(demo_crm.LEADS, demo_crm.leads(Draw("leads", users), _LEADS, _CONTACTS, _COMPANIES))
    carriers = demo_work.carriers(Draw("carriers", users), _CARRIERS, _SHIPMENTS, files)
    store.put(demo_work.CARRIERS, carriers)
    shipments = demo_work.shipments(Draw("shipments", users), _SHIPMENTS, _CARRIERS, files)
    store.put(demo_work.SHIPMENTS, shipments)
    store.put(demo_work.PROJECTS, demo_work.projects(Draw("projects", users), _PROJECTS))
    # Work is given to people who can still do it.
    active = users[:9]
    store.put(Collection.TASKS, demo_work.tasks(Draw("tasks", active), _TASKS))
    store.put(Collection.INSTANCES, demo_work.instances(Draw("instances", active), 12))
    store.put(Collection.MESSAGES, demo_work.messages(Draw("messages", active), 10))
    seeding.load(demo_history.history(list(active), files))


def _put_files(seeding: Seeding) -> list[str]:
    folder = {"__id": key("directory", 1), "__name": "Договоры", "__createdAt": _DATE}
    seeding.load({"directories": [folder]})
    made = demo_files.files()
    for identifier, name, content in made:
        data = {"__id": identifier, "__name": name, "directory": folder["__id"], "__createdAt": _DATE}
        seeding.put_file(data, content)
    return [identifier for identifier, _, _ in made]


def _artifacts() -> dict[str, list[Json]]:
    """Give what cannot move: processes, reports, pages, widgets, templates."""

    def made(kind: str, number: int, namespace: str, code: str, name: str, **more: object) -> Json:
        start = {
            "__id": key(kind, number),
            "namespace": namespace,
            "code": code,
            "__name": name,
            "name": name,
        }
        return start | {"version": number, "__createdAt": _DATE, "__createdBy": ADMIN} | more

    rows = [{"region": "Москва", "count": 17}, {"region": "Урал", "count": 5}]
    return {
        "processes": [
            made(
                "process",
                1,
                "logistics.shipments",
                "approve",
                "Согласование отгрузки",
                definition=demo_processes.approval(),
            ),
            made(
                "process",
                2,
                "_clients._leads",
                "lead_to_deal",
                "Обработка лида",
                definition=demo_processes.lead(),
            ),
            made("process", 3, "_clients", "weekly_digest", "Еженедельная сводка"),
        ],
        "reports": [
            made("report", 1, "_clients", "by_region", "Компании по регионам", rows=rows),
            made("report", 2, "logistics", "late", "Опоздания", rows=[]),
        ],
        "pages": [
            made("page", 1, "_clients", "_postman", "Почта", hidden=False),
            made("page", 2, "logistics", "board", "Доска отгрузок", hidden=False),
        ],
        "widgets": [made("widget", 1, "logistics", "map", "Карта")],
        "doctemplates": [made("doctemplate", 1, "logistics.shipments", "waybill", "Накладная")],
    }
